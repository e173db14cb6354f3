import { isArray, isObject, type JsonObject } from '../../../object/index.ts'
import { type Cause, forbidden, invalid, notSupported } from '../../builtin/index.ts'
import { goSchema } from './go-schema.ts'
import { listTypeProblems } from './list-types.ts'
import { isSet, objectsAt, schemasAt, textAt } from './parts.ts'
import { type CelPlace, childPlace, ruleCauses, ruleTexts, type Within } from './rule-form.ts'

/** What was found: rules are only looked at where nothing else is wrong. */
export interface FormCauses {
  readonly schema: Cause[]
  readonly rules: Cause[]
}

/** A schema to check, and where it stands. */
export interface Spot {
  readonly schema: JsonObject
  readonly path: string
  readonly isRoot: boolean
  readonly within: Within
  /** What rules need to know of the place; undefined where they are not looked at. */
  readonly cel: CelPlace | undefined
}

/**
 * What is wrong with a schema and all below it, apart from being structural.
 * @see k8s.io/apiextensions-apiserver pkg/apis/apiextensions/validation/validation.go
 * ValidateCustomResourceDefinitionOpenAPISchema (v0.36.3)
 */
export function formCauses(spot: Spot): FormCauses {
  const { schema, path } = spot
  const found: FormCauses = { schema: ownCauses(spot), rules: [] }
  const add = (more: FormCauses): void => {
    found.schema.push(...more.schema)
    found.rules.push(...more.rules)
  }
  if (schema['uniqueItems'] === true)
    found.schema.push(
      forbidden(
        `${path}.uniqueItems`,
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    )
  for (const inner of innerSpots(spot)) add(formCauses(inner))
  const { schema: own } = found
  if (mixesProperties(schema))
    own.push(
      forbidden(
        `${path}.additionalProperties`,
        'additionalProperties and properties are mutual exclusive',
      ),
    )
  if (schema['x-kubernetes-preserve-unknown-fields'] === false)
    own.push(
      invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'),
    )
  own.push(...listTypeProblems(schema, path), ...ruleTexts(schema, path))
  if (own.length === 0 && spot.cel !== undefined)
    found.rules.push(...ruleCauses(schema, path, { cel: spot.cel, within: spot.within }))
  return found
}

function mixesProperties(schema: JsonObject): boolean {
  const { additionalProperties: more } = schema
  return more !== undefined && more !== true && schemasAt(schema, 'properties').length > 0
}

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string']

/** Whether a key that is not supported is there at all, or says something. */
const REFUSED: readonly (readonly [string, 'there' | 'set'])[] = [
  ['id', 'set'],
  ['additionalItems', 'there'],
  ['patternProperties', 'set'],
  ['definitions', 'set'],
  ['dependencies', 'there'],
  ['$ref', 'there'],
]

function ownCauses({ schema, path, within }: Spot): Cause[] {
  const causes: Cause[] = []
  const type = textAt(schema, 'type')
  if (type !== '' && !TYPES.includes(type)) causes.push(notSupported(`${path}.type`, type, TYPES))
  if (schema['default'] !== undefined && within.noDefault !== undefined)
    causes.push(forbidden(`${path}.default`, `must not be set ${within.noDefault}`))
  for (const [key, how] of REFUSED) {
    const value = schema[key]
    const is = how === 'there' ? value !== undefined : isSet(value)
    if (is) causes.push(forbidden(`${path}.${key}`, `${key} is not supported`))
  }
  if (type === 'null')
    causes.push(
      forbidden(`${path}.type`, 'type cannot be set to null, use nullable as an alternative'),
    )
  if (isArray(schema['items']) && schema['items'].length > 0)
    causes.push(forbidden(`${path}.items`, 'items must be a schema object and not an array'))
  if (within.insideMeta === true && schema['x-kubernetes-embedded-resource'] === true)
    causes.push(
      forbidden(
        `${path}.x-kubernetes-embedded-resource`,
        'must not be used inside of resource meta',
      ),
    )
  return causes
}

const META = ['metadata', 'kind', 'apiVersion']

function innerSpots(spot: Spot): Spot[] {
  const { schema, path, within } = spot
  const child = (inner: JsonObject, place: string, more: Partial<Spot> = {}): Spot => ({
    schema: inner,
    path: `${path}.${place}`,
    isRoot: false,
    within,
    cel: undefined,
    ...more,
  })
  const spots: Spot[] = []
  const { additionalProperties, not } = schema
  if (isObject(additionalProperties))
    spots.push(
      child(additionalProperties, 'additionalProperties', {
        within:
          within.insideMeta === true
            ? {
                ...within,
                noDefault: 'inside additionalProperties applying to object metadata',
              }
            : within,
        cel: childPlace(spot.cel, schema),
      }),
    )
  for (const [name, inner] of schemasAt(schema, 'properties'))
    spots.push(
      child(inner, `properties[${name}]`, {
        within: withinProperty(spot, name),
        cel: childPlace(spot.cel, schema),
      }),
    )
  if (isObject(not)) spots.push(child(not, 'not'))
  for (const key of ['allOf', 'oneOf', 'anyOf'])
    for (const [i, inner] of objectsAt(schema, key).entries())
      spots.push(child(inner, `${key}[${i}]`))
  for (const [name, inner] of schemasAt(schema, 'definitions'))
    spots.push(child(inner, `definitions[${name}]`))
  spots.push(...itemSpots(spot, child))
  for (const [name, inner] of schemasAt(schema, 'dependencies'))
    spots.push(child(inner, `dependencies[${name}]`))
  return spots
}

function itemSpots(
  { schema, path, within, cel }: Spot,
  child: (inner: JsonObject, place: string, more?: Partial<Spot>) => Spot,
): Spot[] {
  const { items } = schema
  const inItems =
    schema['x-kubernetes-list-type'] === 'map' ? within : withUncorrelated(within, path)
  const spot = (inner: JsonObject, place: string): Spot =>
    child(inner, place, { within: inItems, cel: childPlace(cel, schema) })
  if (isArray(items)) return items.filter(isObject).map((inner, i) => spot(inner, `items[${i}]`))
  return isObject(items) ? [spot(items, 'items')] : []
}

function withinProperty({ schema, path, isRoot, within }: Spot, name: string): Within {
  const mapType = schema['x-kubernetes-map-type']
  const correlated = mapType === undefined || mapType === 'granular' || mapType === 'atomic'
  const inner = correlated ? within : withUncorrelated(within, path)
  const isResource = isRoot || schema['x-kubernetes-embedded-resource'] === true
  if (!isResource || !META.includes(name)) return inner
  return {
    ...inner,
    insideMeta: true,
    ...(isRoot ? { noDefault: `in top-level ${name}` } : {}),
  }
}

function withUncorrelated(within: Within, path: string): Within {
  return within.uncorrelated === undefined ? { ...within, uncorrelated: path } : within
}

const ROOT_FIELDS = [
  'Description',
  'Type',
  'Format',
  'Title',
  'Maximum',
  'ExclusiveMaximum',
  'Minimum',
  'ExclusiveMinimum',
  'MaxLength',
  'MinLength',
  'Pattern',
  'MaxItems',
  'MinItems',
  'UniqueItems',
  'MultipleOf',
  'Required',
  'Items',
  'Properties',
  'ExternalDocs',
  'Example',
  'XPreserveUnknownFields',
  'XValidations',
]

/** What the schema of a kind whose status is written apart may say at its root. */
export function rootCauses(schema: JsonObject, path: string): Cause[] {
  const causes: Cause[] = []
  const printed = goSchema(schema) as JsonObject
  for (const [name, value] of Object.entries(printed)) {
    if (!isSet(value)) continue
    if (name === 'Type') {
      if (value === 'object') continue
      const words =
        'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
      return [...causes, invalid(`${path}.type`, value, words)]
    }
    if (ROOT_FIELDS.includes(name)) continue
    const words = `only [${ROOT_FIELDS.join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`
    return [...causes, invalid(path, printed, words)]
  }
  return causes
}
