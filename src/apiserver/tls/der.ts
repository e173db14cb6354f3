import { Buffer } from 'node:buffer'

/** Tags of ASN.1 values as DER writes them. */
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

const CONTEXT = 0x80
const CONSTRUCTED = 0x20

/** One value in DER: tag, length, content. */
function value(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content])
}

function lengthOf(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes])
  const digits: number[] = []
  for (let rest = bytes; rest > 0; rest = Math.floor(rest / 0x100)) digits.unshift(rest % 0x100)
  return Buffer.from([0x80 + digits.length, ...digits])
}

/** A list of values in a given order. */
export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return value(TAG.sequence, Buffer.concat(parts))
}

/** A set of one value. */
export function setOf(part: Uint8Array): Buffer {
  return value(TAG.set, part)
}

/** A positive number, by its bytes. */
export function integer(bytes: Uint8Array): Buffer {
  const isNegative = (bytes[0] ?? 0) >= 0x80
  return value(TAG.integer, isNegative ? Buffer.concat([Buffer.from([0]), bytes]) : bytes)
}

/** True; false is never written, as it is what is left out. */
export function yes(): Buffer {
  return value(TAG.boolean, Buffer.from([0xff]))
}

/** A string of whole bytes as bits. */
export function bits(bytes: Uint8Array, unused = 0): Buffer {
  return value(TAG.bits, Buffer.concat([Buffer.from([unused]), bytes]))
}

/** A string of bytes. */
export function octets(bytes: Uint8Array): Buffer {
  return value(TAG.octets, bytes)
}

/** A text. */
export function utf8(text: string): Buffer {
  return value(TAG.utf8, Buffer.from(text))
}

/** A moment, from RFC 3339 in UTC and whole seconds. */
export function time(text: string): Buffer {
  return value(TAG.generalizedTime, Buffer.from(text.replaceAll(/[-:T]/g, '')))
}

/** A value under a number of its own: alone, or holding others. */
export function tagged(number: number, content: Uint8Array, holdsOthers: boolean): Buffer {
  return value(CONTEXT + (holdsOthers ? CONSTRUCTED : 0) + number, content)
}

/** A name in the tree of all names: `2.5.4.3`. */
export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  return value(TAG.oid, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(number: number): number[] {
  const digits = [number % 0x80]
  for (let rest = Math.floor(number / 0x80); rest > 0; rest = Math.floor(rest / 0x80))
    digits.unshift((rest % 0x80) + 0x80)
  return digits
}
