import { inflateSync } from 'node:zlib'
import { isFault, messageOf } from '../base/index.ts'
import { gitFault } from './git-fault.ts'
import { type GitObject, type GitType, type ObjectSource, objectId } from './git-object.ts'
import type { PackBytes } from './pack-bytes.ts'

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
  /** Where they end; known once they were read. */
  end: number
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
const CHECKSUM_BYTES = 20
/** No header is longer: type and size, then the name or the distance of a base. */
const HEADER_BYTES_MAX = 40
/** Read at a time while the index is made. */
const WINDOW_BYTES = 4 * 1024 * 1024
/** After so many unpacked bytes others get their turn; some ten milliseconds. */
const TURN_BYTES = 1024 * 1024
/** What an object costs besides its bytes: hashing, looking it up. */
const TURN_BYTES_PER_OBJECT = 2048
/** Memory of an object's place in the index, about. */
const INDEX_BYTES_PER_OBJECT = 320

/**
 * Reads a pack. Nothing but the pack itself, an index and a bounded cache is held: objects are
 * unpacked when they are asked for. Objects that a thin pack builds on come from `base`, which is
 * held for as long. The index of a large pack is made in turns, so that nothing else has to wait.
 * The pack is closed when the last who holds the result lets go of it.
 * @throws Fault GIT_PROTOCOL for a pack that is broken, GIT_OBJECT for one beyond the limits
 * @see https://git-scm.com/docs/gitformat-pack
 */
export async function readPack(
  bytes: PackBytes,
  limits: PackLimits,
  base?: ObjectSource,
): Promise<ObjectSource> {
  base?.retain?.()
  const pack = new Pack(bytes, limits, base)
  try {
    await pack.index()
    return pack
  } catch (error) {
    pack.release()
    throw error
  }
}

class Pack implements ObjectSource {
  readonly #bytes: PackBytes
  readonly #limits: PackLimits
  readonly #base: ObjectSource | undefined
  readonly #byOffset = new Map<number, Entry>()
  readonly #byOid = new Map<string, number>()
  readonly #named = new Set<number>()
  readonly #cache = new Map<number, GitObject>()
  #window: { readonly at: number; readonly data: Buffer } = { at: 0, data: Buffer.alloc(0) }
  #cached = 0
  #unpacked = 0
  #sinceTurn = 0
  #holders = 1

  constructor(bytes: PackBytes, limits: PackLimits, base?: ObjectSource) {
    this.#bytes = bytes
    this.#limits = limits
    this.#base = base
  }

  get sizeBytes(): number {
    return this.#bytes.memoryBytes + this.#byOid.size * INDEX_BYTES_PER_OBJECT
  }

  get diskBytes(): number {
    return this.#bytes.length - this.#bytes.memoryBytes
  }

  retain(): boolean {
    if (this.#holders === 0) return false
    this.#holders += 1
    return true
  }

  release(): void {
    this.#holders -= 1
    // Whoever is left only keeps it for the next fetch to build on.
    if (this.#holders === 1) this.#forget()
    if (this.#holders > 0) return
    this.#bytes.close()
    this.#base?.release?.()
  }

  has(oid: string): boolean {
    return this.#byOid.has(oid) || this.#base?.has(oid) === true
  }

  get(oid: string): GitObject | undefined {
    const offset = this.#byOid.get(oid)
    return offset === undefined ? this.#base?.get(oid) : this.#unpack(offset)
  }

  get #end(): number {
    return this.#bytes.length - CHECKSUM_BYTES
  }

  async index(): Promise<void> {
    const head = this.#bytes.read(0, 12)
    if (this.#bytes.length < 32 || head.toString('latin1', 0, 4) !== 'PACK')
      throw gitFault('GIT_PROTOCOL', 'malformed pack file signature')
    if (![2, 3].includes(head.readUInt32BE(4)))
      throw gitFault('GIT_PROTOCOL', 'unsupported version of the pack file')
    const count = head.readUInt32BE(8)
    if (count > this.#limits.objectsMax)
      throw gitFault(
        'GIT_OBJECT',
        `the pack holds ${count} objects, the limit is ${this.#limits.objectsMax}`,
      )
    const waiting: Entry[] = []
    let at = 12
    for (let i = 0; i < count; i += 1) {
      const entry = this.#header(at)
      this.#byOffset.set(entry.offset, entry)
      const data = this.#inflate(entry)
      at = entry.end
      if (entry.kind === 'offset-delta' || entry.kind === 'ref-delta') waiting.push(entry)
      else this.#learn(entry, { type: entry.kind, data })
      await this.#turn(data.length)
    }
    if (at !== this.#end) throw gitFault('GIT_PROTOCOL', 'bytes after the last object of the pack')
    await this.#resolve(waiting)
    this.#window = { at: 0, data: Buffer.alloc(0) }
  }

  /** Lets others have their turn after so much work. */
  async #turn(bytes: number): Promise<void> {
    this.#sinceTurn += bytes + TURN_BYTES_PER_OBJECT
    if (this.#sinceTurn < TURN_BYTES) return
    this.#sinceTurn = 0
    await new Promise((resolve) => setImmediate(resolve))
  }

  /** Names the deltas: those whose base is known first, round after round. */
  async #resolve(deltas: readonly Entry[]): Promise<void> {
    let waiting = deltas
    while (waiting.length > 0) {
      const left: Entry[] = []
      for (const entry of waiting) {
        if (!this.#baseKnown(entry)) {
          left.push(entry)
          continue
        }
        const object = this.#unpack(entry.offset)
        this.#learn(entry, object)
        await this.#turn(object.data.length)
      }
      if (left.length === waiting.length)
        throw gitFault('GIT_PROTOCOL', 'reference delta not found')
      waiting = left
    }
  }

  /** Bytes from `start` on, `length` of them where there are so many; while the index is made. */
  #view(start: number, length: number): Buffer {
    const end = Math.min(start + length, this.#end)
    const { at, data } = this.#window
    if (start < at || end > at + data.length) {
      const until = Math.min(this.#end, Math.max(end, start + WINDOW_BYTES))
      this.#window = { at: start, data: this.#bytes.read(start, until) }
    }
    return this.#window.data.subarray(start - this.#window.at)
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

  #forget(): void {
    this.#cache.clear()
    this.#cached = 0
  }

  #keep(offset: number, object: GitObject): void {
    if (this.#cached + object.data.length > CACHE_BYTES || this.#cache.has(offset)) return
    this.#cache.set(offset, object)
    this.#cached += object.data.length
  }

  #header(offset: number): Entry {
    const pack = this.#view(offset, HEADER_BYTES_MAX)
    const cursor = { at: 1 }
    const first = pack[0] ?? 0
    const kind = KINDS[(first >> 4) & 7]
    if (kind === undefined) throw gitFault('GIT_PROTOCOL', 'unknown object type in the pack')
    const size = (first & 15) + (first & 0x80 ? varint(pack, cursor) * 16 : 0)
    if (size > this.#limits.objectBytesMax)
      throw gitFault(
        'GIT_OBJECT',
        `an object of ${size} bytes, the limit is ${this.#limits.objectBytesMax}`,
      )
    const place = { offset, end: 0, size, kind }
    if (kind === 'ref-delta') {
      const base = pack.toString('hex', cursor.at, cursor.at + 20)
      return { ...place, start: offset + cursor.at + 20, base }
    }
    if (kind !== 'offset-delta') return { ...place, start: offset + cursor.at, base: undefined }
    const base = offset - distance(pack, cursor)
    return { ...place, start: offset + cursor.at, base }
  }

  /** The bytes of an entry, unpacked; learns where they end in the pack, should that not be known. */
  #inflate(entry: Entry): Buffer {
    if (entry.end > 0)
      return inflateEntry(this.#bytes.read(entry.start, entry.end), entry.size).data
    for (let length = entry.size + HEADER_BYTES_MAX; ; length *= 2) {
      const view = this.#view(entry.start, length)
      try {
        const { data, taken } = inflateEntry(view, entry.size)
        entry.end = entry.start + taken
        return data
      } catch (error) {
        // Bytes that do not compress, or were compressed badly, take more room than they had before.
        if (entry.start + view.length >= this.#end || !isCutOff(error)) throw error
      }
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
      else object = { type: entry.kind, data: this.#inflate(chain.pop() ?? entry) }
    }
    for (const entry of chain.reverse()) {
      const data = this.#patch(object.data, this.#inflate(entry))
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

/** Unpacks what begins a piece of bytes; `taken` says how many of them that took. */
function inflateEntry(bytes: Buffer, size: number): { data: Buffer; taken: number } {
  try {
    const { buffer, engine } = inflateSync(bytes, {
      info: true,
      chunkSize: Math.max(64, size + 1),
      maxOutputLength: size + 1,
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } }
    if (buffer.length !== size) throw gitFault('GIT_PROTOCOL', 'object of another size')
    return { data: buffer, taken: engine.bytesWritten }
  } catch (error) {
    if (isFault(error)) throw error
    throw gitFault('GIT_PROTOCOL', `zlib: ${messageOf(error)}`, error)
  }
}

/** Says whether the bytes were good as far as they went. */
function isCutOff(error: unknown): boolean {
  const cause: unknown = isFault(error) ? error.cause : undefined
  return cause instanceof Error && 'code' in cause && cause.code === 'Z_BUF_ERROR'
}

/** How far before a delta its base begins. */
function distance(bytes: Buffer, cursor: { at: number }): number {
  let byte = bytes[cursor.at] ?? 0
  cursor.at += 1
  let value = byte & 0x7f
  while (byte & 0x80) {
    byte = bytes[cursor.at] ?? 0
    cursor.at += 1
    value = (value + 1) * 128 + (byte & 0x7f)
  }
  return value
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
