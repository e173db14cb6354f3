import { rfc3339, uuid } from '../base/index.ts'
import type { KubeObject, ObjectMeta } from '../object/index.ts'
import {
  hasPolicies,
  hasWebhooks,
  mutated,
  policyProblems,
  refuseUnadmitted,
} from './admission/index.ts'
import { allocated } from './allocate.ts'
import { keepIdleApplies } from './apply-memo.ts'
import { refuseEscalation } from './auth/escalation.ts'
import { asTried, readBack, toStorage } from './convert/convert.ts'
import type { Core } from './core.ts'
import { drawnName } from './drawn-names.ts'
import { carryEmptied, withEmptied } from './empties.ts'
import { sameButTimestamps, trackUpdate } from './fields/index.ts'
import { type Kind, keyOf } from './kind.ts'
import {
  completedFor,
  conformTo,
  preparedForCreate,
  preparedForUpdate,
  problemsOf,
  resetFieldsOf,
  typeOf,
  warningsOf,
  withDefaults,
} from './pipeline.ts'
import { refuseOverQuota } from './quota.ts'
import { scaled } from './scale.ts'
import { scaleTracked } from './scale-owners.ts'
import {
  alreadyExists,
  badRequest,
  forbidden,
  invalid,
  notFound,
  type StatusCause,
  StatusFault,
} from './status.ts'
import { isReread, isUnsettled, noteStored } from './unsettled.ts'
import { checkPreconditions } from './update-preconditions.ts'
import { versionsFor } from './versions.ts'
import { asSent, attributesOf, type Write } from './write.ts'
import { claimedMetadata, requestedBy, systemMetadata } from './write-metadata.ts'

export { suffix } from './drawn-names.ts'

/** What a write answers: the object as it is now, and whether that is the end of it. */
export interface Written {
  readonly object: KubeObject
  readonly created: boolean
  readonly removed: boolean
}

/** An object on its way into the store: tracked and admitted, not yet prepared and checked. */
export type Draft = KubeObject

/**
 * Creates an object in one go; see {@link draftCreate} and {@link commitCreate}.
 * @throws StatusFault
 */
export function createObject(core: Core, write: Write, body: KubeObject): Written {
  return commitCreate(core, write, draftCreate(core, write, body))
}

/**
 * The first half of a creation: name, namespace, defaults, field tracking, admission in process.
 * @throws StatusFault
 */
export function draftCreate(core: Core, write: Write, body: KubeObject): Draft {
  const { kind } = write
  const named = withoutSystem(write, body)
  checkNamespace(core, write, named.metadata.name ?? '')
  const formed = write.conformed ? named : conformTo(kind, named).object
  const filled = withDefaults(kind, formed, write.tracked)
  const tracked = write.tracked
    ? filled
    : trackUpdate({
        type: typeOf(kind),
        next: filled,
        manager: write.manager,
        now: core.clock.now(),
        reset: resetFieldsOf(kind, ''),
      })
  refuseEscalation(core, kind, write.user, tracked)
  const admitted = mutated(core, attributesOf(write, tracked), tracked)
  const draft = core.admit(admitted, { operation: 'CREATE', dryRun: write.dryRun })
  const whole = draft === tracked ? draft : completedFor(kind, draft)
  return carryEmptied(write.conformed ? body : formed, whole)
}

/**
 * The second half: system metadata, preparation, validation, storage.
 * @throws StatusFault
 */
export function commitCreate(core: Core, write: Write, draft: Draft): Written {
  return storeCreated(core, write, preparedCreate(core, write, draft))
}

/**
 * A new object as it is to be stored, checked by its kind and by admission.
 * @throws StatusFault
 */
export function preparedCreate(core: Core, write: Write, draft: Draft): KubeObject {
  const { kind } = write
  const { generateName = '', name: given = '', namespace } = draft.metadata
  if (kind.namespaced && namespace !== write.namespace)
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    )
  const name = given === '' ? drawnName(core, kind, generateName) : given
  const now = core.clock.now()
  const creationTimestamp = rfc3339(now)
  const metadata = { ...draft.metadata, name, uid: uuid(core.random), creationTimestamp }
  const named = requestedBy(write, { ...draft, metadata })
  const prepared = allocated(core, kind, preparedForCreate(kind, named, now))
  refuseInvalid(kind, name, [
    ...problemsIn(write, { object: prepared, draft }),
    ...policyProblems(kind, prepared),
  ])
  write.warnings?.push(...warningsOf(kind, prepared))
  refuseUnadmitted(core, attributesOf(write, prepared))
  return prepared
}

/**
 * Stores a new object where its name is free and no quota is against it.
 * @throws StatusFault
 */
export function storeCreated(core: Core, write: Write, prepared: KubeObject): Written {
  const { kind } = write
  const { name = '' } = prepared.metadata
  const key = keyOf(kind, write.namespace, name)
  const there = core.store.get(kind.table, key)
  if (there === undefined) refuseOverQuota(core, kind, prepared)
  else throw alreadyExists(kind, name, there.metadata.deletionTimestamp !== undefined)
  const { revision = '' } = write
  if (write.dryRun) {
    const object = asTried(prepared, kind)
    return { object: withRevision(object, revision), created: true, removed: false }
  }
  if (Number(revision) > 0) throw revisionGiven()
  const saved = toStorage(prepared, kind)
  const read = readBack(saved, kind)
  const stored = core.store.put(kind.table, key, saved)
  noteStored(kind, stored)
  return { object: read(stored), created: true, removed: false }
}

function withRevision(object: KubeObject, resourceVersion: string): KubeObject {
  if (resourceVersion === '') return object
  return { ...object, metadata: { ...object.metadata, resourceVersion } }
}

/** What storage says at last; a trial does not come so far. */
function revisionGiven(): StatusFault {
  return new StatusFault({
    code: 500,
    reason: '',
    message: 'resourceVersion should not be set on objects to be created',
  })
}

/** What only the server writes does not come from outside. */
function withoutSystem({ kind, namespace }: Write, body: KubeObject): KubeObject {
  const {
    name = '',
    uid: _u,
    resourceVersion: _r,
    creationTimestamp: _c,
    deletionTimestamp: _d,
    deletionGracePeriodSeconds: _g,
    selfLink: _l,
    ...rest
  } = body.metadata as ObjectMeta & { readonly selfLink?: string }
  const named = name === '' ? rest : { ...rest, name }
  return { ...body, metadata: withNamespace(kind, named, namespace) }
}

function withNamespace(kind: Kind, metadata: ObjectMeta, namespace: string): ObjectMeta {
  if (kind.namespaced) return { ...metadata, namespace }
  const { namespace: _, ...rest } = metadata
  return rest
}

function checkNamespace(core: Core, write: Write, name: string): void {
  if (write.kind.custom?.accepting === false) {
    const why = 'create not allowed while custom resource definition is terminating'
    throw forbidden(write.kind, name, why)
  }
  if (!write.kind.namespaced) return
  const namespace = core.store.get('namespaces', write.namespace)
  if (namespace === undefined) throw notFound({ group: '', plural: 'namespaces' }, write.namespace)
  if (namespace.metadata.deletionTimestamp === undefined) return
  const why = `unable to create new content in namespace ${write.namespace} because it is being terminated`
  const fault = forbidden(write.kind, name, why)
  throw Object.assign(fault, {
    details: {
      ...fault.details,
      causes: [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${write.namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    },
  })
}

/**
 * Replaces an object in one go; see {@link draftUpdate} and {@link commitUpdate}.
 * @throws StatusFault
 */
export function replaceObject(
  core: Core,
  write: Write,
  live: KubeObject,
  body: KubeObject,
): Written {
  return commitUpdate(core, write, live, draftUpdate(core, write, live, body))
}

/**
 * The first half of an update: preconditions, what no update may touch, defaults, field tracking,
 * admission in process.
 * @throws StatusFault
 */
export function draftUpdate(core: Core, write: Write, live: KubeObject, body: KubeObject): Draft {
  const { kind, subresource } = write
  checkPreconditions(write, live, body)
  const claimed = claimedMetadata(body.metadata, live.metadata)
  const bare = { ...body, metadata: systemMetadata(body.metadata, live.metadata) }
  const formed = write.conformed ? bare : conformTo(kind, bare).object
  const filled = withDefaults(kind, formed, write.tracked)
  if (Object.keys(claimed).length > 0) {
    // What is wrong beside it is told with it.
    const next = preparedForUpdate(kind, filled, { old: live, subresource, now: core.clock.now() })
    const { managedFields: _, ...metadata } = next.metadata
    const told = { ...next, metadata: { ...metadata, ...claimed } }
    refuseInvalid(kind, live.metadata.name ?? '', problemsOf(kind, told, live, subresource))
  }
  const tracked = write.tracked ? filled : trackedUpdate(core, write, live, filled)
  refuseEscalation(core, kind, write.user, tracked)
  const sent = isHeard(core) ? asSent(write, tracked, body) : tracked
  const admitted = mutatedUpdate(core, write, sent, live)
  const draft = core.admit(admitted, { operation: 'UPDATE', dryRun: write.dryRun })
  return carryEmptied(write.conformed ? body : formed, draft)
}

function trackedUpdate(core: Core, write: Write, live: KubeObject, next: KubeObject): KubeObject {
  const { kind, subresource, manager } = write
  const now = core.clock.now()
  if (subresource === 'scale') return scaleTracked(kind, next, live, { manager, now })
  return trackUpdate({
    type: typeOf(kind),
    live,
    next,
    manager,
    now,
    reset: resetFieldsOf(kind, subresource),
    ...versionsFor(core, kind),
    ...(subresource === '' ? {} : { subresource }),
  })
}

function mutatedUpdate(core: Core, write: Write, next: KubeObject, live: KubeObject): KubeObject {
  const attributes = attributesOf(write, next, live)
  if (attributes.speaks === undefined || attributes.object === undefined)
    return mutated(core, attributes, next)
  return scaled(write.kind, next, attributes.object, mutated(core, attributes, attributes.object))
}

/** Whether anybody is asked about writes who could see the difference. */
function isHeard(core: Core): boolean {
  return hasWebhooks(core) || hasPolicies(core)
}

/**
 * The second half: preparation, validation, storage. The last finalizer of an object being deleted
 * takes the object with it.
 * @throws StatusFault
 */
export function commitUpdate(core: Core, write: Write, live: KubeObject, draft: Draft): Written {
  return storeUpdated(core, write, live, preparedUpdate(core, write, live, draft))
}

/**
 * A changed object as it is to be stored, checked by its kind and by admission.
 * @throws StatusFault
 */
export function preparedUpdate(
  core: Core,
  write: Write,
  live: KubeObject,
  draft: Draft,
): KubeObject {
  const { kind, subresource } = write
  const now = core.clock.now()
  const known = { ...draft, metadata: systemMetadata(draft.metadata, live.metadata) }
  const next = preparedForUpdate(kind, known, { old: live, subresource, now })
  const prepared = subresource === '' ? allocated(core, kind, next, live) : next
  const problems = problemsIn(write, { object: prepared, draft, live })
  const own = subresource === '' ? policyProblems(kind, prepared) : []
  refuseInvalid(kind, live.metadata.name ?? '', [...problems, ...own])
  if (subresource === '') write.warnings?.push(...warningsOf(kind, prepared, live))
  refuseUnadmitted(core, attributesOf(write, prepared, live))
  return prepared
}

/** What is wrong with an object, in which what its body gave empty is printed as empty. */
function problemsIn(
  { kind, subresource }: Write,
  of: { readonly object: KubeObject; readonly draft: Draft; readonly live?: KubeObject },
): readonly StatusCause[] {
  const part = of.live === undefined ? '' : subresource
  const causes = problemsOf(kind, of.object, of.live, part)
  const whole = causes.length === 0 ? undefined : withEmptied(of.object, of.draft)
  return whole === undefined ? causes : problemsOf(kind, whole, of.live, part)
}

/** Stores a changed object, unless nothing but times would change. */
export function storeUpdated(
  core: Core,
  write: Write,
  live: KubeObject,
  prepared: KubeObject,
): Written {
  if (
    sameButTimestamps(live, prepared) &&
    (!isUnsettled(live) || isStoredSo(core, write, live, prepared))
  )
    return { object: live, created: false, removed: false }
  return storeUpdate(core, write, prepared)
}

/** Whether an object that reads otherwise than it is stored would be stored as it is. */
function isStoredSo(core: Core, write: Write, live: KubeObject, prepared: KubeObject): boolean {
  if (!isReread(live)) return false
  const { kind, namespace } = write
  const stored = core.store.get(kind.table, keyOf(kind, namespace, live.metadata.name ?? ''))
  return stored !== undefined && sameButTimestamps(stored, toStorage(prepared, kind))
}

function storeUpdate(core: Core, write: Write, next: KubeObject): Written {
  const { kind } = write
  const key = keyOf(kind, write.namespace, next.metadata.name ?? '')
  const done =
    next.metadata.deletionTimestamp !== undefined &&
    (next.metadata.finalizers ?? []).length === 0 &&
    (next.metadata.deletionGracePeriodSeconds ?? 0) === 0 &&
    !hasSpecFinalizers(next)
  if (write.dryRun) return { object: asTried(next, kind), created: false, removed: done }
  const saved = toStorage(next, kind)
  const read = done ? undefined : readBack(saved, kind)
  const before = core.store.get(kind.table, key)
  const stored = done
    ? (core.store.remove(kind.table, key) ?? saved)
    : core.store.put(kind.table, key, saved)
  if (before !== undefined) keepIdleApplies(before, stored, write.subresource)
  // What is gone is told with the revision that it last had.
  const object = read === undefined ? next : read(stored)
  return { object, created: false, removed: done }
}

/** Namespaces are kept by `spec.finalizers`. */
export function hasSpecFinalizers(object: KubeObject): boolean {
  if (object.kind !== 'Namespace' || object.apiVersion !== 'v1') return false
  const spec = object['spec'] as { readonly finalizers?: readonly string[] } | undefined
  return (spec?.finalizers ?? []).length > 0
}

function refuseInvalid(kind: Kind, name: string, causes: readonly StatusCause[]): void {
  // Events are one kind in both of their groups, and that is named.
  const named = kind.table === 'events' ? { ...kind, group: '' } : kind
  if (causes.length > 0) throw invalid(named, name, causes)
}
