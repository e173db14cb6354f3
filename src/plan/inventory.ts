import type { InventoryEntry } from '../api/index.ts'
import { gvkOf, idOf, type KubeObject, type ObjectId } from '../object/index.ts'
import { compareApplyOrder } from './order.ts'

/** Kinds whose names may hold colons, which an inventory id writes as two underscores. */
const COLON_KINDS: ReadonlySet<string> = new Set([
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
])

/** An object of an inventory: its id, and the version that it was applied with. */
export interface TrackedObject extends ObjectId {
  readonly version: string
}

/** The inventory id of an object: `<namespace>_<name>_<group>_<kind>`. */
export function inventoryId(id: ObjectId): string {
  const name = COLON_KINDS.has(id.kind) ? id.name.replaceAll(':', '__') : id.name
  return `${id.namespace}_${name}_${id.group}_${id.kind}`
}

/** The inventory entry of an object. */
export function entryOf(object: KubeObject): InventoryEntry {
  return { id: inventoryId(idOf(object)), v: gvkOf(object).version }
}

/**
 * Reads an inventory entry back; undefined when the id has not the form of one.
 * @see fluxcd/cli-utils pkg/object/objmetadata.go ParseObjMetadata
 */
export function parseEntry(entry: InventoryEntry): TrackedObject | undefined {
  const match = /^([^_]*)_(.*)_([^_]*)_([^_]+)$/s.exec(entry.id)
  if (match === null) return undefined
  const [, namespace = '', rawName = '', group = '', kind = ''] = match
  const name = COLON_KINDS.has(kind) ? rawName.replaceAll('__', ':') : rawName
  return name === '' ? undefined : { namespace, name, group, kind, version: entry.v }
}

/** The objects of an inventory; entries that can not be read are left out. */
export function trackedObjects(entries: readonly InventoryEntry[]): readonly TrackedObject[] {
  return entries.flatMap((entry) => parseEntry(entry) ?? [])
}

/**
 * What the old inventory holds and the new one does not, in the order in which it is deleted: the
 * reverse of the apply order. Versions do not count.
 */
export function staleObjects(
  old: readonly InventoryEntry[],
  next: readonly InventoryEntry[],
): readonly TrackedObject[] {
  const kept = new Set(next.map(({ id }) => id))
  return inDeletionOrder(trackedObjects(old.filter(({ id }) => !kept.has(id))))
}

/** Objects in the order in which they are deleted. */
export function inDeletionOrder(objects: readonly TrackedObject[]): readonly TrackedObject[] {
  return [...objects].sort((a, b) => compareApplyOrder(b, a))
}

/**
 * Both inventories in one, without repeats: what the status holds while the change from one to the
 * other is under way, so that no object that was created is ever in none.
 */
export function widenInventory(
  old: readonly InventoryEntry[],
  next: readonly InventoryEntry[],
): readonly InventoryEntry[] {
  const known = new Set(old.map(({ id }) => id))
  return [...old, ...next.filter(({ id }) => !known.has(id))]
}

/** An inventory with the objects put back that could not be deleted. */
export function keepSurvivors(
  next: readonly InventoryEntry[],
  survivors: readonly TrackedObject[],
): readonly InventoryEntry[] {
  return widenInventory(
    next,
    survivors.map((object) => ({ id: inventoryId(object), v: object.version })),
  )
}
