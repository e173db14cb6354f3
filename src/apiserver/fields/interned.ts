import { isObject, type JsonObject, type KubeObject } from '../../object/index.ts'
import { Recent } from '../recent.ts'

/** Different parts that are kept to be shared, twice. */
const PARTS_MAX = 10_000

/** A part of `fieldsV1` that objects share. */
export interface Part {
  readonly fields: JsonObject
  /** Of parts that are the same it is the same. */
  readonly id: number
}

/** What is below a leaf, of which there are many. */
export const NOTHING: Part = { fields: Object.freeze({}), id: 0 }
const parts = new Recent<string, Part>(PARTS_MAX)
let lastId = 0

/**
 * `fieldsV1` with parts that other objects have too: most objects of a kind are owned alike, and what
 * says so is larger than what they hold.
 */
export function interned(fields: JsonObject): JsonObject {
  return partOf(fields).fields
}

function partOf(fields: JsonObject): Part {
  const keys = Object.keys(fields)
  if (keys.length === 0) return NOTHING
  const entries: [string, Part][] = []
  for (const key of keys) {
    const value = fields[key]
    const part = isObject(value) ? partOf(value) : undefined
    // What is no object does not belong here, and is left as it is.
    if (part === undefined) return { fields, id: (lastId += 1) }
    entries.push([key, part])
  }
  return internedPart(entries)
}

/** The part of these steps, in their order; there is at least one. */
function internedPart(entries: readonly (readonly [string, Part])[]): Part {
  let text = ''
  for (const [key, { id }] of entries) text += `${key}\n${id}\n`
  const known = parts.get(text)
  if (known !== undefined) return known
  lastId += 1
  const made = {
    fields: Object.fromEntries(entries.map(([key, { fields }]) => [key, fields])),
    id: lastId,
  }
  parts.set(text, made)
  return made
}

/** An object whose managedFields share what they can. */
export function withInternedFields(object: KubeObject): KubeObject {
  const { managedFields } = object.metadata
  if (managedFields === undefined) return object
  const entries = managedFields.map((entry) =>
    isObject(entry.fieldsV1) ? { ...entry, fieldsV1: interned(entry.fieldsV1) } : entry,
  )
  return { ...object, metadata: { ...object.metadata, managedFields: entries } }
}
