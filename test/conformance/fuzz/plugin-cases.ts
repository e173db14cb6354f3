import { type Json, printYaml } from '../../../src/object/index.ts'
import type { Dice, Tree } from './dice.ts'

const RESOURCES = [
  'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  labels: {app: web}\nspec:\n  replicas: 1\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers:\n      - name: web\n        image: nginx:1.19\n        args: ["--x=$(NAME)", "$(OTHER)", "$$(NAME)", "a$(NAME)b$(NAME)"]\n        env: [{name: A, value: $(NAME)}, {name: B, valueFrom: {configMapKeyRef: {name: conf, key: k}}}]\n      volumes: [{name: v, configMap: {name: conf}}]\n',
  'apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: prod\n  annotations: {x: "1"}\nspec:\n  selector: {app: web}\n  ports: [{port: 80, name: http}]\n  type: LoadBalancer\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\ndata: {k: v, n: "1", t: "true"}\n',
  'apiVersion: e.com/v1\nkind: Thing\nmetadata: {name: thing}\nspec:\n  ref: {name: conf}\n  image: nginx\n  count: 3\n  names: [conf, web]\n  text: $(NAME)\n  list: [{name: a, v: 1}, {name: b, v: 2}]\n  path: /a/b/c\n',
  'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: rb}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cr}\nsubjects:\n- {kind: ServiceAccount, name: default, namespace: default}\n- {kind: ServiceAccount, name: sa}\n',
  'apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: cron}\nspec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          containers: [{name: c, image: "busybox:1", args: [$(NAME)]}]\n',
  'apiVersion: v1\nkind: Namespace\nmetadata: {name: ns}\n',
]

const SPECS: readonly Json[] = [
  { path: 'metadata/name' },
  { path: 'metadata/labels', create: true },
  { path: 'metadata/annotations', create: true },
  { path: 'spec/selector', create: true, kind: 'Service' },
  { path: 'spec/template/metadata/labels', create: true, kind: 'Deployment' },
  { path: 'spec/replicas', create: true, kind: 'Deployment' },
  { path: 'spec/count', kind: 'Thing' },
  { path: 'spec/image', group: 'e.com', kind: 'Thing' },
  { path: 'spec/ref/name', kind: 'Thing' },
  { path: 'spec/names', kind: 'Thing' },
  { path: 'spec/new/deep', create: true, version: 'v1' },
  { path: 'spec/list/name' },
  { path: 'spec/list[]/v', create: true },
  { path: 'metadata/namespace', create: true },
  { path: 'spec/text' },
  { path: 'spec/ports[]/name' },
  { path: 'data/n', kind: 'ConfigMap' },
]

function specs(dice: Dice): Json {
  return dice.times(1, 2, () => dice.pick(dice.chance(0.95) ? SCALAR_SPECS : SPECS))
}

const MAP_SPECS: readonly Json[] = [
  { path: 'metadata/labels', create: true },
  { path: 'metadata/annotations', create: true },
  { path: 'spec/selector', create: true, kind: 'Service' },
  { path: 'spec/template/metadata/labels', create: true, kind: 'Deployment' },
  { path: 'spec/new/deep', create: true, kind: 'Thing' },
  { path: 'spec/list', kind: 'Thing' },
  { path: 'spec/ref', kind: 'Thing' },
]
const SCALAR_SPECS: readonly Json[] = [
  { path: 'metadata/name' },
  { path: 'spec/image', group: 'e.com', kind: 'Thing' },
  { path: 'spec/ref/name', kind: 'Thing' },
  { path: 'spec/new/deep', create: true, kind: 'Thing' },
  { path: 'spec/list/name', kind: 'Thing' },
  { path: 'spec/list[]/v', create: true },
  { path: 'metadata/namespace', create: true },
  { path: 'spec/text', kind: 'Thing' },
  { path: 'spec/ports[]/name' },
  { path: 'data/n', kind: 'ConfigMap' },
  { path: 'metadata/labels/app' },
]

function mapSpecs(dice: Dice): Json {
  return dice.times(1, 2, () => dice.pick(dice.chance(0.97) ? MAP_SPECS : SPECS))
}

const WORDS = ['x', '1', 'true', 'v-1', '0777', 'a b', 'ü', '', 'yes']

const PLUGINS: readonly ((dice: Dice) => Record<string, Json>)[] = [
  (dice) => ({
    kind: 'PrefixTransformer',
    prefix: dice.pick(['p-', '1', '']),
    fieldSpecs: specs(dice),
  }),
  (dice) => ({ kind: 'SuffixTransformer', suffix: dice.pick(['-s', '']), fieldSpecs: specs(dice) }),
  (dice) => ({
    kind: 'PrefixSuffixTransformer',
    prefix: 'p-',
    suffix: '-s',
    fieldSpecs: specs(dice),
  }),
  (dice) => ({
    kind: 'LabelTransformer',
    labels: { l: dice.pick(WORDS), app: 'new' },
    fieldSpecs: mapSpecs(dice),
  }),
  (dice) => ({
    kind: 'AnnotationsTransformer',
    annotations: { n: dice.pick(WORDS) },
    fieldSpecs: mapSpecs(dice),
  }),
  (dice) => ({
    kind: 'NamespaceTransformer',
    metadata: { name: 'n', namespace: dice.pick(['other', 'prod', '']) },
    ...(dice.chance(0.7) ? { fieldSpecs: specs(dice) } : {}),
    ...(dice.chance(0.4) ? { unsetOnly: dice.pick([true, false]) } : {}),
    ...(dice.chance(0.4)
      ? { setRoleBindingSubjects: dice.pick(['none', 'defaultOnly', 'allServiceAccounts']) }
      : {}),
  }),
  (dice) => ({
    kind: 'ImageTagTransformer',
    imageTag: {
      name: dice.pick(['nginx', 'busybox', 'n.*']),
      newTag: dice.pick(['2', 'v3']),
      ...(dice.chance(0.4) ? { newName: 'r/x' } : {}),
      ...(dice.chance(0.2) ? { digest: 'sha256:12' } : {}),
      ...(dice.chance(0.1) ? { tagSuffix: '-x' } : {}),
    },
    ...(dice.chance(0.6) ? { fieldSpecs: specs(dice) } : {}),
  }),
  (dice) => ({
    kind: 'ReplicaCountTransformer',
    replica: { name: dice.chance(0.95) ? 'web' : 'nope', count: dice.below(5) },
    fieldSpecs: [
      { path: 'spec/replicas', create: true, kind: 'Deployment' },
      { path: 'spec/count', kind: 'Thing' },
    ],
  }),
  (dice) => ({
    kind: 'PatchTransformer',
    patch: dice.pick([
      '[{"op": "add", "path": "/spec/z", "value": 1}]',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\ndata: {z: "1"}\n',
    ]),
    ...(dice.chance(0.6) ? { target: { kind: dice.pick(['Thing', 'ConfigMap', 'Service']) } } : {}),
  }),
  () => ({
    kind: 'PatchStrategicMergeTransformer',
    patches: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\ndata: {z: "1"}\n',
  }),
  () => ({
    kind: 'PatchJson6902Transformer',
    target: { version: 'v1', kind: 'ConfigMap', name: 'conf' },
    jsonOp: '[{"op": "add", "path": "/data/z", "value": "1"}]',
  }),
  () => ({
    kind: 'ReplacementTransformer',
    replacements: [
      {
        source: { kind: 'ConfigMap', name: 'conf', fieldPath: 'data.k' },
        targets: [{ select: { kind: 'Thing' }, fieldPaths: ['spec.text'] }],
      },
    ],
  }),
  (dice) => ({
    kind: 'ValueAddTransformer',
    value: dice.pick(['v', 'a/b', '']),
    targets: [
      {
        ...(dice.chance(0.7) ? { selector: { kind: 'Thing' } } : {}),
        fieldPath: dice.pick(['spec/path', 'metadata/namespace', 'spec/new', 'metadata/labels/x']),
        ...(dice.chance(0.5) ? { filePathPosition: dice.below(4) } : {}),
      },
    ],
  }),
  () => ({ kind: 'HashTransformer' }),
]

const GENERATORS: readonly ((dice: Dice) => Record<string, Json>)[] = [
  (dice) => ({
    kind: 'ConfigMapGenerator',
    literals: ['a=b'],
    ...(dice.chance(0.3) ? { options: { disableNameSuffixHash: true } } : {}),
  }),
  (dice) => ({
    kind: 'SecretGenerator',
    literals: ['a=b', 'c=d'],
    ...(dice.chance(0.3) ? { type: 'x' } : {}),
  }),
  () => ({
    kind: 'IAMPolicyGenerator',
    cloud: 'gke',
    kubernetesService: { name: 'k', namespace: 'n' },
    serviceAccount: { name: 's', projectId: 'p' },
  }),
]

function plugin(dice: Dice, make: (dice: Dice) => Record<string, Json>, i: number): string {
  const config = make(dice)
  const own = (config['metadata'] ?? { name: dice.chance(0.1) ? 'conf' : `x${i}` }) as Record<
    string,
    Json
  >
  const { kind, ...rest } = config
  return printYaml({
    apiVersion: 'builtin',
    kind: kind ?? '',
    ...rest,
    metadata: { ...own, name: `${String(own['name'])}${kind === 'ConfigMapGenerator' ? '' : i}` },
  })
}

/** Adds plugins to a kustomization: inline, from a file, from a directory. */
function addPlugins(
  dice: Dice,
  at: { value: Record<string, Json>; files: Tree; dir: string },
  field: string,
): void {
  const makers = field === 'generators' ? GENERATORS : PLUGINS
  const texts = dice.times(1, 3, (i) => plugin(dice, dice.pick(makers), i))
  const entries: string[] = []
  const how = dice.below(4)
  if (how === 0) entries.push(...texts)
  else if (how === 1) {
    at.files[`${at.dir}/${field}.yaml`] = texts.join('---\n')
    entries.push(`${field}.yaml`)
  } else if (how === 2) {
    for (const [i, text] of texts.entries()) {
      at.files[`${at.dir}/${field}${i}.yaml`] = text
      entries.push(`${field}${i}.yaml`)
    }
  } else {
    at.files[`${at.dir}/${field}/p.yaml`] = texts.join('---\n')
    at.files[`${at.dir}/${field}/kustomization.yaml`] =
      `resources: [p.yaml]\n${dice.chance(0.2) ? 'nameSuffix: -z\n' : ''}`
    entries.push(`./${field}`)
  }
  at.value[field] = entries
}

const CONFIGS: readonly Json[] = [
  {
    nameReference: [
      {
        kind: 'ConfigMap',
        version: 'v1',
        fieldSpecs: [
          { path: 'spec/ref/name', kind: 'Thing' },
          { path: 'spec/names', kind: 'Thing' },
        ],
      },
    ],
  },
  { nameReference: [{ kind: 'Deployment', fieldSpecs: [{ path: 'spec/names', kind: 'Thing' }] }] },
  { varReference: [{ path: 'spec/text', kind: 'Thing' }] },
  { images: [{ path: 'spec/image', kind: 'Thing' }] },
  { replicas: [{ path: 'spec/count', kind: 'Thing', create: true }] },
  { commonLabels: [{ path: 'spec/selectorLabels', create: true, kind: 'Thing' }] },
  { commonAnnotations: [{ path: 'spec/notes', create: true, kind: 'Thing' }] },
  { namePrefix: [{ path: 'spec/text', kind: 'Thing' }] },
  { nameSuffix: [{ path: 'spec/path', kind: 'Thing' }] },
  { namespace: [{ path: 'spec/ns', create: true, kind: 'Thing' }] },
  { labels: [{ path: 'spec/more', create: true }] },
  { templateLabels: [{ path: 'spec/tl', create: true, kind: 'Thing' }] },
  { unknown: [] },
]

const VARS: readonly Json[] = [
  { name: 'NAME', objref: { apiVersion: 'v1', kind: 'Service', name: 'web' } },
  {
    name: 'NAME',
    objref: { apiVersion: 'v1', kind: 'ConfigMap', name: 'conf' },
    fieldref: { fieldPath: 'data.k' },
  },
  {
    name: 'NAME',
    objref: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    fieldref: { fieldPath: 'spec.replicas' },
  },
  {
    name: 'NAME',
    objref: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    fieldref: { fieldPath: 'spec.template.spec.containers[0].image' },
  },
  {
    name: 'OTHER',
    objref: { apiVersion: 'v1', kind: 'Service', name: 'web', namespace: 'prod' },
    fieldref: { fieldPath: 'metadata.namespace' },
  },
  {
    name: 'OTHER',
    objref: { apiVersion: 'e.com/v1', kind: 'Thing', name: 'thing' },
    fieldref: { fieldPath: 'spec.ref' },
  },
  { name: 'OTHER', objref: { apiVersion: 'v1', kind: 'Service', name: 'nope' } },
]

function layer(dice: Dice, files: Tree, dir: string, resources: readonly string[]): void {
  const value: Record<string, Json> = resources.length > 0 ? { resources: [...resources] } : {}
  const at = { value, files, dir }
  if (dice.chance(0.4)) addPlugins(dice, at, 'transformers')
  if (dice.chance(0.2)) addPlugins(dice, at, 'generators')
  if (dice.chance(0.08)) addPlugins(dice, at, 'validators')
  if (dice.chance(0.4)) {
    files[`${dir}/config.yaml`] = printYaml(
      Object.assign({}, ...dice.some(CONFIGS.slice(0, dice.chance(0.05) ? 13 : 12), 3)) as Json,
    )
    value['configurations'] = ['config.yaml']
  }
  if (dice.chance(dir === 'base' ? 0.15 : 0.1))
    value['vars'] = [dice.pick(VARS), ...(dice.chance(0.3) ? [dice.pick(VARS)] : [])]
  if (dice.chance(0.3)) value['namePrefix'] = dice.pick(['a-', 'b-'])
  if (dice.chance(0.2)) value['nameSuffix'] = dice.pick(['-y', '-z'])
  if (dice.chance(0.2)) value['namespace'] = dice.pick(['prod', 'other'])
  if (dice.chance(0.2)) value['images'] = [{ name: 'nginx', newTag: 't' }]
  if (dice.chance(0.15))
    value['replicas'] = [{ name: dice.chance(0.9) ? 'web' : 'thing', count: 7 }]
  if (dice.chance(0.2)) value['commonLabels'] = { c: dice.pick(WORDS) }
  if (dice.chance(0.15)) value['commonAnnotations'] = { c: dice.pick(WORDS) }
  if (dice.chance(0.2))
    value['labels'] = [
      {
        pairs: { lb: dice.pick(WORDS) },
        ...(dice.chance(0.4) ? { includeSelectors: dice.pick([true, false]) } : {}),
        ...(dice.chance(0.4) ? { includeTemplates: true } : {}),
        ...(dice.chance(0.3) ? { fields: mapSpecs(dice) } : {}),
      },
    ]
  if (dice.chance(0.2))
    value['configMapGenerator'] = [
      {
        ...(dice.chance(0.4)
          ? { name: 'conf', behavior: 'merge' }
          : { name: `gen${dice.below(9)}` }),
        literals: ['q=r'],
      },
    ]
  if (dice.chance(0.15))
    value['buildMetadata'] = dice.some(
      ['originAnnotations', 'transformerAnnotations', 'managedByLabel'],
      2,
    )
  if (dice.chance(0.05)) value['sortOptions'] = { order: dice.pick(['fifo', 'legacy']) }
  if (dir === 'comp')
    Object.assign(value, { apiVersion: 'kustomize.config.k8s.io/v1alpha1', kind: 'Component' })
  if (dir === 'overlay' && files['comp/kustomization.yaml'] !== undefined)
    value['components'] = ['../comp']
  files[`${dir}/kustomization.yaml`] = printYaml(value)
}

/** Plugins of all kinds, configurations, variables and components over a few resources. */
export function pluginTree(dice: Dice): Tree {
  const files: Tree = {}
  const texts = RESOURCES.filter((_, i) => i === 0 || dice.chance(i === 2 ? 0.9 : 0.6))
  files['base/r.yaml'] = texts.join('---\n')
  layer(dice, files, 'base', ['r.yaml'])
  if (dice.chance(0.3)) layer(dice, files, 'comp', [])
  layer(dice, files, 'overlay', ['../base'])
  return files
}
