import { Duration, EvalError, kindOf, Maybe, noOverload, sizeOfMap, Uint } from '../values.ts'
import type { Forms } from './forms.ts'

function isZero(value: unknown): boolean {
  switch (kindOf(value)) {
    case 'null':
      return true
    case 'bool':
      return value === false
    case 'string':
      return value === ''
    case 'int':
    case 'double':
      return Number(value) === 0
    case 'uint':
      return (value as Uint).value === 0n
    case 'list':
    case 'bytes':
      return (value as readonly unknown[]).length === 0
    case 'map':
      return sizeOfMap(value) === 0
    case 'duration':
      return (value as Duration).ns === 0n
    case 'optional':
      return (value as Maybe).value === undefined
    default:
      return false
  }
}

function unwrapped(name: string, list: readonly unknown[]): unknown[] {
  const [first] = list
  if (first !== undefined && !(first instanceof Maybe)) throw noOverload(`${name}(list)`)
  return list.flatMap((item) =>
    item instanceof Maybe && item.value !== undefined ? [item.value] : [],
  )
}

function itemOrNone(list: readonly unknown[], at: number): Maybe {
  const value = list.at(at)
  return value === undefined ? Maybe.none : new Maybe(value)
}

/** Functions on values that may be absent. @see google/cel-go v0.26.0 cel/library.go */
export const optionalFunctions: Forms = {
  'optional.of *': (value: unknown) => new Maybe(value),
  'optional.ofNonZeroValue *': (value: unknown) => (isZero(value) ? Maybe.none : new Maybe(value)),
  'optional.none': () => Maybe.none,
  'hasValue optional': ({ value }: Maybe) => value !== undefined,
  'value optional': ({ value }: Maybe) => {
    if (value === undefined) throw new EvalError('optional.none() dereference')
    return value
  },
  'optional.unwrap list': (list: readonly unknown[]) => unwrapped('optional.unwrap', list),
  'unwrapOpt list': (list: readonly unknown[]) => unwrapped('unwrapOpt', list),
  'first list': (list: readonly unknown[]) => itemOrNone(list, 0),
  'last list': (list: readonly unknown[]) => itemOrNone(list, -1),
}
