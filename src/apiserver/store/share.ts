import { isArray, isObject, type Json } from '../../object/index.ts'

/**
 * A value with every part that is as in another one taken from there: what versions of an object have in
 * common is in memory once, and is seen to be the same without a look inside. The result is written as
 * the value is, keys in its order.
 */
export function shared<T>(value: T, other: unknown): T {
  return share(value as Json, other as Json) as T
}

function share(value: Json, other: Json | undefined): Json {
  // Texts that are equal are not yet one text.
  if (value === other) return other
  if (other === undefined) return value
  if (isArray(value)) return isArray(other) ? shareList(value, other) : value
  if (!isObject(value) || !isObject(other)) return value
  const keys = Object.keys(value)
  const others = Object.keys(other)
  let isSame = keys.length === others.length
  const entries = keys.map((key, i) => {
    const item = value[key]
    const isThere = item !== undefined && Object.hasOwn(other, key)
    const taken = isThere ? share(item, other[key]) : item
    if (taken !== other[key] || others[i] !== key) isSame = false
    return [key, taken] as const
  })
  return isSame ? other : Object.fromEntries(entries)
}

function shareList(list: readonly Json[], other: readonly Json[]): readonly Json[] {
  const taken = list.map((item, i) => share(item, other[i]))
  const isSame = list.length === other.length && taken.every((item, i) => item === other[i])
  return isSame ? other : taken
}
