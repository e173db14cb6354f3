import { charge } from '../ast.ts'
import { accessFunctions } from './library-access.ts'
import { addressFunctions } from './library-addresses.ts'
import { conversions } from './library-conversions.ts'
import { kubernetesFunctions } from './library-kubernetes.ts'
import { listFunctions } from './library-lists.ts'
import { operators, RECEIVERS } from './library-operators.ts'
import { optionalFunctions } from './library-optionals.ts'
import { stringFunctions } from './library-strings.ts'
import { kindOf, noOverload, typeNameOf } from './values.ts'

interface Form {
  readonly kinds: readonly string[]
  readonly handler: (...args: unknown[]) => unknown
}

let known: ReadonlyMap<string, readonly Form[]> | undefined

function forms(): ReadonlyMap<string, readonly Form[]> {
  if (known !== undefined) return known
  const made = new Map<string, Form[]>()
  for (const table of [
    operators,
    conversions,
    stringFunctions,
    listFunctions,
    optionalFunctions,
    kubernetesFunctions,
    addressFunctions,
    accessFunctions,
  ])
    for (const [signature, handler] of Object.entries(table)) {
      const [name = '', ...kinds] = signature.split(' ')
      const form = { kinds, handler: handler as Form['handler'] }
      made.set(name, [...(made.get(name) ?? []), form])
    }
  known = made
  return made
}

/** Functions whose arguments are looked at by themselves: what fits none is told without its types. */
const PLAIN = new Set(['@sortByAssociatedKeys', 'size', '_[_]', '_[?_]', '@in', '-_', '!_'])

/**
 * Calls a function; members get what they are called on as the first argument.
 * @throws EvalError
 */
export function callFunction(name: string, args: readonly unknown[]): unknown {
  charge(1)
  for (const { kinds, handler } of forms().get(name) ?? [])
    if (
      kinds.length === args.length &&
      kinds.every((kind, i) => kind === '*' || kind === kindOf(args[i]))
    )
      return handler(...args)
  if (PLAIN.has(name) || name.startsWith('_'))
    throw RECEIVERS.has(kindOf(args[0])) ? noOverload() : noOverload(name)
  throw noOverload(`${name}(${args.map(typeNameOf).join(', ')})`)
}
