import { type Clock, sleepOn } from './clock.ts'

interface Appointment {
  readonly at: number
  readonly order: number
  readonly fn: () => void
}

/**
 * A clock that stands still until it is told to move: for tests and simulation. Appointments due at
 * the same moment are kept in the order in which they were made.
 */
export class VirtualClock implements Clock {
  #now: number
  #order = 0
  #appointments: Appointment[] = []

  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.#now = startMs
  }

  now(): number {
    return this.#now
  }

  after(ms: number, fn: () => void): () => void {
    this.#order += 1
    const appointment = { at: this.#now + Math.max(0, ms), order: this.#order, fn }
    this.#appointments.push(appointment)
    return () => {
      this.#appointments = this.#appointments.filter((other) => other !== appointment)
    }
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal)
  }

  /** How long until the next appointment; undefined when there is none. */
  untilNext(): number | undefined {
    const next = this.#next()
    return next === undefined ? undefined : next.at - this.#now
  }

  /**
   * Moves time on by `ms`, keeping every appointment on the way, and lets promises that became
   * resolvable run between them.
   */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settle()
    for (let next = this.#next(); next !== undefined && next.at <= end; next = this.#next()) {
      this.#now = next.at
      this.#appointments = this.#appointments.filter((other) => other !== next)
      next.fn()
      await settle()
    }
    this.#now = end
    await settle()
  }

  #next(): Appointment | undefined {
    let best: Appointment | undefined
    for (const each of this.#appointments) {
      if (
        best === undefined ||
        each.at < best.at ||
        (each.at === best.at && each.order < best.order)
      )
        best = each
    }
    return best
  }
}

/** Lets everything that is ready to run do so: microtasks, then one turn of the event loop. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
