import { Environment as Engine, Optional } from '@marcbachmann/cel-js'
import { type GoRegex, goRegex } from '../base/index.ts'
import { charge } from './ast.ts'
import { timestampText } from './format.ts'
import { addOptionalMacros } from './optional-macros.ts'
import { addStrings } from './strings.ts'

/** Compiled patterns that are kept. */
const MAX_PATTERNS = 500
const patterns = new Map<string, GoRegex>()
/** Longest pattern that is compiled. */
const MAX_PATTERN_LENGTH = 2000

const SYNC = { async: false }

/** An engine with what our environments share; `mixed` lets lists and maps hold unlike values. */
export function baseEngine(options: {
  readonly checked: boolean
  readonly mixed?: boolean
}): Engine {
  const engine = new Engine({
    unlistedVariablesAreDyn: !options.checked,
    homogeneousAggregateLiterals: options.checked && options.mixed !== true,
    enableOptionalTypes: true,
    limits: { maxAstNodes: 10_000, maxDepth: 100 },
  })
  addRegex(engine)
  addStrings(engine)
  addSets(engine)
  addBase64(engine)
  addTime(engine)
  addOptionalMacros(engine)
  engine.registerFunction(
    'OptionalNamespace.ofNonZeroValue(dyn): optional<dyn>',
    (_: unknown, value: unknown) => (isZero(value) ? Optional.none() : Optional.of(value)),
    SYNC,
  )
  if (!options.checked) addEquality(engine)
  return engine
}

/** Matching in RE2, which cannot run away. */
function addRegex(engine: Engine): void {
  const matches = (text: string, pattern: string): boolean => {
    charge((text.length * (1 + pattern.length / 4)) / 10)
    return regex(pattern).matches(text)
  }
  engine.registerFunction('string.matches_(string): bool', matches, SYNC)
  engine.registerFunction('matches_(string, string): bool', matches, SYNC)
}

/**
 * A compiled pattern of RE2.
 * @throws SyntaxError
 */
export function regex(pattern: string): GoRegex {
  const known = patterns.get(pattern)
  if (known !== undefined) return known
  if (pattern.length > MAX_PATTERN_LENGTH)
    throw new SyntaxError('error parsing regexp: expression nests too deeply')
  if (patterns.size >= MAX_PATTERNS) patterns.clear()
  const compiled = goRegex(pattern)
  patterns.set(pattern, compiled)
  return compiled
}

const NUMBERS = new Set(['int', 'uint', 'double'])
const KINDS = [
  'bool',
  'int',
  'uint',
  'double',
  'string',
  'bytes',
  'null',
  'list',
  'map',
  'google.protobuf.Timestamp',
  'google.protobuf.Duration',
]

/** Equality across types, where nothing is type-checked: numbers by value, else never. */
function addEquality(engine: Engine): void {
  const same = (a: unknown, b: unknown): boolean => Number(a) === Number(b)
  for (const [i, left] of KINDS.entries())
    for (const right of KINDS.slice(i + 1))
      engine.registerOperator(
        `${left} == ${right}`,
        NUMBERS.has(left) && NUMBERS.has(right) ? same : () => false,
      )
}

/** @see google/cel-go v0.26.1 ext/sets.go */
function addSets(engine: Engine): void {
  class SetsNamespace {}
  engine.registerType('SetsNamespace', SetsNamespace)
  engine.registerConstant('sets', 'SetsNamespace', new SetsNamespace())
  type Handler = (a: readonly unknown[], b: readonly unknown[]) => boolean
  const register = (name: string, handler: Handler): void => {
    engine.registerFunction(
      `SetsNamespace.${name}(list<dyn>, list<dyn>): bool`,
      (_: unknown, a: readonly unknown[], b: readonly unknown[]) => {
        charge(a.length * b.length)
        return handler(a, b)
      },
      SYNC,
    )
  }
  const holds: Handler = (all, some) => some.every((x) => all.some((y) => sameValue(x, y)))
  register('contains', holds)
  register('equivalent', (a, b) => holds(a, b) && holds(b, a))
  register('intersects', (a, b) => a.some((x) => b.some((y) => sameValue(x, y))))
}

/** Equality of values as expressions have it: numbers by value, lists and maps deeply. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (isNumber(a) && isNumber(b)) return a == b // oxlint-disable-line eqeqeq -- bigint against double, by value
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, i) => sameValue(item, b[i]))
    )
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime()
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every(
      (key) => Object.hasOwn(b, key) && sameValue(Reflect.get(a, key), Reflect.get(b, key)),
    )
  )
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

/** @see google/cel-go v0.26.1 ext/encoders.go */
function addBase64(engine: Engine): void {
  class Base64Namespace {}
  engine.registerType('Base64Namespace', Base64Namespace)
  engine.registerConstant('base64', 'Base64Namespace', new Base64Namespace())
  engine.registerFunction(
    'Base64Namespace.encode(bytes): string',
    (_: unknown, bytes: Uint8Array) => Buffer.from(bytes).toString('base64'),
    SYNC,
  )
  engine.registerFunction(
    'Base64Namespace.decode(string): bytes',
    (_: unknown, text: string) => {
      const bad = /[^A-Za-z0-9+/=]/.exec(text)
      if (bad !== null) throw new Error(`illegal base64 data at input byte ${bad.index}`)
      return new Uint8Array(Buffer.from(text, 'base64'))
    },
    SYNC,
  )
}

function addTime(engine: Engine): void {
  const timestamp = 'google.protobuf.Timestamp'
  const duration = 'google.protobuf.Duration'
  engine.registerFunction(`string(${timestamp}): string`, timestampText, SYNC)
  engine.registerFunction(`string(${duration}): string`, String, SYNC)
}

function isZero(value: unknown): boolean {
  if (value === null || value === undefined || value === '' || value === false) return true
  if (isNumber(value)) return Number(value) === 0
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length === 0
  return (
    typeof value === 'object' &&
    Reflect.get(value, Symbol.toStringTag) === undefined &&
    Object.keys(value).length === 0
  )
}
