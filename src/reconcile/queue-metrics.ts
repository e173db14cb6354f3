import type { Clock, MetricDefinition, Metrics } from '../base/index.ts'

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
const WORKERS: MetricDefinition = {
  name: 'controller_runtime_max_concurrent_reconciles',
  help: 'Maximum number of concurrent reconciles per controller',
  type: 'gauge',
  labels: ['controller'],
}
const QUEUE_LABELS = ['name', 'controller']
const DEPTH: MetricDefinition = {
  name: 'workqueue_depth',
  help: 'Current depth of workqueue by workqueue and priority',
  type: 'gauge',
  labels: ['name', 'controller', 'priority'],
}
const ADDS: MetricDefinition = {
  name: 'workqueue_adds_total',
  help: 'Total number of adds handled by workqueue',
  type: 'counter',
  labels: QUEUE_LABELS,
}
const RETRIES: MetricDefinition = {
  name: 'workqueue_retries_total',
  help: 'Total number of retries handled by workqueue',
  type: 'counter',
  labels: QUEUE_LABELS,
}
/** Ten nanoseconds to 1,000 seconds, as controller-runtime has them. */
const DECADES = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1000]
const QUEUED: MetricDefinition = {
  name: 'workqueue_queue_duration_seconds',
  help: 'How long in seconds an item stays in workqueue before being requested',
  type: 'histogram',
  labels: QUEUE_LABELS,
  buckets: DECADES,
}
const WORKED: MetricDefinition = {
  name: 'workqueue_work_duration_seconds',
  help: 'How long in seconds processing an item from workqueue takes.',
  type: 'histogram',
  labels: QUEUE_LABELS,
  buckets: DECADES,
}
const UNFINISHED: MetricDefinition = {
  name: 'workqueue_unfinished_work_seconds',
  help:
    'How many seconds of work has been done that is in progress and ' +
    "hasn't been observed by work_duration. Large values indicate stuck threads.",
  type: 'gauge',
  labels: QUEUE_LABELS,
}
const LONGEST: MetricDefinition = {
  name: 'workqueue_longest_running_processor_seconds',
  help: 'How many seconds has the longest running processor for workqueue been running.',
  type: 'gauge',
  labels: QUEUE_LABELS,
}

/** Counters of controller-runtime for what does not happen here, so that alerts on them have a series. */
const PANICS = counter('controller_runtime_reconcile_panics_total', 'reconciliation panics')
const TERMINAL = counter(
  'controller_runtime_terminal_reconcile_errors_total',
  'terminal reconciliation errors',
)
const TIMEOUTS = counter('controller_runtime_reconcile_timeouts_total', 'reconciliation timeouts')
const RESULTS = ['success', 'requeue_after', 'requeue', 'error'] as const

function counter(name: string, what: string): MetricDefinition {
  return {
    name,
    help: `Total number of ${what} per controller`,
    type: 'counter',
    labels: ['controller'],
  }
}

/** What is under way is summed up this often. */
const SUM_EVERY_MS = 5_000

/** How a run ended, in controller-runtime's words. */
export type RunResult = 'success' | 'requeue_after' | 'error'

/** Measures a queue, under the names of controller-runtime. */
export class QueueMetrics {
  readonly #metrics: Metrics
  readonly #clock: Clock
  readonly #queue: { readonly name: string; readonly controller: string }
  readonly #begun = new Map<string, number>()
  #isSumming = false

  constructor(deps: { readonly metrics: Metrics; readonly clock: Clock }, name: string) {
    this.#metrics = deps.metrics
    this.#clock = deps.clock
    this.#queue = { name, controller: name }
  }

  added(): void {
    this.#metrics.add(ADDS, this.#queue)
  }

  /** Once when the queue begins. */
  workers(count: number): void {
    this.#metrics.set(WORKERS, this.#queue, count)
    // A rate over what was never counted is nothing, not 0: all series are there from the start.
    const { controller } = this.#queue
    for (const result of RESULTS) this.#metrics.add(RECONCILES, { controller, result }, 0)
    for (const counter of [ERRORS, PANICS, TERMINAL, TIMEOUTS])
      this.#metrics.add(counter, this.#queue, 0)
    this.#metrics.add(RETRIES, this.#queue, 0)
  }

  state(waiting: number, active: number): void {
    this.#metrics.set(DEPTH, { ...this.#queue, priority: '0' }, waiting)
    this.#metrics.set(ACTIVE, this.#queue, active)
  }

  began(key: string, queuedMs: number): void {
    const now = this.#clock.now()
    this.#metrics.observe(QUEUED, this.#queue, (now - queuedMs) / 1000)
    this.#begun.set(key, now)
    if (!this.#isSumming) this.#sum()
  }

  ended(key: string, result: RunResult | undefined): void {
    const seconds = (this.#clock.now() - (this.#begun.get(key) ?? 0)) / 1000
    this.#begun.delete(key)
    this.#metrics.observe(WORKED, this.#queue, seconds)
    if (result === undefined) return
    const { controller } = this.#queue
    this.#metrics.add(RECONCILES, { controller, result })
    this.#metrics.observe(SECONDS, { controller }, seconds)
    if (result !== 'error') return
    this.#metrics.add(ERRORS, { controller })
    this.#metrics.add(RETRIES, this.#queue)
  }

  /** Sums up what is under way, as long as anything is. */
  #sum(): void {
    let all = 0
    let longest = 0
    for (const began of this.#begun.values()) {
      const seconds = (this.#clock.now() - began) / 1000
      all += seconds
      longest = Math.max(longest, seconds)
    }
    this.#metrics.set(UNFINISHED, this.#queue, all)
    this.#metrics.set(LONGEST, this.#queue, longest)
    this.#isSumming = this.#begun.size > 0
    if (this.#isSumming) this.#clock.after(SUM_EVERY_MS, () => this.#sum())
  }
}
