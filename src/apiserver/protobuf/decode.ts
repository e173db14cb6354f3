import { Buffer } from 'node:buffer'
import type { Json, JsonObject } from '../../object/index.ts'
import { conform, definition, type SchemaType } from '../../schema/index.ts'
import { type Message, messageOf } from './messages.ts'
import { delimited, double, fieldsOf, signed, text, WireError } from './wire.ts'

type Value = bigint | Uint8Array
type Mutable = Record<string, Json | undefined>

/**
 * Reads a message of the API into the JSON form of its type. What the type does not know is left
 * out, as Go does. Field numbers come from `fields.generated.ts`, all else from the schema.
 * @throws WireError
 */
export function decodeMessage(bytes: Uint8Array, type: SchemaType): JsonObject {
  const message = messageOf(type.name ?? '')
  if (message === undefined) throw new WireError(`proto: no message for ${type.name ?? 'a value'}`)
  const result: Mutable = {}
  readInto(result, bytes, { message, type })
  return result
}

function readInto(
  result: Mutable,
  bytes: Uint8Array,
  as: { readonly message: Message; readonly type: SchemaType },
): void {
  for (const { number, value } of fieldsOf(bytes)) {
    const field = as.message[number - 1]
    if (field === undefined || field === '') continue
    if (typeof field !== 'string') {
      const message = messageOf(field.inlined)
      if (message !== undefined) readInto(result, delimited(value), { message, type: as.type })
      continue
    }
    const type = as.type.map?.fields.get(field)?.type
    if (type !== undefined) result[field] = readField(result[field], value, type)
  }
}

/** A field may come several times: lists and maps grow. */
function readField(before: Json | undefined, value: Value, type: SchemaType): Json {
  if (type.scalar === undefined && type.list !== undefined) {
    const items = (before ?? []) as readonly Json[]
    return [...items, ...elements(value, type.list.element)]
  }
  const element = type.map?.element
  const isMap = type.scalar === undefined && type.map?.fields.size === 0
  if (!isMap || element === undefined || isOpen(element)) return readValue(value, type)
  const { key, item } = entryOf(value)
  return { ...(before as JsonObject), [key]: item === undefined ? null : readItem(item, element) }
}

/** Says whether a type leaves everything open: then its JSON is on the wire as it is. */
function isOpen(type: SchemaType): boolean {
  return type.scalar === 'untyped' && type.format === undefined && type.name === undefined
}

/** Numbers may be packed. */
function elements(value: Value, element: SchemaType): Json[] {
  const packed = element.scalar === 'numeric' && typeof value !== 'bigint'
  return packed ? [...unpacked(value, element)] : [readValue(value, element)]
}

function* unpacked(bytes: Uint8Array, element: SchemaType): Generator<Json> {
  if (element.format === 'double') {
    for (let at = 0; at < bytes.length; at += 8) yield double(bytes.subarray(at, at + 8))
    return
  }
  let value = 0n
  let shift = 0n
  for (const byte of bytes) {
    value |= BigInt(byte & 0x7f) << shift
    shift += 7n
    if (byte >= 0x80) continue
    yield signed(value)
    value = 0n
    shift = 0n
  }
}

function entryOf(value: Value): { readonly key: string; readonly item?: Value } {
  let key = ''
  let item: Value | undefined
  for (const field of fieldsOf(delimited(value))) {
    if (field.number === 1) key = text(field.value)
    if (field.number === 2) item = field.value
  }
  return { key, ...(item === undefined ? {} : { item }) }
}

/** A map can not hold a list, so a list in a map is wrapped in a message of one field. */
function readItem(value: Value, element: SchemaType): Json {
  if (element.scalar !== undefined || element.list === undefined) return readValue(value, element)
  const { element: inner } = element.list
  return [...fieldsOf(delimited(value))].map((field) => readValue(field.value, inner))
}

function readValue(value: Value, type: SchemaType): Json {
  if (type.format !== undefined) return readFormat(value, type.format)
  if (type.scalar === 'string') return text(value)
  if (type.scalar === 'boolean') return signed(value) !== 0
  if (type.scalar === 'numeric') return signed(value)
  const choice = choiceOf(type.name)
  if (choice !== undefined) return readChoice(value, type, choice)
  if (type.name === undefined || type.scalar !== undefined) return raw(value)
  // An empty struct has no message, and nothing in it.
  return messageOf(type.name) === undefined ? {} : decodeMessage(delimited(value), type)
}

function readFormat(value: Value, format: NonNullable<SchemaType['format']>): Json {
  switch (format) {
    case 'int32':
    case 'int64':
      return signed(value)
    case 'double':
      return double(value)
    case 'bytes':
      return Buffer.from(delimited(value)).toString('base64')
    case 'time':
    case 'microtime':
      return readTime(value, format === 'microtime')
    case 'quantity':
      return numbered(value).has(1) ? text(numbered(value).get(1) ?? 0n) : '0'
    case 'int-or-string':
      return readIntOrString(value)
  }
}

function numbered(value: Value): Map<number, Value> {
  return new Map([...fieldsOf(delimited(value))].map((field) => [field.number, field.value]))
}

function readTime(value: Value, micro: boolean): Json {
  const fields = numbered(value)
  const seconds = signed(fields.get(1) ?? 0n)
  const nanos = signed(fields.get(2) ?? 0n)
  if (seconds === 0 && nanos === 0) return null
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19)
  return micro ? `${whole}.${String(Math.trunc(nanos / 1000)).padStart(6, '0')}Z` : `${whole}Z`
}

function readIntOrString(value: Value): Json {
  const fields = numbered(value)
  const isText = signed(fields.get(1) ?? 0n) === 1
  if (!isText) return signed(fields.get(2) ?? 0n)
  const written = fields.get(3)
  return written === undefined ? '' : text(written)
}

/** JSON in a message of one field: RawExtension, FieldsV1, JSON. */
function raw(value: Value): Json {
  const bytes = numbered(value).get(1)
  const written = bytes === undefined ? '' : text(bytes)
  if (written === '' || written === 'null') return null
  return JSON.parse(written) as Json
}

type Choice = 'bool' | 'list'

/** Types of CRD schemas that are one of two things in JSON. */
function choiceOf(name: string | undefined): Choice | undefined {
  if (name === undefined || !name.includes('.JSONSchemaPropsOr')) return undefined
  return name.endsWith('OrBool') ? 'bool' : 'list'
}

function readChoice(value: Value, type: SchemaType, choice: Choice): Json {
  const fields = [...fieldsOf(delimited(value))]
  const schema = fields.find((field) => field.number === (choice === 'bool' ? 2 : 1))
  const props = definition((type.name ?? '').replace(/Or\w+$/, ''))
  if (schema !== undefined && props !== undefined) return decodeSchema(schema.value, props)
  if (choice === 'bool')
    return signed(fields.find((field) => field.number === 1)?.value ?? 0n) !== 0
  const rest = fields.filter((field) => field.number === 2)
  if (type.name?.endsWith('OrStringArray')) return rest.map((field) => text(field.value))
  return rest.map((field) => (props === undefined ? null : decodeSchema(field.value, props)))
}

/** The typed round trip does not look inside what is one of two things. */
function decodeSchema(value: Value, type: SchemaType): Json {
  return conform(decodeMessage(delimited(value), type) as never, type).object as JsonObject
}
