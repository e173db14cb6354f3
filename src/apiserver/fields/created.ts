import { isArray, isObject, type Json, type JsonObject, sameJson } from '../../object/index.ts'
import type { ListType, MapType, SchemaType } from '../../schema/index.ts'
import { Recent } from '../recent.ts'
import { atomOf } from './atom.ts'
import { inOrder } from './fields-v1.ts'
import { interned } from './interned.ts'
import { hasKeyless, isAnonymous } from './keyless.ts'
import { fieldElement, itemElement, type PathElement } from './path-element.ts'
import { isSystemField } from './request.ts'

/** Ends a walk that does not lead to what is owned; see {@link createdFields}. */
class Stop extends Error {
  readonly why: 'long' | 'keyless'

  constructor(why: 'long' | 'keyless') {
    super(why)
    this.why = why
  }
}

/**
 * What whoever creates an object owns, as `fieldsV1`: what {@link ownUpdate} finds when there is nobody
 * else and nothing before, in one walk and at a fraction of its work, since most writes are creations.
 * The walk writes text, and what is the same text for many objects is read once.
 *
 * `empty` stands for the object before; `reset` are the fields that a creation can not set. `keyless`
 * is what {@link hasKeyless} says; `long`: this short way does not lead there, or nothing is owned.
 */
export function createdFields(
  empty: JsonObject,
  next: JsonObject,
  type: SchemaType,
  reset: readonly (readonly string[])[],
): JsonObject | 'keyless' | 'long' {
  const { map } = type
  if (map === undefined || map.atomic || reset.some((path) => path.length > 1)) return 'long'
  try {
    const text = topText(empty, next, map, (key) => reset.some(([name]) => name === key))
    return text === '' ? 'long' : fieldsOf(text)
  } catch (error) {
    if (error instanceof Stop) return error.why
    throw error
  }
}

/** Letters of the texts that are kept, twice. */
const TEXTS_MAX = 1_000_000
const texts = new Recent<string, JsonObject>(TEXTS_MAX)

function fieldsOf(text: string): JsonObject {
  const known = texts.get(text)
  if (known !== undefined) return known
  const fields = interned(JSON.parse(text) as JsonObject)
  texts.set(text, fields, text.length)
  return fields
}

function topText(
  empty: JsonObject,
  next: JsonObject,
  type: MapType,
  isReset: (key: string) => boolean,
): string {
  let inside = ''
  const keys = sortedKeys(next, type)
  for (let i = 0; i < keys.length; i += 1) {
    const key = keys[i] ?? ''
    const way = wayTo(type, key)
    const before = empty[key]
    const after = next[key]
    if (way === undefined || after === undefined || isSystemField(key, 'object')) continue
    if (isReset(key)) refuseKeyless(after, way.type)
    else
      inside = withStep(
        inside,
        way.step,
        key === 'metadata'
          ? metadataText(before, after, way.type)
          : changed(before, after, way.type),
      )
  }
  return around(inside)
}

/** Metadata itself and what the system sets in it are nobody's. */
function metadataText(before: Json | undefined, after: Json, type: SchemaType): string {
  if (type.map === undefined || !isObject(after)) throw new Stop('long')
  const was = isObject(before) ? before : {}
  return changedFields(was, after, type.map, (key) => isSystemField(key, 'metadata'))
}

const nothingLeftOut = (): boolean => false

function changedFields(
  before: JsonObject,
  after: JsonObject,
  type: MapType,
  isLeftOut: (key: string) => boolean,
): string {
  let inside = ''
  const keys = sortedKeys(after, type)
  for (let i = 0; i < keys.length; i += 1) {
    const key = keys[i] ?? ''
    const way = wayTo(type, key)
    const value = after[key]
    if (way === undefined || value === undefined || isLeftOut(key)) continue
    inside = withStep(inside, way.step, changed(before[key], value, way.type))
  }
  return around(inside)
}

/** What differs from what stands for nothing, whose maps and lists are all empty; '': nothing. */
function changed(before: Json | undefined, after: Json, type: SchemaType): string {
  if (before === undefined) return whole(after, type)
  if (before === after) return ''
  const atom = atomOf(type, after)
  if (atomOf(type, before) !== atom) throw new Stop('long')
  if (atom === 'map' && type.map !== undefined) {
    const was = isObject(before) ? before : {}
    const is = isObject(after) ? after : {}
    const isEmpty = Object.keys(is).length === 0 && Object.keys(was).length === 0
    if (type.map.atomic || isEmpty) return changedLeaf(before, after)
    return changedFields(was, is, type.map, nothingLeftOut)
  }
  const { list } = type
  if (atom !== 'list' || list?.associative !== true || !isArray(after) || after.length === 0) {
    refuseKeyless(after, type)
    return changedLeaf(before, after)
  }
  if (isArray(before) && before.length > 0) throw new Stop('long')
  return around(items(after, list))
}

function changedLeaf(before: Json, after: Json): string {
  return sameJson(before, after) ? '' : LEAF
}

const LEAF = '{}'
const MEMBER = '".":{}'

/** All of a value: itself and what is below. */
function whole(value: Json, type: SchemaType): string {
  if (typeof value !== 'object') return LEAF
  const atom = atomOf(type, value)
  if (atom === 'map' && type.map?.atomic === false && isObject(value))
    return member(fields(value, type.map))
  if (atom === 'list' && type.list !== undefined && isArray(value)) {
    if (type.list.associative) return member(items(value, type.list))
    refuseKeyless(value, type)
  }
  return LEAF
}

function fields(value: JsonObject, type: MapType): string {
  let inside = ''
  const keys = sortedKeys(value, type)
  for (let i = 0; i < keys.length; i += 1) {
    const key = keys[i] ?? ''
    const way = wayTo(type, key)
    const item = value[key]
    if (way !== undefined && item !== undefined)
      inside = withStep(inside, way.step, whole(item, way.type))
  }
  return inside
}

function items(values: readonly Json[], list: ListType): string {
  const found = new Map<PathElement, string>()
  for (const item of values) {
    const at = itemElement(list, item)
    if ('problem' in at) {
      if (!isAnonymous(list)) throw new Stop('keyless')
    } else if (found.has(at.element)) {
      refuseKeyless(item, list.element)
      found.set(at.element, LEAF)
    } else found.set(at.element, whole(item, list.element))
  }
  let inside = ''
  for (const element of inOrder([...found.keys()]))
    inside = withStep(inside, JSON.stringify(element), found.get(element) ?? LEAF)
  return inside
}

/** What no step leads into may yet have items that can not be told apart. */
function refuseKeyless(value: Json, type: SchemaType): void {
  if (hasKeyless(value, type)) throw new Stop('keyless')
}

/** The step to a key and the type of what is there. */
interface Way {
  readonly step: string
  readonly type: SchemaType
}

/** The fields of a struct are few, and the same for all objects. */
const ways = new WeakMap<MapType, Map<string, Way>>()

/** Undefined when the map has no such key. */
function wayTo(map: MapType, key: string): Way | undefined {
  const known = ways.get(map)
  const found = known?.get(key)
  if (found !== undefined) return found
  const field = map.fields.get(key)
  if (field === undefined)
    return map.element === undefined ? undefined : { step: stepTo(key), type: map.element }
  const made = { step: stepTo(key), type: field.type }
  if (known === undefined) ways.set(map, new Map([[key, made]]))
  else known.set(key, made)
  return made
}

function stepTo(key: string): string {
  return PLAIN.test(key) ? `"f:${key}"` : JSON.stringify(fieldElement(key))
}

const PLAIN = /^[\w./-]*$/

/** One step more, unless nothing below it is owned. */
function withStep(inside: string, step: string, below: string): string {
  if (below === '') return inside
  return inside === '' ? `${step}:${below}` : `${inside},${step}:${below}`
}

function member(inside: string): string {
  return inside === '' ? LEAF : `{${MEMBER},${inside}}`
}

function around(inside: string): string {
  return inside === '' ? '' : `{${inside}}`
}

/**
 * In the order of code points, which is that of UTF-16 where there is nothing beyond its first plane;
 * the fields of a struct are plain, and what is none of them is not looked at.
 */
function sortedKeys(value: JsonObject, type: MapType): string[] {
  const keys = Object.keys(value).sort()
  if (type.element !== undefined && keys.some((key) => SURROGATE.test(key))) throw new Stop('long')
  return keys
}

const SURROGATE = /[\ud800-\udfff]/
