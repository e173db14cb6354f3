import type { Clock } from '../base/index.ts'
import { FairOrder } from './fair-order.ts'

/**
 * Who holds a slot for so long is waiting for somebody (a server that hangs): it is lent to others
 * meanwhile.
 */
const SLOW_MS = 10_000
/** Slots that are lent beside the regular ones, as a multiple of those. */
const LENT_FACTOR = 32
/** Most slots of one namespace, lent ones included, as a multiple of the regular ones. */
const NAMESPACE_FACTOR = 2

/** The hold of a key on a slot. */
export interface Slot {
  readonly key: string
  isLent: boolean
  stopLending: () => void
}

/** A number of slots, shared fairly by the namespaces of those that wait for one. */
export class Slots {
  /** The keys that wait. */
  readonly order: FairOrder
  readonly #clock: Clock
  readonly #count: number
  readonly #onFree: () => void
  #free: number
  #lent = 0

  /** `onFree` is called when a slot has become free by being lent. */
  constructor(clock: Clock, count: number, onFree: () => void) {
    this.order = new FairOrder(count * NAMESPACE_FACTOR)
    this.#clock = clock
    this.#count = count
    this.#free = count
    this.#onFree = onFree
  }

  get isFree(): boolean {
    return this.#free > 0
  }

  /** How many slots are held, lent ones included. */
  get held(): number {
    return this.#count - this.#free + this.#lent
  }

  /** Takes a slot for a key. */
  take(key: string): Slot {
    const slot: Slot = { key, isLent: false, stopLending: () => undefined }
    this.takeAgain(slot)
    return slot
  }

  /** Takes a slot that was given back. */
  takeAgain(slot: Slot): void {
    this.#free -= 1
    this.order.hold(slot.key)
    slot.stopLending = this.#clock.after(SLOW_MS, () => {
      if (this.#lent >= this.#count * LENT_FACTOR) return
      slot.isLent = true
      this.#lent += 1
      this.#free += 1
      this.#onFree()
    })
  }

  giveBack(slot: Slot): void {
    slot.stopLending()
    this.order.release(slot.key)
    if (slot.isLent) this.#lent -= 1
    else this.#free += 1
    slot.isLent = false
  }
}
