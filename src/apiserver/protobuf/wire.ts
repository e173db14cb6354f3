/** One field as it stands on the wire. */
export interface WireField {
  readonly number: number
  /** A varint, the eight or four bytes of a fixed number, or what is length-delimited. */
  readonly value: bigint | Uint8Array
}

/** Raised for bytes that are no protobuf message; the server answers them as a bad request. */
export class WireError extends Error {}

/**
 * The fields of a message, in the order in which they were written.
 * @throws WireError
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export function* fieldsOf(bytes: Uint8Array): Generator<WireField> {
  let at = 0
  while (at < bytes.length) {
    const tag = varint(bytes, at)
    at = tag.next
    const number = Number(tag.value >> 3n)
    const shape = Number(tag.value & 7n)
    if (number === 0) throw new WireError('proto: illegal tag 0')
    if (shape === 0) {
      const { value, next } = varint(bytes, at)
      at = next
      yield { number, value }
      continue
    }
    const { start, length } = extent(bytes, at, shape)
    if (start + length > bytes.length) throw new WireError('unexpected EOF')
    at = start + length
    yield { number, value: bytes.subarray(start, at) }
  }
}

function extent(bytes: Uint8Array, at: number, shape: number): { start: number; length: number } {
  if (shape === 1) return { start: at, length: 8 }
  if (shape === 5) return { start: at, length: 4 }
  if (shape !== 2) throw new WireError(`proto: illegal wireType ${shape}`)
  const { value, next } = varint(bytes, at)
  return { start: next, length: Number(value) }
}

const VARINT_MAX_BYTES = 10

function varint(bytes: Uint8Array, from: number): { value: bigint; next: number } {
  // Nearly all are small: seven bits at a time as a number, and only then as a bigint.
  const first = bytes[from]
  if (first !== undefined && first < 0x80) return { value: BigInt(first), next: from + 1 }
  let value = 0n
  for (let i = 0; i < VARINT_MAX_BYTES; i++) {
    const byte = bytes[from + i]
    if (byte === undefined) throw new WireError('unexpected EOF')
    value |= BigInt(byte & 0x7f) << BigInt(7 * i)
    if (byte < 0x80) return { value, next: from + i + 1 }
  }
  throw new WireError('proto: integer overflow')
}

/** A varint as a signed number. */
export function signed(value: bigint | Uint8Array): number {
  if (typeof value !== 'bigint') throw new WireError('proto: wrong wireType')
  return Number(BigInt.asIntN(64, value))
}

/** What is length-delimited, as text. */
export function text(value: bigint | Uint8Array): string {
  return decoder.decode(delimited(value))
}

const decoder = new TextDecoder()

/** What is length-delimited. */
export function delimited(value: bigint | Uint8Array): Uint8Array {
  if (typeof value === 'bigint') throw new WireError('proto: wrong wireType')
  return value
}

/** A double. */
export function double(value: bigint | Uint8Array): number {
  const bytes = delimited(value)
  if (bytes.length !== 8) throw new WireError('proto: wrong wireType')
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true)
}
