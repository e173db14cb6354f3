import { Buffer } from 'node:buffer'
import { isArray, isObject, type Json, type JsonObject } from '../../object/index.ts'
import {
  anything,
  choice,
  double,
  entries,
  extensions,
  flag,
  integer,
  message,
  named,
  nested,
  type Part,
  text,
  texts,
} from './messages.ts'

/** What a document of version 3 in its binary form is called. */
export const V3_PROTOBUF = 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf'

type Encode = (value: JsonObject) => Buffer

/**
 * A version 3 document as gnostic's message.
 * @see github.com/google/gnostic-models openapiv3/OpenAPIv3.proto (v0.7.0)
 */
export function inProtobufV3(document: JsonObject): Buffer {
  const { openapi, info, paths, components } = document
  return message([
    text(1, openapi),
    one(2, info, about),
    one(4, paths, (value) => members(1, value, pathItem)),
    one(5, components, (value) =>
      message([
        some(1, value['schemas'], schemaOrReference),
        some(7, value['securitySchemes'], securityScheme),
      ]),
    ),
  ])
}

function one(field: number, value: Json | undefined, encode: Encode): Part {
  return isObject(value) ? nested(field, encode(value)) : undefined
}

/** What has members; none at all are left out. */
function some(field: number, value: Json | undefined, encode: Encode): Part {
  const has = isObject(value) && Object.keys(value).length > 0
  return has ? nested(field, members(1, value, encode)) : undefined
}

function many(field: number, value: Json | undefined, encode: Encode): Part {
  if (!isArray(value)) return undefined
  return message(value.filter(isObject).map((each) => nested(field, encode(each))))
}

function members(field: number, value: JsonObject, encode: Encode): Buffer {
  return message(entries(value).map((each) => nested(field, named(each, encode))))
}

/** One of two: the thing itself, or a reference to it. */
function orReference(encode: Encode): Encode {
  return (value) =>
    message([
      typeof value['$ref'] === 'string'
        ? nested(2, message([text(1, value['$ref'])]))
        : nested(1, encode(value)),
    ])
}

const schemaOrReference: Encode = (value) => orReference(schema)(value)

function about(value: JsonObject): Buffer {
  return message([
    text(1, value['title']),
    text(2, value['description']),
    text(6, value['version']),
  ])
}

function schema(value: JsonObject): Buffer {
  const { items, properties, additionalProperties: more, enum: options } = value
  return message([
    flag(1, value['nullable']),
    text(9, value['title']),
    double(11, value['maximum'] || undefined),
    flag(12, value['exclusiveMaximum']),
    double(13, value['minimum'] || undefined),
    flag(14, value['exclusiveMinimum']),
    integer(15, value['maxLength']),
    integer(16, value['minLength']),
    text(17, value['pattern']),
    integer(18, value['maxItems']),
    integer(19, value['minItems']),
    flag(20, value['uniqueItems']),
    integer(21, value['maxProperties']),
    integer(22, value['minProperties']),
    texts(23, value['required']),
    isArray(options) ? message(options.map((each) => nested(24, anything(each)))) : undefined,
    text(25, value['type']),
    many(26, value['allOf'], schemaOrReference),
    many(27, value['oneOf'], schemaOrReference),
    many(28, value['anyOf'], schemaOrReference),
    one(29, value['not'], schema),
    one(30, items, (item) => message([nested(1, schemaOrReference(item))])),
    one(31, properties, (each) => members(1, each, schemaOrReference)),
    one(32, more, (each) => message([nested(1, schemaOrReference(each))])),
    typeof more === 'boolean' ? nested(32, choice(2, more)) : undefined,
    byDefault(value['default']),
    text(34, value['description']),
    text(35, value['format']),
    extensions(36, value),
  ])
}

/** Only numbers, flags and texts have a place; what else there is leaves an empty one. */
function byDefault(value: Json | undefined): Part {
  if (value === undefined) return undefined
  if (typeof value === 'number') return nested(33, message([double(1, value)]))
  if (typeof value === 'boolean') return nested(33, choice(2, value))
  return nested(33, typeof value === 'string' ? nested(3, Buffer.from(value)) : message([]))
}

const METHODS: readonly (readonly [method: string, field: number])[] = [
  ['get', 4],
  ['put', 5],
  ['post', 6],
  ['delete', 7],
  ['options', 8],
  ['head', 9],
  ['patch', 10],
]

function pathItem(value: JsonObject): Buffer {
  return message([
    ...METHODS.map(([method, field]) => one(field, value[method], operation)),
    many(13, value['parameters'], orReference(parameter)),
    extensions(14, value),
  ])
}

function operation(value: JsonObject): Buffer {
  return message([
    texts(1, value['tags']),
    text(3, value['description']),
    text(5, value['operationId']),
    many(6, value['parameters'], orReference(parameter)),
    one(7, value['requestBody'], orReference(requestBody)),
    one(8, value['responses'], (found) => members(2, found, orReference(response))),
    flag(10, value['deprecated']),
    extensions(13, value),
  ])
}

function parameter(value: JsonObject): Buffer {
  return message([
    text(1, value['name']),
    text(2, value['in']),
    text(3, value['description']),
    flag(4, value['required']),
    one(10, value['schema'], schemaOrReference),
    extensions(14, value),
  ])
}

function requestBody(value: JsonObject): Buffer {
  return message([
    text(1, value['description']),
    one(2, value['content'], content),
    flag(3, value['required']),
  ])
}

function response(value: JsonObject): Buffer {
  return message([text(1, value['description']), one(3, value['content'], content)])
}

function content(value: JsonObject): Buffer {
  return members(1, value, (each) => message([one(1, each['schema'], schemaOrReference)]))
}

const securityScheme: Encode = (value) =>
  orReference((scheme) =>
    message([
      text(1, scheme['type']),
      text(2, scheme['description']),
      text(3, scheme['name']),
      text(4, scheme['in']),
    ]),
  )(value)
