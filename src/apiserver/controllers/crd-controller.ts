import { rfc3339 } from '../../base/index.ts'
import {
  isArray,
  isObject,
  type JsonObject,
  type KubeObject,
  parseApiVersion,
  sameJson,
  valueAt,
} from '../../object/index.ts'
import { createWithStatus } from '../bootstrap.ts'
import { apiService } from '../bootstrap-objects.ts'
import { acceptedStatus, withCondition } from '../crd-names.ts'
import { CRDS } from '../crds.ts'
import type { Controller, Hands } from './hands.ts'

/** Accepts the names of CRDs, establishes them, and empties those that are being deleted. */
export function crdController(hands: Hands): Controller {
  return {
    name: 'crd',
    concerns: (event) => {
      if (event.table === CRDS) return [event.key]
      // The last object of a CRD that is being deleted lets it go.
      if (event.type !== 'DELETED' || hands.core.store.get(CRDS, event.table) === undefined)
        return []
      return [event.table]
    },
    sync: (name) => {
      const kind = hands.kind('apiextensions.k8s.io', 'CustomResourceDefinition')
      const crd = hands.get(kind, '', name)
      if (crd === undefined) {
        reconsider(hands)
        sweep(hands)
        return undefined
      }
      if (crd.metadata.deletionTimestamp !== undefined) {
        clean(hands, name)
        return undefined
      }
      const live = hands.get(kind, '', name)
      if (live !== undefined) hands.setStatus(kind, live, acceptedStatus(hands.core, live))
      reconsider(hands)
      for (const { group, version } of hands.core.registry.custom(name)) {
        const now = rfc3339(hands.core.clock.now())
        createWithStatus(hands.core, apiService({ group, version, now, managed: 'true' }))
      }
      sweep(hands)
      return undefined
    },
  }
}

/** Names that one definition gives up may be those that another waits for. */
function reconsider(hands: Hands): void {
  const kind = hands.kind('apiextensions.k8s.io', 'CustomResourceDefinition')
  for (const crd of hands.list(kind)) {
    const isWaiting =
      crd.metadata.deletionTimestamp === undefined &&
      !sameJson(
        valueAt(crd as never, 'spec', 'names'),
        valueAt(crd as never, 'status', 'acceptedNames'),
      )
    if (isWaiting) hands.setStatus(kind, crd, acceptedStatus(hands.core, crd))
  }
}

const AUTOMANAGED = 'kube-aggregator.kubernetes.io/automanaged'

/** Removes the APIServices of custom groups and versions that no CRD serves any more. */
function sweep(hands: Hands): void {
  const kind = hands.kind('apiregistration.k8s.io', 'APIService')
  for (const object of hands.list(kind)) {
    if (object.metadata.labels?.[AUTOMANAGED] !== 'true') continue
    const { group, version } = object['spec'] as JsonObject
    const kinds = hands.core.registry.group(String(group)) ?? []
    if (!kinds.some((each) => each.version === version)) hands.remove(kind, object)
  }
}

const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io'

/** Removes the objects of a definition that is being deleted, and lets it go when all are gone. */
function clean(hands: Hands, name: string): void {
  const kind = hands.kind('apiextensions.k8s.io', 'CustomResourceDefinition')
  const crd = hands.get(kind, '', name)
  if (crd === undefined || !(crd.metadata.finalizers ?? []).includes(CLEANUP)) return
  hands.setStatus(kind, crd, terminating(hands, crd))
  const custom = hands.core.registry.storage(name)
  if (custom !== undefined) {
    // As they are stored: the webhook that converts them may be gone already.
    const stored = { ...custom, version: parseApiVersion(custom.storedAs).version }
    for (const object of hands.list(stored))
      if (object.metadata.deletionTimestamp === undefined) hands.remove(stored, object)
  }
  if (hands.core.store.count(name) > 0) return
  const live = hands.get(kind, '', name)
  if (live === undefined) return
  const { finalizers, ...metadata } = live.metadata
  const left = (finalizers ?? []).filter((each) => each !== CLEANUP)
  hands.update(kind, live, {
    ...live,
    metadata: { ...metadata, ...(left.length === 0 ? {} : { finalizers: left }) },
  })
}

function terminating(hands: Hands, crd: KubeObject): JsonObject {
  const now = rfc3339(hands.core.clock.now())
  const condition = {
    type: 'Terminating',
    status: 'True',
    reason: 'InstanceDeletionInProgress',
    message: 'CustomResource deletion is in progress',
  }
  const { status } = crd as unknown as JsonObject
  const before = isObject(status) ? status : {}
  const conditions = before['conditions']
  const had = isArray(conditions) ? conditions.filter(isObject) : []
  return { ...before, conditions: withCondition(had, condition, now) }
}
