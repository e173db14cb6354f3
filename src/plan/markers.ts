import { KUSTOMIZE_GROUP } from '../api/index.ts'
import type { KubeObject } from '../object/index.ts'

type Marked = Pick<KubeObject, 'metadata'> | undefined

/**
 * Says whether an object carries a marker as label or annotation; the value's case does not count.
 * @see fluxcd/pkg ssa/utils/meta.go AnyInMetadata
 */
export function hasMarker(object: Marked, name: string, value: string): boolean {
  const key = `${KUSTOMIZE_GROUP}/${name}`
  const { labels, annotations } = object?.metadata ?? {}
  return [labels?.[key], annotations?.[key]].some(
    (found) =>
      typeof found === 'string' && found !== '' && found.toLowerCase() === value.toLowerCase(),
  )
}

/** Says whether an object is not to be applied: disabled or ignored on either side, or present. */
export function isApplySkipped(desired: KubeObject, live: KubeObject | undefined): boolean {
  for (const side of [desired, live])
    if (hasMarker(side, 'reconcile', 'disabled') || hasMarker(side, 'ssa', 'Ignore')) return true
  return live !== undefined && hasMarker(desired, 'ssa', 'IfNotPresent')
}

/** Says whether a marker keeps an object from being applied at all, wherever it is found. */
export function mayBeSkipped(desired: KubeObject): boolean {
  return (
    hasMarker(desired, 'reconcile', 'disabled') ||
    hasMarker(desired, 'ssa', 'Ignore') ||
    hasMarker(desired, 'ssa', 'IfNotPresent')
  )
}

/** Says whether foreign field managers are left alone on an object. */
export function keepsManagers(desired: KubeObject, live: KubeObject | undefined): boolean {
  return hasMarker(desired, 'ssa', 'Merge') || hasMarker(live, 'ssa', 'Merge')
}

/** Says whether an object may be deleted and made anew for an immutable field. */
export function isForced(desired: KubeObject, live: KubeObject | undefined): boolean {
  return hasMarker(desired, 'force', 'enabled') || hasMarker(live, 'force', 'enabled')
}

/** Says whether an object is never deleted, by what the live one says. */
export function isPruneDisabled(live: KubeObject): boolean {
  return (
    hasMarker(live, 'prune', 'disabled') ||
    hasMarker(live, 'reconcile', 'disabled') ||
    hasMarker(live, 'ssa', 'Ignore')
  )
}

/** The labels that say which Kustomization an object belongs to. */
export function ownerLabels(owner: {
  readonly name: string
  readonly namespace: string
}): Readonly<Record<string, string>> {
  return {
    [`${KUSTOMIZE_GROUP}/name`]: owner.name,
    [`${KUSTOMIZE_GROUP}/namespace`]: owner.namespace,
  }
}

/** Says whether an object carries the owner labels of this Kustomization. */
export function isOwnedBy(
  object: Pick<KubeObject, 'metadata'>,
  owner: { readonly name: string; readonly namespace: string },
): boolean {
  return Object.entries(ownerLabels(owner)).every(
    ([key, value]) => object.metadata.labels?.[key] === value,
  )
}
