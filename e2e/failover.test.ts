import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Json, stringAt } from '../src/object/index.ts'
import type { GitHost } from '../test/kit/git-host.ts'
import { CLUSTERS, clock, START_MS, type TestCluster } from './clusters.ts'
import { until } from './kube/kube.ts'
import { FAST_LEASES, type Replica, startReplica, startTeam, type Team } from './replicas.ts'

const LEASE = {
  group: 'coordination.k8s.io',
  kind: 'Lease',
  namespace: 'flux-system',
  name: 'kustomize-controller-leader-election',
}
const OBJECTS = 60
const BUSY_MS = 9_000
/** Keeps the main thread of a process from everything else. */
const BUSY = `process.on('SIGUSR2', () => {
  const end = Date.now() + ${BUSY_MS}
  while (Date.now() < end);
})`

/** Flux's own timing is tried on a real cluster, where a minute more does not matter. */
const TIMINGS: readonly { readonly cluster: string; readonly flags: readonly string[] }[] =
  CLUSTERS.flatMap((cluster) => [
    { cluster, flags: FAST_LEASES },
    ...(cluster === 'kube' ? [{ cluster, flags: [] }] : []),
  ])

describe.each(TIMINGS)('failover on the cluster $cluster $flags', ({ cluster: name, flags }) => {
  let cluster: TestCluster
  let git: GitHost
  let replicas: Replica[]
  let team: Team
  const isSlow = flags.length === 0
  const freezeMs = isSlow ? 40_000 : 3_500
  const patienceMs = isSlow ? 90_000 : 20_000

  beforeAll(async () => {
    team = await startTeam(name)
    ;({ cluster, git, replicas } = team)
  }, START_MS)
  afterAll(() => team.close())

  async function replica(
    own: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Replica> {
    const started = await startReplica(cluster, own, ['--enable-leader-election', ...flags], env)
    replicas.push(started)
    return started
  }

  function commit(revision: number): void {
    const files = Object.fromEntries(
      Array.from({ length: OBJECTS }, (_, i) => [
        `app/config-${i}.yaml`,
        `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config-${i}, namespace: team}\ndata: {at: "${revision}"}\n`,
      ]),
    )
    const repository = git.repository('fleet')
    const message = `Revision ${revision}`
    repository.setRef('refs/heads/main', repository.commit({ files, message }))
  }

  async function holder(): Promise<string> {
    const lease = await cluster.cluster.get(LEASE).catch(() => undefined)
    return stringAt(lease?.['spec'] as Json | undefined, 'holderIdentity') ?? ''
  }

  async function applied(): Promise<string[]> {
    const kind = { group: '', kind: 'ConfigMap' }
    const { items } = await cluster.cluster.list(kind, { namespace: 'team' })
    return items
      .filter(({ metadata }) => metadata.name?.startsWith('config-'))
      .map((item) => stringAt(item['data'] as Json, 'at') ?? '')
  }

  async function inventory(): Promise<number> {
    const object = await cluster.cluster.get({
      group: 'kustomize.toolkit.fluxcd.io',
      kind: 'Kustomization',
      namespace: 'team',
      name: 'app',
    })
    const status = object['status'] as { inventory?: { entries?: unknown[] } } | undefined
    return status?.inventory?.entries?.length ?? 0
  }

  test('a leader that was frozen in the middle of its work wakes and writes nothing', {
    timeout: isSlow ? 300_000 : 120_000,
  }, async () => {
    commit(1)
    await cluster.apply([
      {
        apiVersion: 'source.toolkit.fluxcd.io/v1',
        kind: 'GitRepository',
        metadata: { name: 'fleet', namespace: 'team' },
        spec: { interval: '1s', url: `${git.url}/plain/fleet.git`, ref: { branch: 'main' } },
      },
      {
        apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
        kind: 'Kustomization',
        metadata: { name: 'app', namespace: 'team' },
        spec: {
          interval: '2s',
          prune: true,
          path: './app',
          sourceRef: { kind: 'GitRepository', name: 'fleet' },
        },
      },
    ])
    const first = await replica('first')
    await until(
      'first leads and applies',
      patienceMs,
      async () => (await applied()).length === OBJECTS,
    )
    const leader = await holder()
    const second = await replica('second')
    await clock.sleep(1_000)
    expect(await holder()).toBe(leader)

    // Frozen while a commit is on its way to the cluster.
    commit(2)
    await until('first has begun to write', patienceMs, async () => (await applied()).includes('2'))
    first.child.kill('SIGSTOP')
    const frozenMs = clock.now()
    await until('second leads', patienceMs, async () => ![leader, ''].includes(await holder()))
    await until('second has applied all', patienceMs, async () =>
      (await applied()).every((at) => at === '2'),
    )
    await clock.sleep(Math.max(0, frozenMs + freezeMs - clock.now()))
    const written = (): number => cluster.writes.filter(({ who }) => who === 'first').length
    const before = written()
    first.child.kill('SIGCONT')
    expect(await first.ended, 'the old leader ends with an error').not.toBe(0)
    console.info(`${name}: ${written() - before} writes by the leader that was frozen`)
    expect(written() - before).toBe(0)
    expect((await applied()).length).toBe(OBJECTS)
    expect(await inventory()).toBe(OBJECTS)

    // And a regular end hands over: nobody has to wait for the lease to run out.
    const third = await replica('third')
    await clock.sleep(1_500)
    const before2 = await holder()
    const start = clock.now()
    second.child.kill('SIGTERM')
    await until('third leads', 10_000, async () => ![before2, ''].includes(await holder()))
    const tookMs = clock.now() - start
    console.info(`${name}: handed over in ${tookMs} ms`)
    expect(tookMs).toBeLessThan(2_000)
    expect(await second.ended).toBe(0)
    third.child.kill('SIGTERM')
    expect(await third.ended).toBe(0)
  })

  test.skipIf(isSlow)('a leader that is at work on something big keeps its Lease', async () => {
    const preload = join(cluster.dir, 'busy.cjs')
    writeFileSync(preload, BUSY)
    const busy = await replica('busy', { NODE_OPTIONS: `--require=${preload}` })
    await until('busy leads', patienceMs, async () => (await holder()) !== '')
    const waiting = await replica('waiting')
    await until('somebody waits', patienceMs, () => waiting.log().includes('waiting for the lease'))
    const leader = await holder()
    const renewed = async (): Promise<string> => {
      const lease = await cluster.cluster.get(LEASE)
      return stringAt(lease['spec'] as Json, 'renewTime') ?? ''
    }
    const before = await renewed()
    busy.child.kill('SIGUSR2')
    // Three times as long as the Lease lasts.
    await clock.sleep(BUSY_MS - 1_000)
    await expect(
      fetch(`http://${busy.health}/healthz`, { signal: AbortSignal.timeout(500) }),
    ).rejects.toThrow()
    expect([await holder(), (await renewed()) > before]).toEqual([leader, true])
    await clock.sleep(2_000)
    commit(3)
    await until('and works on', patienceMs, async () => (await applied()).every((at) => at === '3'))
    expect(await holder()).toBe(leader)
    for (const one of [waiting, busy]) {
      one.child.kill('SIGTERM')
      expect(await one.ended).toBe(0)
    }
  })
})
