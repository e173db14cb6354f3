import type { Environment } from './compile.ts'
import { fluxDialect } from './dialect.ts'
import { mapOf, simple } from './type.ts'
import { fluxMessage } from './wrappers.ts'

/** The environment of `healthCheckExprs`: parsed only, an object's top-level fields are the names. */
export function fluxEnvironment(): Environment {
  return {}
}

const ready = structs(['self', 'dep'])

/** The environment of `readyExpr`: `self` and `dep`, checked, and statically bool. */
export function readyEnvironment(): Environment {
  return { ...ready(), output: 'bool' }
}

const filters = structs(['res', 'req'])
const filtersWithClaims = structs(['res', 'req', 'claims'])

/** The environment of a Receiver's filters: `res`, `req` and, where tokens are read, `claims`. */
export function filterEnvironment(hasClaims: boolean): Environment {
  return { ...(hasClaims ? filtersWithClaims() : filters()), output: 'bool' }
}

/** The environment of what a Receiver demands of tokens: `claims` and `vars`. */
export const claimsEnvironment: () => Environment = structs(['claims', 'vars'])

/** @see fluxcd/pkg runtime v0.110.1 cel/expression.go WithStructVariables */
function structs(names: readonly string[]): () => Environment {
  let made: Environment | undefined
  return () => {
    const struct = mapOf(simple('string'), simple('dyn'))
    made ??= {
      names: {
        dialect: fluxDialect(),
        variables: new Map(names.map((name) => [name, struct])),
        message: fluxMessage,
      },
    }
    return made
  }
}
