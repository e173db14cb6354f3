import { compareText } from '../base/index.ts'
import { gvkOf, idOf, type KubeObject, type ObjectId } from '../object/index.ts'

/** Kinds that others stand on, in the order in which they are applied. */
const FIRST: readonly string[] = [
  'CustomResourceDefinition',
  'Namespace',
  'ClusterRole',
  'ClusterClass',
  'RuntimeClass',
  'PriorityClass',
  'StorageClass',
  'VolumeSnapshotClass',
  'IngressClass',
  'GatewayClass',
  'ClusterRoleBinding',
  'ResourceQuota',
  'ServiceAccount',
  'Role',
  'RoleBinding',
  'ConfigMap',
  'Secret',
  'Service',
  'LimitRange',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
]
const LAST: readonly string[] = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']

const RANKS: ReadonlyMap<string, number> = new Map([
  ...FIRST.map((kind, i): [string, number] => [kind, i - FIRST.length]),
  ...LAST.map((kind, i): [string, number] => [kind, i + 1]),
])

/** One wave of the apply; each is finished before the next begins. */
export interface Stage {
  readonly name: 'definitions' | 'classes' | 'custom' | 'rest'
  /** In apply order. Never empty. */
  readonly objects: readonly KubeObject[]
  /** Says whether all of it must be Current before the next stage. */
  readonly waits: boolean
}

/**
 * Orders two objects as they are applied, and as they stand in the inventory: by the rank of the
 * kind, then group, kind, namespace, name.
 * @see fluxcd/pkg ssa/sort.go (v0.76.1)
 */
export function compareApplyOrder(a: ObjectId, b: ObjectId): number {
  return (
    (RANKS.get(a.kind) ?? 0) - (RANKS.get(b.kind) ?? 0) ||
    compareText(a.group, b.group) ||
    compareText(a.kind, b.kind) ||
    compareText(a.namespace, b.namespace) ||
    compareText(a.name, b.name)
  )
}

/**
 * Splits the desired objects into the waves that are applied one after another. Equal sets give
 * equal waves, whatever the input order. `customKinds` are texts `group/Kind`, or `Kind` for core.
 * @see fluxcd/pkg ssa/manager_apply.go ApplyAllStaged (v0.76.1)
 */
export function stagesOf(
  objects: readonly KubeObject[],
  customKinds: ReadonlySet<string> = new Set(),
): readonly Stage[] {
  const stages: Record<Stage['name'], KubeObject[]> = {
    definitions: [],
    classes: [],
    custom: [],
    rest: [],
  }
  for (const object of objects) stages[stageName(object, customKinds)].push(object)
  return (['definitions', 'classes', 'custom', 'rest'] as const)
    .filter((name) => stages[name].length > 0)
    .map((name) => ({
      name,
      objects: sortForApply(stages[name]),
      waits: name === 'definitions' || name === 'classes',
    }))
}

/** The objects in apply order. */
export function sortForApply(objects: readonly KubeObject[]): KubeObject[] {
  return objects
    .map((object) => ({ object, id: idOf(object) }))
    .sort((a, b) => compareApplyOrder(a.id, b.id))
    .map(({ object }) => object)
}

/** Reads `--custom-apply-stage-kinds`: a comma list of `group/Kind`, or `Kind` for the core group. */
export function parseStageKinds(text: string): ReadonlySet<string> {
  return new Set(
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )
}

function stageName(object: KubeObject, customKinds: ReadonlySet<string>): Stage['name'] {
  const { group, kind } = gvkOf(object)
  if (isDefinition(object)) return 'definitions'
  if (kind.endsWith('Class')) return 'classes'
  return customKinds.has(group === '' ? kind : `${group}/${kind}`) ? 'custom' : 'rest'
}

function isDefinition(object: KubeObject): boolean {
  const { group, kind } = gvkOf(object)
  const lower = kind.toLowerCase()
  if (lower === 'customresourcedefinition') return group === 'apiextensions.k8s.io'
  if (lower === 'clusterrole') return group === 'rbac.authorization.k8s.io'
  return lower === 'namespace' && object.apiVersion === 'v1'
}
