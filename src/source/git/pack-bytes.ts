import { createHash } from 'node:crypto'
import { bytesInMemory, type HeldBytes, holdBytes, type Spool } from '../spool.ts'
import { gitFault } from './fault.ts'

const CHECKSUM_BYTES = 20

/**
 * Gathers a pack: in memory or, beyond what the spool says, in a file.
 * @throws Fault GIT_PROTOCOL for a pack whose checksum does not match, GIT_SPOOL for a disk that cannot take it
 */
export function gatherPack(chunks: AsyncIterable<Uint8Array>, spool?: Spool): Promise<HeldBytes> {
  return holdBytes(checked(chunks), { spool, fault: spoolFault })
}

async function* checked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const checksum = new TrailingChecksum()
  for await (const chunk of chunks) {
    checksum.update(chunk)
    yield chunk
  }
  checksum.compare()
}

/**
 * A pack that is in memory already.
 * @throws Fault GIT_PROTOCOL
 */
export function packInMemory(pack: Buffer): HeldBytes {
  const checksum = new TrailingChecksum()
  checksum.update(pack)
  checksum.compare()
  return bytesInMemory(pack)
}

/** The fault of a disk that cannot take a pack. */
export function spoolFault(why: string, cause: unknown): Error {
  return gitFault('GIT_SPOOL', `unable to spool the pack: ${why}`, cause)
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
