import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Json, parseYaml, printYaml } from '../../../src/object/index.ts'
import type { Dice, Tree } from './dice.ts'

const file = join(import.meta.dirname, 'build-resources.yaml')
const RESOURCES = parseYaml(readFileSync(file, 'utf8'), file)[0] as Record<string, string>

const WORDS = [
  'a',
  'web',
  'db-1',
  'x.y',
  'true',
  '1',
  '0777',
  'yes',
  'n',
  '1e3',
  'null',
  'ünï',
  'a b',
  '12:30',
  '',
]
const NAMES = ['web', 'db', 'conf', 'creds', 'pre-web', 'web-suf', 'nope']
const KINDS = [
  'Deployment',
  'StatefulSet',
  'Service',
  'ConfigMap',
  'Secret',
  'Ingress',
  'Job',
  'CronJob',
  'Role',
  'Thing',
  'Nope',
]
const PATHS = [
  'spec.replicas',
  'metadata.name',
  'metadata.labels.app',
  'metadata.annotations.note',
  'data.mode',
  'data.new',
  'spec.template.spec.containers.0.image',
  'spec.template.spec.containers.*.image',
  'spec.template.spec.containers.[name=web].env.[name=MODE].value',
  'spec.template.metadata.labels',
  'spec.selector',
  'spec.ports.0.port',
]

type Field = (dice: Dice) => Json

const selector: Field = (dice) => {
  const target: Record<string, Json> = {}
  if (dice.chance(0.7)) target['kind'] = dice.pick([...KINDS, 'De.*', '.*'])
  if (dice.chance(0.4)) target['name'] = dice.pick([...NAMES, 'w.*', '.*'])
  if (dice.chance(0.1)) target['namespace'] = dice.pick(['default', 'prod', 'other'])
  if (dice.chance(0.15))
    target['labelSelector'] = dice.pick(['app=web', 'app', '!app', 'app in (web,db)', 'a!=b'])
  if (dice.chance(0.05)) target['annotationSelector'] = dice.pick(['note', 'note=1'])
  if (dice.chance(0.1)) target['group'] = dice.pick(['apps', 'batch'])
  if (dice.chance(0.1)) target['version'] = 'v1'
  return target
}

const VALUES: readonly Json[] = [
  'v',
  1,
  true,
  null,
  1.5,
  { name: 'n', image: 'i' },
  ['x'],
  '0777',
  3000000,
]

function jsonPatch(dice: Dice, kind: string): Json {
  const isWorkload = kind === 'Deployment' || kind === 'StatefulSet'
  const safe: Json[] = [
    { op: 'add', path: '/metadata/annotations', value: { new: 'x', num: '1' } },
    { op: 'add', path: '/metadata/labels', value: { app: 'web', new: 'x' } },
    { op: 'add', path: '/extra', value: dice.pick(VALUES) },
    { op: 'test', path: '/kind', value: kind },
    { op: 'copy', from: '/metadata/name', path: '/copied' },
    { op: 'replace', path: '/metadata/name', value: dice.pick(['renamed', 'web']) },
  ]
  if (isWorkload)
    safe.push(
      { op: 'replace', path: '/spec/replicas', value: dice.below(5) },
      { op: 'add', path: '/spec/template/spec/containers/-', value: { name: 'n', image: 'i:1' } },
      { op: 'replace', path: '/spec/template/spec/containers/-1/image', value: 'nginx:neg' },
      { op: 'move', from: '/spec/replicas', path: '/spec/moved' },
      { op: 'remove', path: '/spec/template/spec/containers/0/image' },
      {
        op: 'add',
        path: '/spec/template/spec/containers/0',
        value: { name: 'first', image: 'busybox' },
      },
    )
  if (kind === 'ConfigMap')
    safe.push(
      { op: 'add', path: '/data/new~1key', value: dice.pick(VALUES) },
      { op: 'add', path: '/data/mode', value: 'json' },
    )
  if (dice.chance(0.05))
    safe.push({ op: 'remove', path: '/nope' }, { op: 'test', path: '/kind', value: 'Nope' })
  return dice.some(safe, 2)
}

function mergePatch(dice: Dice): string {
  const bodies = [
    'spec: {replicas: 7}',
    'metadata: {name: NAME, labels: {patched: "1", app: null}}\nspec: {strategy: {$patch: delete}}',
    'spec:\n  template:\n    spec:\n      containers:\n      - name: web\n        image: patched:2\n        env: [{name: MODE, value: "5"}, {name: NEW, value: x}]\n      - name: added\n        image: added',
    'spec:\n  template:\n    spec:\n      containers:\n      - $patch: delete\n        name: web\n      volumes: [{name: data, $patch: delete}]',
    'spec:\n  template:\n    spec:\n      containers:\n      - $patch: replace\n      - {name: only, image: only}',
    'data: {mode: patched, gone: null, num: 5, "yes": "no"}',
    '$patch: delete',
    'spec: {ports: [{port: 80, name: http}, {port: 81}]}',
    'spec:\n  template:\n    metadata: {annotations: {a: "1"}}\n    spec: {tolerations: [], nodeSelector: {x: y}, affinity: null}',
    'metadata: {annotations: {note: changed, empty: ""}}',
  ]
  const [kind, version, usual] = dice.pick([
    ['Deployment', 'apps/v1', 'web'],
    ['Deployment', 'apps/v1', 'web'],
    ['Service', 'v1', 'web'],
    ['ConfigMap', 'v1', 'conf'],
    ['Thing', 'example.com/v1', 'thing'],
    ['StatefulSet', 'apps/v1', 'db'],
  ] as const)
  const name = dice.chance(0.9) ? usual : dice.pick(NAMES)
  const body = dice.pick(bodies).replaceAll('NAME', name)
  const meta = body.startsWith('metadata') ? '' : `metadata: {name: ${name}}\n`
  return `apiVersion: ${version}\nkind: ${kind}\n${meta}${body}\n`
}

const patch: Field = (dice) => {
  if (dice.chance(0.5)) {
    const kind = dice.pick(['Deployment', 'ConfigMap', 'Service', 'StatefulSet', 'Thing'])
    const target = { ...(selector(dice) as Record<string, Json>), kind }
    return { target, patch: JSON.stringify(jsonPatch(dice, kind)) }
  }
  const text = mergePatch(dice)
  if (dice.chance(0.5)) return { patch: text }
  const options: Json = dice.chance(0.3)
    ? { options: { allowNameChange: true, allowKindChange: dice.chance(0.5) } }
    : {}
  return { target: selector(dice), patch: text, ...(options as Record<string, Json>) }
}

const image: Field = (dice) => {
  const result: Record<string, Json> = {
    name: dice.pick(['nginx', 'busybox', 'postgres', 'registry.example.com:5000/team/side', 'n.*']),
  }
  if (dice.chance(0.5)) result['newName'] = dice.pick(['new/name', 'r:5000/x'])
  if (dice.chance(0.6)) result['newTag'] = dice.pick(['v2', '1.20', 'latest'])
  if (dice.chance(0.2)) result['digest'] = 'sha256:1234'
  return result
}

const generator: Field = (dice) => {
  const result: Record<string, Json> = { name: dice.pick(['conf', 'creds', 'gen', 'gen-2']) }
  if (result['name'] === 'conf') result['behavior'] = dice.pick(['merge', 'replace'])
  else if (dice.chance(0.1)) result['behavior'] = dice.pick(['merge', 'replace', 'create'])
  if (dice.chance(0.9))
    result['literals'] = dice.some(['A=1', 'B=two words', 'mode=gen', 'C=', 'D="q"', 'E=a=b'], 3)
  if (dice.chance(0.2)) result['namespace'] = dice.pick(['prod', 'other'])
  if (dice.chance(0.3))
    result['options'] = {
      ...(dice.chance(0.5) ? { labels: { gl: dice.pick(WORDS) } } : {}),
      ...(dice.chance(0.5) ? { annotations: { ga: dice.pick(WORDS) } } : {}),
      ...(dice.chance(0.5) ? { disableNameSuffixHash: true } : {}),
      ...(dice.chance(0.2) ? { immutable: true } : {}),
    }
  return result
}

const replacement: Field = (dice) => ({
  ...(dice.chance(0.2)
    ? { sourceValue: dice.pick(WORDS) }
    : {
        source: {
          kind: dice.pick(KINDS),
          ...(dice.chance(0.5) ? { name: dice.pick(NAMES) } : {}),
          ...(dice.chance(0.7) ? { fieldPath: dice.pick(PATHS) } : {}),
          ...(dice.chance(0.2)
            ? { options: { delimiter: dice.pick([':', '-', '/']), index: dice.below(3) } }
            : {}),
        },
      }),
  targets: Array.from({ length: 1 + dice.below(2) }, () => ({
    select: selector(dice),
    ...(dice.chance(0.2) ? { reject: [selector(dice)] } : {}),
    fieldPaths: dice.some(PATHS, 2),
    ...(dice.chance(0.5)
      ? {
          options: {
            ...(dice.chance(0.7) ? { create: true } : {}),
            ...(dice.chance(0.3) ? { delimiter: ':', index: dice.below(4) - 1 } : {}),
          },
        }
      : {}),
  })),
})

const label: Field = (dice) => ({
  pairs: { [dice.pick(['team', 'app', 'a.b/c'])]: dice.pick(WORDS) },
  ...(dice.chance(0.4) ? { includeSelectors: true } : {}),
  ...(dice.chance(0.3) ? { includeTemplates: true } : {}),
  ...(dice.chance(0.1)
    ? { fields: [{ path: 'spec/custom/labels', create: true, kind: 'Thing' }] }
    : {}),
})

const FIELDS: Readonly<Record<string, { share: number; make: Field }>> = {
  namespace: { share: 0.3, make: (dice) => dice.pick(['prod', 'other', 'ns-1']) },
  namePrefix: { share: 0.35, make: (dice) => dice.pick(['pre-', 'a-', '1']) },
  nameSuffix: { share: 0.2, make: (dice) => dice.pick(['-suf', '-v1']) },
  commonLabels: { share: 0.15, make: (dice) => ({ common: dice.pick(WORDS) }) },
  commonAnnotations: { share: 0.2, make: (dice) => ({ note: dice.pick(WORDS) }) },
  labels: { share: 0.25, make: (dice) => [label(dice)] },
  patches: {
    share: 0.5,
    make: (dice) => Array.from({ length: 1 + dice.below(3) }, () => patch(dice)),
  },
  patchesStrategicMerge: { share: 0.07, make: (dice) => [mergePatch(dice)] },
  images: {
    share: 0.3,
    make: (dice) => Array.from({ length: 1 + dice.below(2) }, () => image(dice)),
  },
  replicas: {
    share: 0.12,
    make: (dice) => [{ name: dice.pick(['web', 'web', 'db']), count: dice.below(9) }],
  },
  configMapGenerator: { share: 0.35, make: (dice) => [generator(dice)] },
  secretGenerator: { share: 0.2, make: (dice) => [generator(dice)] },
  generatorOptions: {
    share: 0.1,
    make: () => ({ disableNameSuffixHash: true, labels: { all: 'gen' } }),
  },
  replacements: {
    share: 0.2,
    make: (dice) => Array.from({ length: 1 + dice.below(2) }, () => replacement(dice)),
  },
  vars: {
    share: 0.05,
    make: () => [{ name: 'CONF', objref: { apiVersion: 'v1', kind: 'Service', name: 'web' } }],
  },
  sortOptions: { share: 0.05, make: (dice) => ({ order: dice.pick(['fifo', 'legacy']) }) },
  buildMetadata: {
    share: 0.08,
    make: (dice) => dice.some(['originAnnotations', 'transformerAnnotations', 'managedByLabel'], 2),
  },
}

function kustomization(
  dice: Dice,
  resources: readonly string[],
  extra: Record<string, Json>,
): string {
  const value: Record<string, Json> = { ...extra }
  if (resources.length > 0) value['resources'] = [...resources]
  for (const [name, { share, make }] of Object.entries(FIELDS))
    if (dice.chance(share * 0.45)) value[name] = make(dice)
  return printYaml(value)
}

/** A tree of kustomizations, the same for the same random stream. */
export function randomTree(dice: Dice): Tree {
  const files: Tree = {}
  const names = [...new Set(['web', 'conf', ...dice.some(Object.keys(RESOURCES), 5)])]
  for (const name of names) files[`base/${name}.yaml`] = RESOURCES[name] as string
  files['base/kustomization.yaml'] = kustomization(
    dice,
    names.map((name) => `${name}.yaml`),
    {},
  )
  let below = ['../base']
  if (dice.chance(0.3)) {
    files['mid/kustomization.yaml'] = kustomization(dice, below, {})
    below = ['../mid']
    if (dice.chance(0.3)) {
      files['other/kustomization.yaml'] = kustomization(dice, ['../base'], { namePrefix: 'other-' })
      below.push('../other')
    }
  }
  const extra: Record<string, Json> = {}
  if (dice.chance(0.25)) {
    files['comp/kustomization.yaml'] = kustomization(dice, [], {
      apiVersion: 'kustomize.config.k8s.io/v1alpha1',
      kind: 'Component',
    })
    extra['components'] = ['../comp']
  }
  files['overlay/kustomization.yaml'] = kustomization(dice, below, extra)
  return files
}
