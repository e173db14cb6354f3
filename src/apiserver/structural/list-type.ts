import { isArray, isObject, type Json } from '../../object/index.ts'
import { type Cause, duplicate, invalid } from '../builtin/index.ts'
import type { Node } from './node.ts'

/**
 * Items that appear twice in lists that are sets or maps by their schema.
 * @see k8s.io/apiextensions-apiserver pkg/apiserver/schema/listtype/validation.go (v0.36.3)
 */
export function listTypeCauses(value: Json, node: Node | undefined, path: string): Cause[] {
  if (node === undefined) return []
  if (isArray(value)) return arrayCauses(value, node, path)
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([key, item]) => {
    if (item === undefined) return []
    const known = node.properties.get(key)
    const at = path === '' ? key : `${path}.${key}`
    if (known !== undefined) return listTypeCauses(item, known, at)
    return typeof node.additional === 'object'
      ? listTypeCauses(item, node.additional, `${path}[${key}]`)
      : []
  })
}

function arrayCauses(value: readonly Json[], node: Node, path: string): Cause[] {
  const causes: Cause[] = []
  if (node.listType === 'set')
    for (const i of repeated(value)) causes.push(duplicate(`${path}[${i}]`, value[i]))
  if (node.listType === 'map') causes.push(...mapCauses(value, node, path))
  for (const [i, item] of value.entries())
    causes.push(...listTypeCauses(item, node.items, `${path}[${i}]`))
  return causes
}

function mapCauses(value: readonly Json[], node: Node, path: string): Cause[] {
  const wrong = value.findIndex((item) => item !== null && !isObject(item))
  if (wrong >= 0) {
    const detail = 'must be an object for an array of list-type map'
    return [invalid(`${path}[${wrong}]`, value[wrong], detail)]
  }
  const keys = value.map((item): Json => {
    const named = node.mapKeys.filter((key) => isObject(item) && item[key] !== undefined)
    return Object.fromEntries(named.map((key) => [key, isObject(item) ? item[key] : undefined]))
  })
  return repeated(keys).map((i) => duplicate(`${path}[${i}]`, keys[i]))
}

/** Indexes at which a value appears for the second time. */
function repeated(values: readonly Json[]): number[] {
  const seen = new Map<string, number>()
  return [...values.entries()].flatMap(([i, value]) => {
    const key = JSON.stringify(value)
    const times = seen.get(key) ?? 0
    seen.set(key, times + 1)
    return times === 1 ? [i] : []
  })
}
