import { expect, test } from 'vitest'
import { createApiServer, type SavedChange } from '../../src/apiserver/index.ts'
import { seededRandom, VirtualClock } from '../../src/base/index.ts'
import { type ApiRequest, type JsonObject, valueAt } from '../../src/object/index.ts'

/** A journal in memory that a second server can begin with. */
class MemoryJournal {
  entries: SavedChange[] = []
  append(change: SavedChange | readonly SavedChange[]): void {
    this.entries.push(...[change].flat())
  }
  rewrite(changes: Iterable<SavedChange>): void {
    this.entries = [...changes]
  }
}

function start(journal: MemoryJournal) {
  const saved = {
    entries: [...journal.entries],
    append: journal.append.bind(journal),
    rewrite: journal.rewrite.bind(journal),
  }
  const deps = { clock: new VirtualClock(), random: seededRandom(1) }
  const server = createApiServer(deps, { journal: saved })
  const ask = async (method: ApiRequest['method'], path: string, body?: JsonObject) => {
    const response = await server.request({
      method,
      path,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, object: JSON.parse(await response.text()) as JsonObject }
  }
  return { server, ask, clock: deps.clock }
}

const configMap = (name: string): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { a: name },
})
const maps = '/api/v1/namespaces/default/configmaps'

test('a server that begins with a journal has all objects, as they were', async () => {
  const journal = new MemoryJournal()
  const first = start(journal)
  await first.ask('POST', maps, configMap('stays'))
  await first.ask('POST', maps, configMap('goes'))
  const kept = await first.ask('GET', `${maps}/stays`)
  await first.ask('DELETE', `${maps}/goes`)
  first.server.close()

  const second = start(journal)
  expect((await second.ask('GET', `${maps}/stays`)).object).toEqual(kept.object)
  expect((await second.ask('GET', `${maps}/goes`)).status).toBe(404)
  const namespaces = await second.ask('GET', '/api/v1/namespaces')
  expect(namespaces.object['items']).toHaveLength(4)
  second.server.close()
})

test('revisions go on where they were, also after a deletion was the last change', async () => {
  const journal = new MemoryJournal()
  const first = start(journal)
  await first.ask('POST', maps, configMap('a'))
  const gone = await first.ask('DELETE', `${maps}/a`)
  first.server.close()
  const last = Math.max(...journal.entries.map((each) => each.revision))
  const second = start(journal)
  const created = await second.ask('POST', maps, configMap('b'))
  const revision = (object: JsonObject): number =>
    Number((object['metadata'] as JsonObject | undefined)?.['resourceVersion'] ?? 0)
  expect(gone.status).toBe(200)
  expect(revision(created.object)).toBeGreaterThan(last)
  second.server.close()
})

test('a watch goes on over a restart, which writes nothing, unless a snapshot is all that is left', async () => {
  const journal = new MemoryJournal()
  const first = start(journal)
  await first.clock.advance(5000)
  const { object } = await first.ask('POST', maps, configMap('a'))
  const since = valueAt(object, 'metadata', 'resourceVersion')
  await first.ask('PUT', `${maps}/a`, { ...configMap('a'), data: { a: 'b' } })
  await first.ask('POST', maps, configMap('b'))
  await first.ask('DELETE', `${maps}/a`)
  await first.clock.advance(5000)
  first.server.close()
  const written = journal.entries.length

  const told = async (): Promise<string[]> => {
    const { server, clock } = start(journal)
    await clock.advance(5000)
    const path = `${maps}?watch=1&timeoutSeconds=1&resourceVersion=${String(since)}`
    const lines = (await server.request({ method: 'GET', path })).lines()
    await clock.advance(2000)
    const found: string[] = []
    for await (const line of lines) {
      const event = JSON.parse(line) as JsonObject
      const about = valueAt(event, 'object', 'metadata', 'name') ?? valueAt(event, 'object', 'code')
      found.push(`${String(event['type'])} ${String(about)}`)
    }
    server.close()
    return found
  }
  expect(await told()).toEqual(['MODIFIED a', 'ADDED b', 'DELETED a'])
  expect(journal.entries).toHaveLength(written)
  const last = Math.max(...journal.entries.map(({ revision }) => revision))
  const objects = new Map(journal.entries.map((each) => [`${each.table} ${each.key}`, each]))
  const snapshot = [...objects.values()].filter((each) => each.object !== null)
  journal.rewrite([...snapshot, { table: '', key: '', revision: last, object: null }])
  expect(await told()).toEqual(['ERROR 410'])
})

test('custom kinds are served again before anything is asked', async () => {
  const journal = new MemoryJournal()
  const first = start(journal)
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'boats.x.example' },
    spec: {
      group: 'x.example',
      names: { kind: 'Boat', plural: 'boats', singular: 'boat', listKind: 'BoatList' },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          },
        },
      ],
    },
  }
  await first.ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd)
  const boats = '/apis/x.example/v1/namespaces/default/boats'
  const made = await first.ask('POST', boats, {
    apiVersion: 'x.example/v1',
    kind: 'Boat',
    metadata: { name: 'one' },
  })
  expect(made.status).toBe(201)
  first.server.close()
  const second = start(journal)
  expect((await second.ask('GET', `${boats}/one`)).object).toEqual(made.object)
  second.server.close()
})

test('who owns whom is known again: what has an owner stays, and goes with it', async () => {
  const journal = new MemoryJournal()
  const first = start(journal)
  const owner = await first.ask('POST', maps, configMap('owner'))
  const { uid = '' } = owner.object['metadata'] as { uid?: string }
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }]
  const owned = { ...configMap('owned'), metadata: { name: 'owned', ownerReferences } }
  await first.ask('POST', maps, owned)
  first.server.close()

  const second = start(journal)
  const changed = { ...owned, data: { a: 'changed' } }
  expect((await second.ask('PUT', `${maps}/owned`, changed)).status).toBe(200)
  expect((await second.ask('GET', `${maps}/owned`)).object['data']).toEqual({ a: 'changed' })
  await second.ask('DELETE', `${maps}/owner`)
  expect((await second.ask('GET', `${maps}/owned`)).status).toBe(404)
  second.server.close()
})

test('tokens of service accounts outlive the process, and end with what they are bound to', async () => {
  const journal = new MemoryJournal()
  const first = start(journal)
  const home = '/api/v1/namespaces/default'
  const named = (kind: string, name: string): JsonObject => ({
    apiVersion: 'v1',
    kind,
    metadata: { name },
  })
  await first.ask('POST', `${home}/serviceaccounts`, named('ServiceAccount', 'robot'))
  await first.ask('POST', `${home}/secrets`, named('Secret', 'held'))
  const answered = await first.ask('POST', `${home}/serviceaccounts/robot/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 'held' } },
  })
  const token = valueAt(answered.object, 'status', 'token') ?? ''
  first.server.close()

  const second = start(journal)
  const authenticated = async (): Promise<unknown> => {
    const review = await second.ask('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token },
    })
    return valueAt(review.object, 'status', 'authenticated')
  }
  expect(await authenticated()).toBe(true)
  await second.ask('DELETE', `${home}/secrets/held`)
  expect(await authenticated()).toBe(undefined)
  second.server.close()
})

test('what can not be saved is not made, and can be tried again', async () => {
  const journal = new MemoryJournal()
  const first = start(journal)
  await first.ask('POST', maps, configMap('there'))
  const before = await first.ask('GET', maps)
  const refusing = new MemoryJournal()
  const entries = [...journal.entries]
  let isFull = false
  const server = createApiServer(
    { clock: new VirtualClock(), random: seededRandom(1) },
    {
      journal: {
        entries,
        append: (change) => {
          if (isFull) throw new Error('ENOSPC: no space left on device, write')
          refusing.append(change)
        },
        rewrite: () => {},
      },
    },
  )
  const list = async (): Promise<JsonObject> => {
    const answer = await server.request({ method: 'GET', path: maps })
    return JSON.parse(await answer.text()) as JsonObject
  }
  const names = (listed: JsonObject): unknown =>
    (listed['items'] as JsonObject[]).map((each) => valueAt(each, 'metadata', 'name'))
  const post = async () =>
    (
      await server.request({
        method: 'POST',
        path: maps,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(configMap('later')),
      })
    ).status
  await new Promise((resolve) => setImmediate(resolve))
  isFull = true
  const full = await list()
  expect(await post()).toBe(500)
  expect(await list()).toEqual(full)
  expect(names(full)).toEqual(names(before.object))
  isFull = false
  expect(await post()).toBe(201)
  server.close()
  first.server.close()
})

test('work that was cut short is taken up: workloads, deletions, namespaces', async () => {
  const journal = new MemoryJournal()
  const first = start(journal)
  await first.ask('POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'going' },
  })
  const uid = (await first.ask('POST', maps, configMap('owner'))).object
  const owner = valueAt(uid, 'metadata', 'uid') ?? ''
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner }]
  await first.ask('POST', maps, {
    ...configMap('owned'),
    metadata: { name: 'owned', ownerReferences },
  })
  await first.ask('POST', '/apis/apps/v1/namespaces/default/deployments', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      selector: { matchLabels: { a: 'b' } },
      template: {
        metadata: { labels: { a: 'b' } },
        spec: { containers: [{ name: 'c', image: 'i' }] },
      },
    },
  })
  await first.ask('DELETE', '/api/v1/namespaces/going')
  await first.ask('DELETE', `${maps}/owner`)
  first.server.close()
  // The process ended right after each of these, before any controller had seen it.
  const lastOf = (table: string, key: string): SavedChange | undefined =>
    journal.entries.filter((each) => each.table === table && each.key === key)[0]
  const isOwn = ({ table, key }: SavedChange): boolean =>
    ['replicasets.apps', 'pods', 'events'].includes(table) ||
    (table === 'namespaces' && key === 'going') ||
    key === 'default/owned' ||
    (table === 'deployments.apps' && key === 'default/web')
  const marked = journal.entries.find(
    ({ table, key, object }) =>
      table === 'namespaces' && key === 'going' && object?.metadata.deletionTimestamp !== undefined,
  )
  const cut = journal.entries.filter((each) => !isOwn(each))
  const kept = [lastOf('deployments.apps', 'default/web'), lastOf('configmaps', 'default/owned')]
  const restarted = new MemoryJournal()
  restarted.entries = [...cut, ...[...kept, marked].flatMap((each) => each ?? [])]
  const second = start(restarted)
  await new Promise((resolve) => setImmediate(resolve))
  await second.clock.advance(1000)
  expect((await second.ask('GET', '/api/v1/namespaces/going')).status).toBe(404)
  expect((await second.ask('GET', `${maps}/owned`)).status).toBe(404)
  const pods = await second.ask('GET', '/api/v1/namespaces/default/pods')
  expect(pods.object['items']).toHaveLength(1)
  second.server.close()
})
