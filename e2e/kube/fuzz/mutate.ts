import { isArray, isObject, type Json, type JsonObject } from '../../../src/object/index.ts'
import { builtinType, type SchemaType } from '../../../src/schema/index.ts'
import { type Draw, valueFor } from './values.ts'

/** A place in an object: keys and indexes from the top, and what may stand there. */
export interface Spot {
  readonly path: readonly (string | number)[]
  readonly type: SchemaType
  readonly has: boolean
}

const UNTOUCHED = new Set(['apiVersion', 'kind', 'managedFields', 'uid', 'resourceVersion'])
const METADATA = new Set([
  'name',
  'labels',
  'annotations',
  'finalizers',
  'ownerReferences',
  'generateName',
])

/** All places of an object that a mutation may take, those of absent fields included. */
export function spotsOf(value: Json, type: SchemaType, path: Spot['path'] = []): Spot[] {
  if (isArray(value)) {
    const element = type.list?.element
    if (element === undefined) return []
    return value.flatMap((item, i) => [
      { path: [...path, i], type: element, has: true },
      ...spotsOf(item, element, [...path, i]),
    ])
  }
  if (!isObject(value) || type.map === undefined) return []
  const { fields, element } = type.map
  const named = [...fields]
    .filter(([name]) => isTouched(path, name))
    .flatMap(([name, field]): Spot[] => {
      const found = value[name]
      const at = [...path, name]
      const own = { path: at, type: field.type, has: found !== undefined }
      return found === undefined ? [own] : [own, ...spotsOf(found, field.type, at)]
    })
  if (element === undefined) return named
  const keyed = Object.entries(value)
    .filter(([key]) => !fields.has(key))
    .flatMap(([key, item]): Spot[] => [
      { path: [...path, key], type: element, has: true },
      ...spotsOf(item ?? null, element, [...path, key]),
    ])
  return [...named, ...keyed]
}

function isTouched(path: Spot['path'], name: string): boolean {
  if (path.length === 0) return !UNTOUCHED.has(name)
  if (path.length === 1 && path[0] === 'metadata') return METADATA.has(name)
  return true
}

/** One change at one place; a value of undefined: the place is emptied. */
export interface Change {
  readonly path: Spot['path']
  readonly value: Json | undefined
}

/** Draws a change of an object of a built-in kind. */
export function drawChange(draw: Draw, object: JsonObject, type: SchemaType): Change {
  const spots = spotsOf(object, type)
  // What is there is changed more often than what is absent is added: there is far more absent.
  const there = spots.filter((spot) => spot.has)
  const spot = draw.of(draw.below(3) > 0 && there.length > 0 ? there : spots)
  const { path } = spot
  const found = valueAtPath(object, path)
  const name = String(path.findLast((part) => typeof part === 'string') ?? '')
  const kind = draw.below(12)
  if (kind === 0 && path[0] !== 'metadata')
    return { path: [...path.slice(0, -1), 'bogus'], value: 'x' }
  if (spot.has && kind <= 3 && path.join() !== 'metadata') return { path, value: undefined }
  if (isArray(found) && kind === 4 && found.length > 0)
    return { path, value: [...found, found[0] ?? null] }
  return { path, value: valueFor(draw, spot.type, name) }
}

function valueAtPath(value: Json, path: Spot['path']): Json | undefined {
  let found: Json | undefined = value
  for (const part of path)
    found = isArray(found) ? found[Number(part)] : isObject(found) ? found[String(part)] : undefined
  return found
}

/** A copy of a value with changes made in it. */
export function changed(value: Json, changes: readonly Change[]): Json {
  let result = value
  for (const { path, value: next } of changes) result = put(result, path, next)
  return result
}

function put(value: Json, path: Spot['path'], next: Json | undefined): Json {
  const [part, ...rest] = path
  if (part === undefined) return next ?? null
  if (isArray(value)) {
    const i = Number(part)
    if (rest.length > 0) return value.map((item, at) => (at === i ? put(item, rest, next) : item))
    if (next === undefined) return value.filter((_, at) => at !== i)
    return value.map((item, at) => (at === i ? next : item))
  }
  if (!isObject(value)) return value
  const key = String(part)
  if (rest.length > 0) return { ...value, [key]: put(value[key] ?? {}, rest, next) }
  const { [key]: _, ...others } = value
  return next === undefined ? others : { ...value, [key]: next }
}

/** The type of an object that names its kind. */
export function typeOfObject(object: JsonObject): SchemaType {
  const [group = '', version] = String(object['apiVersion']).includes('/')
    ? String(object['apiVersion']).split('/')
    : ['', String(object['apiVersion'])]
  const type = builtinType({ group, version: version ?? '', kind: String(object['kind']) })
  if (type === undefined) throw new Error(`no type of ${String(object['kind'])}`)
  return type
}
