import type { KubeObject, ManagedFieldsEntry } from '../object/index.ts'
import { builtinType, type SchemaType, untypedDeduced } from '../schema/index.ts'
import {
  type ApplyRequest,
  applyPatch,
  entriesOfParent,
  SCALE_VERSION,
  trackUpdate,
} from './fields/index.ts'
import { groupVersion, type Kind } from './kind.ts'
import { replicasPath, scaleOf, shownOwners } from './scale.ts'

type By = Pick<ApplyRequest, 'manager' | 'now'>

/** Who owns what of an object after its Scale was written: that is found out by the Scale alone. */
export function scaleTracked(kind: Kind, next: KubeObject, live: KubeObject, by: By): KubeObject {
  const shown = shownOwners(kind, live, scaleOf(kind, live))
  const written = trackUpdate({
    ...by,
    ...aboutScale(),
    live: shown,
    next: shownOwners(kind, live, scaleOf(kind, next)),
  })
  return withOwners(kind, next, live, written)
}

/**
 * The Scale that applying one makes of the live one, or why it is refused.
 * @see k8s.io/kubernetes pkg/registry/apps/deployment/storage/storage.go (v1.36.3)
 */
export function scaleApplied(
  kind: Kind,
  applied: KubeObject,
  live: KubeObject,
  by: By & Pick<ApplyRequest, 'force'>,
): ReturnType<typeof applyPatch> {
  const shown = shownOwners(kind, live, scaleOf(kind, live))
  return applyPatch({ ...by, ...aboutScale(), live: shown, applied })
}

/** An object with the owners that its Scale came to. */
export function withOwners(
  kind: Kind,
  next: KubeObject,
  live: KubeObject,
  scale: KubeObject,
): KubeObject {
  const entries = entriesOfParent(live.metadata.managedFields, scale.metadata.managedFields, {
    path: replicasPath(kind),
    apiVersion: groupVersion(kind),
  })
  const { managedFields: _, ...metadata } = next.metadata
  return { ...next, metadata: { ...metadata, ...owners(entries) } }
}

function owners(managedFields: readonly ManagedFieldsEntry[] | undefined): {
  managedFields?: readonly ManagedFieldsEntry[]
} {
  return managedFields === undefined ? {} : { managedFields }
}

function aboutScale(): {
  readonly type: SchemaType
  readonly apiVersion: string
  readonly subresource: string
} {
  const type = builtinType({ group: 'autoscaling', version: 'v1', kind: 'Scale' })
  return { type: type ?? untypedDeduced, apiVersion: SCALE_VERSION, subresource: 'scale' }
}
