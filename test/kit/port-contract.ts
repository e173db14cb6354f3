import {
  type ApiRequest,
  type ApiResponse,
  type Cluster,
  isApiFault,
  type Json,
  type KubeObject,
  type ObjectRef,
  type Transport,
  valueAt,
  type WatchEvent,
} from '../../src/object/index.ts'

/** What a case of the contract of the Cluster port gets. */
export interface PortSetting {
  readonly cluster: Cluster
  /** Empty, and the case's own. */
  readonly namespace: string
  /** The same cluster over a transport whose answers the case may change. */
  over(change: Change): Cluster
}

/** Changes the answer to a request; undefined: leaves it. */
export type Change = (request: ApiRequest) => ApiResponse | undefined

/** A case: what is done, and what every API server has to make of it. */
export interface PortCase {
  readonly why: string
  readonly run: (on: PortSetting) => Promise<Json>
  readonly want: Json
}

/** A transport that answers some requests by itself, and asks for small pages. */
export function changed(transport: Transport, change: Change): Transport {
  return {
    request: async (request) => {
      const path = request.path.replace(/limit=\d+/, `limit=${PAGE}`)
      return change(request) ?? transport.request({ ...request, path })
    },
  }
}

const KIND = { group: '', kind: 'ConfigMap' }

function named(namespace: string, name: string): ObjectRef {
  return { ...KIND, namespace, name }
}

function configMap(namespace: string, name: string, data: Json, labels?: Json): KubeObject {
  const metadata = { name, namespace, ...(labels === undefined ? {} : { labels }) }
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data } as unknown as KubeObject
}

/** The code of the fault that something ends with; `''` where it ends well. */
async function codeOf(done: Promise<unknown>): Promise<string> {
  try {
    await done
    return ''
  } catch (error) {
    if (isApiFault(error)) return error.code
    throw error
  }
}

function gone(): ApiResponse {
  const text = JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message: 'too old',
    reason: 'Expired',
    code: 410,
  })
  return {
    status: 410,
    headers: { 'content-type': 'application/json' },
    text: () => Promise.resolve(text),
    lines: async function* () {
      yield await Promise.resolve(text)
    },
  }
}

/** A watch, read event by event. */
class Reader {
  readonly #ended = new AbortController()
  readonly #events: AsyncIterator<WatchEvent>

  constructor(cluster: Cluster, namespace: string, labelSelector?: string) {
    const options = {
      namespace,
      signal: this.#ended.signal,
      ...(labelSelector === undefined ? {} : { labelSelector }),
    }
    this.#events = cluster.watch(KIND, options)[Symbol.asyncIterator]()
  }

  /** The next events: their type and the name of the object; what a namespace brings is left out. */
  async next(count: number): Promise<string[]> {
    const seen: string[] = []
    while (seen.length < count) {
      const { value } = await this.#events.next()
      const event = value as WatchEvent
      if (event.type === 'synced') seen.push('synced')
      else if (event.object.metadata.name !== 'kube-root-ca.crt')
        seen.push(`${event.type} ${event.object.metadata.name}`)
    }
    return seen
  }

  end(): void {
    this.#ended.abort()
  }
}

/** Lists are asked for in pages of so many instead of hundreds. */
const PAGE = 10
const MANY = 26

/** The contract of the Cluster port: what the rooms above may rely on, whatever server is below. */
export const portCases: Readonly<Record<string, PortCase>> = {
  faults: {
    why: 'each refusal has its code',
    run: async ({ cluster, namespace }) => {
      const ref = named(namespace, 'a')
      const missing = await codeOf(cluster.get(ref))
      const made = await cluster.create(configMap(namespace, 'a', { x: '1' }))
      const twice = await codeOf(cluster.create(configMap(namespace, 'a', {})))
      await cluster.update({ ...made, data: { x: '2' } })
      const stale = await codeOf(cluster.update({ ...made, data: { x: '3' } }))
      const invalid = await codeOf(cluster.create(configMap(namespace, 'A_b', {})))
      const bad = await codeOf(cluster.patch(ref, { type: 'merge', value: { data: { a: 1 } } }))
      const other = await codeOf(cluster.delete(ref, { uid: 'other' }))
      const old = await codeOf(cluster.delete(ref, { resourceVersion: '1' }))
      const noKind = await codeOf(cluster.list({ group: 'nope.example.com', kind: 'Nope' }))
      const noNamespace = await codeOf(cluster.create(configMap(`${namespace}-not`, 'a', {})))
      return { missing, twice, stale, invalid, bad, other, old, noKind, noNamespace }
    },
    want: {
      missing: 'NOT_FOUND',
      twice: 'ALREADY_EXISTS',
      stale: 'CONFLICT',
      invalid: 'INVALID',
      bad: 'INVALID',
      other: 'CONFLICT',
      old: 'CONFLICT',
      noKind: 'NO_MATCH',
      noNamespace: 'NOT_FOUND',
    },
  },
  applies: {
    why: 'owners of fields, force, trials, and applies that change nothing',
    run: async ({ cluster, namespace }) => {
      const ref = named(namespace, 'a')
      const apply = (fieldManager: string, data: Json, more: object = {}): Promise<KubeObject> => {
        const { force = false, dryRun = false } = more as { force?: boolean; dryRun?: boolean }
        const value = configMap(namespace, 'a', data)
        return cluster.patch(ref, { type: 'apply', value, force }, { fieldManager, dryRun })
      }
      const first = await apply('m1', { x: '1' })
      const again = await apply('m1', { x: '1' })
      const conflict = await codeOf(apply('m2', { x: '2' }))
      const trial = await apply('m2', { x: '2' }, { force: true, dryRun: true })
      const still = await cluster.get(ref)
      await apply('m2', { x: '2', y: '1' }, { force: true })
      const shared = await apply('m1', {})
      return {
        same: first.metadata.resourceVersion === again.metadata.resourceVersion,
        conflict,
        trial: trial['data'] as Json,
        still: still['data'] as Json,
        shared: shared['data'] as Json,
        owners: (shared.metadata.managedFields ?? []).map(({ manager = '' }) => manager),
      }
    },
    want: {
      same: true,
      conflict: 'CONFLICT',
      trial: { x: '2' },
      still: { x: '1' },
      shared: { x: '2', y: '1' },
      owners: ['m1', 'm2'],
    },
  },
  lists: {
    why: 'selectors, metadata alone, and lists that come in several pages',
    run: async ({ cluster, namespace, over }) => {
      const names = Array.from({ length: MANY }, (_, i) => `c-${String(i).padStart(4, '0')}`)
      await Promise.all(
        names.map((name, i) =>
          cluster.create(configMap(namespace, name, {}, { even: String(i % 2) })),
        ),
      )
      const small = over(() => undefined)
      const all = await small.list(KIND, { namespace, labelSelector: 'even' })
      const half = await cluster.list(KIND, { namespace, labelSelector: 'even=0' })
      const one = await cluster.list(KIND, { namespace, fieldSelector: 'metadata.name=c-0007' })
      const [meta] = (await cluster.list(KIND, { namespace, metadataOnly: true })).items
      let pages = 0
      const broken = over(({ path }) => {
        if (!path.includes('continue=')) return undefined
        pages += 1
        return pages === 1 ? gone() : undefined
      })
      const whole = await broken.list(KIND, { namespace, labelSelector: 'even' })
      return {
        all: all.items.length,
        inOrder: all.items.every((each, i) => each.metadata.name === names[i]),
        half: half.items.length,
        one: one.items.map((each) => each.metadata.name ?? ''),
        kind: meta?.kind ?? '',
        hasData: meta?.['data'] !== undefined,
        whole: whole.items.length,
        broken: pages > 0,
      }
    },
    want: {
      all: MANY,
      inOrder: true,
      half: MANY / 2,
      one: ['c-0007'],
      kind: 'ConfigMap',
      hasData: false,
      whole: MANY,
      broken: true,
    },
  },
  watches: {
    why: 'what is there, what changes, what leaves the selection',
    run: async ({ cluster, namespace }) => {
      await cluster.create(configMap(namespace, 'a', {}, { w: '1' }))
      const reader = new Reader(cluster, namespace, 'w=1')
      const first = await reader.next(2)
      await cluster.create(configMap(namespace, 'b', {}, { w: '1' }))
      await cluster.create(configMap(namespace, 'c', {}, { w: '2' }))
      const unlabel = { metadata: { labels: { w: null } } }
      await cluster.patch(named(namespace, 'a'), { type: 'merge', value: unlabel })
      await cluster.delete(named(namespace, 'b'))
      const later = await reader.next(3)
      reader.end()
      return { first, later }
    },
    want: {
      first: ['upsert a', 'synced'],
      later: ['upsert b', 'delete a', 'delete b'],
    },
  },
  'a watch that is too old': {
    why: 'a list heals it, and tells what vanished meanwhile',
    run: async ({ cluster, namespace, over }) => {
      await cluster.create(configMap(namespace, 'a', {}))
      await cluster.create(configMap(namespace, 'b', {}))
      let watches = 0
      const broken = over(({ path }) => {
        if (!path.includes('watch=')) return undefined
        watches += 1
        return watches === 1 ? gone() : undefined
      })
      const reader = new Reader(broken, namespace)
      const first = await reader.next(3)
      await cluster.delete(named(namespace, 'a'))
      await cluster.create(configMap(namespace, 'c', {}))
      const later = await reader.next(2)
      reader.end()
      return { first, later: later.sort() }
    },
    want: { first: ['upsert a', 'upsert b', 'synced'], later: ['delete a', 'upsert c'] },
  },
  deletions: {
    why: 'finalizers keep an object, and propagation adds its own',
    run: async ({ cluster, namespace }) => {
      const kept = configMap(namespace, 'a', {})
      const metadata = { ...kept.metadata, finalizers: ['example.com/x'] }
      await cluster.create({ ...kept, metadata })
      const ref = named(namespace, 'a')
      await cluster.delete(ref, { dryRun: true })
      const before = (await cluster.get(ref)).metadata.deletionTimestamp === undefined
      await cluster.delete(ref, { propagation: 'Foreground' })
      const marked = await cluster.get(ref)
      const none = { metadata: { finalizers: null } }
      await cluster.patch(ref, { type: 'merge', value: none })
      return {
        before,
        finalizers: [...(marked.metadata.finalizers ?? [])].sort(),
        after: await codeOf(cluster.get(ref)),
      }
    },
    want: {
      before: true,
      finalizers: ['example.com/x', 'foregroundDeletion'],
      after: 'NOT_FOUND',
    },
  },
  others: {
    why: 'who asks as somebody else is judged as he is; a service account gets a token',
    run: async ({ cluster, namespace }) => {
      const eve = cluster.as({ user: 'eve', groups: ['nobodies'] })
      const refused = await codeOf(eve.list(KIND, { namespace }))
      const metadata = { name: 'bot', namespace }
      await cluster.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata })
      const token = await cluster.serviceAccountToken({ namespace, name: 'bot' }, [])
      const review = await cluster.create({
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        metadata: {},
        spec: { token },
      })
      return { refused, who: valueAt(review['status'] as Json, 'user', 'username') ?? '' }
    },
    want: { refused: 'FORBIDDEN', who: 'system:serviceaccount:{ns}:bot' },
  },
}

/** Plays a case in a namespace of its own. */
export async function playPort(
  of: PortCase,
  on: { readonly namespace: string; readonly transport: Transport },
  clusterOf: (transport: Transport) => Cluster,
): Promise<Json> {
  const { namespace, transport } = on
  const cluster = clusterOf(transport)
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  const over = (change: Change): Cluster => clusterOf(changed(transport, change))
  const found = await of.run({ cluster, namespace, over })
  return JSON.parse(JSON.stringify(found).replaceAll(namespace, '{ns}')) as Json
}
