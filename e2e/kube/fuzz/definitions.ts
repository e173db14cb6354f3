import { isArray, isObject, type Json, type JsonObject } from '../../../src/object/index.ts'
import type { ContractCase, ContractStep } from '../../../test/kit/cluster-contract.ts'
import { type Change, changed, drawChange, typeOfObject } from './mutate.ts'
import { drawRule } from './rules.ts'
import { type Draw, drawFrom } from './values.ts'

const LIST = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** A case about a definition of a custom kind, by its number: made, and mostly changed after that. */
export function definitionCaseOf(number: number): ContractCase {
  const draw = drawFrom(number * 7919 + 29)
  const seed = drawDefinition(draw)
  const one = `${LIST}/xs.{ns}.example.com`
  const why: string[] = []
  let object = seed
  for (let i = draw.of([0, 1, 1, 1, 2, 3]); i > 0; i -= 1) {
    const change = drawChangeOf(draw, object)
    why.push(`${change.path.join('.')}=${JSON.stringify(change.value) ?? 'gone'}`)
    object = changed(object, [change]) as JsonObject
  }
  const steps = stepsFor(draw, { seed, object, one })
  return { name: `f${number}`, why: `CustomResourceDefinition ${why.join(' ')}`, steps }
}

function stepsFor(
  draw: Draw,
  {
    seed,
    object,
    one,
  }: { readonly seed: JsonObject; readonly object: JsonObject; readonly one: string },
): ContractStep[] {
  const post = (body: Json, query = ''): ContractStep => ({
    method: 'POST',
    path: `${LIST}${query}`,
    body,
  })
  const get: ContractStep = { method: 'GET', path: one }
  const gone: ContractStep = { method: 'DELETE', path: one }
  const kind = draw.below(10)
  const query = draw.of(['?dryRun=All', '', '?fieldValidation=Strict'])
  if (kind < 5) return [post(object, '?dryRun=All')]
  if (kind === 5) return [post(object), get, gone]
  const made = [post(seed), get]
  if (kind < 8) {
    const put: ContractStep = {
      method: 'PUT',
      path: `${one}${query}`,
      body: {
        ...object,
        metadata: {
          ...(object['metadata'] as JsonObject),
          resourceVersion: '${1:metadata.resourceVersion}',
        },
      },
    }
    return [...made, put, get, gone]
  }
  const apply = kind === 8
  const patch: ContractStep = {
    method: 'PATCH',
    path: `${one}${apply ? '?fieldManager=m1&force=true' : query}`,
    headers: {
      'content-type': apply ? 'application/apply-patch+yaml' : 'application/merge-patch+json',
    },
    body: apply ? object : { spec: object['spec'] ?? null },
  }
  return [...made, patch, get, gone]
}

function drawDefinition(draw: Draw): JsonObject {
  const names = ['v1', 'v1beta1', 'v2', 'v1alpha1']
  const count = draw.of([1, 1, 1, 2, 2, 3])
  const storage = draw.below(count)
  const schema = rootSchema(draw)
  const versions = names.slice(0, count).map((name, i) => ({
    name,
    served: draw.below(5) > 0 || i === storage,
    storage: i === storage,
    ...(draw.below(8) === 0 ? { deprecated: true, deprecationWarning: 'old' } : {}),
    ...parts(draw),
    schema: { openAPIV3Schema: draw.below(2) === 0 ? schema : rootSchema(draw) },
  }))
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'xs.{ns}.example.com' },
    spec: {
      group: '{ns}.example.com',
      scope: draw.of(['Namespaced', 'Cluster']),
      names: {
        plural: 'xs',
        ...(draw.below(2) === 0 ? { singular: 'x' } : {}),
        kind: 'X',
        ...(draw.below(3) === 0 ? { shortNames: ['xx', 'xy'], categories: ['all'] } : {}),
      },
      versions,
      ...(draw.below(8) === 0 ? { conversion: conversion(draw) } : {}),
    },
  }
}

function parts(draw: Draw): JsonObject {
  return {
    ...(draw.below(2) === 0
      ? {
          subresources: {
            status: {},
            ...(draw.below(2) === 0
              ? { scale: { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' } }
              : {}),
          },
        }
      : {}),
    ...(draw.below(3) === 0 ? { additionalPrinterColumns: [column(draw), column(draw)] } : {}),
    ...(draw.below(4) === 0
      ? {
          selectableFields: [
            {
              jsonPath: draw.of([
                '.spec.a',
                '.spec.n',
                '.spec.l',
                '.metadata.name',
                '.spec.m.k',
                '.spec.a.b',
                'spec.a',
                ".spec['a']",
                '.spec',
                '',
              ]),
            },
          ],
        }
      : {}),
  }
}

function column(draw: Draw): JsonObject {
  return {
    name: draw.of(['A', 'B', '']),
    type: draw.of(['string', 'integer', 'number', 'boolean', 'date', 'object']),
    jsonPath: draw.of([
      '.spec.a',
      '.metadata.creationTimestamp',
      '.spec.l[0]',
      'spec',
      '.spec.l[*].k',
    ]),
    ...(draw.below(4) === 0 ? { format: draw.of(['int32', 'date-time', 'nope', 'password']) } : {}),
    ...(draw.below(4) === 0 ? { priority: draw.of([0, 1, -1]), description: 'd' } : {}),
  }
}

function conversion(draw: Draw): JsonObject {
  const clientConfig = draw.of<JsonObject>([
    { url: 'https://127.0.0.1:1/convert' },
    { url: 'http://a.example.com' },
    { url: 'https://u:p@a.example.com/x?y#z' },
    { url: '' },
    { service: { namespace: 'default', name: 's' } },
    { service: { namespace: '', name: 's', path: 'x//y', port: 70000 } },
    { service: { namespace: 'n', name: 's', path: '/A/b/' }, caBundle: 'AAAA' },
    {},
    { url: 'https://a', service: { namespace: 'n', name: 's' } },
  ])
  const conversionReviewVersions = draw.of<Json>([
    ['v1'],
    ['v1beta1', 'v1'],
    ['x'],
    [],
    ['v1', 'v1'],
    ['A_b'],
  ])
  return {
    strategy: draw.of(['Webhook', 'Webhook', 'Webhook', 'None', 'Other']),
    ...(draw.below(6) === 0 ? {} : { webhook: { clientConfig, conversionReviewVersions } }),
  }
}

function rootSchema(draw: Draw): JsonObject {
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

const FORMATS =
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

/** Places of schemas in a definition. */
function schemasIn(
  value: Json,
  path: readonly (string | number)[],
): { path: readonly (string | number)[]; schema: JsonObject }[] {
  if (!isObject(value)) return []
  const { properties, items, additionalProperties } = value
  return [
    { path, schema: value },
    ...(isObject(properties)
      ? Object.entries(properties).flatMap(([name, inner]) =>
          schemasIn(inner ?? null, [...path, 'properties', name]),
        )
      : []),
    ...(isObject(items) ? schemasIn(items, [...path, 'items']) : []),
    ...(isObject(additionalProperties)
      ? schemasIn(additionalProperties, [...path, 'additionalProperties'])
      : []),
  ]
}

/** Mostly a change of a schema in words that schemas know; else one as any built-in kind gets. */
function drawChangeOf(draw: Draw, object: JsonObject): Change {
  if (draw.below(3) === 0) return drawChange(draw, object, typeOfObject(object))
  const spec = isObject(object['spec']) ? object['spec'] : {}
  const versions = isArray(spec['versions']) ? spec['versions'] : []
  const found = versions.flatMap((version, i) => {
    const schema = isObject(version) && isObject(version['schema']) ? version['schema'] : {}
    return schemasIn(schema['openAPIV3Schema'] ?? null, [
      'spec',
      'versions',
      i,
      'schema',
      'openAPIV3Schema',
    ])
  })
  if (found.length === 0) return drawChange(draw, object, typeOfObject(object))
  const { path, schema } = draw.of(found)
  const put = (key: string, value: Json | undefined): Change => ({ path: [...path, key], value })
  return draw.of<() => Change>([
    () =>
      put('type', pick(draw, ['object', 'string', 'array', 'integer', 'null', 'nope', undefined])),
    () => put('nullable', true),
    () => put('uniqueItems', true),
    () => put('default', draw.of<Json>([{}, [], 'x', 1, { x: 1 }, [{}], true, 1.5])),
    () => put('x-kubernetes-list-type', draw.of<Json>(['set', 'map', 'atomic', 'x'])),
    () => put('x-kubernetes-map-type', draw.of<Json>(['atomic', 'granular', 'x'])),
    () => put('x-kubernetes-list-map-keys', draw.of<Json>([['k'], ['a', 'a'], []])),
    () => put('x-kubernetes-preserve-unknown-fields', draw.of<Json>([true, true, true, false])),
    () => put('x-kubernetes-embedded-resource', true),
    () => put('x-kubernetes-int-or-string', true),
    () =>
      put(
        'properties',
        pick(draw, [undefined, {}, { a: {} }, { a: { type: 'string' }, k: { type: 'integer' } }]),
      ),
    () =>
      put(
        'additionalProperties',
        draw.of<Json>([true, false, { type: 'string' }, {}, { type: 'object', default: {} }]),
      ),
    () => put('items', pick(draw, [undefined, {}, { type: 'string' }, { type: 'object' }])),
    () =>
      put(draw.of(['allOf', 'anyOf', 'oneOf']), [
        draw.of<Json>([
          { required: ['a'] },
          { type: 'string' },
          { properties: { a: { minLength: 1 } } },
          { properties: { nope: { maxLength: 1 } } },
          { items: { minLength: 1 } },
          { 'x-kubernetes-validations': [{ rule: 'true' }] },
          { nullable: true, description: 'x' },
          { additionalProperties: { minimum: 1 } },
          { pattern: '(' },
        ]),
      ]),
    () => put('not', draw.of<Json>([{ required: ['a'] }, { type: 'string' }, { enum: ['a'] }])),
    () => put('enum', draw.of<Json>([[], ['a'], [1, 'a', null], [{}]])),
    () => put('pattern', draw.of(['(', '^a$', '[', '\\d+', 'a{1,2000}'])),
    () => put('format', draw.of(FORMATS)),
    () =>
      put(
        draw.of([
          'maximum',
          'minimum',
          'maxLength',
          'minLength',
          'maxItems',
          'minItems',
          'maxProperties',
          'minProperties',
          'multipleOf',
        ]),
        draw.of<Json>([0, 1, 5, -1, 1.5]),
      ),
    () => put('required', draw.of<Json>([[], ['a'], ['nope'], ['a', 'a']])),
    () => put('x-kubernetes-validations', [drawRule(draw, schema), drawRule(draw, schema)]),
    () => put('x-kubernetes-validations', [drawRule(draw, schema)]),
    () => put('x-kubernetes-validations', undefined),
  ])()
}

function pick(draw: Draw, values: readonly (Json | undefined)[]): Json | undefined {
  return values[draw.below(values.length)]
}
