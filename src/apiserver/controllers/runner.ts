import { messageOf } from '../../base/index.ts'
import type { Core } from '../core.ts'
import { StatusFault } from '../status.ts'
import type { Store } from '../store/store.ts'
import type { Controller } from './hands.ts'

/** Keys looked at before other work gets its turn. */
const BATCH_MAX = 200
const RETRY_FIRST_MS = 100
const RETRY_MAX_MS = 30_000

interface Lane {
  readonly controller: Controller
  readonly due: Set<string>
  readonly timers: Map<string, () => void>
  readonly failures: Map<string, number>
}

/** Runs controllers on the changes of the store; the returned function ends them. */
export function runControllers(core: Core, controllers: readonly Controller[]): () => void {
  const lanes = controllers.map(
    (controller): Lane => ({
      controller,
      due: new Set(),
      timers: new Map(),
      failures: new Map(),
    }),
  )
  let scheduled = false
  let stopped = false
  const wake = (): void => {
    if (scheduled || stopped) return
    scheduled = true
    queueMicrotask(drain)
  }
  const drain = (): void => {
    scheduled = false
    if (stopped) return
    let left = BATCH_MAX
    for (let busy = true; busy && left > 0; ) {
      busy = false
      for (const lane of lanes)
        if (left > 0 && step(core, lane, wake)) {
          busy = true
          left -= 1
        }
    }
    if (!lanes.some((lane) => lane.due.size > 0)) return
    // A long queue must not keep requests waiting.
    scheduled = true
    setImmediate(drain)
  }
  const unsubscribe = core.store.subscribeAll((event) => {
    for (const lane of lanes) {
      const keys = lane.controller.concerns(event)
      for (const key of keys) lane.due.add(key)
      if (keys.length > 0) wake()
    }
  })
  wakeForAll(core.store, lanes)
  wake()
  return () => {
    stopped = true
    unsubscribe()
    for (const lane of lanes) for (const cancel of lane.timers.values()) cancel()
  }
}

/** What is there from before may be work that was cut short. */
function wakeForAll(store: Store, lanes: readonly Lane[]): void {
  for (const table of store.tables())
    for (const key of store.keys(table)) {
      const object = store.get(table, key)
      if (object === undefined) continue
      const event = { type: 'ADDED', table, key, object, revision: store.revision } as const
      for (const lane of lanes) for (const due of lane.controller.concerns(event)) lane.due.add(due)
    }
}

/** Looks at the next key of a lane; false when none is due. */
function step(core: Core, lane: Lane, wake: () => void): boolean {
  const [key] = lane.due
  if (key === undefined) return false
  lane.due.delete(key)
  const again = attempt(core, lane, key)
  if (again === undefined) return true
  lane.timers.get(key)?.()
  lane.timers.set(
    key,
    core.clock.after(again, () => {
      lane.timers.delete(key)
      lane.due.add(key)
      wake()
    }),
  )
  return true
}

function attempt(core: Core, lane: Lane, key: string): number | undefined {
  try {
    const again = lane.controller.sync(key)
    lane.failures.delete(key)
    return again
  } catch (error) {
    const failures = (lane.failures.get(key) ?? 0) + 1
    lane.failures.set(key, failures)
    const fields = { controller: lane.controller.name, key, error: messageOf(error) }
    if (error instanceof StatusFault) core.log.debug('controller will try again', fields)
    else core.log.error('controller failed', fields)
    return Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** failures)
  }
}
