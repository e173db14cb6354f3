/** Makes a line when it is to be read. */
type Line = () => string

/**
 * Lines that are read one after another, by one reader, who has them made as they are read: what waits
 * for a slow reader is no text yet. Who falls too far behind has the stream ended.
 */
export class LineQueue implements AsyncIterable<string> {
  #lines: Line[] = []
  #wake: (() => void) | undefined
  #closed = false
  #waitingMax = Number.POSITIVE_INFINITY
  readonly #closers: (() => void)[] = []

  get closed(): boolean {
    return this.#closed
  }

  push(line: Line): void {
    if (this.#closed) return
    if (this.#lines.length >= this.#waitingMax) {
      this.#lines = []
      this.close()
      return
    }
    this.#lines.push(line)
    this.#wake?.()
  }

  /** From now on so many lines more than wait already may wait at the most. */
  bound(more: number): void {
    this.#waitingMax = this.#lines.length + more
  }

  /** Ends the stream after what was written. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const closer of this.#closers) closer()
    this.#wake?.()
  }

  /** Calls back once, when the stream is ended from either side. */
  onClose(fn: () => void): void {
    if (this.#closed) fn()
    else this.#closers.push(fn)
  }

  async *[Symbol.asyncIterator](): AsyncIterator<string> {
    try {
      for (;;) {
        const lines = this.#lines
        this.#lines = []
        for (const line of lines) yield line()
        if (this.#lines.length > 0) continue
        if (this.#closed) return
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    } finally {
      this.close()
    }
  }
}
