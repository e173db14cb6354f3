import { isArray, isObject, type Json, type JsonObject } from '../../../object/index.ts'

/** An object in an object; empty where there is none. */
export function objectAt(value: JsonObject, key: string): JsonObject {
  const found = value[key]
  return isObject(found) ? found : {}
}

/** The objects of a list in an object. */
export function objectsAt(value: JsonObject, key: string): readonly JsonObject[] {
  const found = value[key]
  return isArray(found) ? found.filter(isObject) : []
}

/** A text in an object; `''` where there is none. */
export function textAt(value: JsonObject, key: string): string {
  const found = value[key]
  return typeof found === 'string' ? found : ''
}

/** The texts of a list in an object. */
export function textsAt(value: JsonObject, key: string): readonly string[] {
  const found = value[key]
  return isArray(found) ? found.filter((each) => typeof each === 'string') : []
}

/** The schemas of a map of schemas, by name. */
export function schemasAt(schema: JsonObject, key: string): readonly [string, JsonObject][] {
  const found = schema[key]
  if (!isObject(found)) return []
  return Object.entries(found).flatMap(([name, inner]): [string, JsonObject][] =>
    isObject(inner) ? [[name, inner]] : [],
  )
}

/** A schema that is said to be set: not absent, not null, not of its zero value. */
export function isSet(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === false || value === '') return false
  if (isArray(value)) return value.length > 0
  return true
}
