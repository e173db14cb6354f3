import { Buffer } from 'node:buffer'
import { isArray, isObject, type Json, type JsonObject } from '../../object/index.ts'
import { definition, type SchemaType } from '../../schema/index.ts'
import { type Message, messageOf } from './messages.ts'
import { WireError } from './wire.ts'
import type { Writer } from './writer.ts'

/**
 * Writes a value in its JSON form as the message of its type. What is absent stays absent, where Go
 * writes fields that must be there as zero; reading gives the same.
 * @throws WireError for a type that has no message
 */
export function encodeMessage(to: Writer, value: JsonObject, type: SchemaType): void {
  const message = messageOf(type.name ?? '')
  if (message === undefined) throw new WireError(`proto: no message for ${type.name ?? 'a value'}`)
  encodeFields(to, value, { message, type })
}

function encodeFields(
  to: Writer,
  value: JsonObject,
  as: { readonly message: Message; readonly type: SchemaType },
): void {
  for (let number = as.message.length; number > 0; number -= 1) {
    const field = as.message[number - 1]
    if (field === undefined || field === '') continue
    if (typeof field !== 'string') {
      const message = messageOf(field.inlined)
      if (message !== undefined)
        to.delimited(number, () => encodeFields(to, value, { message, type: as.type }))
      continue
    }
    const given = value[field]
    const type = as.type.map?.fields.get(field)?.type
    if (given === undefined || given === null || type === undefined) continue
    if (field === 'verbs' && as.type.name?.endsWith('.APIResource') === true)
      to.delimited(number, () => encodeField(to, 1, given, type))
    else encodeField(to, number, given, type)
  }
}

function encodeField(to: Writer, number: number, value: Json, type: SchemaType): void {
  if (type.scalar === undefined && type.list !== undefined && isArray(value)) {
    for (const item of [...value].reverse()) encodeValue(to, number, item, type.list.element)
    return
  }
  const element = type.map?.element
  const isMap = type.scalar === undefined && type.map?.fields.size === 0
  if (!isMap || element === undefined || isOpen(element) || !isObject(value)) {
    encodeValue(to, number, value, type)
    return
  }
  for (const [key, item] of Object.entries(value).reverse())
    to.delimited(number, () => {
      encodeItem(to, item ?? null, element)
      to.text(1, key)
    })
}

/** Says whether a type leaves everything open: then its JSON is on the wire as it is. */
function isOpen(type: SchemaType): boolean {
  return type.scalar === 'untyped' && type.format === undefined && type.name === undefined
}

/** A map can not hold a list, so a list in a map is wrapped in a message of one field. */
function encodeItem(to: Writer, item: Json, element: SchemaType): void {
  if (element.scalar !== undefined || element.list === undefined || !isArray(item)) {
    if (item !== null) encodeValue(to, 2, item, element)
    return
  }
  const inner = element.list.element
  to.delimited(2, () => {
    for (const each of [...item].reverse()) encodeValue(to, 1, each, inner)
  })
}

function encodeValue(to: Writer, number: number, value: Json, type: SchemaType): void {
  if (type.format !== undefined) encodeFormat(to, number, value, type.format)
  else if (type.scalar === 'string') to.text(number, String(value))
  else if (type.scalar === 'boolean') to.number(number, value === true ? 1 : 0)
  else if (type.scalar === 'numeric') to.number(number, Number(value))
  else if (type.name?.includes('.JSONSchemaPropsOr') === true)
    to.delimited(number, () => encodeChoice(to, value, type.name ?? ''))
  else if (type.name === undefined || type.scalar !== undefined)
    to.delimited(number, () => to.text(1, JSON.stringify(value)))
  else
    to.delimited(number, () => {
      if (isObject(value) && messageOf(type.name ?? '') !== undefined)
        encodeMessage(to, value, type)
    })
}

function encodeFormat(
  to: Writer,
  number: number,
  value: Json,
  format: NonNullable<SchemaType['format']>,
): void {
  switch (format) {
    case 'int32':
    case 'int64':
      to.number(number, Number(value))
      return
    case 'double':
      to.double(number, Number(value))
      return
    case 'bytes':
      to.delimited(number, () => to.bytes(Buffer.from(String(value), 'base64')))
      return
    case 'time':
    case 'microtime':
      to.delimited(number, () => encodeTime(to, String(value)))
      return
    case 'quantity':
      to.delimited(number, () => to.text(1, String(value)))
      return
    case 'int-or-string':
      to.delimited(number, () => {
        if (typeof value === 'string') to.text(3, value)
        else to.number(2, Number(value))
        to.number(1, typeof value === 'string' ? 1 : 0)
      })
  }
}

const FRACTION_DIGITS = 9

function encodeTime(to: Writer, text: string): void {
  const [, whole = text, fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(text) ?? []
  const ms = Date.parse(`${whole}Z`)
  if (Number.isNaN(ms)) return
  const nanos = Number(fraction.padEnd(FRACTION_DIGITS, '0').slice(0, FRACTION_DIGITS))
  if (nanos !== 0) to.number(2, nanos)
  to.number(1, ms / 1000)
}

/** Types of CRD schemas that are one of two things in JSON. */
function encodeChoice(to: Writer, value: Json, name: string): void {
  const props = definition(name.replace(/Or\w+$/, ''))
  const schema = (number: number, each: Json): void => {
    if (isObject(each) && props !== undefined)
      to.delimited(number, () => encodeMessage(to, each, props))
  }
  if (name.endsWith('OrBool')) {
    schema(2, value)
    to.number(1, value === false ? 0 : 1)
    return
  }
  if (!isArray(value)) {
    schema(1, value)
    return
  }
  for (const each of [...value].reverse())
    if (typeof each === 'string') to.text(2, each)
    else schema(2, each)
}
