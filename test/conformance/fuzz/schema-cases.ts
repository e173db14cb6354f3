import { type Json, printYaml } from '../../../src/object/index.ts'
import type { Dice, Tree } from './dice.ts'

type Map = Record<string, Json>

const KEYS = ['name', 'id', 'port']

/** A list's extensions: what merges, by which keys, in all the ways of saying it. */
function extensions(dice: Dice): Map {
  return dice.pick<Map>([
    {},
    { 'x-kubernetes-patch-strategy': 'merge', 'x-kubernetes-patch-merge-key': dice.pick(KEYS) },
    { 'x-kubernetes-patch-strategy': 'merge', 'x-kubernetes-patch-merge-key': dice.pick(KEYS) },
    { 'x-kubernetes-patch-strategy': 'merge,retainKeys', 'x-kubernetes-patch-merge-key': 'name' },
    { 'x-kubernetes-patch-strategy': 'replace' },
    { 'x-kubernetes-patch-strategy': 'merge' },
    { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] },
    {
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name', 'port'],
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'name',
    },
    { 'x-kubernetes-list-type': 'set' },
    {
      'x-kubernetes-list-type': 'atomic',
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'name',
    },
    { 'x-kubernetes-patch-merge-key': 'name' },
  ])
}

function item(dice: Dice): Json {
  return dice.pick<Json>([
    { $ref: '#/definitions/item' },
    {
      type: 'object',
      properties: {
        name: { type: 'string' },
        inner: { type: 'array', items: { $ref: '#/definitions/item' }, ...extensions(dice) },
      },
    },
    { type: 'object' },
    { type: 'string' },
  ])
}

function list(dice: Dice): Json {
  return { type: 'array', items: item(dice), ...extensions(dice) }
}

function schema(dice: Dice): Json {
  const kind = (version: string): Json => [{ group: 'e.com', version, kind: 'Thing' }]
  const spec: Json = dice.chance(0.5)
    ? { $ref: '#/definitions/spec' }
    : {
        type: 'object',
        properties: { list: list(dice), map: { type: 'object', additionalProperties: list(dice) } },
      }
  return {
    definitions: {
      thing: {
        type: 'object',
        properties: {
          apiVersion: { type: 'string' },
          kind: { type: 'string' },
          metadata: { type: 'object' },
          spec,
          ...(dice.chance(0.3) ? { top: list(dice) } : {}),
        },
        'x-kubernetes-group-version-kind': kind(dice.chance(0.9) ? 'v1' : 'v2'),
      },
      spec: {
        type: 'object',
        properties: {
          list: list(dice),
          map: {
            type: 'object',
            additionalProperties: dice.chance(0.5) ? list(dice) : { $ref: '#/definitions/item' },
          },
          one: { $ref: '#/definitions/item' },
        },
      },
      item: { type: 'object', properties: { name: { type: 'string' }, inner: list(dice) } },
      ...(dice.chance(0.2)
        ? {
            'io.k8s.api.apps.v1.Deployment': {
              type: 'object',
              'x-kubernetes-group-version-kind': [
                { group: 'apps', version: 'v1', kind: 'Deployment' },
              ],
              properties: {
                spec: { type: 'object', properties: { template: { type: 'object' } } },
              },
            },
          }
        : {}),
    },
    ...(dice.chance(0.3)
      ? {
          paths: {
            [dice.pick(['/apis/e.com/v1/things', '/apis/e.com/v1/namespaces/{namespace}/things'])]:
              {
                get: {
                  'x-kubernetes-group-version-kind': {
                    group: 'e.com',
                    version: 'v1',
                    kind: 'Thing',
                  },
                },
              },
          },
        }
      : {}),
  }
}

function entry(dice: Dice, isPatch: boolean, depth: number): Json {
  if (dice.chance(0.05)) return dice.pick<Json>(['a', 'b', 1, null, {}])
  const result: Map = {}
  if (dice.chance(0.85)) result['name'] = dice.pick(['a', 'b', 'c'])
  if (dice.chance(0.4)) result['id'] = dice.pick([1, 2])
  if (dice.chance(0.4)) result['port'] = dice.pick<Json>([80, 81, '80'])
  if (dice.chance(0.5)) result['v'] = dice.below(100)
  if (depth > 0 && dice.chance(0.4)) result['inner'] = entries(dice, isPatch, depth - 1)
  if (isPatch && dice.chance(0.1)) result['$patch'] = dice.pick(['delete', 'replace', 'merge'])
  return result
}

function entries(dice: Dice, isPatch: boolean, depth: number): Json {
  const list = dice.times(0, 3, () => entry(dice, isPatch, depth))
  if (isPatch && dice.chance(0.08)) list.push({ $patch: dice.pick(['replace', 'delete']) })
  return dice.chance(0.06) ? ['x', 'y', dice.pick(['x', 'z'])] : list
}

function thing(dice: Dice, isPatch: boolean): Map {
  const spec: Map = {}
  if (dice.chance(0.9)) spec['list'] = entries(dice, isPatch, 1)
  if (dice.chance(0.5)) spec['map'] = { k: entries(dice, isPatch, 1), l: entry(dice, isPatch, 1) }
  if (dice.chance(0.4)) spec['one'] = entry(dice, isPatch, 1)
  if (dice.chance(0.2)) spec['other'] = entries(dice, isPatch, 0)
  return {
    apiVersion: 'e.com/v1',
    kind: 'Thing',
    metadata: { name: 'x' },
    spec,
    ...(dice.chance(0.3) ? { top: entries(dice, isPatch, 1) } : {}),
  }
}

/** Patches of a custom resource whose lists merge as a schema of our own says. */
export function schemaTree(dice: Dice): Tree {
  const files: Tree = {}
  const isYaml = dice.chance(0.3)
  const name = isYaml ? 'schema.yaml' : 'schema.json'
  const text = isYaml ? printYaml(schema(dice)) : JSON.stringify(schema(dice))
  const base: Map = { resources: ['r.yaml'] }
  const top: Map = { resources: ['../base'] }
  const holder = dice.chance(0.7) ? 'overlay' : 'base'
  files[`${holder}/${name}`] = text
  ;(holder === 'overlay' ? top : base)['openapi'] = { path: name }
  if (dice.chance(0.1)) top['openapi'] = { version: 'v1.21.2' }
  top['patches'] = dice.times(1, 2, () => ({ patch: printYaml(thing(dice, true)) }))
  if (dice.chance(0.2)) base['patches'] = [{ patch: printYaml(thing(dice, true)) }]
  if (dice.chance(0.3)) top['namespace'] = 'ns'
  const more = dice.chance(0.3)
    ? '---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {spec: {containers: [{name: a, image: b}, {name: c}]}}}\n'
    : ''
  if (more !== '')
    top['patchesStrategicMerge'] = [
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {spec: {containers: [{name: a, image: z}]}}}\n',
    ]
  files['base/r.yaml'] = printYaml(thing(dice, false)) + more
  files['base/kustomization.yaml'] = printYaml(base)
  files['overlay/kustomization.yaml'] = printYaml(top)
  return files
}
