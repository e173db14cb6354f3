import type { KubeObject } from '../../object/index.ts'
import { SCOPES } from '../config/defaults.generated.ts'

/** Group, version and kind; a part that is empty means none, in selectors any. */
export interface BuildGvk {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** What kustomize knows a resource by. */
export interface ResId extends BuildGvk {
  readonly name: string
  readonly namespace: string
}

/** Scopes of kinds (`apiVersion kind` → namespaced), those of custom schemas before the built-in. */
export type Scopes = ReadonlyMap<string, boolean>

/** Stands for the namespace of what can have none. */
export const NO_NAMESPACE = '_non_namespaceable_'

/** Splits an apiVersion at its first slash. */
export function splitVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/')
  if (slash < 0) return { group: '', version: apiVersion }
  return { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) }
}

/** Joins group and version. */
export function versionOf(gvk: BuildGvk): string {
  return gvk.group === '' ? gvk.version : `${gvk.group}/${gvk.version}`
}

const CLUSTER_KINDS = new Set(
  Object.entries(SCOPES).flatMap(([key, scope]) => (scope ? [] : [key.split(' ')[1] ?? ''])),
)

/** Says whether a kind is known to have no namespace. */
export function isClusterScoped(gvk: BuildGvk, scopes: Scopes | undefined): boolean {
  if (!CLUSTER_KINDS.has(gvk.kind) && (scopes === undefined || scopes.size === 0)) return false
  const key = `${versionOf(gvk)} ${gvk.kind}`
  return (SCOPES[key] ?? scopes?.get(key)) === false
}

/** The namespace for comparing: `default` where none is written. */
export function effectiveNamespace(id: ResId, scopes: Scopes | undefined): string {
  if (isClusterScoped(id, scopes)) return NO_NAMESPACE
  return id.namespace === '' ? 'default' : id.namespace
}

/** The namespace of an object, `default` where none is written; undefined for a kind without. */
export function namespaceOf(object: KubeObject): string | undefined {
  const { apiVersion, kind, metadata } = object
  const gvk = { ...splitVersion(apiVersion), kind }
  return isClusterScoped(gvk, undefined) ? undefined : metadata.namespace || 'default'
}

/** Says whether a selector's filled parts equal those of a kind. */
export function isSelected(gvk: BuildGvk, selector: Partial<BuildGvk>): boolean {
  if (selector.group && selector.group !== gvk.group) return false
  if (selector.version && selector.version !== gvk.version) return false
  return !selector.kind || selector.kind === gvk.kind
}

/** One string for an id as comparisons take it. */
export function idKeyOf(id: ResId, scopes: Scopes | undefined): string {
  const { group, version, kind, name } = id
  return `${group}\n${version}\n${kind}\n${effectiveNamespace(id, scopes)}\n${name}`
}

/** A kind in kustomize's messages: `Deployment.v1.apps`. */
export function gvkText(gvk: BuildGvk): string {
  return `${gvk.kind || '[noKind]'}.${gvk.version || '[noVer]'}.${gvk.group || '[noGrp]'}`
}

/** An id in kustomize's messages: `Deployment.v1.apps/web.[noNs]`. */
export function resIdText(id: ResId): string {
  return `${gvkText(id)}/${id.name || '[noName]'}.${id.namespace || '[noNs]'}`
}

const FIRST = [
  'Namespace',
  'ResourceQuota',
  'StorageClass',
  'CustomResourceDefinition',
  'ServiceAccount',
  'PodSecurityPolicy',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'ConfigMap',
  'Secret',
  'Endpoints',
  'Service',
  'LimitRange',
  'PriorityClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
]
const LAST = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']

/** Ranks of kinds in a legacy order; kinds in no list have rank 0. */
export function kindRanks(
  first: readonly string[] = FIRST,
  last: readonly string[] = LAST,
): ReadonlyMap<string, number> {
  const ranks = new Map(first.map((kind, i) => [kind, i - first.length]))
  for (const [i, kind] of last.entries()) ranks.set(kind, i + 1)
  return ranks
}

/** The text that orders kinds of equal rank. */
export function gvkSortText(gvk: BuildGvk): string {
  return `${gvk.group || '~G'}_${gvk.version || '~V'}_${gvk.kind || '~K'}`
}
