import { isArray, isObject, type Json, type JsonObject, sameJson } from '../../object/index.ts'
import { type Cause, forbidden, invalid, notSupported, required } from '../builtin/index.ts'
import { readNode, regexOf, regexProblem } from './node.ts'
import { ruleProblems } from './rules.ts'
import { schemaCauses } from './validate.ts'
import { withoutUnknown } from './walk.ts'

type Level = 'root' | 'item' | 'field'

const EMPTY_TYPE: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
}

const ROOT_FIELDS = [
  'description',
  'type',
  'format',
  'title',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'uniqueItems',
  'multipleOf',
  'required',
  'items',
  'properties',
  'externalDocs',
  'example',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-validations',
]

/** What is wrong with the schema of a CRD: that it is structural, and that what it says can be. */
export function crdSchemaCauses(schema: JsonObject, path: string, hasStatus: boolean): Cause[] {
  const causes: Cause[] = []
  const type = schema['type']
  if (hasStatus && type !== undefined && type !== 'object')
    causes.push(
      invalid(
        `${path}.type`,
        type,
        'only "object" is allowed as the type at the root of the schema if the status subresource is enabled',
      ),
    )
  if (hasStatus && Object.keys(schema).some((key) => !ROOT_FIELDS.includes(key)))
    causes.push(
      invalid(
        path,
        schema,
        `only [${ROOT_FIELDS.map(goName).join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`,
      ),
    )
  if (schema['nullable'] === true)
    causes.push(forbidden(`${path}.nullable`, 'nullable cannot be true at the root'))
  const structural = invariants(schema, 'root', path)
  causes.push(...structural)
  if (structural.length === 0) causes.push(...defaultCauses(schema, path))
  return [...causes, ...schemaProblems(schema, path, structural.length === 0)]
}

/** The name of a field in Go: `x-kubernetes-validations` is `XValidations`. */
function goName(field: string): string {
  const words = field.replace('x-kubernetes-', 'x-').split('-')
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}

/** The schemas below a schema, with their places. */
function below(schema: JsonObject, path: string): readonly [JsonObject, string, Level][] {
  const found: [JsonObject, string, Level][] = []
  const { items, additionalProperties, properties } = schema
  if (isObject(items)) found.push([items, `${path}.items`, 'item'])
  if (isObject(additionalProperties))
    found.push([additionalProperties, `${path}.additionalProperties`, 'field'])
  if (isObject(properties))
    for (const [key, inner] of Object.entries(properties))
      if (isObject(inner)) found.push([inner, `${path}.properties[${key}]`, 'field'])
  return found
}

/** @see k8s.io/apiextensions-apiserver pkg/apiserver/schema/validation.go (v0.36.3) */
function invariants(schema: JsonObject, level: Level, path: string): Cause[] {
  const causes: Cause[] = []
  const type = schema['type']
  const hasType = typeof type === 'string' && type !== ''
  const embedded = schema['x-kubernetes-embedded-resource'] === true
  const open =
    schema['x-kubernetes-int-or-string'] === true ||
    schema['x-kubernetes-preserve-unknown-fields'] === true
  if (type === 'array' && !isObject(schema['items']))
    causes.push(required(`${path}.items`, 'must be specified'))
  if (level === 'root' && schema['additionalProperties'] !== undefined)
    causes.push(forbidden(`${path}.additionalProperties`, 'must not be used at the root'))
  if (embedded && type !== 'object') {
    const words = 'must be object if x-kubernetes-embedded-resource is true'
    causes.push(hasType ? invalid(`${path}.type`, type, words) : required(`${path}.type`, words))
  } else if (!hasType && !open) causes.push(required(`${path}.type`, EMPTY_TYPE[level]))
  if (level === 'root' && hasType && type !== 'object')
    causes.push(invalid(`${path}.type`, type, 'must be object at the root'))
  const known = isObject(schema['properties']) && Object.keys(schema['properties']).length > 0
  if (embedded && !known && schema['x-kubernetes-preserve-unknown-fields'] !== true)
    causes.push(
      required(
        `${path}.properties`,
        'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
      ),
    )
  if (level === 'root' || embedded) causes.push(...metadataCauses(schema, level, path))
  causes.push(...nestedCauses(schema, path), ...patternCauses(schema, path))
  for (const [inner, place, next] of below(schema, path))
    causes.push(...invariants(inner, next, place))
  return causes
}

function metadataCauses(schema: JsonObject, level: Level, path: string): Cause[] {
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  const causes: Cause[] = []
  for (const key of ['kind', 'apiVersion']) {
    const inner = properties[key]
    if (isObject(inner) && inner['type'] !== 'string')
      causes.push(invalid(`${path}.properties[${key}].type`, inner['type'] ?? '', 'must be string'))
  }
  const metadata = properties['metadata']
  if (!isObject(metadata)) return causes
  const place = `${path}.properties[metadata]`
  if (metadata['type'] !== 'object')
    causes.push(invalid(`${place}.type`, metadata['type'] ?? '', 'must be object'))
  const { type: _t, description: _d, properties: inner, default: _f, ...rest } = metadata
  const names = isObject(inner) ? Object.keys(inner) : []
  const onlyNames = names.every((name) => name === 'name' || name === 'generateName')
  if (level === 'root' && (!onlyNames || Object.keys(rest).length > 0))
    causes.push(
      forbidden(
        place,
        'must not specify anything other than name and generateName, but metadata is implicitly specified',
      ),
    )
  return causes
}

const INT_OR_STRING: Json = [{ type: 'integer' }, { type: 'string' }]

const NOT_NESTED: readonly (readonly [string, string])[] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
]

/** Alternatives may only narrow what the schema says outside of them. */
function nestedCauses(schema: JsonObject, path: string): Cause[] {
  const isIntOrString = schema['x-kubernetes-int-or-string'] === true
  return ['anyOf', 'allOf', 'oneOf', 'not'].flatMap((key) => {
    const value = schema[key]
    if (isIntOrString && key === 'anyOf' && sameJson(value, INT_OR_STRING)) return []
    const list = isArray(value) ? value : isObject(value) ? [value] : []
    return list.flatMap((inner, i) => {
      if (!isObject(inner)) return []
      const place = key === 'not' ? `${path}.not` : `${path}.${key}[${i}]`
      const skip = isIntOrString && key === 'allOf' && i === 0
      const found = narrowing(inner, schema, { path: place, outer: path }, skip)
      const refused = found.filter((cause) => cause.reason === 'FieldValueForbidden')
      return refused.length > 0 ? refused : found
    })
  })
}

function narrowing(
  inner: JsonObject,
  outer: JsonObject,
  at: { readonly path: string; readonly outer: string },
  skipAnyOf = false,
): Cause[] {
  const causes: Cause[] = []
  for (const [key, words] of NOT_NESTED) {
    const value = inner[key]
    if (value === undefined || value === false || value === '') continue
    causes.push(forbidden(`${at.path}.${key}`, words))
  }
  const own = isObject(inner['properties']) ? inner['properties'] : {}
  const known = isObject(outer['properties']) ? outer['properties'] : {}
  if (own['metadata'] !== undefined)
    causes.push(
      forbidden(`${at.path}.properties[metadata]`, 'must not be specified in a nested context'),
    )
  for (const [key, value] of Object.entries(own)) {
    const place = `${at.path}.properties[${key}]`
    const target = known[key]
    if (!isObject(target))
      causes.push(required(`${at.outer}.properties[${key}]`, `because it is defined in ${place}`))
    else if (isObject(value))
      causes.push(
        ...narrowing(value, target, { path: place, outer: `${at.outer}.properties[${key}]` }),
      )
  }
  const deeper = skipAnyOf ? { ...inner, anyOf: undefined } : inner
  return [...causes, ...nestedCauses(deeper, at.path), ...patternCauses(inner, at.path)]
}

function patternCauses(schema: JsonObject, path: string): Cause[] {
  const pattern = schema['pattern']
  if (typeof pattern !== 'string' || pattern === '' || regexOf(pattern) !== undefined) return []
  const words = "must be a valid regular expression, but isn't"
  return [invalid(`${path}.pattern`, pattern, `${words}: ${regexProblem(pattern)}`)]
}

/** Defaults must be what the schema asks for. */
function defaultCauses(schema: JsonObject, path: string): Cause[] {
  const causes: Cause[] = []
  const value = schema['default']
  if (value !== undefined && value !== null) {
    const node = readNode(schema)
    const place = `${path}.default`
    const pruned = withoutUnknown({ value }, readNode({ properties: { value: schema } }))
    if (pruned.unknown.length > 0)
      causes.push(invalid(place, value, 'must not have unknown fields'))
    for (const cause of schemaCauses(value, node, '', undefined))
      causes.push({
        ...cause,
        field: cause.field === '<nil>' ? place : `${place}.${cause.field}`,
      })
  }
  for (const [inner, at] of below(schema, path)) causes.push(...defaultCauses(inner, at))
  return causes
}

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string']
const REFUSED: readonly (readonly [string, string])[] = [
  ['id', 'id is not supported'],
  ['additionalItems', 'additionalItems is not supported'],
  ['patternProperties', 'patternProperties is not supported'],
  ['definitions', 'definitions is not supported'],
  ['dependencies', 'dependencies is not supported'],
  ['$ref', '$ref is not supported'],
]

/** What is wrong with one schema and those below it, apart from being structural. */
function schemaProblems(schema: JsonObject, path: string, withRules: boolean): Cause[] {
  const causes: Cause[] = []
  const type = typeof schema['type'] === 'string' ? schema['type'] : ''
  if (type !== '' && !TYPES.includes(type)) causes.push(notSupported(`${path}.type`, type, TYPES))
  for (const [key, words] of REFUSED)
    if (schema[key] !== undefined) causes.push(forbidden(`${path}.${key}`, words))
  if (schema['uniqueItems'] === true)
    causes.push(
      forbidden(
        `${path}.uniqueItems`,
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    )
  const properties = schema['properties']
  const additional = schema['additionalProperties']
  const hasProperties = isObject(properties) && Object.keys(properties).length > 0
  if (hasProperties && additional !== undefined && additional !== true)
    causes.push(
      forbidden(
        `${path}.additionalProperties`,
        'additionalProperties and properties are mutual exclusive',
      ),
    )
  causes.push(...kindsOfLists(schema, path, type))
  causes.push(...ruleProblems(schema, path, withRules))
  for (const [inner, place] of below(schema, path))
    causes.push(...schemaProblems(inner, place, withRules))
  return causes
}

function kindsOfLists(schema: JsonObject, path: string, type: string): Cause[] {
  const causes: Cause[] = []
  const mapType = schema['x-kubernetes-map-type']
  const listType = schema['x-kubernetes-list-type']
  const typed = (key: string, wanted: string): void => {
    const words = `must be ${wanted} if ${key} is specified`
    if (type === wanted) return
    causes.push(
      type === '' ? required(`${path}.type`, words) : invalid(`${path}.type`, type, words),
    )
  }
  if (mapType !== undefined) typed('x-kubernetes-map-type', 'object')
  if (mapType !== undefined && mapType !== 'atomic' && mapType !== 'granular')
    causes.push(notSupported(`${path}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']))
  if (listType !== undefined) typed('x-kubernetes-list-type', 'array')
  if (listType !== undefined && !['atomic', 'set', 'map'].includes(String(listType)))
    causes.push(notSupported(`${path}.x-kubernetes-list-type`, listType, ['atomic', 'set', 'map']))
  return [...causes, ...mapListCauses(schema, path), ...setCauses(schema, path)]
}

function setCauses(schema: JsonObject, path: string): Cause[] {
  const items = schema['items']
  const listType = schema['x-kubernetes-list-type']
  if (!isObject(items) || (listType !== 'set' && listType !== 'map')) return []
  const causes: Cause[] = []
  const words = 'must be atomic as item of a list with x-kubernetes-list-type=set'
  if (
    listType === 'set' &&
    items['type'] === 'object' &&
    items['x-kubernetes-map-type'] !== 'atomic'
  )
    causes.push(invalid(`${path}.items.x-kubernetes-map-type`, null, words))
  if (items['nullable'] === true)
    causes.push(
      forbidden(
        `${path}.items.nullable`,
        `cannot be nullable when x-kubernetes-list-type is ${listType}`,
      ),
    )
  return causes
}

function mapListCauses(schema: JsonObject, path: string): Cause[] {
  const listType = schema['x-kubernetes-list-type']
  const given = schema['x-kubernetes-list-map-keys']
  const keys = isArray(given) ? given.map(String) : []
  const causes: Cause[] = []
  if (listType !== 'map') {
    const words = 'must be map if x-kubernetes-list-map-keys is non-empty'
    const place = `${path}.x-kubernetes-list-type`
    if (keys.length > 0)
      causes.push(listType === undefined ? required(place, words) : invalid(place, listType, words))
    return causes
  }
  const place = `${path}.x-kubernetes-list-map-keys`
  if (keys.length === 0)
    causes.push(required(place, 'must not be empty if x-kubernetes-list-type is map'))
  const items = schema['items']
  if (!isObject(items))
    return [
      ...causes,
      required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map'),
    ]
  if (items['type'] !== 'object')
    return [
      ...causes,
      invalid(
        `${path}.items.type`,
        items['type'] ?? '',
        "must be object if parent array's x-kubernetes-list-type is map",
      ),
    ]
  const properties = isObject(items['properties']) ? items['properties'] : {}
  const must = isArray(items['required']) ? items['required'] : []
  for (const [i, key] of keys.entries()) {
    const inner = properties[key]
    const at = `${path}.items.properties[${key}]`
    if (keys.indexOf(key) !== i)
      causes.push(invalid(place, given, 'must not contain duplicate entries'))
    if (!isObject(inner)) {
      causes.push(invalid(place, given, 'entries must all be names of item properties'))
      continue
    }
    if (inner['type'] === 'array' || inner['type'] === 'object')
      causes.push(
        invalid(
          `${at}.type`,
          items['type'],
          "must be a scalar type if parent array's x-kubernetes-list-type is map",
        ),
      )
    if (!must.includes(key) && inner['default'] === undefined)
      causes.push(
        required(
          `${at}.default`,
          'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
        ),
      )
  }
  return causes
}
