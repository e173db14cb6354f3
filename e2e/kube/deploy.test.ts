import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { overlayYaml } from '../../deploy/generate.ts'
import { CHART_VALUES } from '../../test/deploy/chart-values.ts'
import { startGitHost } from '../../test/kit/git-host.ts'
import { BIN, freePort, hasPrograms, type Kube, startKube, until } from './kube.ts'

const root = join(import.meta.dirname, '../..')
const bundle = join(root, 'dist/tidegate.mjs')
const NEEDED = ['etcd', 'kube-apiserver', 'kube-controller-manager']

describe.skipIf(!hasPrograms(...NEEDED))('deploy/ on a real cluster (needs TG_BIN)', () => {
  let kube: Kube
  beforeAll(async () => {
    kube = await startKube()
  })
  afterAll(() => kube.close())

  /** What kubectl printed; a warning of the server, as Pod Security gives them, is a failure here. */
  function apply(text: string, ...args: readonly string[]): string {
    const flags = ['apply', '--server-side', '--force-conflicts', '-f=-', ...args]
    const { stdout, stderr, status } = spawnSync(
      'kubectl',
      [`--kubeconfig=${kube.kubeconfig}`, ...flags],
      { input: text, encoding: 'utf8' },
    )
    if (status !== 0 || stderr !== '') throw new Error(stderr)
    return stdout
  }

  test.each(readdirSync(join(root, 'deploy/overlays')))('overlay %s is accepted', (overlay) => {
    // The kinds of the Prometheus operator are there where that is.
    const documents = overlayYaml(overlay).split('---\n')
    const known = documents.filter((text) => !text.includes('monitoring.coreos.com'))
    const lines = apply(known.join('---\n')).trim().split('\n')
    expect(lines.filter((line) => !line.endsWith('serverside-applied'))).toEqual([])
  })

  test.skipIf(!hasPrograms('helm'))('the chart with everything switched on is accepted', () => {
    const text = execFileSync(
      join(BIN, 'helm'),
      [
        'template',
        'tidegate',
        join(root, 'deploy/chart'),
        '--namespace=flux-system',
        '--kube-version=1.36.0',
        '--set=podDisruptionBudget.enabled=true,multitenancy.enabled=true,replicas=2',
        '--set=extraVolumes[0].name=ca,extraVolumes[0].emptyDir.medium=Memory',
        '--set=extraVolumeMounts[0].name=ca,extraVolumeMounts[0].mountPath=/ca',
      ],
      { encoding: 'utf8' },
    )
    expect(apply(text)).toContain('deployment.apps/tidegate serverside-applied')
  })

  test.skipIf(!hasPrograms('helm')).each(CHART_VALUES)(
    'the chart with %s is accepted',
    (values) => {
      const text = execFileSync(
        join(BIN, 'helm'),
        [
          'template',
          'tidegate',
          join(root, 'deploy/chart'),
          '--namespace=flux-system',
          '--kube-version=1.36.0',
          `--set=${values}`,
        ],
        { encoding: 'utf8' },
      )
      expect(apply(text, '--dry-run=server')).toContain('serverside-applied')
    },
  )

  test('the pod passes the admission of a namespace that enforces restricted', () => {
    kube.kubectl('create', 'namespace', 'strict')
    kube.kubectl('label', 'namespace', 'strict', 'pod-security.kubernetes.io/enforce=restricted')
    const deployment = JSON.parse(
      kube.kubectl('get', '-n=flux-system', 'deployment', 'tidegate', '-o=json'),
    ) as { spec: { template: object } }
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      ...deployment.spec.template,
      metadata: { name: 'p', namespace: 'strict' },
    }
    expect(apply(JSON.stringify(pod), '--dry-run=server')).toContain('pod/p serverside-applied')
    // And what does not hold the standard would be found out.
    const loose = JSON.parse(JSON.stringify(pod)) as { spec: { containers: object[] } }
    for (const container of loose.spec.containers) Object.assign(container, { securityContext: {} })
    expect(() => apply(JSON.stringify(loose), '--dry-run=server')).toThrow(/PodSecurity/)
  })

  test.skipIf(!hasPrograms('flux'))(
    'the flux command knows its controllers and definitions',
    () => {
      const flux = (...args: string[]): string => {
        try {
          return execFileSync(join(BIN, 'flux'), [`--kubeconfig=${kube.kubeconfig}`, ...args], {
            encoding: 'utf8',
            stdio: 'pipe',
          })
        } catch (error) {
          const { stdout, stderr } = error as { stdout: string; stderr: string }
          return stdout + stderr
        }
      }
      expect(flux('version')).toMatch(/distribution: flux-v2\.9\.4\ntidegate: v0\.1\.0/)
      // Nothing runs pods here, so the deployment is not ready; all else is well.
      const check = flux('check', '--timeout=2s')
      expect(check).toContain('✔ distribution: flux-v2.9.4')
      expect(check).toContain('ghcr.io/tidegate/tidegate:v0.1.0')
    },
  )

  test('with the least privilege a tenant gets what it may, and no more', async () => {
    apply(overlayYaml('least-privilege'))
    kube.kubectl('delete', 'clusterrolebinding', 'tidegate-cluster-admin', '--ignore-not-found')
    const git = await startGitHost()
    const repository = git.repository('fleet')
    const configMap = (name: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: team}\n`
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: team}\n'
    const files = { 'may/a.yaml': configMap('a'), 'may-not/b.yaml': secret }
    repository.setRef('refs/heads/main', repository.commit({ files, message: 'First' }))
    apply(tenant(`${git.url}/plain/fleet.git`))
    const env = { RUNTIME_NAMESPACE: 'flux-system' }
    const controller = kube.run('tidegate', process.execPath, await controllerArgs(kube), env)
    const condition = (name: string): string =>
      kube.kubectl(
        'get',
        '-n=team',
        `kustomization/${name}`,
        '-o=jsonpath={range .status.conditions[?(@.type=="Ready")]}{.status} {.message}{end}',
      )
    try {
      await until('may is ready', 30_000, () => condition('may').startsWith('True'))
      await until('may-not has failed', 30_000, () => condition('may-not').startsWith('False'))
      expect(condition('may-not')).toContain(
        'User "system:serviceaccount:team:default" cannot patch resource "secrets"',
      )
      expect(kube.kubectl('get', '-n=team', 'configmap', 'a', '-o=name')).toBe('configmap/a\n')
      expect(kube.kubectl('get', '-n=flux-system', 'leases', '-o=name')).toContain(
        'lease.coordination.k8s.io/kustomize-controller-leader-election',
      )
      expect(kube.kubectl('get', '-n=team', 'events', '-o=name')).toContain('event/may')
      await until('the report is there', 30_000, () =>
        kube.kubectl('get', '-n=flux-system', 'configmaps', '-o=name').includes('tidegate-report'),
      )
      expect(controller.log()).not.toMatch(OWN_REFUSAL)
    } finally {
      expect(await controller.stop(), 'exit code after SIGTERM').toBe(0)
    }
    expect(
      kube.kubectl(
        'get',
        '-n=flux-system',
        'lease',
        'kustomize-controller-leader-election',
        '-o=jsonpath={.spec.holderIdentity}',
      ),
      'the lease is given back',
    ).toBe('')

    // As one of several replicas it needs no right more than the manifests give.
    const args = [...(await controllerArgs(kube)), '--sharding=auto']
    const shard = kube.run('shard', process.execPath, args, env)
    const leases = (): string =>
      kube.kubectl('get', '-n=flux-system', 'leases', '-l=tidegate.dev/shard-group', '-o=name')
    try {
      await until('it has a lease of its own', 30_000, () => leases().includes('lease'))
      kube.kubectl('annotate', '-n=team', 'kustomization/may', 'reconcile.fluxcd.io/requestedAt=1')
      await until('it works', 30_000, () =>
        kube
          .kubectl('get', '-n=team', 'kustomization/may', '-o=yaml')
          .includes('lastHandledReconcileAt: "1"'),
      )
      expect(shard.log()).not.toMatch(OWN_REFUSAL)
    } finally {
      expect(await shard.stop(), 'exit code after SIGTERM').toBe(0)
      await git.close()
    }
    expect(leases(), 'its own lease goes with it').toBe('')
  })
})

/** A refusal of the controller's own account, as it stands in the log. */
const OWN_REFUSAL = /serviceaccount:flux-system:tidegate\\*" cannot/

/** The controller with the account and the flags of the manifests. */
async function controllerArgs(kube: Kube): Promise<string[]> {
  const token = kube.kubectl('create', 'token', '-n=flux-system', 'tidegate').trim()
  const config = JSON.parse(kube.kubectl('config', 'view', '--raw', '-o=json')) as object
  const kubeconfig = join(kube.dir, 'tidegate.kubeconfig')
  writeFileSync(kubeconfig, JSON.stringify({ ...config, users: [{ name: 'u', user: { token } }] }))
  const [storage, metrics, health] = await Promise.all([freePort(), freePort(), freePort()])
  return [
    bundle,
    'controller',
    `--kubeconfig=${kubeconfig}`,
    '--enable-leader-election',
    '--no-cross-namespace-refs',
    '--no-remote-bases',
    '--default-service-account=default',
    '--report-configmap=tidegate-report',
    `--storage-path=${join(kube.dir, 'data')}`,
    `--storage-addr=127.0.0.1:${storage}`,
    `--storage-adv-addr=127.0.0.1:${storage}`,
    `--metrics-addr=127.0.0.1:${metrics}`,
    `--health-addr=127.0.0.1:${health}`,
  ]
}

/** A namespace whose service account may write ConfigMaps, and two Kustomizations in it. */
function tenant(url: string): string {
  const kustomization = (name: string): string => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: team}
spec: {interval: 1h, prune: true, path: ./${name}, sourceRef: {kind: GitRepository, name: fleet}}
`
  return [
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: team}\n',
    'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default, namespace: team}\n',
    `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: deployer, namespace: team}
rules:
  - {apiGroups: [""], resources: [configmaps], verbs: ["*"]}
`,
    `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: deployer, namespace: team}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: deployer}
subjects: [{kind: ServiceAccount, name: default, namespace: team}]
`,
    `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet, namespace: team}
spec: {interval: 1h, url: "${url}", ref: {branch: main}}
`,
    kustomization('may'),
    kustomization('may-not'),
  ].join('---\n')
}
