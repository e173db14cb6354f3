import { type Clock, sleepOn, type VirtualClock } from '../../src/base/index.ts'
import type { Transport } from '../../src/object/index.ts'

/** A machine on which a replica runs: it can be frozen, and cut off. */
export interface Machine {
  readonly clock: Clock
  readonly transport: Transport
  freeze(): void
  thaw(): void
  cutOff(cut: boolean): void
}

/** Puts a machine into a world with an API server. */
export function machine(world: VirtualClock, api: Transport): Machine {
  let frozen = false
  let cut = false
  let missed: (() => void)[] = []
  const whenRunning = (fn: () => void): void => {
    if (frozen) missed.push(fn)
    else fn()
  }
  const clock: Clock = {
    now: () => world.now(),
    after: (ms, fn) => world.after(ms, () => whenRunning(fn)),
    sleep: (ms, signal) => sleepOn(clock, ms, signal),
  }
  return {
    clock,
    transport: {
      request: async (request) => {
        if (frozen) await new Promise<void>((resolve) => missed.push(resolve))
        if (cut && !request.path.includes('watch=true'))
          return new Promise((_, reject) =>
            request.signal?.addEventListener('abort', () => reject(request.signal?.reason)),
          )
        return api.request(request)
      },
    },
    freeze: () => {
      frozen = true
    },
    thaw: () => {
      frozen = false
      const due = missed
      missed = []
      for (const fn of due) fn()
    },
    cutOff: (state) => {
      cut = state
    },
  }
}
