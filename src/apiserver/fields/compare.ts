import { isArray, isObject, type Json, sameJson } from '../../object/index.ts'
import type { ListType, MapType, SchemaType } from '../../schema/index.ts'
import { type Atom, atomOf, keyType } from './atom.ts'
import { type FieldSet, insert, type MutableFieldSet, newSet } from './field-set.ts'
import { fieldElement, itemElement, type PathElement } from './path-element.ts'

/** How one value differs from another, as paths. */
export interface Comparison {
  readonly removed: FieldSet
  readonly modified: FieldSet
  readonly added: FieldSet
}

interface Walk {
  readonly removed: MutableFieldSet
  readonly modified: MutableFieldSet
  readonly added: MutableFieldSet
  readonly path: PathElement[]
}

/**
 * Compares two values of one type.
 * @see sigs.k8s.io/structured-merge-diff/v6 typed/compare.go (v6.3.3)
 */
export function compareTyped(before: Json, after: Json, type: SchemaType): Comparison {
  const walk: Walk = { removed: newSet(), modified: newSet(), added: newSet(), path: [] }
  compare(before, after, type, walk)
  return walk
}

function compare(
  before: Json | undefined,
  after: Json | undefined,
  type: SchemaType,
  walk: Walk,
): void {
  if (before === after) return
  const was = atomOf(type, before)
  const is = atomOf(type, after)
  let leaf: boolean
  if (after === undefined) leaf = visit(was, before, after, type, walk)
  else {
    if (before !== undefined && was !== is) visit(was, before, after, type, walk)
    leaf = visit(is, before, after, type, walk)
  }
  if (leaf) return
  if (before === undefined) insert(walk.added, walk.path)
  else if (after === undefined) insert(walk.removed, walk.path)
}

/** Compares as one kind of thing; true when it was compared as a whole. */
function visit(
  atom: Atom | undefined,
  before: Json | undefined,
  after: Json | undefined,
  type: SchemaType,
  walk: Walk,
): boolean {
  if (atom === 'map' && type.map !== undefined) return visitMap(before, after, type.map, walk)
  if (atom === 'list' && type.list !== undefined) return visitList(before, after, type.list, walk)
  return visitLeaf(before, after, walk)
}

function visitLeaf(before: Json | undefined, after: Json | undefined, walk: Walk): true {
  if (before === undefined) insert(walk.added, walk.path)
  else if (after === undefined) insert(walk.removed, walk.path)
  else if (!sameJson(before, after)) insert(walk.modified, walk.path)
  return true
}

function visitMap(
  before: Json | undefined,
  after: Json | undefined,
  type: MapType,
  walk: Walk,
): boolean {
  const left = isObject(before) ? before : {}
  const right = isObject(after) ? after : {}
  const bothEmpty = Object.keys(left).length === 0 && Object.keys(right).length === 0
  if (type.atomic || bothEmpty) return visitLeaf(before, after, walk)
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const inner = keyType(type, key)
    if (inner === undefined) continue
    walk.path.push(fieldElement(key))
    compare(left[key], right[key], inner, walk)
    walk.path.pop()
  }
  return false
}

function visitList(
  before: Json | undefined,
  after: Json | undefined,
  type: ListType,
  walk: Walk,
): boolean {
  const left = isArray(before) ? before : []
  const right = isArray(after) ? after : []
  if (!type.associative || (left.length === 0 && right.length === 0))
    return visitLeaf(before, after, walk)
  const leftItems = group(type, left)
  const rightItems = group(type, right)
  for (const element of new Set([...leftItems.keys(), ...rightItems.keys()])) {
    walk.path.push(element)
    compareItems(leftItems.get(element) ?? [], rightItems.get(element) ?? [], type.element, walk)
    walk.path.pop()
  }
  return false
}

/** Items that share a key can not be told apart: they are compared together, as one leaf. */
function compareItems(
  left: readonly Json[],
  right: readonly Json[],
  type: SchemaType,
  walk: Walk,
): void {
  if (left.length <= 1 && right.length <= 1) compare(left[0], right[0], type, walk)
  else if (left.length >= 2 && right.length >= 2) {
    if (!sameJson(left, right)) insert(walk.modified, walk.path)
  } else if (left.length >= 2) {
    if (right.length > 0) compare(undefined, right[0], type, walk)
    insert(walk.removed, walk.path)
  } else {
    if (left.length > 0) compare(left[0], undefined, type, walk)
    insert(walk.added, walk.path)
  }
}

function group(type: ListType, items: readonly Json[]): Map<PathElement, Json[]> {
  const groups = new Map<PathElement, Json[]>()
  for (const item of items) {
    const at = itemElement(type, item)
    if (!('element' in at)) continue
    const group = groups.get(at.element)
    if (group === undefined) groups.set(at.element, [item])
    else group.push(item)
  }
  return groups
}
