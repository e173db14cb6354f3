import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fieldAt, idOf, idText, type Json, type KubeObject, valueAt } from '../src/object/index.ts'
import { type GitHost, startGitHost } from '../test/kit/git-host.ts'
import {
  bundle,
  CLUSTERS,
  clock,
  root,
  START_MS,
  startCluster,
  type TestCluster,
} from './clusters.ts'
import { until } from './kube/kube.ts'
import { startPods } from './pods.ts'
import { type Replica, startReplica } from './replicas.ts'

const KUSTOMIZATION = { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization' }
const OWNED = 'kustomize.toolkit.fluxcd.io/name'
/** Kinds that the fleet applies, as far as their versions are compared. */
const KINDS = [
  { group: '', kind: 'Namespace' },
  { group: '', kind: 'Service' },
  { group: 'apps', kind: 'Deployment' },
  { group: 'batch', kind: 'Job' },
  { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' },
]
const FLEET = join(root, 'deploy/examples/fleet')

/** The whole life of an installation, the same on every cluster. */
describe.each(CLUSTERS)('the life of an installation on the cluster %s', (name) => {
  let cluster: TestCluster
  let git: GitHost
  let replica: Replica
  let starts = 0
  const closers: (() => unknown)[] = []

  beforeAll(async () => {
    cluster = await startCluster(name)
    git = await startGitHost()
    // Where no node is, somebody has to say that pods run.
    if (name === 'kube') closers.push(startPods(cluster.cluster))
  }, START_MS)
  afterAll(async () => {
    replica?.child.kill('SIGKILL')
    for (const close of closers) close()
    await git.close()
    await cluster.close()
  })

  function tidegate(...args: string[]): Promise<{ readonly code: number; readonly out: string }> {
    const kubeconfig = `--kubeconfig=${cluster.kubeconfig('operator')}`
    return new Promise((resolve) => {
      execFile(process.execPath, [bundle, ...args, kubeconfig], (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), out: stdout + stderr }),
      )
    })
  }

  async function start(): Promise<void> {
    starts += 1
    replica = await startReplica(cluster, `controller-${starts}`, ['--enable-leader-election'])
  }

  function commit(change: Readonly<Record<string, string>> = {}): string {
    const files = { ...filesBelow(FLEET), ...change }
    const repository = git.repository('fleet')
    const head = repository.commit({ files, message: 'Change' })
    repository.setRef('refs/heads/main', head)
    return head
  }

  /** Waits until every Kustomization is Ready at a commit. */
  async function settled(what: string, head: string): Promise<void> {
    let last = ''
    try {
      await until(what, 120_000, async () => {
        const { items } = await cluster.cluster.list(KUSTOMIZATION)
        const states = items.map((item) => `${item.metadata.name} ${readyText(item)}`)
        last = states.join('; ')
        return (
          items.length >= 5 &&
          items.every((item) => readyText(item).startsWith('True') && isAt(item, head))
        )
      })
    } catch (error) {
      throw new Error(`${String(error)}: ${last}`)
    }
  }

  /** Resource versions of what Kustomizations manage, status aside: generations where there are any. */
  async function versions(): Promise<Record<string, string>> {
    const lists = await Promise.all(
      KINDS.map((kind) => cluster.cluster.list(kind, { labelSelector: OWNED })),
    )
    return Object.fromEntries(
      lists
        .flatMap(({ items }) => items)
        .map((item) => [
          idText(idOf(item)),
          JSON.stringify([
            item.metadata.generation ?? item.metadata.resourceVersion,
            item.metadata.labels,
          ]),
        ]),
    )
  }

  async function replicasOf(deployment: string): Promise<Json | undefined> {
    const object = await cluster.cluster.get({
      group: 'apps',
      kind: 'Deployment',
      namespace: 'flux-system',
      name: deployment,
    })
    return fieldAt(object, 'spec', 'replicas')
  }

  test('install, run the fleet, upgrade, kill, take over from Flux, uninstall', {
    timeout: 600_000,
  }, async () => {
    // Install. In kind the image is there and a pod comes up; elsewhere a process stands in for it.
    const isReal = name === 'kubeconfig'
    const installed = await tidegate('install', ...(isReal ? [] : ['--no-wait']))
    expect(installed.out).toContain('✔ installed')
    if (isReal) {
      expect((await tidegate('check')).out).toContain('✔ all checks passed')
      await scale('tidegate', 0)
    }
    await start()

    // The fleet comes up, in its order.
    let head = commit()
    await cluster.apply(entry(`${git.url}/plain/fleet.git`))
    await settled('the fleet is ready', head)
    const first = await versions()
    expect(Object.keys(first).length).toBeGreaterThan(5)

    // An upgrade of the controller changes nothing that it manages.
    const again = await tidegate('install', '--no-wait')
    expect(again.code, again.out).toBe(0)
    replica.child.kill('SIGTERM')
    expect(await replica.ended).toBe(0)
    await start()
    head = commit({ 'README.md': 'A change that concerns nobody.\n' })
    await reconcileNow()
    await settled('after the upgrade', head)
    expect(await versions()).toEqual(first)

    // A kill in the middle of a change: the next process finishes it.
    const web = readFileSync(join(FLEET, 'apps/base/web/service.yaml'), 'utf8')
    head = commit({
      'apps/base/web/service.yaml': web.replace(
        /^metadata:\n/m,
        'metadata:\n  annotations: {e2e: changed}\n',
      ),
    })
    await reconcileNow()
    await clock.sleep(300)
    replica.child.kill('SIGKILL')
    await replica.ended
    await start()
    await settled('after the kill', head)

    // Flux is there, as its bootstrap leaves it: the installer says so, and takes over when told to.
    await cluster.apply(['source-controller', 'kustomize-controller'].map(fluxController))
    const refused = await tidegate('install', '--no-wait')
    expect([refused.code === 0, refused.out]).toEqual([
      false,
      expect.stringContaining('--takeover'),
    ])
    const before = await versions()
    const plan = await tidegate('install', '--takeover', '--dry-run')
    expect(plan.out).toContain('Deployment/flux-system/kustomize-controller scaled from 1 to 0')
    expect(await replicasOf('kustomize-controller')).toBe(1)
    const taken = await tidegate('install', '--takeover', '--no-wait', '--timeout=60s')
    expect(taken.code, taken.out).toBe(0)
    expect(await replicasOf('kustomize-controller')).toBe(0)
    await reconcileNow()
    await settled('after the take-over', head)
    expect(await versions()).toEqual(before)

    // And back: what is managed stays as it is, Flux is where it was.
    replica.child.kill('SIGTERM')
    expect(await replica.ended).toBe(0)
    const gone = await tidegate('uninstall', '--timeout=60s')
    expect(gone.code, gone.out).toBe(0)
    expect([
      await replicasOf('source-controller'),
      await replicasOf('kustomize-controller'),
    ]).toEqual([1, 1])
    expect(await versions()).toEqual(before)
    const swept = await tidegate('uninstall', '--crds', '--timeout=60s')
    expect(swept.code, swept.out).toBe(0)
    const left = await versions()
    expect(Object.keys(left)).toEqual(Object.keys(before))
  })

  /** Asks for a reconciliation of the entry and its source, as `flux reconcile` does. */
  async function reconcileNow(): Promise<void> {
    for (const [group, kind] of [
      ['source.toolkit.fluxcd.io', 'GitRepository'],
      [KUSTOMIZATION.group, 'Kustomization'],
    ] as const)
      await cluster.cluster.patch(
        { group, kind, namespace: 'flux-system', name: 'flux-system' },
        {
          type: 'merge',
          value: {
            metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': `${clock.now()}` } },
          },
        },
      )
  }

  async function scale(deployment: string, replicas: number): Promise<void> {
    await cluster.cluster.patch(
      { group: 'apps', kind: 'Deployment', namespace: 'flux-system', name: deployment },
      { type: 'merge', value: { spec: { replicas } } },
    )
  }
})

function readyText(item: KubeObject): string {
  const conditions = fieldAt(item, 'status', 'conditions') as Json
  const list = Array.isArray(conditions) ? conditions : []
  const ready = list.find((each) => valueAt(each, 'type') === 'Ready') ?? null
  return `${String(valueAt(ready, 'status'))} ${String(valueAt(ready, 'message'))}`
}

function isAt(item: KubeObject, head: string): boolean {
  return String(fieldAt(item, 'status', 'lastAppliedRevision')).endsWith(head)
}

/** What `flux bootstrap` makes: the repository that the cluster follows. */
function entry(url: string): KubeObject[] {
  const metadata = { name: 'flux-system', namespace: 'flux-system' }
  return [
    {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata,
      spec: { interval: '1m', url, ref: { branch: 'main' } },
    },
    {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata,
      spec: {
        interval: '1m',
        prune: true,
        path: './clusters/production',
        sourceRef: { kind: 'GitRepository', name: 'flux-system' },
      },
    },
  ]
}

function fluxController(name: string): KubeObject {
  const labels = { app: name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'flux-system', labels: { 'app.kubernetes.io/part-of': 'flux' } },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'manager', image: `ghcr.io/fluxcd/${name}:v1` }] },
      },
    },
  }
}

function filesBelow(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = names.filter((file) => statSync(join(folder, file)).isFile())
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
}
