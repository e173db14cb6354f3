import { isArray, isObject, type Json, type JsonObject } from '../../object/index.ts'
import { BEARER } from './documents.ts'

/** A version 3 document, parsed. */
interface Parsed {
  readonly paths: JsonObject
  readonly components: { readonly schemas?: JsonObject }
}

/**
 * The version 2 document of several version 3 documents: all definitions and paths in one.
 * @see k8s.io/kube-openapi pkg/openapiconv (what is there is derived the other way round)
 */
export function inVersion2(documents: readonly string[], version: string): JsonObject {
  const definitions: Record<string, Json> = {}
  const paths: Record<string, Json> = {}
  for (const text of documents) {
    const document = JSON.parse(text) as Parsed
    for (const [name, schema] of Object.entries(document.components.schemas ?? {}))
      definitions[name] = withKindsOf(definitions[name], schemaOf(schema ?? {}))
    for (const [path, item] of Object.entries(document.paths)) paths[path] = itemOf(item ?? {})
  }
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version },
    paths,
    definitions,
    securityDefinitions: JSON.parse(BEARER) as JsonObject,
    security: [{ BearerToken: [] }],
  }
}

const KINDS = 'x-kubernetes-group-version-kind'

/** Options are spoken in every group: each document names its own. */
function withKindsOf(before: Json | undefined, schema: JsonObject): JsonObject {
  const had = isObject(before) ? before[KINDS] : undefined
  const has = schema[KINDS]
  if (!isArray(had) || !isArray(has)) return schema
  const texts = new Set([...had, ...has].map((each) => JSON.stringify(each)))
  return { ...schema, [KINDS]: [...texts].map((text) => JSON.parse(text) as Json) }
}

/** What is not said of values that may have any fields. */
const UNSAID: ReadonlySet<string> = new Set(['type', 'properties', 'items', 'required'])
const OPEN = 'x-kubernetes-preserve-unknown-fields'
const UNSAID_OF_KINDS: ReadonlySet<string> = new Set(['properties', 'items', 'required', OPEN])

function schemaOf(schema: Json): JsonObject {
  if (!isObject(schema)) return {}
  const result: Record<string, Json | undefined> = {}
  // Clients that check by this form refuse what it does not name: it says nothing of what is open.
  const isOpen = schema[OPEN] === true
  const unsaid = schema[KINDS] === undefined ? UNSAID : UNSAID_OF_KINDS
  for (const [key, value] of Object.entries(schema)) {
    if (isOpen && unsaid.has(key)) continue
    if (value === undefined || key === 'default') continue
    if (key === '$ref' && typeof value === 'string')
      result[key] = value.replace('#/components/schemas/', '#/definitions/')
    else if (key === 'allOf' && isArray(value) && value.length === 1)
      Object.assign(result, schemaOf(value[0] ?? {}))
    else if (key === 'oneOf') result['type'] = 'string'
    else if (key === 'items' || key === 'additionalProperties')
      result[key] = isObject(value) ? schemaOf(value) : value
    else if (key === 'properties' && isObject(value)) result[key] = eachOf(value, schemaOf)
    else result[key] = value
  }
  return result['$ref'] === undefined ? result : besideReference(result)
}

/** What may stand beside a reference. */
function besideReference(schema: JsonObject): JsonObject {
  const kept = Object.entries(schema).filter(([key]) => /^(\$ref|description|x-)/.test(key))
  return Object.fromEntries(kept)
}

function eachOf(map: JsonObject, convert: (value: Json) => Json): JsonObject {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, convert(value ?? {})]))
}

const METHODS = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch'])

function itemOf(item: Json): JsonObject {
  if (!isObject(item)) return {}
  const entries = Object.entries(item).map(([key, value]): [string, Json] => {
    if (METHODS.has(key)) return [key, operationOf(value ?? {})]
    return [key, key === 'parameters' ? parametersOf(value) : (value ?? null)]
  })
  return Object.fromEntries(entries)
}

function operationOf(operation: Json): JsonObject {
  if (!isObject(operation)) return {}
  const { requestBody, responses, parameters, ...rest } = operation
  const body = contentOf(requestBody)
  const own = parametersOf(parameters)
  return {
    ...rest,
    ...(body === undefined ? {} : { consumes: body.types }),
    schemes: ['https'],
    ...(own.length === 0 && body === undefined
      ? {}
      : { parameters: [...(body === undefined ? [] : [bodyParameter(body)]), ...own] }),
    ...(isObject(responses) ? { responses: eachOf(responses, responseOf) } : {}),
  }
}

interface Content {
  readonly types: readonly string[]
  readonly schema: JsonObject
  readonly required: boolean
}

function contentOf(value: Json | undefined): Content | undefined {
  const content = isObject(value) ? value['content'] : undefined
  if (!isObject(value) || !isObject(content)) return undefined
  const [first] = Object.values(content)
  return {
    types: Object.keys(content),
    schema: schemaOf(isObject(first) ? (first['schema'] ?? {}) : {}),
    required: value['required'] === true,
  }
}

function bodyParameter({ schema, required }: Content): JsonObject {
  return { name: 'body', in: 'body', ...(required ? { required } : {}), schema }
}

function responseOf(response: Json): JsonObject {
  if (!isObject(response)) return {}
  const { description } = response
  const content = contentOf(response)
  return {
    ...(description === undefined ? {} : { description }),
    ...(content === undefined ? {} : { schema: content.schema }),
  }
}

function parametersOf(value: Json | undefined): JsonObject[] {
  if (!isArray(value)) return []
  return value.filter(isObject).map(({ schema, ...rest }) => ({
    ...rest,
    ...(isObject(schema) ? schema : {}),
  }))
}
