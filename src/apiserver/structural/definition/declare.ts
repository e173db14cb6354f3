import {
  type CelType,
  listType,
  mapType,
  type Sized,
  simpleType,
  structType,
} from '../../../cel/index.ts'
import { isArray, isObject, type JsonObject } from '../../../object/index.ts'
import { celName, RESERVED } from '../cel-names.ts'
import { schemasAt, textAt, textsAt } from './parts.ts'

/** What a schema declares to rules: its type, how big values can get, and how small they are. */
export interface Declaration {
  readonly type: CelType
  readonly sized: Sized
  /** Of the smallest value, as JSON. */
  readonly leastBytes: number
}

/** The biggest request that is taken. */
export const REQUEST_BYTES: number = 3 * 1024 * 1024

const TEXT: JsonObject = { type: 'string' }
const METADATA: JsonObject = { type: 'object', properties: { name: TEXT, generateName: TEXT } }

/** A schema to declare, and where it stands. */
interface At {
  readonly name: string
  readonly isRoot: boolean
}

/**
 * What a schema declares to the rules of CRDs; undefined for one that says too little.
 * @see k8s.io/apiserver pkg/cel/common/schemas.go SchemaDeclType (v0.36.3)
 */
export function declare(schema: JsonObject, at: At): Declaration | undefined {
  if (schema['x-kubernetes-int-or-string'] === true)
    return { type: simpleType('dyn'), sized: { most: lettersOf(schema) }, leastBytes: 1 }
  switch (at.isRoot ? 'object' : textAt(schema, 'type')) {
    case 'array':
      return declareList(schema, at)
    case 'object':
      return isObject(schema['additionalProperties']) && !at.isRoot
        ? declareMap(schema, schema['additionalProperties'], at)
        : declareObject(schema, at)
    case 'string':
      return declareText(schema)
    case 'boolean':
      return { type: simpleType('bool'), sized: { most: 0 }, leastBytes: 4 }
    case 'number':
      return { type: simpleType('double'), sized: { most: 0 }, leastBytes: 1 }
    case 'integer':
      return { type: simpleType('int'), sized: { most: 0 }, leastBytes: 1 }
    default:
      return undefined
  }
}

function below(schema: JsonObject, name: string): Declaration | undefined {
  return declare(schema, { name, isRoot: schema['x-kubernetes-embedded-resource'] === true })
}

function limit(schema: JsonObject, key: string): number | undefined {
  const value = schema[key]
  return typeof value === 'number' ? Math.max(0, value) : undefined
}

function declareList(schema: JsonObject, { name }: At): Declaration | undefined {
  const { items } = schema
  const element = isObject(items) ? below(items, `${name}.@idx`) : undefined
  if (element === undefined) return undefined
  const most =
    limit(schema, 'maxItems') ?? Math.floor((REQUEST_BYTES - 2) / (element.leastBytes + 1))
  return {
    type: listType(element.type),
    sized: { most, element: element.sized },
    leastBytes: 2,
  }
}

function declareMap(schema: JsonObject, values: JsonObject, { name }: At): Declaration | undefined {
  const element = below(values, `${name}.@elem`)
  if (element === undefined) return undefined
  const most =
    limit(schema, 'maxProperties') ?? Math.floor((REQUEST_BYTES - 2) / (element.leastBytes + 6))
  return {
    type: mapType(simpleType('string'), element.type),
    sized: { most, element: element.sized, key: { most: 0 } },
    leastBytes: 2,
  }
}

function declareObject(schema: JsonObject, { name, isRoot }: At): Declaration {
  const own = new Map(schemasAt(schema, 'properties'))
  if (isRoot) for (const [key, more] of resourceFields()) own.set(key, more)
  const must = textsAt(schema, 'required')
  const fields = new Map<string, CelType>()
  const sizes = new Map<string, Sized>()
  let leastBytes = 2
  for (const [key, inner] of own) {
    const known = celNameOf(key)
    const field = below(inner, `${name}.${known ?? key}`)
    if (field === undefined) continue
    if (known !== undefined) {
      for (const each of RESERVED.has(key) ? [known, key] : [known]) {
        fields.set(each, field.type)
        sizes.set(each, field.sized)
      }
    }
    if (must.includes(key) && inner['default'] === undefined)
      leastBytes += Buffer.byteLength(key) + field.leastBytes + 4
  }
  return { type: structType(name, fields), sized: { most: 0, fields: sizes }, leastBytes }
}

function resourceFields(): readonly (readonly [string, JsonObject])[] {
  return [
    ['kind', TEXT],
    ['apiVersion', TEXT],
    ['metadata', METADATA],
  ]
}

/** The name of a property in an expression; undefined where it can have none. */
function celNameOf(name: string): string | undefined {
  return /^[A-Za-z_./-][A-Za-z0-9_./-]*$/.test(name) ? celName(name) : undefined
}

const TIMES: Readonly<Record<string, readonly [CelType, number, number]>> = {
  duration: [simpleType('duration'), 32, 3],
  date: [simpleType('timestamp'), 12, 12],
  'date-time': [simpleType('timestamp'), 32, 21],
}

function declareText(schema: JsonObject): Declaration {
  const format = textAt(schema, 'format')
  const time = TIMES[format]
  if (time !== undefined) {
    const [type, most, leastBytes] = time
    return { type, sized: { most }, leastBytes }
  }
  if (format === 'byte') {
    const most = limit(schema, 'maxLength') ?? REQUEST_BYTES - 2
    return { type: simpleType('bytes'), sized: { most }, leastBytes: 2 }
  }
  return { type: simpleType('string'), sized: { most: lettersOf(schema) }, leastBytes: 2 }
}

/** How many bytes a text can have: a letter has up to four. */
function lettersOf(schema: JsonObject): number {
  const most = limit(schema, 'maxLength')
  if (most !== undefined) return most * 4
  const values = schema['enum']
  if (schema['x-kubernetes-int-or-string'] === true || !isArray(values) || values.length === 0)
    return REQUEST_BYTES - 2
  return Math.max(
    0,
    ...values.map((each) => (typeof each === 'string' ? Buffer.byteLength(each) : 0)),
  )
}
