import { isFault } from '../../base/index.ts'
import {
  isObject,
  type JsonObject,
  type KubeObject,
  type ManagedFieldsEntry,
  sameJson,
} from '../../object/index.ts'
import type { SchemaType } from '../../schema/index.ts'
import { createdFields } from './created.ts'
import { union } from './field-set.ts'
import { hasKeyless } from './keyless.ts'
import {
  capUpdaters,
  decodeManaged,
  entryTime,
  type Managed,
  managedEntry,
  managerId,
} from './managers.ts'
import {
  emptyObject,
  type FieldsRequest,
  Mistyped,
  stripSystemFields,
  versionsOf,
  withEntries,
  withManaged,
  withoutManaged,
} from './request.ts'
import { ownUpdate } from './updater.ts'
import { typeProblems } from './validate.ts'

/** A create, update or patch whose outcome is known. */
export interface TrackRequest extends FieldsRequest {
  /** The object as it shall be stored, defaults included. */
  readonly next: KubeObject
}

/**
 * Writes into the object who owns what after a create, an update or a patch that is no apply. Who
 * sends managedFields changes them; who sends an empty list resets them.
 * @see k8s.io/apimachinery pkg/util/managedfields/internal/fieldmanager.go (v0.36.3)
 */
export function trackUpdate(request: TrackRequest): KubeObject {
  const { live, next } = request
  if (isMistyped(next, request.type)) return withoutManaged(next)
  const managed = startingPoint(request)
  const named = { ...request, manager: request.manager || 'unknown' }
  const created = live === undefined && managed.fields.size === 0 ? createdOwner(named) : 'long'
  if (created !== 'long' && created !== 'keyless') return withEntries(next, [created])
  // Where items can not be told apart nobody owns anything.
  if (created === 'keyless' || hasKeyless(next as unknown as JsonObject, request.type))
    return withoutManaged(next)
  // An object that nobody tracked so far is not tracked because it was updated.
  if (managed.fields.size === 0 && live !== undefined) return withManaged(next, managed)
  try {
    updateOwners(managed, named)
  } catch (error) {
    if (!(error instanceof Mistyped) && !isFault(error)) throw error
    // In the version of some owner it is no value of its type: then nobody owns anything.
    return withoutManaged(next)
  }
  return withManaged(next, managed)
}

/**
 * Whether a custom object holds what its schema has no place for: in a status that is dropped, or where
 * a format lets lists pass. Built-in kinds are brought into their form before.
 */
function isMistyped(object: KubeObject, type: SchemaType): boolean {
  if (type.name !== undefined) return false
  return typeProblems(bare(object), type, { allowDuplicates: true }).length > 0
}

/** The one owner of a new object, unless there is none; `long` where only the long way finds out. */
function createdOwner(request: TrackRequest): ManagedFieldsEntry | 'keyless' | 'long' {
  const { next, type, manager, subresource } = request
  const apiVersion = request.apiVersion ?? next.apiVersion
  const empty = emptyObject(apiVersion, next.kind, type)
  const fields = createdFields(
    bare(empty),
    next as unknown as JsonObject,
    type,
    request.reset ?? [],
  )
  if (fields === 'long' || fields === 'keyless') return fields
  return managedEntry(
    { manager, operation: 'Update', apiVersion, ...(subresource ? { subresource } : {}) },
    { apiVersion, time: entryTime(request.now), fields },
  )
}

/** Takes ownership by an update, and keeps times and the number of owners in order. */
export function updateOwners(managed: Managed, request: TrackRequest): void {
  const { next, type } = request
  const apiVersion = request.apiVersion ?? next.apiVersion
  const live = request.live ?? emptyObject(apiVersion, next.kind, type)
  const id = managerId({
    manager: request.manager,
    operation: 'Update',
    apiVersion,
    ...(request.subresource ? { subresource: request.subresource } : {}),
  })
  // Compared under a name that nobody has, so that it is seen whether this request changed anything.
  ownUpdate(bare(live), bare(next), managed.fields, SELF, versionsOf(request, apiVersion))
  stripSystemFields(managed, SELF)
  const own = managed.fields.get(SELF)
  if (own !== undefined) {
    managed.fields.delete(SELF)
    const before = managed.fields.get(id)
    const set = before === undefined ? own.set : union(own.set, before.set)
    managed.fields.set(id, { ...own, set })
    managed.times.set(id, entryTime(request.now))
  }
  capUpdaters(managed)
}

const SELF = 'current-operation'

function bare(object: KubeObject): JsonObject {
  return withoutManaged(object) as unknown as JsonObject
}

function startingPoint(request: TrackRequest): Managed {
  const { live, next } = request
  const fromLive = (): Managed =>
    decodeManaged(live?.metadata.managedFields) ?? { fields: new Map(), times: new Map() }
  if (request.subresource) return fromLive()
  const given: unknown = next.metadata.managedFields
  if (Array.isArray(given)) {
    const isReset =
      given.length === 0 ||
      (given.length === 1 && isObject(given[0]) && Object.keys(given[0]).length === 0)
    if (isReset) return { fields: new Map(), times: new Map() }
  }
  const managed = decodeManaged(next.metadata.managedFields)
  return managed === undefined || managed.fields.size === 0 ? fromLive() : managed
}

/** Says whether two objects differ in nothing but the times in their managedFields. */
export function sameButTimestamps(live: KubeObject, next: KubeObject): boolean {
  const [a, b] = [live.metadata.managedFields, next.metadata.managedFields]
  if ((a?.length ?? 0) !== (b?.length ?? 0)) return false
  const untimed = (object: KubeObject): JsonObject =>
    ({
      ...object,
      metadata: {
        ...object.metadata,
        managedFields: object.metadata.managedFields?.map((entry) => ({ ...entry, time: '' })),
      },
    }) as unknown as JsonObject
  return sameJson(untimed(live), untimed(next))
}
