interface Waiting {
  readonly key: string
  /** In which order keys came. */
  readonly serial: number
  readonly sinceMs: number
}

interface Lane {
  waiting: Waiting[]
  /** Runs of the namespace that are under way and not parked. */
  held: number
}

/**
 * Keys (`namespace/name`) that wait for a worker. The namespace with the fewest runs under way is
 * served first, and among equals the key that came first: who has much to do keeps nobody waiting
 * who has little.
 */
export class FairOrder {
  readonly #lanes = new Map<string, Lane>()
  readonly #heldMax: number
  #serial = 0
  #size = 0

  /** `heldMax`: most runs of one namespace at a time. */
  constructor(heldMax: number) {
    this.#heldMax = heldMax
  }

  /** How many keys wait. */
  get size(): number {
    return this.#size
  }

  push(key: string, nowMs: number): void {
    this.#serial += 1
    this.#size += 1
    this.#lane(key).waiting.push({ key, serial: this.#serial, sinceMs: nowMs })
  }

  /** The key that is to be served next, which waits no longer; undefined when none may be. */
  take(): { readonly key: string; readonly sinceMs: number } | undefined {
    let best: { readonly lane: Lane; readonly first: Waiting } | undefined
    for (const lane of this.#lanes.values()) {
      const first = lane.waiting[0]
      if (first === undefined || lane.held >= this.#heldMax) continue
      const isBetter =
        best === undefined ||
        lane.held < best.lane.held ||
        (lane.held === best.lane.held && first.serial < best.first.serial)
      if (isBetter) best = { lane, first }
    }
    best?.lane.waiting.shift()
    if (best !== undefined) this.#size -= 1
    return best?.first
  }

  /** Drops the keys that do not meet a claim. */
  keep(claim: (key: string) => boolean): void {
    this.#size = 0
    for (const lane of this.#lanes.values()) {
      lane.waiting = lane.waiting.filter(({ key }) => claim(key))
      this.#size += lane.waiting.length
    }
  }

  /** Notes that a run of the key holds a worker. */
  hold(key: string): void {
    this.#lane(key).held += 1
  }

  /** Notes that a run of the key holds none any more. */
  release(key: string): void {
    const lane = this.#lane(key)
    lane.held -= 1
    if (lane.held === 0 && lane.waiting.length === 0) this.#lanes.delete(namespaceOf(key))
  }

  #lane(key: string): Lane {
    const namespace = namespaceOf(key)
    const known = this.#lanes.get(namespace)
    if (known !== undefined) return known
    const made: Lane = { waiting: [], held: 0 }
    this.#lanes.set(namespace, made)
    return made
  }
}

function namespaceOf(key: string): string {
  return key.slice(0, Math.max(0, key.indexOf('/')))
}
