import { definition } from './definitions.ts'
import { isList, isMap, type JsonMap, type JsonValue } from './json.ts'
import type { Mismatch } from './spot.ts'
import type { SchemaType } from './type.ts'

const PLACE = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.'
const PROPS = `${PLACE}JSONSchemaProps`

/** Reads a struct by itself, as the reader of such a type does. */
export type ReadStruct = (
  value: JsonMap,
  type: SchemaType,
) => { readonly object: JsonMap; readonly mismatches: readonly Mismatch[] }

/** What a type that reads itself made of a value, or why it could not. */
export interface OwnRead {
  readonly value: JsonValue
  readonly problem?: string
}

/**
 * Parts of schemas that are a schema or something else: they read themselves, so that what is wrong
 * in them is told without the place that they stand at, and what they do not know falls away.
 * Undefined: the type is none of them.
 * @see k8s.io/apiextensions-apiserver pkg/apis/apiextensions/v1/marshal.go (v0.36.3)
 */
export function readOwn(value: JsonValue, name: string, read: ReadStruct): OwnRead | undefined {
  if (!name.startsWith(`${PROPS}Or`)) return undefined
  const props = definition(PROPS)
  if (props === undefined) return undefined
  const one = (given: JsonMap): OwnRead => {
    const { object, mismatches } = read(given, props)
    const [first] = mismatches
    return first === undefined ? { value: object } : { value, problem: first.message }
  }
  if (isMap(value)) return one(value)
  switch (name.slice(PROPS.length)) {
    case 'OrBool':
      return typeof value === 'boolean'
        ? { value }
        : { value, problem: 'boolean or JSON schema expected' }
    case 'OrArray':
      return isList(value) ? list(value, one) : { value: null }
    default:
      return isList(value) ? texts(value) : { value: null }
  }
}

function list(values: readonly JsonValue[], one: (given: JsonMap) => OwnRead): OwnRead {
  const read: JsonValue[] = []
  for (const each of values) {
    if (!isMap(each)) {
      const problem = `json: cannot unmarshal ${kindOf(each)} into Go value of type v1.JSONSchemaProps`
      return { value: values, problem }
    }
    const found = one(each)
    if (found.problem !== undefined) return { value: values, problem: found.problem }
    read.push(found.value)
  }
  return { value: read.length === 0 ? null : read }
}

function texts(values: readonly JsonValue[]): OwnRead {
  const wrong = values.find((each) => typeof each !== 'string' && each !== null)
  if (wrong === undefined) return { value: values }
  return {
    value: values,
    problem: `json: cannot unmarshal ${kindOf(wrong)} into Go value of type string`,
  }
}

function kindOf(value: JsonValue): string {
  if (isList(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
