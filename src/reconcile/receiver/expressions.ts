import type { OidcProvider, Receiver } from '../../api/index.ts'
import { Fault, isFault } from '../../base/index.ts'
import { claimsEnvironment, compile, filterEnvironment, type Program } from '../../cel/index.ts'

/** Why a Receiver can not work until its spec changes. */
export interface SpecFault {
  readonly reason: 'InvalidCELExpression' | 'ValidationFailed'
  readonly message: string
}

/**
 * Checks the expressions of a Receiver.
 * @see notification-controller receiver_controller.go reconcile (v1.9.3)
 */
export function specFault(receiver: Receiver): SpecFault | undefined {
  const { spec } = receiver
  const filters = [
    ['invalid resourceFilter expression', spec.resourceFilter],
    ...spec.resources.map(({ filter, kind, name }, i) => [
      `invalid filter expression for resources[${i}] (kind="${kind}", name="${name}")`,
      filter,
    ]),
  ] as const
  for (const [words = '', filter] of filters) {
    const wrong = filter === undefined || filter === '' ? undefined : filterFault(filter, receiver)
    if (wrong !== undefined)
      return { reason: 'InvalidCELExpression', message: `${words}: ${wrong}` }
  }
  return providersFault(spec.oidcProviders ?? [])
}

function filterFault(filter: string, receiver: Receiver): string | undefined {
  return wordsOf(() => compileFilter(filter, receiver))
}

/** Compiles a filter of a Receiver. @throws Fault CEL_SYNTAX, CEL_TYPE */
export function compileFilter(filter: string, receiver: Receiver): Program {
  return compile(filter, filterEnvironment(receiver.spec.type === 'generic-oidc'))
}

function providersFault(providers: readonly OidcProvider[]): SpecFault | undefined {
  for (const [i, provider] of providers.entries()) {
    const wrong = wordsOf(() => compileProvider(provider))
    if (wrong !== undefined)
      return {
        reason: 'InvalidCELExpression',
        message: `oidcProviders[${i}] (issuerURL="${provider.issuerURL}"): ${wrong}`,
      }
  }
  return undefined
}

function wordsOf(act: () => unknown): string | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    if (isFault(error)) return error.message
    throw error
  }
}

/** What an issuer's tokens must satisfy. */
export interface Demands {
  readonly variables: readonly { readonly name: string; readonly program: Program }[]
  readonly validations: readonly { readonly message: string; readonly program: Program }[]
}

/** Compiles the expressions of an issuer. @throws Fault CEL_SYNTAX, CEL_TYPE */
export function compileProvider({ variables = [], validations }: OidcProvider): Demands {
  const environment = claimsEnvironment()
  return {
    variables: variables.map(({ name, expression }) => ({
      name,
      program: within(`invalid expression for variable "${name}"`, () =>
        compile(expression, environment),
      ),
    })),
    validations: validations.map(({ message, expression }) => ({
      message,
      program: within(`invalid expression for validation "${message}"`, () =>
        compile(expression, { ...environment, output: 'bool' }),
      ),
    })),
  }
}

function within(words: string, act: () => Program): Program {
  try {
    return act()
  } catch (error) {
    if (!isFault(error)) throw error
    throw refuse(`${words}: ${error.message}`)
  }
}

function refuse(message: string): Fault {
  return new Fault({ code: 'HOOK', message })
}
