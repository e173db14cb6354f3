import { conformScalar, restoredFrom, zeroOf } from './conform-scalar.ts'
import { isList, isMap, type JsonMap, type JsonValue } from './json.ts'
import { builtinType } from './lookup.ts'
import { type OwnRead, readOwn } from './own-reader.ts'
import { fieldOf, goTypeAt, type Mismatch, pathOf, type Spot, stepsTo, told } from './spot.ts'
import { emptyStruct, inPlaces, type PlannedField, planOf } from './struct-plan.ts'
import type { MapType, SchemaType } from './type.ts'

/** What the typed round trip made of an object. */
export interface Conformed {
  /** The object as Go would write it; where there are mismatches, those values as they were. */
  readonly object: JsonMap
  /** Paths of fields that the type does not have (`spec.foo`, `spec.ports[0].bar`); dropped. */
  readonly unknown: readonly string[]
  /** Values that the type cannot hold. */
  readonly mismatches: readonly Mismatch[]
  readonly emptied: readonly Emptied[]
}

/** A list or map that was given without anything in it, and is not written. */
export interface Emptied {
  readonly steps: readonly (string | number)[]
  readonly value: JsonValue
}

interface Walk {
  readonly emptied: Emptied[]
  readonly unknown: string[]
  readonly mismatches: Mismatch[]
}

/** A spot that is used again for each step below another one, so that a walk makes few of them. */
interface Below extends Spot {
  step: string | number | undefined
  inner: SchemaType | undefined
}

function below(at: Spot, isKey: boolean): Below {
  return { up: at, step: '', struct: at.inner ?? at.struct, inner: undefined, isKey }
}

/**
 * Reads an object into the Go type of its kind and writes it again, without Go: unknown fields and
 * nulls fall away, empty values of `omitempty` fields too, structs that are always written appear,
 * quantities and times become canonical. Objects of kinds that are not built in come back as they are,
 * and so does every part that has its form already: the same value, not a copy.
 */
export function conform(object: JsonMap, given?: SchemaType): Conformed {
  const type = given ?? builtinType(kindOf(object))
  if (type === undefined) return { object, unknown: [], mismatches: [], emptied: [] }
  const walk: Walk = { unknown: [], mismatches: [], emptied: [] }
  const top: Below = { step: undefined, struct: type, inner: undefined }
  const result = conformValue(object, type, top, walk)
  return {
    object: isMap(result) ? result : object,
    unknown: walk.unknown,
    mismatches: walk.mismatches,
    emptied: walk.emptied,
  }
}

function kindOf(object: JsonMap): { group: string; version: string; kind: string } {
  const apiVersion = String(object['apiVersion'] ?? '')
  const slash = apiVersion.indexOf('/')
  return {
    group: slash < 0 ? '' : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    kind: String(object['kind'] ?? ''),
  }
}

function conformValue(value: JsonValue, type: SchemaType, at: Below, walk: Walk): JsonValue {
  // Plain text, which most of an object is, has no other form.
  if (typeof value === 'string' && type.scalar === 'string' && type.format === undefined)
    return value
  if (type.scalar === 'untyped' && type.name !== undefined) {
    const own = readOwn(value, type.name)
    if (own !== undefined) return ownValue(own, value, at, walk)
  }
  if (type.scalar !== undefined) return conformScalar(value, type, at, walk.mismatches)
  if (type.list !== undefined) {
    if (value === null) return null
    return isList(value)
      ? conformList(value, type.list.element, at, walk)
      : mismatch(value, type, at, walk)
  }
  if (type.map === undefined || value === null) return value
  // What Go keeps raw (RawExtension, FieldsV1) holds anything.
  if (!isMap(value)) return isOpen(type.map.element) ? value : mismatch(value, type, at, walk)
  if (type.name !== undefined) at.inner = type
  return type.map.fields.size > 0
    ? conformStruct(value, type.map, at, walk)
    : conformMap(value, type.map, at, walk)
}

function ownValue(own: OwnRead, given: JsonValue, at: Below, walk: Walk): JsonValue {
  const stop = (found: Pick<Mismatch, 'message' | 'restoring'>): void => {
    walk.mismatches.push({ ...found, path: pathOf(at), isLast: true })
  }
  if (!('as' in own)) {
    if (own.problem !== undefined) stop({ message: own.problem, restoring: own.problem })
    return own.value
  }
  const inner: Walk = { unknown: [], mismatches: [], emptied: [] }
  const value = conformValue(given, own.as, at, inner)
  const wrong = told(inner.mismatches)
  if (wrong !== undefined) {
    // The struct is that which holds what reads itself; converted, only what is within is told.
    const message = wrong.message.replace(STRUCT, `Go struct field ${structName(at)}.`)
    const alone = isMap(given) ? told(conform(given, own.as).mismatches) : undefined
    stop({ message, restoring: (alone ?? wrong).message })
  }
  return isList(value) && value.length === 0 ? null : value
}

const STRUCT = /Go struct field \w+\./

function structName(at: Spot): string {
  return at.struct.name?.split('.').at(-1) ?? ''
}

function isOpen(element: SchemaType | undefined): boolean {
  return element?.scalar === 'untyped' && element.format === undefined
}

function conformList(
  list: readonly JsonValue[],
  element: SchemaType,
  at: Spot,
  walk: Walk,
): readonly JsonValue[] {
  const inside = below(at, false)
  let changed: JsonValue[] | undefined
  for (let i = 0; i < list.length; i += 1) {
    const item = list[i] ?? null
    inside.step = i
    inside.inner = undefined
    const conformed =
      item === null ? zeroOf(element, emptyStruct) : conformValue(item, element, inside, walk)
    if (conformed !== item) changed ??= list.slice(0, i)
    changed?.push(conformed)
  }
  return changed ?? list
}

function conformStruct(value: JsonMap, type: MapType, at: Spot, walk: Walk): JsonMap {
  const plan = planOf(type)
  const inside = below(at, false)
  const placed: (JsonValue | undefined)[] = []
  let isSame = true
  let last = -1
  // In the order of the document, so that what is wrong is told in that order.
  const keys = Object.keys(value)
  for (let i = 0; i < keys.length; i += 1) {
    const key = keys[i] ?? ''
    const planned = plan.byName.get(key)
    const item = value[key]
    inside.step = key
    inside.inner = undefined
    if (planned === undefined) {
      walk.unknown.push(pathOf(inside))
      isSame = false
      continue
    }
    const conformed = conformField(item ?? null, planned, inside, walk)
    if (conformed !== item || conformed === undefined || planned.place < last) isSame = false
    last = planned.place
    placed[last] = conformed
  }
  for (let i = 0; i < plan.always.length; i += 1) {
    const field = plan.always[i]
    if (field === undefined || value[field.name] !== undefined) continue
    isSame = false
    if (!Object.hasOwn(value, field.name)) placed[field.place] = field.zero ?? null
  }
  return isSame ? value : inPlaces(plan, placed)
}

function conformField(
  given: JsonValue,
  { field: { emit }, type, isStruct, zero }: PlannedField,
  at: Below,
  walk: Walk,
): JsonValue | undefined {
  if (given === null) return zero
  const value = conformValue(given, type, at, walk)
  if (emit !== 'non-empty' || isStruct || !isEmpty(value, type)) return value
  // An empty list of managedFields means something: it resets them.
  if (isReset(at)) return value
  if (isList(value) || isMap(value)) walk.emptied.push({ steps: stepsTo(at), value })
  return undefined
}

function isReset(at: Spot): boolean {
  return at.step === 'managedFields' && pathOf(at) === 'metadata.managedFields'
}

function isEmpty(value: JsonValue, type: SchemaType): boolean {
  if (value === null || value === '' || value === 0 || value === false)
    // A quantity or int-or-string is a struct for Go, so omitempty does not see that it is zero.
    return type.format !== 'quantity' && type.format !== 'int-or-string'
  if (isList(value)) return value.length === 0
  return isMap(value) && type.scalar === undefined && Object.keys(value).length === 0
}

function conformMap(value: JsonMap, type: MapType, at: Spot, walk: Walk): JsonMap {
  const { element } = type
  if (element === undefined) return value
  const inside = below(at, true)
  let isSame = true
  const entries = Object.keys(value).map((key) => {
    const item = value[key]
    inside.step = key
    inside.inner = undefined
    const conformed =
      item === null || item === undefined
        ? zeroOf(element, emptyStruct)
        : conformValue(item, element, inside, walk)
    if (conformed !== item) isSame = false
    return [key, conformed] as const
  })
  return isSame ? value : Object.fromEntries(entries)
}

function mismatch(value: JsonValue, type: SchemaType, at: Spot, walk: Walk): JsonValue {
  const found = isList(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  const isStruct = type.map !== undefined && type.map.fields.size > 0
  const shape = type.list === undefined ? (isStruct ? 'struct' : 'map') : 'slice'
  walk.mismatches.push({
    path: pathOf(at),
    message: `json: cannot unmarshal ${found} into Go struct field ${fieldOf(at)} of type ${goTypeAt(at, type)}`,
    restoring: `cannot restore ${shape} from${shape === 'struct' ? ':' : ''} ${restoredFrom(value)}`,
    isLast: false,
  })
  return value
}
