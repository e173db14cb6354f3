import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApiServer } from '../../src/apiserver/index.ts'
import { seededRandom, silentLog } from '../../src/base/index.ts'
import { createCluster } from '../../src/cluster/index.ts'
import { startReconcilers } from '../../src/compose/reconcilers.ts'
import { systemClock as clock } from '../../src/compose/system.ts'
import { fieldAt, isKubeObject, isObject, type Json, parseYaml } from '../../src/object/index.ts'
import { createMetrics, measureProcess } from '../../src/telemetry/index.ts'
import { startGitHost } from '../kit/git-host.ts'

const root = join(import.meta.dirname, '../..')
const fixture = join(root, 'test/fixtures/telemetry/flux-metrics/expected.yaml')

/** What Flux has and we do not, and why. */
const NOT_HERE: Readonly<Record<string, string>> = {
  certwatcher_read_certificate_errors_total: 'there are no webhooks with certificates of their own',
  certwatcher_read_certificate_total: 'as before',
  controller_runtime_conversion_webhook_panics_total: 'as before',
  controller_runtime_webhook_panics_total: 'as before',
  process_network_receive_bytes_total: 'the node and the container are measured by the kubelet',
  process_network_transmit_bytes_total: 'as before',
  process_virtual_memory_max_bytes: 'unlimited',
}

const closers: (() => unknown)[] = []
let text = ''

/** One reconciliation of a source and a Kustomization, and what is measured then. */
beforeAll(async () => {
  const api = createApiServer({ clock, random: seededRandom(1) })
  const git = await startGitHost()
  const storageDir = mkdtempSync(join(tmpdir(), 'tidegate-metrics-'))
  const metrics = createMetrics()
  const stopMeasuring = measureProcess(metrics, clock)
  const stop = new AbortController()
  const cluster = createCluster({ transport: api, clock, random: seededRandom(2), metrics })
  closers.push(
    () => rmSync(storageDir, { recursive: true, force: true }),
    () => api.close(),
    () => git.close(),
    stopMeasuring,
  )
  for (const name of readdirSync(join(root, 'crds')).filter((each) => each.endsWith('.yaml')))
    for (const crd of parseYaml(readFileSync(join(root, 'crds', name), 'utf8'), name))
      if (isKubeObject(crd)) await cluster.create(crd)
  const repository = git.repository('repo')
  const files = {
    'a/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\n',
  }
  repository.setRef('refs/heads/main', repository.commit({ files, message: 'First' }))
  await clock.sleep(50)
  const metadata = { name: 'a', namespace: 'default' }
  await cluster.create({
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata,
    spec: { interval: '1h', url: `${git.url}/plain/repo.git`, ref: { branch: 'main' } },
  })
  await cluster.create({
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata,
    spec: {
      interval: '1h',
      prune: true,
      path: './a',
      sourceRef: { kind: 'GitRepository', name: 'a' },
    },
  })
  const source = { storageDir, host: '127.0.0.1', port: 0 }
  const reconcilers = await startReconcilers(
    { cluster, log: silentLog, metrics, source, kustomize: {} },
    stop.signal,
  )
  const ref = { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization', ...metadata }
  for (let tries = 0; tries < 400; tries += 1) {
    const revision = fieldAt(await cluster.get(ref), 'status', 'lastAppliedRevision')
    if (revision !== undefined) break
    await clock.sleep(25)
  }
  stop.abort(new Error('over'))
  await reconcilers.done
  text = metrics.render()
})
afterAll(async () => {
  for (const close of closers.reverse()) await close()
})

interface Family {
  readonly type: string
  readonly labels: readonly string[]
}

function familiesOf(rendered: string): Map<string, Family> {
  const types = [...rendered.matchAll(/^# TYPE (\S+) (\S+)$/gm)]
  return new Map(
    types.map(([, name = '', type = '']) => {
      const line = new RegExp(`^${name}(?:_bucket|_sum|_count)?(?:\\{([^}]*)\\})? `, 'm').exec(
        rendered,
      )
      const labels = [...(line?.[1] ?? '').matchAll(/([a-z_]+)="/g)].map(([, label = '']) => label)
      return [name, { type, labels: labels.filter((label) => label !== 'le').sort() }]
    }),
  )
}

test("every metric of Flux's controllers is there, of the same type and with the same labels", () => {
  const own = familiesOf(text)
  const flux = parseYaml(readFileSync(fixture, 'utf8'), 'expected.yaml')[0] ?? null
  expect(isObject(flux) ? Object.keys(flux).length : 0).toBeGreaterThan(30)
  const different = Object.entries(isObject(flux) ? flux : {}).flatMap(([name, wanted]): Json[] => {
    if (NOT_HERE[name] !== undefined) return own.has(name) ? [`${name} is there after all`] : []
    const { type, labels } = wanted as unknown as Family
    const found = own.get(name)
    if (found === undefined) return [`${name} is missing`]
    const same = found.type === type && String(found.labels) === String([...labels].sort())
    return same
      ? []
      : [`${name}: ${found.type} ${found.labels.join()}, not ${type} ${labels.join()}`]
  })
  expect(different).toEqual([])
})

test('dashboard and alert rules ask for series that are measured', () => {
  const asked = ['dashboard.json', 'rules.yaml']
    .map((name) => readFileSync(join(root, 'deploy/components/monitoring', name), 'utf8'))
    .join('\n')
  const expressions = [...asked.matchAll(/"?expr"?: "?(.*)/g)]
    .map((match) => match[1] ?? '')
    .join('\n')
  const names = new Set(expressions.match(/\b[a-z]+(?:_[a-z]+)+(?=\{)/g))
  const own = familiesOf(text)
  const unknown = [...names].filter((name) => !own.has(name.replace(/_(bucket|sum|count)$/, '')))
  expect(names.size).toBeGreaterThan(8)
  expect(unknown).toEqual([])
})

test('what was never counted is 0, not absent: a rate over it has a beginning', () => {
  expect(text).toContain(
    'controller_runtime_reconcile_errors_total{controller="kustomization"} 0\n',
  )
  expect(text).toContain(
    'controller_runtime_reconcile_total{controller="bucket",result="error"} 0\n',
  )
})
