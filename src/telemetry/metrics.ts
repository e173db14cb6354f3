import {
  compareText,
  invariant,
  type MetricDefinition,
  type MetricLabels,
  type Metrics,
} from '../base/index.ts'

/** Metrics that can be read. */
export interface MetricsRegistry extends Metrics {
  /** The Prometheus text format, version 0.0.4. */
  render(): string
  /** Asked before each rendering, for what is measured only when it is looked at. */
  collect(collector: (metrics: Metrics) => void): void
}

interface Series {
  readonly labels: readonly string[]
  value: number
  /** Histograms: how many values fell into each bucket, not counted up. */
  readonly buckets?: number[]
  count: number
}

interface Family {
  readonly metric: MetricDefinition
  readonly series: Map<string, Series>
}

/** Series of one metric beyond this are not kept: labels that never end would eat the memory. */
const SERIES_MAX = 50_000

/** Metrics in memory, printed for Prometheus. */
export function createMetrics(): MetricsRegistry {
  const families = new Map<string, Family>()
  const collectors: ((metrics: Metrics) => void)[] = []
  const seriesOf = (metric: MetricDefinition, labels: MetricLabels): Series | undefined => {
    const family = familyOf(families, metric)
    const values = metric.labels.map((name) => labels[name] ?? '')
    const key = values.join('\u0000')
    const known = family.series.get(key)
    if (known !== undefined || family.series.size >= SERIES_MAX) return known
    const series: Series = {
      labels: values,
      value: 0,
      count: 0,
      ...(metric.type === 'histogram' ? { buckets: (metric.buckets ?? []).map(() => 0) } : {}),
    }
    family.series.set(key, series)
    return series
  }
  const registry: MetricsRegistry = {
    add: (metric, labels, by = 1) => {
      const series = seriesOf(metric, labels)
      if (series !== undefined) series.value += by
    },
    set: (metric, labels, value) => {
      const series = seriesOf(metric, labels)
      if (series !== undefined) series.value = value
    },
    observe: (metric, labels, value) => {
      const series = seriesOf(metric, labels)
      if (series?.buckets === undefined) return
      series.value += value
      series.count += 1
      const bucket = (metric.buckets ?? []).findIndex((bound) => value <= bound)
      if (bucket >= 0) series.buckets[bucket] = (series.buckets[bucket] ?? 0) + 1
    },
    remove: (metric, labels) => {
      const values = metric.labels.map((name) => labels[name] ?? '')
      families.get(metric.name)?.series.delete(values.join('\u0000'))
    },
    collect: (collector) => {
      collectors.push(collector)
    },
    render: () => {
      for (const collector of collectors) collector(registry)
      const sorted = [...families.values()].sort((a, b) =>
        compareText(a.metric.name, b.metric.name),
      )
      return sorted.map(renderFamily).join('')
    },
  }
  return registry
}

function familyOf(families: Map<string, Family>, metric: MetricDefinition): Family {
  const known = families.get(metric.name)
  if (known !== undefined) {
    invariant(known.metric.type === metric.type, `metric ${metric.name} has two types`)
    return known
  }
  const family = { metric, series: new Map<string, Series>() }
  families.set(metric.name, family)
  return family
}

function renderFamily(family: Family): string {
  const { metric } = family
  const help = metric.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  const head = `# HELP ${metric.name} ${help}\n# TYPE ${metric.name} ${metric.type}\n`
  const keys = [...family.series.keys()].sort(compareText)
  return head + keys.map((key) => renderSeries(metric, family.series.get(key))).join('')
}

function renderSeries(metric: MetricDefinition, series: Series | undefined): string {
  if (series === undefined) return ''
  const pairs = metric.labels.map((name, i) => `${name}="${escaped(series.labels[i] ?? '')}"`)
  if (series.buckets === undefined)
    return `${metric.name}${braced(pairs)} ${numberText(series.value)}\n`
  let below = 0
  const lines = (metric.buckets ?? []).map((bound, i) => {
    below += series.buckets?.[i] ?? 0
    return `${metric.name}_bucket${braced([...pairs, `le="${numberText(bound)}"`])} ${below}\n`
  })
  lines.push(
    `${metric.name}_bucket${braced([...pairs, 'le="+Inf"'])} ${series.count}\n`,
    `${metric.name}_sum${braced(pairs)} ${numberText(series.value)}\n`,
    `${metric.name}_count${braced(pairs)} ${series.count}\n`,
  )
  return lines.join('')
}

function braced(pairs: readonly string[]): string {
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  return String(value)
}
