import { randomUUID } from 'node:crypto'
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../base/index.ts'

/** Where bytes go that are too many for the memory. */
export interface Spool {
  readonly dir: string
  /** Up to this many bytes stay in memory. */
  readonly fromBytes: number
}

/** Bytes that were taken in whole. */
export interface HeldBytes {
  readonly length: number
  /** Bytes of it that are held in memory. */
  readonly memoryBytes: number
  /** Bytes from `start` up to `end`, fewer where it ends before. */
  read(start: number, end: number): Buffer
  /** All of it, bit by bit. */
  readonly pieces: Iterable<Buffer>
  /** Gives memory or disk back; nothing can be read any more. */
  close(): void
}

/** Makes the fault of a disk that cannot take what is spooled, or gives it back no more. */
export type SpoolFault = (why: string, cause: unknown) => Error

const PIECE_BYTES = 256 * 1024

/**
 * Takes bytes in: into memory or, beyond what the spool says, into a file. The file has no name from
 * the moment that it is open, so that nothing is left of it whatever happens to this process.
 */
export async function holdBytes(
  chunks: AsyncIterable<Uint8Array>,
  { spool, fault }: { readonly spool?: Spool | undefined; readonly fault: SpoolFault },
): Promise<HeldBytes> {
  let parts: Uint8Array[] = []
  let length = 0
  let file: SpoolFile | undefined
  try {
    for await (const chunk of chunks) {
      length += chunk.length
      if (file !== undefined) file.append(chunk)
      else parts.push(chunk)
      if (file === undefined && spool !== undefined && length > spool.fromBytes) {
        file = new SpoolFile(spool.dir, fault)
        for (const part of parts) file.append(part)
        parts = []
      }
    }
    return file ?? bytesInMemory(Buffer.concat(parts, length))
  } catch (error) {
    file?.close()
    throw error
  }
}

/** Bytes that are in memory already. */
export function bytesInMemory(bytes: Buffer): HeldBytes {
  return {
    length: bytes.length,
    memoryBytes: bytes.length,
    read: (start, end) => bytes.subarray(start, end),
    pieces: bytes.length === 0 ? [] : [bytes],
    close: () => undefined,
  }
}

/** The bytes from `start` up to `end`, in pieces that any memory takes. */
export function* piecesOf(
  bytes: Pick<HeldBytes, 'read'>,
  start: number,
  end: number,
): Generator<Buffer> {
  for (let at = start; at < end; at += PIECE_BYTES)
    yield bytes.read(at, Math.min(end, at + PIECE_BYTES))
}

/** Files that nobody closed before nobody could read them any more. */
const forgotten = new FinalizationRegistry<number>(closeSync)

/** A file without a name that grows at its end. */
export class SpoolFile implements HeldBytes {
  readonly memoryBytes = 0
  readonly #fd: number
  readonly #fault: SpoolFault
  #length = 0

  constructor(dir: string, fault: SpoolFault) {
    this.#fault = fault
    const file = join(dir, `.spool-${randomUUID()}`)
    this.#fd = this.#spooled(() => openSync(file, 'wx+', 0o600))
    unlinkSync(file)
    forgotten.register(this, this.#fd, this)
  }

  get length(): number {
    return this.#length
  }

  get pieces(): Iterable<Buffer> {
    return piecesOf(this, 0, this.#length)
  }

  append(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; )
      at += this.#spooled(() =>
        writeSync(this.#fd, chunk, at, chunk.length - at, this.#length + at),
      )
    this.#length += chunk.length
  }

  read(start: number, end: number): Buffer {
    const wanted = Math.max(0, Math.min(end, this.#length) - start)
    const out = Buffer.allocUnsafe(wanted)
    let filled = 0
    while (filled < wanted) {
      const got = this.#spooled(() =>
        readSync(this.#fd, out, filled, wanted - filled, start + filled),
      )
      if (got === 0) break
      filled += got
    }
    return out.subarray(0, filled)
  }

  close(): void {
    forgotten.unregister(this)
    closeSync(this.#fd)
  }

  #spooled<T>(act: () => T): T {
    try {
      return act()
    } catch (error) {
      throw this.#fault(messageOf(error), error)
    }
  }
}
