import { isArray, isObject, type Json } from '../../object/index.ts'
import type { ListType, SchemaType } from '../../schema/index.ts'
import { keyType } from './atom.ts'
import { itemElement } from './path-element.ts'

const known = new WeakMap<SchemaType, boolean>()

/** Whether a type has lists somewhere whose items need a key that has no default. */
function mayMiss(type: SchemaType): boolean {
  const before = known.get(type)
  if (before !== undefined) return before
  // Types may hold themselves: what is not known yet is taken for no.
  known.set(type, false)
  const { list, map } = type
  const isKeyed = list?.associative === true && list.keys.length > 0
  const inner = [
    list?.element,
    map?.element,
    ...[...(map?.fields.values() ?? [])].map((f) => f.type),
  ]
  const found =
    isKeyed || inner.some((each) => each !== undefined && each !== type && mayMiss(each))
  known.set(type, found)
  return found
}

/** Its key has an empty text by default. */
const DEFAULTED = 'io.k8s.api.core.v1.LocalObjectReference'

/** Whether the items of a list may go without their key. */
export function isAnonymous(list: ListType): boolean {
  return list.element.name === DEFAULTED
}

/** Whether some list has an item without its key, so that items can not be told apart. */
export function hasKeyless(value: Json | undefined, type: SchemaType): boolean {
  if (type.scalar !== undefined || !mayMiss(type)) return false
  if (isArray(value)) {
    const { list } = type
    if (list === undefined || isAnonymous(list)) return false
    return value.some(
      (item) =>
        (list.associative && 'problem' in itemElement(list, item)) ||
        hasKeyless(item, list.element),
    )
  }
  const { map } = type
  if (!isObject(value) || map === undefined || map.atomic) return false
  return Object.entries(value).some(([key, item]) => {
    const inner = keyType(map, key)
    return inner !== undefined && hasKeyless(item, inner)
  })
}
