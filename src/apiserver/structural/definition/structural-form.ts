import { isArray, isObject, type Json, type JsonObject, sameJson } from '../../../object/index.ts'
import { type Cause, forbidden, invalid, required } from '../../builtin/index.ts'
import { regexOf, regexProblem } from '../node.ts'
import { isSet, objectAt, objectsAt, schemasAt, textAt } from './parts.ts'

/** Where a schema stands: at the root of a kind, as item of a list, as value of a field. */
type Level = 'root' | 'item' | 'field'

const EMPTY_TYPE: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
}

const UNSUPPORTED: readonly (readonly [string, string])[] = [
  ['id', 'id'],
  ['$schema', 'schema'],
  ['$ref', '$ref'],
  ['patternProperties', 'patternProperties'],
  ['dependencies', 'dependencies'],
  ['additionalItems', 'additionalItems'],
  ['definitions', 'definitions'],
]

/**
 * Why a schema can not be read as a structural one at all; the first reason.
 * @see k8s.io/apiextensions-apiserver pkg/apiserver/schema/convert.go (v0.36.3)
 */
export function unreadable(schema: JsonObject): string | undefined {
  for (const [key, name] of UNSUPPORTED) {
    const value = schema[key]
    const isEmpty =
      value === undefined ||
      value === '' ||
      (isObject(value) && key !== 'additionalItems' && Object.keys(value).length === 0)
    if (!isEmpty) return `OpenAPIV3Schema '${name}' is not supported`
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false)
    return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined"
  const { items, additionalProperties, not } = schema
  if (isArray(items) && items.length > 0)
    return "OpenAPIV3Schema 'items' must be a schema, but is an array"
  const inner = [
    ...[not, items, additionalProperties].filter(isObject),
    ...['allOf', 'anyOf', 'oneOf'].flatMap((key) => objectsAt(schema, key)),
    ...schemasAt(schema, 'properties').map(([, each]) => each),
  ]
  for (const each of inner) {
    const why = unreadable(each)
    if (why !== undefined) return why
  }
  return undefined
}

/**
 * Where a schema is not structural.
 * @see k8s.io/apiextensions-apiserver pkg/apiserver/schema/validation.go and complete.go (v0.36.3)
 */
export function structuralCauses(schema: JsonObject, path: string): Cause[] {
  return [...invariants(schema, 'root', path), ...incomplete(schema, schema, { path, outer: path })]
}

function invariants(schema: JsonObject, level: Level, path: string): Cause[] {
  const causes: Cause[] = []
  const { items, additionalProperties } = schema
  if (schema['type'] === 'array' && !isObject(items))
    causes.push(required(`${path}.items`, 'must be specified'))
  if (isObject(items)) causes.push(...invariants(items, 'item', `${path}.items`))
  for (const [key, inner] of schemasAt(schema, 'properties'))
    causes.push(...invariants(inner, 'field', `${path}.properties[${key}]`))
  if (additionalProperties !== undefined && level === 'root')
    causes.push(forbidden(`${path}.additionalProperties`, 'must not be used at the root'))
  if (isObject(additionalProperties))
    causes.push(...invariants(additionalProperties, 'field', `${path}.additionalProperties`))
  causes.push(...extensionCauses(schema, path), ...valueCauses(schema, path, skipsOf(schema)))
  return [...causes, ...typeCauses(schema, level, path), ...resourceCauses(schema, level, path)]
}

function extensionCauses(schema: JsonObject, path: string): Cause[] {
  if (schema['x-kubernetes-int-or-string'] !== true) return []
  return ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource']
    .filter((key) => schema[key] === true)
    .map((key) =>
      invalid(`${path}.${key}`, true, 'must be false if x-kubernetes-int-or-string is true'),
    )
}

function typeCauses(schema: JsonObject, level: Level, path: string): Cause[] {
  const causes: Cause[] = []
  const type = textAt(schema, 'type')
  const embedded = schema['x-kubernetes-embedded-resource'] === true
  const open =
    schema['x-kubernetes-int-or-string'] === true ||
    schema['x-kubernetes-preserve-unknown-fields'] === true
  if (embedded && type !== 'object') {
    const words = 'must be object if x-kubernetes-embedded-resource is true'
    const place = `${path}.type`
    causes.push(type === '' ? required(place, words) : invalid(place, type, words))
  } else if (type === '' && !open) causes.push(required(`${path}.type`, EMPTY_TYPE[level]))
  if (embedded && schema['additionalProperties'] !== undefined)
    causes.push(
      forbidden(
        `${path}.additionalProperties`,
        'must not be used if x-kubernetes-embedded-resource is set',
      ),
    )
  if (level === 'root' && type !== '' && type !== 'object')
    causes.push(invalid(`${path}.type`, type, 'must be object at the root'))
  return causes
}

/** What an object that is a resource, at the root or within, may say of its metadata. */
function resourceCauses(schema: JsonObject, level: Level, path: string): Cause[] {
  const causes: Cause[] = []
  const properties = objectAt(schema, 'properties')
  const embedded = schema['x-kubernetes-embedded-resource'] === true
  const isResource = level === 'root' || embedded
  for (const key of ['kind', 'apiVersion']) {
    const inner = properties[key]
    if (isResource && isObject(inner) && inner['type'] !== 'string')
      causes.push(
        invalid(`${path}.properties[${key}].type`, textAt(inner, 'type'), 'must be string'),
      )
  }
  const { metadata } = properties
  if (isObject(metadata)) {
    const place = `${path}.properties[metadata]`
    if (isResource && metadata['type'] !== 'object')
      causes.push(invalid(`${place}.type`, textAt(metadata, 'type'), 'must be object'))
    if (level === 'root' && saysMore(metadata))
      causes.push(
        forbidden(
          place,
          'must not specify anything other than name and generateName, but metadata is implicitly specified',
        ),
      )
  }
  const known = Object.keys(properties).length > 0
  if (embedded && !known && schema['x-kubernetes-preserve-unknown-fields'] !== true)
    causes.push(
      required(
        `${path}.properties`,
        'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
      ),
    )
  return causes
}

function saysMore(metadata: JsonObject): boolean {
  const { type: _t, default: _d, properties, ...rest } = metadata
  const names = isObject(properties) ? Object.keys(properties) : []
  return (
    names.some((name) => name !== 'name' && name !== 'generateName') ||
    Object.values(rest).some(isSet)
  )
}

const INT_OR_STRING: Json = [{ type: 'integer' }, { type: 'string' }]

/** The one form in which alternatives may name types: that of int-or-string. */
interface Skips {
  readonly anyOf: boolean
  readonly firstAllOf: boolean
}

const NONE: Skips = { anyOf: false, firstAllOf: false }

function skipsOf(schema: JsonObject): Skips {
  const [first] = objectsAt(schema, 'allOf')
  return {
    anyOf: sameJson(schema['anyOf'], INT_OR_STRING),
    firstAllOf: first !== undefined && sameJson(first['anyOf'], INT_OR_STRING),
  }
}

/** Alternatives may only narrow what the schema says outside of them. */
function valueCauses(schema: JsonObject, path: string, skips: Skips): Cause[] {
  const causes: Cause[] = []
  if (!skips.anyOf)
    for (const [i, inner] of objectsAt(schema, 'anyOf').entries())
      causes.push(...nestedCauses(inner, `${path}.anyOf[${i}]`, NONE))
  for (const [i, inner] of objectsAt(schema, 'allOf').entries()) {
    const anyOf = skips.firstAllOf && i === 0
    causes.push(...nestedCauses(inner, `${path}.allOf[${i}]`, { anyOf, firstAllOf: false }))
  }
  for (const [i, inner] of objectsAt(schema, 'oneOf').entries())
    causes.push(...nestedCauses(inner, `${path}.oneOf[${i}]`, NONE))
  const { not } = schema
  if (isObject(not)) causes.push(...nestedCauses(not, `${path}.not`, NONE))
  const pattern = textAt(schema, 'pattern')
  if (pattern !== '' && regexOf(pattern) === undefined) {
    const words = "must be a valid regular expression, but isn't"
    causes.push(invalid(`${path}.pattern`, pattern, `${words}: ${regexProblem(pattern)}`))
  }
  return causes
}

const NOT_NESTED: readonly (readonly [string, string])[] = [
  ['type', 'must be empty to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
]

const POINTERS: readonly (readonly [string, string])[] = [
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
]

function nestedCauses(schema: JsonObject, path: string, skips: Skips): Cause[] {
  const causes = valueCauses(schema, path, skips)
  const { items, additionalProperties } = schema
  if (isObject(items)) causes.push(...nestedCauses(items, `${path}.items`, NONE))
  for (const [key, inner] of schemasAt(schema, 'properties'))
    causes.push(...nestedCauses(inner, `${path}.properties[${key}]`, NONE))
  if (isObject(additionalProperties) || additionalProperties === true)
    causes.push(forbidden(`${path}.additionalProperties`, 'must be undefined to be structural'))
  for (const [key, words] of NOT_NESTED)
    if (key === 'default' ? schema[key] !== undefined : isSet(schema[key]))
      causes.push(forbidden(`${path}.${key}`, words))
  for (const [key, words] of POINTERS)
    if (schema[key] !== undefined) causes.push(forbidden(`${path}.${key}`, words))
  if (objectAt(schema, 'properties')['metadata'] !== undefined)
    causes.push(
      forbidden(`${path}.properties[metadata]`, 'must not be specified in a nested context'),
    )
  return causes
}

interface Places {
  /** Of the alternative. */
  readonly path: string
  /** Of the schema that it narrows. */
  readonly outer: string
}

/** What alternatives name and the schema outside of them does not. */
function incomplete(value: JsonObject, schema: JsonObject | undefined, at: Places): Cause[] {
  const inner: [JsonObject, string][] = ['allOf', 'anyOf', 'oneOf'].flatMap((key) =>
    objectsAt(value, key).map((each, i): [JsonObject, string] => [each, `${at.path}.${key}[${i}]`]),
  )
  const { not } = value
  if (isObject(not)) inner.push([not, `${at.path}.not`])
  return inner.flatMap(([each, path]) => nestedIncomplete(each, schema, { path, outer: at.outer }))
}

function nestedIncomplete(value: JsonObject, schema: JsonObject | undefined, at: Places): Cause[] {
  if (schema === undefined) return [required(at.outer, `because it is defined in ${at.path}`)]
  const causes = incomplete(value, schema, at)
  const child = (key: string): Places => ({
    path: `${at.path}.${key}`,
    outer: `${at.outer}.${key}`,
  })
  const { items } = value
  const outerItems = schema['items']
  if (isObject(items))
    causes.push(
      ...nestedIncomplete(items, isObject(outerItems) ? outerItems : undefined, child('items')),
    )
  const known = objectAt(schema, 'properties')
  for (const [key, inner] of schemasAt(value, 'properties')) {
    const outer = known[key]
    const place = child(`properties[${key}]`)
    causes.push(...nestedIncomplete(inner, isObject(outer) ? outer : undefined, place))
  }
  return causes
}
