/**
 * What was worked out lately, by the value that it was worked out from, in two halves: when the younger
 * one is full it becomes the older, and what was in that is gone. Values are never changed here, so what
 * is known of one stays true.
 */
export class Recent<K, V> {
  #young = new Map<K, V>()
  #old = new Map<K, V>()
  #weight = 0
  readonly #weightMax: number

  /** `weightMax`: of each half, in what `set` is told. */
  constructor(weightMax: number) {
    this.#weightMax = weightMax
  }

  get(key: K): V | undefined {
    return this.#young.get(key) ?? this.#old.get(key)
  }

  set(key: K, value: V, weight = 1): void {
    if (this.#weight + weight > this.#weightMax) {
      this.#old = this.#young
      this.#young = new Map()
      this.#weight = 0
    }
    this.#young.set(key, value)
    this.#weight += weight
  }
}
