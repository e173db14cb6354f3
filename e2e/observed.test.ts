import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Json, stringAt } from '../src/object/index.ts'
import { type GitHost, PASSWORD, startGitHost, USER } from '../test/kit/git-host.ts'
import { startCluster, type TestCluster } from './clusters.ts'
import { until } from './kube/kube.ts'
import { type Replica, startReplica } from './replicas.ts'

interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
}

let cluster: TestCluster
let git: GitHost
let replica: Replica
let sent = ''
const spans: Span[] = []
const collector = createServer((request, response) => {
  let text = ''
  request.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  request.on('end', () => {
    sent += text
    const body = JSON.parse(text) as {
      resourceSpans: { scopeSpans: { spans: Span[] }[] }[]
    }
    spans.push(
      ...body.resourceSpans.flatMap((each) => each.scopeSpans.flatMap((scope) => scope.spans)),
    )
    response.end('{}')
  })
})

beforeAll(async () => {
  cluster = await startCluster('embedded')
  git = await startGitHost()
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
  const repository = git.repository('fleet')
  const files = {
    'app/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\n',
  }
  repository.setRef('refs/heads/main', repository.commit({ files, message: 'First' }))
  const metadata = { name: 'fleet', namespace: 'default' }
  const text = (value: string): string => Buffer.from(value).toString('base64')
  await cluster.apply([
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      data: { username: text(USER), password: text(PASSWORD) },
    },
    {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata,
      spec: {
        interval: '1h',
        url: `${git.url}/basic/fleet.git`,
        ref: { branch: 'main' },
        secretRef: { name: 'fleet' },
      },
    },
    {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata,
      spec: {
        interval: '1h',
        prune: true,
        wait: true,
        path: './app',
        sourceRef: { kind: 'GitRepository', name: 'fleet' },
      },
    },
  ])
  const { port } = collector.address() as AddressInfo
  replica = await startReplica(cluster, 'observed', [
    '--enable-leader-election',
    '--report-configmap=tidegate-report',
    `--otlp-endpoint=http://127.0.0.1:${port}`,
  ])
})
afterAll(async () => {
  replica.child.kill('SIGKILL')
  collector.closeAllConnections()
  collector.close()
  await git.close()
  await cluster.close()
})

test('one commit is one trace: the fetch, and in it what came of it', async () => {
  await until('spans', 30_000, () => spans.some(({ name }) => name === 'health'))
  const source = spans.find(({ name }) => name === 'reconcile GitRepository')
  const kustomization = spans.find(
    ({ name, traceId }) => name === 'reconcile Kustomization' && traceId === source?.traceId,
  )
  expect(kustomization?.parentSpanId).toBe(source?.spanId)
  const below = (span: Span | undefined): string[] =>
    spans.filter(({ parentSpanId }) => parentSpanId === span?.spanId).map(({ name }) => name)
  expect(below(source)).toEqual(
    expect.arrayContaining(['fetch', 'store', 'reconcile Kustomization']),
  )
  expect(below(kustomization)).toEqual(['fetch', 'build', 'apply', 'prune', 'health'])
  expect(sent).not.toContain(PASSWORD)
})

test('probes, metrics and the report say how it is', async () => {
  const get = async (address: string): Promise<string> => (await fetch(`http://${address}`)).text()
  expect(await get(`${replica.health}/healthz?verbose`)).toBe(
    '[+]ping ok\n[+]event-loop ok\n[+]watches ok\n',
  )
  expect(await get(`${replica.health}/readyz`)).toBe('ok')
  const metrics = await get(`${replica.metrics}/metrics`)
  expect(metrics).toContain(
    'leader_election_master_status{name="kustomize-controller-leader-election"} 1\n',
  )
  expect(metrics).toMatch(
    /^tidegate_stage_duration_seconds_count\{kind="Kustomization",stage="build"\} [1-9]/m,
  )
  expect(metrics).toMatch(/^tidegate_trace_spans_sent_total [1-9]/m)
  const at = { group: '', kind: 'ConfigMap', namespace: 'flux-system', name: 'tidegate-report' }
  await until('the report', 20_000, async () => {
    const report = await cluster.cluster.get(at).catch(() => undefined)
    return report !== undefined
  })
  const report = await cluster.cluster.get(at)
  expect(stringAt(report['data'] as Json, 'report.yaml')).toMatch(
    /kind: Kustomization\n\s+stats:\n\s+running: 1\n\s+failing: 0\n\s+suspended: 0/,
  )
})
