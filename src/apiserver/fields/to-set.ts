import { isArray, isObject, type Json } from '../../object/index.ts'
import type { ListType, MapType, SchemaType } from '../../schema/index.ts'
import { atomOf, keyType } from './atom.ts'
import { attach, emptySet, type FieldSet, type MutableFieldSet, newSet } from './field-set.ts'
import { fieldElement, itemElement, type PathElement } from './path-element.ts'

const ROOT: PathElement = ''

/**
 * The paths that a value sets: its leaves, the items of its lists, the keys of its maps.
 * @see sigs.k8s.io/structured-merge-diff/v6 typed/tofieldset.go (v6.3.3)
 */
export function fieldSetOf(value: Json, type: SchemaType): FieldSet {
  const above = newSet()
  visit(value, type, above, ROOT)
  return above.children.get(ROOT) ?? emptySet
}

/** Adds the step itself where it is a leaf, and what is below it. */
function visit(value: Json, type: SchemaType, above: MutableFieldSet, step: PathElement): void {
  switch (atomOf(type, value)) {
    case 'map':
      if (type.map !== undefined) visitMap(value, type.map, above, step)
      return
    case 'list':
      if (type.list !== undefined) visitList(value, type.list, above, step)
      return
    default:
      above.members.add(step)
  }
}

function visitMap(value: Json, type: MapType, above: MutableFieldSet, step: PathElement): void {
  if (type.atomic) above.members.add(step)
  if (type.atomic || !isObject(value)) return
  const set = newSet()
  for (const key of Object.keys(value)) {
    const item = value[key]
    const inner = keyType(type, key)
    if (inner === undefined || item === undefined) continue
    const element = fieldElement(key)
    visit(item, inner, set, element)
    const isLeaf = item === null || (isObject(item) && Object.keys(item).length === 0)
    if (isLeaf || !type.fields.has(key)) set.members.add(element)
  }
  attach(above, step, set)
}

function visitList(value: Json, type: ListType, above: MutableFieldSet, step: PathElement): void {
  if (!type.associative) above.members.add(step)
  if (!type.associative || !isArray(value)) return
  const set = newSet()
  for (const [element, items] of itemsByElement(type, value)) {
    const [item] = items
    // Of items that share a key only the place is owned, since nobody can tell them apart.
    if (items.length === 1 && item !== undefined) visit(item, type.element, set, element)
    set.members.add(element)
  }
  attach(above, step, set)
}

/** The items of an associative list by the step that leads to them; those without a key are left out. */
export function itemsByElement(
  type: ListType,
  items: readonly Json[],
): ReadonlyMap<PathElement, readonly Json[]> {
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

/**
 * Adds all paths of a value that is there as a whole: leaves, items, and every field on the way.
 * @see sigs.k8s.io/structured-merge-diff/v6 typed/compare.go (v6.3.3), of one value against none
 */
export function addWhole(
  value: Json,
  type: SchemaType,
  above: MutableFieldSet,
  step: PathElement,
): void {
  above.members.add(step)
  const atom = atomOf(type, value)
  const set = newSet()
  if (atom === 'map' && type.map?.atomic === false && isObject(value))
    for (const key of Object.keys(value)) {
      const item = value[key]
      const inner = keyType(type.map, key)
      if (inner !== undefined && item !== undefined) addWhole(item, inner, set, fieldElement(key))
    }
  if (atom === 'list' && type.list?.associative === true && isArray(value))
    for (const [element, items] of itemsByElement(type.list, value)) {
      const [item] = items
      if (items.length === 1 && item !== undefined) addWhole(item, type.list.element, set, element)
      else set.members.add(element)
    }
  attach(above, step, set)
}
