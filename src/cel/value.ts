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

/** Turns JSON into values of expressions, by its schema where there is one. */
export function toCel(value: unknown, schema?: SchemaHint): CelValue {
  if (typeof value === 'number')
    return Number.isInteger(value) && schema?.type !== 'number' ? BigInt(value) : value
  if (Array.isArray(value)) return value.map((item: unknown) => toCel(item, schema?.items))
  if (typeof value !== 'object' || value === null) return value
  const rest =
    typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined
  const out: Record<string, CelValue> = Object.create(null) as Record<string, CelValue>
  for (const [key, item] of Object.entries(value) as [string, unknown][])
    if (item !== undefined) out[key] = toCel(item, schema?.properties?.[key] ?? rest)
  return out
}
