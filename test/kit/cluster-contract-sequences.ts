import fc from 'fast-check'
import type { Json, JsonObject } from '../../src/object/index.ts'
import type { ContractCase, ContractStep } from './cluster-contract.ts'

const NAMES = ['a', 'b']
const MANAGERS = ['m1', 'm2', 'm3']
const KEYS = ['x', 'z']
const VALUES = ['1', '2']

const name: fc.Arbitrary<string> = fc.constantFrom(...NAMES)
const manager: fc.Arbitrary<string> = fc.constantFrom(...MANAGERS)
const data: fc.Arbitrary<Record<string, string>> = fc.dictionary(
  fc.constantFrom(...KEYS),
  fc.constantFrom(...VALUES),
  { maxKeys: 2 },
)
const labels: fc.Arbitrary<Record<string, string>> = fc.dictionary(
  fc.constantFrom('l', 'k'),
  fc.constantFrom('1', '2'),
  { maxKeys: 2 },
)
const finalizers: fc.Arbitrary<string[]> = fc.subarray(['x.io/a', 'x.io/b'])

const ConfigMaps = '/api/v1/namespaces/{ns}/configmaps'
const Deployments = '/apis/apps/v1/namespaces/{ns}/deployments'
const Secrets = '/api/v1/namespaces/{ns}/secrets'
const Services = '/api/v1/namespaces/{ns}/services'

function configMap(of: { name: string; data: Json; labels?: Json; finalizers?: Json }): Json {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: of.name,
      ...(of.labels === undefined ? {} : { labels: of.labels }),
      ...(of.finalizers === undefined ? {} : { finalizers: of.finalizers }),
    },
    data: of.data,
  }
}

const container: fc.Arbitrary<Json> = fc.record(
  {
    name: fc.constantFrom('c', 'd'),
    image: fc.constantFrom('i:1', 'i:2'),
    env: fc.uniqueArray(
      fc.record({ name: fc.constantFrom('A', 'B'), value: fc.constantFrom('1', '2') }),
      { selector: (each) => each.name, maxLength: 2 },
    ),
    ports: fc.uniqueArray(fc.record({ containerPort: fc.constantFrom(80, 81) }), {
      selector: (each) => each.containerPort,
      maxLength: 2,
    }),
    args: fc.array(fc.constantFrom('-a', '-b'), { maxLength: 2 }),
  },
  { requiredKeys: ['name', 'image'] },
)

const deployment: fc.Arbitrary<Json> = fc
  .record({
    name,
    replicas: fc.option(fc.constantFrom(0, 1, 2), { nil: undefined }),
    containers: fc.uniqueArray(container, {
      selector: (each) => (each as { name: string }).name,
      minLength: 1,
      maxLength: 2,
    }),
    labels,
  })
  .map(({ name: called, replicas, containers: drawn, labels: own }) => ({
    called,
    replicas,
    own,
    // Ports that two containers share are warned of, so one of them has some.
    containers: drawn.map((each) =>
      (each as JsonObject)['name'] === 'c' ? each : { ...(each as JsonObject), ports: [] },
    ),
  }))
  .map(({ called, replicas, containers, own }) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: called, labels: own },
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: { app: 'x' } },
      template: { metadata: { labels: { app: 'x' } }, spec: { containers } },
    },
  }))

function patchStep(type: string, path: string, body: Json): ContractStep {
  return { method: 'PATCH', path, headers: { 'content-type': type }, body }
}

const APPLY = 'application/apply-patch+yaml'
const MERGE = 'application/merge-patch+json'
const STRATEGIC = 'application/strategic-merge-patch+json'
const JSON_PATCH = 'application/json-patch+json'

const applyQuery: fc.Arbitrary<string> = fc
  .tuple(manager, fc.boolean(), fc.constantFrom('', '&dryRun=All'))
  .map(([by, force, dry]) => `?fieldManager=${by}${force ? '&force=true' : ''}${dry}`)

function nameOf(object: Json): string {
  return (object as { metadata: { name: string } }).metadata.name
}

const step: fc.Arbitrary<ContractStep> = fc.oneof(
  fc.record({ name, data, labels, finalizers }).map((of) => ({
    method: 'POST' as const,
    path: ConfigMaps,
    body: configMap(of),
  })),
  fc.tuple(fc.record({ name, data, labels, finalizers }), manager).map(([of, by]) => ({
    method: 'PUT' as const,
    path: `${ConfigMaps}/${of.name}?fieldManager=${by}`,
    body: configMap(of),
  })),
  fc
    .tuple(fc.record({ name, data, labels }), applyQuery)
    .map(([of, query]) => patchStep(APPLY, `${ConfigMaps}/${of.name}${query}`, configMap(of))),
  fc
    .tuple(name, fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom('1', '2', null)), manager)
    .map(([of, changes, by]) =>
      patchStep(MERGE, `${ConfigMaps}/${of}?fieldManager=${by}`, { data: changes }),
    ),
  fc
    .tuple(name, fc.constantFrom(...KEYS), fc.constantFrom('add', 'remove', 'replace', 'test'))
    .map(([of, key, op]) =>
      patchStep(JSON_PATCH, `${ConfigMaps}/${of}`, [{ op, path: `/data/${key}`, value: '9' }]),
    ),
  fc
    .tuple(name, finalizers)
    .map(([of, left]) =>
      patchStep(MERGE, `${ConfigMaps}/${of}`, { metadata: { finalizers: left } }),
    ),
  fc
    .tuple(deployment, applyQuery)
    .map(([of, query]) => patchStep(APPLY, `${Deployments}/${nameOf(of)}${query}`, of)),
  fc.tuple(deployment, manager).map(([of, by]) => ({
    method: 'PUT' as const,
    path: `${Deployments}/${nameOf(of)}?fieldManager=${by}`,
    body: of,
  })),
  fc
    .tuple(deployment, manager)
    .map(([of, by]) => patchStep(STRATEGIC, `${Deployments}/${nameOf(of)}?fieldManager=${by}`, of)),
  fc
    .tuple(name, fc.constantFrom(0, 1, 2))
    .map(([of, replicas]) =>
      patchStep(MERGE, `${Deployments}/${of}/status`, { status: { replicas } }),
    ),
  fc
    .tuple(
      fc.constantFrom(ConfigMaps, Deployments),
      name,
      fc.constantFrom('Background', 'Foreground', 'Orphan'),
    )
    .map(([kind, of, propagationPolicy]) => ({
      method: 'DELETE' as const,
      path: `${kind}/${of}`,
      body: { propagationPolicy },
    })),
  fc
    .tuple(fc.constantFrom(ConfigMaps, Deployments), name)
    .map(([kind, of]) => ({ method: 'GET' as const, path: `${kind}/${of}` })),
  fc
    .tuple(fc.constantFrom(ConfigMaps, Deployments), fc.constantFrom('', '?labelSelector=l%3D1'))
    .map(([kind, query]) => ({ method: 'GET' as const, path: kind + query })),
)

const validation: fc.Arbitrary<string> = fc.constantFrom(
  '',
  '&fieldValidation=Ignore',
  '&fieldValidation=Warn',
  '&fieldValidation=Strict',
)

const secret: fc.Arbitrary<Json> = fc
  .record({
    name,
    data: fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom('MQ==', 'Mg=='), { maxKeys: 2 }),
    stringData: fc.option(data, { nil: undefined }),
    immutable: fc.option(fc.boolean(), { nil: undefined }),
    labels,
  })
  .map(({ name: called, labels: own, ...rest }) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: called, labels: own },
    ...defined(rest),
  }))

const service: fc.Arbitrary<Json> = fc
  .record({
    name,
    type: fc.constantFrom(undefined, 'ClusterIP', 'ExternalName', 'Nonsense'),
    clusterIP: fc.constantFrom(undefined, 'None', 'bad'),
    ports: fc.uniqueArray(
      fc
        .record({ port: fc.constantFrom(80, 81, 0), name: fc.constantFrom('a', 'b', 'B') })
        .map((each) => ({ ...each, targetPort: each.port === 80 ? 'http' : each.port })),
      { selector: (each) => each.port, maxLength: 2 },
    ),
    sessionAffinity: fc.constantFrom(undefined, 'ClientIP', 'None'),
  })
  .map(({ name: called, ...spec }) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: called },
    spec: { selector: { app: 'x' }, ...defined(spec) },
  }))

function defined(value: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined))
}

const ACCEPTS = [
  'application/json;as=Table;g=meta.k8s.io;v=v1',
  'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
  'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
]

/** Further kinds, subresources, representations and ways to ask. */
const wider: fc.Arbitrary<ContractStep> = fc.oneof(
  fc.tuple(secret, validation).map(([of, query]) => ({
    method: 'POST' as const,
    path: `${Secrets}?fieldManager=m1${query}`,
    body: of,
  })),
  fc
    .tuple(secret, applyQuery)
    .map(([of, query]) => patchStep(APPLY, `${Secrets}/${nameOf(of)}${query}`, of)),
  fc.tuple(secret, manager).map(([of, by]) => ({
    method: 'PUT' as const,
    path: `${Secrets}/${nameOf(of)}?fieldManager=${by}`,
    body: of,
  })),
  fc.tuple(service, manager, validation).map(([of, by, query]) => ({
    method: 'POST' as const,
    path: `${Services}?fieldManager=${by}${query}`,
    body: of,
  })),
  fc
    .tuple(service, applyQuery)
    .map(([of, query]) => patchStep(APPLY, `${Services}/${nameOf(of)}${query}`, of)),
  fc.tuple(deployment, validation).map(([of, query]) => ({
    method: 'POST' as const,
    path: `${Deployments}?fieldManager=m2${query}`,
    body: { ...(of as JsonObject), nonsense: 1 },
  })),
  fc.tuple(name, fc.constantFrom(0, 3), fc.constantFrom(MERGE, APPLY)).map(([of, replicas, type]) =>
    patchStep(
      type,
      `${Deployments}/${of}/scale?fieldManager=m3`,
      type === MERGE
        ? { spec: { replicas } }
        : {
            apiVersion: 'autoscaling/v1',
            kind: 'Scale',
            metadata: { name: of },
            spec: { replicas },
          },
    ),
  ),
  name.map((of) => ({ method: 'GET' as const, path: `${Deployments}/${of}/scale` })),
  fc
    .tuple(fc.constantFrom(ConfigMaps, Deployments, Secrets, Services), fc.constantFrom(...ACCEPTS))
    .map(([kind, accept]) => ({ method: 'GET' as const, path: kind, headers: { accept } })),
  fc
    .tuple(
      fc.constantFrom(ConfigMaps, Secrets),
      fc.constantFrom('?limit=1', '?fieldSelector=metadata.name%3Da', '?labelSelector=l+notin+(1)'),
    )
    .map(([kind, query]) => ({ method: 'GET' as const, path: kind + query })),
  fc
    .constantFrom(ConfigMaps, Secrets)
    .map((kind) => ({ method: 'DELETE' as const, path: `${kind}?labelSelector=l%3D1` })),
)

/** Random sequences of requests, on few names by few managers, so that they meet. */
export function sequences(length: number): fc.Arbitrary<Omit<ContractCase, 'name'>> {
  return fc
    .array(fc.oneof({ weight: 3, arbitrary: step }, { weight: 2, arbitrary: wider }), {
      minLength: 2,
      maxLength: length,
    })
    .map((steps) => ({ why: 'a random sequence', steps }))
}
