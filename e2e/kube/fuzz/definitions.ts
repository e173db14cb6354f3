import { isArray, isObject, type Json, type JsonObject } from '../../../src/object/index.ts'
import type { ContractCase, ContractStep } from '../../../test/kit/cluster-contract.ts'
import { type Change, changed, drawChange, typeOfObject } from './mutate.ts'
import { drawRule } from './rules.ts'
import { FORMATS, rootSchema } from './schemas.ts'
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
