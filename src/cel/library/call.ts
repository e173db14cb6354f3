import { charge } from '../budget.ts'
import { type EvalError, kindOf, noOverload, typeNameOf } from '../values.ts'
import type { Forms } from './forms.ts'
import { RECEIVERS } from './operators.ts'

/** One form of a function: the kinds of values that it takes, and what it does with them. */
export interface Form {
  readonly kinds: readonly string[]
  readonly handler: (...args: unknown[]) => unknown
}

/** The forms of functions by name, from tables of them. */
export function formsOf(tables: readonly Forms[]): ReadonlyMap<string, readonly Form[]> {
  const made = new Map<string, Form[]>()
  for (const table of tables)
    for (const [signature, handler] of Object.entries(table)) {
      const [name = '', ...kinds] = signature.split(' ')
      const form = { kinds, handler: handler as Form['handler'] }
      made.set(name, [...(made.get(name) ?? []), form])
    }
  return made
}

/** Functions that are bound once for all types: what fits none is told without its types. */
const PLAIN = new Set(['@sortByAssociatedKeys', 'size', '_[_]', '_[?_]', '-_'])
/** Those that look at their values themselves, and tell no name. */
const NAMELESS = new Set(['!_', '@in', 'contains', 'endsWith', 'matches', 'startsWith'])

function fits({ kinds }: Form, args: readonly unknown[]): boolean {
  for (let i = 0; i < kinds.length; i += 1)
    if (kinds[i] !== '*' && kinds[i] !== kindOf(args[i])) return false
  return true
}

/**
 * Calls a function in the form that fits; members get what they are called on as the first argument.
 * All forms take as many arguments as there are.
 * @throws EvalError
 */
export function callForm(name: string, forms: readonly Form[], args: readonly unknown[]): unknown {
  charge(1)
  for (const arg of args) chargeFor(arg)
  for (const form of forms) if (fits(form, args)) return form.handler(...args)
  throw unfitting(name, args)
}

/** Values this long cost one more step: whatever is done with them, all of them is looked at. */
const LENGTH_A_STEP = 100

function chargeFor(value: unknown): void {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array)
    if (value.length >= LENGTH_A_STEP) charge(value.length / LENGTH_A_STEP)
}

function unfitting(name: string, args: readonly unknown[]): EvalError {
  if (NAMELESS.has(name)) return noOverload()
  if (PLAIN.has(name) || name.startsWith('_'))
    return RECEIVERS.has(kindOf(args[0])) ? noOverload() : noOverload(name)
  return noOverload(`${name}(${args.map(typeNameOf).join(', ')})`)
}
