import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyBuiltinDefaults, prepareCreate } from '../../src/apiserver/builtin/index.ts'
import { createApiServer } from '../../src/apiserver/index.ts'
import { seededRandom, VirtualClock } from '../../src/base/index.ts'
import { isArray, isObject, type Json, type KubeObject } from '../../src/object/index.ts'
import { conform } from '../../src/schema/index.ts'
import { recordedObjects } from './recorded-objects.ts'

// Defaults and the strategy of a kind keep an object in its form without walking all of it again.

/** Takes away or empties some of what is below, as the numbers say. */
function thinned(value: Json, dice: () => number): Json {
  if (isArray(value)) return value.map((item) => thinned(item, dice))
  if (!isObject(value)) return value
  const entries = Object.entries(value).flatMap(([key, item]): [string, Json][] => {
    const fate = dice()
    if (item === undefined || fate === 0) return []
    return [[key, fate === 1 && isObject(item) ? {} : fate === 2 ? null : thinned(item, dice)]]
  })
  return Object.fromEntries(entries)
}

function formOf(object: KubeObject): KubeObject {
  return conform(object as never).object as never as KubeObject
}

test('what creation makes of an object is in its form', () => {
  const wishes = fc.record({
    at: fc.nat({ max: recordedObjects.length - 1 }),
    dice: fc.infiniteStream(fc.nat({ max: 30 })),
  })
  fc.assert(
    fc.property(wishes, ({ at, dice }) => {
      const { object } = recordedObjects[at] ?? { object: undefined }
      if (object === undefined) throw new Error('nothing recorded')
      const { apiVersion, kind, metadata, ...rest } = object
      const body = thinned(rest as Json, () => dice.next().value ?? 3) as object
      const given = formOf({ ...body, apiVersion, kind, metadata } as KubeObject)
      const filled = applyBuiltinDefaults(given)
      expect(JSON.stringify(filled)).toBe(JSON.stringify(formOf(filled)))
      const made = prepareCreate(filled, { now: 0 })
      expect(JSON.stringify(made)).toBe(JSON.stringify(formOf(made)))
    }),
    { numRuns: 300 },
  )
})

test('a created object is answered with its fields where Go writes them', async () => {
  const server = createApiServer({ clock: new VirtualClock(), random: seededRandom(1) })
  const answer = await server.request({
    method: 'POST',
    path: '/api/v1/namespaces/default/configmaps',
    headers: { 'content-type': 'application/json' },
    body: '{"kind":"ConfigMap","metadata":{"labels":{"a":"b"},"name":"x"},"apiVersion":"v1"}',
  })
  const { metadata, ...rest } = JSON.parse(await answer.text()) as KubeObject
  server.close()
  expect(Object.keys(rest)).toEqual(['kind', 'apiVersion'])
  expect(Object.keys(metadata)).toEqual([
    'name',
    'namespace',
    'uid',
    'resourceVersion',
    'creationTimestamp',
    'labels',
    'managedFields',
  ])
})
