import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GitHost, startGitHost } from '../../test/kit/git-host.ts'
import {
  BIN,
  FLUX_CRDS,
  FLUX_PROGRAMS,
  freePort,
  hasPrograms,
  type Kube,
  type Program,
  startKube,
  until,
} from './kube.ts'

const bundle = join(import.meta.dirname, '../../dist/tidegate.mjs')

/** What `flux bootstrap` writes into a repository, as far as it matters here. */
function components(): string {
  const controllers = ['source-controller', 'kustomize-controller'].map(
    (name) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: flux-system
  labels: {app.kubernetes.io/part-of: flux, app.kubernetes.io/version: v2.9.4}
spec:
  replicas: 1
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: manager, image: "ghcr.io/fluxcd/${name}:v1"}]}
`,
  )
  const crds = readdirSync(FLUX_CRDS)
    .filter((name) =>
      /_(kustomizations|gitrepositories|ocirepositories|buckets|externalartifacts)\.yaml$/.test(
        name,
      ),
    )
    .map((name) =>
      readFileSync(join(FLUX_CRDS, name), 'utf8')
        .replace(/^---\n/, '')
        .replace(
          /^metadata:\n/m,
          'metadata:\n  labels: {app.kubernetes.io/part-of: flux, app.kubernetes.io/version: v2.9.4}\n',
        ),
    )
  const namespace =
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: flux-system, labels: {app.kubernetes.io/part-of: flux}}\n'
  return [namespace, ...crds, ...controllers].join('---\n')
}

function sync(url: string): string {
  return `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 1h, url: "${url}", ref: {branch: main}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 1h, prune: true, path: ./cluster, sourceRef: {kind: GitRepository, name: flux-system}}
`
}

const APPS = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec: {interval: 1h, prune: true, path: ./apps, sourceRef: {kind: GitRepository, name: flux-system}}
`

function app(value: string): string {
  const many = Array.from(
    { length: 10 },
    (_, i) => `apiVersion: v1
kind: ConfigMap
metadata: {name: config-${i}, namespace: default}
data: {key: "${i === 0 ? value : i}"}
`,
  )
  return [
    ...many,
    `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1", ports: [{containerPort: 80}]}]}
`,
  ].join('---\n')
}

describe.skipIf(!hasPrograms(...FLUX_PROGRAMS) || FLUX_CRDS === '')(
  'take-over from Flux on a real cluster (needs TG_BIN and TG_FLUX_CRDS)',
  () => {
    let kube: Kube
    let git: GitHost
    let running: Program[] = []
    /** One address for artifacts, as Flux's Service is one whoever is behind it. */
    let storage = 0

    beforeAll(async () => {
      storage = await freePort()
      kube = await startKube()
      git = await startGitHost()
    })
    afterAll(async () => {
      await git.close()
      await kube.close()
    })

    function commit(value: string): void {
      const repository = git.repository('fleet')
      const files = {
        'cluster/flux-system/gotk-components.yaml': components(),
        'cluster/flux-system/gotk-sync.yaml': sync(`${git.url}/plain/fleet.git`),
        'cluster/apps.yaml': APPS,
        'apps/app.yaml': app(value),
      }
      repository.setRef('refs/heads/main', repository.commit({ files, message: `Value ${value}` }))
    }

    async function flags(): Promise<string[]> {
      const [metrics, health] = await Promise.all([freePort(), freePort()])
      return [
        `--storage-addr=127.0.0.1:${storage}`,
        `--storage-adv-addr=127.0.0.1:${storage}`,
        `--metrics-addr=127.0.0.1:${metrics}`,
        `--health-addr=127.0.0.1:${health}`,
      ]
    }

    // Outside of a pod Flux knows no leader election; there it holds the Lease that ours waits for.
    async function startFlux(): Promise<void> {
      const env = { KUBECONFIG: kube.kubeconfig, RUNTIME_NAMESPACE: 'flux-system' }
      const data = join(kube.dir, 'flux-data')
      mkdirSync(data, { recursive: true })
      const kustomize = (await flags()).filter((flag) => !flag.startsWith('--storage'))
      running = [
        kube.run(
          'source',
          join(BIN, 'source-controller'),
          [...(await flags()), `--storage-path=${data}`],
          env,
        ),
        kube.run('kustomize', join(BIN, 'kustomize-controller'), kustomize, env),
      ]
    }

    async function startOurs(): Promise<void> {
      const args = [
        bundle,
        'controller',
        `--kubeconfig=${kube.kubeconfig}`,
        `--storage-path=${join(kube.dir, 'data')}`,
      ]
      running = [
        kube.run(
          'ours',
          process.execPath,
          [...args, '--enable-leader-election', ...(await flags())],
          {
            RUNTIME_NAMESPACE: 'flux-system',
          },
        ),
      ]
    }

    /** A regular end, as a Deployment that is scaled to 0 brings it about: Leases are released. */
    async function stop(): Promise<void> {
      await Promise.all(running.map((program) => program.stop()))
    }

    function tidegate(...args: string[]): string {
      return execFileSync(process.execPath, [bundle, ...args, `--kubeconfig=${kube.kubeconfig}`], {
        encoding: 'utf8',
        stdio: 'pipe',
      })
    }

    let request = 0
    /** Asks for a reconciliation of everything, and waits until it is done and all is Ready. */
    async function reconciled(): Promise<void> {
      request += 1
      const stamp = `request-${request}`
      for (const kind of [
        'gitrepository/flux-system',
        'kustomization/flux-system',
        'kustomization/apps',
      ]) {
        kube.kubectl(
          'annotate',
          '--overwrite',
          '-n=flux-system',
          kind,
          `reconcile.fluxcd.io/requestedAt=${stamp}`,
        )
        await until(`${kind} has handled ${stamp}`, 90_000, () => {
          const status = JSON.parse(kube.kubectl('get', '-n=flux-system', kind, '-o=json')) as {
            status?: {
              lastHandledReconcileAt?: string
              conditions?: { type: string; status: string }[]
            }
          }
          const ready = status.status?.conditions?.some(
            ({ type, status: is }) => type === 'Ready' && is === 'True',
          )
          return status.status?.lastHandledReconcileAt === stamp && ready === true
        })
      }
    }

    /** resourceVersions of what the Kustomizations manage, but for the Deployments that are taken over. */
    function managed(): Record<string, string> {
      const list = JSON.parse(
        kube.kubectl(
          'get',
          'configmaps,deployments,namespaces,customresourcedefinitions',
          '-A',
          '-o=json',
          '-l',
          'kustomize.toolkit.fluxcd.io/name',
        ),
      ) as { items: { kind: string; metadata: { name: string; resourceVersion: string } }[] }
      return Object.fromEntries(
        list.items
          .filter(({ metadata }) => !metadata.name.endsWith('-controller'))
          .map(({ kind, metadata }) => [`${kind}/${metadata.name}`, metadata.resourceVersion]),
      )
    }

    function replicas(name: string): string {
      return kube.kubectl(
        'get',
        '-n=flux-system',
        'deployment',
        name,
        '-o=jsonpath={.spec.replicas}',
      )
    }

    test('there and back, no managed object is written', async ({ onTestFailed }) => {
      onTestFailed(() => {
        const tails = running.map((program) => program.log().split('\n').slice(-12).join('\n'))
        throw new Error(`the last words of the controllers:\n${tails.join('\n\n')}`)
      })
      commit('one')
      kube.kubectl('create', 'namespace', 'flux-system')
      kube.kubectl('apply', '--server-side', `-f=${FLUX_CRDS}`)
      execFileSync('kubectl', [`--kubeconfig=${kube.kubeconfig}`, 'apply', '-f=-'], {
        input: sync(`${git.url}/plain/fleet.git`),
      })
      await startFlux()
      await until('Kustomization apps', 60_000, () =>
        kube.kubectl('get', 'kustomizations', '-A').includes('apps'),
      )
      await reconciled()
      const before = managed()
      expect(Object.keys(before).length).toBeGreaterThan(15)
      expect(() => tidegate('install')).toThrow()

      // There. Nothing runs pods here, so what scaling to 0 does to Flux's processes is done by hand.
      const out = tidegate('install', '--takeover', '--no-wait')
      expect(out).toContain('Deployment/flux-system/kustomize-controller scaled from 1 to 0')
      expect(out).toContain(
        'left so by Kustomization/flux-system/flux-system, which holds it in Git',
      )
      await stop()
      await startOurs()
      await reconciled()
      await reconciled()
      expect(managed()).toEqual(before)
      expect([replicas('kustomize-controller'), replicas('source-controller')]).toEqual(['0', '0'])

      // Work goes on: a commit is applied, and nothing else changes.
      commit('two')
      await reconciled()
      expect(kube.kubectl('get', 'configmap', 'config-0', '-o=jsonpath={.data.key}')).toBe('two')
      const after = managed()
      expect(Object.keys(after).filter((id) => after[id] !== before[id])).toEqual([
        'ConfigMap/config-0',
      ])

      // Back.
      await stop()
      tidegate('uninstall')
      expect([replicas('kustomize-controller'), replicas('source-controller')]).toEqual(['1', '1'])
      await startFlux()
      await reconciled()
      expect(managed()).toEqual(after)
      expect([replicas('kustomize-controller'), replicas('source-controller')]).toEqual(['1', '1'])
    })
  },
)
