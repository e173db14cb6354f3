import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Artifact, Kustomization } from '../../src/api/index.ts'
import { type ApiServer, createApiServer } from '../../src/apiserver/index.ts'
import {
  type Audit,
  type Clock,
  type FileTree,
  type Log,
  memoryTree,
  noMetrics,
  type Random,
  seededRandom,
  silentLog,
  VirtualClock,
} from '../../src/base/index.ts'
import { createCluster } from '../../src/cluster/index.ts'
import {
  type ApiRequest,
  type Cluster,
  type GroupKind,
  idOf,
  isApiFault,
  isKubeObject,
  type KubeObject,
  parseYaml,
  type Transport,
} from '../../src/object/index.ts'
import {
  createEvents,
  createKustomizationController,
  type KustomizationOptions,
} from '../../src/reconcile/index.ts'

/** Time that can be let pass: at once where it is virtual. */
export type TestClock = Clock & { advance(ms: number): Promise<void> }

/** An API server that a system runs on, and the time that it keeps. */
export interface TestServer {
  readonly transport: Transport
  readonly clock: TestClock
  close(): void
}

/** A system under test: a cluster, a source that is told its commits, the controller. */
export interface System<C extends TestClock = VirtualClock> {
  readonly namespace: string
  readonly clock: C
  readonly cluster: Cluster
  /** Requests of the controller since the last call. */
  requests(): readonly string[]
  /** Gives a source a new commit: the files by path. */
  commit(
    files: Readonly<Record<string, string>>,
    source?: string,
    more?: SourceOptions,
  ): Promise<string>
  apply(...yaml: readonly string[]): Promise<void>
  get(kind: string, name: string): Promise<KubeObject | undefined>
  kustomization(name: string): Promise<Kustomization | undefined>
  /** Lets time pass in small steps until the claim holds; throws after `ms`. */
  until(claim: () => Promise<boolean>, ms?: number): Promise<void>
  ready(name: string): Promise<boolean>
  events(): Promise<readonly string[]>
  /** Ends the controller, as a crash would; `start` begins another. */
  stop(): Promise<void>
  start(options?: Partial<KustomizationOptions>): void
  close(): Promise<void>
}

const root = join(import.meta.dirname, '../..')
export const NAMESPACE = 'test'

/** What a commit is published as, when not as a plain GitRepository. */
export interface SourceOptions {
  readonly kind?: 'GitRepository' | 'OCIRepository' | 'ExternalArtifact'
  readonly namespace?: string
  /** `artifact.metadata`. */
  readonly metadata?: Readonly<Record<string, string>>
}

/** How a system is started. */
export interface SystemOptions extends Partial<KustomizationOptions> {
  /** The embedded one, with virtual time, unless another is given. */
  readonly server?: TestServer
  readonly namespace?: string
  readonly audit?: Audit
  readonly isIdle?: boolean
  readonly log?: Log
  /** The clock that a controller is given, where it is not that of the test. */
  readonly controllerClock?: (clock: Clock) => Clock
  /** Awaited before an artifact is opened. */
  readonly beforeArtifact?: () => Promise<void>
  /** Puts trouble on the way of a controller to the server. */
  readonly faults?: (transport: Transport, end: AbortSignal) => Transport
}

/** Starts a system; the controller is started, too, unless `isIdle`. */
export function startSystem(
  options: SystemOptions & { readonly server: TestServer },
): Promise<System<TestClock>>
export function startSystem(options?: SystemOptions): Promise<System>
export async function startSystem(options: SystemOptions = {}): Promise<System<TestClock>> {
  const random = seededRandom(1)
  const server = options.server ?? embeddedServer(random)
  const { clock } = server
  const namespace = options.namespace ?? NAMESPACE
  const asked: string[] = []
  const log = options.log ?? silentLog
  const cluster = createCluster({ transport: server.transport, clock, random })
  if (options.server === undefined) await installCrds(cluster, clock)
  await applyYaml(cluster, `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${namespace}}`, '')
  const trees = new Map<string, FileTree>()
  let running: { end: AbortController; done: Promise<void> } | undefined
  let commits = 0
  const theirClock = options.controllerClock?.(clock) ?? clock
  /** Each controller has a way of its own to the server, which its crash cuts off. */
  const way = (end: AbortSignal): Cluster => {
    const transport = recording(server.transport, asked)
    const faulty = options.faults === undefined ? transport : options.faults(transport, end)
    return createCluster({ transport: faulty, clock: theirClock, random })
  }
  const system: System<TestClock> = {
    namespace,
    clock,
    cluster,
    requests: () => asked.splice(0),
    commit: async (files, source = 'repo', more = {}) => {
      commits += 1
      const revision = `main@sha1:${String(commits).padStart(40, '0')}`
      trees.set(revision, memoryTree(files))
      await publish(cluster, { namespace, ...more, name: source }, artifactOf(revision, more))
      return revision
    },
    apply: async (...yaml) => {
      for (const text of yaml) await applyYaml(cluster, text, namespace)
    },
    get: (kind, name) => find(cluster, kind, { namespace, name }),
    kustomization: async (name) =>
      (await find(cluster, 'Kustomization', { namespace, name })) as Kustomization | undefined,
    until: async (claim, ms = 60_000) => {
      for (let waited = 0; waited <= ms; waited += 50) {
        if (await claim()) return
        await clock.advance(50)
      }
      throw new Error(`not seen within ${ms} ms`)
    },
    ready: async (name) => {
      const object = await system.kustomization(name)
      return object?.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
    },
    events: async () => {
      const list = await cluster.list({ group: '', kind: 'Event' }, { namespace })
      return list.items.map((event) => `${String(event['reason'])}: ${String(event['message'])}`)
    },
    start: (more = {}) => {
      const end = new AbortController()
      const cut = way(end.signal)
      const controller = createKustomizationController({
        cluster: cut,
        artifacts: {
          open: async ({ revision }) => {
            await options.beforeArtifact?.()
            return treeOf(trees, revision)
          },
        },
        clock: theirClock,
        random,
        log,
        metrics: noMetrics,
        instance: 'test',
        ...(options.audit === undefined ? {} : { audit: options.audit }),
        events: createEvents({
          cluster: cut,
          clock: theirClock,
          log,
          component: 'kustomize-controller',
          instance: 'test',
        }),
        options: { ...options, ...more },
      })
      running = { end, done: controller.run(end.signal) }
    },
    stop: async () => {
      running?.end.abort(new Error('stopped'))
      const { done } = running ?? {}
      running = undefined
      let isDone = false
      void done?.finally(() => {
        isDone = true
      })
      for (let i = 0; i < 50 && !isDone; i += 1) await clock.advance(100)
    },
    close: async () => {
      await system.stop()
      server.close()
    },
  }
  if (options.isIdle !== true) system.start()
  return system
}

/** An API server in this process, with virtual time. */
export function embeddedServer(random: Random = seededRandom(1)): TestServer {
  const clock = new VirtualClock()
  const server: ApiServer = createApiServer({ clock, random })
  return { transport: server, clock, close: () => server.close() }
}

function recording(server: Transport, asked: string[]): Transport {
  return {
    request: (request: ApiRequest) => {
      asked.push(`${request.method} ${request.path}`)
      return server.request(request)
    },
  }
}

/**
 * Makes the kinds known that are ours, and waits until the server's discovery tells of all of them, which
 * on a real one is later than the definitions are established.
 */
export async function installCrds(cluster: Cluster, clock: TestClock): Promise<void> {
  for (const name of readdirSync(join(root, 'crds')).filter((each) => each.endsWith('.yaml')))
    await applyYaml(cluster, readFileSync(join(root, 'crds', name), 'utf8'), '')
  const definitions = { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' }
  for (const { spec } of (await cluster.list(definitions)).items as readonly Definition[])
    await served(cluster, clock, { group: spec.group, kind: spec.names.kind })
}

interface Definition extends KubeObject {
  readonly spec: { readonly group: string; readonly names: { readonly kind: string } }
}

async function served(cluster: Cluster, clock: TestClock, kind: GroupKind): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += 50) {
    try {
      await cluster.list(kind)
      return
    } catch (error) {
      if (waitedMs > SERVED_WITHIN_MS || !isApiFault(error, 'NO_MATCH')) throw error
      await clock.advance(50)
      cluster.forgetDiscovery()
    }
  }
}

const SERVED_WITHIN_MS = 20_000

const CLUSTER_KINDS: readonly string[] = [
  'Namespace',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleBinding',
]

async function applyYaml(cluster: Cluster, text: string, home: string): Promise<void> {
  for (const object of objectsOf(text)) {
    const isNamespaced = !CLUSTER_KINDS.includes(object.kind)
    const namespace = object.metadata.namespace ?? (isNamespaced ? home : '')
    await cluster.patch(
      { ...idOf(object), namespace, version: object.apiVersion.split('/').at(-1) ?? '' },
      { type: 'apply', value: object, force: true },
      { fieldManager: 'test' },
    )
  }
}

/** Specs that a source of a kind has to have. */
const SOURCE_SPECS = {
  GitRepository: '{interval: 1h, url: http://example.com/repo.git}',
  OCIRepository: '{interval: 1h, url: oci://example.com/repo}',
  ExternalArtifact: '{sourceRef: {apiVersion: example.com/v1, kind: Maker, name: maker}}',
} as const

async function publish(
  cluster: Cluster,
  source: SourceOptions & { readonly namespace: string; readonly name: string },
  artifact: Artifact,
): Promise<void> {
  const { kind = 'GitRepository', namespace, name } = source
  const text = `apiVersion: source.toolkit.fluxcd.io/v1
kind: ${kind}
metadata: {name: ${name}}
spec: ${SOURCE_SPECS[kind]}`
  await applyYaml(cluster, text, namespace)
  await cluster.patch(
    { group: 'source.toolkit.fluxcd.io', version: 'v1', kind, namespace, name },
    { type: 'merge', value: { status: { artifact: artifact as never } } },
    { subresource: 'status', fieldManager: 'test' },
  )
}

function artifactOf(revision: string, { metadata }: SourceOptions): Artifact {
  return {
    path: `gitrepository/${NAMESPACE}/repo/${revision.slice(-40)}.tar.gz`,
    url: `http://artifacts/${revision}`,
    revision,
    digest: `sha256:${revision.slice(-40).padStart(64, '0')}`,
    lastUpdateTime: '2026-01-01T00:00:00Z',
    size: 1,
    ...(metadata === undefined ? {} : { metadata }),
  }
}

function treeOf(trees: ReadonlyMap<string, FileTree>, revision: string): FileTree {
  const tree = trees.get(revision)
  if (tree === undefined) throw new Error(`no artifact ${revision}`)
  return tree
}

const GROUPS: Readonly<Record<string, string>> = {
  Kustomization: 'kustomize.toolkit.fluxcd.io',
  Deployment: 'apps',
  CustomResourceDefinition: 'apiextensions.k8s.io',
}

async function find(
  cluster: Cluster,
  kind: string,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<KubeObject | undefined> {
  const home = CLUSTER_KINDS.includes(kind) ? '' : namespace
  try {
    return await cluster.get({ group: GROUPS[kind] ?? '', kind, namespace: home, name })
  } catch {
    return undefined
  }
}

/** A Kustomization of the source `repo`, with the rest of its spec as inline YAML. */
export function kustomization(name: string, spec = ''): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}}
spec:
  interval: 1h
  prune: true
  path: ./${name}
  sourceRef: {kind: GitRepository, name: repo}
${spec
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => `  ${line}`)
  .join('\n')}`
}

/** A ConfigMap in the namespace of the tests, or another. */
export function configMap(
  name: string,
  data: string = 'a: b',
  namespace: string = NAMESPACE,
): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: ${namespace}}\ndata: {${data}}\n`
}

function objectsOf(text: string): KubeObject[] {
  return parseYaml(text, 'test.yaml').flatMap((value) => (isKubeObject(value) ? [value] : []))
}
