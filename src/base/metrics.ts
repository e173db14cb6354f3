/** What a metric is: its name and help text, the names of its labels, and for histograms its buckets. */
export interface MetricDefinition {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** In the order in which they are printed. */
  readonly labels: readonly string[]
  /** Upper bounds in rising order, without +Inf. Histograms only. */
  readonly buckets?: readonly number[]
}

/** Values of a metric's labels, by name. A label that is left out is printed as empty. */
export type MetricLabels = Readonly<Record<string, string>>

/** Measurements, as the rooms take them. Seconds and bytes, as Prometheus has it. */
export interface Metrics {
  /** Counts up. */
  add(metric: MetricDefinition, labels: MetricLabels, by?: number): void
  /** Sets a gauge. */
  set(metric: MetricDefinition, labels: MetricLabels, value: number): void
  /** Puts a value into a histogram. */
  observe(metric: MetricDefinition, labels: MetricLabels, value: number): void
  /** Forgets the series with exactly these labels: what they measured is gone. */
  remove(metric: MetricDefinition, labels: MetricLabels): void
}

/** Metrics that nobody reads. */
export const noMetrics: Metrics = {
  add: () => undefined,
  set: () => undefined,
  observe: () => undefined,
  remove: () => undefined,
}
