import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { createApiServer } from '../../src/apiserver/index.ts'
import { noMetrics, seededRandom, silentLog } from '../../src/base/index.ts'
import { parseControllerFlags } from '../../src/cli/controller-flags.ts'
import { acquireLease, createCluster } from '../../src/cluster/index.ts'
import { startReconcilers } from '../../src/compose/reconcilers.ts'
import { keepReport } from '../../src/compose/report.ts'
import { systemClock as clock } from '../../src/compose/system.ts'
import {
  type Cluster,
  isArray,
  isKubeObject,
  type Json,
  type KubeObject,
  parseYaml,
  valueAt,
} from '../../src/object/index.ts'
import { DEFAULT_GATES } from '../../src/reconcile/index.ts'
import { PASSWORD, startGitHost, USER } from '../kit/git-host.ts'
import { type Authorized, authorized, permissionsOf, type Roles, rolesOf } from './authorizer.ts'

const install = readFileSync(join(import.meta.dirname, '../../deploy/install.yaml'), 'utf8')
const manifests: KubeObject[] = (parseYaml(install, 'install.yaml') as unknown[]).filter(
  isKubeObject,
)

/** The roles without the binding to cluster-admin: the least-privilege overlay. */
const roles = rolesOf(manifests, 'flux-system')

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const KUSTOMIZATION = 'kustomize.toolkit.fluxcd.io/v1'
const SOURCE = 'source.toolkit.fluxcd.io/v1'

function tenant(url: string): KubeObject[] {
  const metadata = (name: string): KubeObject['metadata'] => ({ name, namespace: 'team' })
  const text = (value: string): string => Buffer.from(value).toString('base64')
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata('deployer') },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: metadata('deployer'),
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['*'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: metadata('deployer'),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'deployer' },
      subjects: [{ kind: 'ServiceAccount', name: 'deployer', namespace: 'team' }],
    },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: metadata('git'),
      data: { username: text(USER), password: text(PASSWORD) },
    },
    { apiVersion: 'v1', kind: 'Secret', metadata: metadata('vars'), data: { word: text('hush') } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata('vars'), data: { name: 'settings' } },
    {
      apiVersion: SOURCE,
      kind: 'GitRepository',
      metadata: metadata('repo'),
      spec: { interval: '1h', url, ref: { branch: 'main' }, secretRef: { name: 'git' } },
    },
    // Nobody answers there: what is tried is told all the same.
    {
      apiVersion: SOURCE,
      kind: 'OCIRepository',
      metadata: metadata('oci'),
      spec: { interval: '1h', url: 'oci://127.0.0.1:9/x', insecure: true, ref: { tag: 'v1' } },
    },
    {
      apiVersion: SOURCE,
      kind: 'Bucket',
      metadata: metadata('bucket'),
      spec: { interval: '1h', endpoint: '127.0.0.1:9', bucketName: 'x', insecure: true },
    },
    {
      apiVersion: KUSTOMIZATION,
      kind: 'Kustomization',
      metadata: metadata('apps'),
      spec: {
        interval: '1h',
        prune: true,
        path: './apps',
        serviceAccountName: 'deployer',
        sourceRef: { kind: 'GitRepository', name: 'repo' },
        postBuild: {
          substituteFrom: [
            { kind: 'ConfigMap', name: 'vars' },
            { kind: 'Secret', name: 'vars' },
          ],
        },
      },
    },
    {
      apiVersion: KUSTOMIZATION,
      kind: 'Kustomization',
      metadata: metadata('more'),
      spec: {
        interval: '1h',
        prune: true,
        path: './apps',
        namePrefix: 'more-',
        serviceAccountName: 'deployer',
        dependsOn: [{ name: 'apps' }],
        sourceRef: { kind: 'GitRepository', name: 'repo' },
        postBuild: { substitute: { name: 'x', word: 'loud' } },
      },
    },
  ]
}

const APP = `apiVersion: v1
kind: ConfigMap
metadata: {name: "\${name}", namespace: team}
data: {word: "\${word}"}
`

const TIMING = {
  leaseDurationMs: 700,
  renewDeadlineMs: 600,
  retryPeriodMs: 100,
  releaseOnCancel: true,
}

interface Run {
  readonly admin: Cluster
  readonly way: Authorized
  readonly ready: (name: string) => Promise<boolean>
}

/** Runs both controllers and an election with the rights of the manifests. */
async function run(
  options: { readonly without?: string; readonly rights?: Roles; readonly watch?: string } = {},
): Promise<Run> {
  const rights = options.rights ?? roles
  const watch = options.watch === undefined ? {} : { watchNamespace: options.watch }
  const api = createApiServer({ clock, random: seededRandom(1) })
  closers.push(() => api.close())
  const admin = createCluster({ transport: api, clock, random: seededRandom(2) })
  for (const object of manifests)
    if (['CustomResourceDefinition', 'Namespace'].includes(object.kind)) await admin.create(object)
  const git = await startGitHost()
  closers.push(() => git.close())
  const repository = git.repository('repo')
  const files = { 'apps/config.yaml': APP }
  repository.setRef('refs/heads/main', repository.commit({ files, message: 'First' }))
  await clock.sleep(50)
  for (const object of tenant(`${git.url}/basic/repo.git`)) await admin.create(object)
  const way = authorized(api, rights, options.without)
  const cluster = createCluster({ transport: way, clock, random: seededRandom(3) })
  const stop = new AbortController()
  const storageDir = mkdtempSync(join(tmpdir(), 'tidegate-rbac-'))
  closers.push(() => rmSync(storageDir, { recursive: true, force: true }))
  const lease = await acquireLease(
    { cluster, clock, random: seededRandom(4), log: silentLog },
    {
      ...TIMING,
      namespace: rights.namespace,
      name: 'kustomize-controller-leader-election',
      identity: 'me',
    },
    stop.signal,
  )
  // A replica's own Lease, which goes with it.
  const own = await acquireLease(
    { cluster, clock, random: seededRandom(5), log: silentLog },
    { ...TIMING, namespace: rights.namespace, name: 'tidegate-me', identity: 'me', isOwn: true },
    stop.signal,
  )
  await own.release()
  const flags = parseControllerFlags(['--report-configmap=tidegate-report'], {})
  const reconcilers = await startReconcilers(
    {
      cluster,
      log: silentLog,
      metrics: noMetrics,
      beside: (signal) => keepReport({ flags, cluster, transport: way, log: silentLog }, signal),
      source: { storageDir, host: '127.0.0.1', port: 0, options: watch },
      kustomize: { options: { ...watch, gates: { ...DEFAULT_GATES, ExternalArtifact: true } } },
    },
    stop.signal,
  )
  closers.push(async () => {
    await lease.release()
    stop.abort(new Error('test over'))
    await reconcilers.done
  })
  return {
    admin,
    way,
    ready: async (name) => {
      const ref = { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization', namespace: 'team' }
      const object = await admin.get({ ...ref, name })
      const conditions = valueAt(object['status'] as Json, 'conditions')
      return (
        isArray(conditions) &&
        conditions.some(
          (each) => valueAt(each, 'type') === 'Ready' && valueAt(each, 'status') === 'True',
        )
      )
    },
  }
}

async function until(claim: () => Promise<boolean>, ms: number): Promise<boolean> {
  const endMs = clock.now() + ms
  while (clock.now() < endMs) {
    if (await claim()) return true
    await clock.sleep(25)
  }
  return false
}

/** Far more than it takes, for machines that are busy. */
const LONG_MS = 60_000

/** Permissions that this run has no use for, and what has. */
const ELSEWHERE: readonly { readonly these: RegExp; readonly reason: string }[] = [
  {
    these: /^create serviceaccounts\/token$/,
    reason: 'tokens for the key services and registries of cloud providers',
  },
  {
    these: /^(list|watch) discovery\.k8s\.io\/endpointslices$/,
    reason: 'a webhook that has no endpoints',
  },
  {
    these: /^create configmaps$/,
    reason: 'a server asks for it when a patch creates the report; here the patch alone is seen',
  },
]

test('the roles are enough, none of their permissions is idle, and tenants are impersonated', async () => {
  const { admin, way, ready } = await run()
  expect(await until(async () => (await ready('apps')) && (await ready('more')), LONG_MS)).toBe(
    true,
  )
  const config = { group: '', kind: 'ConfigMap', namespace: 'team', name: 'settings' }
  expect((await admin.get(config))['data']).toEqual({ word: 'hush' })
  const ref = { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization', namespace: 'team' }
  await admin.delete({ ...ref, name: 'apps' })
  const isGone = async (): Promise<boolean> =>
    (await admin.list({ group: '', kind: 'ConfigMap' }, { namespace: 'team' })).items.every(
      ({ metadata }) => metadata.name !== 'settings',
    )
  const pruned = await until(isGone, LONG_MS)
  expect([...way.refused], 'refused').toEqual([])
  expect(pruned, 'deletion prunes').toBe(true)
  const report = { group: '', kind: 'ConfigMap', namespace: 'flux-system', name: 'tidegate-report' }
  const isTold = async (): Promise<boolean> =>
    (await admin.get(report).catch(() => undefined)) !== undefined
  expect(await until(isTold, LONG_MS), 'the report').toBe(true)
  expect([...way.refused], 'refused').toEqual([])
  const idle = permissionsOf([...roles.cluster, ...roles.own]).filter(
    (each) => !way.used.has(each) && !ELSEWHERE.some(({ these }) => these.test(each)),
  )
  expect(idle, 'permissions that nothing uses').toEqual([])
})

const NEEDED = {
  'patch kustomize.toolkit.fluxcd.io/kustomizations/status': 'status',
  'impersonate serviceaccounts': 'the right to apply as a tenant',
  'get secrets': 'variables and credentials',
  'list source.toolkit.fluxcd.io/gitrepositories': 'sources',
}

test.each(Object.entries(NEEDED))('without %s nothing becomes ready', async (permission) => {
  const { way, ready } = await run({ without: permission })
  const isRefused = (): boolean => [...way.refused].some((each) => each.startsWith(permission))
  expect(await until(async () => isRefused(), LONG_MS), 'it is asked for').toBe(true)
  expect(await until(async () => ready('apps'), 800)).toBe(false)
})

test('with rights in one namespace alone, that namespace is reconciled', async () => {
  const CLUSTER_WIDE = /customresourcedefinitions|namespaces$/
  const rules = [...roles.cluster, ...roles.own].filter(
    (rule) => !permissionsOf([rule]).some((each) => CLUSTER_WIDE.test(each)),
  )
  const { ready } = await run({
    rights: { cluster: [], own: rules, namespace: 'team' },
    watch: 'team',
  })
  expect(await until(async () => (await ready('apps')) && (await ready('more')), LONG_MS)).toBe(
    true,
  )
})
