import { afterAll, describe, expect, test } from 'vitest'
import { createApiServer, serve } from '../../src/apiserver/index.ts'
import {
  type MetricDefinition,
  type Metrics,
  noMetrics,
  seededRandom,
  VirtualClock,
} from '../../src/base/index.ts'
import { createCluster, httpTransport } from '../../src/cluster/index.ts'
import { systemClock as clock } from '../../src/compose/system.ts'
import type { ApiRequest, Cluster, KubeObject, Transport } from '../../src/object/index.ts'
import { discovery, failure, fakeTransport, type Scripted } from './fake.ts'

const CONFIG = { group: '', kind: 'ConfigMap', namespace: 'default', name: 'x' }

function configMap(data: Record<string, string>, name = 'x'): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data }
}

const api = createApiServer({ clock, random: seededRandom(1) })
const served = await serve(api)
const http = httpTransport({ server: served.url }, clock)
afterAll(async () => {
  http.close()
  await served.close()
  api.close()
})

describe.each<[string, Transport]>([
  ['in this process', api],
  ['over HTTP', http],
])('verbs on the embedded server %s', (where, transport) => {
  const cluster: Cluster = createCluster({ transport, clock, random: seededRandom(1) })
  const name = where === 'over HTTP' ? 'h' : 'p'
  const ref = { ...CONFIG, name }

  test('create, get, list, update, patch, delete', async () => {
    const created = await cluster.create(configMap({ a: '1' }, name))
    expect(created.metadata.uid).toBeDefined()
    expect((await cluster.get(ref))['data']).toEqual({ a: '1' })
    const updated = await cluster.update({ ...created, data: { a: '2' } })
    expect(updated.metadata.resourceVersion).not.toBe(created.metadata.resourceVersion)
    await cluster.patch(ref, { type: 'merge', value: { data: { b: '3' } } })
    await cluster.patch(ref, { type: 'json', value: [{ op: 'remove', path: '/data/a' }] })
    const applied = await cluster.patch(
      ref,
      { type: 'apply', value: configMap({ c: '4' }, name), force: true },
      { fieldManager: 'tester' },
    )
    expect(applied['data']).toEqual({ b: '3', c: '4' })
    expect(applied.metadata.managedFields?.map((entry) => entry.manager)).toContain('tester')
    const list = await cluster.list({ group: '', kind: 'ConfigMap' }, { namespace: 'default' })
    expect(list.items.find((item) => item.metadata.name === name)).toMatchObject({
      apiVersion: 'v1',
      kind: 'ConfigMap',
    })
    await cluster.delete(ref, { propagation: 'Background' })
    await expect(cluster.get(ref)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: `configmaps "${name}" not found`,
    })
  })

  test('metadata alone comes under its own kind', async () => {
    await cluster.create(configMap({ big: 'value' }, `${name}-meta`))
    const one = await cluster.get({ ...ref, name: `${name}-meta` }, { metadataOnly: true })
    expect(one).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' })
    expect(one['data']).toBeUndefined()
    const { items } = await cluster.list(
      { group: '', kind: 'ConfigMap' },
      { namespace: 'default', metadataOnly: true },
    )
    expect(items.every((item) => item.kind === 'ConfigMap' && !('data' in item))).toBe(true)
  })

  test('a dry run changes nothing', async () => {
    await cluster.create(configMap({}, `${name}-dry`), { dryRun: true })
    await expect(cluster.get({ ...ref, name: `${name}-dry` })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })

  test('conflicts, preconditions and what exists already', async () => {
    const created = await cluster.create(configMap({}, `${name}-c`))
    await expect(cluster.create(configMap({}, `${name}-c`))).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
    })
    await cluster.update({ ...created, data: { a: '1' } })
    await expect(cluster.update({ ...created, data: { a: '2' } })).rejects.toMatchObject({
      code: 'CONFLICT',
    })
    await expect(
      cluster.delete({ ...ref, name: `${name}-c` }, { uid: 'another' }),
    ).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  test('a watch sees what is written', async () => {
    const stop = new AbortController()
    const events = cluster
      .watch({ group: '', kind: 'ConfigMap' }, { namespace: 'kube-system', signal: stop.signal })
      [Symbol.asyncIterator]()
    let event = await events.next()
    while (event.value?.type !== 'synced') event = await events.next()
    const object = configMap({}, `${name}-w`)
    await cluster.create({ ...object, metadata: { ...object.metadata, namespace: 'kube-system' } })
    expect((await events.next()).value).toMatchObject({
      type: 'upsert',
      object: { kind: 'ConfigMap', metadata: { name: `${name}-w` } },
    })
    stop.abort(new Error('done'))
    await expect(events.next()).rejects.toThrow('done')
  })

  test('a namespaced kind without a namespace is no path', async () => {
    await expect(cluster.get({ ...ref, namespace: '' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: `the server could not find the requested resource (get configmaps ${name})`,
    })
  })
})

/** A cluster whose server answers what a function says, after discovery. */
function scripted(answer: (request: ApiRequest, nth: number) => Scripted): {
  cluster: Cluster
  clock: VirtualClock
  asked: () => ApiRequest[]
  counted: string[]
} {
  let nth = 0
  const transport = fakeTransport((request, path) => discovery(path) ?? answer(request, (nth += 1)))
  const counted: string[] = []
  const metrics: Metrics = {
    ...noMetrics,
    add: ({ name }: MetricDefinition, { code, method }) =>
      counted.push(`${name} ${method} ${code}`),
  }
  const time = new VirtualClock()
  const cluster = createCluster({ transport, clock: time, random: seededRandom(1), metrics })
  const asked = (): ApiRequest[] =>
    transport.asked.filter(({ path }) => path.includes('configmaps'))
  return { cluster, clock: time, asked, counted }
}

test('a server that is too busy is asked again after what it asks for', async () => {
  const {
    cluster,
    clock: time,
    asked,
  } = scripted((_, nth) =>
    nth < 3
      ? { ...failure(429, 'TooManyRequests'), headers: { 'retry-after': '2' } }
      : { body: configMap({}) as never },
  )
  const answer = cluster.create(configMap({}))
  await time.advance(1_900)
  expect(asked()).toHaveLength(1)
  await time.advance(5_000)
  expect((await answer).metadata.name).toBe('x')
  expect(asked()).toHaveLength(3)
})

test('the asking again has an end, and the signal ends it', async () => {
  const { cluster, clock: time, asked } = scripted(() => failure(429, 'TooManyRequests'))
  const refused = expect(cluster.get(CONFIG)).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' })
  await time.advance(120_000)
  await refused
  expect(asked().length).toBeLessThan(10)
  const stop = new AbortController()
  const list = cluster.list({ group: '', kind: 'ConfigMap' }, { signal: stop.signal })
  const stopped = expect(list).rejects.toThrow('enough')
  await time.advance(100)
  stop.abort(new Error('enough'))
  await stopped
})

test('as() asks as somebody else, and discovers as itself', async () => {
  const { cluster, asked } = scripted(() => ({ body: configMap({}) as never }))
  await cluster.as({ user: 'system:serviceaccount:a:b', groups: ['g'] }).get(CONFIG)
  await cluster.get(CONFIG)
  expect(
    asked().map(({ headers }) => [headers?.['impersonate-user'], headers?.['impersonate-group']]),
  ).toEqual([
    ['system:serviceaccount:a:b', ['g']],
    [undefined, undefined],
  ])
})

test('requests are counted under the name of client-go', async () => {
  const { cluster, counted } = scripted(() => failure(404, 'NotFound', 'no', { name: 'x' }))
  await expect(cluster.get(CONFIG)).rejects.toThrow()
  expect(counted).toEqual([
    'rest_client_requests_total GET 200',
    'rest_client_requests_total GET 200',
    'rest_client_requests_total GET 404',
  ])
})

const FAULTS: Record<string, { readonly said: Scripted; readonly want: object }> = {
  'invalid, with its causes': {
    said: failure(422, 'Invalid', 'x is invalid', { name: 'x', causes: [{ field: 'spec' }] }),
    want: { code: 'INVALID', apiReason: 'Invalid', details: { causes: [{ field: 'spec' }] } },
  },
  'no reason, as for wrong types in an apply': {
    said: failure(500, '', 'failed to create typed patch object'),
    want: { code: 'SERVER_ERROR', apiReason: '', message: 'failed to create typed patch object' },
  },
  'a proxy that answers HTML': {
    said: { status: 502, text: '<html>' },
    want: { code: 'SERVER_ERROR', status: 502 },
  },
  forbidden: {
    said: failure(403, 'Forbidden', 'configmaps "x" is forbidden'),
    want: { code: 'FORBIDDEN', message: 'configmaps "x" is forbidden' },
  },
  'a namespace that is not there': {
    said: failure(404, 'NotFound', 'namespaces "n" not found', { name: 'n', kind: 'namespaces' }),
    want: { code: 'NOT_FOUND', message: 'namespaces "n" not found' },
  },
}

test.each(Object.entries(FAULTS))('faults: %s', async (_, { said, want }) => {
  await expect(scripted(() => said).cluster.get(CONFIG)).rejects.toMatchObject(want)
})
