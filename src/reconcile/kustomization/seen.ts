import { createHash } from 'node:crypto'
import { KUSTOMIZE_GROUP } from '../../api/index.ts'
import { compareText } from '../../base/index.ts'
import { type Health, healthOf } from '../../health/index.ts'
import { idOf, type KubeObject } from '../../object/index.ts'
import {
  cleanupPatch,
  comparedParts,
  FIELD_MANAGER,
  isCleanedManager,
  isRequestOnly,
} from '../../plan/index.ts'
import { versionNumber } from '../informer.ts'

/** Kinds of which nothing but the metadata matters: they have no state of health. */
const METADATA_KINDS: ReadonlySet<string> = new Set([
  '/ConfigMap',
  '/Secret',
  '/ServiceAccount',
  '/LimitRange',
  '/ResourceQuota',
  'rbac.authorization.k8s.io/Role',
  'rbac.authorization.k8s.io/RoleBinding',
  'rbac.authorization.k8s.io/ClusterRole',
  'rbac.authorization.k8s.io/ClusterRoleBinding',
  'networking.k8s.io/Ingress',
  'networking.k8s.io/IngressClass',
  'networking.k8s.io/NetworkPolicy',
  'policy/PodDisruptionBudget',
  'scheduling.k8s.io/PriorityClass',
  'storage.k8s.io/StorageClass',
])

/** What is known of a live object. */
export interface Seen {
  readonly resourceVersion: string
  /** What tells drift from other changes, in short. */
  readonly print: string
  /** `namespace/name` of the Kustomization that the owner labels name. */
  readonly owner: string
  readonly health: Health | undefined
  /** Digest of what is compared with a dry run; undefined where only the metadata is known. */
  readonly shape: string | undefined
  /** Nothing but an apply may be due: no manager to clean up, no marker, no version to migrate. */
  readonly isPlain: boolean
}

/** Says whether a kind is watched by its metadata alone. */
export function isMetadataKind({
  group,
  kind,
}: {
  readonly group: string
  readonly kind: string
}): boolean {
  return METADATA_KINDS.has(`${group}/${kind}`)
}

/** The health of an object as it is, without its pods. */
export function plainHealth(object: KubeObject, now: number): Health {
  return isMetadataKind(idOf(object)) ? metadataHealth(object) : healthOf(object, { now })
}

/** Says whether what was seen is older than what was written. */
export function isOlder(seen: Seen, written: Seen | undefined): boolean {
  return (
    written !== undefined &&
    versionNumber(seen.resourceVersion) < versionNumber(written.resourceVersion)
  )
}

/** Says whether an object is still as it was applied. */
export function isSameState(applied: Seen, seen: Seen | undefined): boolean {
  if (seen === undefined) return false
  return seen.resourceVersion === applied.resourceVersion || seen.print === applied.print
}

/** What is to be known of an object; of one that came without its content not the shape. */
export function seenOf(object: KubeObject, health: Health, metadataOnly = false): Seen {
  return {
    resourceVersion: object.metadata.resourceVersion ?? '',
    print: printOf(object),
    owner: ownerOf(object),
    health,
    shape: metadataOnly ? undefined : shapeOf(object),
    isPlain: isPlain(object),
  }
}

/** Digest of the parts of an object that are compared with a dry run. */
export function shapeOf(object: KubeObject): string {
  return digestOf(comparedParts(object))
}

const OWNER_LABELS: ReadonlySet<string> = new Set([
  `${KUSTOMIZE_GROUP}/name`,
  `${KUSTOMIZE_GROUP}/namespace`,
])

function isPlain(object: KubeObject): boolean {
  const { labels = {}, annotations = {}, managedFields = [] } = object.metadata
  const keys = [...Object.keys(labels), ...Object.keys(annotations)]
  const isMarker = (key: string): boolean =>
    key.startsWith(`${KUSTOMIZE_GROUP}/`) && !OWNER_LABELS.has(key)
  return (
    !keys.some(isMarker) &&
    managedFields.every((entry) => entry.apiVersion === object.apiVersion) &&
    cleanupPatch(object, []).length === 0
  )
}

/** Kinds that are watched by their metadata alone are well unless they are going away. */
function metadataHealth(object: KubeObject): Health {
  return object.metadata.deletionTimestamp === undefined
    ? { status: 'Current', message: 'Resource is always ready' }
    : { status: 'Terminating', message: 'Resource scheduled for deletion' }
}

function ownerOf({ metadata: { labels } }: KubeObject): string {
  const part = (name: string): string => labels?.[`${KUSTOMIZE_GROUP}/${name}`] ?? ''
  return `${part('namespace')}/${part('name')}`
}

/**
 * What tells drift from other changes. Whoever changes or removes a field that we applied takes it
 * out of our entry in the managed fields, so that entry and its time say whether our fields are as
 * we left them; beside it only managers that we clean up and markers count. Whoever only asks for a
 * run changes nothing.
 */
function printOf(object: KubeObject): string {
  const { labels, annotations, managedFields, deletionTimestamp } = object.metadata
  const entries = (managedFields ?? []).filter((entry) => (entry.subresource ?? '') === '')
  const ours = entries.find(
    (entry) => entry.manager === FIELD_MANAGER && entry.operation === 'Apply',
  )
  const foreign = entries
    .filter((entry) => entry !== ours && isCleanedManager(entry) && !isRequestOnly(entry))
    .map((entry) => [entry.manager, entry.operation, entry.time])
  const markers = [labels, annotations].map((map) =>
    Object.entries(map ?? {})
      .filter(([key]) => key.startsWith(`${KUSTOMIZE_GROUP}/`))
      .sort(([a], [b]) => compareText(a, b)),
  )
  const state = ours === undefined ? entries : [ours.fieldsV1, ours.time]
  return digestOf([state, foreign, markers, deletionTimestamp])
}

/** A short digest of a JSON value whose keys stand in a fixed order. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64').slice(0, 27)
}
