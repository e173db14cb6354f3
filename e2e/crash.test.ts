import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { InventoryEntry } from '../src/api/index.ts'
import { seededRandom } from '../src/base/index.ts'
import { fieldAt, type KubeObject } from '../src/object/index.ts'
import { parseEntry } from '../src/plan/index.ts'
import { type GitHost, startGitHost } from '../test/kit/git-host.ts'
import { CLUSTERS, startCluster, type TestCluster } from './clusters.ts'
import { until } from './kube/kube.ts'
import { type Replica, startReplica } from './replicas.ts'

const NAMESPACE = 'crash'
const OWNER = 'kustomize.toolkit.fluxcd.io/name'
/** Objects that stay, and as many that every commit names anew. */
const HALF = 80
/** The controller is killed after so many writes of an upgrade, which takes some 250. */
const WRITES_UNTIL_KILL = [1, 2, 3, 20, 50, 81, 83, 100, 150, 161, 163]
const RANDOM_KILLS = Number(process.env['KILLS'] ?? '4')

const KUSTOMIZATION = { group: 'kustomize.toolkit.fluxcd.io', version: 'v1', kind: 'Kustomization' }
const SOURCE = { group: 'source.toolkit.fluxcd.io', version: 'v1', kind: 'GitRepository' }
const CONFIG_MAP = { group: '', version: 'v1', kind: 'ConfigMap' }
const NAMESPACES = { group: '', version: 'v1', kind: 'Namespace' }

describe.each(CLUSTERS)('killed at any moment, on %s', (name) => {
  let cluster: TestCluster
  let git: GitHost
  let replica: Replica
  let generation = 0

  beforeAll(async () => {
    cluster = await startCluster(name)
    git = await startGitHost()
    commit()
    await cluster.apply([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
      {
        apiVersion: 'source.toolkit.fluxcd.io/v1',
        kind: 'GitRepository',
        metadata: { name: 'repo', namespace: NAMESPACE },
        spec: { interval: '1h', url: `${git.url}/plain/repo.git`, ref: { branch: 'main' } },
      },
      {
        apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
        kind: 'Kustomization',
        metadata: { name: 'app', namespace: NAMESPACE },
        spec: {
          interval: '1h',
          retryInterval: '5s',
          path: './app',
          prune: true,
          sourceRef: { kind: 'GitRepository', name: 'repo' },
        },
      },
    ])
    await start()
    await settled()
  }, 120_000)
  afterAll(async () => {
    replica.child.kill('SIGKILL')
    await replica.ended
    await git.close()
    await cluster.close()
  })

  async function start(): Promise<void> {
    replica = await startReplica(cluster, `r${generation}`, ['--concurrent-ssa=2'])
  }

  async function kill(): Promise<void> {
    replica.child.kill('SIGKILL')
    await replica.ended
  }

  function wanted(): string[] {
    const stays = Array.from({ length: HALF }, (_, i) => `stays-${i}`)
    return [...stays, ...Array.from({ length: HALF }, (_, i) => `g${generation}-${i}`)].sort()
  }

  /** A commit that gives half of the objects new names. */
  function commit(more: Readonly<Record<string, string>> = {}): void {
    generation += 1
    const app = wanted().map(
      (each) =>
        `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${each}, namespace: ${NAMESPACE}}\ndata: {g: "${generation}"}\n`,
    )
    const files = { 'app/all.yaml': app.join('---\n'), ...more }
    const repository = git.repository('repo')
    const message = `generation ${generation}`
    repository.setRef('refs/heads/main', repository.commit({ files, message, at: generation }))
  }

  function head(): string {
    return git.repository('repo').refs().get('refs/heads/main') ?? ''
  }

  async function ask(): Promise<void> {
    const at = { 'reconcile.fluxcd.io/requestedAt': `generation-${generation}` }
    await cluster.cluster.patch(
      { ...SOURCE, namespace: NAMESPACE, name: 'repo' },
      { type: 'merge', value: { metadata: { annotations: at } } },
    )
  }

  function app(): Promise<KubeObject> {
    return cluster.cluster.get({ ...KUSTOMIZATION, namespace: NAMESPACE, name: 'app' })
  }

  async function settled(): Promise<void> {
    await ask()
    await until(`generation ${generation} is applied`, 90_000, async () =>
      String(fieldAt(await app(), 'status', 'lastAppliedRevision')).endsWith(head()),
    )
  }

  async function live(): Promise<string[]> {
    const { items } = await cluster.cluster.list(CONFIG_MAP, {
      namespace: NAMESPACE,
      labelSelector: OWNER,
    })
    return items.map(({ metadata }) => metadata.name ?? '').sort()
  }

  /** Live objects of ours that are in no inventory. */
  async function lost(): Promise<string[]> {
    const all = await live()
    const entries = fieldAt(await app(), 'status', 'inventory', 'entries') ?? []
    const tracked = new Set(
      (entries as unknown as InventoryEntry[]).map((entry) => parseEntry(entry)?.name),
    )
    return all.filter((each) => !tracked.has(each))
  }

  const random = seededRandom(7)
  const draws = Array.from({ length: RANDOM_KILLS }, () => Math.floor(random.next() * 240) + 1)
  test.each([...WRITES_UNTIL_KILL, ...draws])(
    'after %i writes of an upgrade that renames half, with another such commit before the restart',
    async (writes) => {
      commit()
      const before = cluster.writes.length
      await ask()
      while (cluster.writes.length - before < writes && !(await isApplied()))
        await new Promise((resolve) => setTimeout(resolve, 1))
      await kill()
      expect(await lost()).toEqual([])
      commit()
      await start()
      await settled()
      expect(await lost()).toEqual([])
      expect(await live()).toEqual(wanted())
    },
  )

  let asked = 0
  /** An upgrade that was over before it was killed is no reason to wait for ever. */
  async function isApplied(): Promise<boolean> {
    asked += 1
    if (asked % 50 > 0) return false
    return String(fieldAt(await app(), 'status', 'lastAppliedRevision')).endsWith(head())
  }

  test('an apply that fails in a later stage, and is reverted, leaves nothing behind', async () => {
    const names = ['early-1', 'early-2']
    const namespaces = names.map(
      (each) => `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${each}}\n`,
    )
    const refused = `apiVersion: v1\nkind: Service\nmetadata: {name: bad, namespace: ${NAMESPACE}}\nspec: {ports: [{port: 99999}]}\n`
    commit({ 'app/more.yaml': [...namespaces, refused].join('---\n') })
    await ask()
    await until('the apply has failed', 60_000, async () =>
      JSON.stringify(fieldAt(await app(), 'status', 'conditions')).includes('Service/crash/bad'),
    )
    expect((await present(names)).length).toBe(2)
    commit()
    await settled()
    await until('nothing is left', 30_000, async () => (await present(names)).length === 0)
    expect(await lost()).toEqual([])
  })

  async function present(names: readonly string[]): Promise<string[]> {
    const { items } = await cluster.cluster.list(NAMESPACES)
    return items
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata }) => metadata.name ?? '')
      .filter((each) => names.includes(each))
  }
})
