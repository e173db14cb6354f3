import { compareText } from '../../base/index.ts'
import { isArray, isObject, type Json, type KubeObject } from '../../object/index.ts'

/**
 * A custom object with the keys of all its parts in order, as the real server writes what it knows no
 * struct of. The revision, which it gets when it is stored, has its place already.
 */
export function inOrder(object: KubeObject): KubeObject {
  const { metadata } = object
  const placed =
    metadata.resourceVersion === undefined
      ? { ...object, metadata: { ...metadata, resourceVersion: '' } }
      : object
  return ordered(placed as never) as unknown as KubeObject
}

/** A value with the keys of all its parts in order; itself where all is so. */
export function ordered(value: Json): Json {
  if (isArray(value)) {
    const items = value.map(ordered)
    return items.every((item, i) => item === value[i]) ? value : items
  }
  if (!isObject(value)) return value
  let isSame = true
  let last = ''
  const entries = Object.keys(value).map((key) => {
    const item = value[key] as Json
    const next = ordered(item)
    if (next !== item || compareText(last, key) > 0) isSame = false
    last = key
    return [key, next] as const
  })
  if (isSame) return value
  return Object.fromEntries(entries.sort(([a], [b]) => compareText(a, b)))
}
