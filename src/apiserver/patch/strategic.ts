import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  ownAt,
  sameJson,
  setKey,
} from '../../object/index.ts'
import type { FieldType, SchemaType } from '../../schema/index.ts'
import type { Refusal } from '../builtin/index.ts'
import { orderElements, partition } from './element-order.ts'
import { PatchProblem, printGo } from './problem.ts'

type Mutable = Record<string, Json>

const ORDER = '$setElementOrder/'
const DELETE_LIST = '$deleteFromPrimitiveList/'
const RETAIN = '$retainKeys'
const DIRECTIVE = '$patch'

/**
 * Applies a strategic merge patch to an object of a built-in kind.
 * @see k8s.io/apimachinery pkg/util/strategicpatch/patch.go (v0.36.3)
 */
export function strategicMerge(
  object: JsonObject,
  patch: JsonObject,
  type: SchemaType,
): { readonly object: JsonObject } | { readonly refusal: Refusal } {
  try {
    return { object: mergeMap(object, patch, type) }
  } catch (error) {
    if (error instanceof PatchProblem) return { refusal: error.refusal }
    throw error
  }
}

function mergeMap(
  original: JsonObject,
  patch: JsonObject,
  type: SchemaType | undefined,
): JsonObject {
  const directive = patch[DIRECTIVE]
  if (directive !== undefined) {
    if (directive === 'replace') return without(patch, DIRECTIVE)
    if (directive === 'delete') return {}
    throw new PatchProblem(
      500,
      `unknown patch type: ${printGo(directive)} in map: ${printGo(patch)}`,
    )
  }
  const result = retained(original, patch)
  const handled = mergeOrdered(result, patch, type)
  for (const [name, value] of Object.entries(patch)) {
    if (value === undefined || name === RETAIN || name.startsWith(ORDER) || handled.has(name))
      continue
    const isDelete = name.startsWith(DELETE_LIST)
    const key = isDelete ? name.slice(DELETE_LIST.length) : name
    mergeKey(result, key, value, { isDelete, type })
  }
  return result
}

function mergeKey(
  result: Mutable,
  key: string,
  value: Json,
  at: { readonly isDelete: boolean; readonly type: SchemaType | undefined },
): void {
  const old = ownAt(result, key)
  if (value === null) {
    delete result[key]
    return
  }
  if (old === undefined || kindOf(old) !== kindOf(value)) {
    if (!at.isDelete) setOrDrop(result, key, withoutNulls(value))
    return
  }
  if (isObject(value) && isObject(old)) {
    const field = lookUp(at.type, key)
    const type = field?.type ?? elementOf(at.type)
    setKey(result, key, strategyOf(field) === 'replace' ? value : mergeMap(old, value, type))
  } else if (isArray(value) && isArray(old)) {
    const field = lookUp(at.type, key)
    setKey(result, key, mergeListAt(old, value, field, at.isDelete))
  } else setKey(result, key, value)
}

function setOrDrop(result: Mutable, key: string, value: Json): void {
  const kept = withoutDirectives(value)
  if (kept === undefined) delete result[key]
  else setKey(result, key, kept)
}

/** What the patch says to keep of the original; all of it when it does not say. */
function retained(original: JsonObject, patch: JsonObject): Mutable {
  const keys = patch[RETAIN]
  const entries = Object.entries(original).filter((entry): entry is [string, Json] => {
    return entry[1] !== undefined
  })
  if (keys === undefined) return Object.fromEntries(entries)
  if (!isArray(keys)) throw badFormat('retainKeys')
  for (const [key, value] of Object.entries(patch)) {
    if (key === RETAIN || value === null || key.startsWith('$delete') || key.startsWith(ORDER))
      continue
    if (!keys.includes(key)) throw badFormat('retainKeys')
  }
  return Object.fromEntries(entries.filter(([key]) => keys.includes(key)))
}

function badFormat(of: string): PatchProblem {
  return new PatchProblem(400, `invalid patch format of ${of}`)
}

/** Merges the lists whose order the patch gives; answers the keys that are done with. */
function mergeOrdered(
  result: Mutable,
  patch: JsonObject,
  type: SchemaType | undefined,
): ReadonlySet<string> {
  const handled = new Set<string>()
  for (const [name, order] of Object.entries(patch)) {
    if (!name.startsWith(ORDER)) continue
    const key = name.slice(ORDER.length)
    const original = result[key]
    const given = patch[key]
    if (!isArray(order)) throw badType('[]interface {}', order ?? null)
    if (original !== undefined && !isArray(original)) throw badType('[]interface {}', original)
    if (given !== undefined && !isArray(given)) throw badType('[]interface {}', given)
    if (type?.map?.element !== undefined && type.map.fields.size === 0)
      throw new PatchProblem(
        500,
        'merging an object in json but data type is not struct, instead is: map',
      )
    const field = lookUp(type, key)
    const by = field?.patchMergeKey ?? ''
    checkOrder(given ?? [], order, by)
    if (original === undefined && given === undefined) continue
    const merged =
      given === undefined
        ? (original ?? [])
        : original === undefined
          ? (withoutDirectives(given) as readonly Json[])
          : mergeListAt(original, given, field, false)
    const { inside, outside } = partition(merged, order, by)
    result[key] = orderElements({ inside, outside, order, original: original ?? [], by })
    handled.add(key)
  }
  return handled
}

function badType(wanted: string, found: Json): PatchProblem {
  return new PatchProblem(500, `expected a ${wanted}, but received a ${kindOf(found)}`)
}

/** The items of the patch must come in the order that the patch gives. */
function checkOrder(given: readonly Json[], order: readonly Json[], by: string): void {
  if (given.length === 0 || order.length === 0) return
  const items = given.filter((item) => !(isObject(item) && item[DIRECTIVE] !== undefined))
  let at = 0
  for (const item of order) {
    const next = items[at]
    if (next === undefined) return
    if (by === '' ? next === item : keyed(next, by) === keyed(item, by)) at++
  }
  if (at < items.length)
    throw new PatchProblem(
      500,
      `The order in patch list:\n${printGo(given)}\n doesn't match $setElementOrder list:\n${printGo(order)}\n`,
    )
}

function keyed(item: Json, by: string): Json {
  if (!isObject(item)) throw badType('map[string]interface {}', item)
  const value = item[by]
  if (value === undefined) throw noMergeKey(item, by)
  return value
}

function noMergeKey(item: Json, by: string): PatchProblem {
  return new PatchProblem(500, `map: ${printGo(item)} does not contain declared merge key: ${by}`)
}

function mergeListAt(
  original: readonly Json[],
  patch: readonly Json[],
  field: FieldType | undefined,
  isDelete: boolean,
): readonly Json[] {
  if (strategyOf(field) !== 'merge' && !isDelete) return patch
  if (original.length === 0 && patch.length === 0) return original
  const all = [...original, ...patch]
  if (all.some(isArray)) throw new PatchProblem(422, 'lists of lists are not supported')
  if (all.some((item) => kindOf(item) !== kindOf(all[0] ?? null)))
    throw new PatchProblem(
      500,
      `list element types are not identical: ${printGo([original, patch] as Json)}`,
    )
  if (!isObject(all[0])) return mergeScalars(original, patch, isDelete)
  const by = field?.patchMergeKey ?? ''
  if (by === '')
    throw new PatchProblem(500, `cannot merge lists without merge key for ${typeName(field)}`)
  return mergeObjects(original, patch, by, field?.type.list?.element)
}

function typeName(field: FieldType | undefined): string {
  return field?.type.list?.element.name?.split('.').at(-1) ?? ''
}

function mergeScalars(
  original: readonly Json[],
  patch: readonly Json[],
  isDelete: boolean,
): readonly Json[] {
  if (isDelete) return original.filter((item) => !patch.includes(item))
  const merged = [...new Set([...original, ...patch])]
  const { inside, outside } = partition(merged, patch, '')
  return orderElements({ inside, outside, order: patch, original, by: '' })
}

function mergeObjects(
  original: readonly Json[],
  patch: readonly Json[],
  by: string,
  type: SchemaType | undefined,
): readonly Json[] {
  const { kept, given, isReplaced } = specialElements(original, patch, by)
  if (isReplaced) return given
  const merged = [...kept]
  for (const item of given) {
    const key = keyed(item, by)
    const at = merged.findIndex((each) => isObject(each) && sameJson(each[by], key))
    const old = merged[at]
    if (at < 0 || !isObject(old)) merged.push(item)
    else merged[at] = mergeMap(old, item as JsonObject, type)
  }
  const { inside, outside } = partition(merged, given, by)
  return orderElements({ inside, outside, order: given, original: kept, by })
}

/** Obeys the `$patch` directives that stand among the items. */
function specialElements(
  original: readonly Json[],
  patch: readonly Json[],
  by: string,
): { kept: readonly Json[]; given: readonly Json[]; isReplaced: boolean } {
  let kept = original
  let isReplaced = false
  const given: Json[] = []
  for (const item of patch) {
    const directive = isObject(item) ? item[DIRECTIVE] : undefined
    if (directive === undefined) given.push(item)
    else if (directive === 'delete') {
      const key = keyed(item, by)
      kept = kept.filter((each) => !(isObject(each) && sameJson(each[by], key)))
    } else if (directive === 'replace') isReplaced = true
    else if (directive === 'merge')
      throw new PatchProblem(500, 'merging lists cannot yet be specified in the patch')
    else
      throw new PatchProblem(
        500,
        `unknown patch type: ${printGo(directive)} in map: ${printGo(item)}`,
      )
  }
  return { kept, given, isReplaced }
}

function lookUp(type: SchemaType | undefined, key: string): FieldType | undefined {
  if (type?.map === undefined) return undefined
  const field = type.map.fields.get(key)
  if (field === undefined && type.map.element === undefined)
    throw new PatchProblem(
      500,
      `unable to find api field in struct ${type.name?.split('.').at(-1) ?? ''} for the json field ${JSON.stringify(key)}`,
    )
  return field
}

function elementOf(type: SchemaType | undefined): SchemaType | undefined {
  return type?.map?.element
}

function strategyOf(field: FieldType | undefined): string {
  return field?.patchStrategies.find((each) => each !== 'retainKeys') ?? ''
}

function kindOf(value: Json): string {
  if (value === null) return '%!s(<nil>)'
  if (isArray(value)) return '[]interface {}'
  if (isObject(value)) return 'map[string]interface {}'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

function without(object: JsonObject, key: string): JsonObject {
  const { [key]: _dropped, ...rest } = object
  return rest
}

function withoutNulls(value: Json): Json {
  if (isArray(value)) return value.map(withoutNulls)
  if (!isObject(value)) return value
  const kept: Mutable = {}
  for (const [key, item] of Object.entries(value))
    if (item !== null && item !== undefined) setKey(kept, key, withoutNulls(item))
  return kept
}

/** A value without what was meant as a directive; undefined when it is one itself. */
function withoutDirectives(value: Json): Json | undefined {
  if (isArray(value))
    return value.map(withoutDirectives).filter((item): item is Json => item !== undefined)
  if (!isObject(value)) return value
  if (value[DIRECTIVE] !== undefined) return undefined
  const kept: Mutable = {}
  for (const [key, item] of Object.entries(value)) {
    const inner = item === undefined ? undefined : withoutDirectives(item)
    if (inner !== undefined) setKey(kept, key, inner)
  }
  return kept
}
