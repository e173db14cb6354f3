import { conformScalar, zeroOf } from './conform-scalar.ts'
import { isList, isMap, type JsonMap, type JsonValue } from './json.ts'
import { builtinType } from './lookup.ts'
import { fieldOf, goType, type Mismatch, pathOf, type Spot } from './spot.ts'
import type { FieldType, MapType, SchemaType } from './type.ts'

/** What the typed round trip made of an object. */
export interface Conformed {
  /** The object as Go would write it; where there are mismatches, those values as they were. */
  readonly object: JsonMap
  /** Paths of fields that the type does not have (`spec.foo`, `spec.ports[0].bar`); dropped. */
  readonly unknown: readonly string[]
  /** Values that the type cannot hold. */
  readonly mismatches: readonly Mismatch[]
}

interface Walk {
  readonly unknown: string[]
  readonly mismatches: Mismatch[]
}

/**
 * Reads an object into the Go type of its kind and writes it again, without Go: unknown fields and
 * nulls fall away, empty values of `omitempty` fields too, structs that are always written appear,
 * quantities and times become canonical. Objects of kinds that are not built in come back as they are.
 */
export function conform(object: JsonMap, given?: SchemaType): Conformed {
  const type = given ?? builtinType(kindOf(object))
  if (type === undefined) return { object, unknown: [], mismatches: [] }
  const walk: Walk = { unknown: [], mismatches: [] }
  const result = conformValue(object, type, { struct: type }, walk)
  return {
    object: isMap(result) ? result : object,
    unknown: walk.unknown,
    mismatches: walk.mismatches,
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

function conformValue(value: JsonValue, type: SchemaType, at: Spot, walk: Walk): JsonValue {
  if (type.scalar !== undefined) return conformScalar(value, type, at, walk.mismatches)
  if (type.list !== undefined) {
    if (value === null) return null
    if (!isList(value)) return mismatch(value, type, at, walk)
    const { element } = type.list
    return value.map((item, i) =>
      item === null
        ? zeroOf(element, (map) => conformStruct({}, map, at, walk))
        : conformValue(item, element, { up: at, step: i, struct: innerOf(at) }, walk),
    )
  }
  if (type.map === undefined || value === null) return value
  if (!isMap(value)) return mismatch(value, type, at, walk)
  const inner = type.name === undefined ? at : { ...at, inner: type }
  return type.map.fields.size > 0
    ? conformStruct(value, type.map, inner, walk)
    : conformMap(value, type.map, inner, walk)
}

function conformStruct(value: JsonMap, type: MapType, at: Spot, walk: Walk): JsonMap {
  const struct = innerOf(at)
  const given = new Map<string, JsonValue | undefined>()
  // In the order of the document, so that what is wrong is told in that order.
  for (const [key, item] of Object.entries(value)) {
    const field = type.fields.get(key)
    const inside = { up: at, step: key, struct }
    if (field === undefined) walk.unknown.push(pathOf(inside))
    else given.set(key, conformField(item ?? null, field, inside, walk))
  }
  const result: Record<string, JsonValue> = {}
  for (const [name, field] of type.fields) {
    // Most fields are not there, and leave nothing when they are not.
    const conformed = given.has(name)
      ? given.get(name)
      : field.emit === 'set'
        ? undefined
        : conformField(null, field, { up: at, step: name, struct }, walk)
    if (conformed !== undefined) result[name] = conformed
  }
  return result
}

function conformField(
  given: JsonValue,
  field: FieldType,
  at: Spot,
  walk: Walk,
): JsonValue | undefined {
  const isStruct = (field.type.map?.fields.size ?? 0) > 0
  if (given === null) {
    if (field.emit === 'null' || isTimeStruct(field)) return null
    const absent = field.emit === 'set' || (field.emit === 'non-empty' && !isStruct)
    if (absent) return undefined
    return zeroOf(field.type, (map) => conformStruct({}, map, at, walk))
  }
  const value = conformValue(given, field.type, at, walk)
  // An empty list of managedFields means something: it resets them.
  if (field.emit !== 'non-empty' || isStruct || isReset(at)) return value
  return isEmpty(value, field.type) ? undefined : value
}

/** A time that is no pointer is a struct for Go, which omitempty does not leave out: it is null. */
function isTimeStruct(field: FieldType): boolean {
  const { format } = field.type
  return field.emit === 'non-empty' && (format === 'time' || format === 'microtime')
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
  const element = type.element
  if (element === undefined) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      item === null || item === undefined
        ? zeroOf(element, (map) => conformStruct({}, map, at, walk))
        : conformValue(
            item,
            element,
            { up: at, step: key, struct: innerOf(at), isKey: true },
            walk,
          ),
    ]),
  )
}

function innerOf(at: Spot): SchemaType {
  return at.inner ?? at.struct
}

function mismatch(value: JsonValue, type: SchemaType, at: Spot, walk: Walk): JsonValue {
  const found = isList(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  walk.mismatches.push({
    path: pathOf(at),
    message: `json: cannot unmarshal ${found} into Go struct field ${fieldOf(at)} of type ${goType(type)}`,
  })
  return value
}
