import { isList, isMap, type JsonMap, type JsonValue } from './json.ts'
import { planOf } from './struct-plan.ts'
import type { SchemaType } from './type.ts'

/** Numbers as a conversion without checks leaves them: of 32 bits where the type has no more. */
export function wrapped(value: JsonValue, type: SchemaType): JsonValue {
  if (type.format === 'int32' && typeof value === 'number' && Number.isInteger(value))
    return Number(BigInt.asIntN(32, BigInt(value)))
  if (isList(value)) {
    const element = type.list?.element
    return element === undefined ? value : value.map((item) => wrapped(item, element))
  }
  const { map } = type
  if (!isMap(value) || map === undefined) return value
  const entries = Object.entries(value).map(([key, item]): [string, JsonValue] => {
    const inner = map.fields.get(key)?.type ?? map.element
    return [key, inner === undefined ? (item ?? null) : wrapped(item ?? null, inner)]
  })
  return Object.fromEntries(entries)
}

/**
 * A value with its keys in the order in which Go writes them: fields of structs as they stand in the
 * source, keys of maps by their bytes. Fields that a struct does not have come last.
 */
export function inGoOrder(value: JsonValue, type: SchemaType): JsonValue {
  if (type.scalar !== undefined) return value
  if (isList(value)) {
    const element = type.list?.element
    return element === undefined ? value : value.map((item) => inGoOrder(item, element))
  }
  return isMap(value) && type.map !== undefined ? mapInOrder(value, type) : value
}

function mapInOrder(value: JsonMap, type: SchemaType): JsonMap {
  const { fields, element } = type.map ?? { fields: new Map() }
  const plan = type.map === undefined || fields.size === 0 ? undefined : planOf(type.map)
  const placeOf = (key: string): number => plan?.byName.get(key)?.place ?? fields.size
  const keys = Object.keys(value).sort((a, b) => placeOf(a) - placeOf(b) || (a < b ? -1 : 1))
  const entries = keys.map((key): [string, JsonValue] => {
    const inner = plan?.byName.get(key)?.field.type ?? element
    const item = value[key] ?? null
    return [key, inner === undefined ? item : inGoOrder(item, inner)]
  })
  return Object.fromEntries(entries)
}
