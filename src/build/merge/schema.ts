import { isArray, isObject, type Json, type JsonObject } from '../../object/index.ts'
import type { Definitions, FieldRule } from './definitions.ts'

/** Where a merge is in a schema. */
export interface SchemaAt {
  readonly definitions: Definitions
  readonly rule: FieldRule
}

/** The definition of a kind. */
export function schemaOf(
  definitions: Definitions,
  apiVersion: string,
  kind: string,
): SchemaAt | undefined {
  const index = definitions.kinds[`${apiVersion} ${kind}`]
  return index === undefined || index < 0 ? undefined : { definitions, rule: index }
}

/** The definition of a field. */
export function schemaField(at: SchemaAt | undefined, field: string): SchemaAt | undefined {
  if (at === undefined) return undefined
  const { definitions, rule } = at
  if (typeof rule === 'number') {
    const fields = definitions.table[rule]
    if (fields === undefined || !Object.hasOwn(fields, field)) return undefined
    return { definitions, rule: fields[field] as FieldRule }
  }
  return '*' in rule ? { definitions, rule: rule['*'] } : undefined
}

/** Merge keys of a list that merges; undefined for one that is replaced as a whole. */
export function mergeKeys(at: SchemaAt | undefined): readonly string[] | undefined {
  if (at === undefined || !isArray(at.rule as Json)) return undefined
  return (at.rule as readonly (number | string)[]).slice(1) as string[]
}

/** The definition of the items of a list that merges. */
export function schemaItems(at: SchemaAt | undefined): SchemaAt | undefined {
  if (at === undefined || !isArray(at.rule as Json)) return undefined
  const index = (at.rule as readonly (number | string)[])[0] as number
  return index < 0 ? undefined : { definitions: at.definitions, rule: index }
}

/**
 * Definitions from an OpenAPI document, in the place of the built-in ones.
 * @see sigs.k8s.io/kustomize/kyaml v0.21.1 openapi/openapi.go
 */
export function readDefinitions(document: JsonObject): Definitions {
  const source = isObject(document['definitions']) ? document['definitions'] : {}
  const names = Object.keys(source)
  const indexOf = (property: JsonObject): number => {
    const ref = property['$ref']
    return typeof ref === 'string' ? names.indexOf(ref.replace('#/definitions/', '')) : -1
  }
  const extra: Record<string, FieldRule>[] = []
  const ruleOf = (property: JsonObject): FieldRule | undefined => {
    const items = isObject(property['items']) ? property['items'] : {}
    const strategy = property['x-kubernetes-patch-strategy']
    const isMerge = typeof strategy === 'string' && strategy.split(',').includes('merge')
    if (isMerge) return [inner(items), ...keysOf(property)]
    if (isObject(property['additionalProperties'])) {
      const value = ruleOf(property['additionalProperties'])
      return value === undefined ? undefined : { '*': value }
    }
    const index = inner(property)
    return index < 0 ? undefined : index
  }
  /** Index of a referred definition, or of one that stands in the property itself. */
  const inner = (property: JsonObject): number => {
    const index = indexOf(property)
    if (index >= 0 || !isObject(property['properties'])) return index
    extra.push(fieldsOf(property['properties']))
    return names.length + extra.length - 1
  }
  const fieldsOf = (properties: JsonObject): Record<string, FieldRule> => {
    const fields: Record<string, FieldRule> = {}
    for (const [name, property] of Object.entries(properties)) {
      const rule = isObject(property) ? ruleOf(property) : undefined
      if (rule !== undefined) fields[name] = rule
    }
    return fields
  }
  const table = names.map((name) => {
    const definition = source[name]
    const properties = isObject(definition) ? definition['properties'] : undefined
    return isObject(properties) ? fieldsOf(properties) : {}
  })
  return { kinds: kindsOf(source, names), table: [...table, ...extra] }
}

function keysOf(property: JsonObject): string[] {
  const list = property['x-kubernetes-list-map-keys']
  if (isArray(list)) return list.map(String)
  const key = property['x-kubernetes-patch-merge-key']
  return typeof key === 'string' ? [key] : []
}

function kindsOf(source: JsonObject, names: readonly string[]): Record<string, number> {
  const kinds: Record<string, number> = {}
  for (const [i, name] of names.entries()) {
    const definition = source[name]
    const gvks = isObject(definition) ? definition['x-kubernetes-group-version-kind'] : undefined
    for (const gvk of isArray(gvks) ? gvks : []) {
      const key = isObject(gvk) ? typeKey(gvk) : undefined
      if (key !== undefined) kinds[key] = i
    }
  }
  return kinds
}

function typeKey(gvk: JsonObject): string | undefined {
  const { group, version, kind } = gvk
  if (typeof version !== 'string' || typeof kind !== 'string') return undefined
  const prefix = typeof group === 'string' && group !== '' ? `${group}/` : ''
  return `${prefix}${version} ${kind}`
}

/** Scopes of kinds, from the paths of an OpenAPI document. */
export function readScopes(document: JsonObject): ReadonlyMap<string, boolean> {
  const scopes = new Map<string, boolean>()
  const paths = isObject(document['paths']) ? document['paths'] : {}
  for (const [path, item] of Object.entries(paths)) {
    const get = isObject(item) && isObject(item['get']) ? item['get'] : {}
    const gvk = get['x-kubernetes-group-version-kind']
    const key = isObject(gvk) ? typeKey(gvk) : undefined
    if (key === undefined) continue
    if (path.includes('namespaces/{namespace}')) scopes.set(key, true)
    else if (!scopes.has(key)) scopes.set(key, false)
  }
  return scopes
}
