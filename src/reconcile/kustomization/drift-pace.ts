import type { Clock } from '../../base/index.ts'

const WINDOW_MS = 60_000
const AT_ONCE_MAX = 3
const DELAY_MAX_MS = 60_000

/**
 * How soon drift is corrected: at once, but ever later when somebody undoes it again and again, so
 * that two controllers that disagree do not wear out the API server.
 */
export class DriftPace {
  readonly #clock: Clock
  readonly #corrections = new Map<string, number[]>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Milliseconds until the next correction for this owner, which is noted. */
  next(owner: string): number {
    const now = this.#clock.now()
    const recent = (this.#corrections.get(owner) ?? []).filter((at) => now - at < WINDOW_MS)
    const over = recent.length - AT_ONCE_MAX
    const delay = over < 0 ? 0 : Math.min(DELAY_MAX_MS, 1000 * 2 ** over)
    this.#corrections.set(owner, [...recent, now + delay].slice(-10))
    return delay
  }

  forget(owner: string): void {
    this.#corrections.delete(owner)
  }
}
