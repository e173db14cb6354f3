import { compareText } from '../../base/index.ts'

/**
 * The keys of a table in order. A list that was handed out stays as it is: the next change makes a
 * new one, so that whoever walks over it may write meanwhile.
 */
export class SortedKeys {
  #keys: string[] = []
  /** Keys that were added and are not in their place yet: many are put there at once. */
  #late: string[] = []
  #isLent = false

  /** Adds a key that is not there yet. */
  add(key: string): void {
    const last = this.#keys.at(-1)
    if (last === undefined || compareText(last, key) < 0) this.#own().push(key)
    else this.#late.push(key)
  }

  /** Takes out a key that is there. */
  delete(key: string): void {
    this.#settle()
    const keys = this.#own()
    keys.splice(lowerBound(keys, key), 1)
  }

  /** All keys, or those that begin with a text. */
  under(prefix: string): readonly string[] {
    this.#settle()
    if (prefix === '') {
      this.#isLent = true
      return this.#keys
    }
    const start = lowerBound(this.#keys, prefix)
    let end = start
    while (end < this.#keys.length && this.#keys[end]?.startsWith(prefix)) end += 1
    return this.#keys.slice(start, end)
  }

  #settle(): void {
    if (this.#late.length === 0) return
    const late = this.#late
    this.#late = []
    if (late.length > FEW) {
      this.#keys = [...this.#keys, ...late].sort(compareText)
      this.#isLent = false
      return
    }
    const keys = this.#own()
    for (const key of late) keys.splice(lowerBound(keys, key), 0, key)
  }

  #own(): string[] {
    if (this.#isLent) this.#keys = [...this.#keys]
    this.#isLent = false
    return this.#keys
  }
}

/** So many are put in one by one; of more, all are sorted anew. */
const FEW = 32

function lowerBound(sorted: readonly string[], text: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareText(sorted[middle] ?? '', text) < 0) low = middle + 1
    else high = middle
  }
  return low
}
