import { isArray, isObject, type Json, ownAt, sameJson } from '../../object/index.ts'
import type { ListType, MapType, SchemaType } from '../../schema/index.ts'
import { type Atom, atomOf, keyType } from './atom.ts'
import { type FieldSet, insert, type MutableFieldSet, newSet, setAbove } from './field-set.ts'
import { fieldElement, type PathElement } from './path-element.ts'
import { addWhole, itemsByElement } from './to-set.ts'

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
  if (before === undefined) addAll(after, type, walk.added, walk.path)
  else if (after === undefined) addAll(before, type, walk.removed, walk.path)
  else {
    const was = atomOf(type, before)
    const is = atomOf(type, after)
    if (was !== is) visit(was, before, after, type, walk)
    visit(is, before, after, type, walk)
  }
}

function addAll(
  value: Json | undefined,
  type: SchemaType,
  set: MutableFieldSet,
  path: readonly PathElement[],
): void {
  const last = path.at(-1)
  if (last !== undefined && value !== undefined) addWhole(value, type, setAbove(set, path), last)
}

/** Compares as one kind of thing. */
function visit(
  atom: Atom | undefined,
  before: Json,
  after: Json,
  type: SchemaType,
  walk: Walk,
): void {
  if (atom === 'map' && type.map !== undefined) visitMap(before, after, type.map, walk)
  else if (atom === 'list' && type.list !== undefined) visitList(before, after, type.list, walk)
  else visitLeaf(before, after, walk)
}

function visitLeaf(before: Json, after: Json, walk: Walk): void {
  if (!sameJson(before, after)) insert(walk.modified, walk.path)
}

function visitMap(before: Json, after: Json, type: MapType, walk: Walk): void {
  const left = isObject(before) ? before : {}
  const right = isObject(after) ? after : {}
  const keys = Object.keys(left)
  for (const key of Object.keys(right)) if (!Object.hasOwn(left, key)) keys.push(key)
  if (type.atomic || keys.length === 0) {
    visitLeaf(before, after, walk)
    return
  }
  for (const key of keys) {
    const inner = keyType(type, key)
    if (inner === undefined) continue
    walk.path.push(fieldElement(key))
    compare(ownAt(left, key), ownAt(right, key), inner, walk)
    walk.path.pop()
  }
}

function visitList(before: Json, after: Json, type: ListType, walk: Walk): void {
  const left = isArray(before) ? before : []
  const right = isArray(after) ? after : []
  if (!type.associative || (left.length === 0 && right.length === 0)) {
    visitLeaf(before, after, walk)
    return
  }
  const leftItems = itemsByElement(type, left)
  const rightItems = itemsByElement(type, right)
  for (const element of new Set([...leftItems.keys(), ...rightItems.keys()])) {
    walk.path.push(element)
    compareItems(leftItems.get(element) ?? [], rightItems.get(element) ?? [], type.element, walk)
    walk.path.pop()
  }
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
