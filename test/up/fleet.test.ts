import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runProgram, scratch } from '../kit/program.ts'

const folders: { dispose(): void }[] = []
afterAll(() => {
  for (const folder of folders.splice(0)) folder.dispose()
})

function fleet(files: Readonly<Record<string, string>>): string {
  const folder = scratch()
  folders.push(folder)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.dir, path)), { recursive: true })
    writeFileSync(join(folder.dir, path), text)
  }
  return folder.dir
}

const SYNC = `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec:
  interval: 1m0s
  ref: {branch: release}
  secretRef: {name: flux-system}
  url: ssh://git@git.example/team/fleet
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: flux-system, namespace: flux-system}
spec:
  interval: 10m0s
  path: ./clusters/home
  prune: true
  sourceRef: {kind: GitRepository, name: flux-system}
`

const APPS = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec:
  interval: 10m
  path: ./apps
  prune: true
  wait: true
  timeout: 30s
  sourceRef: {kind: GitRepository, name: flux-system}
`

const HELM = `apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: charts, namespace: default}
spec: {interval: 1h, url: 'https://charts.example'}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: app, namespace: default}
spec:
  interval: 10m
  chart: {spec: {chart: app, sourceRef: {kind: HelmRepository, name: charts}}}
---
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {name: issuer}
spec: {selfSigned: {}}
---
apiVersion: harbour.example/v1
kind: Berth
metadata: {name: one, namespace: default}
spec: {length: 30}
`

const CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: berths.harbour.example}
spec:
  group: harbour.example
  names: {kind: Berth, plural: berths, singular: berth, listKind: BerthList}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      subresources: {status: {}}
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {type: object, properties: {length: {type: integer}}}
            status:
              type: object
              default: {observedGeneration: -1}
              x-kubernetes-preserve-unknown-fields: true
`

test('a bootstrapped repository runs from a folder: it is its own source, and operators are played', async () => {
  const dir = fleet({
    'clusters/home/flux-system/gotk-sync.yaml': SYNC,
    'clusters/home/flux-system/kustomization.yaml':
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [gotk-sync.yaml]\n',
    'clusters/home/apps.yaml': APPS,
    'apps/crd.yaml': CRD,
    'apps/helm.yaml': HELM,
  })
  const { code, output } = await runProgram(['up', dir, '--once', '--timeout=25s'])
  expect(output).toMatch(/All 2 Kustomizations are Ready/)
  expect(output.match(/HelmRelease \(helm.toolkit.fluxcd.io\) is not served here/g)).toHaveLength(1)
  expect(output).toMatch(/ClusterIssuer \(cert-manager.io\) is not served here/)
  expect(output).not.toMatch(/Berth .*not served/)
  expect(code, output).toBe(0)
})

test('a path that is not there, a source that is not there, a cycle: each is said', async () => {
  const ks = (name: string, spec: string): string => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: flux-system}
spec: {interval: 10m, prune: true, ${spec}}
`
  const self = 'sourceRef: {kind: GitRepository, name: flux-system}'
  const dir = fleet({
    'clusters/a/one.yaml': ks('no-path', `path: ./nowhere, ${self}`),
    'clusters/a/two.yaml': ks('no-source', 'sourceRef: {kind: GitRepository, name: nobody}'),
    'clusters/a/three.yaml': ks('left', `path: ./x, ${self}, dependsOn: [{name: right}]`),
    'clusters/a/four.yaml': ks('right', `path: ./x, ${self}, dependsOn: [{name: left}]`),
    'clusters/a/five.yaml': ks(
      'no-variables',
      `path: ./x, ${self}, postBuild: {substituteFrom: [{kind: ConfigMap, name: none}]}`,
    ),
    'x/cm.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: default}\ndata: {a: "${v}"}\n',
  })
  const { code, output } = await runProgram(['up', dir, '--once', '--timeout=25s'])
  expect(output).toMatch(/no-path: ArtifactFailed: kustomization path not found/)
  expect(output).toMatch(/no-source: ArtifactFailed: .*"nobody" not found/)
  expect(output).toMatch(/left: DependencyNotReady: .*flux-system\/left.*flux-system\/right/s)
  expect(output).toMatch(/no-variables: BuildFailed: .*configmaps "none" not found/)
  expect(code).toBe(1)
})
