import { messageOf } from '../../base/index.ts'
import { converting, type Soon, Unconverted } from '../convert/convert.ts'
import type { Core } from '../core.ts'
import { StatusFault } from '../status.ts'
import type { Store, StoreEvent } from '../store/store.ts'
import { AskedWebhooks } from './asked-pods.ts'
import type { Controller } from './hands.ts'

/** Keys looked at before other work gets its turn, and for how long. */
const BATCH_MAX = 200
const SLICE_MS = 4
/** More writes of others within such a time mean that controllers wait for a pause, and how long one is. */
const CALM_MAX = 6
const WINDOW_MS = 50
const PAUSE_MS = 4
/** How long others may keep controllers waiting for a turn. */
const PATIENCE_MS = 100
const RETRY_FIRST_MS = 5
/** What asks to be looked at again so soon, again and again, waits longer each time, up to a second. */
const SOON_MS = 5
const SOON_MAX_MS = 1000
/** Looks at one key within a window, after which it has to wait: it does not come to rest by itself. */
const LOOKS_MAX = 10_000
const LOOKS_WINDOW_MS = 1000
const RETRY_MAX_MS = 30_000

interface Lane {
  readonly controller: Controller
  readonly due: Set<string>
  readonly timers: Map<string, () => void>
  readonly failures: Map<string, number>
  /** How often in a row keys asked to be looked at again at once. */
  readonly hurried: Map<string, number>
  /** How often keys were looked at since a moment. */
  readonly looks: { since: number; counts: Map<string, number> }
}

/**
 * Runs controllers on the changes of the store; the returned function ends them. What others ask for
 * goes first: a change is only noted when it happens, and while they write a lot controllers wait for
 * a pause, by which many changes of an object have become one look at it. `prompt` ones do not wait:
 * without them nobody gets on.
 */
export function runControllers(
  core: Core,
  controllers: readonly Controller[],
  options: { readonly prompt?: boolean } = {},
): () => void {
  const runner = new Runner(core, controllers, options.prompt ?? false)
  const unsubscribe = core.store.subscribeAll((event) => runner.note(event))
  noteAll(core.store, runner)
  return () => {
    unsubscribe()
    runner.stop()
  }
}

/** What is there from before may be work that was cut short. */
function noteAll(store: Store, runner: Runner): void {
  for (const table of store.tables())
    for (const key of store.keys(table)) {
      const object = store.get(table, key)
      if (object === undefined) continue
      runner.note({ type: 'ADDED', table, key, object, revision: store.revision })
    }
}

class Runner {
  readonly #core: Core
  readonly #isPrompt: boolean
  readonly #lanes: readonly Lane[]
  /** Lanes by the tables that concern them; those of all tables are in `#any`. */
  readonly #byTable = new Map<string, readonly Lane[]>()
  readonly #any: readonly Lane[]
  #news: StoreEvent[] = []
  /** Writes of others so far, and how many of them in the window of now and in the one before. */
  #foreign = 0
  #window = { since: 0, count: 0, before: 0 }
  /** How many writes of others there were when a pause began. */
  #seen = 0
  #isWorking = false
  #isWoken = false
  #isStopped = false
  #waitingSince = 0
  #cancelPause: () => void = () => undefined

  constructor(core: Core, controllers: readonly Controller[], isPrompt: boolean) {
    this.#core = core
    this.#isPrompt = isPrompt
    this.#lanes = controllers.map((controller) => ({
      controller,
      due: new Set(),
      timers: new Map(),
      failures: new Map(),
      hurried: new Map(),
      looks: { since: 0, counts: new Map() },
    }))
    this.#any = this.#lanes.filter(({ controller }) => controller.tables === undefined)
    for (const table of new Set(controllers.flatMap(({ tables }) => tables ?? [])))
      this.#byTable.set(
        table,
        this.#lanes.filter(({ controller }) => controller.tables?.includes(table) ?? true),
      )
  }

  /** Takes in a change. */
  note(event: StoreEvent): void {
    if (!this.#isWorking) this.#count()
    this.#news.push(event)
    this.#wake()
  }

  #count(): void {
    this.#foreign += 1
    const now = this.#core.clock.now()
    const { since, count } = this.#window
    if (now - since > WINDOW_MS)
      this.#window = { since: now, count: 1, before: now - since > 2 * WINDOW_MS ? 0 : count }
    else this.#window.count += 1
  }

  /** Whether others write a lot. Where time stands still nobody is kept waiting. */
  #isBusy(): boolean {
    if (this.#isPrompt) return false
    const { since, count, before } = this.#window
    const passed = this.#core.clock.now() - since
    return passed > 0 && passed <= 2 * WINDOW_MS && Math.max(count, before) > CALM_MAX
  }

  stop(): void {
    this.#isStopped = true
    this.#cancelPause()
    for (const lane of this.#lanes) for (const cancel of lane.timers.values()) cancel()
  }

  #wake(): void {
    if (this.#isWoken || this.#isStopped || this.#isWorking) return
    this.#isWoken = true
    this.#waitingSince = this.#core.clock.now()
    queueMicrotask(() => this.#turn())
  }

  /** Works for a while, unless others are at it. */
  #turn(): void {
    if (this.#isStopped) return
    const hasPatience = this.#core.clock.now() - this.#waitingSince < PATIENCE_MS
    if (this.#foreign !== this.#seen && hasPatience && this.#isBusy()) {
      this.#seen = this.#foreign
      this.#cancelPause = this.#core.clock.after(PAUSE_MS, () => this.#turn())
      return
    }
    this.#work()
    this.#waitingSince = this.#core.clock.now()
    this.#isWoken = !this.#isIdle()
    if (this.#isWoken) setImmediate(() => this.#turn())
  }

  #isIdle(): boolean {
    return this.#news.length === 0 && this.#lanes.every(({ due }) => due.size === 0)
  }

  #work(): void {
    const end = this.#core.clock.now() + SLICE_MS
    this.#isWorking = true
    let left = BATCH_MAX
    for (let busy = true; busy && left > 0; ) {
      this.#read()
      busy = false
      for (const lane of this.#lanes) {
        if (left <= 0 || !this.#step(lane)) continue
        busy = true
        left = !this.#isPrompt && this.#core.clock.now() >= end ? 0 : left - 1
      }
    }
    this.#isWorking = false
  }

  /** Finds out whom the changes since the last time concern. */
  #read(): void {
    const news = this.#news
    if (news.length === 0) return
    this.#news = []
    for (const event of news)
      for (const lane of this.#lanesOf(event.table))
        for (const key of this.#concerns(lane, event)) lane.due.add(key)
  }

  /** A bug of one controller is not the end of all. */
  #concerns({ controller }: Lane, event: StoreEvent): readonly string[] {
    try {
      return controller.concerns(event)
    } catch (error) {
      const fields = { controller: controller.name, key: event.key, error: messageOf(error) }
      this.#core.log.error('controller failed', fields)
      return []
    }
  }

  #lanesOf(table: string): readonly Lane[] {
    return this.#byTable.get(table) ?? this.#any
  }

  /** Looks at the next key of a lane; false when none is due. */
  #step(lane: Lane): boolean {
    const [key] = lane.due
    if (key === undefined) return false
    lane.due.delete(key)
    if (this.#isRestless(lane, key)) {
      this.#later(lane, key, LOOKS_WINDOW_MS)
      return true
    }
    const again = attempt(this.#core, lane, key)
    // Nobody waits for one that asks a webhook.
    if (again instanceof Promise) void again.then((ms) => this.#looked(lane, key, ms))
    else this.#looked(lane, key, again)
    return true
  }

  /** A key was looked at, and is to be looked at again, or is not. */
  #looked(lane: Lane, key: string, again: number | undefined): void {
    if (again === undefined) lane.hurried.delete(key)
    else this.#later(lane, key, unhurried(lane, key, again))
  }

  #later(lane: Lane, key: string, ms: number): void {
    if (this.#isStopped) return
    lane.timers.get(key)?.()
    const cancel = this.#core.clock.after(ms, () => {
      lane.timers.delete(key)
      lane.due.add(key)
      this.#wake()
    })
    lane.timers.set(key, cancel)
  }

  /** Whether a key was looked at so often that its controller is at odds with itself or another one. */
  #isRestless({ controller, looks }: Lane, key: string): boolean {
    const now = this.#core.clock.now()
    if (now - looks.since > LOOKS_WINDOW_MS) {
      looks.since = now
      looks.counts.clear()
    }
    const count = (looks.counts.get(key) ?? 0) + 1
    looks.counts.set(key, count)
    if (count === LOOKS_MAX)
      this.#core.log.error('controller does not come to rest', { controller: controller.name, key })
    return count >= LOOKS_MAX
  }
}

/** When to look again at what may ask for that at once, for ever. */
function unhurried(lane: Lane, key: string, again: number): number {
  if (again > SOON_MS) {
    lane.hurried.delete(key)
    return again
  }
  const times = lane.hurried.get(key) ?? 0
  lane.hurried.set(key, times + 1)
  return Math.max(again, Math.min(SOON_MAX_MS, 2 ** times))
}

/**
 * Looks at a key; answers when to look again. Where an object is needed in a version that a webhook gives,
 * it is asked, and the key looked at from the beginning with what it gave; likewise where webhooks are
 * asked about a pod.
 */
function attempt(core: Core, lane: Lane, key: string): Soon<number | undefined> {
  try {
    return passed(lane.controller.sync(key))
  } catch (error) {
    if (error instanceof AskedWebhooks) return error.answered.then(() => 0)
    if (!(error instanceof Unconverted)) return failed(error)
    return Promise.resolve(converting(core, [], () => lane.controller.sync(key))).then(
      passed,
      failed,
    )
  }

  function passed(again: number | undefined): number | undefined {
    lane.failures.delete(key)
    return again
  }

  function failed(error: unknown): number {
    const failures = lane.failures.get(key) ?? 0
    lane.failures.set(key, failures + 1)
    const fields = { controller: lane.controller.name, key, error: messageOf(error) }
    if (error instanceof StatusFault) core.log.debug('controller will try again', fields)
    else core.log.error('controller failed', fields)
    return Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** failures)
  }
}
