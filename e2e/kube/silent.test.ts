import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GitHost, startGitHost } from '../../test/kit/git-host.ts'
import { type Relay, startRelay } from '../../test/kit/relay.ts'
import { freePort, hasPrograms, type Kube, startKube, until } from './kube.ts'

const root = join(import.meta.dirname, '../..')
/** Flux needs 46 s for what is to be over in this. */
const NOTICED_MS_MAX = 10_000

describe.skipIf(!hasPrograms('etcd', 'kube-apiserver', 'kube-controller-manager'))(
  'connections to a real API server that die without a sign (needs TG_BIN)',
  () => {
    let kube: Kube
    let git: GitHost
    let relay: Relay

    beforeAll(async () => {
      kube = await startKube()
      git = await startGitHost()
      relay = await startRelay(Number(new URL(kube.url).port))
      kube.kubectl('apply', '--server-side', `-f=${join(root, 'crds')}`)
      const repository = git.repository('repo')
      const app =
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: default}\ndata: {a: "1"}\n'
      repository.setRef(
        'refs/heads/main',
        repository.commit({ files: { 'app/cm.yaml': app }, message: 'one' }),
      )
      const file = join(kube.dir, 'objects.yaml')
      writeFileSync(
        file,
        `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: repo, namespace: default}
spec: {interval: 1h, url: "${git.url}/plain/repo.git", ref: {branch: main}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: app, namespace: default}
spec: {interval: 1h, prune: true, path: ./app, sourceRef: {kind: GitRepository, name: repo}}
`,
      )
      kube.kubectl('apply', `-f=${file}`)
      await start()
      // Relay and Git host live in this process, so nothing here may block for long.
      await until('the first apply', 90_000, () => valueOf() === '1')
    }, 180_000)
    afterAll(async () => {
      relay.close()
      await git.close()
      await kube.close()
    })

    function valueOf(): string {
      const args = ['get', 'configmap', 'one', '-o=jsonpath={.data.a}', '--ignore-not-found']
      return kube.kubectl(...args)
    }

    async function start(): Promise<void> {
      const ports = await Promise.all([freePort(), freePort(), freePort()])
      const data = join(kube.dir, 'data')
      mkdirSync(data)
      const kubeconfig = join(kube.dir, 'through-relay')
      writeFileSync(
        kubeconfig,
        JSON.stringify({
          'current-context': 'c',
          contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
          clusters: [
            {
              name: 'c',
              cluster: {
                server: `https://127.0.0.1:${relay.port}`,
                'insecure-skip-tls-verify': true,
              },
            },
          ],
          users: [{ name: 'u', user: { token: kube.token } }],
        }),
      )
      kube.run('controller', process.execPath, [
        join(root, 'dist/tidegate.mjs'),
        'controller',
        `--kubeconfig=${kubeconfig}`,
        `--storage-path=${data}`,
        `--storage-addr=127.0.0.1:${ports[0]}`,
        `--storage-adv-addr=127.0.0.1:${ports[0]}`,
        `--metrics-addr=127.0.0.1:${ports[1]}`,
        `--health-addr=127.0.0.1:${ports[2]}`,
      ])
    }

    test.each([1, 2, 3])('foreign edit %i is corrected all the same', async (i) => {
      relay.swallow()
      const value = `foreign-${i}`
      kube.kubectl('patch', 'configmap', 'one', '--type=merge', `-p={"data":{"a":"${value}"}}`)
      const started = performance.now()
      await until(`edit ${i} is corrected`, 60_000, () => valueOf() === '1')
      expect(performance.now() - started).toBeLessThan(NOTICED_MS_MAX)
    })
  },
)
