import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { jsonPatch, mergePatch } from '../../src/apiserver/patch/index.ts'
import {
  type Json,
  type JsonObject,
  jsonMergePatch,
  type KubeObject,
} from '../../src/object/index.ts'
import { comparable, write } from './write-path.ts'

const root = join(import.meta.dirname, '../fixtures/patch/strategic')

function read(file: string): unknown[] {
  return JSON.parse(readFileSync(join(root, file), 'utf8')) as unknown[]
}

interface Recorded {
  readonly object?: JsonObject
  readonly code?: number
  readonly message?: string
}

describe('strategic merge patches give what a real API server made of them', () => {
  const [object, ...patches] = read('input.json') as JsonObject[]
  const [created, ...answers] = read('expected.json') as Recorded[]
  const made = write(undefined, { op: 'create', manager: 'm', body: object ?? {} })
  if (!('object' in made)) throw new Error(made.refusal.message)
  const live: KubeObject = made.object

  test('the object itself', () => {
    expect(comparable(live)).toEqual(created?.object)
  })

  test.each(patches.map((patch, i) => [JSON.stringify(patch), i] as const))('%s', (_, i) => {
    const body = patches[i] ?? {}
    const want = answers[i]
    const result = write(live, { op: 'strategic', manager: 'm', body })
    if (want?.object === undefined)
      expect('refusal' in result ? result.refusal : result).toMatchObject({
        code: want?.code,
        message: want?.message,
      })
    else expect('object' in result ? comparable(result.object) : result).toEqual(want.object)
  })
})

test.each([
  { target: { a: 'b' }, patch: { a: 'c' }, want: { a: 'c' } },
  { target: { a: 'b', b: 'c' }, patch: { a: null }, want: { b: 'c' } },
  { target: { a: ['b'] }, patch: { a: 'c' }, want: { a: 'c' } },
  { target: { a: { b: 'c' } }, patch: { a: { b: 'd', c: null } }, want: { a: { b: 'd' } } },
  { target: { a: 'foo' }, patch: { a: { bb: { ccc: null } } }, want: { a: { bb: {} } } },
  { target: {}, patch: { a: { b: null } }, want: { a: {} } },
])('JSON merge of $patch into $target', ({ target, patch, want }) => {
  expect(jsonMergePatch(target, patch)).toEqual(want)
  expect(mergePatch(target, patch)).toEqual({ object: want })
})

const json: fc.Arbitrary<Json> = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>

test('a JSON merge patch applied twice is a JSON merge patch applied once', () => {
  fc.assert(
    fc.property(json, json, (target, patch) => {
      const once = jsonMergePatch(target, patch)
      expect(jsonMergePatch(once, patch)).toEqual(once)
    }),
  )
})

test.each([
  { name: 'what is no list', patch: {}, code: 400 },
  { name: 'a test that fails', patch: [{ op: 'test', path: '/a', value: 2 }], code: 422 },
  { name: 'a member that is not there', patch: [{ op: 'remove', path: '/b' }], code: 422 },
])('a JSON patch is refused for $name', ({ patch, code }) => {
  expect(jsonPatch({ a: 1 }, patch)).toMatchObject({ refusal: { code } })
})

test('a JSON patch changes the object and not what was handed in', () => {
  const object = { a: { b: [1] } }
  const patched = jsonPatch(object, [{ op: 'add', path: '/a/b/-', value: 2 }])
  expect(patched).toEqual({ object: { a: { b: [1, 2] } } })
  expect(object).toEqual({ a: { b: [1] } })
})
