import { createHash, randomUUID } from 'node:crypto'
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../base/index.ts'
import { gitFault } from './fault.ts'

/** Where packs go that are too large for the memory. */
export interface Spool {
  readonly dir: string
  /** Packs up to this many bytes stay in memory, and as many bytes of their unpacked objects. */
  readonly fromBytes: number
}

/** A pack as it came, its checksum compared. */
export interface PackBytes {
  readonly length: number
  /** Bytes of it that are held in memory. */
  readonly memoryBytes: number
  /** Bytes from `start` up to `end`, fewer where it ends before. */
  read(start: number, end: number): Buffer
  /** Gives memory or disk back; nothing can be read any more. */
  close(): void
}

const CHECKSUM_BYTES = 20

/**
 * Gathers a pack: in memory or, beyond what the spool says, in a file. The file has no name from
 * the moment that it is open, so that nothing is left of it whatever happens to this process.
 * @throws Fault GIT_PROTOCOL for a pack whose checksum does not match, GIT_SPOOL for a disk that cannot take it
 */
export async function gatherPack(
  chunks: AsyncIterable<Uint8Array>,
  spool?: Spool,
): Promise<PackBytes> {
  const checksum = new TrailingChecksum()
  let parts: Uint8Array[] = []
  let length = 0
  let file: SpoolFile | undefined
  try {
    for await (const chunk of chunks) {
      checksum.update(chunk)
      length += chunk.length
      if (file !== undefined) file.append(chunk)
      else parts.push(chunk)
      if (file === undefined && spool !== undefined && length > spool.fromBytes) {
        file = new SpoolFile(spool.dir)
        for (const part of parts) file.append(part)
        parts = []
      }
    }
    checksum.compare()
    return file ?? inMemory(Buffer.concat(parts, length))
  } catch (error) {
    file?.close()
    throw error
  }
}

/**
 * A pack that is in memory already.
 * @throws Fault GIT_PROTOCOL
 */
export function packInMemory(pack: Buffer): PackBytes {
  const checksum = new TrailingChecksum()
  checksum.update(pack)
  checksum.compare()
  return inMemory(pack)
}

function inMemory(pack: Buffer): PackBytes {
  return {
    length: pack.length,
    memoryBytes: pack.length,
    read: (start, end) => pack.subarray(start, end),
    close: () => undefined,
  }
}

/** Hashes all but the last twenty bytes, which are the hash of what came before them. */
class TrailingChecksum {
  readonly #hash = createHash('sha1')
  #tail: Buffer = Buffer.alloc(0)

  update(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (bytes.length >= CHECKSUM_BYTES) {
      this.#hash.update(this.#tail).update(bytes.subarray(0, -CHECKSUM_BYTES))
      this.#tail = Buffer.from(bytes.subarray(-CHECKSUM_BYTES))
      return
    }
    const both = Buffer.concat([this.#tail, bytes])
    const over = Math.max(0, both.length - CHECKSUM_BYTES)
    this.#hash.update(both.subarray(0, over))
    this.#tail = both.subarray(over)
  }

  compare(): void {
    if (!this.#hash.digest().equals(this.#tail))
      throw gitFault('GIT_PROTOCOL', 'checksum of the pack file does not match')
  }
}

/** A file without a name that grows at its end. */
export class SpoolFile implements PackBytes {
  readonly memoryBytes = 0
  readonly #fd: number
  #length = 0

  constructor(dir: string) {
    const file = join(dir, `.pack-${randomUUID()}`)
    this.#fd = spooled(() => openSync(file, 'wx+', 0o600))
    unlinkSync(file)
  }

  get length(): number {
    return this.#length
  }

  append(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; )
      at += spooled(() => writeSync(this.#fd, chunk, at, chunk.length - at, this.#length + at))
    this.#length += chunk.length
  }

  read(start: number, end: number): Buffer {
    const wanted = Math.max(0, Math.min(end, this.#length) - start)
    const out = Buffer.allocUnsafe(wanted)
    let filled = 0
    while (filled < wanted) {
      const got = spooled(() => readSync(this.#fd, out, filled, wanted - filled, start + filled))
      if (got === 0) break
      filled += got
    }
    return out.subarray(0, filled)
  }

  close(): void {
    closeSync(this.#fd)
  }
}

function spooled<T>(act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw gitFault('GIT_SPOOL', `unable to spool the pack: ${messageOf(error)}`, error)
  }
}
