import { createHash } from 'node:crypto'
import { isArray, isObject, type Json, type JsonObject } from '../object/index.ts'
import { definition, type SchemaType } from '../schema/index.ts'
import { groupVersion, type Kind } from './kind.ts'
import { KUBERNETES_VERSION } from './kinds.generated.ts'
import { pathsOf } from './openapi-paths.ts'
import { typeOf } from './pipeline.ts'
import type { Registry } from './registry.ts'

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1'

/** `/openapi/v3`: where the document of each group and version is. */
export function openapiRoot(registry: Registry): Json {
  const paths: Record<string, Json> = {}
  for (const kind of registry.kinds()) {
    const path = documentPath(kind)
    if (paths[path] !== undefined) continue
    const hash = createHash('sha512').update(`${path} ${registry.generation}`).digest('hex')
    paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash.toUpperCase()}` }
  }
  return { paths }
}

function documentPath(kind: Kind): string {
  return kind.group === '' ? `api/${kind.version}` : `apis/${kind.group}/${kind.version}`
}

/** `/openapi/v3/apis/GROUP/VERSION`: paths and schemas of one group and version. */
export function openapiDocument(
  registry: Registry,
  group: string,
  version: string,
): JsonObject | undefined {
  const kinds = registry.group(group)?.filter((kind) => kind.version === version) ?? []
  if (kinds.length === 0) return undefined
  const schemas = new Map<string, JsonObject>()
  const paths: Record<string, Json> = {}
  for (const kind of kinds) {
    const name = schemaName(kind)
    addKind(schemas, kind, name)
    Object.assign(paths, pathsOf(kind, name))
  }
  for (const name of ['DeleteOptions', 'Status']) addNamed(schemas, `${META}.${name}`)
  const [, minor = ''] = /^(v\d+\.\d+)/.exec(KUBERNETES_VERSION) ?? []
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: minor },
    paths,
    components: { schemas: Object.fromEntries([...schemas].sort(([a], [b]) => (a < b ? -1 : 1))) },
  }
}

function schemaName(kind: Kind): string {
  const { name } = typeOf(kind)
  if (kind.custom === undefined && name !== undefined) return name
  const domain = kind.group.split('.').reverse().join('.')
  return `${domain}.${kind.version}.${kind.kind}`
}

function addKind(schemas: Map<string, JsonObject>, kind: Kind, name: string): void {
  const gvk = { group: kind.group, version: kind.version, kind: kind.kind }
  const { custom } = kind
  if (custom === undefined) addType(schemas, typeOf(kind), name)
  else schemas.set(name, customSchema(schemas, custom.schema as Json))
  const schema = schemas.get(name) ?? { type: 'object' }
  schemas.set(name, { ...schema, 'x-kubernetes-group-version-kind': [gvk] })
  if (!kind.verbs.includes('list')) return
  addNamed(schemas, `${META}.ListMeta`)
  schemas.set(`${name}List`, listSchema(kind, name))
}

function listSchema(kind: Kind, name: string): JsonObject {
  const gvk = { group: kind.group, version: kind.version, kind: kind.listKind }
  return {
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string' },
      items: { type: 'array', items: ref(name) },
      kind: { type: 'string' },
      metadata: { allOf: [ref(`${META}.ListMeta`)] },
    },
    'x-kubernetes-group-version-kind': [gvk],
  }
}

function customSchema(schemas: Map<string, JsonObject>, schema: Json): JsonObject {
  addNamed(schemas, `${META}.ObjectMeta`)
  const given = isObject(schema) ? schema : { type: 'object' }
  const properties = isObject(given['properties']) ? given['properties'] : {}
  return {
    ...given,
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      ...properties,
      metadata: { allOf: [ref(`${META}.ObjectMeta`)] },
    },
  }
}

function ref(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` }
}

function addNamed(schemas: Map<string, JsonObject>, name: string): void {
  const type = definition(name)
  if (type !== undefined) addType(schemas, type, name)
}

function addType(schemas: Map<string, JsonObject>, type: SchemaType, name: string): void {
  if (schemas.has(name)) return
  schemas.set(name, {})
  const { name: _, ...bare } = type
  schemas.set(name, schemaOf(schemas, bare))
}

/** A type as an OpenAPI schema; named types inside become references and are added. */
function schemaOf(schemas: Map<string, JsonObject>, type: SchemaType): JsonObject {
  if (type.name !== undefined) {
    addType(schemas, type, type.name)
    return ref(type.name)
  }
  if (type.scalar !== undefined) return scalarOf(type)
  if (type.list !== undefined) {
    const { element, associative, keys } = type.list
    const kind = associative ? (keys.length === 0 ? 'set' : 'map') : 'atomic'
    return {
      type: 'array',
      items: schemaOf(schemas, element),
      'x-kubernetes-list-type': kind,
      ...(keys.length === 0 ? {} : { 'x-kubernetes-list-map-keys': keys }),
    }
  }
  return mapOf(schemas, type)
}

function mapOf(schemas: Map<string, JsonObject>, type: SchemaType): JsonObject {
  const { map } = type
  if (map === undefined) return {}
  const atomic = map.atomic ? { 'x-kubernetes-map-type': 'atomic' } : {}
  if (map.fields.size === 0)
    return {
      type: 'object',
      ...(map.element === undefined
        ? {}
        : { additionalProperties: schemaOf(schemas, map.element) }),
      ...atomic,
    }
  const required = [...map.fields].flatMap(([name, field]) => (field.required ? [name] : []))
  const properties = [...map.fields].map(([name, field]): [string, Json] => [
    name,
    {
      ...fieldSchema(schemaOf(schemas, field.type)),
      ...(field.default === undefined ? {} : { default: field.default as Json }),
      ...(field.patchStrategies.length === 0
        ? {}
        : { 'x-kubernetes-patch-strategy': field.patchStrategies.join(',') }),
      ...(field.patchMergeKey === undefined
        ? {}
        : { 'x-kubernetes-patch-merge-key': field.patchMergeKey }),
    },
  ])
  return {
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(properties),
    ...atomic,
  }
}

/** A reference can have no siblings, so it goes into allOf. */
function fieldSchema(schema: JsonObject): JsonObject {
  return schema['$ref'] === undefined ? schema : { allOf: [schema] }
}

function scalarOf(type: SchemaType): JsonObject {
  const { format, values } = type
  switch (type.scalar) {
    case 'numeric':
      return format === 'double'
        ? { type: 'number', format }
        : { type: 'integer', ...(format === undefined ? {} : { format }) }
    case 'boolean':
      return { type: 'boolean' }
    case 'string':
      return {
        type: 'string',
        ...(format === 'bytes' ? { format: 'byte' } : {}),
        ...(values === undefined ? {} : { enum: values }),
      }
    default:
      if (format === 'time' || format === 'microtime')
        return { type: 'string', format: 'date-time' }
      if (format === 'quantity') return { oneOf: [{ type: 'string' }, { type: 'number' }] }
      if (format === 'int-or-string')
        return { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] }
      return {}
  }
}

/** `/openapi/v2`: everything in one document, in the older form. */
export function openapiV2(registry: Registry): JsonObject {
  const definitions: Record<string, Json> = {}
  const paths: Record<string, Json> = {}
  const seen = new Set<string>()
  for (const kind of registry.kinds()) {
    const path = groupVersion(kind)
    if (seen.has(path)) continue
    seen.add(path)
    const document = openapiDocument(registry, kind.group, kind.version)
    const components = document?.['components']
    if (isObject(components) && isObject(components['schemas']))
      Object.assign(definitions, inV2(components['schemas']))
    Object.assign(paths, inV2(document?.['paths'] ?? {}))
  }
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: KUBERNETES_VERSION },
    paths,
    definitions,
  }
}

function inV2(value: Json): Json {
  if (isArray(value)) return value.map(inV2)
  if (!isObject(value)) return value
  const out: Record<string, Json | undefined> = {}
  for (const [key, child] of Object.entries(value)) {
    if (child === undefined) continue
    if (key === '$ref') out[key] = String(child).replace('#/components/schemas/', '#/definitions/')
    else if (key === 'allOf' && isArray(child) && child.length === 1)
      Object.assign(out, inV2(child[0] ?? {}) as JsonObject)
    else if (key === 'oneOf') out['type'] ??= 'string'
    else out[key] = inV2(child)
  }
  return out
}
