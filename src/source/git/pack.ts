import { type HeldBytes, type Spool, SpoolFile } from '../spool.ts'
import { WatchfulSha1 } from './collision.ts'
import { gitFault } from './fault.ts'
import { type GitObject, type GitType, type ObjectSource, objectHead } from './object.ts'
import { spoolFault } from './pack-bytes.ts'
import { applyDelta, readDistance, readVarint, tooLarge, WaitingDeltas } from './pack-delta.ts'
import { inflateEntry, isCutOff } from './pack-inflate.ts'

/** Bounds of what is taken from a host. */
export interface PackLimits {
  readonly objectsMax: number
  /** Largest single object, unpacked. */
  readonly objectBytesMax: number
  /** All objects together, unpacked: what a bomb would blow up. */
  readonly totalBytesMax: number
  /** Where what is too large for the memory goes; absent for memory alone. */
  readonly spool?: Spool
  /** Ends the reading of a pack; what was read already stays. */
  readonly signal?: AbortSignal
}

interface Entry {
  readonly offset: number
  /** Where its compressed bytes start. */
  readonly start: number
  /** Where they end; known once they were read. */
  end: number
  /** Where it lies unpacked in the scratch file. */
  scratch: { readonly type: GitType; readonly start: number; readonly end: number } | undefined
  /** Bytes of it unpacked; of a delta, those of its instructions. */
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

/** Unpacked objects up to this many bytes are kept in memory, where nothing else is said. */
const CACHE_BYTES = 32 * 1024 * 1024
/** Of the others those that were made of deltas lie on the disk; the rest is unpacked again. */
const SCRATCH_BYTES_MAX = 1024 * 1024 * 1024
/** Objects on the way from a base to its deltas are held up to this many bytes. */
const BASES_BYTES_MAX = 64 * 1024 * 1024
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
  bytes: HeldBytes,
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
  readonly #bytes: HeldBytes
  readonly #limits: PackLimits
  readonly #base: ObjectSource | undefined
  readonly #byOffset = new Map<number, Entry>()
  readonly #byOid = new Map<string, number>()
  readonly #named = new Set<number>()
  readonly #cache = new Map<number, GitObject>()
  readonly #sha1 = new WatchfulSha1()
  #scratch: SpoolFile | undefined
  #window: { readonly at: number; readonly data: Buffer } = { at: 0, data: Buffer.alloc(0) }
  #cached = 0
  #unpacked = 0
  #sinceTurn = 0
  #holders = 1

  constructor(bytes: HeldBytes, limits: PackLimits, base?: ObjectSource) {
    this.#bytes = bytes
    this.#limits = limits
    this.#base = base
  }

  get sizeBytes(): number {
    return this.#bytes.memoryBytes + this.#byOid.size * INDEX_BYTES_PER_OBJECT
  }

  get diskBytes(): number {
    return this.#bytes.length - this.#bytes.memoryBytes + (this.#scratch?.length ?? 0)
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
    this.#scratch?.close()
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
    this.#limits.signal?.throwIfAborted()
  }

  /** Names the deltas, from each base to all that build on it, so that none is unpacked twice. */
  async #resolve(deltas: readonly Entry[]): Promise<void> {
    const waiting = new WaitingDeltas(deltas)
    for (const key of waiting.keys()) {
      const offset = typeof key === 'number' ? key : this.#byOid.get(key)
      if (offset !== undefined && !this.#named.has(offset)) continue
      const object =
        offset === undefined ? this.#base?.get(String(key)) : () => this.#unpack(offset)
      if (object !== undefined) await this.#nameBelow(object, waiting.take(key), waiting)
    }
    if (waiting.count > 0) throw gitFault('GIT_PROTOCOL', 'reference delta not found')
  }

  async #nameBelow(
    base: GitObject | (() => GitObject),
    deltas: Entry[],
    waiting: WaitingDeltas<Entry>,
  ): Promise<void> {
    const path = [{ base, deltas, bytes: 0 }]
    let held = 0
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const entry = top.deltas.pop()
      if (entry === undefined) {
        held -= top.bytes
        path.pop()
        continue
      }
      const from = typeof top.base === 'function' ? top.base() : top.base
      const object = { type: from.type, data: this.#patch(from.data, this.#inflate(entry)) }
      const oid = this.#learn(entry, object)
      await this.#turn(object.data.length)
      const next = [...waiting.take(entry.offset), ...waiting.take(oid)]
      if (next.length === 0) continue
      if (path.length > DELTA_DEPTH_MAX) throw gitFault('GIT_PROTOCOL', 'delta chain too long')
      const fits = held + object.data.length <= BASES_BYTES_MAX
      const bytes = fits ? object.data.length : 0
      held += bytes
      path.push({ base: fits ? object : () => this.#unpack(entry.offset), deltas: next, bytes })
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

  #learn(entry: Entry, object: GitObject): string {
    this.#unpacked += object.data.length
    if (this.#unpacked > this.#limits.totalBytesMax)
      throw gitFault('GIT_OBJECT', `unpacked objects exceed ${this.#limits.totalBytesMax} bytes`)
    const { hex: oid, isAttack } = this.#sha1.hash(
      objectHead(object.type, object.data.length),
      object.data,
    )
    if (isAttack)
      throw gitFault('GIT_OBJECT', `SHA-1 appears to be part of a collision attack: ${oid}`)
    this.#byOid.set(oid, entry.offset)
    this.#named.add(entry.offset)
    this.#keep(entry, object)
    return oid
  }

  #forget(): void {
    this.#cache.clear()
    this.#cached = 0
  }

  #keep(entry: Entry, object: GitObject): void {
    const { length } = object.data
    if (this.#cache.has(entry.offset) || entry.scratch !== undefined) return
    const { spool } = this.#limits
    if (this.#cached + length <= (spool?.fromBytes ?? CACHE_BYTES)) {
      this.#cache.set(entry.offset, object)
      this.#cached += length
      return
    }
    const isDelta = entry.kind === 'offset-delta' || entry.kind === 'ref-delta'
    if (!isDelta || spool === undefined) return
    this.#scratch ??= new SpoolFile(spool.dir, spoolFault)
    const start = this.#scratch.length
    if (start + length > SCRATCH_BYTES_MAX) return
    this.#scratch.append(object.data)
    entry.scratch = { type: object.type, start, end: start + length }
  }

  /** What need not be unpacked any more. */
  #kept(entry: Entry): GitObject | undefined {
    if (entry.scratch === undefined) return this.#cache.get(entry.offset)
    const { type, start, end } = entry.scratch
    const data = this.#scratch?.read(start, end)
    return data === undefined ? undefined : { type, data }
  }

  #header(offset: number): Entry {
    const pack = this.#view(offset, HEADER_BYTES_MAX)
    const cursor = { at: 1 }
    const first = pack[0] ?? 0
    const kind = KINDS[(first >> 4) & 7]
    if (kind === undefined) throw gitFault('GIT_PROTOCOL', 'unknown object type in the pack')
    const size = (first & 15) + (first & 0x80 ? readVarint(pack, cursor) * 16 : 0)
    if (size > this.#limits.objectBytesMax) throw tooLarge(size, this.#limits.objectBytesMax)
    const place = { offset, end: 0, scratch: undefined, size, kind }
    if (kind === 'ref-delta') {
      const base = pack.toString('hex', cursor.at, cursor.at + 20)
      return { ...place, start: offset + cursor.at + 20, base }
    }
    if (kind !== 'offset-delta') return { ...place, start: offset + cursor.at, base: undefined }
    const base = offset - readDistance(pack, cursor)
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
      const entry = this.#byOffset.get(at ?? -1)
      if (entry === undefined) throw gitFault('GIT_PROTOCOL', 'delta without its base')
      object = this.#kept(entry)
      if (object !== undefined) break
      chain.push(entry)
      if (entry.kind === 'offset-delta' || entry.kind === 'ref-delta') at = entry.base
      else object = { type: entry.kind, data: this.#inflate(chain.pop() ?? entry) }
    }
    for (const entry of chain.reverse()) {
      object = { type: object.type, data: this.#patch(object.data, this.#inflate(entry)) }
      this.#keep(entry, object)
    }
    return object
  }

  #patch(base: Buffer, delta: Buffer): Buffer {
    return applyDelta(base, delta, this.#limits.objectBytesMax)
  }
}
