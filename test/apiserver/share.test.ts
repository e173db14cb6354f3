import { assert, type JsonValue, json, property } from 'fast-check'
import { expect, test } from 'vitest'
import { interned } from '../../src/apiserver/fields/interned.ts'
import { shared } from '../../src/apiserver/store/share.ts'
import type { JsonObject } from '../../src/object/index.ts'

const parsed = json({ maxDepth: 3 }).map((text) => JSON.parse(text) as JsonValue)

test('a value that shares parts with another one is written as before', () => {
  assert(
    property(parsed, parsed, (value, other) => {
      const text = JSON.stringify(value)
      expect(JSON.stringify(shared(value, other))).toBe(text)
      expect(shared(JSON.parse(text), value)).toBe(value)
    }),
  )
})

test('what changed is new, what did not is the same', () => {
  const other = { spec: { a: [1, { b: 2 }], c: { d: 3 } }, data: { e: 'f' } }
  const value = shared({ spec: { a: [1, { b: 2 }], c: { d: 4 } }, data: { e: 'f' } }, other)
  expect(value).toEqual({ spec: { a: [1, { b: 2 }], c: { d: 4 } }, data: { e: 'f' } })
  expect(value.spec.a).toBe(other.spec.a)
  expect(value.data).toBe(other.data)
})

test('fields that are owned alike are in memory once, and are written as before', () => {
  const fields = (): JsonObject => ({ 'f:spec': { '.': {}, 'f:a': {} }, 'f:status': { 'f:a': {} } })
  const text = JSON.stringify(fields())
  const [first, second] = [interned(fields()), interned(fields())]
  expect(JSON.stringify(first)).toBe(text)
  expect(second).toBe(first)
  expect(interned({ 'f:data': { '.': {}, 'f:a': {} } })['f:data']).toBe(first['f:spec'])
})
