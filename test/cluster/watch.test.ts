import { describe, expect, test } from 'vitest'
import { seededRandom, VirtualClock } from '../../src/base/index.ts'
import { createCluster } from '../../src/cluster/index.ts'
import type { Json, WatchEvent } from '../../src/object/index.ts'
import { discovery, failure, fakeTransport, Lines, type Scripted } from './fake.ts'

function configMap(name: string, resourceVersion: string, uid = name): Json {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'a', resourceVersion, uid },
  }
}

function listOf(resourceVersion: string, items: readonly Json[], next = ''): Scripted {
  return { body: { kind: 'List', metadata: { resourceVersion, continue: next }, items } }
}

/** A watch on ConfigMaps, with what it has told so far. */
function watching(answers: {
  readonly list: (query: URLSearchParams, nth: number) => Scripted
  readonly watch: (nth: number, query: URLSearchParams) => Scripted
}): {
  readonly clock: VirtualClock
  readonly told: string[]
  readonly paths: () => string[]
  readonly ended: Promise<unknown>
  readonly stop: () => void
} {
  let lists = 0
  let watches = 0
  const transport = fakeTransport((_, path, query) => {
    const found = discovery(path)
    if (found !== undefined) return found
    if (query.get('watch') !== 'true') return answers.list(query, (lists += 1))
    return answers.watch((watches += 1), query)
  })
  const clock = new VirtualClock()
  const cluster = createCluster({ transport, clock, random: seededRandom(7) })
  const stop = new AbortController()
  const told: string[] = []
  const text = (event: WatchEvent): string =>
    event.type === 'synced'
      ? 'synced'
      : `${event.type} ${event.object.metadata.name}@${event.object.metadata.resourceVersion}`
  const run = async (): Promise<unknown> => {
    try {
      for await (const event of cluster.watch(
        { group: '', kind: 'ConfigMap' },
        { namespace: 'a', signal: stop.signal },
      ))
        told.push(text(event))
      return 'over'
    } catch (error) {
      return error
    }
  }
  const ended = run()
  return {
    clock,
    told,
    ended,
    paths: () => transport.paths().filter((path) => path.includes('configmaps')),
    stop: () => stop.abort(new Error('stopped')),
  }
}

const quiet = { watch: (): Scripted => ({ lines: new Lines() }) }

test('tells what exists, then synced, then what changes, then ends with the signal', async () => {
  const lines = new Lines()
  const it = watching({
    list: () => listOf('5', [configMap('x', '3'), configMap('y', '4')]),
    watch: () => ({ lines }),
  })
  await it.clock.advance(0)
  lines.push(
    { type: 'MODIFIED', object: configMap('x', '6') },
    { type: 'BOOKMARK', object: configMap('', '8') },
    { type: 'DELETED', object: configMap('y', '9') },
  )
  await it.clock.advance(0)
  expect(it.told).toEqual(['upsert x@3', 'upsert y@4', 'synced', 'upsert x@6', 'delete y@9'])
  it.stop()
  expect(await it.ended).toEqual(new Error('stopped'))
  expect(lines.closed).toBe(true)
})

test('lists page by page, and begins anew in one piece when the pages have expired', async () => {
  const it = watching({
    list: (query) => {
      if (query.get('limit') === null)
        return listOf('9', [configMap('x', '3'), configMap('y', '4')])
      if (query.get('continue') === null) return listOf('5', [configMap('x', '3')], 'next')
      return failure(410, 'Expired', 'The provided continue parameter is too old')
    },
    ...quiet,
  })
  await it.clock.advance(0)
  expect(it.told).toEqual(['upsert x@3', 'upsert y@4', 'synced'])
  it.stop()
  await it.ended
})

describe('after what happened while nobody listened', () => {
  const GONE = {
    'the watch says it': (): Scripted => {
      const lines = new Lines()
      lines.push({ type: 'ERROR', object: failure(410, 'Expired', 'too old').body ?? null })
      return { lines }
    },
    'the request is refused': (): Scripted => failure(410, 'Gone', 'too old'),
  }
  test.each(Object.entries(GONE))('410 Gone lists anew, told as changes: %s', async (_, gone) => {
    const it = watching({
      list: (_query, nth) =>
        nth === 1
          ? listOf('5', [configMap('x', '1'), configMap('y', '2'), configMap('z', '3')])
          : listOf('9', [configMap('x', '1'), configMap('y', '7'), configMap('z', '8', 'new')]),
      watch: (nth) => (nth === 1 ? gone() : { lines: new Lines() }),
    })
    await it.clock.advance(2_000)
    expect(it.told.slice(4)).toEqual(['upsert y@7', 'delete z@3', 'upsert z@8'])
    it.stop()
    await it.ended
  })

  test('what vanished is told as deleted, with its last known labels', async () => {
    const it = watching({
      list: (_query, nth) => listOf('5', nth === 1 ? [configMap('x', '1')] : []),
      watch: (nth) => (nth === 1 ? failure(410, 'Gone') : { lines: new Lines() }),
    })
    await it.clock.advance(2_000)
    expect(it.told).toEqual(['upsert x@1', 'synced', 'delete x@1'])
    it.stop()
    await it.ended
  })
})

test('a watch that the server ends goes on from where it was, without a list', async () => {
  const first = new Lines()
  const from: (string | null)[] = []
  const it = watching({
    list: () => listOf('5', []),
    watch: (nth, query) => {
      from.push(query.get('resourceVersion'))
      return { lines: nth === 1 ? first : new Lines() }
    },
  })
  await it.clock.advance(0)
  first.push({ type: 'ADDED', object: configMap('x', '6') })
  await it.clock.advance(2_000)
  first.end()
  await it.clock.advance(1_000)
  expect(from).toEqual(['5', '6'])
  expect(it.paths().filter((path) => !path.includes('watch=true'))).toHaveLength(1)
  it.stop()
  await it.ended
})

test('a watch that died silently is replaced within 10 seconds, and loses nothing', async () => {
  const it = watching({
    list: () => listOf('5', []),
    watch: (nth, query) => {
      const lines = new Lines()
      // What happened meanwhile comes to the new watch, which asks from where the dead one was.
      if (nth === 2)
        lines.push({ type: 'ADDED', object: configMap('x', query.get('resourceVersion') + '1') })
      return { lines }
    },
  })
  await it.clock.advance(10_000)
  expect(it.told).toEqual(['synced', 'upsert x@51'])
  it.stop()
  await it.ended
})

test('a watch whose transport knows it alive is left alone, but renewed in the end', async () => {
  let watches = 0
  const it = watching({
    list: () => listOf('5', []),
    watch: () => {
      watches += 1
      return { lines: new Lines(), monitored: true }
    },
  })
  await it.clock.advance(280_000)
  expect(watches).toBe(1)
  await it.clock.advance(400_000)
  expect([2, 3]).toContain(watches)
  it.stop()
  await it.ended
})

test('an event that broke off in the middle is told by the next watch', async () => {
  const first = new Lines()
  const it = watching({
    list: () => listOf('5', []),
    watch: (nth, query) => {
      if (nth === 1) return { lines: first }
      const lines = new Lines()
      if (query.get('resourceVersion') === '5')
        lines.push({ type: 'ADDED', object: configMap('x', '6') })
      return { lines }
    },
  })
  await it.clock.advance(0)
  first.raw('{"type":"ADDED","object":{"metada')
  first.end()
  await it.clock.advance(2_000)
  expect(it.told).toEqual(['synced', 'upsert x@6'])
  it.stop()
  await it.ended
})

test('a server that is down is asked less and less often', async () => {
  const it = watching({ list: () => failure(503, 'ServiceUnavailable', 'down'), ...quiet })
  await it.clock.advance(60_000)
  expect(it.paths().length).toBeGreaterThan(5)
  expect(it.paths().length).toBeLessThan(20)
  await it.clock.advance(600_000)
  expect(it.paths().length).toBeLessThan(150)
  it.stop()
  await it.ended
})

test('a watch that the server ends at once is no busy loop', async () => {
  const it = watching({
    list: () => listOf('5', []),
    watch: () => {
      const lines = new Lines()
      lines.end()
      return { lines }
    },
  })
  await it.clock.advance(10_000)
  expect(it.paths().length).toBeLessThan(12)
  it.stop()
  await it.ended
})

const FINAL: Record<string, { readonly said: Scripted; readonly code: string }> = {
  forbidden: { said: failure(403, 'Forbidden', 'configmaps is forbidden'), code: 'FORBIDDEN' },
  'no watch for this kind': { said: failure(405, 'MethodNotAllowed', 'no'), code: 'UNSUPPORTED' },
}

test.each(Object.entries(FINAL))('ends where no retry helps: %s', async (_, { said, code }) => {
  const it = watching({ list: () => said, ...quiet })
  await it.clock.advance(0)
  expect(await it.ended).toMatchObject({ code })
})

test('a kind that is no longer served ends the watch with NO_MATCH', async () => {
  const transport = fakeTransport((_, path) =>
    path === '/api' || path === '/apis'
      ? (discovery(path) as Scripted)
      : { status: 404, text: '404 page not found\n' },
  )
  const clock = new VirtualClock()
  const cluster = createCluster({ transport, clock, random: seededRandom(1) })
  const signal = new AbortController().signal
  const watch = async (): Promise<void> => {
    for await (const _ of cluster.watch({ group: 'gone.example', kind: 'X' }, { signal }));
  }
  await expect(watch()).rejects.toMatchObject({ code: 'NO_MATCH' })
})
