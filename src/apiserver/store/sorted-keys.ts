import { compareText } from '../../base/index.ts'

/**
 * The keys of a table in order. A list that was handed out stays as it is: the next change makes a
 * new one, so that whoever walks over it may write meanwhile.
 */
export class SortedKeys {
  #keys: string[] = []
  #isLent = false

  /** Adds a key that is not there yet. */
  add(key: string): void {
    const keys = this.#own()
    const last = keys.at(-1)
    if (last === undefined || compareText(last, key) < 0) keys.push(key)
    else keys.splice(lowerBound(keys, key), 0, key)
  }

  /** Takes out a key that is there. */
  delete(key: string): void {
    const keys = this.#own()
    keys.splice(lowerBound(keys, key), 1)
  }

  /** All keys, or those that begin with a text. */
  under(prefix: string): readonly string[] {
    if (prefix === '') {
      this.#isLent = true
      return this.#keys
    }
    const start = lowerBound(this.#keys, prefix)
    let end = start
    while (end < this.#keys.length && this.#keys[end]?.startsWith(prefix)) end += 1
    return this.#keys.slice(start, end)
  }

  #own(): string[] {
    if (this.#isLent) this.#keys = [...this.#keys]
    this.#isLent = false
    return this.#keys
  }
}

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
