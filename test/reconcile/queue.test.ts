import { expect, test } from 'vitest'
import { noMetrics, silentLog, VirtualClock } from '../../src/base/index.ts'
import { type Work, WorkQueue } from '../../src/reconcile/index.ts'

function start(work: Work, concurrency = 2) {
  const clock = new VirtualClock(0)
  const end = new AbortController()
  const queue = new WorkQueue(
    { clock, log: silentLog, metrics: noMetrics },
    { name: 'test', concurrency },
  )
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
