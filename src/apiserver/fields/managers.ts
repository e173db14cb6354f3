import { compareText, rfc3339 } from '../../base/index.ts'
import { isObject, type JsonObject, type ManagedFieldsEntry } from '../../object/index.ts'
import { Recent } from '../recent.ts'
import { type FieldSet, union } from './field-set.ts'
import { decodeFields, encodeFields } from './fields-v1.ts'
import { interned } from './interned.ts'

/** What one manager owns, in the version that it spoke. */
export interface Owned {
  readonly set: FieldSet
  readonly apiVersion: string
  readonly applied: boolean
}

/** Owners by their identity, and when each last changed something. */
export interface Managed {
  readonly fields: Map<string, Owned>
  readonly times: Map<string, string>
}

/** Name, operation and subresource make an owner; for updates the version does, too. */
export interface ManagerName {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource?: string
}

/**
 * The identity of an owner as text.
 * @see k8s.io/apimachinery pkg/util/managedfields/internal/managedfields.go (v0.36.3)
 */
export function managerId(name: ManagerName): string {
  return JSON.stringify({
    ...(name.manager === '' ? {} : { manager: name.manager }),
    operation: name.operation,
    ...(name.operation === 'Apply' ? {} : { apiVersion: name.apiVersion }),
    ...(name.subresource ? { subresource: name.subresource } : {}),
  })
}

/** Reads `metadata.managedFields`; undefined when an entry can not be read. */
export function decodeManaged(
  entries: readonly ManagedFieldsEntry[] | undefined,
): Managed | undefined {
  const managed: Managed = { fields: new Map(), times: new Map() }
  for (const entry of entries ?? []) {
    const { operation, apiVersion = '', fieldsType, fieldsV1 } = entry
    if (operation !== 'Apply' && operation !== 'Update') return undefined
    if (apiVersion === '' || fieldsType !== 'FieldsV1') return undefined
    const id = managerId({
      manager: entry.manager ?? '',
      operation,
      apiVersion,
      ...(entry.subresource === undefined ? {} : { subresource: entry.subresource }),
    })
    const set = decoded(fieldsV1)
    if (set === undefined) return undefined
    managed.fields.set(id, { set, apiVersion, applied: operation === 'Apply' })
    if (entry.time !== undefined) managed.times.set(id, entry.time)
  }
  return managed
}

/** Sets that are kept, twice; of objects that are owned alike it is the same. */
const SETS_MAX = 2000

/** Sets that were read before: an object's entries change far less often than they are read. */
const cache = new Recent<object, FieldSet>(SETS_MAX)

function decoded(fields: JsonObject | undefined): FieldSet | undefined {
  const source = fields ?? {}
  if (!isObject(source)) return undefined
  const known = cache.get(source)
  if (known !== undefined) return known
  try {
    const set = decodeFields(source)
    cache.set(source, set)
    written.set(set, source)
    return set
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Writes `metadata.managedFields` in the API server's order; undefined when nobody owns anything. */
export function encodeManaged(managed: Managed): readonly ManagedFieldsEntry[] | undefined {
  if (managed.fields.size === 0) return undefined
  const entries = [...managed.fields].map(([id, owned]) => encodeEntry(id, owned, managed))
  return entries.sort(
    (a, b) =>
      compareText(a.operation ?? '', b.operation ?? '') ||
      seconds(a) - seconds(b) ||
      compareText(a.manager ?? '', b.manager ?? '') ||
      compareText(a.apiVersion ?? '', b.apiVersion ?? '') ||
      compareText(a.subresource ?? '', b.subresource ?? ''),
  )
}

function encodeEntry(id: string, owned: Owned, managed: Managed): ManagedFieldsEntry {
  const name = parseManagerId(id)
  return managedEntry(
    { ...name, operation: owned.applied ? 'Apply' : name.operation },
    { apiVersion: owned.apiVersion, time: managed.times.get(id), fields: encoded(owned.set) },
  )
}

/** An entry of `metadata.managedFields`. */
export function managedEntry(
  name: ManagerName,
  of: {
    readonly apiVersion: string
    readonly time: string | undefined
    readonly fields: JsonObject
  },
): ManagedFieldsEntry {
  return {
    ...(name.manager === '' ? {} : { manager: name.manager }),
    operation: name.operation,
    apiVersion: of.apiVersion,
    ...(of.time === undefined ? {} : { time: of.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: of.fields,
    ...(name.subresource === undefined ? {} : { subresource: name.subresource }),
  }
}

const written = new WeakMap<FieldSet, JsonObject>()

function encoded(set: FieldSet): JsonObject {
  const known = written.get(set)
  if (known !== undefined) return known
  const fields = interned(encodeFields(set))
  written.set(set, fields)
  // Objects that are owned alike have the same fields, and one set is enough for them.
  if (cache.get(fields) === undefined) cache.set(fields, set)
  return fields
}

function seconds(entry: ManagedFieldsEntry): number {
  return entry.time === undefined ? 0 : Math.floor(Date.parse(entry.time) / 1000)
}

/** The parts of an identity. */
export function parseManagerId(id: string): ManagerName {
  const parsed = JSON.parse(id) as Partial<ManagerName>
  return { manager: '', operation: 'Update', apiVersion: '', ...parsed }
}

/** Says who an owner is, as conflict messages do. */
export function managerText(id: string): string {
  const name = parseManagerId(id)
  const quoted = JSON.stringify(name.manager)
  const who = name.subresource
    ? `${quoted} with subresource ${JSON.stringify(name.subresource)}`
    : quoted
  return name.operation === 'Update' ? `${who} using ${name.apiVersion}` : who
}

/** The time of an entry. */
export function entryTime(ms: number): string {
  return rfc3339(ms)
}

const MOST_UPDATERS = 10

/**
 * Keeps the number of updaters bounded: the oldest are put together, version by version.
 * @see k8s.io/apimachinery pkg/util/managedfields/internal/capmanagers.go (v0.36.3)
 */
export function capUpdaters(managed: Managed): void {
  const updaters = [...managed.fields].filter(([, owned]) => !owned.applied).map(([id]) => id)
  if (updaters.length <= MOST_UPDATERS) return
  const at = (id: string): number => Math.floor(Date.parse(managed.times.get(id) ?? '') / 1000) || 0
  updaters.sort((a, b) => at(a) - at(b) || compareText(a, b))
  const firsts = new Map<string, string>()
  let count = updaters.length
  for (const id of updaters) {
    if (count <= MOST_UPDATERS) return
    const owned = managed.fields.get(id)
    if (owned === undefined) continue
    const { apiVersion } = owned
    const first = firsts.get(apiVersion)
    if (first === undefined) {
      firsts.set(apiVersion, id)
      continue
    }
    putTogether(managed, id, first)
    count--
  }
}

function putTogether(managed: Managed, id: string, first: string): void {
  const owned = managed.fields.get(id)
  if (owned === undefined) return
  const { apiVersion } = owned
  const bucket = managerId({ manager: 'ancient-changes', operation: 'Update', apiVersion })
  const start = managed.fields.get(bucket) ?? managed.fields.get(first)
  if (start === undefined) return
  if (!managed.fields.has(bucket)) managed.fields.delete(first)
  managed.fields.set(bucket, { ...owned, set: union(owned.set, start.set) })
  managed.fields.delete(id)
  const time = managed.times.get(id)
  if (time !== undefined) managed.times.set(bucket, time)
}
