import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Receiver } from '../../src/api/index.ts'
import { createApiServer } from '../../src/apiserver/index.ts'
import { noMetrics, seededRandom, silentLog, VirtualClock } from '../../src/base/index.ts'
import { createCluster } from '../../src/cluster/index.ts'
import { type Cluster, isKubeObject, type JsonObject, parseYaml } from '../../src/object/index.ts'
import {
  createEvents,
  createReceiverController,
  type ReceiverController,
} from '../../src/reconcile/index.ts'

// Receivers, calls of their webhooks and what notification-controller 1.9.3 made of them.
interface Recorded {
  readonly receivers: Readonly<Record<string, JsonObject>>
  readonly nowMs: number
  readonly issuer: string
  readonly jwk: JsonObject
  readonly rejected: Readonly<Record<string, string>>
  readonly objects: Readonly<Record<string, { path: string; fin: string[]; conditions: unknown[] }>>
  readonly calls: readonly {
    readonly label: string
    readonly target: string
    readonly headers: Readonly<Record<string, string>>
    readonly body64: string
    readonly status: number
    readonly woken: readonly string[]
  }[]
  readonly events: readonly (readonly string[])[]
}

const ROOT = join(import.meta.dirname, '../..')
const FILE = join(ROOT, 'test/fixtures/reconcile/receivers/notification-controller-1.9.3.json')
const recorded = JSON.parse(readFileSync(FILE, 'utf8')) as Recorded
const REPOSITORIES = [
  ['r', 'a', { app: 'x' }],
  ['r', 'b', { app: 'x' }],
  ['r', 'c', {}],
  ['other', 'o', { app: 'x' }],
] as const
const SECRETS = {
  tok: { token: 's3cret' },
  notoken: { x: 'y' },
  gcr: { token: 's3cret', email: 'me@x.iam.gserviceaccount.com', audience: 'aud' },
  gcrbad: { token: 's3cret' },
}
const clock = new VirtualClock(recorded.nowMs)
const end = new AbortController()
let cluster: Cluster
let controller: ReceiverController
let done: Promise<void>
const rejected: string[] = []

beforeAll(async () => {
  const deps = { clock, random: seededRandom(3), log: silentLog }
  const server = createApiServer(deps)
  cluster = createCluster({ transport: server, ...deps })
  for (const name of readdirSync(join(ROOT, 'crds')).filter((each) => each.endsWith('.yaml')))
    for (const crd of parseYaml(readFileSync(join(ROOT, 'crds', name), 'utf8'), name))
      if (isKubeObject(crd)) await cluster.create(crd)
  for (const name of ['r', 'other'])
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  for (const [namespace, name, labels] of REPOSITORIES)
    await cluster.create({
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: { namespace, name, labels },
      spec: { interval: '10m', url: 'https://example.com/x.git' },
    })
  for (const [name, stringData] of Object.entries(SECRETS))
    await cluster.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: 'r', name },
      stringData,
    })
  for (const [name, spec] of Object.entries(recorded.receivers))
    await cluster
      .create({
        apiVersion: 'notification.toolkit.fluxcd.io/v1',
        kind: 'Receiver',
        metadata: { namespace: 'r', name },
        spec,
      })
      .catch(() => rejected.push(name))
  controller = createReceiverController({
    ...deps,
    cluster,
    metrics: noMetrics,
    events: createEvents({ ...deps, cluster, component: 'notification-controller', instance: 't' }),
    keys: {
      keys: (issuer) =>
        issuer === recorded.issuer
          ? Promise.resolve([recorded.jwk as { kid: string }])
          : Promise.reject(new Error('no such issuer')),
    },
  })
  done = controller.run(end.signal)
  await clock.advance(20)
}, 60_000)
afterAll(async () => {
  end.abort(new Error('done'))
  await clock.advance(1000)
  await done
})

async function receivers(): Promise<readonly Receiver[]> {
  const kind = { group: 'notification.toolkit.fluxcd.io', kind: 'Receiver' }
  return (await cluster.list(kind, { namespace: 'r' })).items as readonly Receiver[]
}

async function marks(): Promise<Map<string, string | undefined>> {
  const kind = { group: 'source.toolkit.fluxcd.io', kind: 'GitRepository' }
  const { items } = await cluster.list(kind)
  return new Map(
    items.map(({ metadata }) => [
      `${metadata.namespace}/${metadata.name}`,
      metadata.annotations?.['reconcile.fluxcd.io/requestedAt'],
    ]),
  )
}

describe('Receivers are as with notification-controller', () => {
  it('in what the schema refuses', () => {
    expect(rejected.sort()).toEqual(Object.keys(recorded.rejected).sort())
  })

  it('in conditions, paths and finalizers', async () => {
    const found = (await receivers()).map(({ metadata, status }) => [
      metadata.name,
      {
        path: (status?.webhookPath ?? '').replace('/hook/', ''),
        fin: metadata.finalizers,
        conditions: [...(status?.conditions ?? [])]
          .sort((a, b) => (a.type < b.type ? -1 : 1))
          .map(({ type, status, reason, message, observedGeneration }) => ({
            type,
            status,
            reason,
            message,
            observedGeneration,
          })),
      },
    ])
    const wanted = Object.entries(recorded.objects).map(([name, { path, fin, conditions }]) => [
      name,
      { path, fin, conditions },
    ])
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(wanted))
  })

  it('in events', async () => {
    const { items } = await cluster.list({ group: '', kind: 'Event' }, { namespace: 'r' })
    const found = items.map((event) => {
      const { name } = event['involvedObject'] as { name: string }
      return JSON.stringify([name, event['type'], event['reason'], event['message']])
    })
    expect([...new Set(found)].sort()).toEqual(
      recorded.events.map((event) => JSON.stringify(event)).sort(),
    )
  })

  for (const { label, target, headers, body64, status, woken } of recorded.calls)
    it(`when called: ${label}`, async () => {
      const before = await marks()
      await clock.advance(1)
      const body = Buffer.from(body64, 'base64')
      expect(await controller.handle({ target, headers, body })).toBe(status)
      const after = await marks()
      const changed = [...after].filter(([name, mark]) => before.get(name) !== mark)
      expect(changed.map(([name]) => name).sort()).toEqual(woken)
    })
})

describe('a Receiver later', () => {
  const ref = {
    group: 'notification.toolkit.fluxcd.io',
    version: 'v1',
    kind: 'Receiver',
    namespace: 'r',
  }
  const get = async (name: string): Promise<Receiver> =>
    (await cluster.get({ ...ref, name })) as Receiver
  const patch = async (name: string, value: JsonObject): Promise<void> => {
    await cluster.patch({ ...ref, name }, { type: 'merge', value })
    await clock.advance(50)
  }

  it('has handled a request', async () => {
    const key = 'reconcile.fluxcd.io/requestedAt'
    await patch('generic', { metadata: { annotations: { [key]: 'now' } } })
    expect((await get('generic')).status?.lastHandledReconcileAt).toBe('now')
  })

  it('recovers from an expression that was none', async () => {
    await patch('filter-bad', { spec: { resourceFilter: 'true' } })
    const { status } = await get('filter-bad')
    expect(status?.conditions?.map(({ type, status }) => [type, status])).toEqual([
      ['Ready', 'True'],
    ])
  })

  it('loses its path with its secret, and is refused then', async () => {
    const { status } = await get('harbor')
    const target = status?.webhookPath ?? ''
    await patch('harbor', { spec: { secretRef: { name: 'gone' } } })
    expect((await get('harbor')).status?.webhookPath).toBeUndefined()
    expect(await controller.handle({ target, headers: {}, body: Buffer.from('') })).toBe(404)
  })

  it('goes when it is deleted', async () => {
    await cluster.delete({ ...ref, name: 'quay' })
    await clock.advance(50)
    await expect(get('quay')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('follows a token that changes, where its secret is watched', async () => {
    const secret = { group: '', version: 'v1', kind: 'Secret', namespace: 'r', name: 'late' }
    const data = (token: string) => ({ token: Buffer.from(token).toString('base64') })
    await cluster.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        namespace: 'r',
        name: 'late',
        labels: { 'reconcile.fluxcd.io/watch': 'Enabled' },
      },
      data: data('one'),
    })
    await patch('star', { spec: { secretRef: { name: 'late' } } })
    const before = (await get('star')).status?.webhookPath
    await cluster.patch(secret, { type: 'merge', value: { data: data('two') } })
    await clock.advance(50)
    expect((await get('star')).status?.webhookPath).not.toBe(before)
  })
})
