import { expect, test } from 'vitest'
import { noMetrics, type TracedRun, VirtualClock } from '../../src/base/index.ts'
import { beginStages } from '../../src/reconcile/index.ts'
import { createMetrics } from '../../src/telemetry/index.ts'

test('stages follow one another, and the last one ends with the run', async () => {
  const clock = new VirtualClock(0)
  const runs: TracedRun[] = []
  const metrics = createMetrics()
  const stages = beginStages({ clock, metrics, trace: { run: (run) => runs.push(run) } }, 'Bucket')
  await clock.advance(10)
  stages.to('fetch')
  await clock.advance(200)
  stages.to('store')
  await clock.advance(30)
  stages.end({ attributes: { a: 'b' }, key: 'k' })
  expect(runs).toEqual([
    {
      name: 'reconcile Bucket',
      fromMs: 0,
      toMs: 240,
      attributes: { a: 'b' },
      key: 'k',
      stages: [
        { name: 'fetch', fromMs: 10, toMs: 210 },
        { name: 'store', fromMs: 210, toMs: 240 },
      ],
    },
  ])
  expect(metrics.render()).toContain(
    'tidegate_stage_duration_seconds_sum{kind="Bucket",stage="fetch"} 0.2\n',
  )
})

test('without anybody who wants traces, nothing is kept', () => {
  const stages = beginStages({ clock: new VirtualClock(0), metrics: noMetrics }, 'Bucket')
  stages.to('fetch')
  expect(() => stages.end({ attributes: {} })).not.toThrow()
})
