import { compareText } from '../../base/index.ts'
import { isArray, isObject, type Json } from '../../object/index.ts'

/** A JSON value as Go writes a map: keys in order, and what HTML could take for a tag escaped. */
export function goJson(value: Json): string {
  return goText(sorted(value))
}

/** A JSON value as Go writes it, its keys as they stand. */
export function goText(value: Json): string {
  return escaped(JSON.stringify(value))
}

const SPECIAL = /[<>&\u2028\u2029]/
const EACH_SPECIAL = /[<>&\u2028\u2029]/g

/** A text of JSON without what HTML or JavaScript could take for its own: escaped, as Go has it. */
export function escaped(text: string): string {
  if (!SPECIAL.test(text)) return text
  return text.replaceAll(
    EACH_SPECIAL,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** A JSON value with its keys in order, at every level. */
export function sorted(value: Json): Json {
  if (isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  const keys = Object.keys(value).sort(compareText)
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key] ?? null)]))
}

/** A text in quotes as Go's `%q` writes it. */
export function goQuoted(text: string): string {
  return JSON.stringify(text).replaceAll(/\\u00([0-7][0-9a-f])/g, '\\x$1')
}

/** What Go calls the type of a JSON value. */
export function goType(value: Json): string {
  if (value === null) return '<nil>'
  if (isArray(value)) return '[]interface {}'
  if (isObject(value)) return 'map[string]interface {}'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return typeof value === 'boolean' ? 'bool' : 'string'
}
