import type { FilePieces } from '../../api/index.ts'
import { piecesOf, type Spool, SpoolFile } from '../spool.ts'
import { bucketFault } from './store.ts'

interface Extent {
  readonly start: number
  end: number
}

/**
 * Holds objects that come side by side: in memory as long as they are few bytes together, what comes
 * after that in one file.
 */
export class ObjectHeap {
  readonly #spool: Spool | undefined
  #file: SpoolFile | undefined
  #memoryBytes = 0

  constructor(spool: Spool | undefined) {
    this.#spool = spool
  }

  /** Begins an object. */
  add(): HeapObject {
    return new HeapObject(this)
  }

  /** Puts bytes somewhere; answers where, in the file, or the bytes themselves. */
  put(chunk: Buffer): Buffer | Extent {
    if (this.#spool === undefined || this.#memoryBytes + chunk.length <= this.#spool.fromBytes) {
      this.#memoryBytes += chunk.length
      return chunk
    }
    this.#file ??= new SpoolFile(this.#spool.dir, (why, cause) =>
      bucketFault('BUCKET', `unable to spool: ${why}`, cause),
    )
    const start = this.#file.length
    this.#file.append(chunk)
    return { start, end: start + chunk.length }
  }

  *pieces(parts: readonly (Buffer | Extent)[]): Generator<Buffer> {
    for (const part of parts)
      if ('start' in part) {
        if (this.#file !== undefined) yield* piecesOf(this.#file, part.start, part.end)
      } else yield part
  }

  /** Gives memory and disk back; nothing can be read any more. */
  close(): void {
    this.#file?.close()
    this.#file = undefined
  }
}

/** An object that is being taken in, or was. */
export class HeapObject implements FilePieces {
  readonly #heap: ObjectHeap
  readonly #parts: (Buffer | Extent)[] = []
  #length = 0

  constructor(heap: ObjectHeap) {
    this.#heap = heap
  }

  get length(): number {
    return this.#length
  }

  get pieces(): Iterable<Buffer> {
    return this.#heap.pieces(this.#parts)
  }

  take(chunk: Buffer): void {
    this.#length += chunk.length
    const place = this.#heap.put(chunk)
    const last = this.#parts.at(-1)
    // Chunks that came in a row lie in a row.
    if (last !== undefined && 'start' in last && 'start' in place && last.end === place.start)
      last.end = place.end
    else this.#parts.push(place)
  }
}
