import { compareText } from '../../base/index.ts'
import { type Json, type JsonObject, sameJson } from '../../object/index.ts'
import type { SchemaType } from '../../schema/index.ts'
import { type Comparison, compareTyped } from './compare.ts'
import {
  difference,
  emptySet,
  type FieldSet,
  intersection,
  isEmptySet,
  paths,
  recursiveDifference,
  union,
  withNamedFields,
} from './field-set.ts'
import type { Owned } from './managers.ts'
import { mergeTyped } from './merge.ts'
import type { PathElement } from './path-element.ts'
import { removePaths } from './remove.ts'
import { reconcileWithSchema } from './schema-change.ts'
import { fieldSetOf } from './to-set.ts'

/** What an update of ownership needs to know of versions. */
export interface Versions {
  /** The version of the request. */
  readonly apiVersion: string
  /** The type in a version; undefined when it is not served (any more). */
  typeOf(apiVersion: string): SchemaType | undefined
  /**
   * A value in a version; `what` begins the message of the failure.
   * @throws Mistyped where it is none of its type
   */
  convert(value: JsonObject, apiVersion: string, what?: string): JsonObject
  /** Paths that the request can not set, so nobody owns them by it. */
  reset(apiVersion: string): FieldSet
}

/** A field that the request wants and somebody else owns. */
export interface Conflict {
  /** Identity of the owner. */
  readonly manager: string
  readonly path: readonly PathElement[]
}

type Owners = Map<string, Owned>

/**
 * Takes ownership where an update changed something.
 * @see sigs.k8s.io/structured-merge-diff/v6 merge/update.go (v6.3.3)
 */
export function ownUpdate(
  live: JsonObject,
  next: JsonObject,
  owners: Owners,
  manager: string,
  versions: Versions,
): void {
  reconcileOwners(live, owners, versions)
  const { comparison } = takeOver(live, next, owners, manager, versions, true)
  const own = owners.get(manager)?.set ?? emptySet
  const set = recursiveDifference(
    union(union(difference(own, comparison.removed), comparison.modified), comparison.added),
    versions.reset(versions.apiVersion),
  )
  if (isEmptySet(set)) owners.delete(manager)
  else owners.set(manager, { set, apiVersion: versions.apiVersion, applied: false })
}

/** What an apply made: the merged value, or the conflicts that forbid it. */
export type Applied =
  | { readonly conflicts: readonly Conflict[] }
  /** `value` is undefined when the live value already is what was asked for. */
  | { readonly value: JsonObject | undefined }

/**
 * Merges what is applied into the live value, takes away what the manager gave up and nobody else
 * owns, and takes ownership.
 * @see sigs.k8s.io/structured-merge-diff/v6 merge/update.go (v6.3.3)
 */
export function ownApply(
  live: JsonObject,
  applied: JsonObject,
  owners: Owners,
  manager: string,
  versions: Versions,
  force: boolean,
): Applied {
  reconcileOwners(live, owners, versions)
  const { apiVersion } = versions
  const type = versions.typeOf(apiVersion)
  if (type === undefined) return { value: undefined }
  const merged = (mergeTyped(live, applied, type) ?? {}) as JsonObject
  const last = owners.get(manager)
  const set = recursiveDifference(fieldSetOf(applied, type), versions.reset(apiVersion))
  const now: Owned = { set, apiVersion, applied: true }
  owners.set(manager, now)
  const next = last === undefined ? merged : prune(merged, owners, { last, now }, versions)
  const { conflicts } = takeOver(live, next, owners, manager, versions, force)
  if (conflicts.length > 0) return { conflicts }
  return { value: sameJson(live, next) ? undefined : next }
}

/** Entries of versions that are gone are dropped; the others follow what became of their schema. */
function reconcileOwners(live: JsonObject, owners: Owners, versions: Versions): void {
  for (const [id, owned] of owners) {
    const type = versions.typeOf(owned.apiVersion)
    if (type === undefined) owners.delete(id)
    else {
      versions.convert(live, owned.apiVersion)
      const set = reconcileWithSchema(owned.set, type)
      if (set !== owned.set) owners.set(id, { ...owned, set })
    }
  }
}

function takeOver(
  live: JsonObject,
  next: JsonObject,
  owners: Owners,
  manager: string,
  versions: Versions,
  force: boolean,
): { readonly comparison: Comparison; readonly conflicts: readonly Conflict[] } {
  const compared = new Map<string, Comparison>()
  const comparisonAt = (apiVersion: string): Comparison | undefined => {
    const known = compared.get(apiVersion)
    if (known !== undefined) return known
    const type = versions.typeOf(apiVersion)
    if (type === undefined) return undefined
    const before = versions.convert(live, apiVersion, 'failed to convert old object: ')
    const after = versions.convert(next, apiVersion, 'failed to convert new object: ')
    const fresh = without(compareTyped(before, after, type), versions.reset(apiVersion))
    compared.set(apiVersion, fresh)
    return fresh
  }
  const lost = new Map<string, FieldSet>()
  for (const [id, owned] of owners) {
    if (id === manager) continue
    const comparison = comparisonAt(owned.apiVersion)
    if (comparison === undefined) {
      owners.delete(id)
      continue
    }
    lost.set(id, intersection(owned.set, union(comparison.modified, comparison.added)))
  }
  const conflicts = [...lost]
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([id, set]) => [...paths(set)].map((path) => ({ manager: id, path })))
  const comparison = comparisonAt(versions.apiVersion) ?? NO_CHANGE
  if (!force && conflicts.length > 0) return { comparison, conflicts }
  for (const [id, set] of lost) {
    const owned = owners.get(id)
    if (owned === undefined) continue
    const removed = comparisonAt(owned.apiVersion)?.removed ?? emptySet
    const left = difference(difference(owned.set, set), removed)
    owners.set(id, { ...owned, set: left })
  }
  for (const [id, owned] of owners) if (isEmptySet(owned.set)) owners.delete(id)
  return { comparison, conflicts: [] }
}

const NO_CHANGE: Comparison = { removed: emptySet, modified: emptySet, added: emptySet }

function without(comparison: Comparison, reset: FieldSet): Comparison {
  return {
    removed: recursiveDifference(comparison.removed, reset),
    modified: recursiveDifference(comparison.modified, reset),
    added: recursiveDifference(comparison.added, reset),
  }
}

const PRUNING = 'failed to prune fields: '

function failing(what: 'merged' | 'pruned', apiVersion: string): string {
  return `${PRUNING}failed add back owned items: failed to convert ${what} object at version ${apiVersion}: `
}

/** Takes away what the manager's last apply had, this one lacks, and nobody else owns. */
function prune(
  given: JsonObject,
  owners: Owners,
  { last, now }: { readonly last: Owned; readonly now: Owned },
  versions: Versions,
): JsonObject {
  const type = versions.typeOf(last.apiVersion)
  if (type === undefined || isEmptySet(last.set)) return given
  // Who gives nothing up takes nothing away; most applies are so.
  if (last.apiVersion === now.apiVersion && isEmptySet(difference(last.set, now.set))) return given
  const merged = versions.convert(
    given,
    last.apiVersion,
    `${PRUNING}failed to convert merged object to last applied version: `,
  )
  const lastSet = withNamedFields(last.set, type)
  let pruned = removePaths(merged, lastSet, type)
  const byVersion = new Map<string, FieldSet>()
  for (const owned of owners.values())
    byVersion.set(owned.apiVersion, union(byVersion.get(owned.apiVersion) ?? emptySet, owned.set))
  const order = [...byVersion].sort(([a], [b]) => rank(a, last) - rank(b, last))
  for (const [apiVersion, owned] of order) {
    const at = versions.typeOf(apiVersion)
    if (at === undefined) continue
    const [whole, less] = [
      versions.convert(merged, apiVersion, failing('merged', apiVersion)),
      versions.convert(pruned as JsonObject, apiVersion, failing('pruned', apiVersion)),
    ]
    pruned = addBackOwned(whole, less, owned, at)
  }
  const dangling = `${PRUNING}failed add back dangling items: failed to convert pruned object to last applied version: `
  pruned = versions.convert(pruned as JsonObject, last.apiVersion, dangling)
  const mergedSet = withNamedFields(fieldSetOf(merged, type), type)
  const prunedSet = withNamedFields(fieldSetOf(pruned, type), type)
  const taken = intersection(difference(mergedSet, prunedSet), lastSet)
  return versions.convert(removePaths(merged, taken, type) as JsonObject, now.apiVersion, PRUNING)
}

function rank(apiVersion: string, last: Owned): number {
  return apiVersion === last.apiVersion ? 0 : 1
}

function addBackOwned(merged: Json, pruned: Json, owned: FieldSet, type: SchemaType): Json {
  const mergedSet = withNamedFields(fieldSetOf(merged, type), type)
  const prunedSet = withNamedFields(fieldSetOf(pruned, type), type)
  const kept = union(prunedSet, withNamedFields(owned, type))
  return removePaths(merged, difference(mergedSet, kept), type)
}
