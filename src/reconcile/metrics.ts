import type { MetricDefinition } from '../base/index.ts'

/** Flux's own histogram: how long each run of each object took. */
export const RECONCILE_DURATION: MetricDefinition = {
  name: 'gotk_reconcile_duration_seconds',
  help: 'The duration in seconds of a GitOps Toolkit resource reconciliation.',
  type: 'histogram',
  labels: ['kind', 'name', 'namespace'],
  buckets: exponential({ from: 0.01, to: 1800, count: 10 }),
}

/** Prometheus' ExponentialBucketsRange. */
function exponential(range: {
  readonly from: number
  readonly to: number
  readonly count: number
}): readonly number[] {
  const growth = (range.to / range.from) ** (1 / (range.count - 1))
  return Array.from({ length: range.count }, (_, i) => range.from * growth ** i)
}
