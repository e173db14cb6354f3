import { isArray, isObject, type Json, type JsonObject } from '../../../src/object/index.ts'
import type { Draw } from './values.ts'

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-01T00:00:00Z',
  date: '2026-01-01',
  duration: '5m',
  email: 'a@example.com',
  hostname: 'a.example.com',
  ipv4: '10.0.0.1',
  ipv6: '::1',
  cidr: '10.0.0.0/8',
  uri: 'https://a.example.com',
  uuid: '123e4567-e89b-12d3-a456-426614174000',
  byte: 'dg==',
}

/** A value for the schema of a custom kind: with what is required, some of the rest, seldom what is wrong. */
export function instanceOf(draw: Draw, schema: JsonObject, rarity: number, depth = 0): Json {
  if (draw.below(rarity) === 0)
    return draw.of<Json>([null, 'x', 7, true, [], {}, ['x'], { x: 'y' }, -1, ''])
  const { enum: values } = schema
  if (isArray(values) && values.length > 0) return draw.of(values)
  if (schema['default'] !== undefined && draw.below(3) === 0) return schema['default']
  if (schema['x-kubernetes-int-or-string'] === true) return draw.of<Json>([1, '50%', 'a'])
  switch (schema['type']) {
    case 'object':
      return objectOf(draw, schema, rarity, depth)
    case 'array': {
      const { items } = schema
      const least = Number(schema['minItems'] ?? 0)
      const count = Math.max(least, depth > 5 ? least : draw.below(3))
      return Array.from({ length: Math.min(count, 4) }, () =>
        instanceOf(draw, isObject(items) ? items : {}, rarity, depth + 1),
      )
    }
    case 'integer':
    case 'number':
      return Math.max(
        Number(schema['minimum'] ?? 0),
        Math.min(draw.below(5), Number(schema['maximum'] ?? 5)),
      )
    case 'boolean':
      return draw.below(2) === 0
    case 'string':
      return (
        FORMATS[String(schema['format'])] ??
        draw.of(['a', 'abc', 'a.example.com', 'A', '/a', '1h', '10Mi', 'v1'])
      )
    default:
      return draw.of<Json>([{}, 'x', 1, { a: 1 }])
  }
}

function objectOf(draw: Draw, schema: JsonObject, rarity: number, depth: number): Json {
  const out: Record<string, Json> = {}
  const { properties, additionalProperties, required } = schema
  const must = isArray(required) ? required : []
  if (isObject(additionalProperties) && depth < 6)
    for (let i = draw.below(3); i > 0; i -= 1)
      out[draw.of(['a', 'b', 'a.io/c'])] = instanceOf(draw, additionalProperties, rarity, depth + 1)
  for (const [name, inner] of Object.entries(isObject(properties) ? properties : {})) {
    const isAsked = must.includes(name) ? draw.below(rarity) > 0 : depth < 5 && draw.below(4) === 0
    if (isAsked && isObject(inner)) out[name] = instanceOf(draw, inner, rarity, depth + 1)
  }
  return out
}
