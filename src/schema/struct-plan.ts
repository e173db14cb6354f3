import { zeroOf } from './conform-scalar.ts'
import type { JsonMap, JsonValue } from './json.ts'
import type { FieldType, MapType, SchemaType } from './type.ts'

/** What the fields of a struct come to, worked out once for all its values. */
export interface StructPlan {
  /** Fields in the order in which Go writes them. */
  readonly fields: readonly PlannedField[]
  readonly byName: ReadonlyMap<string, PlannedField>
  /** Fields that are written although they are not given. */
  readonly always: readonly PlannedField[]
}

/** One field with its place. */
export interface PlannedField {
  readonly name: string
  readonly place: number
  readonly field: FieldType
  /** `field.type`, which is read when it is looked at. */
  readonly type: SchemaType
  readonly isStruct: boolean
  /** What stands for null and for an absent field; undefined: nothing. */
  readonly zero: JsonValue | undefined
}

const plans = new WeakMap<MapType, StructPlan>()

/** The plan of a struct. */
export function planOf(struct: MapType): StructPlan {
  const known = plans.get(struct)
  if (known !== undefined) return known
  const fields = [...struct.fields].map(([name, field], place): PlannedField => {
    const { type } = field
    const isStruct = (type.map?.fields.size ?? 0) > 0
    return { name, place, field, type, isStruct, zero: zeroOfField(field, isStruct) }
  })
  const plan = {
    fields,
    byName: new Map(fields.map((field) => [field.name, field])),
    always: fields.filter(({ zero }) => zero !== undefined),
  }
  plans.set(struct, plan)
  return plan
}

function zeroOfField(field: FieldType, isStruct: boolean): JsonValue | undefined {
  if (field.emit === 'null' || isTimeStruct(field)) return null
  const absent = field.emit === 'set' || (field.emit === 'non-empty' && !isStruct)
  return absent ? undefined : zeroOf(field.type, emptyStruct)
}

/** A time that is no pointer is a struct for Go, which omitempty does not leave out: it is null. */
function isTimeStruct(field: FieldType): boolean {
  const { format } = field.type
  return field.emit === 'non-empty' && (format === 'time' || format === 'microtime')
}

/** A struct of which nothing was given. */
export function emptyStruct(type: MapType): JsonMap {
  return Object.fromEntries(planOf(type).always.map(({ name, zero }) => [name, zero ?? null]))
}

/**
 * A struct whose fields have their form, with those fields in their order and with what is written
 * although it was not given: {@link conform} without a look into what is below.
 */
export function completed(value: JsonMap, type: MapType): JsonMap {
  const plan = planOf(type)
  const placed: (JsonValue | undefined)[] = []
  const keys = Object.keys(value)
  for (let i = 0; i < keys.length; i += 1) {
    const key = keys[i] ?? ''
    const place = plan.byName.get(key)?.place
    if (place !== undefined) placed[place] = value[key]
  }
  for (let i = 0; i < plan.always.length; i += 1) {
    const field = plan.always[i]
    if (field !== undefined) placed[field.place] ??= field.zero
  }
  return inPlaces(plan, placed)
}

/**
 * The struct that has these values in these places.
 *
 * Here and in what runs for every struct of every object loops count: until they are compiled, which
 * is most of a short life, going through an array costs many times as much.
 */
export function inPlaces(
  { fields }: StructPlan,
  placed: readonly (JsonValue | undefined)[],
): JsonMap {
  const result: Record<string, JsonValue> = {}
  for (let place = 0; place < placed.length; place += 1) {
    const value = placed[place]
    const field = fields[place]
    if (value !== undefined && field !== undefined) result[field.name] = value
  }
  return result
}
