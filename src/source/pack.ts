import { createHash } from 'node:crypto'
import { inflateSync } from 'node:zlib'
import { isFault, messageOf } from '../base/index.ts'
import { gitFault } from './git-fault.ts'
import { type GitObject, type GitType, type ObjectSource, objectId } from './git-object.ts'

/** Bounds of what is taken from a host. */
export interface PackLimits {
  readonly objectsMax: number
  /** Largest single object, unpacked. */
  readonly objectBytesMax: number
  /** All objects together, unpacked: what a bomb would blow up. */
  readonly totalBytesMax: number
}

interface Entry {
  readonly offset: number
  /** Where its compressed bytes start. */
  readonly start: number
  readonly size: number
  readonly kind: GitType | 'offset-delta' | 'ref-delta'
  readonly base: number | string | undefined
}

const KINDS: Readonly<Record<number, Entry['kind']>> = {
  1: 'commit',
  2: 'tree',
  3: 'blob',
  4: 'tag',
  6: 'offset-delta',
  7: 'ref-delta',
}

/** Unpacked objects up to this many bytes are kept; the others are unpacked again when read. */
const CACHE_BYTES = 32 * 1024 * 1024
const DELTA_DEPTH_MAX = 4096

/**
 * Reads a pack. Nothing but the pack itself, an index and a bounded cache is held: objects are
 * unpacked when they are asked for. Objects that a thin pack builds on come from `base`.
 * @throws Fault GIT_PROTOCOL for a pack that is broken, GIT_OBJECT for one beyond the limits
 * @see https://git-scm.com/docs/gitformat-pack
 */
export function readPack(pack: Buffer, limits: PackLimits, base?: ObjectSource): ObjectSource {
  return new Pack(pack, limits, base)
}

class Pack implements ObjectSource {
  readonly sizeBytes: number
  readonly #pack: Buffer
  readonly #limits: PackLimits
  readonly #base: ObjectSource | undefined
  readonly #byOffset = new Map<number, Entry>()
  readonly #byOid = new Map<string, number>()
  readonly #named = new Set<number>()
  readonly #cache = new Map<number, GitObject>()
  #cached = 0
  #unpacked = 0

  constructor(pack: Buffer, limits: PackLimits, base?: ObjectSource) {
    this.#pack = pack
    this.sizeBytes = pack.length
    this.#limits = limits
    this.#base = base
    this.#index()
  }

  has(oid: string): boolean {
    return this.#byOid.has(oid) || this.#base?.has(oid) === true
  }

  get(oid: string): GitObject | undefined {
    const offset = this.#byOid.get(oid)
    return offset === undefined ? this.#base?.get(oid) : this.#unpack(offset)
  }

  #index(): void {
    const pack = this.#pack
    if (pack.length < 32 || pack.toString('latin1', 0, 4) !== 'PACK')
      throw gitFault('GIT_PROTOCOL', 'malformed pack file signature')
    if (![2, 3].includes(pack.readUInt32BE(4)))
      throw gitFault('GIT_PROTOCOL', 'unsupported version of the pack file')
    const count = pack.readUInt32BE(8)
    if (count > this.#limits.objectsMax)
      throw gitFault(
        'GIT_OBJECT',
        `the pack holds ${count} objects, the limit is ${this.#limits.objectsMax}`,
      )
    const body = pack.subarray(0, -20)
    if (!createHash('sha1').update(body).digest().equals(pack.subarray(-20)))
      throw gitFault('GIT_PROTOCOL', 'checksum of the pack file does not match')
    const waiting: Entry[] = []
    let at = 12
    for (let i = 0; i < count; i += 1) {
      const entry = this.#header(at)
      this.#byOffset.set(entry.offset, entry)
      const { data, length } = this.#inflate(entry)
      at = entry.start + length
      if (entry.kind === 'offset-delta' || entry.kind === 'ref-delta') {
        waiting.push(entry)
        continue
      }
      this.#learn(entry, { type: entry.kind, data })
    }
    if (at !== body.length)
      throw gitFault('GIT_PROTOCOL', 'bytes after the last object of the pack')
    this.#resolve(waiting)
  }

  /** Names the deltas: those whose base is known first, round after round. */
  #resolve(deltas: readonly Entry[]): void {
    let waiting = deltas
    while (waiting.length > 0) {
      const left: Entry[] = []
      for (const entry of waiting) {
        if (this.#baseKnown(entry)) this.#learn(entry, this.#unpack(entry.offset))
        else left.push(entry)
      }
      if (left.length === waiting.length)
        throw gitFault('GIT_PROTOCOL', 'reference delta not found')
      waiting = left
    }
  }

  #baseKnown(entry: Entry): boolean {
    if (typeof entry.base === 'string') return this.has(entry.base)
    return entry.base !== undefined && this.#named.has(entry.base)
  }

  #learn(entry: Entry, object: GitObject): void {
    this.#byOid.set(objectId(object.type, object.data), entry.offset)
    this.#named.add(entry.offset)
    this.#keep(entry.offset, object)
  }

  #keep(offset: number, object: GitObject): void {
    if (this.#cached + object.data.length > CACHE_BYTES || this.#cache.has(offset)) return
    this.#cache.set(offset, object)
    this.#cached += object.data.length
  }

  #header(offset: number): Entry {
    const pack = this.#pack
    let at = offset
    let byte = pack[at] ?? 0
    at += 1
    const kind = KINDS[(byte >> 4) & 7]
    if (kind === undefined) throw gitFault('GIT_PROTOCOL', 'unknown object type in the pack')
    let size = byte & 15
    let factor = 16
    while (byte & 0x80) {
      byte = pack[at] ?? 0
      at += 1
      size += (byte & 0x7f) * factor
      factor *= 128
    }
    if (size > this.#limits.objectBytesMax)
      throw gitFault(
        'GIT_OBJECT',
        `an object of ${size} bytes, the limit is ${this.#limits.objectBytesMax}`,
      )
    if (kind === 'ref-delta')
      return { offset, start: at + 20, size, kind, base: pack.toString('hex', at, at + 20) }
    if (kind !== 'offset-delta') return { offset, start: at, size, kind, base: undefined }
    byte = pack[at] ?? 0
    at += 1
    let distance = byte & 0x7f
    while (byte & 0x80) {
      byte = pack[at] ?? 0
      at += 1
      distance = (distance + 1) * 128 + (byte & 0x7f)
    }
    return { offset, start: at, size, kind, base: offset - distance }
  }

  #inflate(entry: Entry): { data: Buffer; length: number } {
    try {
      const { buffer, engine } = inflateSync(this.#pack.subarray(entry.start, -20), {
        info: true,
        chunkSize: Math.max(64, entry.size + 1),
        maxOutputLength: entry.size + 1,
      }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } }
      if (buffer.length !== entry.size) throw gitFault('GIT_PROTOCOL', 'object of another size')
      return { data: buffer, length: engine.bytesWritten }
    } catch (error) {
      if (isFault(error)) throw error
      throw gitFault('GIT_PROTOCOL', `zlib: ${messageOf(error)}`, error)
    }
  }

  #unpack(offset: number): GitObject {
    const chain: Entry[] = []
    let object: GitObject | undefined
    for (let at: number | string | undefined = offset; object === undefined; ) {
      if (chain.length > DELTA_DEPTH_MAX) throw gitFault('GIT_PROTOCOL', 'delta chain too long')
      if (typeof at === 'string') {
        const inPack = this.#byOid.get(at)
        if (inPack === undefined) object = this.#base?.get(at)
        else at = inPack
        if (inPack === undefined && object === undefined)
          throw gitFault('GIT_PROTOCOL', 'delta without its base')
        continue
      }
      object = this.#cache.get(at ?? -1)
      if (object !== undefined) break
      const entry = this.#byOffset.get(at ?? -1)
      if (entry === undefined) throw gitFault('GIT_PROTOCOL', 'delta without its base')
      chain.push(entry)
      if (entry.kind === 'offset-delta' || entry.kind === 'ref-delta') at = entry.base
      else object = { type: entry.kind, data: this.#inflate(chain.pop() ?? entry).data }
    }
    for (const entry of chain.reverse()) {
      const data = this.#patch(object.data, this.#inflate(entry).data)
      object = { type: object.type, data }
    }
    this.#keep(offset, object)
    return object
  }

  #patch(base: Buffer, delta: Buffer): Buffer {
    const cursor = { at: 0 }
    if (varint(delta, cursor) !== base.length)
      throw gitFault('GIT_PROTOCOL', 'delta of another base')
    const size = varint(delta, cursor)
    this.#unpacked += size
    if (size > this.#limits.objectBytesMax || this.#unpacked > this.#limits.totalBytesMax)
      throw gitFault('GIT_OBJECT', `unpacked objects exceed ${this.#limits.totalBytesMax} bytes`)
    return applyDelta(base, delta, cursor.at, size)
  }
}

function varint(bytes: Buffer, cursor: { at: number }): number {
  let value = 0
  let factor = 1
  for (;;) {
    const byte = bytes[cursor.at] ?? 0
    cursor.at += 1
    value += (byte & 0x7f) * factor
    if (!(byte & 0x80)) return value
    factor *= 128
  }
}

/** Carries out the copy and insert instructions of a delta, from `from` on. */
function applyDelta(base: Buffer, delta: Buffer, from: number, size: number): Buffer {
  const out = Buffer.allocUnsafe(size)
  let at = from
  let filled = 0
  while (at < delta.length) {
    const op = delta[at] ?? 0
    at += 1
    if (op === 0) throw gitFault('GIT_PROTOCOL', 'invalid delta')
    if (!(op & 0x80)) {
      if (at + op > delta.length || filled + op > size)
        throw gitFault('GIT_PROTOCOL', 'invalid delta')
      delta.copy(out, filled, at, at + op)
      filled += op
      at += op
      continue
    }
    let offset = 0
    let length = 0
    for (let bit = 0; bit < 4; bit += 1)
      if (op & (1 << bit)) {
        offset += (delta[at] ?? 0) * 256 ** bit
        at += 1
      }
    for (let bit = 0; bit < 3; bit += 1)
      if (op & (0x10 << bit)) {
        length += (delta[at] ?? 0) * 256 ** bit
        at += 1
      }
    if (length === 0) length = 0x10000
    if (offset + length > base.length || filled + length > size)
      throw gitFault('GIT_PROTOCOL', 'invalid delta')
    base.copy(out, filled, offset, offset + length)
    filled += length
  }
  if (filled !== size) throw gitFault('GIT_PROTOCOL', 'invalid delta')
  return out
}
