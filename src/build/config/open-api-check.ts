import { isArray, isObject, type Json, type JsonObject } from '../../object/index.ts'
import { fail } from '../fault.ts'
import { kindOf } from '../load/kustomization-file.ts'

/** A value of a JSON object as it comes out of its entries. */
type Value = Json | undefined

type Check = (value: Value) => void

function demand(is: (value: Value) => boolean, type: string): Check {
  return (value) => {
    if (!is(value))
      fail(`json: cannot unmarshal JSON ${kindOf(value ?? null)} into Go value of type ${type}`)
  }
}

const text = demand((value) => typeof value === 'string', 'string')
const flag = demand((value) => typeof value === 'boolean', 'bool')
const number = demand((value) => typeof value === 'number', 'float64')
const anyList = demand(isArray, '[]interface {}')
const anyMap = demand(isObject, 'map[string]interface {}')

function listOf(item: Check, type: string): Check {
  return (value) => {
    if (!isArray(value)) demand(() => false, type)(value)
    else for (const each of value) if (each !== null) item(each)
  }
}

function mapOf(item: Check, type: string): Check {
  return (value) => {
    if (!isObject(value)) demand(() => false, type)(value)
    else for (const each of Object.values(value)) if (each !== null) item(each)
  }
}

const texts = listOf(text, '[]string')

function textOrTexts(value: Value): void {
  if (typeof value !== 'string' && !isArray(value))
    fail(
      `json: cannot unmarshal Go value of type spec.StringOrArray: expected string or array, not '${kindOf(value ?? null)}'`,
    )
  if (isArray(value)) texts(value)
}

function schemaOrSchemas(value: Value): void {
  if (isArray(value)) for (const each of value) demandSchema(each)
  else demandSchema(value)
}

function schemaOrFlag(value: Value): void {
  if (typeof value !== 'boolean') demandSchema(value)
}

const SCHEMA: Readonly<Record<string, Check>> = {
  id: text,
  $schema: text,
  $ref: text,
  description: text,
  title: text,
  format: text,
  pattern: text,
  discriminator: text,
  type: textOrTexts,
  nullable: flag,
  readOnly: flag,
  exclusiveMaximum: flag,
  exclusiveMinimum: flag,
  uniqueItems: flag,
  maximum: number,
  minimum: number,
  multipleOf: number,
  maxLength: number,
  minLength: number,
  maxItems: number,
  minItems: number,
  maxProperties: number,
  minProperties: number,
  enum: anyList,
  required: texts,
  externalDocs: anyMap,
  items: schemaOrSchemas,
  not: (value) => demandSchema(value),
  allOf: listOf(demandSchema, '[]spec.Schema'),
  oneOf: listOf(demandSchema, '[]spec.Schema'),
  anyOf: listOf(demandSchema, '[]spec.Schema'),
  properties: mapOf(demandSchema, 'map[string]spec.Schema'),
  patternProperties: mapOf(demandSchema, 'map[string]spec.Schema'),
  definitions: mapOf(demandSchema, 'spec.Definitions'),
  additionalProperties: schemaOrFlag,
  additionalItems: schemaOrFlag,
}

/**
 * Fails where a value does not fit into the type that kustomize reads schemas into.
 * @see k8s.io/kube-openapi pkg/validation/spec schema.go
 */
export function demandSchema(value: Value): void {
  if (value === null) return
  if (!isObject(value))
    return fail(
      `json: cannot unmarshal JSON ${kindOf(value ?? null)} into Go value of type spec.Schema`,
    )
  for (const [name, field] of Object.entries(value)) {
    const check = Object.hasOwn(SCHEMA, name) ? SCHEMA[name] : undefined
    if (field !== null) check?.(field)
  }
}

/** The definitions that a file of `crds` holds, by the names of their types. */
export function demandDefinitions(value: Json): JsonObject {
  if (value === null) return {}
  if (!isObject(value))
    return fail(
      `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kindOf(value ?? null)} into Go value of type accumulator.nameToApiMap`,
    )
  for (const definition of Object.values(value)) {
    if (definition === null) continue
    if (!isObject(definition))
      fail(
        `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kindOf(definition ?? null)} into Go value of type accumulator.OpenAPIDefinition`,
      )
    for (const [name, field] of Object.entries(definition)) {
      if (name.toLowerCase() === 'schema') demandSchema(field)
      if (name.toLowerCase() === 'dependencies' && field !== null) texts(field)
    }
  }
  return value
}
