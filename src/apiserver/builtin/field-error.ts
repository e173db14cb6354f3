import type { Json } from '../../object/index.ts'
import { goQuoted } from '../wire/go-json.ts'
import { isStruct } from './go-struct.ts'
import type { Cause } from './refusal.ts'

/**
 * What can be wrong with a field, in the words of the API server.
 * @see k8s.io/apimachinery pkg/util/validation/field/errors.go (v0.36.3)
 */

/** A value of the wrong form. */
export function invalid(field: string, value: Json | undefined, detail: string): Cause {
  return cause('FieldValueInvalid', field, withDetail(`Invalid value: ${valueText(value)}`, detail))
}

/** A value of the wrong type. */
export function typeInvalid(field: string, value: Json | undefined, detail: string): Cause {
  const message = withDetail(`Invalid value: ${valueText(value)}`, detail)
  return cause('FieldValueTypeInvalid', field, message)
}

/** A value that has to be there. */
export function required(field: string, detail = ''): Cause {
  return cause('FieldValueRequired', field, withDetail('Required value', detail))
}

/** A value that may be there only once. */
export function duplicate(field: string, value: Json | undefined): Cause {
  return cause('FieldValueDuplicate', field, `Duplicate value: ${valueText(value)}`)
}

/** A value that is none of those allowed. */
export function notSupported(
  field: string,
  value: Json | undefined,
  supported: readonly string[],
): Cause {
  const detail =
    supported.length === 0
      ? ''
      : `supported values: ${supported.map((each) => JSON.stringify(each)).join(', ')}`
  const message = withDetail(`Unsupported value: ${valueText(value)}`, detail)
  return cause('FieldValueNotSupported', field, message)
}

/** A value that something else names and that is not there. */
export function notFound(field: string, value: Json | undefined): Cause {
  return cause('FieldValueNotFound', field, `Not found: ${valueText(value)}`)
}

/** A value that may not be given here. */
export function forbidden(field: string, detail: string): Cause {
  return cause('FieldValueForbidden', field, withDetail('Forbidden', detail))
}

/** A text that is too long, in bytes. */
export function tooLong(field: string, maxBytes: number): Cause {
  const detail =
    maxBytes < 0
      ? 'value is too long'
      : `may not be more than ${maxBytes} ${plural(maxBytes, 'byte')}`
  return cause('FieldValueTooLong', field, withDetail('Too long', detail))
}

/** A list or map that has too many items. */
export function tooMany(field: string, actual: number, max: number): Cause {
  const detail = max < 0 ? 'has too many items' : `must have at most ${max} ${plural(max, 'item')}`
  return cause('FieldValueTooMany', field, withDetail(`Too many: ${actual}`, detail))
}

/** The message of the refusal: `Deployment.apps "x" is invalid: spec.replicas: Invalid value: …`. */
export function invalidMessage(groupKind: string, name: string, causes: readonly Cause[]): string {
  const texts = [...new Set(causes.map((each) => `${each.field}: ${each.message}`))]
  const all = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`
  return `${groupKind} ${JSON.stringify(name)} is invalid: ${all}`
}

function cause(reason: string, field: string, message: string): Cause {
  return { reason, message, field }
}

function withDetail(text: string, detail: string): string {
  return detail === '' ? text : `${text}: ${detail}`
}

function plural(count: number, word: string): string {
  return count === 1 ? word : `${word}s`
}

function valueText(value: Json | undefined): string {
  if (typeof value === 'string') return goQuoted(value)
  const text = JSON.stringify(sorted(value ?? null))
  // Go escapes in JSON what HTML gives a meaning to; a text alone is quoted, not JSON.
  if (typeof value !== 'object') return text
  return text.replaceAll(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`)
}

/** Maps of texts print with their keys in order, structs as they stand. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return (value as Json[]).map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  if (!isStruct(value) && entries.every(([, item]) => typeof item === 'string'))
    entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item as Json)]))
}
