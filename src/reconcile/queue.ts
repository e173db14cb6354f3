import { type Clock, isFault, type Log, type Metrics, messageOf } from '../base/index.ts'
import { QueueMetrics, type RunResult } from './queue-metrics.ts'
import { type Slot, Slots } from './slots.ts'

/** What a run answers: nothing more to do until the next event, or again after a while. */
export interface Outcome {
  /** Milliseconds until the key is due again. Absent: only an event wakes it. */
  readonly afterMs?: number
}

/** One run of one key. */
export interface Turn {
  /** Ends when the queue ends. */
  readonly signal: AbortSignal
  /** Aborted, with the cause as its reason, as soon as the key is enqueued again during this run. */
  readonly preempt: AbortSignal
  /** What enqueued the key (`GitRepository/ns/name`); undefined for an appointment or a retry. */
  readonly cause: string | undefined
  /** Waits without holding a worker; the turn takes one again before this resolves or rejects. */
  parked<T>(wait: () => Promise<T>): Promise<T>
}

/** Works on one key. A rejection is retried with exponential backoff. */
export type Work = (key: string, turn: Turn) => Promise<Outcome | undefined>

/** How a queue behaves. */
export interface QueueOptions {
  /** Label `name` and `controller` of the metrics, lower case: `kustomization`. */
  readonly name: string
  readonly concurrency: number
  /** First delay after an unexpected error; 750 ms unless given. */
  readonly minRetryMs?: number
  /** Longest delay after unexpected errors; 15 minutes unless given. */
  readonly maxRetryMs?: number
  /** Keys that are this process's to work on; all of them unless given. */
  readonly admits?: (key: string) => boolean
}

/** What a queue needs. */
export interface QueueDeps {
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

interface Entry {
  /** Waiting for a worker, working, or both: enqueued again while it works. */
  queued: boolean
  running: boolean
  cause: string | undefined
  failures: number
  preempt: AbortController | undefined
  run: Promise<void> | undefined
  appointment: { readonly at: number; readonly cancel: () => void } | undefined
}

/**
 * A queue of keys. A key never runs twice at the same moment; enqueued during its run, it runs once
 * more right after. At most `concurrency` runs hold a worker; a parked run holds none, and that of a
 * slow one is lent to others. Keys are served in the order in which they were enqueued, but for the
 * sake of namespaces that have few runs under way; runs that come back from parking come first.
 */
export class WorkQueue {
  readonly #deps: QueueDeps
  readonly #options: Required<QueueOptions>
  readonly #entries = new Map<string, Entry>()
  readonly #metrics: QueueMetrics
  readonly #slots: Slots
  readonly #returning: (() => void)[] = []
  readonly #runs = new Set<Promise<void>>()
  #work: Work | undefined
  #signal: AbortSignal | undefined

  constructor(deps: QueueDeps, options: QueueOptions) {
    this.#deps = deps
    this.#options = { minRetryMs: 750, maxRetryMs: 900_000, admits: () => true, ...options }
    this.#metrics = new QueueMetrics(deps, options.name)
    this.#slots = new Slots(deps.clock, options.concurrency, () => this.#dispatch())
  }

  /**
   * Makes a key due now. During its run it is marked to run again, and the run learns of it. A key
   * that is not admitted is somebody else's business.
   */
  add(key: string, cause?: string): void {
    if (!this.#options.admits(key)) return
    const entry = this.#entry(key)
    this.#cancelAppointment(entry)
    if (entry.running) entry.preempt?.abort(cause ?? key)
    if (entry.queued) return
    entry.queued = true
    entry.cause = cause
    this.#metrics.added()
    if (entry.running) return
    this.#slots.order.push(key, this.#deps.clock.now())
    this.#dispatch()
  }

  /** Makes a key due after `ms`; of two appointments the earlier one is kept. */
  addAfter(key: string, ms: number, cause?: string): void {
    if (!this.#options.admits(key)) return
    const entry = this.#entry(key)
    const at = this.#deps.clock.now() + ms
    if (entry.queued || (entry.appointment !== undefined && entry.appointment.at <= at)) return
    this.#cancelAppointment(entry)
    const cancel = this.#deps.clock.after(ms, () => {
      entry.appointment = undefined
      this.add(key, cause)
    })
    entry.appointment = { at, cancel }
  }

  /** Takes back what is planned for a key that is gone; a run of it is not interrupted. */
  forget(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#cancelAppointment(entry)
    entry.failures = 0
    if (!entry.running && !entry.queued) this.#entries.delete(key)
  }

  /**
   * Takes every key back that is no longer admitted; resolves when no run of one is left. A run that
   * waits for health is told to end.
   */
  async release(): Promise<void> {
    const ends: Promise<void>[] = []
    for (const [key, entry] of this.#entries) {
      if (this.#options.admits(key)) continue
      this.#cancelAppointment(entry)
      entry.failures = 0
      entry.queued = false
      entry.preempt?.abort('another replica')
      if (entry.run === undefined) this.#entries.delete(key)
      else ends.push(entry.run)
    }
    this.#slots.order.keep((key) => this.#options.admits(key))
    await Promise.all(ends)
  }

  /** Says whether the key is waiting for a worker or has one. */
  isBusy(key: string): boolean {
    const entry = this.#entries.get(key)
    return entry !== undefined && (entry.queued || entry.running)
  }

  /** When the key is due next, in milliseconds since the epoch; undefined without appointment. */
  dueAt(key: string): number | undefined {
    return this.#entries.get(key)?.appointment?.at
  }

  /** Works until the signal ends it, then waits for the runs that are under way. */
  async run(work: Work, signal: AbortSignal): Promise<void> {
    this.#work = work
    this.#signal = signal
    this.#metrics.workers(this.#options.concurrency)
    this.#dispatch()
    if (!signal.aborted)
      await new Promise<void>((resolve) =>
        signal.addEventListener('abort', () => resolve(), { once: true }),
      )
    for (const entry of this.#entries.values()) {
      this.#cancelAppointment(entry)
      entry.preempt?.abort(signal.reason)
    }
    for (const back of this.#returning.splice(0)) back()
    await Promise.all(this.#runs)
  }

  #entry(key: string): Entry {
    let entry = this.#entries.get(key)
    if (entry === undefined) {
      entry = {
        queued: false,
        running: false,
        cause: undefined,
        failures: 0,
        preempt: undefined,
        run: undefined,
        appointment: undefined,
      }
      this.#entries.set(key, entry)
    }
    return entry
  }

  #cancelAppointment(entry: Entry): void {
    entry.appointment?.cancel()
    entry.appointment = undefined
  }

  #dispatch(): void {
    while (this.#slots.isFree && this.#returning.length > 0) this.#returning.shift()?.()
    while (this.#slots.isFree && this.#work !== undefined && this.#signal?.aborted === false) {
      const next = this.#slots.order.take()
      if (next === undefined) break
      this.#metrics.began(next.key, next.sinceMs)
      const run = this.#start(next.key, this.#work, this.#signal)
      this.#entry(next.key).run = run
      this.#runs.add(run)
      void run.finally(() => this.#runs.delete(run))
    }
    this.#metrics.state(this.#slots.order.size, this.#slots.held)
  }

  async #start(key: string, work: Work, signal: AbortSignal): Promise<void> {
    const entry = this.#entry(key)
    const preempt = new AbortController()
    const slot = this.#slots.take(key)
    const turn: Turn = {
      signal,
      preempt: preempt.signal,
      cause: entry.cause,
      parked: (wait) => this.#park(slot, wait, signal),
    }
    this.#cancelAppointment(entry)
    Object.assign(entry, { queued: false, running: true, cause: undefined, preempt })
    let after: { readonly ms: number } | undefined
    let result: RunResult | undefined
    try {
      const outcome = await work(key, turn)
      entry.failures = 0
      if (outcome?.afterMs !== undefined) after = { ms: outcome.afterMs }
      result = after === undefined ? 'success' : 'requeue_after'
    } catch (error) {
      if (!signal.aborted) {
        after = { ms: this.#failed(key, entry, error) }
        result = 'error'
      }
    }
    entry.running = false
    entry.preempt = undefined
    entry.run = undefined
    this.#metrics.ended(key, result)
    this.#slots.giveBack(slot)
    this.#finish(key, entry, after)
    this.#dispatch()
  }

  #finish(key: string, entry: Entry, after: { readonly ms: number } | undefined): void {
    if (this.#signal?.aborted) return
    if (!this.#options.admits(key)) this.#entries.delete(key)
    else if (entry.queued) this.#slots.order.push(key, this.#deps.clock.now())
    else if (after !== undefined) this.addAfter(key, after.ms)
    else if (entry.appointment === undefined && entry.failures === 0) this.#entries.delete(key)
  }

  #failed(key: string, entry: Entry, error: unknown): number {
    const { minRetryMs, maxRetryMs } = this.#options
    const ms = Math.min(maxRetryMs, minRetryMs * 2 ** Math.min(entry.failures, 40))
    entry.failures += 1
    const bug = !isFault(error) && error instanceof Error ? { stacktrace: error.stack } : {}
    const [namespace, name] = key.split('/')
    const what = name === undefined ? { key } : { namespace, name }
    this.#deps.log.error('Reconciler error', { ...what, error: messageOf(error), ...bug })
    return ms
  }

  async #park<T>(slot: Slot, wait: () => Promise<T>, signal: AbortSignal): Promise<T> {
    this.#slots.giveBack(slot)
    this.#dispatch()
    try {
      return await wait()
    } finally {
      if (signal.aborted) this.#slots.takeAgain(slot)
      else
        await new Promise<void>((resolve) => {
          this.#returning.push(() => {
            this.#slots.takeAgain(slot)
            resolve()
          })
          this.#dispatch()
        })
    }
  }
}
