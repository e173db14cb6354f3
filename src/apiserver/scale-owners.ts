import { type KubeObject, type ManagedFieldsEntry, sameJson } from '../object/index.ts'
import { builtinType, type SchemaType, untypedDeduced } from '../schema/index.ts'
import {
  type ApplyRequest,
  applyPatch,
  entriesOfParent,
  SCALE_VERSION,
  trackUpdate,
} from './fields/index.ts'
import { groupVersion, type Kind } from './kind.ts'
import { replicasIn, replicasPath, scaleOf, shownOwners } from './scale.ts'
import { StatusFault } from './status.ts'

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
 * @throws StatusFault for Scales of custom kinds: the real server can not apply what changes one
 * @see k8s.io/kubernetes pkg/registry/apps/deployment/storage/storage.go,
 *   k8s.io/apiextensions-apiserver pkg/apiserver/conversion/converter.go (v1.36.3)
 */
export function scaleApplied(
  kind: Kind,
  applied: KubeObject,
  live: KubeObject,
  by: By & Pick<ApplyRequest, 'force'>,
): ReturnType<typeof applyPatch> {
  const shown = shownOwners(kind, live, scaleOf(kind, live))
  const isCustom = kind.custom !== undefined
  if (isCustom && (shown.metadata.managedFields ?? []).length === 0)
    throw unconverted(
      'failed to create manager for existing fields: failed to convert live object',
      '',
      '',
    )
  const result = applyPatch({ ...by, ...aboutScale(), live: shown, applied })
  if ('refusal' in result || !isCustom || isSame(shown, result.object)) return result
  const { namespace = '', name = '' } = applied.metadata
  throw unconverted('failed to convert new object', namespace, name)
}

/** The converter of custom kinds knows of no Scale but a typed one, and what is applied is not. */
function unconverted(what: string, namespace: string, name: string): StatusFault {
  return new StatusFault({
    code: 500,
    reason: '',
    message: `${what} (${namespace}/${name}; ${SCALE_VERSION}, Kind=Scale) to proper version: request to convert CR to an invalid group/version: ${SCALE_VERSION}`,
  })
}

/** Whether nothing but owners differs. */
function isSame(a: KubeObject, b: KubeObject): boolean {
  return sameJson(withoutManaged(a) as never, withoutManaged(b) as never)
}

function withoutManaged(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
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
    replicasIn: replicasIn(kind),
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
