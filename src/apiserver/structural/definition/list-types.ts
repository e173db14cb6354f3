import { isArray, isObject, type JsonObject } from '../../../object/index.ts'
import { type Cause, forbidden, invalid, notSupported, required } from '../../builtin/index.ts'
import { goSchema } from './go-schema.ts'
import { objectAt, textAt, textsAt } from './parts.ts'

const MAP_TYPES = ['atomic', 'granular']
const LIST_TYPES = ['atomic', 'set', 'map']

/** What is wrong with `x-kubernetes-map-type`, `-list-type` and `-list-map-keys` of one schema. */
export function listTypeProblems(schema: JsonObject, path: string): Cause[] {
  const causes: Cause[] = []
  const mapType = schema['x-kubernetes-map-type']
  const listType = schema['x-kubernetes-list-type']
  if (mapType !== undefined) {
    causes.push(...typeProblem(schema, path, { key: 'x-kubernetes-map-type', wanted: 'object' }))
    if (!MAP_TYPES.includes(String(mapType)))
      causes.push(notSupported(`${path}.x-kubernetes-map-type`, mapType, MAP_TYPES))
  }
  if (listType !== undefined) {
    const wrong = typeProblem(schema, path, { key: 'x-kubernetes-list-type', wanted: 'array' })
    causes.push(...(wrong.length > 0 ? wrong : setItems(schema, path)))
    if (!LIST_TYPES.includes(String(listType)))
      causes.push(notSupported(`${path}.x-kubernetes-list-type`, listType, LIST_TYPES))
  }
  return [...causes, ...keyProblems(schema, path), ...nullableProblems(schema, path)]
}

function typeProblem(
  schema: JsonObject,
  path: string,
  { key, wanted }: { readonly key: string; readonly wanted: string },
): Cause[] {
  const type = textAt(schema, 'type')
  const words = `must be ${wanted} if ${key} is specified`
  if (type === wanted) return []
  return [type === '' ? required(`${path}.type`, words) : invalid(`${path}.type`, type, words)]
}

/** Items of a set have to be one value each. */
function setItems(schema: JsonObject, path: string): Cause[] {
  const { items } = schema
  if (schema['x-kubernetes-list-type'] !== 'set' || !isObject(items)) return []
  const listType = items['x-kubernetes-list-type']
  const words = 'must be atomic as item of a list with x-kubernetes-list-type=set'
  const wrong = (key: string): Cause[] => [invalid(`${path}.items.${key}`, listType ?? null, words)]
  if (items['type'] === 'array' && listType !== undefined && listType !== 'atomic')
    return wrong('x-kubernetes-list-type')
  // The real server names the list type here, too.
  const isGranular = items['type'] === 'object' && items['x-kubernetes-map-type'] !== 'atomic'
  return isGranular ? wrong('x-kubernetes-map-type') : []
}

function keyProblems(schema: JsonObject, path: string): Cause[] {
  const causes: Cause[] = []
  const listType = schema['x-kubernetes-list-type']
  const keys = textsAt(schema, 'x-kubernetes-list-map-keys')
  const place = `${path}.x-kubernetes-list-type`
  if (keys.length > 0 && listType !== 'map') {
    const words = 'must be map if x-kubernetes-list-map-keys is non-empty'
    causes.push(listType === undefined ? required(place, words) : invalid(place, listType, words))
  }
  if (listType !== 'map') return causes
  if (keys.length === 0)
    causes.push(
      required(
        `${path}.x-kubernetes-list-map-keys`,
        'must not be empty if x-kubernetes-list-type is map',
      ),
    )
  const { items } = schema
  if (items === undefined)
    causes.push(required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map'))
  else if (!isObject(items)) {
    const given = {
      Schema: null,
      JSONSchemas: isArray(items) ? items.filter(isObject).map(goSchema) : null,
    }
    const words = 'must only have a single schema if x-kubernetes-list-type is map'
    causes.push(invalid(`${path}.items`, given, words))
  } else causes.push(...itemKeys(items, keys, path))
  return causes
}

function itemKeys(items: JsonObject, keys: readonly string[], path: string): Cause[] {
  const type = textAt(items, 'type')
  if (type !== 'object') {
    const words = "must be object if parent array's x-kubernetes-list-type is map"
    return [invalid(`${path}.items.type`, type, words)]
  }
  const place = `${path}.x-kubernetes-list-map-keys`
  const properties = objectAt(items, 'properties')
  return keys.flatMap((key, i) => {
    const inner = properties[key]
    const causes: Cause[] = []
    if (!isObject(inner))
      causes.push(invalid(place, [...keys], 'entries must all be names of item properties'))
    else if (inner['type'] === 'array' || inner['type'] === 'object') {
      const words = "must be a scalar type if parent array's x-kubernetes-list-type is map"
      causes.push(invalid(`${path}.items.properties[${key}].type`, type, words))
    }
    if (keys.indexOf(key) !== i)
      causes.push(invalid(place, [...keys], 'must not contain duplicate entries'))
    return causes
  })
}

/** Keys are there and no item is null. */
function nullableProblems(schema: JsonObject, path: string): Cause[] {
  const { items } = schema
  const listType = schema['x-kubernetes-list-type']
  if (!isObject(items) || (listType !== 'set' && listType !== 'map')) return []
  const causes: Cause[] = []
  if (items['nullable'] === true)
    causes.push(
      forbidden(
        `${path}.items.nullable`,
        `cannot be nullable when x-kubernetes-list-type is ${listType}`,
      ),
    )
  if (listType === 'set') return causes
  const properties = objectAt(items, 'properties')
  const must = textsAt(items, 'required')
  const says = 'this property is in x-kubernetes-list-map-keys, so it'
  for (const key of textsAt(schema, 'x-kubernetes-list-map-keys')) {
    const inner = properties[key]
    if (!isObject(inner)) continue
    const at = `${path}.items.properties[${key}]`
    if (!must.includes(key) && inner['default'] === undefined)
      causes.push(
        required(`${at}.default`, `${says} must have a default or be a required property`),
      )
    if (inner['nullable'] === true)
      causes.push(forbidden(`${at}.nullable`, `${says} cannot be nullable`))
  }
  return causes
}
