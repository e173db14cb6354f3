import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
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

interface Case {
  readonly reason: string
  readonly ours: 'source' | 'kustomize'
  readonly theirs: 'source-controller' | 'kustomize-controller'
}

const CASES: readonly Case[] = [
  {
    reason: 'our sources serve Flux’s kustomize-controller',
    ours: 'source',
    theirs: 'kustomize-controller',
  },
  {
    reason: 'our reconciler reads from Flux’s source-controller',
    ours: 'kustomize',
    theirs: 'source-controller',
  },
]

describe.skipIf(!hasPrograms(...FLUX_PROGRAMS) || FLUX_CRDS === '')(
  'either half beside Flux’s other half (needs TG_BIN and TG_FLUX_CRDS)',
  () => {
    let kube: Kube
    let git: GitHost
    let running: Program[] = []

    beforeAll(async () => {
      kube = await startKube()
      git = await startGitHost()
      kube.kubectl('create', 'namespace', 'flux-system')
      kube.kubectl('apply', '--server-side', `-f=${FLUX_CRDS}`)
    }, 120_000)
    afterAll(async () => {
      await git.close()
      await kube.close()
    })

    async function start({ ours, theirs }: Case): Promise<void> {
      const [storage, ...ports] = await Promise.all([1, 2, 3, 4, 5].map(() => freePort()))
      const data = join(kube.dir, `data-${ours}`)
      mkdirSync(data, { recursive: true })
      const address = (i: number): string[] => [
        `--metrics-addr=127.0.0.1:${ports[i]}`,
        `--health-addr=127.0.0.1:${ports[i + 1]}`,
      ]
      const store = [
        `--storage-path=${data}`,
        `--storage-addr=127.0.0.1:${storage}`,
        `--storage-adv-addr=127.0.0.1:${storage}`,
      ]
      const own = [bundle, 'controller', `--controllers=${ours}`, `--kubeconfig=${kube.kubeconfig}`]
      const env = { KUBECONFIG: kube.kubeconfig, RUNTIME_NAMESPACE: 'flux-system' }
      running = [
        kube.run(
          `ours-${ours}`,
          process.execPath,
          [...own, ...address(0), ...(ours === 'source' ? store : [])],
          { RUNTIME_NAMESPACE: 'flux-system' },
        ),
        kube.run(
          theirs,
          join(BIN, theirs),
          [...address(2), ...(theirs === 'source-controller' ? store : [])],
          env,
        ),
      ]
    }

    function commit(name: string, value: string): void {
      const repository = git.repository(name)
      const files = {
        'app/kustomization.yaml':
          'resources: [cm.yaml]\nconfigMapGenerator: [{name: made, literals: [a=b]}]\n',
        'app/cm.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: default}\ndata: {key: "${value}"}\n`,
      }
      repository.setRef('refs/heads/main', repository.commit({ files, message: value }))
    }

    function apply(name: string): void {
      const meta = `metadata: {name: ${name}, namespace: flux-system}`
      const input = `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
${meta}
spec: {interval: 5s, url: "${git.url}/plain/${name}.git", ref: {branch: main}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
${meta}
spec: {interval: 1h, prune: true, wait: true, path: ./app, targetNamespace: default, sourceRef: {kind: GitRepository, name: ${name}}}
`
      execFileSync('kubectl', [`--kubeconfig=${kube.kubeconfig}`, 'apply', '-f=-'], { input })
    }

    function valueOf(name: string): string {
      const args = ['get', '-n=default', 'configmap', name, '-o=jsonpath={.data.key}']
      return kube.kubectl(...args, '--ignore-not-found')
    }

    test.each(CASES)('$reason', async (given) => {
      const name = `by-${given.ours}`
      commit(name, 'one')
      await start(given)
      try {
        apply(name)
        await until(`${name} is applied`, 60_000, () => valueOf(name) === 'one')
        kube.kubectl(
          'wait',
          '-n=flux-system',
          `kustomization/${name}`,
          `gitrepository/${name}`,
          '--for=condition=Ready',
          '--timeout=60s',
        )
        commit(name, 'two')
        await until(
          `the second commit of ${name} is applied`,
          60_000,
          () => valueOf(name) === 'two',
        )
        kube.kubectl('delete', '-n=flux-system', `kustomization/${name}`, '--timeout=60s')
        await until(`${name} is pruned`, 30_000, () => valueOf(name) === '')
        expect(kube.kubectl('get', '-n=default', 'configmaps', '-o=name')).not.toContain('made-')
      } finally {
        kube.kubectl('delete', '-n=flux-system', `gitrepository/${name}`, '--ignore-not-found')
        await Promise.all(running.map((program) => program.stop()))
      }
    })
  },
)
