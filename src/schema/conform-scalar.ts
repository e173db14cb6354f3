import { isList, type JsonMap, type JsonValue } from './json.ts'
import { canonicalQuantity } from './quantity.ts'
import { fieldOf, goTypeAt, type Mismatch, pathOf, type Spot } from './spot.ts'
import { canonicalTime, timeProblem } from './time.ts'
import type { MapType, SchemaType } from './type.ts'

const LIMITS: Readonly<Record<string, number>> = { int32: 2 ** 31, int64: 2 ** 63 }

/** Reads one scalar as Go would; what does not fit is kept and reported. */
export function conformScalar(
  value: JsonValue,
  type: SchemaType,
  at: Spot,
  mismatches: Mismatch[],
): JsonValue {
  if (value === null) return null
  const read = readScalar(value, type)
  if (read !== undefined) return read
  const message = words(value, type, at)
  const isLast = OWN_READER.has(type.format ?? '')
  const restoring = isLast ? bare(message) : restoringScalar(value, type, goTypeAt(at, type))
  mismatches.push({ path: pathOf(at), message, isLast, restoring })
  return value
}

/** Types that read themselves; where they fail, the decoder stops. */
const OWN_READER: ReadonlySet<string> = new Set(['quantity', 'time', 'microtime', 'int-or-string'])

/** A type that reads itself does not know its field. */
function bare(message: string): string {
  return message.replace(/ Go struct field \S+ of type /, ' Go value of type ')
}

/** @see k8s.io/apimachinery pkg/runtime/converter.go fromUnstructured (v0.36.3) */
function restoringScalar(value: JsonValue, type: SchemaType, into: string): string {
  const from = restoredFrom(value)
  if (type.format === 'bytes')
    return typeof value === 'string'
      ? `error decoding from json: ${base64Problem(value)}`
      : `cannot restore slice from ${from}`
  const kind = kindOf(type)
  const whole = kind === 'int32' || kind === 'int64'
  // Too great a number is cut to the bits that there are.
  if (from === 'int64' && whole) return ''
  // A number is convertible to a text by Go's rules, and then is not.
  if (from === 'float64' && whole) return `cannot convert float64 to ${into}`
  if (from === 'int64' && kind === 'string') return `cannot convert int64 to ${into}`
  return `unrecognized type: ${kind}`
}

function kindOf(type: SchemaType): string {
  if (type.format === 'int32' || type.format === 'int64') return type.format
  if (type.format === 'double') return 'float64'
  return type.scalar === 'boolean' ? 'bool' : 'string'
}

/** What Go holds a value in that it read without a type. */
export function restoredFrom(value: JsonValue): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  if (isList(value)) return 'slice'
  return typeof value === 'object' ? 'map' : typeof value === 'boolean' ? 'bool' : 'string'
}

function readScalar(value: JsonValue, type: SchemaType): JsonValue | undefined {
  switch (type.format) {
    case 'int32':
    case 'int64': {
      const limit = LIMITS[type.format] ?? 0
      const fits = typeof value === 'number' && Number.isInteger(value)
      return fits && value < limit && value >= -limit ? value : undefined
    }
    case 'double':
      return typeof value === 'number' ? value : undefined
    case 'quantity':
      return typeof value === 'string' || typeof value === 'number'
        ? canonicalQuantity(value)
        : undefined
    case 'time':
    case 'microtime':
      return typeof value === 'string'
        ? canonicalTime(value, type.format === 'microtime')
        : undefined
    case 'int-or-string':
      return typeof value === 'string' || typeof value === 'number' ? value : undefined
    case 'bytes':
      return typeof value === 'string' && isBase64(value) ? letters(value) : undefined
    default:
  }
  if (type.scalar === 'string') return typeof value === 'string' ? value : undefined
  if (type.scalar === 'boolean') return typeof value === 'boolean' ? value : undefined
  return value
}

function isBase64(text: string): boolean {
  return letters(text).length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(letters(text))
}

/** Go's decoder skips line ends, which kustomize's generators write after each 70 letters. */
function letters(text: string): string {
  return text.replaceAll(/[\r\n]/g, '')
}

function words(value: JsonValue, type: SchemaType, at: Spot): string {
  if (type.format === 'quantity')
    return `quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`
  if (type.format === 'bytes' && typeof value === 'string') return base64Problem(value)
  if ((type.format === 'time' || type.format === 'microtime') && typeof value === 'string')
    return timeProblem(value, type.format === 'microtime')
  const found =
    typeof value === 'number' && (type.format === 'int32' || type.format === 'int64')
      ? `number ${value}`
      : jsonKind(value)
  return `json: cannot unmarshal ${found} into Go struct field ${fieldOf(at)} of type ${goTypeAt(at, type)}`
}

function base64Problem(text: string): string {
  const bad = /[^A-Za-z0-9+/]/.exec(text)?.index ?? Math.max(0, text.length - (text.length % 4))
  return `illegal base64 data at input byte ${bad}`
}

/** What Go's decoder calls a value. */
export function jsonKind(value: JsonValue): string {
  if (isList(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

/** What Go writes for a value that was never set. */
export function zeroOf(type: SchemaType, struct: (map: MapType) => JsonMap): JsonValue {
  if (type.format === 'quantity') return '0'
  if (type.format === 'int-or-string') return 0
  if (type.scalar === 'string') return type.format === 'bytes' ? null : ''
  if (type.scalar === 'numeric') return 0
  if (type.scalar === 'boolean') return false
  if (type.scalar === undefined && type.map !== undefined && type.map.fields.size > 0)
    return struct(type.map)
  return null
}
