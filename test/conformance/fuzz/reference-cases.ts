import { DEFAULT_CONFIG } from '../../../src/build/config/defaults.generated.ts'
import { type Json, type JsonObject, printYaml } from '../../../src/object/index.ts'
import type { Dice, Tree } from './dice.ts'

interface Row {
  readonly target: { readonly kind: string; readonly group: string; readonly version: string }
  readonly referrer: { readonly kind: string; readonly group: string; readonly version: string }
  readonly path: string
}

function gvk(value: JsonObject): Row['target'] {
  const text = (name: string): string => String(value[name] ?? '')
  return { kind: text('kind'), group: text('group'), version: text('version') }
}

const ROWS: readonly Row[] = (DEFAULT_CONFIG['nameReference'] as readonly JsonObject[]).flatMap(
  (each) =>
    (each['fieldSpecs'] as readonly JsonObject[]).map((spec) => ({
      target: gvk(each),
      referrer: gvk(spec),
      path: String(spec['path']),
    })),
)

const NAMES = ['web', 'db', 'conf', 'default']
const SPACES = ['', '', '', 'default', 'prod', 'other']

/** Usual versions of kinds whose row names none. */
const USUAL: Readonly<Record<string, string>> = {
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
  ReplicaSet: 'apps/v1',
  Job: 'batch/v1',
  CronJob: 'batch/v1',
  Role: 'rbac.authorization.k8s.io/v1',
  ClusterRole: 'rbac.authorization.k8s.io/v1',
  RoleBinding: 'rbac.authorization.k8s.io/v1',
  ClusterRoleBinding: 'rbac.authorization.k8s.io/v1',
  Ingress: 'networking.k8s.io/v1',
  IngressClass: 'networking.k8s.io/v1',
  StorageClass: 'storage.k8s.io/v1',
  PriorityClass: 'scheduling.k8s.io/v1',
  HorizontalPodAutoscaler: 'autoscaling/v2',
  ValidatingWebhookConfiguration: 'admissionregistration.k8s.io/v1',
  MutatingWebhookConfiguration: 'admissionregistration.k8s.io/v1',
  CustomResourceDefinition: 'apiextensions.k8s.io/v1',
  APIService: 'apiregistration.k8s.io/v1',
  PodDisruptionBudget: 'policy/v1',
}

function versionOf(type: Row['target'], dice: Dice): string {
  if (type.group === '' && type.version === '')
    return USUAL[type.kind] ?? dice.pick(['v1', 'v1', 'e.com/v1'])
  const version = type.version === '' ? dice.pick(['v1', 'v1beta1']) : type.version
  return type.group === '' ? version : `${type.group}/${version}`
}

function document(type: Row['target'], name: string, dice: Dice): Record<string, Json> {
  const namespace = dice.pick(SPACES)
  return {
    apiVersion: versionOf(type, dice),
    kind: type.kind || dice.pick(['Thing', 'Deployment']),
    metadata: { name, ...(namespace === '' ? {} : { namespace }) },
  }
}

/** The value at the end of a path: a name, or what has one. */
function referenceTo(name: string, path: string, dice: Dice): Json {
  const last = path.split('/').at(-1) ?? ''
  const space = dice.pick(SPACES)
  if (last === 'subjects' || last === 'service') {
    const map: Record<string, Json> = { name }
    if (space !== '' || dice.chance(0.5)) map['namespace'] = space || 'default'
    if (last === 'service') return map
    map['kind'] = dice.pick(['ServiceAccount', 'ServiceAccount', 'User'])
    return [map, ...(dice.chance(0.3) ? [{ kind: 'ServiceAccount', name: dice.pick(NAMES) }] : [])]
  }
  if (last === 'resourceNames') return dice.some(NAMES, 2)
  return dice.chance(0.03) ? dice.pick<Json>([null, 1, true, [name], { name }]) : name
}

const LISTS = new Set([
  'containers',
  'initContainers',
  'volumes',
  'env',
  'envFrom',
  'sources',
  'imagePullSecrets',
  'webhooks',
  'rules',
  'tls',
  'paths',
  'secrets',
  'volumeClaimTemplates',
  'items',
  'backends',
  'ephemeralContainers',
])

function put(target: Record<string, Json>, path: readonly string[], value: Json): void {
  const [raw = '', ...rest] = path
  const part = raw.replace('[]', '')
  if (rest.length === 0) {
    target[part] = value
    return
  }
  if (LISTS.has(part)) {
    const list = (target[part] ?? []) as Record<string, Json>[]
    const item: Record<string, Json> = list[0] ?? (part === 'rules' ? {} : { name: 'x' })
    put(item, rest, value)
    target[part] = [item]
    return
  }
  const inner = (target[part] ?? {}) as Record<string, Json>
  put(inner, rest, value)
  target[part] = inner
}

function overlay(dice: Dice, resources: readonly string[]): Record<string, Json> {
  const value: Record<string, Json> = { resources: [...resources] }
  if (dice.chance(0.5)) value['namePrefix'] = dice.pick(['p-', 'q-'])
  if (dice.chance(0.25)) value['nameSuffix'] = dice.pick(['-s', '-t'])
  if (dice.chance(0.3)) value['namespace'] = dice.pick(['prod', 'other', 'default'])
  if (dice.chance(0.2))
    value['configMapGenerator'] = [
      {
        name: dice.pick(NAMES),
        literals: ['a=b'],
        ...(dice.chance(0.3) ? { namespace: 'prod' } : {}),
      },
    ]
  if (dice.chance(0.15)) value['secretGenerator'] = [{ name: dice.pick(NAMES), literals: ['a=b'] }]
  if (dice.chance(0.1))
    value['patches'] = [
      {
        target: { name: dice.pick(NAMES) },
        patch: JSON.stringify([
          { op: 'replace', path: '/metadata/name', value: dice.pick(['renamed', 'web']) },
        ]),
      },
    ]
  if (dice.chance(0.05)) value['sortOptions'] = { order: 'fifo' }
  return value
}

/** Resources that refer to each other as kustomize's table has it, and layers that rename them. */
export function referenceTree(dice: Dice): Tree {
  const documents: Record<string, Json>[] = []
  for (const row of dice.some(ROWS, 4)) {
    const name = dice.pick(NAMES)
    if (dice.chance(0.8)) documents.push(document(row.target, name, dice))
    if (dice.chance(0.2)) documents.push(document(row.target, name, dice))
    const referrer = document(row.referrer, dice.pick(NAMES), dice)
    put(referrer, row.path.split('/'), referenceTo(name, row.path, dice))
    if (dice.chance(0.2) && (referrer['kind'] as string).endsWith('RoleBinding'))
      put(referrer, ['roleRef'], {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: dice.pick(['Role', 'ClusterRole']),
        name,
      })
    documents.push(referrer)
  }
  const files: Tree = {}
  const half = dice.chance(0.3) ? Math.ceil(documents.length / 2) : documents.length
  files['base/r.yaml'] = documents
    .slice(0, half)
    .map((each) => printYaml(each))
    .join('---\n')
  files['base/kustomization.yaml'] = printYaml(overlay(dice, ['r.yaml']))
  const below = ['../base']
  if (half < documents.length) {
    files['more/r.yaml'] = documents
      .slice(half)
      .map((each) => printYaml(each))
      .join('---\n')
    files['more/kustomization.yaml'] = printYaml(overlay(dice, ['r.yaml']))
    below.push('../more')
  }
  if (dice.chance(0.3)) {
    files['mid/kustomization.yaml'] = printYaml(overlay(dice, ['../base']))
    below[0] = '../mid'
    if (dice.chance(0.4)) {
      files['mid2/kustomization.yaml'] = printYaml({
        ...overlay(dice, ['../base']),
        namePrefix: 'm2-',
      })
      below.push('../mid2')
    }
  }
  files['overlay/kustomization.yaml'] = printYaml(overlay(dice, below))
  return files
}
