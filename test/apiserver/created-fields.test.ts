import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { trackUpdate } from '../../src/apiserver/fields/index.ts'
import { hasKeyless } from '../../src/apiserver/fields/keyless.ts'
import { emptyObject, withManaged, withoutManaged } from '../../src/apiserver/fields/request.ts'
import { type TrackRequest, updateOwners } from '../../src/apiserver/fields/track.ts'
import { isArray, isObject, type Json, type KubeObject } from '../../src/object/index.ts'
import { builtinType, conform, untypedDeduced } from '../../src/schema/index.ts'
import { recordedObjects } from './recorded-objects.ts'

// A creation has a short way to what its maker owns. It must lead to what comparing with nothing finds.

function longWay(request: TrackRequest): KubeObject {
  if (hasKeyless(request.next as never, request.type)) return withoutManaged(request.next)
  const managed = { fields: new Map(), times: new Map() }
  updateOwners(managed, request)
  return withManaged(request.next, managed)
}

function gvk({ apiVersion, kind }: KubeObject) {
  const [version = '', group = ''] = apiVersion.split('/').reverse()
  return { group, version, kind }
}

/** Takes away, empties, doubles and renames some of what is below, as the numbers say. */
function changed(value: Json, dice: () => number): Json {
  const roll = dice()
  if (isArray(value)) {
    const items = value.map((item: Json) => changed(item, dice))
    if (roll === 0) return []
    return roll === 1 ? [...items, ...items.slice(0, 1)] : items
  }
  if (!isObject(value)) return value
  const entries = Object.entries(value).flatMap(([key, item]): [string, Json][] => {
    const fate = dice()
    if (item === undefined || fate === 0) return []
    if (fate === 1) return [[`${key}\u{1f30a}\ue000`, item]]
    return fate === 2 && isObject(item) ? [[key, {}]] : [[key, changed(item, dice)]]
  })
  return Object.fromEntries(entries)
}

function requestOf(object: KubeObject, reset: readonly (readonly string[])[]): TrackRequest {
  const { managedFields: _, ...metadata } = object.metadata
  const type = builtinType(gvk(object)) ?? untypedDeduced
  const formed = conform({ ...object, metadata } as never, type).object as never as KubeObject
  return { type, next: formed, manager: 'kubectl', now: 0, reset }
}

test('a creation is owned as the comparison with nothing says', () => {
  const dice = fc.infiniteStream(fc.nat({ max: 40 }))
  const wishes = fc.record({
    at: fc.nat({ max: recordedObjects.length - 1 }),
    dice,
    reset: fc.constantFrom([], [['status']], [['spec'], ['metadata', 'labels']]),
  })
  fc.assert(
    fc.property(wishes, ({ at, dice: stream, reset }) => {
      const { object } = recordedObjects[at] ?? { object: undefined }
      if (object === undefined) throw new Error('nothing recorded')
      const roll = (): number => stream.next().value ?? 0
      const { apiVersion, kind, metadata, ...rest } = object
      const body = { ...(changed(rest as Json, roll) as object), apiVersion, kind }
      const next = { ...body, metadata: { ...(changed(metadata as Json, roll) as object) } }
      const request = requestOf(next as KubeObject, reset)
      expect(trackUpdate(request)).toEqual(longWay(request))
      expect(JSON.stringify(trackUpdate(request))).toBe(JSON.stringify(longWay(request)))
    }),
    { numRuns: 300 },
  )
})

test('what stands for nothing owns nothing', () => {
  const type = untypedDeduced
  const next = emptyObject('v1', 'Thing', type)
  const request = { type, next: { ...next, metadata: { name: 'x' } }, manager: 'a', now: 0 }
  expect(trackUpdate(request)).toEqual(longWay(request))
})
