import { charge } from './budget.ts'

/** A whole number without a sign, of 64 bits. */
export class Uint {
  readonly value: bigint

  constructor(value: bigint) {
    this.value = value
  }
}

/** A span of time, in billionths of a second. */
export class Duration {
  readonly ns: bigint

  constructor(ns: bigint) {
    this.ns = ns
  }
}

/** A moment, in billionths of a second since 1970, and the minutes that its zone is ahead. */
export class Timestamp {
  readonly ns: bigint
  readonly zone: number

  constructor(ns: bigint, zone = 0) {
    this.ns = ns
    this.zone = zone
  }
}

/** A value that may be absent. */
export class Maybe {
  static readonly none: Maybe = new Maybe(undefined)
  readonly value: unknown

  constructor(value: unknown) {
    this.value = value
  }
}

/** The type of a value, by its name. */
export class TypeName {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/** A map that an expression made. Keys of equal value are one, whatever their type. */
export class CelMap {
  readonly entries: Map<string, readonly [key: unknown, value: unknown]> = new Map()

  /** @throws EvalError where the key is there */
  add(key: unknown, value: unknown): this {
    const name = keyOf(key)
    if (this.entries.has(name))
      throw new EvalError(`insert failed: key ${plainKey(key)} already exists`)
    this.entries.set(name, [key, value])
    return this
  }
}

/** An evaluation that failed, in cel-go's words. */
export class EvalError extends Error {}

/** The end of an evaluation where the real one breaks: nothing absorbs it. */
export class Broken extends Error {}

/** Thrown where the types of arguments fit no form of a function. */
export function noOverload(name?: string): EvalError {
  return new EvalError(name === undefined ? 'no such overload' : `no such overload: ${name}`)
}

/** A key as the name under which maps keep it; numbers of equal value have one name. */
export function keyOf(key: unknown): string {
  if (typeof key === 'string') return `s${key}`
  if (typeof key === 'bigint') return `n${key}`
  if (key instanceof Uint) return `n${key.value}`
  if (typeof key === 'number') return Number.isInteger(key) ? `n${BigInt(key)}` : `d${key}`
  if (typeof key === 'boolean') return `b${key}`
  // What is no key for maps elsewhere may be written out as one.
  return `${kindOf(key)} ${JSON.stringify(jsonOf(key) ?? '')}`
}

/** A value in a message, as Go prints it; what has parts is told by its kind. */
export function plainKey(value: unknown): string {
  if (value instanceof Uint) return String(value.value)
  return typeof value === 'object' && value !== null ? typeNameOf(value) : String(value)
}

/** The kind of a value, as forms of functions name it. */
export function kindOf(value: unknown): string {
  switch (typeof value) {
    case 'bigint':
      return 'int'
    case 'number':
      return 'double'
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    default:
      break
  }
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'list'
  // What users write is a map, whatever its keys are.
  if (isPlain(value)) return 'map'
  if (value instanceof Uint) return 'uint'
  if (value instanceof Uint8Array) return 'bytes'
  if (value instanceof CelMap) return 'map'
  if (value instanceof Duration) return 'duration'
  if (value instanceof Timestamp) return 'timestamp'
  if (value instanceof Maybe) return 'optional'
  if (value instanceof TypeName) return 'type'
  const name: unknown = Reflect.get(value, 'celType')
  return typeof name === 'string' ? name : 'map'
}

/** Whether a value is an object of JSON, or one that was made of such. */
export function isPlain(value: object): boolean {
  const made: unknown = Object.getPrototypeOf(value)
  return made === null || made === Object.prototype
}

/** The name of a value's type, as expressions tell it. */
export function typeNameOf(value: unknown): string {
  const kind = kindOf(value)
  return TYPE_WORDS[kind] ?? kind
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  null: 'null_type',
  duration: 'google.protobuf.Duration',
  timestamp: 'google.protobuf.Timestamp',
  optional: 'optional_type',
}

/** The entries of a map, whoever made it. */
export function entriesOf(map: unknown): (readonly [key: unknown, value: unknown])[] {
  if (map instanceof CelMap) return [...map.entries.values()]
  return Object.entries(map as Record<string, unknown>)
}

/** How many entries a map has. */
export function sizeOfMap(map: unknown): number {
  return map instanceof CelMap ? map.entries.size : Object.keys(map as object).length
}

/** The value at a key of a map; undefined: there is none. */
export function entryOf(map: unknown, key: unknown): unknown {
  if (map instanceof CelMap) return map.entries.get(keyOf(key))?.[1]
  return typeof key === 'string' && Object.hasOwn(map as object, key)
    ? Reflect.get(map as object, key)
    : undefined
}

/** Whether two values are equal: numbers by value, lists and maps deeply, others of one type only. */
export function equalValues(a: unknown, b: unknown): boolean {
  const type = typeof a
  if (type !== 'object' && type === typeof b && type !== 'string') return a === b
  const [left, right] = [kindOf(a), kindOf(b)]
  if (NUMBERS.has(left) && NUMBERS.has(right)) return compareNumbers(a, b) === 0
  if (left !== right) return false
  switch (left) {
    case 'list': {
      const [x, y] = [a as unknown[], b as unknown[]]
      charge(x.length / 10)
      return x.length === y.length && x.every((item, i) => equalValues(item, y[i]))
    }
    case 'map': {
      const size = sizeOfMap(a)
      charge(1 + size)
      return (
        size === sizeOfMap(b) &&
        entriesOf(a).every(([key, value]) => {
          const other = entryOf(b, key)
          return other !== undefined && equalValues(value, other)
        })
      )
    }
    case 'string':
      charge((a as string).length / 1000)
      return a === b
    case 'bytes':
      return Buffer.compare(a as Uint8Array, b as Uint8Array) === 0
    case 'duration':
    case 'timestamp':
      return (a as Duration).ns === (b as Duration).ns
    case 'type':
      return (a as TypeName).name === (b as TypeName).name
    case 'optional': {
      const [x, y] = [(a as Maybe).value, (b as Maybe).value]
      return x === undefined || y === undefined ? x === y : equalValues(x, y)
    }
    default: {
      if (typeof a !== 'object' || a === null) return a === b
      const equals: unknown = Reflect.get(a, 'equals')
      return typeof equals === 'function' ? equals.call(a, b) === true : a === b
    }
  }
}

const NUMBERS = new Set(['int', 'uint', 'double'])

/** Whether a value is a number, of whatever type. */
export function isNumber(value: unknown): boolean {
  return NUMBERS.has(kindOf(value))
}

/** Numbers by their value; undefined: one is none. */
export function compareNumbers(a: unknown, b: unknown): number | undefined {
  const [x, y] = [a instanceof Uint ? a.value : a, b instanceof Uint ? b.value : b] as [
    bigint | number,
    bigint | number,
  ]
  if (Number.isNaN(x) || Number.isNaN(y)) return undefined
  // A whole number beside a double is compared as one, but for those that no 64 bits hold.
  const wide = (double: number, other: bigint | number): number | undefined =>
    typeof other === 'bigint' && (double < -(2 ** 63) || double > 2 ** 64)
      ? Math.sign(double)
      : undefined
  if (typeof x === 'number') return wide(x, y) ?? order(x, Number(y))
  if (typeof y === 'number') {
    const far = wide(y, x)
    return far === undefined ? order(Number(x), y) : -far
  }
  return order(x, y)
}

function order(a: bigint | number, b: bigint | number): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Values of one type that have an order; undefined: they have none. */
export function compareValues(a: unknown, b: unknown): number | undefined {
  if (isNumber(a) && isNumber(b)) {
    const found = compareNumbers(a, b)
    if (found === undefined) throw new EvalError('NaN values cannot be ordered')
    return found
  }
  const kind = kindOf(a)
  if (kind !== kindOf(b)) return undefined
  switch (kind) {
    case 'bool':
      return Number(a) - Number(b)
    case 'string':
      return Buffer.compare(Buffer.from(a as string), Buffer.from(b as string))
    case 'bytes':
      return Buffer.compare(a as Uint8Array, b as Uint8Array)
    case 'duration':
    case 'timestamp':
      return order((a as Duration).ns, (b as Duration).ns)
    default:
      return undefined
  }
}

/** A value as JSON; undefined where it is none. */
export function jsonOf(value: unknown): Json | undefined {
  switch (kindOf(value)) {
    case 'int':
      return Number(value)
    case 'uint':
      return Number((value as Uint).value)
    case 'null':
      return null
    case 'bool':
    case 'double':
    case 'string':
      return value as Json
    case 'list': {
      const items = (value as unknown[]).map(jsonOf)
      return items.every((each) => each !== undefined) ? items : undefined
    }
    case 'map':
      return jsonOfMap(value)
    case 'bytes':
      return Buffer.from(value as Uint8Array).toString('base64')
    default:
      return undefined
  }
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

function jsonOfMap(map: unknown): Json | undefined {
  const out: { [key: string]: Json } = {}
  for (const [key, each] of entriesOf(map)) {
    const item = jsonOf(each)
    if (item === undefined) return undefined
    out[plainKey(key)] = item
  }
  return out
}
