import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import {
  isObject,
  type Json,
  type JsonObject,
  parseYaml,
  printYaml,
  valueAt,
} from '../../src/object/index.ts'
import { runProgram, scratch } from '../kit/program.ts'

/**
 * Every manifest of the tutorial that users paste from, each by itself, on a repository that has its
 * path and what it names. The manifests lie in test/fixtures/seed-flux, their comments left out.
 */
const seeds = join(import.meta.dirname, '../fixtures/seed-flux')

const folders: { dispose(): void }[] = []
afterAll(() => {
  for (const folder of folders.splice(0)) folder.dispose()
})

function documents(name: string): JsonObject[] {
  return parseYaml(readFileSync(join(seeds, name), 'utf8'), name).filter(isObject)
}

const files = readdirSync(seeds).sort()
const kustomizations = files.filter((name) =>
  documents(name).some((each) => String(each['apiVersion']).startsWith('kustomize.toolkit')),
)
const gitRepository = files.filter((name) => documents(name)[0]?.['kind'] === 'GitRepository')

test('the tutorial has its Kustomizations and its GitRepository', () => {
  expect(kustomizations).toHaveLength(14)
  expect(gitRepository).toHaveLength(1)
})

test.concurrent.each(kustomizations)('%s becomes Ready', async (name) => {
  const folder = scratch()
  folders.push(folder)
  const write = (path: string, ...objects: Json[]): void => {
    mkdirSync(dirname(join(folder.dir, path)), { recursive: true })
    writeFileSync(join(folder.dir, path), objects.map((each) => printYaml(each)).join('---\n'))
  }
  const seed = documents(name)
  write('clusters/seed/seed.yaml', ...seed)
  const source = documents(gitRepository[0] ?? '')[0] ?? {}
  write('clusters/seed/source.yaml', source, ...seed.flatMap((each) => sourceOf(each, source)))
  for (const [i, each] of seed.entries()) {
    write(`clusters/seed/named-${i}.yaml`, configMap(`nothing-else-${i}`), ...namedBy(each, seed))
    const path = String(valueAt(each, 'spec', 'path'))
    write(`${path}/objects.yaml`, ...checkedBy(each))
  }
  write('other/object.yaml', configMap('what-others-need', 'default'))
  const { code, output } = await runProgram([
    'up',
    folder.dir,
    '--path=clusters/seed',
    '--once',
    '--timeout=25s',
  ])
  expect(output).toMatch(/Kustomizations are Ready/)
  expect(code, output).toBe(0)
})

function configMap(name: string, namespace = 'flux-system'): JsonObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { a: 'b' } }
}

/** A source of another name than the fleet's own, at the same address. */
function sourceOf(seed: JsonObject, fleet: JsonObject): JsonObject[] {
  const name = valueAt(seed, 'spec', 'sourceRef', 'name')
  if (name === 'flux-system' || typeof name !== 'string') return []
  return [{ ...fleet, metadata: { name, namespace: 'flux-system' } }]
}

/** What a Kustomization names outside its path: dependencies, variables, a service account. */
function namedBy(seed: JsonObject, siblings: readonly JsonObject[]): JsonObject[] {
  const present = siblings.map((each) => valueAt(each, 'metadata', 'name'))
  const dependencies = list(valueAt(seed, 'spec', 'dependsOn'))
    .map((each) => String(each['name']))
    .filter((each) => !present.includes(each))
    .map((dependency) => ({
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: dependency, namespace: 'flux-system' },
      spec: {
        interval: '10m',
        prune: false,
        path: './other',
        sourceRef: { kind: 'GitRepository', name: 'flux-system' },
      },
    }))
  const variables = list(valueAt(seed, 'spec', 'postBuild', 'substituteFrom')).map((each) => ({
    apiVersion: 'v1',
    kind: String(each['kind']),
    metadata: { name: String(each['name']), namespace: 'flux-system' },
    [each['kind'] === 'Secret' ? 'stringData' : 'data']: { IMAGE_TAG: 'v1' },
  }))
  return [...dependencies, ...variables, ...accountOf(seed)]
}

function accountOf(seed: JsonObject): JsonObject[] {
  const name = valueAt(seed, 'spec', 'serviceAccountName')
  const namespace = valueAt(seed, 'spec', 'targetNamespace')
  if (typeof name !== 'string') return []
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: String(namespace) } },
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name, namespace: 'flux-system' },
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name, namespace: String(namespace) },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: 'cluster-admin',
      },
      subjects: [{ kind: 'ServiceAccount', name, namespace: 'flux-system' }],
    },
  ]
}

/** What lies in the path of a Kustomization: the objects that its health checks name. */
function checkedBy(seed: JsonObject): JsonObject[] {
  const checks = list(valueAt(seed, 'spec', 'healthChecks'))
  const namespaces = [...new Set(checks.map((each) => String(each['namespace'])))]
  const target = valueAt(seed, 'spec', 'targetNamespace')
  return [
    ...namespaces.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    configMap(`of-${String(valueAt(seed, 'metadata', 'name'))}`, String(target ?? 'default')),
    ...checks.map(objectOf),
  ]
}

function objectOf(check: JsonObject): JsonObject {
  const labels = { app: String(check['name']) }
  const pod = {
    metadata: { labels },
    spec: { containers: [{ name: 'main', image: 'registry.example/main:1' }] },
  }
  const specs: Record<string, JsonObject> = {
    Deployment: { selector: { matchLabels: labels }, template: pod },
    StatefulSet: { serviceName: 'main', selector: { matchLabels: labels }, template: pod },
    Job: { template: { spec: { ...pod.spec, restartPolicy: 'Never' } } },
    Ingress: { defaultBackend: { service: { name: 'main', port: { number: 80 } } } },
    Cluster: { instances: 3 },
    Certificate: { dnsNames: ['shop.example'] },
  }
  return {
    apiVersion: String(check['apiVersion']),
    kind: String(check['kind']),
    metadata: { name: String(check['name']), namespace: String(check['namespace']) },
    spec: specs[String(check['kind'])] ?? {},
  }
}

function list(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}
