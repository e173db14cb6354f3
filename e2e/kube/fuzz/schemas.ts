import type { Json, JsonObject } from '../../../src/object/index.ts'
import { drawRule } from './rules.ts'
import type { Draw } from './values.ts'

/** The schema of a kind, mostly right. */
export function rootSchema(draw: Draw): JsonObject {
  const properties: Record<string, Json> = {
    spec: objectSchema(draw, 0, ['a', 'n', 'l', 'm', 'o', 'i', 't', 'b-c']),
    status: objectSchema(draw, 2, ['n', 's']),
  }
  if (draw.below(12) === 0)
    properties['metadata'] = draw.of<Json>([
      { type: 'object' },
      { type: 'object', properties: { name: { type: 'string', maxLength: 5 } } },
      { type: 'object', description: 'd' },
      { type: 'string' },
    ])
  return {
    type: 'object',
    properties,
    ...(draw.below(6) === 0 ? { required: ['spec'] } : {}),
    ...rules(draw, { type: 'object', properties }, 6),
  }
}

function rules(draw: Draw, schema: JsonObject, rarity: number): JsonObject {
  if (draw.below(rarity) > 0) return {}
  const count = draw.of([1, 1, 2])
  return {
    'x-kubernetes-validations': Array.from({ length: count }, () => drawRule(draw, schema)),
  }
}

function objectSchema(draw: Draw, depth: number, names: readonly string[]): JsonObject {
  const properties: Record<string, Json> = {}
  for (const name of names)
    if (draw.below(3) > 0 || depth === 0) properties[name] = anySchema(draw, depth + 1, name)
  const must = names.filter((name) => properties[name] !== undefined && draw.below(4) === 0)
  const schema: JsonObject = {
    type: 'object',
    properties,
    ...(must.length > 0 ? { required: must } : {}),
    ...(draw.below(8) === 0 ? { default: {} } : {}),
    ...(draw.below(10) === 0
      ? { 'x-kubernetes-map-type': draw.of(['atomic', 'granular', 'x']) }
      : {}),
    ...(draw.below(12) === 0 ? { 'x-kubernetes-preserve-unknown-fields': true } : {}),
    ...(draw.below(25) === 0 ? { 'x-kubernetes-embedded-resource': true } : {}),
    ...(draw.below(8) === 0
      ? { oneOf: [{ required: [names[0] ?? 'a'] }, { required: ['n'] }] }
      : {}),
    ...(draw.below(12) === 0
      ? { not: { properties: { [names[0] ?? 'a']: { enum: ['z'] } } } }
      : {}),
  }
  return { ...schema, ...rules(draw, schema, 4) }
}

/** Formats, known and unknown. */
export const FORMATS: readonly string[] =
  'date-time date duration byte email hostname ipv4 ipv6 cidr uri uuid int-or-string nope password k8s-short-name'.split(
    ' ',
  )

function anySchema(draw: Draw, depth: number, name: string): JsonObject {
  const form = name === 'n' ? 1 : name === 'a' || name === 's' ? 0 : draw.below(depth > 3 ? 4 : 11)
  const schema = formOf(draw, form, depth)
  return {
    ...schema,
    ...(draw.below(12) === 0 ? { nullable: true } : {}),
    ...(draw.below(10) === 0 ? { description: 'words <of> it' } : {}),
    ...rules(draw, schema, 8),
  }
}

function formOf(draw: Draw, form: number, depth: number): JsonObject {
  const maybe = (rarity: number, more: JsonObject): JsonObject =>
    draw.below(rarity) === 0 ? more : {}
  if (form === 0)
    return {
      type: 'string',
      ...maybe(3, { maxLength: draw.of([5, 64, 1000]) }),
      ...maybe(6, { enum: draw.of<Json>([['a', 'b'], ['d'], ['a', 1]]) }),
      ...maybe(5, { default: draw.of<Json>(['a', 'd', 5, 'too long a text for this', '']) }),
      ...maybe(6, { pattern: draw.of(['^[a-z]+$', '(', '^a', '[[:alpha:]]', '(?=x)']) }),
      ...maybe(5, { format: draw.of(FORMATS) }),
      ...maybe(8, { minLength: draw.of([0, 1, 9]) }),
    }
  if (form === 1)
    return {
      type: draw.of(['integer', 'number']),
      ...maybe(4, { format: draw.of(['int32', 'int64', 'float', 'double', 'nope']) }),
      ...maybe(4, { minimum: draw.of([0, 1, -5, 2.5]) }),
      ...maybe(4, { maximum: draw.of([10, 100, 1.5, 1e12]) }),
      ...maybe(5, { default: draw.of<Json>([1, 0, 1.5, 'x', 200, -7]) }),
      ...maybe(8, { multipleOf: draw.of([2, 0.5, 1]) }),
      ...maybe(10, { exclusiveMinimum: true }),
      ...maybe(10, { enum: [1, 2, 3] }),
    }
  if (form === 2)
    return { type: 'boolean', ...maybe(4, { default: draw.of<Json>([true, false, 'x']) }) }
  if (form === 3)
    return {
      'x-kubernetes-int-or-string': true,
      ...maybe(2, { anyOf: [{ type: 'integer' }, { type: 'string' }] }),
      ...maybe(4, { default: draw.of<Json>([1, '50%', true]) }),
      ...maybe(4, { pattern: '^\\d+%?$' }),
      ...maybe(12, { type: 'string' }),
    }
  if (form === 4)
    return {
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      ...maybe(6, { 'x-kubernetes-embedded-resource': true }),
    }
  if (form === 5 || form === 6) return listOf(draw, depth)
  if (form === 7)
    return {
      type: 'object',
      additionalProperties:
        draw.below(8) === 0 ? draw.of<Json>([true, false]) : anySchema(draw, depth + 1, ''),
      ...maybe(2, { maxProperties: draw.of([3, 100]) }),
      ...maybe(6, { default: draw.of<Json>([{}, { a: 'b' }, { a: 1 }]) }),
    }
  if (form === 8)
    return {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      ...maybe(2, { 'x-kubernetes-preserve-unknown-fields': true }),
      ...maybe(3, {
        properties: {
          apiVersion: { type: 'string' },
          kind: { type: 'string' },
          metadata: { type: 'object' },
        },
      }),
    }
  return objectSchema(draw, depth, ['a', 'n', 'k', 'v'])
}

function listOf(draw: Draw, depth: number): JsonObject {
  const maybe = (rarity: number, more: JsonObject): JsonObject =>
    draw.below(rarity) === 0 ? more : {}
  const type = draw.of(['', '', 'atomic', 'set', 'map', 'map', 'x'])
  const items =
    type === 'map' ? objectSchema(draw, depth, ['k', 'v', 'n']) : anySchema(draw, depth + 1, '')
  return {
    type: 'array',
    items,
    ...(type === '' ? {} : { 'x-kubernetes-list-type': type }),
    ...(type === 'map'
      ? { 'x-kubernetes-list-map-keys': draw.of([['k'], ['k'], ['k', 'n'], ['nope'], ['k', 'k']]) }
      : {}),
    ...maybe(2, { maxItems: draw.of([3, 10, 1000]) }),
    ...maybe(8, { default: draw.of<Json>([[], ['a'], [{ k: 'a' }]]) }),
    ...maybe(20, { uniqueItems: true }),
  }
}
