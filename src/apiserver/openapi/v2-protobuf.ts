import { Buffer } from 'node:buffer'
import { isArray, isObject, type Json, type JsonObject } from '../../object/index.ts'

/** What clients ask for who want version 2 in its binary form; they take no other. */
export const V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'

/**
 * A version 2 document as gnostic's message: definitions, and of the paths what clients look for:
 * who is patched, created and replaced there, and with which options.
 * @see github.com/google/gnostic-models openapiv2/OpenAPIv2.proto
 */
export function inProtobuf(document: JsonObject): Buffer {
  const { swagger, info, paths, definitions } = document
  const about = isObject(info) ? info : {}
  return message([
    text(1, swagger),
    nested(2, message([text(1, about['title']), text(2, about['version'])])),
    nested(8, message(entries(paths).map((each) => nested(2, named(each, pathItem))))),
    nested(9, message(entries(definitions).map((each) => nested(1, named(each, schema))))),
  ])
}

type Part = Buffer | undefined

function message(parts: readonly Part[]): Buffer {
  return Buffer.concat(parts.filter((part) => part !== undefined))
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80)
    rest = Math.floor(rest / 0x80)
  }
  return Buffer.from([...bytes, rest])
}

function nested(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes])
}

function text(field: number, value: Json | undefined): Part {
  return typeof value === 'string' && value !== '' ? nested(field, Buffer.from(value)) : undefined
}

function texts(field: number, value: Json | undefined): Part {
  return isArray(value) ? message(value.map((each) => text(field, each))) : undefined
}

function flag(field: number, value: Json | undefined): Part {
  return value === true ? Buffer.concat([varint(field * 8), varint(1)]) : undefined
}

function integer(field: number, value: Json | undefined): Part {
  const fits = typeof value === 'number' && value > 0
  return fits ? Buffer.concat([varint(field * 8), varint(Math.trunc(value))]) : undefined
}

function double(field: number, value: Json | undefined): Part {
  if (typeof value !== 'number') return undefined
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return Buffer.concat([varint(field * 8 + 1), bytes])
}

type Entry = readonly [name: string, value: Json]

function entries(value: Json | undefined): Entry[] {
  return isObject(value) ? Object.entries(value).map(([name, each]) => [name, each ?? null]) : []
}

function named([name, value]: Entry, encode: (value: JsonObject) => Buffer): Buffer {
  return message([text(1, name), nested(2, encode(isObject(value) ? value : {}))])
}

/** A value of any form is YAML on the wire, and JSON is YAML. */
function anything(value: Json): Buffer {
  return message([text(2, typeof value === 'string' ? value : JSON.stringify(value))])
}

function extensions(field: number, value: JsonObject): Part {
  return message(
    entries(value)
      .filter(([name]) => name.startsWith('x-'))
      .map(([name, each]) => nested(field, message([text(1, name), nested(2, anything(each))]))),
  )
}

function schema(value: JsonObject): Buffer {
  const { items, properties, type } = value
  const more = value['additionalProperties']
  const options = value['enum']
  return message([
    text(1, value['$ref']),
    text(2, value['format']),
    text(3, value['title']),
    text(4, value['description']),
    double(7, value['maximum']),
    double(9, value['minimum']),
    integer(11, value['maxLength']),
    integer(12, value['minLength']),
    text(13, value['pattern']),
    integer(14, value['maxItems']),
    integer(15, value['minItems']),
    texts(19, value['required']),
    isArray(options) ? message(options.map((each) => nested(20, anything(each)))) : undefined,
    isObject(more) ? nested(21, nested(1, schema(more))) : undefined,
    more === true ? nested(21, message([flag(2, true)])) : undefined,
    typeof type === 'string' ? nested(22, message([text(1, type)])) : undefined,
    isObject(items) ? nested(23, nested(1, schema(items))) : undefined,
    isObject(properties)
      ? nested(25, message(entries(properties).map((each) => nested(1, named(each, schema)))))
      : undefined,
    extensions(31, value),
  ])
}

const METHODS: readonly (readonly [method: string, field: number])[] = [
  ['put', 3],
  ['post', 4],
  ['patch', 8],
]

function pathItem(value: JsonObject): Buffer {
  return message(
    METHODS.map(([method, field]) => {
      const found = value[method]
      return isObject(found) ? nested(field, operation(found)) : undefined
    }),
  )
}

function operation(value: JsonObject): Buffer {
  const { parameters } = value
  const query = isArray(parameters)
    ? parameters.filter(isObject).filter((each) => each['in'] === 'query')
    : []
  return message([
    text(5, value['operationId']),
    ...query.map((each) => nested(8, nested(1, nested(2, nested(3, queryParameter(each)))))),
    extensions(13, value),
  ])
}

function queryParameter(value: JsonObject): Buffer {
  return message([
    text(2, value['in']),
    text(4, value['name']),
    text(6, value['type']),
    flag(20, value['uniqueItems']),
  ])
}
