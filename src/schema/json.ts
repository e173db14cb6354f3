/** A JSON value; the same shape that object/ has, which this room may not import. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonMap

/** A JSON object. */
export interface JsonMap {
  readonly [key: string]: JsonValue | undefined
}

/** Says whether a value is a JSON object. */
export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Says whether a value is a JSON array. */
export function isList(value: unknown): value is readonly JsonValue[] {
  return Array.isArray(value)
}
