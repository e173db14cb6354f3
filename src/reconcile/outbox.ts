import type { Clock } from '../base/index.ts'

/** What an outbox is told of its bounds. */
export interface OutboxOptions {
  /** Letters under way and waiting, beyond which further ones are dropped. */
  readonly most: number
  readonly parallel: number
  readonly onDrop: () => void
}

/** Letters that are sent behind the back of whoever wrote them. */
export interface Outbox {
  /** Sends a letter after those of the same lane; `send` must not reject. */
  put(lane: string, send: () => Promise<void>): void
  /** Resolves when all that was put is sent, or after `ms`. */
  flush(clock: Clock, ms: number): Promise<void>
}

/** A bounded outbox: lanes keep their order, and are served in the order of their first letters. */
export function createOutbox({ most, parallel, onDrop }: OutboxOptions): Outbox {
  const lanes = new Map<string, (() => Promise<void>)[]>()
  const ready: string[] = []
  const listeners: (() => void)[] = []
  let size = 0
  let busy = 0

  const next = (): void => {
    while (busy < parallel) {
      const lane = ready.shift()
      const send = lane === undefined ? undefined : lanes.get(lane)?.[0]
      if (lane === undefined || send === undefined) break
      busy += 1
      void send().finally(() => {
        busy -= 1
        size -= 1
        const rest = lanes.get(lane)
        rest?.shift()
        if (rest === undefined || rest.length === 0) lanes.delete(lane)
        else ready.push(lane)
        next()
      })
    }
    if (size === 0) for (const listener of listeners.splice(0)) listener()
  }
  return {
    put: (lane, send) => {
      if (size >= most) {
        onDrop()
        return
      }
      size += 1
      const letters = lanes.get(lane)
      if (letters !== undefined) {
        letters.push(send)
        return
      }
      lanes.set(lane, [send])
      ready.push(lane)
      next()
    },
    flush: (clock, ms) =>
      new Promise((resolve) => {
        const takeBack = clock.after(ms, resolve)
        listeners.push(() => {
          takeBack()
          resolve()
        })
        next()
      }),
  }
}
