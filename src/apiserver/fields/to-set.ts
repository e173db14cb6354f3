import { isArray, isObject, type Json } from '../../object/index.ts'
import type { ListType, MapType, SchemaType } from '../../schema/index.ts'
import { atomOf, keyType } from './atom.ts'
import { type FieldSet, insert, type MutableFieldSet, newSet } from './field-set.ts'
import { fieldElement, itemElement, type PathElement } from './path-element.ts'

/**
 * The paths that a value sets: its leaves, the items of its lists, the keys of its maps.
 * @see sigs.k8s.io/structured-merge-diff/v6 typed/tofieldset.go (v6.3.3)
 */
export function fieldSetOf(value: Json, type: SchemaType): FieldSet {
  const set = newSet()
  visit(value, type, [], set)
  return set
}

function visit(value: Json, type: SchemaType, path: PathElement[], set: MutableFieldSet): void {
  switch (atomOf(type, value)) {
    case 'map':
      if (type.map !== undefined) visitMap(value, type.map, path, set)
      return
    case 'list':
      if (type.list !== undefined) visitList(value, type.list, path, set)
      return
    default:
      insert(set, path)
  }
}

function visitMap(value: Json, type: MapType, path: PathElement[], set: MutableFieldSet): void {
  if (type.atomic) insert(set, path)
  if (type.atomic || !isObject(value)) return
  for (const [key, item] of Object.entries(value)) {
    const inner = keyType(type, key)
    if (inner === undefined || item === undefined) continue
    path.push(fieldElement(key))
    visit(item, inner, path, set)
    const isLeaf = item === null || (isObject(item) && Object.keys(item).length === 0)
    if (isLeaf || !type.fields.has(key)) insert(set, path)
    path.pop()
  }
}

function visitList(value: Json, type: ListType, path: PathElement[], set: MutableFieldSet): void {
  if (!type.associative) insert(set, path)
  if (!type.associative || !isArray(value)) return
  const elements = value.map((item) => {
    const at = itemElement(type, item)
    return 'element' in at ? at.element : undefined
  })
  const counts = new Map<PathElement | undefined, number>()
  for (const element of elements) counts.set(element, (counts.get(element) ?? 0) + 1)
  for (const [i, element] of elements.entries()) {
    const item = value[i]
    if (element === undefined || item === undefined) continue
    path.push(element)
    // Of items that share a key only the place is owned, since nobody can tell them apart.
    if (counts.get(element) === 1) visit(item, type.element, path, set)
    insert(set, path)
    path.pop()
  }
}
