import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Artifact, Kustomization } from '../../src/api/index.ts'
import { type ApiServer, createApiServer } from '../../src/apiserver/index.ts'
import {
  type Audit,
  type FileTree,
  type Log,
  memoryTree,
  noMetrics,
  seededRandom,
  silentLog,
  VirtualClock,
} from '../../src/base/index.ts'
import { createCluster } from '../../src/cluster/index.ts'
import {
  type ApiRequest,
  type Cluster,
  idOf,
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

/** A system under test: an embedded cluster, a source that is told its commits, the controller. */
export interface System {
  readonly clock: VirtualClock
  readonly cluster: Cluster
  /** Requests of the controller since the last call. */
  requests(): readonly string[]
  /** Gives a source a new commit: the files by path. */
  commit(files: Readonly<Record<string, string>>, source?: string): Promise<string>
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

/** How a system is started. */
export interface SystemOptions extends Partial<KustomizationOptions> {
  readonly audit?: Audit
  readonly isIdle?: boolean
  readonly log?: Log
  /** Puts trouble on the way of a controller to the server. */
  readonly faults?: (transport: Transport, end: AbortSignal) => Transport
}

/** Starts a system; the controller is started, too, unless `isIdle`. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const clock = new VirtualClock()
  const random = seededRandom(1)
  const server = createApiServer({ clock, random })
  const asked: string[] = []
  const log = options.log ?? silentLog
  const cluster = createCluster({ transport: server, clock, random })
  await installCrds(cluster)
  await applyYaml(cluster, `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${NAMESPACE}}`)
  const trees = new Map<string, FileTree>()
  let running: { end: AbortController; done: Promise<void> } | undefined
  let commits = 0
  /** Each controller has a way of its own to the server, which its crash cuts off. */
  const way = (end: AbortSignal): Cluster => {
    const transport = recording(server, asked)
    const faulty = options.faults === undefined ? transport : options.faults(transport, end)
    return createCluster({ transport: faulty, clock, random })
  }
  const system: System = {
    clock,
    cluster,
    requests: () => asked.splice(0),
    commit: async (files, source = 'repo') => {
      commits += 1
      const revision = `main@sha1:${String(commits).padStart(40, '0')}`
      trees.set(revision, memoryTree(files))
      await publish(cluster, source, artifactOf(revision))
      return revision
    },
    apply: async (...yaml) => {
      for (const text of yaml) await applyYaml(cluster, text)
    },
    get: (kind, name) => find(cluster, kind, name),
    kustomization: async (name) =>
      (await find(cluster, 'Kustomization', name)) as Kustomization | undefined,
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
      const list = await cluster.list({ group: '', kind: 'Event' }, { namespace: NAMESPACE })
      return list.items.map((event) => `${String(event['reason'])}: ${String(event['message'])}`)
    },
    start: (more = {}) => {
      const end = new AbortController()
      const own = way(end.signal)
      const controller = createKustomizationController({
        cluster: own,
        artifacts: { open: ({ revision }) => Promise.resolve(treeOf(trees, revision)) },
        clock,
        random,
        log,
        metrics: noMetrics,
        instance: 'test',
        ...(options.audit === undefined ? {} : { audit: options.audit }),
        events: createEvents({
          cluster: own,
          clock,
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

function recording(server: ApiServer, asked: string[]): Transport {
  return {
    request: (request: ApiRequest) => {
      asked.push(`${request.method} ${request.path}`)
      return server.request(request)
    },
  }
}

async function installCrds(cluster: Cluster): Promise<void> {
  for (const name of readdirSync(join(root, 'crds')).filter((each) => each.endsWith('.yaml')))
    await applyYaml(cluster, readFileSync(join(root, 'crds', name), 'utf8'))
}

async function applyYaml(cluster: Cluster, text: string): Promise<void> {
  for (const object of objectsOf(text)) {
    const isNamespaced = !['Namespace', 'CustomResourceDefinition', 'ClusterRole'].includes(
      object.kind,
    )
    const namespace = object.metadata.namespace ?? (isNamespaced ? NAMESPACE : '')
    await cluster.patch(
      { ...idOf(object), namespace, version: object.apiVersion.split('/').at(-1) ?? '' },
      { type: 'apply', value: object, force: true },
      { fieldManager: 'test' },
    )
  }
}

async function publish(cluster: Cluster, name: string, artifact: Artifact): Promise<void> {
  await applyYaml(
    cluster,
    `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: ${name}}
spec: {interval: 1h, url: http://example.com/repo.git}`,
  )
  await cluster.patch(
    {
      group: 'source.toolkit.fluxcd.io',
      version: 'v1',
      kind: 'GitRepository',
      namespace: NAMESPACE,
      name,
    },
    { type: 'merge', value: { status: { artifact: artifact as never } } },
    { subresource: 'status', fieldManager: 'test' },
  )
}

function artifactOf(revision: string): Artifact {
  return {
    path: `gitrepository/${NAMESPACE}/repo/${revision.slice(-40)}.tar.gz`,
    url: `http://artifacts/${revision}`,
    revision,
    digest: `sha256:${revision.slice(-40).padStart(64, '0')}`,
    lastUpdateTime: '2026-01-01T00:00:00Z',
    size: 1,
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

async function find(cluster: Cluster, kind: string, name: string): Promise<KubeObject | undefined> {
  const namespace = ['Namespace', 'CustomResourceDefinition'].includes(kind) ? '' : NAMESPACE
  try {
    return await cluster.get({ group: GROUPS[kind] ?? '', kind, namespace, name })
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

/** A ConfigMap in the namespace of the tests. */
export function configMap(name: string, data = 'a: b'): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: ${NAMESPACE}}\ndata: {${data}}\n`
}

function objectsOf(text: string): KubeObject[] {
  return parseYaml(text, 'test.yaml').flatMap((value) => (isKubeObject(value) ? [value] : []))
}
