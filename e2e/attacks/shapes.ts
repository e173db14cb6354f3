import { expect } from 'vitest'
import { type Attack, absent, both, condition, configMap, ends, fails } from './attack.ts'

function build(
  name: string,
  does: string,
  files: Readonly<Record<string, string>>,
  more: Partial<Attack> = {},
): Attack {
  return { name, does, files, spec: 'retryInterval: 1h', want: ends, ...more }
}

const LIST = 'resources: [a.yaml]\n'
const repeat = (count: number, make: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => make(i)).join('')

const running: Attack['want'] = ({ world }) => {
  expect(world.isRunning()).toBe(true)
}

/** Its ConfigMap holds this and nothing else. */
function holds(name: string, data: Readonly<Record<string, string>>): Attack['want'] {
  return async ({ world }) => {
    const made = await world.get('ConfigMap', 'tenant-a', name)
    expect({ ...(made?.['data'] as Record<string, string> | undefined) }).toEqual(data)
  }
}

/** Names, numbers and shapes that programs stumble over. */
export const SHAPES: readonly Attack[] = [
  build(
    'shape-proto',
    'writes keys that all objects have',
    {
      'a.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shape-proto, labels: {constructor: a}, annotations: {__proto__: b}}\ndata: {__proto__: polluted, constructor: c, toString: d}\n',
    },
    { want: both(ends, running) },
  ),
  build(
    'shape-proto-patch',
    'changes all objects by a JSON patch',
    {
      'kustomization.yaml': `${LIST}patches:\n- target: {kind: ConfigMap}\n  patch: '[{"op":"add","path":"/__proto__/polluted","value":"yes"},{"op":"add","path":"/constructor/prototype/polluted","value":"yes"}]'\n`,
      'a.yaml': configMap('shape-proto-patch', 'data: {a: b}\n'),
    },
    {
      want: both(running, async ({ world }) => {
        const made = await world.get('ConfigMap', 'tenant-b', 'from-git')
        expect(JSON.stringify(made)).not.toContain('polluted')
      }),
    },
  ),
  build(
    'shape-proto-merge',
    'changes all objects by a merge patch',
    {
      'kustomization.yaml': `${LIST}patches:\n- patch: |\n    apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: shape-proto-merge}\n    __proto__: {polluted: "yes"}\n    data: {__proto__: x}\n`,
      'a.yaml': configMap('shape-proto-merge', 'data: {a: b}\n'),
    },
    { want: running },
  ),
  build(
    'shape-proto-variable',
    'reads what all objects have as a variable',
    {
      'a.yaml': configMap(
        'shape-proto-variable',
        'data: {a: "${constructor}${__proto__}${toString}"}\n',
      ),
    },
    {
      spec: 'retryInterval: 1h\n  postBuild: {substitute: {x: y}}',
      want: both(fails(/variable/), absent('ConfigMap', 'tenant-a', 'shape-proto-variable')),
    },
  ),
  build(
    'shape-proto-kind',
    'has objects of kinds that all objects have',
    { 'a.yaml': 'apiVersion: constructor/__proto__\nkind: toString\nmetadata: {name: x}\n' },
    { want: fails(/no matches for kind/) },
  ),
  build(
    'shape-proto-replacement',
    'replaces in what all objects have',
    {
      'kustomization.yaml': `${LIST}replacements:\n- source: {kind: ConfigMap, fieldPath: data.a}\n  targets: [{select: {kind: ConfigMap}, fieldPaths: [__proto__.polluted, constructor.prototype.polluted], options: {create: true}}]\n`,
      'a.yaml': configMap('shape-proto-replacement', 'data: {a: b}\n'),
    },
    { want: running },
  ),
  build(
    'shape-index',
    'fills the memory by the index of a JSON patch',
    {
      'kustomization.yaml': `${LIST}patches:\n- target: {kind: Pod}\n  patch: '[{"op":"add","path":"/spec/containers/4294967294","value":{}}]'\n`,
      'a.yaml':
        'apiVersion: v1\nkind: Pod\nmetadata: {name: shape-index}\nspec: {containers: [{name: a, image: b}]}\n',
    },
    { want: fails(/./) },
  ),
  build(
    'shape-delimiter',
    'fills the memory by the index of a replacement',
    {
      'kustomization.yaml': `${LIST}replacements:\n- source: {kind: ConfigMap, fieldPath: data.a}\n  targets: [{select: {kind: ConfigMap}, fieldPaths: [data.b], options: {delimiter: ",", index: 2000000000}}]\n`,
      'a.yaml': configMap('shape-delimiter', 'data: {a: x, b: y}\n'),
    },
    { want: both(ends, running) },
  ),
  build('shape-number', 'has a number of a hundred thousand digits', {
    'a.yaml': `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shape-number}\nspec: {replicas: ${'9'.repeat(100_000)}, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: b}]}}}\n`,
  }),
  build('shape-exponent', 'has numbers with exponents without end', {
    'a.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shape-exponent}\ndata: {a: 1e999999999, b: 0x${'f'.repeat(20_000)}, c: -.inf, d: .nan}\n`,
  }),
  build(
    'shape-quantity',
    'has a quantity of a billion digits',
    {
      'a.yaml':
        'apiVersion: v1\nkind: Pod\nmetadata: {name: shape-quantity}\nspec: {containers: [{name: a, image: b, resources: {limits: {cpu: 1e999999999, memory: 1E9223372036854775807}}}]}\n',
    },
    // A real API server computes it for minutes.
    { want: running },
  ),
  build(
    'shape-tag',
    'has YAML make what is no text',
    {
      'a.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shape-tag}\ndata: {a: !!js/function "function(){}", b: !include /etc/hostname, c: !!python/object:os.system x}\n',
    },
    { want: both(ends, running) },
  ),
  build('shape-list', 'packs lists into lists', {
    'a.yaml': `${'{apiVersion: v1, kind: List, items: ['.repeat(400)}${']}'.repeat(400)}\n`,
  }),
  build('shape-key', 'has keys that are maps', {
    'a.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shape-key}\ndata: {? {a: b} : c, ? [d] : e}\n',
  }),
  build('shape-bytes', 'has bytes that are no text', {
    'a.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shape-bytes}\ndata: {a: "\\0\\x07\\ud800"}\n`,
  }),
  build(
    'shape-alike',
    "has a name that looks like the victim's",
    {
      'a.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "vіctim", namespace: tenant-a}\n',
    },
    { want: fails(/./) },
  ),
  build(
    'shape-prefix',
    'makes names longer than names may be',
    { 'a.yaml': configMap('shape-prefix') },
    {
      spec: `retryInterval: 1h\n  namePrefix: ${'p'.repeat(200)}\n  nameSuffix: ${'s'.repeat(200)}`,
      want: fails(/must be no more than|Invalid/),
    },
  ),
  build(
    'shape-prefix-path',
    'leaves its namespace by a prefix of names',
    { 'a.yaml': configMap('shape-prefix-path') },
    {
      spec: 'retryInterval: 1h\n  namePrefix: "../../tenant-b/configmaps/"',
      want: both(fails(/./), absent('ConfigMap', 'tenant-b', 'shape-prefix-path')),
    },
  ),
  ...(
    [
      ['target-path', '../tenant-b'],
      ['target-lines', 'tenant-a\\ntenant-b'],
      ['target-encoded', 'tenant-a%2f..%2ftenant-b'],
      ['target-system', 'kube-system'],
    ] as const
  ).map(([name, namespace]) =>
    build(
      name,
      `moves its objects by the namespace ${JSON.stringify(namespace)}`,
      { 'a.yaml': configMap(name) },
      {
        spec: `retryInterval: 1h\n  targetNamespace: "${namespace}"`,
        want: both(
          fails(/./),
          absent('ConfigMap', 'tenant-b', name),
          absent('ConfigMap', 'kube-system', name),
        ),
      },
    ),
  ),
  {
    name: 'write-kustomization',
    does: 'moves its objects by the namespace of a kustomization file',
    files: {
      'kustomization.yaml': `namespace: tenant-b\n${LIST}`,
      'a.yaml': configMap('write-kustomization'),
    },
    want: both(fails(/cannot|forbidden/), absent('ConfigMap', 'tenant-b', 'write-kustomization')),
  },
  {
    name: 'write-generate',
    does: 'has the server make a name, so that nobody knows the object',
    files: {
      'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: write-generate-}\n',
    },
    spec: 'targetNamespace: tenant-a',
    want: fails(/./),
  },
  {
    name: 'write-identity',
    does: 'brings uid, version, managers and an end of its own',
    files: {
      'a.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: write-identity, uid: 11111111-1111-1111-1111-111111111111, deletionTimestamp: "2026-01-01T00:00:00Z", managedFields: [{manager: kustomize-controller, operation: Apply, apiVersion: v1, fieldsType: FieldsV1, fieldsV1: {"f:data": {}}}], ownerReferences: [{apiVersion: v1, kind: Namespace, name: tenant-b, uid: 11111111-1111-1111-1111-111111111111}]}\n',
    },
    spec: 'targetNamespace: tenant-a',
    want: ({ object }) => expect(condition(object)).toBeDefined(),
  },
  {
    name: 'write-review',
    does: 'asks the server for rights by objects that are only questions',
    files: {
      'a.yaml':
        'apiVersion: authorization.k8s.io/v1\nkind: SelfSubjectAccessReview\nmetadata: {name: write-review}\nspec: {resourceAttributes: {verb: get, resource: secrets, namespace: tenant-b}}\n',
    },
    want: fails(/./),
  },
  {
    name: 'write-list-foreign',
    does: 'hides an object for another namespace in lists in lists',
    files: {
      'a.yaml':
        'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMapList\n  items:\n  - apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: write-list-foreign, namespace: tenant-b}\n',
    },
    want: absent('ConfigMap', 'tenant-b', 'write-list-foreign'),
  },
  {
    name: 'write-subresource',
    does: 'writes into a subresource by a name with a slash',
    files: {
      'a.yaml':
        'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: gitops/token, namespace: tenant-a}\n',
    },
    want: fails(/./),
  },
  {
    name: 'owner-patch',
    does: "lays another Kustomization's owner labels over its objects by a patch of the spec",
    files: {
      'a.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: owner-patch, namespace: tenant-a}\n',
    },
    spec: `patches: [{target: {kind: ConfigMap}, patch: '[{"op":"add","path":"/metadata/labels","value":{"kustomize.toolkit.fluxcd.io/name":"victim","kustomize.toolkit.fluxcd.io/namespace":"tenant-b"}}]'}]`,
    want: async ({ world }) => {
      const made = await world.get('ConfigMap', 'tenant-a', 'owner-patch')
      expect(made?.metadata.labels?.['kustomize.toolkit.fluxcd.io/namespace']).toBe('tenant-a')
    },
  },
  build(
    'shape-target-regex',
    'keeps the controller busy with the target of a patch',
    {
      'kustomization.yaml': `${LIST}patches:\n- target: {kind: ConfigMap, name: "(a|a)*(a|aa)+$", labelSelector: "a in (${'b,'.repeat(2000)}c)"}\n  patch: '[{"op":"add","path":"/data/z","value":"1"}]'\n`,
      'a.yaml': repeat(
        300,
        (i) => `---\n${configMap(`${'a'.repeat(200)}${i}b`, 'data: {a: b}\n')}`,
      ),
    },
    { want: both(ends, running) },
  ),
  build('shape-filter', 'keeps the controller busy with names of files', {
    'kustomization.yaml': `resources:\n${repeat(2000, (i) => `- ${'../'.repeat(50)}x${i}.yaml\n`)}`,
  }),
  build('shape-images', 'replaces ten thousand images', {
    'kustomization.yaml': `${LIST}images:\n${repeat(10_000, (i) => `- {name: "i${i}", newTag: "1"}\n`)}`,
    'a.yaml': configMap('shape-images'),
  }),
  build(
    'shape-components',
    'names five thousand components',
    { 'a.yaml': configMap('shape-components') },
    {
      spec: `retryInterval: 1h\n  components: [${repeat(5000, (i) => `c${i}, `)}z]`,
      want: ({ object, refused }) =>
        expect(object === undefined ? refused.length > 0 : condition(object)?.status).not.toBe(
          'True',
        ),
    },
  ),
  ...(
    [
      ['path-long', 'a/'.repeat(3000)],
      ['path-nul', 'a\\0/../..'],
      ['path-encoded', '%2e%2e/%2e%2e/etc'],
      ['path-back', '..\\\\..\\\\etc'],
      ['path-proto', '__proto__'],
    ] as const
  ).map(
    ([name, path]): Attack => ({
      name,
      does: `names a folder in a way that leads elsewhere: ${name.slice(5)}`,
      path: `"${path}"`,
      want: fails(/./),
    }),
  ),
  build(
    'shape-expression',
    'has a health expression read what all objects have',
    { 'a.yaml': configMap('shape-expression', 'data: {a: b}\n') },
    {
      spec: 'retryInterval: 1h\n  wait: true\n  timeout: 5s\n  healthCheckExprs: [{apiVersion: v1, kind: ConfigMap, current: "data.constructor == null || data.__proto__ == null || data[\'toString\'] == 1"}]',
      want: fails(/./),
    },
  ),
  build(
    'shape-twice',
    'has one object in two Kustomizations that take it from each other',
    { 'a.yaml': configMap('shape-twice', 'data: {a: "1"}\n') },
    {
      objects: () =>
        'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: shape-twin, namespace: tenant-a}\nspec: {interval: 1h, prune: true, path: shape-twice, targetNamespace: tenant-a, sourceRef: {kind: GitRepository, name: repo}}\n',
      want: both(ends, holds('shape-twice', { a: '1' })),
    },
  ),
]
