import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SHARD_GROUP, SHARD_MEMBERS } from '../src/cluster/index.ts'
import { fieldAt, type KubeObject } from '../src/object/index.ts'
import type { GitHost } from '../test/kit/git-host.ts'
import { CLUSTERS, clock, START_MS, type TestCluster, type Write } from './clusters.ts'
import { until } from './kube/kube.ts'
import { type Replica, startReplica, startTeam, type Team } from './replicas.ts'

const APPS = 24
const SHARDED = [
  '--enable-leader-election',
  '--sharding=auto',
  '--concurrent=8',
  '--leader-election-lease-duration=12s',
  '--leader-election-renew-deadline=9s',
  '--leader-election-retry-period=1500ms',
]

const names = Array.from({ length: APPS }, (_, i) => `app-${i}`)

describe.each(CLUSTERS)('work divided among replicas on the cluster %s', (name) => {
  let cluster: TestCluster
  let git: GitHost
  let replicas: Replica[]
  let team: Team
  let revision = 0

  beforeAll(async () => {
    team = await startTeam(name)
    ;({ cluster, git, replicas } = team)
  }, START_MS)
  afterAll(() => team.close())

  async function replica(own: string): Promise<Replica> {
    const started = await startReplica(cluster, own, SHARDED)
    replicas.push(started)
    // The Lease of one that ended may yet be counted in the place of its own.
    await until(`${own} takes part`, 60_000, () => started.log().includes('working on a share'))
    return started
  }

  function commit(): string {
    revision += 1
    const files = Object.fromEntries(
      names.flatMap((app) =>
        [0, 1, 2].map((i) => [
          `${app}/config-${i}.yaml`,
          `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${app}-${i}, namespace: team}\ndata: {at: "${revision}"}\n`,
        ]),
      ),
    )
    const repository = git.repository('fleet')
    const message = `Revision ${revision}`
    const head = repository.commit({ files, message })
    repository.setRef('refs/heads/main', head)
    return head
  }

  async function kustomizations(): Promise<readonly KubeObject[]> {
    const kind = { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization' }
    return (await cluster.cluster.list(kind, { namespace: 'team' })).items
  }

  /** Waits until a new commit is applied everywhere; answers who wrote each Kustomization's status. */
  async function applied(what: string, ms = 60_000): Promise<Map<string, string>> {
    const head = commit()
    const since = cluster.writes.length
    await until(`${what}: revision ${revision}`, ms, async () =>
      (await kustomizations()).every((object) =>
        String(fieldAt(object, 'status', 'lastAppliedRevision')).endsWith(head),
      ),
    )
    return writers(cluster.writes.slice(since))
  }

  /** Waits until so many replicas divide the work, and all of them say so. */
  async function divided(count: number): Promise<void> {
    const kind = { group: 'coordination.k8s.io', kind: 'Lease' }
    const among = { namespace: 'flux-system', labelSelector: SHARD_GROUP }
    await until(`${count} replicas`, 60_000, async () => {
      const { items } = await cluster.cluster.list(kind, among)
      const views = items.map(({ metadata }) => metadata.annotations?.[SHARD_MEMBERS] ?? '')
      return (
        items.length === count &&
        views.every((view) => view === views[0] && view.split(',').length === count)
      )
    })
  }

  function writers(writes: readonly Write[]): Map<string, string> {
    const found = new Map<string, string>()
    for (const { path, who } of writes) {
      const app = /kustomizations\/(app-\d+)\/status$/.exec(path)?.[1]
      if (app !== undefined) found.set(app, who)
    }
    return found
  }

  function moved(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): string[] {
    return names.filter((app) => a.get(app) !== b.get(app))
  }

  test('all are worked on, each by one; who comes or goes moves its own part', {
    timeout: 400_000,
  }, async () => {
    await cluster.apply([
      {
        apiVersion: 'source.toolkit.fluxcd.io/v1',
        kind: 'GitRepository',
        metadata: { name: 'fleet', namespace: 'team' },
        spec: { interval: '1s', url: `${git.url}/plain/fleet.git`, ref: { branch: 'main' } },
      },
      ...names.map((app) => ({
        apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
        kind: 'Kustomization',
        metadata: { name: app, namespace: 'team' },
        spec: {
          interval: '5s',
          prune: true,
          path: `./${app}`,
          sourceRef: { kind: 'GitRepository', name: 'fleet' },
        },
      })),
    ])
    commit()
    await replica('a')
    await replica('b')
    await divided(2)
    const two = await applied('two replicas')
    expect(new Set(two.values())).toEqual(new Set(['a', 'b']))

    await replica('c')
    await divided(3)
    const three = await applied('three replicas')
    const toThird = moved(two, three)
    console.info(`${name}: ${toThird.length} of ${APPS} moved to the third replica`)
    expect(toThird.map((app) => three.get(app))).toEqual(toThird.map(() => 'c'))
    expect(toThird.length).toBeGreaterThan(2)
    expect(toThird.length).toBeLessThan(APPS * 0.6)

    // A regular end: its part is worked on by the others within two seconds.
    const [, b] = replicas
    commit()
    const startMs = clock.now()
    b?.child.kill('SIGTERM')
    const others = await applied('after a regular end')
    console.info(`${name}: applied by the others ${clock.now() - startMs} ms after SIGTERM`)
    expect(new Set(others.values())).toEqual(new Set(['a', 'c']))
    expect(moved(three, others).every((app) => three.get(app) === 'b')).toBe(true)
    expect(await b?.ended).toBe(0)

    // A kill, in the middle of a commit: followed when the Lease has run out.
    const d = await replica('d')
    await divided(3)
    commit()
    d.child.kill('SIGKILL')
    const killed = await applied('after a kill')
    expect(new Set(killed.values())).toEqual(new Set(['a', 'c']))

    // A freeze, in the middle of a commit: the replica wakes, and writes nothing.
    const e = await replica('e')
    await divided(3)
    commit()
    await clock.sleep(700)
    e.child.kill('SIGSTOP')
    await applied('after a freeze')
    const written = (who: string): number =>
      cluster.writes.filter((write) => write.who === who).length
    const beforeThaw = written('e')
    e.child.kill('SIGCONT')
    expect(await e.ended, 'a replica that lost its Lease ends with an error').not.toBe(0)
    console.info(`${name}: ${written('e') - beforeThaw} writes by the replica that was frozen`)
    expect(written('e') - beforeThaw).toBe(0)

    // A replica that is cut off from the API server stops, and its part is taken over.
    const f = await replica('f')
    await divided(3)
    cluster.cutOff('f', true)
    await applied('after a partition')
    expect(await f.ended).not.toBe(0)
    expect(trespasses(cluster.writes)).toEqual([])
  })
})

/**
 * Writes of one replica between two of another on what one Kustomization applied or is: nobody writes
 * in the middle of somebody else's run. A run is a sequence of writes that end with the status.
 */
function trespasses(writes: readonly Write[]): string[] {
  const wrong: string[] = []
  const open = new Map<string, { readonly who: string; readonly atMs: number }>()
  for (const write of writes) {
    const app = /(app-\d+)(-\d+)?(\/status)?$/.exec(write.path)?.[1]
    if (app === undefined) continue
    const running = open.get(app)
    const isEnd = write.path.endsWith('/status')
    if (running !== undefined && running.who !== write.who && write.atMs - running.atMs < 2_000)
      wrong.push(
        `${write.who} wrote ${write.path} ${write.atMs - running.atMs} ms after ${running.who}`,
      )
    if (isEnd) open.delete(app)
    else open.set(app, write)
  }
  return wrong
}
