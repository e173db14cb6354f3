import { Buffer } from 'node:buffer'
import { isArray, isObject, type Json, type JsonObject } from '../../object/index.ts'

/** A field of a message; undefined where it is not set. */
export type Part = Buffer | undefined

/** A message of its fields, which are in order. */
export function message(parts: readonly Part[]): Buffer {
  return Buffer.concat(parts.filter((part) => part !== undefined))
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80)
    rest = Math.floor(rest / 0x80)
  }
  return Buffer.from([...bytes, rest])
}

/** A field that holds bytes: a text or a message. */
export function nested(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes])
}

/** A text that is not empty. */
export function text(field: number, value: Json | undefined): Part {
  return typeof value === 'string' && value !== '' ? nested(field, Buffer.from(value)) : undefined
}

/** A list of texts. */
export function texts(field: number, value: Json | undefined): Part {
  return isArray(value) ? message(value.map((each) => text(field, each))) : undefined
}

/** A flag that is set. */
export function flag(field: number, value: Json | undefined): Part {
  return value === true ? choice(field, true) : undefined
}

/** A whole number above zero. */
export function integer(field: number, value: Json | undefined): Part {
  const fits = typeof value === 'number' && value > 0
  return fits ? Buffer.concat([varint(field * 8), varint(Math.trunc(value))]) : undefined
}

/** A flag that is one of several things that may stand here, and so is written although it is not set. */
export function choice(field: number, value: boolean): Buffer {
  return Buffer.concat([varint(field * 8), varint(value ? 1 : 0)])
}

/** A number. */
export function double(field: number, value: Json | undefined): Part {
  if (typeof value !== 'number') return undefined
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return Buffer.concat([varint(field * 8 + 1), bytes])
}

/** A member of an object. */
export type Entry = readonly [name: string, value: Json]

/** The members of an object; none where it is no object. */
export function entries(value: Json | undefined): Entry[] {
  return isObject(value) ? Object.entries(value).map(([name, each]) => [name, each ?? null]) : []
}

/** A member as a message: its name, and its value as `encode` writes it. */
export function named([name, value]: Entry, encode: (value: JsonObject) => Buffer): Buffer {
  return message([text(1, name), nested(2, encode(isObject(value) ? value : {}))])
}

/** A value of any form is YAML on the wire, and JSON is YAML. */
export function anything(value: Json): Buffer {
  const isPlain = typeof value === 'string' && value !== ''
  return message([text(2, isPlain ? value : JSON.stringify(value))])
}

/** What begins with `x-`. */
export function extensions(field: number, value: JsonObject): Part {
  return message(
    entries(value)
      .filter(([name]) => name.startsWith('x-'))
      .map(([name, each]) => nested(field, message([text(1, name), nested(2, anything(each))]))),
  )
}
