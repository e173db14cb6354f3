/** A value with a tag. */
export class CborTag {
  readonly tag: number
  readonly value: CborValue

  constructor(tag: number, value: CborValue) {
    this.tag = tag
    this.value = value
  }
}

/** What CBOR can hold. */
export type CborValue =
  | number
  | bigint
  | string
  | boolean
  | null
  | undefined
  | Buffer
  | CborTag
  | readonly CborValue[]
  | ReadonlyMap<CborValue, CborValue>

/** That bytes are no CBOR. Callers make a fault of it. */
export class BadCbor extends Error {}

const DEPTH_MAX = 32
const ITEMS_MAX = 131_072

interface Reader {
  readonly bytes: Buffer
  at: number
  items: number
}

/**
 * Reads one value of CBOR, with nothing after it: no lengths that are left open, no key twice.
 * @throws BadCbor
 * @see RFC 8949
 */
export function readCbor(bytes: Buffer): CborValue {
  const reader = { bytes, at: 0, items: 0 }
  try {
    const value = read(reader, 0)
    if (reader.at === bytes.length) return value
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new BadCbor('unexpected EOF', { cause: error })
  }
  throw new BadCbor('extraneous data')
}

function read(reader: Reader, depth: number): CborValue {
  reader.items++
  if (depth > DEPTH_MAX || reader.items > ITEMS_MAX) throw new BadCbor('exceeded max nested level')
  const first = reader.bytes.readUInt8(reader.at++)
  const [major, info] = [first >> 5, first & 0x1f]
  if (major === 7) return simple(reader, info)
  const length = argument(reader, info)
  if (major === 0) return length
  if (major === 1) return typeof length === 'bigint' ? -1n - length : -1 - length
  if (typeof length === 'bigint') throw new BadCbor('a length that is too long')
  if (major === 2) return take(reader, length)
  if (major === 3) return take(reader, length).toString()
  if (major === 4) return Array.from({ length: bounded(length) }, () => read(reader, depth + 1))
  if (major === 6) return new CborTag(length, read(reader, depth + 1))
  const found = new Map<CborValue, CborValue>()
  for (let left = bounded(length); left > 0; left--) {
    const key = read(reader, depth + 1)
    if (found.has(key)) throw new BadCbor('duplicate map key')
    found.set(key, read(reader, depth + 1))
  }
  return found
}

function bounded(length: number): number {
  if (length > ITEMS_MAX) throw new BadCbor('exceeded max number of elements')
  return length
}

function argument(reader: Reader, info: number): number | bigint {
  if (info < 24) return info
  const size = 2 ** (info - 24)
  if (size > 8) throw new BadCbor('a length that is left open')
  const { bytes, at } = reader
  reader.at += size
  if (size < 8) return bytes.readUIntBE(at, size)
  const value = bytes.readBigUInt64BE(at)
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
}

function take(reader: Reader, length: number): Buffer {
  const { bytes, at } = reader
  if (at + length > bytes.length) throw new BadCbor('unexpected EOF')
  reader.at += length
  return bytes.subarray(at, at + length)
}

function simple(reader: Reader, info: number): CborValue {
  if (info === 20 || info === 21) return info === 21
  if (info === 22) return null
  if (info === 23) return undefined
  const size = info === 26 ? 4 : info === 27 ? 8 : 0
  if (size === 0) throw new BadCbor('a simple value that is not known')
  const { bytes, at } = reader
  reader.at += size
  return size === 4 ? bytes.readFloatBE(at) : bytes.readDoubleBE(at)
}

/** The head of a value: its kind and its length. */
export function cborHead(major: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(major << 5) | length])
  if (length < 0x100) return Buffer.from([(major << 5) | 24, length])
  const size = length < 0x10000 ? 2 : 4
  const head = Buffer.alloc(1 + size, (major << 5) | (size === 2 ? 25 : 26))
  head.writeUIntBE(length, 1, size)
  return head
}
