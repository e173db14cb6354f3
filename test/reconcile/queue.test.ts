import { setMaxListeners } from 'node:events'
import { expect, test } from 'vitest'
import { type Metrics, noMetrics, silentLog, VirtualClock } from '../../src/base/index.ts'
import { type Work, WorkQueue } from '../../src/reconcile/index.ts'
import { createGate } from '../../src/reconcile/source/gate.ts'
import { createMetrics } from '../../src/telemetry/index.ts'

function start(work: Work, concurrency = 2, metrics: Metrics = noMetrics) {
  const clock = new VirtualClock(0)
  const end = new AbortController()
  setMaxListeners(0, end.signal)
  const queue = new WorkQueue({ clock, log: silentLog, metrics }, { name: 'test', concurrency })
  const done = queue.run(work, end.signal)
  return {
    clock,
    queue,
    stop: async () => {
      end.abort(new Error('over'))
      await clock.advance(100_000)
      await done
    },
  }
}

test('a key never runs twice at once; enqueued meanwhile it runs once more', async () => {
  const runs: string[] = []
  let now = 0
  const system = start(async (key) => {
    now += 1
    expect(now).toBe(1)
    await system.clock.sleep(10)
    runs.push(`${key}@${system.clock.now()}`)
    now -= 1
    return undefined
  })
  system.queue.add('a')
  await system.clock.advance(5)
  system.queue.add('a')
  system.queue.add('a')
  await system.clock.advance(100)
  expect(runs).toEqual(['a@10', 'a@20'])
  await system.stop()
})

test('concurrency bounds the runs that hold a worker; a parked one holds none', async () => {
  const order: string[] = []
  const system = start(async (key, turn) => {
    order.push(`${key} starts`)
    if (key === 'waits') await turn.parked(() => system.clock.sleep(50))
    else await system.clock.sleep(10)
    order.push(`${key} ends`)
    return undefined
  }, 1)
  for (const key of ['waits', 'a', 'b']) system.queue.add(key)
  await system.clock.advance(100)
  expect(order).toEqual(['waits starts', 'a starts', 'a ends', 'b starts', 'b ends', 'waits ends'])
  await system.stop()
})

test('errors back off from 750 ms to 15 min, and a success forgets them', async () => {
  const starts: number[] = []
  let isBroken = true
  const system = start(() => {
    starts.push(system.clock.now())
    return isBroken ? Promise.reject(new Error('x')) : Promise.resolve(undefined)
  })
  system.queue.add('a')
  await system.clock.advance(10_000)
  expect(starts).toEqual([0, 750, 2250, 5250])
  for (let i = 0; i < 12; i += 1) await system.clock.advance(900_000)
  const [last = 0, before = 0] = starts.slice(-2).reverse()
  expect(last - before).toBe(900_000)
  isBroken = false
  await system.clock.advance(900_000)
  isBroken = true
  starts.length = 0
  const restarted = system.clock.now()
  system.queue.add('a')
  await system.clock.advance(1000)
  expect(starts.map((at) => at - restarted)).toEqual([0, 750])
  await system.stop()
})

test('a run learns that its key was enqueued again, and by what', async () => {
  let reason: unknown
  const system = start(async (_, turn) => {
    if (reason !== undefined) return undefined
    await new Promise<void>((resolve) =>
      turn.preempt.addEventListener('abort', () => resolve(), { once: true }),
    )
    reason = turn.preempt.reason
    return undefined
  })
  system.queue.add('a')
  await system.clock.advance(1)
  system.queue.add('a', 'GitRepository/ns/repo')
  await system.clock.advance(1)
  expect(reason).toBe('GitRepository/ns/repo')
  await system.stop()
})

test('of two appointments the earlier is kept; an add comes before both', async () => {
  const starts: number[] = []
  const system = start(() => {
    starts.push(system.clock.now())
    return Promise.resolve(undefined)
  })
  system.queue.addAfter('a', 100)
  system.queue.addAfter('a', 50)
  system.queue.addAfter('a', 80)
  await system.clock.advance(200)
  system.queue.addAfter('b', 100)
  system.queue.add('b')
  await system.clock.advance(200)
  expect(starts).toEqual([50, 200])
  await system.stop()
})

test('a namespace with little to do does not wait behind one with much', async () => {
  const order: string[] = []
  const system = start(async (key) => {
    order.push(key)
    await system.clock.sleep(10)
    return undefined
  })
  for (const key of ['a/1', 'a/2', 'a/3', 'a/4', 'b/1', 'a/5', 'c/1']) system.queue.add(key)
  await system.clock.advance(100)
  expect(order).toEqual(['a/1', 'a/2', 'b/1', 'a/3', 'c/1', 'a/4', 'a/5'])
  await system.stop()
})

test.each([
  { reason: 'one namespace hangs', namespaces: 1 },
  { reason: 'ten namespaces hang', namespaces: 10 },
])('whoever waits for servers that hang keeps nobody else waiting: $reason', async (given) => {
  const served: string[] = []
  let hanging = 0
  let most = 0
  const system = start(async (key, turn) => {
    if (!key.startsWith('bad')) {
      served.push(`${key}@${system.clock.now()}`)
      return undefined
    }
    hanging += 1
    most = Math.max(most, hanging)
    await system.clock.sleep(600_000, turn.signal)
    hanging -= 1
    return undefined
  })
  for (let i = 0; i < 50; i += 1)
    for (let n = 0; n < given.namespaces; n += 1) system.queue.add(`bad${n}/k${i}`)
  system.queue.add('good/k')
  await system.clock.advance(60_000)
  expect(served).toHaveLength(1)
  expect(most).toBeLessThanOrEqual(4 * given.namespaces)
  // The queue is as it was once they end.
  await system.clock.advance(20_000_000)
  expect([hanging, served.length]).toEqual([0, 1])
  await system.stop()
})

test('a queue is measured under the names of controller-runtime', async () => {
  const metrics = createMetrics()
  const system = start(
    async (key) => {
      await system.clock.sleep(2_000)
      if (key === 'n/fails') throw new Error('no')
      return { afterMs: 1_000_000 }
    },
    1,
    metrics,
  )
  system.queue.add('n/a')
  system.queue.add('n/fails')
  system.queue.add('n/b')
  await system.clock.advance(100)
  expect(metrics.render()).toContain(
    'workqueue_depth{name="test",controller="test",priority="0"} 2',
  )
  await system.clock.advance(4_600)
  const text = metrics.render()
  const queue = '{name="test",controller="test"}'
  for (const line of [
    `workqueue_adds_total${queue} 3`,
    `workqueue_retries_total${queue} 1`,
    `workqueue_queue_duration_seconds_sum${queue} 6`,
    `workqueue_work_duration_seconds_count${queue} 2`,
    'controller_runtime_reconcile_total{controller="test",result="requeue_after"} 1',
    'controller_runtime_reconcile_total{controller="test",result="error"} 1',
    'controller_runtime_reconcile_errors_total{controller="test"} 1',
    'controller_runtime_active_workers{controller="test"} 1',
    'controller_runtime_max_concurrent_reconciles{controller="test"} 1',
  ])
    expect(text).toContain(line)
  await system.clock.advance(500)
  expect(metrics.render()).toContain(`workqueue_longest_running_processor_seconds${queue} 1`)
  await system.stop()
})

test('a gate is shared fairly, and what hangs in it keeps nobody else out', async () => {
  const clock = new VirtualClock(0)
  const gate = createGate(2, clock)
  const entered: string[] = []
  const enter = (key: string, ms: number): Promise<void> =>
    gate(key, async () => {
      entered.push(`${key}@${clock.now()}`)
      await clock.sleep(ms)
    })
  const all = [1, 2, 3, 4, 5, 6, 7, 8].map((i) => enter(`bad/r${i}`, 600_000))
  await clock.advance(1_000)
  const good = enter('good/r', 10)
  await clock.advance(20_000)
  expect(entered).toEqual(['bad/r1@0', 'bad/r2@0', 'good/r@10000', 'bad/r3@10000', 'bad/r4@10010'])
  await clock.advance(5_000_000)
  await Promise.all([...all, good])
  expect(entered).toHaveLength(9)
})
