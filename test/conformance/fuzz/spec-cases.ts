import { DEFAULT_CONFIG } from '../../../src/build/config/defaults.generated.ts'
import { type Json, type JsonObject, printYaml } from '../../../src/object/index.ts'
import type { Dice, Tree } from './dice.ts'

const FIELDS = [
  'commonLabels',
  'commonAnnotations',
  'templateLabels',
  'namespace',
  'namePrefix',
  'images',
  'replicas',
  'varReference',
] as const

interface Row {
  readonly kind: string
  readonly group: string
  readonly version: string
  readonly path: string
}

const ROWS: readonly Row[] = FIELDS.flatMap((field) =>
  ((DEFAULT_CONFIG[field] ?? []) as readonly JsonObject[]).map((spec) => ({
    kind: String(spec['kind'] ?? ''),
    group: String(spec['group'] ?? ''),
    version: String(spec['version'] ?? ''),
    path: String(spec['path'] ?? ''),
  })),
)

const GROUPS: Readonly<Record<string, string>> = {
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
  ReplicaSet: 'apps/v1',
  Job: 'batch/v1',
  CronJob: 'batch/v1',
  Ingress: 'networking.k8s.io/v1',
  NetworkPolicy: 'networking.k8s.io/v1',
  PodDisruptionBudget: 'policy/v1',
}

function versionOf(row: Row, dice: Dice): string {
  if (row.group === '' && row.version === '')
    return dice.chance(0.85)
      ? (GROUPS[row.kind] ?? 'v1')
      : dice.pick(['v1', 'apps/v1beta1', 'e.com/v1'])
  const version = row.version || dice.pick(['v1', 'v1beta1'])
  return row.group === '' ? version : `${row.group}/${version}`
}

const LEAVES: readonly Json[] = [
  { a: 'b' },
  {},
  null,
  'text',
  '$(NAME)-x',
  '$(NAME)',
  1,
  ['$(NAME)', 'b'],
  [],
  { app: 'web', x: '$(NAME)' },
  'nginx:1',
  'ns',
  true,
]

/** The path as far as chance takes it; lists stand where manifests have them, and sometimes not. */
function put(target: Record<string, Json>, path: readonly string[], dice: Dice): void {
  const [raw = '', ...rest] = path
  const part = raw.replace('[]', '')
  if (part === '') return
  if (rest.length === 0) {
    target[part] = leaf(part, dice)
    return
  }
  const old = target[part]
  if (dice.chance(0.04)) {
    target[part] ??= dice.pick<Json>([null, {}, [], 'x'])
    return
  }
  if (dice.chance(0.08)) return
  const isList = raw.endsWith('[]') || dice.chance(LIKELY.has(part) ? 0.9 : 0.03)
  if (isList) {
    const list = (Array.isArray(old) ? old : []) as Record<string, Json>[]
    const item: Record<string, Json> = list[0] ?? { name: 'n' }
    put(item, rest, dice)
    target[part] = [item, ...(dice.chance(0.3) ? [{ name: 'm' }] : [])]
    return
  }
  const inner = (
    typeof old === 'object' && old !== null && !Array.isArray(old) ? old : {}
  ) as Record<string, Json>
  put(inner, rest, dice)
  target[part] = inner
}

function leaf(part: string, dice: Dice): Json {
  if (part === 'matchLabels' || part === 'labels' || part === 'annotations' || part === 'selector')
    return dice.chance(0.9)
      ? dice.pick<Json>([{ a: 'b' }, {}, { app: '$(NAME)' }, null])
      : dice.pick(LEAVES)
  if (part === 'image') return dice.pick(['nginx', 'nginx:1', 'x/nginx@sha256:1', '$(NAME)'])
  if (part === 'replicas') return dice.pick<Json>([1, null, '1'])
  return dice.chance(0.7)
    ? dice.pick<Json>(['$(NAME)', 'x-$(NAME)', 'ns', 'text'])
    : dice.pick(LEAVES)
}

const LIKELY = new Set([
  'containers',
  'initContainers',
  'volumes',
  'env',
  'args',
  'preferredDuringSchedulingIgnoredDuringExecution',
  'requiredDuringSchedulingIgnoredDuringExecution',
  'volumeClaimTemplates',
  'ingress',
  'egress',
  'from',
  'to',
  'rules',
  'paths',
  'subjects',
  'webhooks',
  'tls',
  'topologySpreadConstraints',
  'ports',
])

/** Objects made for the places that kustomize knows by itself, and the fields that write there. */
export function specTree(dice: Dice): Tree {
  const documents: string[] = ['apiVersion: v1\nkind: ConfigMap\nmetadata: {name: holder}\n']
  for (const [i, row] of dice.some(ROWS, 3).entries()) {
    const kind = row.kind || dice.pick(['Deployment', 'Service', 'Thing', 'Pod'])
    const value: Record<string, Json> = {
      apiVersion: versionOf(row, dice),
      kind,
      metadata: { name: `x${i}` },
    }
    put(value, row.path.split('/'), dice)
    for (const other of ROWS)
      if (other.kind === kind && dice.chance(0.15)) put(value, other.path.split('/'), dice)
    const metadata = value['metadata']
    if (typeof metadata !== 'object' || metadata === null || !('name' in metadata)) continue
    ;(metadata as Record<string, Json>)['name'] = `x${i}`
    documents.push(printYaml(value))
  }
  const top: Record<string, Json> = { resources: ['r.yaml'] }
  if (dice.chance(0.5)) top['commonLabels'] = { l: 'v', a: 'new' }
  if (dice.chance(0.3)) top['commonAnnotations'] = { n: 'v' }
  if (dice.chance(0.3))
    top['labels'] = [
      {
        pairs: { m: 'w' },
        ...(dice.chance(0.5) ? { includeTemplates: true } : {}),
        ...(dice.chance(0.3) ? { includeSelectors: true } : {}),
      },
    ]
  if (dice.chance(0.3)) top['namespace'] = 'prod'
  if (dice.chance(0.3)) top['namePrefix'] = 'p-'
  if (dice.chance(0.3)) top['images'] = [{ name: 'nginx', newTag: '2' }]
  if (dice.chance(0.2)) top['replicas'] = [{ name: 'x0', count: 4 }]
  if (dice.chance(0.4))
    top['vars'] = [
      { name: 'NAME', objref: { apiVersion: 'v1', kind: 'ConfigMap', name: 'holder' } },
    ]
  return { 'overlay/kustomization.yaml': printYaml(top), 'overlay/r.yaml': documents.join('---\n') }
}
