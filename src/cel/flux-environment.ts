import type { Environment } from './compile.ts'
import { baseEngine } from './extensions.ts'

let flux: Environment | undefined
let ready: Environment | undefined

/** The environment of `healthCheckExprs`: parsed only, an object's top-level fields are the names. */
export function fluxEnvironment(): Environment {
  flux ??= { engine: baseEngine({ checked: false }), checked: false }
  return flux
}

/** The environment of `readyExpr`: `self` and `dep`, checked, and statically bool. */
export function readyEnvironment(): Environment {
  if (ready === undefined) {
    const engine = baseEngine({ checked: true })
    engine.registerVariable('self', 'map<string, dyn>')
    engine.registerVariable('dep', 'map<string, dyn>')
    ready = { engine, checked: true, output: 'bool' }
  }
  return ready
}

const filters = new Map<boolean, Environment>()

/** The environment of a Receiver's filters: `res`, `req` and, where tokens are read, `claims`. */
export function filterEnvironment(hasClaims: boolean): Environment {
  const known = filters.get(hasClaims)
  if (known !== undefined) return known
  const names = ['res', 'req', ...(hasClaims ? ['claims'] : [])]
  const made = { ...checkedEnvironment(names), output: 'bool' }
  filters.set(hasClaims, made)
  return made
}

let claims: Environment | undefined

/** The environment of what a Receiver demands of tokens: `claims` and `vars`. */
export function claimsEnvironment(): Environment {
  claims ??= checkedEnvironment(['claims', 'vars'])
  return claims
}

function checkedEnvironment(names: readonly string[]): Environment {
  const engine = baseEngine({ checked: true })
  for (const name of names) engine.registerVariable(name, 'map<string, dyn>')
  return { engine, checked: true }
}
