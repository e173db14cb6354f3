import { durationOf, timestampOf } from './library/times.ts'
import { EvalError, Maybe } from './values.ts'

/** A value as expressions see it: integers are bigint, all other numbers double. */
export type CelValue = unknown

/** What of an OpenAPI schema decides how a value is seen: `1` in a `number` field is a double. */
export interface SchemaHint {
  readonly type?: string
  readonly format?: string
  readonly properties?: Readonly<Record<string, SchemaHint>>
  readonly additionalProperties?: SchemaHint | boolean
  readonly items?: SchemaHint
  /** An integer or a text, whatever `type` says. */
  readonly intOrString?: boolean
}

/** What is no value of its schema: whoever reads it is told so. */
export class InvalidData extends EvalError {}

/** A converted value that may be absent, as `optionalOldSelf` hands it over. */
export function optionalValue(value: CelValue): CelValue {
  return value === undefined ? Maybe.none : new Maybe(value)
}

/** Turns JSON into values of expressions, by its schema where there is one. */
export function toCel(value: unknown, schema?: SchemaHint): CelValue {
  const wrong = schema === undefined || value === null ? undefined : mismatch(value, schema)
  if (wrong !== undefined) return new InvalidData(`invalid data, ${wrong}`)
  if (typeof value === 'number')
    return Number.isInteger(value) && schema?.type !== 'number' ? BigInt(value) : value
  if (typeof value === 'string') return schema?.type === 'string' ? ofFormat(value, schema) : value
  if (Array.isArray(value)) {
    const items: CelValue[] = value.map((item: unknown) => toCel(item, schema?.items))
    for (const [i, item] of items.entries()) if (item instanceof InvalidData) forbid(items, i, item)
    return items
  }
  if (typeof value !== 'object' || value === null) return value
  const rest =
    typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined
  const out: Record<string, CelValue> = Object.create(null) as Record<string, CelValue>
  // A null of an object with properties is as if it were not there; in a map it is a value.
  const isStruct = Object.keys(schema?.properties ?? {}).length > 0
  for (const [key, item] of Object.entries(value) as [string, unknown][])
    if (item !== undefined && !(isStruct && item === null)) {
      const inner = toCel(item, schema?.properties?.[key] ?? rest)
      if (inner instanceof InvalidData) forbid(out, key, inner)
      else out[key] = inner
    }
  return out
}

/** Variables of an expression; one that is no value of its schema fails where it is read. */
export function variablesOf(values: Readonly<Record<string, CelValue>>): Record<string, CelValue> {
  const out: Record<string, CelValue> = {}
  for (const [name, value] of Object.entries(values))
    if (value instanceof InvalidData) forbid(out, name, value)
    else out[name] = value
  return out
}

function forbid(target: object, key: string | number, fault: InvalidData): void {
  Object.defineProperty(target, key, {
    enumerable: true,
    configurable: true,
    get: () => {
      throw fault
    },
  })
}

/**
 * Why a value is none of its schema.
 * @see k8s.io/apiserver pkg/cel/common/valuesunstructured.go (v0.36.3)
 */
function mismatch(value: unknown, { type, intOrString }: SchemaHint): string | undefined {
  if (intOrString === true)
    return typeof value === 'string' || Number.isInteger(value)
      ? undefined
      : 'expected XIntOrString value to be either a string or integer'
  const got = goType(value)
  switch (type) {
    case 'object':
      return got === 'map[string]interface {}'
        ? undefined
        : 'expected a map for the provided schema with type=object'
    case 'array':
      return got === '[]interface {}'
        ? undefined
        : 'expected an array for the provided schema with type=array'
    case 'string':
      return got === 'string' ? undefined : `expected string, got ${got}`
    case 'number':
      return typeof value === 'number' ? undefined : `expected float, got ${got}`
    case 'integer':
      return got === 'int64' ? undefined : `expected int, got ${got}`
    case 'boolean':
      return got === 'bool' ? undefined : `expected bool, got ${got}`
    default:
      return undefined
  }
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  if (typeof value === 'boolean') return 'bool'
  return typeof value === 'string' ? 'string' : 'map[string]interface {}'
}

/**
 * Texts whose format names a type are values of that type.
 * @see k8s.io/apiserver pkg/cel/common/valuesunstructured.go (v0.36.3)
 */
function ofFormat(value: string, { format }: SchemaHint): CelValue {
  if (format === 'byte') return new Uint8Array(Buffer.from(value, 'base64'))
  if (format === 'duration') return durationOf(value) ?? value
  if (format === 'date') return timestampOf(`${value}T00:00:00Z`) ?? value
  return format === 'date-time' ? (timestampOf(value) ?? value) : value
}
