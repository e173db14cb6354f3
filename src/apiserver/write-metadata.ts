import type { JsonObject, KubeObject, ObjectMeta } from '../object/index.ts'
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
