/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject

/** A JSON object. Rooms never change one that they were handed; they copy what they change. */
export interface JsonObject {
  readonly [key: string]: Json | undefined
}

/** Says whether a value is a JSON object (no array, not null). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value of a key of the object itself, not of one that every object inherits (`toString`). */
export function ownAt<T>(object: { readonly [key: string]: T }, key: string): T | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** Sets a key that may be `__proto__`. */
export function setKey<T>(target: { [key: string]: T }, key: string, value: T): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  else target[key] = value
}

/** Says whether a value is a JSON array. */
export function isArray(value: unknown): value is readonly Json[] {
  return Array.isArray(value)
}

/** Deep equality of JSON values; the order of keys does not count, undefined is absent. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (isArray(a) && isArray(b))
    return a.length === b.length && a.every((item, i) => sameJson(item, b[i]))
  if (!isObject(a) || !isObject(b)) return false
  const keys = Object.keys(a).filter((key) => a[key] !== undefined)
  if (keys.length !== Object.keys(b).filter((key) => b[key] !== undefined).length) return false
  return keys.every((key) => b[key] !== undefined && sameJson(a[key], b[key]))
}

/** The value at a path of keys and indexes; undefined where the path leaves the value. */
export function valueAt(
  value: Json | undefined,
  ...path: readonly (string | number)[]
): Json | undefined {
  let at: Json | undefined = value
  for (const step of path) {
    if (typeof step === 'number') at = isArray(at) ? at[step] : undefined
    else at = isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined
  }
  return at
}

/** The string at a path, or undefined. */
export function stringAt(
  value: Json | undefined,
  ...path: readonly (string | number)[]
): string | undefined {
  const found = valueAt(value, ...path)
  return typeof found === 'string' ? found : undefined
}
