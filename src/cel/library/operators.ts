import { charge } from '../budget.ts'
import {
  CelMap,
  compareValues,
  Duration,
  EvalError,
  entriesOf,
  entryOf,
  equalValues,
  kindOf,
  Maybe,
  noOverload,
  plainKey,
  sizeOfMap,
  Timestamp,
  Uint,
} from '../values.ts'
import type { Forms } from './forms.ts'
import { lettersIn } from './letters.ts'
import { movedBy, spanOf } from './times.ts'

const MAX_INT = 2n ** 63n - 1n
const MIN_INT = -(2n ** 63n)
const MAX_UINT = 2n ** 64n - 1n

/** A whole number that 64 bits hold. @throws EvalError */
export function int(value: bigint): bigint {
  if (value > MAX_INT || value < MIN_INT) throw new EvalError('integer overflow')
  return value
}

/** @throws EvalError */
export function uint(value: bigint): Uint {
  if (value > MAX_UINT || value < 0n) throw new EvalError('unsigned integer overflow')
  return new Uint(value)
}

const ADDERS = new Set([
  'int',
  'uint',
  'double',
  'string',
  'bytes',
  'list',
  'duration',
  'timestamp',
])
const NUMBERS = new Set(['int', 'uint', 'double'])
const ORDERED = new Set([
  'bool',
  'bytes',
  'double',
  'duration',
  'int',
  'string',
  'timestamp',
  'uint',
])

/** Values that look for functions by themselves, and tell no name of what they do not find. */
export const RECEIVERS: ReadonlySet<string> = new Set(['string', 'timestamp', 'duration'])

/** What an operator does not take: told by name where the first value knows no such operator. */
function unfit(name: string, able: ReadonlySet<string>): (a: unknown) => never {
  return (a) => {
    throw able.has(kindOf(a)) || RECEIVERS.has(kindOf(a)) ? noOverload() : noOverload(name)
  }
}

function compared(
  name: string,
  test: (order: number) => boolean,
): (a: unknown, b: unknown) => boolean {
  return (a, b) => {
    if (!ORDERED.has(kindOf(a))) throw noOverload(name)
    const order = compareValues(a, b)
    if (order === undefined) throw noOverload()
    return test(order)
  }
}

function nonZero(value: bigint, words: string): bigint {
  if (value === 0n) throw new EvalError(words)
  return value
}

const DIVISION = 'division by zero'
const MODULUS = 'modulus by zero'

function joined(a: string, b: string): string {
  charge((a.length + b.length) / 10)
  return a + b
}

/** The value at an index of a list; undefined: it is outside. @throws EvalError */
function itemAt(
  list: readonly unknown[],
  index: unknown,
): { readonly at: string; readonly value: unknown } {
  let at: unknown = index instanceof Uint ? index.value : index
  if (typeof at === 'number') {
    if (!Number.isInteger(at)) throw new EvalError(`unsupported index value ${at} in list`)
    at = BigInt(at)
  }
  if (index instanceof Maybe) throw new EvalError('invalid qualifier type: *types.Optional')
  const type = kindOf(index)
  if (/[a-z]\.[A-Z]/.test(type))
    throw new EvalError(`invalid qualifier type: cel.${type.split('.').at(-1) ?? ''}`)
  if (typeof at !== 'bigint')
    throw new EvalError(`unsupported index type '${kindOf(index)}' in list`)
  return {
    at: String(at),
    value: at < 0n || at >= BigInt(list.length) ? undefined : list[Number(at)],
  }
}

/** What stands at a key or index; undefined: nothing does. @throws EvalError */
export function found(container: unknown, key: unknown): unknown {
  if (Array.isArray(container)) return itemAt(container, key).value
  if (kindOf(container) !== 'map') return undefined
  const type = UNKEYED[kindOf(key)]
  if (type === undefined) return entryOf(container, key)
  const isGiven = kindOf(key) === 'map' && !(key instanceof CelMap)
  throw new EvalError(`invalid qualifier type: ${isGiven ? 'map[string]interface {}' : type}`)
}

/** Kinds of values that are no key of a map, as Go names them. */
const UNKEYED: Readonly<Record<string, string>> = {
  bytes: 'types.Bytes',
  duration: 'types.Duration',
  list: '*types.baseList',
  map: '*types.baseMap',
  optional: '*types.Optional',
  timestamp: 'types.Timestamp',
  type: '*types.Type',
}

function indexed(container: unknown, key: unknown): unknown {
  if (container instanceof Maybe) return optionally(container, key)
  const value = found(container, key)
  if (value !== undefined) return value
  if (Array.isArray(container))
    throw new EvalError(`index out of bounds: ${itemAt(container, key).at}`)
  throw new EvalError(`no such key: ${plainKey(key)}`)
}

function optionally(container: unknown, key: unknown): Maybe {
  const inner = container instanceof Maybe ? container.value : container
  if (inner === undefined) return Maybe.none
  const value = found(inner, key)
  return value === undefined ? Maybe.none : new Maybe(value)
}

function held(value: unknown, container: unknown): boolean {
  if (Array.isArray(container)) {
    charge(container.length)
    return container.some((item) => equalValues(item, value))
  }
  if (kindOf(container) === 'map') return entryOf(container, value) !== undefined
  throw noOverload()
}

function inserted(map: unknown, entries: readonly (readonly [unknown, unknown])[]): CelMap {
  const out = new CelMap()
  for (const [key, value] of entriesOf(map)) out.add(key, value)
  for (const [key, value] of entries) out.add(key, value)
  charge(entries.length)
  return out
}

/** Operators, and what macros call. @see google/cel-go v0.26.0 common/types */
export const operators: Forms = {
  '_==_ * *': (a: unknown, b: unknown) => equalValues(a, b),
  '_!=_ * *': (a: unknown, b: unknown) => !equalValues(a, b),
  '_<_ * *': compared('_<_', (order) => order < 0),
  '_<=_ * *': compared('_<=_', (order) => order <= 0),
  '_>_ * *': compared('_>_', (order) => order > 0),
  '_>=_ * *': compared('_>=_', (order) => order >= 0),
  '_+_ int int': (a: bigint, b: bigint) => int(a + b),
  '_+_ uint uint': (a: Uint, b: Uint) => uint(a.value + b.value),
  '_+_ double double': (a: number, b: number) => a + b,
  '_+_ string string': joined,
  '_+_ bytes bytes': (a: Uint8Array, b: Uint8Array) => new Uint8Array(Buffer.concat([a, b])),
  '_+_ list list': (a: unknown[], b: unknown[]) => a.concat(b),
  '_+_ duration duration': (a: Duration, b: Duration) => spanOf(a.ns + b.ns),
  '_+_ duration timestamp': (a: Duration, b: Timestamp) => movedBy(b, a.ns),
  '_+_ timestamp duration': (a: Timestamp, b: Duration) => movedBy(a, b.ns),
  '_+_ * *': unfit('_+_', ADDERS),
  '_-_ int int': (a: bigint, b: bigint) => int(a - b),
  '_-_ uint uint': (a: Uint, b: Uint) => uint(a.value - b.value),
  '_-_ double double': (a: number, b: number) => a - b,
  '_-_ duration duration': (a: Duration, b: Duration) => spanOf(a.ns - b.ns),
  '_-_ timestamp duration': (a: Timestamp, b: Duration) => movedBy(a, -b.ns),
  '_-_ timestamp timestamp': (a: Timestamp, b: Timestamp) => spanOf(a.ns - b.ns),
  '_-_ * *': unfit('_-_', new Set([...NUMBERS, 'duration', 'timestamp'])),
  '_*_ int int': (a: bigint, b: bigint) => int(a * b),
  '_*_ uint uint': (a: Uint, b: Uint) => uint(a.value * b.value),
  '_*_ double double': (a: number, b: number) => a * b,
  '_*_ * *': unfit('_*_', NUMBERS),
  '_/_ int int': (a: bigint, b: bigint) => int(a / nonZero(b, DIVISION)),
  '_/_ uint uint': (a: Uint, b: Uint) => uint(a.value / nonZero(b.value, DIVISION)),
  '_/_ double double': (a: number, b: number) => a / b,
  '_/_ * *': unfit('_/_', NUMBERS),
  '_%_ int int': (a: bigint, b: bigint) => {
    nonZero(b, MODULUS)
    if (a === MIN_INT && b === -1n) throw new EvalError('integer overflow')
    return a % b
  },
  '_%_ uint uint': (a: Uint, b: Uint) => uint(a.value % nonZero(b.value, MODULUS)),
  '_%_ * *': unfit('_%_', new Set(['int', 'uint'])),
  '-_ int': (a: bigint) => int(-a),
  '-_ double': (a: number) => -a,
  '-_ duration': (a: Duration) => spanOf(-a.ns),
  '!_ bool': (a: boolean) => !a,
  '_[_] * *': indexed,
  '_[?_] * *': optionally,
  '@in * *': held,
  'size string': (text: string) => BigInt(lettersIn(text)),
  'size bytes': (bytes: Uint8Array) => BigInt(bytes.length),
  'size list': (list: readonly unknown[]) => BigInt(list.length),
  'size map': (map: unknown) => {
    const size = sizeOfMap(map)
    charge(size / 100)
    return BigInt(size)
  },
  '@not_strictly_false *': (value: unknown) => value !== false,
  'cel.@mapInsert map map': (map: unknown, more: unknown) => inserted(map, entriesOf(more)),
  'cel.@mapInsert map * *': (map: unknown, key: unknown, value: unknown) =>
    inserted(map, [[key, value]]),
}
