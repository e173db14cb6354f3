import { Environment as Engine, Optional } from '@marcbachmann/cel-js'

/** A value as expressions see it: integers are bigint, all other numbers double. */
export type CelValue = unknown

/** What of an OpenAPI schema decides how a value is seen: `1` in a `number` field is a double. */
export interface SchemaHint {
  readonly type?: string
  readonly format?: string
  readonly properties?: Readonly<Record<string, SchemaHint>>
  readonly additionalProperties?: SchemaHint | boolean
  readonly items?: SchemaHint
}

/** A converted value that may be absent, as `optionalOldSelf` hands it over. */
export function optionalValue(value: CelValue): CelValue {
  return value === undefined ? Optional.none() : Optional.of(value)
}

/** Turns JSON into values of expressions, by its schema where there is one. */
export function toCel(value: unknown, schema?: SchemaHint): CelValue {
  if (typeof value === 'number')
    return Number.isInteger(value) && schema?.type !== 'number' ? BigInt(value) : value
  if (typeof value === 'string') return schema?.type === 'string' ? ofFormat(value, schema) : value
  if (Array.isArray(value)) return value.map((item: unknown) => toCel(item, schema?.items))
  if (typeof value !== 'object' || value === null) return value
  const rest =
    typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined
  const out: Record<string, CelValue> = Object.create(null) as Record<string, CelValue>
  // A null of an object with properties is as if it were not there; in a map it is a value.
  const isStruct = Object.keys(schema?.properties ?? {}).length > 0
  for (const [key, item] of Object.entries(value) as [string, unknown][])
    if (item !== undefined && !(isStruct && item === null))
      out[key] = toCel(item, schema?.properties?.[key] ?? rest)
  return out
}

/**
 * Texts whose format names a type are values of that type.
 * @see k8s.io/apiserver pkg/cel/common/valuesunstructured.go (v0.36.3)
 */
function ofFormat(value: string, { format }: SchemaHint): CelValue {
  if (format === 'byte') return new Uint8Array(Buffer.from(value, 'base64'))
  if (format === 'duration') return readDuration(value) ?? value
  if (format !== 'date' && format !== 'date-time') return value
  const time = new Date(value)
  return Number.isNaN(time.getTime()) ? value : time
}

/** The engine keeps its type of durations to itself, but makes them. */
const durationOf = new Engine().registerVariable('text', 'string').parse('duration(text)')

function readDuration(text: string): CelValue {
  try {
    return durationOf({ text })
  } catch {
    return undefined
  }
}
