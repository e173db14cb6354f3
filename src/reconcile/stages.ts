import type {
  Clock,
  MetricDefinition,
  Metrics,
  Trace,
  TracedRun,
  TraceStage,
} from '../base/index.ts'

/** What a run goes through. */
export type Stage = 'fetch' | 'store' | 'build' | 'apply' | 'prune' | 'health'

/** Watches how long each stage of a run takes. */
export interface Stages {
  /** The run is at this stage from now on. */
  to(stage: Stage): void
  /** The run has ended. */
  end(how: Omit<TracedRun, 'name' | 'fromMs' | 'toMs' | 'stages'>): void
}

/** How long the stages of runs take. */
const STAGE_SECONDS: MetricDefinition = {
  name: 'tidegate_stage_duration_seconds',
  help: 'How long each stage of a reconciliation took, in seconds.',
  type: 'histogram',
  labels: ['kind', 'stage'],
  buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
}

/** Begins to watch a run of an object of some kind. */
export function beginStages(
  deps: { readonly clock: Clock; readonly metrics: Metrics; readonly trace?: Trace },
  kind: string,
): Stages {
  const { clock, metrics, trace } = deps
  const fromMs = clock.now()
  const stages: TraceStage[] = []
  let current: { readonly name: Stage; readonly fromMs: number } | undefined
  const close = (): void => {
    if (current === undefined) return
    const toMs = clock.now()
    stages.push({ ...current, toMs })
    metrics.observe(STAGE_SECONDS, { kind, stage: current.name }, (toMs - current.fromMs) / 1000)
    current = undefined
  }
  return {
    to: (name) => {
      close()
      current = { name, fromMs: clock.now() }
    },
    end: (how) => {
      close()
      trace?.run({ ...how, name: `reconcile ${kind}`, fromMs, toMs: clock.now(), stages })
    },
  }
}
