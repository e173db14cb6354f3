import { compareText } from '../../base/index.ts'
import { isArray, isObject, type Json, type JsonObject } from '../../object/index.ts'
import { sorted } from '../wire/go-json.ts'

/**
 * How the keys of a patched object stand. Go's patch libraries leave the text of what they do not
 * look into; what they look into is written with its keys in order.
 */

function byKey(value: JsonObject, item: (key: string, item: Json) => Json): JsonObject {
  const keys = Object.keys(value).sort(compareText)
  return Object.fromEntries(keys.map((key) => [key, item(key, value[key] ?? null)]))
}

/** The result of a merge patch: maps that both sides have are in order, and all that is new. */
export function sortedWith(result: Json, before: Json | undefined, patch: Json | undefined): Json {
  if (patch === undefined) return result
  if (!isObject(before) || !isObject(patch) || !isObject(result)) return sorted(result)
  return byKey(result, (key, item) => sortedWith(item, before[key], patch[key]))
}

/** The result of a JSON patch: maps on the way to what it changes are in order. */
export function sortedAlong(result: Json, operations: Json): Json {
  const pointers = (isArray(operations) ? operations : [])
    .filter(isObject)
    .flatMap(({ path, from }) => [path, from])
    .filter((each) => typeof each === 'string')
  const ways = pointers.map((pointer) => pointer.split('/').slice(1, -1).map(unescaped))
  return along(result, ways)
}

function along(value: Json, ways: readonly (readonly string[])[]): Json {
  if (ways.length === 0) return value
  const below = (key: string): readonly (readonly string[])[] =>
    ways.filter(([first]) => first === key).map((way) => way.slice(1))
  if (isArray(value)) return value.map((item, i) => along(item, below(String(i))))
  return isObject(value) ? byKey(value, (key, item) => along(item, below(key))) : value
}

/**
 * A strategic merge patch as it is left behind: where it met nothing, or something of another form,
 * the maps with directives below have been taken out of it.
 */
export function leftBehind(patch: JsonObject, before: Json | undefined): JsonObject {
  if (patch['$patch'] !== undefined) return patch
  const old = isObject(before) ? before : {}
  const entries = Object.entries(patch).map(([key, item]): [string, Json] => {
    const value = item ?? null
    if (isArray(value)) return [key, value.filter((one) => !isDirective(one))]
    if (!isObject(value)) return [key, value]
    const same = isObject(old[key])
    return [key, same ? leftBehind(value, old[key]) : withoutDirectives(value)]
  })
  return Object.fromEntries(entries)
}

function isDirective(value: Json): boolean {
  return isObject(value) && value['$patch'] !== undefined
}

function withoutDirectives(value: JsonObject): JsonObject {
  if (value['$patch'] !== undefined) return value
  const kept = Object.entries(value).filter(
    ([, item]) => !(isObject(item) && item['$patch'] !== undefined),
  )
  return Object.fromEntries(
    kept.map(([key, item]): [string, Json] => {
      if (isArray(item)) return [key, item.filter((one) => !isDirective(one))]
      return [key, isObject(item) ? withoutDirectives(item) : (item ?? null)]
    }),
  )
}

function unescaped(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~')
}
