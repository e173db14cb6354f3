import { isObject, type Json, type JsonObject } from '../../object/index.ts'
import { type FieldSet, type MutableFieldSet, newSet } from './field-set.ts'
import { compareElements, parseElement } from './path-element.ts'

/** Writes a set as `fieldsV1`, steps in their order, so that equal sets give equal text. */
export function encodeFields(set: FieldSet): JsonObject {
  return encode(set, false)
}

function encode(set: FieldSet, isMember: boolean): JsonObject {
  const result: Record<string, Json> = {}
  if (isMember) result['.'] = {}
  const elements = [...new Set([...set.members, ...set.children.keys()])].sort(compareElements)
  for (const element of elements) {
    const child = set.children.get(element)
    result[element] = child === undefined ? {} : encode(child, set.members.has(element))
  }
  return result
}

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
