import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApiServer, serve } from '../src/apiserver/index.ts'
import { type Clock, seededRandom, sleepOn } from '../src/base/index.ts'
import { createCluster } from '../src/cluster/index.ts'
import {
  type ApiRequest,
  type Cluster,
  isKubeObject,
  type Json,
  parseYaml,
  stringAt,
  type Transport,
} from '../src/object/index.ts'
import { type GitHost, startGitHost } from '../test/kit/git-host.ts'
import { freePort, until } from './kube/kube.ts'

const root = join(import.meta.dirname, '..')
const bundle = join(root, 'dist/tidegate.mjs')

/** A lease that runs out fast, so that a failover is over in seconds. */
const ELECTION = [
  '--enable-leader-election',
  '--leader-election-lease-duration=3s',
  '--leader-election-renew-deadline=2s',
  '--leader-election-retry-period=500ms',
]
const LEASE = {
  group: 'coordination.k8s.io',
  kind: 'Lease',
  namespace: 'flux-system',
  name: 'kustomize-controller-leader-election',
}

const clock: Clock = {
  now: () => Date.now(),
  after: (ms, fn) => {
    const timer = setTimeout(fn, Math.min(ms, 2 ** 31 - 1))
    return () => clearTimeout(timer)
  },
  sleep: (ms, signal) => sleepOn(clock, ms, signal),
}

/** A write, by the token of whoever sent it. */
interface Write {
  readonly who: string
  readonly what: string
}

let dir = ''
let git: GitHost
let cluster: Cluster
let server = ''
const writes: Write[] = []
const closers: (() => unknown)[] = []

function recording(api: Transport): Transport {
  const who = (request: ApiRequest): string => String(request.headers?.['authorization'] ?? '')
  return {
    request: async (request) => {
      if (request.method !== 'GET' && !request.path.includes('/leases'))
        writes.push({ who: who(request), what: `${request.method} ${request.path.split('?')[0]}` })
      const { authorization: _, ...headers } = request.headers ?? {}
      return api.request({ ...request, headers })
    },
  }
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tidegate-failover-'))
  const api = createApiServer({ clock, random: seededRandom(1) })
  const served = await serve(recording(api))
  server = served.url
  cluster = createCluster({ transport: api, clock, random: seededRandom(2) })
  git = await startGitHost()
  closers.push(
    () => git.close(),
    () => served.close(),
    () => api.close(),
    () => rmSync(dir, { recursive: true, force: true }),
  )
  for (const name of readdirSync(join(root, 'crds')).filter((each) => each.endsWith('.yaml')))
    for (const crd of (
      parseYaml(readFileSync(join(root, 'crds', name), 'utf8'), name) as unknown[]
    ).filter(isKubeObject))
      await cluster.create(crd)
  for (const name of ['flux-system', 'team'])
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
})
afterAll(async () => {
  for (const close of closers) await close()
})

function commit(revision: number): void {
  const files = Object.fromEntries(
    Array.from({ length: 60 }, (_, i) => [
      `app/config-${i}.yaml`,
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config-${i}, namespace: team}\ndata: {at: "${revision}"}\n`,
    ]),
  )
  const repository = git.repository('fleet')
  repository.setRef(
    'refs/heads/main',
    repository.commit({ files, message: `Revision ${revision}` }),
  )
}

async function replica(
  name: string,
): Promise<{ child: ChildProcess; ended: Promise<number | null> }> {
  const [storage, metrics, health] = await Promise.all([freePort(), freePort(), freePort()])
  const kubeconfig = join(dir, `${name}.kubeconfig`)
  mkdirSync(join(dir, name))
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server } }],
      users: [{ name: 'u', user: { token: name } }],
    }),
  )
  const child = spawn(
    process.execPath,
    [
      bundle,
      'controller',
      `--kubeconfig=${kubeconfig}`,
      ...ELECTION,
      `--storage-path=${join(dir, name)}`,
      `--storage-addr=127.0.0.1:${storage}`,
      `--storage-adv-addr=127.0.0.1:${storage}`,
      `--metrics-addr=127.0.0.1:${metrics}`,
      `--health-addr=127.0.0.1:${health}`,
    ],
    {
      env: { PATH: process.env['PATH'], TMPDIR: dir, RUNTIME_NAMESPACE: 'flux-system' },
      stdio: 'ignore',
    },
  )
  closers.unshift(() => child.kill('SIGKILL'))
  return { child, ended: new Promise((resolve) => child.on('close', (code) => resolve(code))) }
}

async function holder(): Promise<string> {
  const lease = await cluster.get(LEASE).catch(() => undefined)
  return stringAt(lease?.['spec'] as Json | undefined, 'holderIdentity') ?? ''
}

async function applied(): Promise<string[]> {
  const { items } = await cluster.list({ group: '', kind: 'ConfigMap' }, { namespace: 'team' })
  return items
    .filter(({ metadata }) => metadata.name?.startsWith('config-'))
    .map((item) => stringAt(item['data'] as Json, 'at') ?? '')
}

async function inventory(): Promise<number> {
  const object = await cluster.get({
    group: 'kustomize.toolkit.fluxcd.io',
    kind: 'Kustomization',
    namespace: 'team',
    name: 'app',
  })
  const status = object['status'] as { inventory?: { entries?: unknown[] } } | undefined
  return status?.inventory?.entries?.length ?? 0
}

test('a leader that was frozen in the middle of its work wakes and writes nothing', async () => {
  commit(1)
  await cluster.create({
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: { name: 'fleet', namespace: 'team' },
    spec: { interval: '1s', url: `${git.url}/plain/fleet.git`, ref: { branch: 'main' } },
  })
  await cluster.create({
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'app', namespace: 'team' },
    spec: {
      interval: '2s',
      prune: true,
      path: './app',
      sourceRef: { kind: 'GitRepository', name: 'fleet' },
    },
  })
  const first = await replica('first')
  await until('first leads and applies', 20_000, async () => (await applied()).length === 60)
  const leader = await holder()
  const second = await replica('second')
  await clock.sleep(1_000)
  expect(await holder()).toBe(leader)

  // Frozen while a commit is on its way to the cluster.
  commit(2)
  await until('first has begun to write', 20_000, async () => (await applied()).includes('2'))
  first.child.kill('SIGSTOP')
  await until('second leads', 20_000, async () => ![leader, ''].includes(await holder()))
  await until('second has applied all', 20_000, async () =>
    (await applied()).every((at) => at === '2'),
  )
  const before = writes.filter(({ who }) => who === 'Bearer first').length
  first.child.kill('SIGCONT')
  expect(await first.ended, 'the old leader ends with an error').not.toBe(0)
  expect(writes.filter(({ who }) => who === 'Bearer first').slice(before)).toEqual([])
  expect((await applied()).length).toBe(60)
  expect(await inventory()).toBe(60)

  // And a regular end hands over: nobody has to wait for the lease to run out.
  const third = await replica('third')
  await clock.sleep(1_500)
  const before2 = await holder()
  const start = clock.now()
  second.child.kill('SIGTERM')
  await until('third leads', 10_000, async () => ![before2, ''].includes(await holder()))
  expect(clock.now() - start).toBeLessThan(2_000)
  expect(await second.ended).toBe(0)
  third.child.kill('SIGTERM')
  expect(await third.ended).toBe(0)
})
