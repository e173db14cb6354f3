import { isObject, type Json, ownAt, setKey } from './json.ts'

/**
 * Applies a JSON merge patch: null removes a key, objects are merged, all else replaces.
 * @see RFC 7396
 */
export function jsonMergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch
  const result: Record<string, Json | undefined> = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) continue
    if (value === null) delete result[key]
    else setKey(result, key, jsonMergePatch(ownAt(result, key), value))
  }
  return result
}
