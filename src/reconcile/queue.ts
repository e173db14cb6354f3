import {
  type Clock,
  isFault,
  type Log,
  type MetricDefinition,
  type Metrics,
  messageOf,
} from '../base/index.ts'

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

const RECONCILES: MetricDefinition = {
  name: 'controller_runtime_reconcile_total',
  help: 'Total number of reconciliations per controller',
  type: 'counter',
  labels: ['controller', 'result'],
}
const ERRORS: MetricDefinition = {
  name: 'controller_runtime_reconcile_errors_total',
  help: 'Total number of reconciliation errors per controller',
  type: 'counter',
  labels: ['controller'],
}
const SECONDS: MetricDefinition = {
  name: 'controller_runtime_reconcile_time_seconds',
  help: 'Length of time per reconciliation per controller',
  type: 'histogram',
  labels: ['controller'],
  buckets: [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9,
    1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
  ],
}
const ACTIVE: MetricDefinition = {
  name: 'controller_runtime_active_workers',
  help: 'Number of currently used workers per controller',
  type: 'gauge',
  labels: ['controller'],
}
const DEPTH: MetricDefinition = {
  name: 'workqueue_depth',
  help: 'Current depth of workqueue by workqueue',
  type: 'gauge',
  labels: ['name'],
}
const ADDS: MetricDefinition = {
  name: 'workqueue_adds_total',
  help: 'Total number of adds handled by workqueue',
  type: 'counter',
  labels: ['name'],
}
const RETRIES: MetricDefinition = {
  name: 'workqueue_retries_total',
  help: 'Total number of retries handled by workqueue',
  type: 'counter',
  labels: ['name'],
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
 * more right after. At most `concurrency` runs hold a worker; a parked run holds none. Keys are
 * served in the order in which they were enqueued, runs that come back from parking first.
 */
export class WorkQueue {
  readonly #deps: QueueDeps
  readonly #options: Required<QueueOptions>
  readonly #entries = new Map<string, Entry>()
  readonly #waiting: string[] = []
  readonly #returning: (() => void)[] = []
  readonly #runs = new Set<Promise<void>>()
  #free: number
  #work: Work | undefined
  #signal: AbortSignal | undefined

  constructor(deps: QueueDeps, options: QueueOptions) {
    this.#deps = deps
    this.#options = { minRetryMs: 750, maxRetryMs: 900_000, admits: () => true, ...options }
    this.#free = options.concurrency
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
    this.#deps.metrics.add(ADDS, { name: this.#options.name })
    if (entry.running) return
    this.#waiting.push(key)
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
    const kept = this.#waiting.filter((key) => this.#options.admits(key))
    this.#waiting.splice(0, Number.POSITIVE_INFINITY, ...kept)
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
    const { metrics } = this.#deps
    while (this.#free > 0 && this.#returning.length > 0) {
      this.#free -= 1
      this.#returning.shift()?.()
    }
    while (
      this.#free > 0 &&
      this.#work !== undefined &&
      this.#signal?.aborted === false &&
      this.#waiting.length > 0
    ) {
      const key = this.#waiting.shift()
      if (key === undefined) break
      this.#free -= 1
      const run = this.#start(key, this.#work, this.#signal)
      this.#entry(key).run = run
      this.#runs.add(run)
      void run.finally(() => this.#runs.delete(run))
    }
    metrics.set(DEPTH, { name: this.#options.name }, this.#waiting.length)
    metrics.set(ACTIVE, { controller: this.#options.name }, this.#options.concurrency - this.#free)
  }

  async #start(key: string, work: Work, signal: AbortSignal): Promise<void> {
    const entry = this.#entry(key)
    const preempt = new AbortController()
    const turn: Turn = {
      signal,
      preempt: preempt.signal,
      cause: entry.cause,
      parked: (wait) => this.#park(wait, signal),
    }
    this.#cancelAppointment(entry)
    Object.assign(entry, { queued: false, running: true, cause: undefined, preempt })
    const started = this.#deps.clock.now()
    let after: { readonly ms: number } | undefined
    try {
      const outcome = await work(key, turn)
      entry.failures = 0
      if (outcome?.afterMs !== undefined) after = { ms: outcome.afterMs }
      this.#count(started, after === undefined ? 'success' : 'requeue_after')
    } catch (error) {
      if (!signal.aborted) after = { ms: this.#failed(key, entry, error, started) }
    }
    entry.running = false
    entry.preempt = undefined
    entry.run = undefined
    this.#free += 1
    this.#finish(key, entry, after)
    this.#dispatch()
  }

  #finish(key: string, entry: Entry, after: { readonly ms: number } | undefined): void {
    if (this.#signal?.aborted) return
    if (!this.#options.admits(key)) this.#entries.delete(key)
    else if (entry.queued) this.#waiting.push(key)
    else if (after !== undefined) this.addAfter(key, after.ms)
    else if (entry.appointment === undefined && entry.failures === 0) this.#entries.delete(key)
  }

  #failed(key: string, entry: Entry, error: unknown, started: number): number {
    const { minRetryMs, maxRetryMs, name } = this.#options
    const ms = Math.min(maxRetryMs, minRetryMs * 2 ** Math.min(entry.failures, 40))
    entry.failures += 1
    this.#count(started, 'error')
    this.#deps.metrics.add(ERRORS, { controller: name })
    this.#deps.metrics.add(RETRIES, { name })
    const bug = !isFault(error) && error instanceof Error ? { stacktrace: error.stack } : {}
    this.#deps.log.error('Reconciler error', { key, error: messageOf(error), ...bug })
    return ms
  }

  #count(started: number, result: string): void {
    const controller = this.#options.name
    const seconds = (this.#deps.clock.now() - started) / 1000
    this.#deps.metrics.add(RECONCILES, { controller, result })
    this.#deps.metrics.observe(SECONDS, { controller }, seconds)
  }

  async #park<T>(wait: () => Promise<T>, signal: AbortSignal): Promise<T> {
    this.#free += 1
    this.#dispatch()
    try {
      return await wait()
    } finally {
      if (signal.aborted) this.#free -= 1
      else
        await new Promise<void>((resolve) => {
          this.#returning.push(resolve)
          this.#dispatch()
        })
    }
  }
}
