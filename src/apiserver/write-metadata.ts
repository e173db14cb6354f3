import {
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  type ObjectMeta,
  valueAt,
} from '../object/index.ts'
import type { User } from './core.ts'
import type { Kind } from './kind.ts'

/**
 * What an update says of the server's own metadata that it is not: a uid, that the object is being
 * deleted, in how many seconds. Nothing where it says nothing, or what is so.
 */
export function claimedMetadata(next: ObjectMeta, live: ObjectMeta): Partial<ObjectMeta> {
  const { uid = '', deletionTimestamp = '', deletionGracePeriodSeconds: seconds = null } = next
  return {
    ...(uid === '' || uid === live.uid ? {} : { uid }),
    ...(deletionTimestamp === '' || live.deletionTimestamp !== undefined
      ? {}
      : { deletionTimestamp: deletionTimestamp.replace(/\.\d+(?=Z$)/, '') }),
    ...(seconds === null || seconds === live.deletionGracePeriodSeconds
      ? {}
      : { deletionGracePeriodSeconds: seconds }),
  }
}

/** Metadata that only the server writes, taken from the live object. */
export function systemMetadata(next: ObjectMeta, live: ObjectMeta): ObjectMeta {
  const {
    creationTimestamp: _c,
    deletionTimestamp: _d,
    deletionGracePeriodSeconds: _g,
    generation: _n,
    namespace: _s,
    selfLink: _l,
    ...rest
  } = next as ObjectMeta & { readonly selfLink?: string }
  const kept = {
    uid: live.uid,
    creationTimestamp: live.creationTimestamp,
    deletionTimestamp: live.deletionTimestamp,
    deletionGracePeriodSeconds: live.deletionGracePeriodSeconds,
    generation: live.generation,
    resourceVersion: live.resourceVersion,
    namespace: live.namespace,
    name: live.name,
  }
  const present = Object.entries(kept).filter(([, value]) => value !== undefined)
  return { ...rest, ...Object.fromEntries(present) }
}

/** A request for a certificate says who asked for it. */
export function requestedBy(
  { kind, user }: { readonly kind: Kind; readonly user: User },
  object: KubeObject,
): KubeObject {
  if (kind.table !== 'certificatesigningrequests.certificates.k8s.io') return object
  const {
    username: _n,
    uid: _u,
    groups: _g,
    extra: _e,
    ...spec
  } = (object['spec'] ?? {}) as JsonObject
  return {
    ...object,
    spec: {
      ...spec,
      username: user.name,
      ...(user.uid === undefined ? {} : { uid: user.uid }),
      groups: user.groups,
      ...(user.extra === undefined ? {} : { extra: user.extra }),
    },
  }
}

/**
 * Who owns what was set by way of a Scale. The real server looks at the Scale alone: where nobody
 * owned the replicas nobody does, zero replicas are no field, and what is owned has no time.
 * @see k8s.io/apimachinery pkg/util/managedfields/scalehandler.go (v0.36.3)
 */
export function scaleOwned(kind: Kind, object: KubeObject, live: KubeObject): KubeObject {
  const path = (kind.custom?.scale?.specReplicasPath ?? '.spec.replicas').split('.').slice(1)
  const before = live.metadata.managedFields ?? []
  const isOwned = before.some((entry) => owns(entry, path))
  const isZero = valueAt(object as unknown as JsonObject, ...path) === 0
  const after = (object.metadata.managedFields ?? [])
    .filter((entry) => !isZero || entry.subresource !== 'scale')
    .map((entry) => {
      if (entry.subresource !== 'scale') return entry
      const { time: _, ...rest } = entry
      return rest
    })
  return { ...object, metadata: { ...object.metadata, managedFields: isOwned ? after : before } }
}

function owns(
  { fieldsV1 }: NonNullable<ObjectMeta['managedFields']>[number],
  path: readonly string[],
): boolean {
  let at: unknown = fieldsV1
  for (const name of path) at = isObject(at as Json) ? (at as JsonObject)[`f:${name}`] : undefined
  return at !== undefined
}
