import type { MetricDefinition, Metrics } from '../base/index.ts'
import type { KubeObject } from '../object/index.ts'

/** Flux's own histogram: how long each run of each object took. */
const RECONCILE_DURATION: MetricDefinition = {
  name: 'gotk_reconcile_duration_seconds',
  help: 'The duration in seconds of a GitOps Toolkit resource reconciliation.',
  type: 'histogram',
  labels: ['kind', 'name', 'namespace'],
  buckets: exponential({ from: 0.01, to: 1800, count: 10 }),
}

/**
 * Counts a run of an object; of one that is being deleted nothing stays, so that those that come and
 * go do not fill the metrics.
 * @see fluxcd/pkg runtime/controller/metrics.go RecordDuration
 */
export function countRun(
  metrics: Metrics,
  { kind, metadata }: Pick<KubeObject, 'kind' | 'metadata'>,
  seconds: number,
): void {
  const { name = '', namespace = '', deletionTimestamp } = metadata
  const labels = { kind, name, namespace }
  if (deletionTimestamp === undefined) metrics.observe(RECONCILE_DURATION, labels, seconds)
  else metrics.remove(RECONCILE_DURATION, labels)
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
