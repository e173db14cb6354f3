import { expect, test } from 'vitest'
import { inOrder } from '../../src/apiserver/convert/ordered.ts'
import type { KubeObject } from '../../src/object/index.ts'

test('a custom object is written with its keys in order, and stays the same when it is so', () => {
  const object = {
    kind: 'Boat',
    apiVersion: 'x.example/v1',
    metadata: { name: 'a', uid: 'u', labels: { 'b/c': '1', B: '2' } },
    status: { conditions: [{ type: 'Ready', status: 'True', reason: 'X' }] },
    spec: { z: 1, é: 2, a: null },
  } as unknown as KubeObject
  const ordered = inOrder(object)
  expect(JSON.stringify(ordered)).toBe(
    '{"apiVersion":"x.example/v1","kind":"Boat","metadata":{"labels":{"B":"2","b/c":"1"},"name":"a","resourceVersion":"","uid":"u"},"spec":{"a":null,"z":1,"é":2},"status":{"conditions":[{"reason":"X","status":"True","type":"Ready"}]}}',
  )
  expect(inOrder(ordered)).toBe(ordered)
})
