import { isArray, isObject, type Json, type JsonObject, setKey } from '../../object/index.ts'
import { conform, type JsonMap, objectMetaType } from '../../schema/index.ts'
import { goJson } from '../wire/go-json.ts'
import type { Node } from './node.ts'

const RESOURCE_FIELDS = new Set(['apiVersion', 'kind', 'metadata'])

/** The node of a key of an object; undefined when the schema says nothing of it. */
export function keyNode(node: Node, key: string): Node | undefined {
  const known = node.properties.get(key)
  if (known !== undefined) return known
  return typeof node.additional === 'object' ? node.additional : undefined
}

/**
 * The object without the nulls that its schema does not allow (unless they are kept), with its
 * defaults. A null that has a default takes it.
 * @see k8s.io/apiextensions-apiserver pkg/apiserver/schema/defaulting (v0.36.3)
 */
export function withDefaults(value: Json, node: Node | undefined, keepsNulls = false): Json {
  if (isArray(value))
    return value.map((item) => {
      const isNull = item === null && node?.items !== undefined && !node.items.nullable
      const start = isNull ? (node?.items?.default ?? null) : item
      return withDefaults(start, node?.items, keepsNulls)
    })
  if (!isObject(value)) return value
  const result: Record<string, Json> = {}
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue
    const inner = node === undefined ? undefined : keyNode(node, key)
    if (item === null && inner !== undefined && !inner.nullable) {
      if (inner.default !== undefined) result[key] = withDefaults(inner.default, inner)
      else if (keepsNulls) setKey(result, key, null)
      continue
    }
    setKey(result, key, withDefaults(item, inner, keepsNulls))
  }
  for (const [key, inner] of node?.properties ?? [])
    if (inner.default !== undefined && !Object.hasOwn(result, key))
      result[key] = withDefaults(inner.default, inner)
  return result
}

/** The object without the nulls that its schema neither allows nor has a default for. */
export function withoutNulls(value: Json, node: Node | undefined): Json {
  if (node === undefined) return value
  if (isArray(value)) return value.map((item) => withoutNulls(item, node.items))
  if (!isObject(value)) return value
  const result: Record<string, Json> = {}
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue
    const inner = keyNode(node, key)
    const isAllowed = inner === undefined || inner.nullable || inner.default !== undefined
    if (item !== null || isAllowed) setKey(result, key, withoutNulls(item, inner))
  }
  return result
}

/** What pruning left and what it took. */
export interface Pruned {
  readonly object: Json
  /** Paths of fields that the schema does not know, in order. */
  readonly unknown: readonly string[]
}

/**
 * The object without what its schema does not specify.
 * @see k8s.io/apiextensions-apiserver pkg/apiserver/schema/pruning/algorithm.go (v0.36.3)
 */
export function withoutUnknown(value: Json, root: Node): Pruned {
  const unknown: string[] = []
  const object = prune(value, { ...root, embedded: true }, '', unknown)
  return { object, unknown: unknown.sort() }
}

function prune(value: Json, node: Node | undefined, path: string, unknown: string[]): Json {
  if (node?.preserveUnknown) return prunePreserved(value, node, path, unknown)
  if (isArray(value))
    return value.map((item, i) => prune(item, node?.items, `${path}[${i}]`, unknown))
  if (!isObject(value)) return value
  const result: Record<string, Json> = {}
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue
    const at = path === '' ? key : `${path}.${key}`
    if (node?.embedded && RESOURCE_FIELDS.has(key)) result[key] = item
    else if (node?.properties.has(key) || node?.additional !== undefined)
      setKey(
        result,
        key,
        prune(item, node === undefined ? undefined : keyNode(node, key), at, unknown),
      )
    else if (!RESOURCE_FIELDS.has(key) || path !== '') unknown.push(at)
  }
  return result
}

function prunePreserved(value: Json, node: Node, path: string, unknown: string[]): Json {
  if (isArray(value)) {
    const { items } = node
    if (items === undefined) return value
    return value.map((item, i) => prunePreserved(item, items, `${path}[${i}]`, unknown))
  }
  if (!isObject(value)) return value
  const result: Record<string, Json> = {}
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue
    const inner = keyNode(node, key)
    const isMeta = node.embedded && RESOURCE_FIELDS.has(key)
    const at = path === '' ? key : `${path}.${key}`
    setKey(result, key, isMeta || inner === undefined ? item : prune(item, inner, at, unknown))
  }
  return result
}

/**
 * Brings `metadata` into its form, at the root and in embedded resources; fields that metadata does
 * not have are dropped and named.
 * @see k8s.io/apiextensions-apiserver pkg/apiserver/schema/objectmeta/algorithm.go (v0.36.3)
 */
export function coerceMetadata(object: JsonObject, root: Node, found: Coerced): JsonObject {
  return coerce(object, { ...root, embedded: true }, '', found) as JsonObject
}

/** As `coerceMetadata`, of a value that stands at a place of an object. */
export function coerceEmbedded(value: Json, node: Node, path: string, found: Coerced): Json {
  return coerce(value, node, path, found)
}

/** What was found while metadata was brought into its form. */
export interface Coerced {
  readonly unknown: string[]
  /** What the decoder says of values that do not fit. */
  readonly mismatches: string[]
}

function coerce(value: Json, node: Node | undefined, path: string, found: Coerced): Json {
  if (node === undefined || !mayEmbed(node)) return value
  if (isArray(value))
    return value.map((item, i) => coerce(item, node.items, `${path}[${i}]`, found))
  if (!isObject(value)) return value
  const result: Record<string, Json> = {}
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue
    const at = path === '' ? key : `${path}.${key}`
    if (node.embedded && key === 'metadata' && isObject(item)) {
      const conformed = conform(item as JsonMap, objectMetaType())
      found.unknown.push(...conformed.unknown.map((name) => `${at}.${name}`))
      const [mismatch] = conformed.mismatches
      if (mismatch !== undefined)
        found.mismatches.push(
          path === '' ? mismatch.message : decodeError(at, item, mismatch.message),
        )
      result[key] = conformed.object as Json
    } else if (node.embedded && key === 'metadata' && path !== '' && item !== null) {
      const why = `json: cannot unmarshal ${kindOf(item)} into Go value of type v1.ObjectMeta`
      found.mismatches.push(decodeError(at, item, why))
    } else if (node.embedded && NAMES.has(key) && typeof item !== 'string') {
      found.mismatches.push(decodeError(at, item, 'must be a string'))
    } else setKey(result, key, coerce(item, keyNode(node, key), at, found))
  }
  return result
}

/** A field error as the decoder tells it: the value with its keys in order. */
function decodeError(at: string, value: Json, why: string): string {
  return `${at}: Invalid value: ${goJson(value)}: ${why}`
}

function kindOf(value: Json): string {
  if (isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

const NAMES = new Set(['apiVersion', 'kind'])

const embeds = new WeakMap<Node, boolean>()

/** Whether an embedded resource can be in a value, so that most schemas need no walk. */
function mayEmbed(node: Node): boolean {
  const known = embeds.get(node)
  if (known !== undefined) return known
  const inner = [...node.properties.values(), node.items, node.additional].filter(
    (each): each is Node => typeof each === 'object',
  )
  const may = node.embedded || inner.some(mayEmbed)
  embeds.set(node, may)
  return may
}
