import type { Clock } from '../../base/index.ts'
import { Slots } from '../slots.ts'

/**
 * Lets a number of things happen at the same moment; the others wait for their turn. `key` is whose
 * it is (`namespace/name`): namespaces share the gate fairly.
 */
export type Gate = <T>(key: string, act: () => Promise<T>) => Promise<T>

/** Creates a gate for `max` at a time. */
export function createGate(max: number, clock: Clock): Gate {
  const waiting = new Map<string, () => void>()
  let tickets = 0
  const slots = new Slots(clock, max, () => next())
  const next = (): void => {
    while (slots.isFree) {
      const first = slots.order.take()
      if (first === undefined) return
      const enter = waiting.get(first.key)
      waiting.delete(first.key)
      enter?.()
    }
  }
  return async (key, act) => {
    tickets += 1
    const ticket = `${key}#${tickets}`
    const slot = await new Promise<ReturnType<typeof slots.take>>((resolve) => {
      waiting.set(ticket, () => resolve(slots.take(ticket)))
      slots.order.push(ticket, clock.now())
      next()
    })
    try {
      return await act()
    } finally {
      slots.giveBack(slot)
      next()
    }
  }
}
