/** Lines that are written as they come and read one after another, by one reader. */
export class LineQueue implements AsyncIterable<string> {
  #lines: string[] = []
  #wake: (() => void) | undefined
  #closed = false
  readonly #closers: (() => void)[] = []

  get closed(): boolean {
    return this.#closed
  }

  push(line: string): void {
    if (this.#closed) return
    this.#lines.push(line)
    this.#wake?.()
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
        yield* lines
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
