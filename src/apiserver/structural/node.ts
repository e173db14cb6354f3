import { type GoRegex, goRegex, messageOf } from '../../base/index.ts'
import { isArray, isObject, type Json, type JsonObject } from '../../object/index.ts'

/** One node of an OpenAPI v3 schema of a CRD, read once. */
export interface Node {
  /** What it was read from. */
  readonly source: JsonObject
  /** `[]`: any type. */
  readonly types: readonly string[]
  readonly nullable: boolean
  /** Only formats that the API server checks. */
  readonly format: string
  readonly enum: readonly Json[] | undefined
  readonly maximum: number | undefined
  readonly minimum: number | undefined
  readonly exclusiveMaximum: boolean
  readonly exclusiveMinimum: boolean
  readonly multipleOf: number | undefined
  readonly maxLength: number | undefined
  readonly minLength: number | undefined
  readonly pattern: string
  readonly maxItems: number | undefined
  readonly minItems: number | undefined
  readonly uniqueItems: boolean
  readonly maxProperties: number | undefined
  readonly minProperties: number | undefined
  readonly required: readonly string[]
  readonly properties: ReadonlyMap<string, Node>
  /** Schema of further keys; true any, false none, undefined not said. */
  readonly additional: Node | boolean | undefined
  readonly items: Node | undefined
  readonly allOf: readonly Node[]
  readonly anyOf: readonly Node[]
  readonly oneOf: readonly Node[]
  readonly not: Node | undefined
  readonly default: Json | undefined
  readonly intOrString: boolean
  readonly preserveUnknown: boolean
  readonly embedded: boolean
  readonly listType: string
  readonly mapKeys: readonly string[]
  readonly mapType: string
  readonly rules: readonly Rule[]
}

/** One rule of `x-kubernetes-validations`. */
export interface Rule {
  readonly rule: string
  readonly message: string
  readonly messageExpression: string
  readonly reason: string
  readonly fieldPath: string
  readonly optionalOldSelf: boolean
}

/**
 * Reads a schema as it stands in a CRD; with `asSaid` formats that are not checked stay, too, as the
 * real server has it when it looks at defaults.
 */
export function readNode(schema: JsonObject, asSaid = false): Node {
  const inner = (value: JsonObject): Node => readNode(value, asSaid)
  const intOrString = schema['x-kubernetes-int-or-string'] === true
  const type = text(schema, 'type')
  const types = intOrString ? ['integer', 'string'] : type === '' ? [] : [type]
  return {
    source: schema,
    types,
    nullable: schema['nullable'] === true,
    format: asSaid ? text(schema, 'format') : checkedFormat(text(schema, 'format'), type),
    ...readLimits(schema),
    pattern: text(schema, 'pattern'),
    uniqueItems: schema['uniqueItems'] === true,
    required: texts(schema, 'required'),
    enum: isArray(schema['enum']) ? schema['enum'] : undefined,
    properties: readProperties(schema['properties'], inner),
    additional: readAdditional(schema['additionalProperties'], inner),
    items: isObject(schema['items']) ? inner(schema['items']) : undefined,
    allOf: objects(schema, 'allOf').map(inner),
    anyOf: objects(schema, 'anyOf').map(inner),
    oneOf: objects(schema, 'oneOf').map(inner),
    not: isObject(schema['not']) ? inner(schema['not']) : undefined,
    default: schema['default'] === null ? undefined : schema['default'],
    intOrString,
    preserveUnknown: schema['x-kubernetes-preserve-unknown-fields'] === true,
    embedded: schema['x-kubernetes-embedded-resource'] === true,
    listType: text(schema, 'x-kubernetes-list-type'),
    mapKeys: texts(schema, 'x-kubernetes-list-map-keys'),
    mapType: text(schema, 'x-kubernetes-map-type'),
    rules: objects(schema, 'x-kubernetes-validations').map(readRule),
  }
}

type Limits = Pick<
  Node,
  | 'maximum'
  | 'minimum'
  | 'exclusiveMaximum'
  | 'exclusiveMinimum'
  | 'multipleOf'
  | 'maxLength'
  | 'minLength'
  | 'maxItems'
  | 'minItems'
  | 'maxProperties'
  | 'minProperties'
>

function readLimits(schema: JsonObject): Limits {
  return {
    maximum: number(schema, 'maximum'),
    minimum: number(schema, 'minimum'),
    exclusiveMaximum: schema['exclusiveMaximum'] === true,
    exclusiveMinimum: schema['exclusiveMinimum'] === true,
    multipleOf: number(schema, 'multipleOf'),
    maxLength: number(schema, 'maxLength'),
    minLength: number(schema, 'minLength'),
    maxItems: number(schema, 'maxItems'),
    minItems: number(schema, 'minItems'),
    maxProperties: number(schema, 'maxProperties'),
    minProperties: number(schema, 'minProperties'),
  }
}

function readProperties(
  value: Json | undefined,
  read: (schema: JsonObject) => Node,
): ReadonlyMap<string, Node> {
  if (!isObject(value)) return new Map()
  return new Map(
    Object.entries(value).map(([name, inner]) => [name, read(isObject(inner) ? inner : {})]),
  )
}

function readAdditional(
  value: Json | undefined,
  read: (schema: JsonObject) => Node,
): Node | boolean | undefined {
  if (typeof value === 'boolean') return value
  return isObject(value) ? read(value) : undefined
}

function readRule(rule: JsonObject): Rule {
  return {
    rule: text(rule, 'rule'),
    message: text(rule, 'message'),
    messageExpression: text(rule, 'messageExpression'),
    reason: text(rule, 'reason') || 'FieldValueInvalid',
    fieldPath: text(rule, 'fieldPath'),
    optionalOldSelf: rule['optionalOldSelf'] === true,
  }
}

const STRING_FORMATS = new Set(
  `bsonobjectid uri email hostname ipv4 ipv6 cidr mac uuid uuid3 uuid4 uuid5 isbn isbn10 isbn13
  creditcard ssn hexcolor rgbcolor byte password date duration datetime k8sshortname k8slongname`.split(
    /\s+/,
  ),
)

function checkedFormat(format: string, type: string): string {
  if (type === '' || type === 'string') {
    return STRING_FORMATS.has(format.replaceAll('-', '')) ? format : ''
  }
  if (type === 'integer') return format === 'int32' || format === 'int64' ? format : ''
  return type === 'number' && (format === 'float' || format === 'double') ? format : ''
}

function text(object: JsonObject, key: string): string {
  const value = object[key]
  return typeof value === 'string' ? value : ''
}

function number(object: JsonObject, key: string): number | undefined {
  const value = object[key]
  return typeof value === 'number' ? value : undefined
}

function texts(object: JsonObject, key: string): string[] {
  const value = object[key]
  return isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
}

function objects(object: JsonObject, key: string): JsonObject[] {
  const value = object[key]
  return isArray(value) ? value.filter(isObject) : []
}

const regexes = new Map<string, GoRegex | undefined>()
const MOST_REGEXES = 2000

/** Why Go could not compile a pattern. */
export function regexProblem(pattern: string): string {
  try {
    goRegex(pattern)
    return ''
  } catch (error) {
    return messageOf(error)
  }
}

/** A compiled pattern; undefined when Go could not compile it. */
export function regexOf(pattern: string): GoRegex | undefined {
  if (regexes.has(pattern)) return regexes.get(pattern)
  if (regexes.size >= MOST_REGEXES) regexes.clear()
  let regex: GoRegex | undefined
  try {
    regex = goRegex(pattern)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  regexes.set(pattern, regex)
  return regex
}
