import { rfc3339 } from '../base/index.ts'
import type { Json, JsonObject, KubeObject } from '../object/index.ts'
import { readBack, toStorage } from './convert/convert.ts'
import type { Core } from './core.ts'
import type { Removal } from './delete-options.ts'
import { finalizersFor } from './finalizers.ts'
import { type Kind, keyOf } from './kind.ts'
import { conflict, forbidden } from './status.ts'
import { hasSpecFinalizers } from './writes.ts'

/** What became of an object: gone, or marked and kept by its finalizers. */
export interface Removed {
  readonly object: KubeObject
  readonly gone: boolean
}

/**
 * Deletes an object, or marks it as being deleted where finalizers (its own, or those that the
 * propagation asks for) or its grace keep it.
 * @throws StatusFault 409 for preconditions that do not hold
 * @see k8s.io/apiserver pkg/registry/generic/registry/store.go Delete (v0.36.3)
 */
export function removeObject(core: Core, kind: Kind, live: KubeObject, removal: Removal): Removed {
  checkPreconditions(kind, live, removal)
  if (kind.table === 'namespaces') refusePermanent(kind, live)
  if (kind.table === CRDS && live.metadata.deletionTimestamp === undefined)
    return removeCrd(core, kind, live, removal)
  const grace = kind.table === 'pods' ? graceOf(core.clock.now(), live, removal) : NONE
  // A grace that is under way is not made longer; nothing else of it changes then.
  if (grace === 'pending') return { object: live, gone: false }
  const finalizers = finalizersFor(kind, live, removal.propagation)
  const isNamespace = kind.table === 'namespaces'
  // A namespace is first marked, even if nothing keeps it.
  const isFirst = isNamespace && live.metadata.deletionTimestamp === undefined
  const stays = isFirst || finalizers.length > 0 || hasSpecFinalizers(live)
  const isMarked = stays || grace.isGraceful
  const marked = isMarked ? markedAs(core, live, { finalizers, grace }) : live
  const gone = !stays && grace.left === 0
  if (removal.dryRun) return { object: marked, gone }
  const key = keyOf(kind, live.metadata.namespace ?? '', live.metadata.name ?? '')
  const saved = toStorage(marked, kind)
  const read = readBack(saved, kind)
  const stored = marked === live ? saved : core.store.put(kind.table, key, saved)
  const last = gone ? (core.store.remove(kind.table, key) ?? stored) : stored
  return { object: read(last), gone }
}

/** How a deletion ends: seconds that are left, and what is written of them. */
interface Grace {
  /** Whether the kind knows grace, and this deletion is one that gives it. */
  readonly isGraceful: boolean
  readonly left: number
  /** Milliseconds. */
  readonly at?: number
  readonly written: number
}

const NONE: Grace = { isGraceful: false, left: 0, written: 0 }

/**
 * Seconds that a pod is left to end by itself; `pending` when it has fewer already.
 * @see k8s.io/apiserver pkg/registry/rest/delete.go BeforeDelete (v0.36.3)
 */
function graceOf(now: number, live: KubeObject, removal: Removal): Grace | 'pending' {
  const { deletionTimestamp, deletionGracePeriodSeconds: given = 0 } = live.metadata
  const asked = removal.gracePeriodSeconds
  const seconds = asked !== undefined && asked < 0 ? 1 : asked
  if (deletionTimestamp === undefined) {
    const left = firstGrace(live, seconds)
    return { isGraceful: true, left, at: now + left * 1000, written: left }
  }
  if (given === 0) return NONE
  if (seconds === undefined || seconds >= given) return 'pending'
  const at = Date.parse(deletionTimestamp) + (seconds - given) * 1000
  // Who is late already gets the least there is, so that the one who ends it sees it.
  return at < now
    ? { isGraceful: true, left: seconds, at: now, written: seconds === 0 ? 0 : 1 }
    : { isGraceful: true, left: seconds, at, written: seconds }
}

/** A pod that runs nowhere, or has ended, goes at once. */
function firstGrace(live: KubeObject, asked: number | undefined): number {
  const spec = (live['spec'] ?? {}) as JsonObject
  const { phase } = (live['status'] ?? {}) as JsonObject
  if (!spec['nodeName'] || phase === 'Succeeded' || phase === 'Failed') return 0
  return asked ?? Number(spec['terminationGracePeriodSeconds'] ?? 0)
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

function markedAs(
  core: Core,
  live: KubeObject,
  { finalizers, grace }: { readonly finalizers: readonly string[]; readonly grace: Grace },
): KubeObject {
  const { finalizers: had, ...rest } = live.metadata
  const isFirst = rest.deletionTimestamp === undefined
  const { at = core.clock.now(), written } = grace
  const isChanged = finalizers !== had || grace.isGraceful
  if (!isFirst && !isChanged && rest.deletionGracePeriodSeconds === written) return live
  const marked: KubeObject = {
    ...live,
    metadata: {
      ...rest,
      ...(finalizers.length === 0 ? {} : { finalizers: [...finalizers] }),
      ...(isFirst || grace.at !== undefined ? { deletionTimestamp: rfc3339(at) } : {}),
      deletionGracePeriodSeconds: written,
      ...(isFirst && rest.generation !== undefined ? { generation: rest.generation + 1 } : {}),
    },
  }
  if (live.kind !== 'Namespace' || live.apiVersion !== 'v1') return marked
  // Namespaces have a deletion of their own, which knows no grace.
  if (!isFirst && finalizers === had) return live
  const { deletionGracePeriodSeconds: _g, ...own } = marked.metadata
  return {
    ...marked,
    metadata: own,
    status: { ...(live['status'] as JsonObject), phase: 'Terminating' },
  }
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
