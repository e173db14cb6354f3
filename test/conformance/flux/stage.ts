import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Artifact, SOURCE_GROUP } from '../../../src/api/index.ts'
import { type ApiServer, createApiServer, serve } from '../../../src/apiserver/index.ts'
import {
  type Clock,
  type FileTree,
  memoryTree,
  noMetrics,
  type Random,
  seededRandom,
  silentLog,
  VirtualClock,
} from '../../../src/base/index.ts'
import { createCluster } from '../../../src/cluster/index.ts'
import {
  type Cluster,
  idOf,
  isKubeObject,
  type KubeObject,
  parseYaml,
  type Transport,
} from '../../../src/object/index.ts'
import {
  createEvents,
  createGitRepositoryController,
  createKustomizationController,
  type RemoteClusters,
} from '../../../src/reconcile/index.ts'

/** Time that can be let pass: at once where it is virtual. */
export type StageClock = Clock & { advance(ms: number): Promise<void> }

/** An API server to play on, the time that it keeps, and how kubectl finds it. */
export interface StageServer {
  readonly transport: Transport
  readonly clock: StageClock
  /** The `cluster` and the `user` of a kubeconfig. */
  readonly access: { readonly cluster: object; readonly user: object }
  /** The controllers look at this namespace alone; absent: the server is theirs. */
  readonly namespace?: string
  /** Absent: `spec.kubeConfig` is refused. */
  readonly remoteClusters?: RemoteClusters
  close(): Promise<void>
}

/** Everything that a scenario is played on. */
export interface Stage {
  readonly clock: StageClock
  readonly cluster: Cluster
  readonly tempDir: string
  /** The object at a path of the API. */
  get(path: string): Promise<KubeObject | undefined>
  /** A kubeconfig for kubectl, as text. */
  kubeconfig(namespace: string): string
  /** Makes the files the newest commit of a scenario's repository; answers its hash. */
  commit(repository: string, files: Readonly<Record<string, string>>): string
  close(): Promise<void>
}

const LATENCY_MS = 5
const CRDS = join(import.meta.dirname, '../../../crds')

/** The embedded API server, with virtual time. */
export async function embeddedStage(): Promise<StageServer> {
  const clock = new VirtualClock()
  const random = seededRandom(7)
  const server: ApiServer = createApiServer({ clock, random })
  const served = await serve(server, { port: 0 })
  return {
    transport: server,
    clock,
    access: { cluster: { server: served.url }, user: {} },
    close: async () => {
      server.close()
      await served.close()
    },
  }
}

/** Starts both controllers, with Flux's timing, on an API server. */
export async function startStage(server: StageServer): Promise<Stage> {
  const { clock, transport } = server
  const random = seededRandom(7)
  const cluster = createCluster({ transport, clock, random })
  const tempDir = '/var/tmp/flux'
  for (const name of readdirSync(CRDS).filter((each) => each.endsWith('.yaml')))
    await applyText(cluster, readFileSync(join(CRDS, name), 'utf8'), '')
  const repositories = new Map<string, { commit: string; tree: FileTree }>()
  const trees = new Map<string, FileTree>()
  const end = new AbortController()
  const own = createCluster({ transport: distant(transport, clock, random), clock, random })
  const { namespace, remoteClusters } = server
  const scope = namespace === undefined ? {} : { watchNamespace: namespace }
  const deps = { cluster: own, clock, random, log: silentLog, metrics: noMetrics }
  const events = (component: string) => ({
    events: createEvents({ ...deps, component, instance: 'test' }),
  })
  const sources = createGitRepositoryController({
    ...deps,
    ...events('source-controller'),
    fetcher: {
      git: ({ url, have }) => {
        const name = url.split('/').at(-1)?.replace('.git', '') ?? ''
        const found = repositories.get(name)
        if (found === undefined) return Promise.reject(new Error(`no repository ${name}`))
        const revision = `main@sha1:${found.commit}`
        if (have === revision) return Promise.resolve('unchanged')
        const { commit, tree } = found
        return Promise.resolve({ revision, commit, subject: '', tree, release: () => undefined })
      },
    },
    store: storeOf(trees),
    options: scope,
  } as Parameters<typeof createGitRepositoryController>[0])
  const kustomizations = createKustomizationController({
    ...deps,
    ...events('kustomize-controller'),
    artifacts: { open: ({ digest = '' }) => Promise.resolve(trees.get(digest) ?? memoryTree({})) },
    ...(remoteClusters === undefined ? {} : { remoteClusters }),
    options: { fluxTiming: true, tempDir, concurrent: 24, ...scope },
  })
  const running = [sources.run(end.signal), kustomizations.run(end.signal)]
  return {
    clock,
    cluster,
    tempDir,
    kubeconfig: (namespace) => kubeconfig(server.access, namespace),
    get: async (path) => {
      const answer = await transport.request({
        method: 'GET',
        path,
        headers: { accept: 'application/json' },
      })
      const text = await answer.text()
      const value: unknown = answer.status === 200 ? JSON.parse(text) : undefined
      return isKubeObject(value) ? value : undefined
    },
    commit: (repository, files) => {
      const count = String(repositories.get(repository)?.commit ?? '')
      const commit = createHash('sha1').update(`${repository}${count}`).digest('hex')
      repositories.set(repository, { commit, tree: memoryTree(files) })
      return commit
    },
    close: async () => {
      end.abort(new Error('over'))
      let isOver = false
      void Promise.all(running).finally(() => {
        isOver = true
      })
      for (let i = 0; i < 100 && !isOver; i += 1) await clock.advance(100)
      await server.close()
    },
  }
}

function kubeconfig({ cluster, user }: StageServer['access'], namespace: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u', namespace } }],
    'current-context': 'c',
  })
}

/** The server as over a network: what happens at one moment is seen a moment later. */
function distant(server: Transport, clock: Clock, random: Random): Transport {
  return {
    request: async (request) => {
      // Never twice the same, so that no two durations are equal.
      await clock.sleep(LATENCY_MS + random.next(), request.signal)
      return server.request(request)
    },
  }
}

/** A store in memory: equal included files give equal digests. */
function storeOf(trees: Map<string, FileTree>): object {
  return {
    put: (input: {
      owner: { kind: string; namespace: string; name: string }
      revision: string
      file: string
      tree: FileTree
    }): Promise<Artifact> => {
      const files: Record<string, Uint8Array> = {}
      const walk = (dir: string): void => {
        for (const name of input.tree.list(dir) ?? []) {
          const path = dir === '' ? name : `${dir}/${name}`
          if (input.tree.kind(path) === 'dir') walk(path)
          else files[path] = input.tree.read(path) ?? new Uint8Array()
        }
      }
      walk('')
      const hash = createHash('sha256')
      for (const [path, bytes] of Object.entries(files)) hash.update(`${path}\0`).update(bytes)
      const digest = `sha256:${hash.digest('hex')}`
      trees.set(digest, memoryTree(files))
      const { kind, namespace, name } = input.owner
      const path = `${kind.toLowerCase()}/${namespace}/${name}/${input.file}`
      return Promise.resolve({
        path,
        url: `http://artifacts/${path}`,
        revision: input.revision,
        digest,
        lastUpdateTime: '2026-01-01T00:00:00Z',
        size: 1,
      })
    },
    verify: () => Promise.resolve('ok'),
    located: (artifact: Artifact) => artifact,
    discard: () => Promise.resolve(),
    collect: () => Promise.resolve([]),
    remove: () => Promise.resolve(true),
  }
}

const CLUSTER_KINDS: ReadonlySet<string> = new Set([
  'Namespace',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleBinding',
  'PriorityClass',
])

/** Server-side apply by a neutral manager. */
export async function applyText(cluster: Cluster, text: string, namespace: string): Promise<void> {
  for (const object of parseYaml(text, 'objects').flatMap((value): KubeObject[] =>
    isKubeObject(value) ? [value] : [],
  )) {
    const home = CLUSTER_KINDS.has(object.kind) ? '' : (object.metadata.namespace ?? namespace)
    await cluster.patch(
      { ...idOf(object), namespace: home, version: object.apiVersion.split('/').at(-1) ?? '' },
      { type: 'apply', value: object, force: true },
      { fieldManager: 'observe' },
    )
  }
}

export const GIT_REPOSITORY: {
  readonly group: string
  readonly version: string
  readonly kind: string
} = { group: SOURCE_GROUP, version: 'v1', kind: 'GitRepository' }
