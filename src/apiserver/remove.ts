import { rfc3339 } from '../base/index.ts'
import { type Json, type JsonObject, type KubeObject } from '../object/index.ts'
import { type Attributes, refuseUnadmitted } from './admission/index.ts'
import { consented, type Soon, whenThere } from './admitted.ts'
import type { Ask } from './ask.ts'
import { converted, toStorage } from './convert/convert.ts'
import type { Core } from './core.ts'
import { type Propagation, type Removal, removalOf } from './delete-options.ts'
import { type Kind, keyOf } from './kind.ts'
import { listOptions } from './list-options.ts'
import { liveObject } from './read.ts'
import { conflict, forbidden } from './status.ts'
import { pageOf } from './store/pages.ts'
import { isReturned } from './update-rules.ts'
import { type Answer, answerJson } from './wire/respond.ts'
import { shapeList, shapeObject } from './wire/shape.ts'
import { hasSpecFinalizers } from './writes.ts'

/** What became of an object: gone, or marked and kept by its finalizers. */
export interface Removed {
  readonly object: KubeObject
  readonly gone: boolean
}

/** DELETE of one object. */
export function remove(core: Core, ask: Ask): Soon<Answer> {
  const removal = removalOf(ask)
  const attributes = removing(ask, liveObject(core, ask), removal)
  return whenThere(consented(core, attributes), () => removeLive(core, ask, removal))
}

/** A deletion as admission sees it. */
function removing(ask: Ask, old: KubeObject, removal: Removal): Attributes {
  const { kind, namespace, user, warnings } = ask
  return {
    kind,
    subresource: '',
    operation: 'DELETE',
    namespace: kind.namespaced ? (old.metadata.namespace ?? namespace) : '',
    name: old.metadata.name ?? '',
    user,
    dryRun: removal.dryRun,
    object: undefined,
    old,
    warnings,
  }
}

function removeLive(core: Core, ask: Ask, removal: Removal): Answer {
  const { kind } = ask
  const live = liveObject(core, ask)
  refuseUnadmitted(core, removing(ask, live, removal))
  const { object, gone } = removeObject(core, kind, live, removal)
  if (!gone || isReturned(kind))
    return answerJson(200, shapeObject(core, kind, object, ask), {
      format: ask.accepted.format,
      warnings: ask.warnings,
    })
  const details = {
    name: ask.name,
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.plural,
    uid: live.metadata.uid ?? '',
  }
  return answerJson(
    200,
    { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details },
    { format: ask.accepted.format, warnings: ask.warnings },
  )
}

/** DELETE of a collection: every object selected. */
export function removeAll(core: Core, ask: Ask): Answer {
  const { kind } = ask
  const options = listOptions(kind, ask.query)
  const removal = removalOf(ask)
  // It is listed in pages, so that a revision means that very one.
  const limit = options.limit === 0 ? Number.MAX_SAFE_INTEGER : options.limit
  const page = pageOf(core, kind, { namespace: ask.namespace, options: { ...options, limit } })
  for (const live of page.items) {
    refuseUnadmitted(core, removing(ask, live, removal))
    removeObject(core, kind, live, removal)
  }
  return answerJson(200, shapeList(core, kind, page, ask), { format: ask.accepted.format })
}

/**
 * Deletes an object, or marks it as being deleted where finalizers (its own, or those that the
 * propagation asks for) keep it.
 * @throws StatusFault 409 for preconditions that do not hold
 */
export function removeObject(core: Core, kind: Kind, live: KubeObject, removal: Removal): Removed {
  checkPreconditions(kind, live, removal)
  if (kind.table === 'namespaces') refusePermanent(kind, live)
  if (kind.table === CRDS) return removeCrd(core, kind, live, removal)
  const finalizers = finalizersFor(live, removal.propagation)
  const grace = graceOf(kind, live, removal)
  const kept = finalizers.length > 0 || hasSpecFinalizers(live) || grace > 0
  const key = keyOf(kind, live.metadata.namespace ?? '', live.metadata.name ?? '')
  if (!kept) {
    if (removal.dryRun) return { object: live, gone: true }
    const last = core.store.remove(kind.table, key, lastStateOf(core, kind, live)) ?? live
    return { object: converted(last, kind), gone: true }
  }
  const marked = markedAs(core, live, { finalizers, grace })
  if (removal.dryRun || marked === live) return { object: marked, gone: false }
  const stored = core.store.put(kind.table, key, toStorage(marked, kind))
  return { object: converted(stored, kind), gone: false }
}

/** A pod that goes at once is told as one whose grace is over. */
function lastStateOf(core: Core, kind: Kind, live: KubeObject): KubeObject | undefined {
  if (kind.table !== 'pods') return undefined
  const { metadata } = live
  const isFirst = metadata.deletionTimestamp === undefined
  const deletionTimestamp = metadata.deletionTimestamp ?? rfc3339(core.clock.now())
  const { generation } = metadata
  return {
    ...live,
    metadata: {
      ...metadata,
      deletionTimestamp,
      deletionGracePeriodSeconds: 0,
      ...(generation === undefined ? {} : { generation: generation + (isFirst ? 1 : 0) }),
    },
  }
}

/** Namespaces that stay. */
const PERMANENT = ['default', 'kube-system', 'kube-public']

function refusePermanent(kind: Kind, live: KubeObject): void {
  const name = live.metadata.name ?? ''
  if (PERMANENT.includes(name)) throw forbidden(kind, name, 'this namespace may not be deleted')
}

const CRDS = 'customresourcedefinitions.apiextensions.k8s.io'
const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io'

/** A CRD stays until its objects are gone. */
function removeCrd(core: Core, kind: Kind, live: KubeObject, removal: Removal): Removed {
  if (live.metadata.deletionTimestamp !== undefined) return { object: live, gone: false }
  const now = rfc3339(core.clock.now())
  const status = (live['status'] ?? {}) as JsonObject
  const had = Array.isArray(status['conditions']) ? (status['conditions'] as Json[]) : []
  const terminating = {
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: now,
    reason: 'InstanceDeletionPending',
    message:
      'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  }
  const marked: KubeObject = {
    ...live,
    metadata: {
      ...live.metadata,
      deletionTimestamp: now,
      finalizers: [...new Set([...(live.metadata.finalizers ?? []), CLEANUP])],
    },
    status: { ...status, conditions: [...had, terminating] },
  }
  if (removal.dryRun) return { object: marked, gone: false }
  return { object: core.store.put(kind.table, live.metadata.name ?? '', marked), gone: false }
}

/** Seconds that a pod is left to end by itself; everything else goes at once. */
function graceOf(kind: Kind, live: KubeObject, removal: Removal): number {
  if (kind.table !== 'pods') return 0
  const spec = (live['spec'] ?? {}) as JsonObject
  const { phase } = (live['status'] ?? {}) as JsonObject
  if (spec['nodeName'] === undefined || phase === 'Succeeded' || phase === 'Failed') return 0
  const asked = removal.gracePeriodSeconds ?? Number(spec['terminationGracePeriodSeconds'] ?? 30)
  return Math.min(asked, live.metadata.deletionGracePeriodSeconds ?? asked)
}

function markedAs(
  core: Core,
  live: KubeObject,
  { finalizers, grace }: { readonly finalizers: readonly string[]; readonly grace: number },
): KubeObject {
  const { metadata } = live
  const changed =
    JSON.stringify(finalizers) !== JSON.stringify(metadata.finalizers ?? []) ||
    (metadata.deletionTimestamp !== undefined && grace !== metadata.deletionGracePeriodSeconds)
  if (metadata.deletionTimestamp !== undefined && !changed) return live
  const { finalizers: _, ...rest } = metadata
  const marked: KubeObject = {
    ...live,
    metadata: {
      ...rest,
      ...(finalizers.length === 0 ? {} : { finalizers }),
      ...(metadata.deletionTimestamp === undefined
        ? {
            deletionTimestamp: rfc3339(core.clock.now() + grace * 1000),
            deletionGracePeriodSeconds: grace,
            ...(metadata.generation === undefined ? {} : { generation: metadata.generation + 1 }),
          }
        : { deletionGracePeriodSeconds: grace }),
    },
  }
  if (live.kind !== 'Namespace' || live.apiVersion !== 'v1') return marked
  // Namespaces have a deletion of their own, which knows no grace.
  const { deletionGracePeriodSeconds: _g, ...own } = marked.metadata
  return {
    ...marked,
    metadata: own,
    status: { ...(live['status'] as JsonObject), phase: 'Terminating' },
  }
}

function finalizersFor(live: KubeObject, propagation: Propagation | undefined): string[] {
  const had = live.metadata.finalizers ?? []
  if (propagation === undefined) return [...had]
  const others = had.filter((each) => each !== 'orphan' && each !== 'foregroundDeletion')
  if (propagation === 'Orphan') return [...others, 'orphan']
  return propagation === 'Foreground' ? [...others, 'foregroundDeletion'] : others
}

function checkPreconditions(kind: Kind, live: KubeObject, removal: Removal): void {
  const name = live.metadata.name ?? ''
  const { uid, resourceVersion } = removal
  const named = { group: kind.group, plural: kind.kind }
  if (uid !== undefined && uid !== live.metadata.uid)
    throw conflict(
      named,
      name,
      `the UID in the precondition (${uid}) does not match the UID in record (${live.metadata.uid}). The object might have been deleted and then recreated`,
    )
  if (resourceVersion !== undefined && resourceVersion !== live.metadata.resourceVersion)
    throw conflict(
      named,
      name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${live.metadata.resourceVersion}). The object might have been modified`,
    )
}
