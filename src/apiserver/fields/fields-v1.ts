import { isObject, type Json, type JsonObject } from '../../object/index.ts'
import { type FieldSet, type MutableFieldSet, newSet } from './field-set.ts'
import { NOTHING } from './interned.ts'
import { compareElements, type PathElement, parseElement } from './path-element.ts'

/** Writes a set as `fieldsV1`, steps in their order, so that equal sets give equal text. */
export function encodeFields(set: FieldSet): JsonObject {
  return encode(set, false)
}

function encode(set: FieldSet, isMember: boolean): JsonObject {
  const result: Record<string, Json> = {}
  if (isMember) result['.'] = NOTHING.fields
  const elements = [...set.members]
  for (const element of set.children.keys()) if (!set.members.has(element)) elements.push(element)
  for (const element of inOrder(elements)) {
    const child = set.children.get(element)
    result[element] = child === undefined ? NOTHING.fields : encode(child, set.members.has(element))
  }
  return result
}

/** Steps in their order; plain names of fields have that of their texts. */
export function inOrder(elements: PathElement[]): PathElement[] {
  return elements.every((element) => PLAIN_FIELD.test(element))
    ? elements.sort()
    : elements.sort(compareElements)
}

const PLAIN_FIELD = /^f:[\x20-\x7e]*$/

/**
 * Reads `fieldsV1`. Steps of an unknown kind are left out.
 * @throws SyntaxError when a step can not be read
 */
export function decodeFields(fields: JsonObject): FieldSet {
  return decode(fields).set
}

function decode(fields: JsonObject): { set: MutableFieldSet; isMember: boolean } {
  const set = newSet()
  let isMember = false
  for (const [key, value] of Object.entries(fields)) {
    if (key === '.') {
      isMember = true
      continue
    }
    const element = parseElement(key)
    if (element === undefined) continue
    const below = decode(isObject(value) ? value : {})
    if (below.isMember) set.members.add(element)
    if (below.set.members.size + below.set.children.size > 0) set.children.set(element, below.set)
  }
  return { set, isMember: isMember || set.members.size + set.children.size === 0 }
}
