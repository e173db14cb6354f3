import type { Buffer } from 'node:buffer'
import { isArray, isObject, type JsonObject } from '../../object/index.ts'
import {
  anything,
  double,
  entries,
  extensions,
  flag,
  integer,
  message,
  named,
  nested,
  text,
  texts,
} from './messages.ts'

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
