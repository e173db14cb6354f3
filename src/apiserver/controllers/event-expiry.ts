import type { Controller, Hands } from './hands.ts'

const EVENTS = 'events'
const TTL_MS = 60 * 60_000

/** Forgets Events an hour after their last change, as the real server's storage does. */
export function eventExpiry(hands: Hands): Controller {
  const changed = new Map<string, number>()
  return {
    name: 'event-expiry',
    tables: [EVENTS],
    concerns: (event) => {
      if (event.table !== EVENTS) return []
      if (event.type === 'DELETED') {
        changed.delete(event.key)
        return []
      }
      const isKnown = changed.has(event.key)
      changed.set(event.key, hands.core.clock.now())
      return isKnown ? [] : [event.key]
    },
    sync: (key) => {
      const since = changed.get(key)
      const object = hands.core.store.get(EVENTS, key)
      if (since === undefined || object === undefined) return undefined
      const left = since + TTL_MS - hands.core.clock.now()
      if (left > 0) return left
      hands.remove(hands.kind('', 'Event'), object)
      return undefined
    },
  }
}
