import { isArray, isObject, type Json, setKey } from '../../object/index.ts'
import type { ListType, MapType, SchemaType } from '../../schema/index.ts'
import { atomOf, keyType } from './atom.ts'
import { emptySet, type FieldSet, isEmptySet } from './field-set.ts'
import { fieldElement, itemElement } from './path-element.ts'

/**
 * A value without the paths of a set. What loses its last part becomes null, as upstream; the typed
 * round trip then drops it.
 * @see sigs.k8s.io/structured-merge-diff/v6 typed/remove.go (v6.3.3)
 */
export function removePaths(value: Json, set: FieldSet, type: SchemaType): Json {
  switch (atomOf(type, value)) {
    case 'map':
      return type.map === undefined ? value : removeFromMap(value, set, type.map)
    case 'list':
      return type.list === undefined ? value : removeFromList(value, set, type.list)
    default:
      return value
  }
}

function removeFromMap(value: Json, set: FieldSet, type: MapType): Json {
  if (!isObject(value) || type.atomic) return null
  const result: Record<string, Json> = {}
  let count = 0
  for (const [key, item] of Object.entries(value)) {
    const element = fieldElement(key)
    if (item === undefined || set.members.has(element)) continue
    const below = set.children.get(element) ?? emptySet
    const inner = keyType(type, key)
    const kept = isEmptySet(below) || inner === undefined ? item : removePaths(item, below, inner)
    setKey(result, key, kept)
    count++
  }
  return count === 0 ? null : result
}

function removeFromList(value: Json, set: FieldSet, type: ListType): Json {
  if (!isArray(value) || !type.associative) return null
  const kept: Json[] = []
  for (const item of value) {
    const at = itemElement(type, item)
    const element = 'element' in at ? at.element : ''
    if (set.members.has(element)) continue
    const below = set.children.get(element) ?? emptySet
    kept.push(isEmptySet(below) ? item : removePaths(item, below, type.element))
  }
  return kept.length === 0 ? null : kept
}
