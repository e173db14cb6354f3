import { expect, test } from 'vitest'
import { type MetricDefinition, VirtualClock } from '../../src/base/index.ts'
import { createMetrics, measureProcess } from '../../src/telemetry/index.ts'

const COUNTER: MetricDefinition = {
  name: 'requests_total',
  help: 'Requests,\nwith a \\ in it.',
  type: 'counter',
  labels: ['method', 'path'],
}
const GAUGE: MetricDefinition = { name: 'depth', help: 'Depth.', type: 'gauge', labels: [] }
const HISTOGRAM: MetricDefinition = {
  name: 'gotk_reconcile_duration_seconds',
  help: 'Duration.',
  type: 'histogram',
  labels: ['kind'],
  buckets: [0.01, 0.5, 10],
}

test('the Prometheus text format: sorted, escaped, buckets counted up', () => {
  const metrics = createMetrics()
  metrics.add(COUNTER, { method: 'GET', path: 'a"b\\c\nd' })
  metrics.add(COUNTER, { method: 'DELETE' }, 2)
  metrics.add(COUNTER, { method: 'GET', path: 'a"b\\c\nd' })
  metrics.set(GAUGE, {}, -1.5)
  for (const value of [0.01, 0.2, 0.3, 99]) metrics.observe(HISTOGRAM, { kind: 'K' }, value)
  expect(metrics.render()).toBe(`# HELP depth Depth.
# TYPE depth gauge
depth -1.5
# HELP gotk_reconcile_duration_seconds Duration.
# TYPE gotk_reconcile_duration_seconds histogram
gotk_reconcile_duration_seconds_bucket{kind="K",le="0.01"} 1
gotk_reconcile_duration_seconds_bucket{kind="K",le="0.5"} 3
gotk_reconcile_duration_seconds_bucket{kind="K",le="10"} 3
gotk_reconcile_duration_seconds_bucket{kind="K",le="+Inf"} 4
gotk_reconcile_duration_seconds_sum{kind="K"} 99.51
gotk_reconcile_duration_seconds_count{kind="K"} 4
# HELP requests_total Requests,\\nwith a \\\\ in it.
# TYPE requests_total counter
requests_total{method="DELETE",path=""} 2
requests_total{method="GET",path="a\\"b\\\\c\\nd"} 2
`)
})

test('a series that was removed is gone, and begins at zero', () => {
  const metrics = createMetrics()
  metrics.add(COUNTER, { method: 'GET', path: '/' }, 5)
  metrics.remove(COUNTER, { method: 'GET', path: '/' })
  expect(metrics.render()).not.toContain('requests_total{')
  metrics.add(COUNTER, { method: 'GET', path: '/' })
  expect(metrics.render()).toContain('requests_total{method="GET",path="/"} 1\n')
})

test('labels without end do not eat the memory', () => {
  const metrics = createMetrics()
  for (let i = 0; i < 60_000; i += 1) metrics.add(COUNTER, { method: String(i) })
  expect(metrics.render().split('\n').length).toBeLessThan(50_010)
})

test('the process measures itself when it is asked', () => {
  const metrics = createMetrics()
  const stop = measureProcess(metrics, new VirtualClock())
  const text = metrics.render()
  stop()
  expect(text).toMatch(/^process_cpu_seconds_total \d/m)
  expect(text).toMatch(/^# TYPE process_cpu_seconds_total counter$/m)
  expect(text).toMatch(/^process_resident_memory_bytes \d{7,}$/m)
})
