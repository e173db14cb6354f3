import { expect, test } from 'vitest'
import { applyJsonPatch, type Json, type JsonPatchOp } from '../../src/object/index.ts'

const DOCUMENT: Json = { a: { b: [1, 2, 3], c: null }, 'x/y': 1 }

const GOOD: Record<string, { reason: string; given: JsonPatchOp[]; want: Json }> = {
  'add past the end': {
    reason: 'with -',
    given: [{ op: 'add', path: '/a/b/-', value: 4 }],
    want: { a: { b: [1, 2, 3, 4], c: null }, 'x/y': 1 },
  },
  'add from the end': {
    reason: 'negative indexes count from behind the last',
    given: [{ op: 'add', path: '/a/b/-1', value: 4 }],
    want: { a: { b: [1, 2, 3, 4], c: null }, 'x/y': 1 },
  },
  'replace the last': {
    reason: 'negative indexes',
    given: [{ op: 'replace', path: '/a/b/-1', value: 9 }],
    want: { a: { b: [1, 2, 9], c: null }, 'x/y': 1 },
  },
  'replace what is absent': {
    reason: 'adds it, as the library does',
    given: [{ op: 'replace', path: '/a/new', value: 1 }],
    want: { a: { b: [1, 2, 3], c: null, new: 1 }, 'x/y': 1 },
  },
  'escaped names': {
    reason: '~1 is a slash',
    given: [{ op: 'remove', path: '/x~1y' }],
    want: { a: { b: [1, 2, 3], c: null } },
  },
  'test null': {
    reason: 'an absent member is null',
    given: [
      { op: 'test', path: '/a/c', value: null },
      { op: 'test', path: '/a/d', value: null },
    ],
    want: DOCUMENT,
  },
  move: {
    reason: 'takes and puts',
    given: [{ op: 'move', from: '/a/b/0', path: '/first' }],
    want: { a: { b: [2, 3], c: null }, 'x/y': 1, first: 1 },
  },
  copy: {
    reason: 'shares nothing',
    given: [
      { op: 'copy', from: '/a/b', path: '/l' },
      { op: 'remove', path: '/l/0' },
    ],
    want: { a: { b: [1, 2, 3], c: null }, 'x/y': 1, l: [2, 3] },
  },
}

test.each(Object.entries(GOOD))('%s', (_, { given, want }) => {
  const before = structuredClone(DOCUMENT)
  expect(applyJsonPatch(DOCUMENT, given)).toEqual(want)
  expect(DOCUMENT).toEqual(before)
})

const BAD: Record<string, { reason: string; given: JsonPatchOp; want: string }> = {
  'add below nothing': {
    reason: 'no parent',
    given: { op: 'add', path: '/n/o', value: 1 },
    want: 'add operation does not apply: doc is missing path: "/n/o": missing value',
  },
  'remove nothing': {
    reason: 'no such key',
    given: { op: 'remove', path: '/n' },
    want: "error in remove for path: '/n': Unable to remove nonexistent key: n: missing value",
  },
  'index out of range': {
    reason: 'past the end',
    given: { op: 'add', path: '/a/b/9', value: 1 },
    want: "error in add for path: '/a/b/9': Unable to access invalid index: 9: invalid index referenced",
  },
  'replace out of range': {
    reason: 'is a missing key',
    given: { op: 'replace', path: '/a/b/9', value: 1 },
    want: 'replace operation does not apply: doc is missing key: /a/b/9: missing value',
  },
  'failed test': {
    reason: 'values differ',
    given: { op: 'test', path: '/a/b/0', value: 2 },
    want: 'testing value /a/b/0 failed: test failed',
  },
  'unknown operation': {
    reason: 'is named',
    given: { op: 'foo', path: '/a' },
    want: 'Unexpected kind: foo',
  },
  'no path': {
    reason: 'is told',
    given: { op: 'add', value: 1 },
    want: 'add operation failed to decode path: missing value',
  },
}

test.each(Object.entries(BAD))('%s', (_, { given, want }) => {
  expect(() => applyJsonPatch(DOCUMENT, [given])).toThrow(want)
})

test('prototypes are out of reach', () => {
  expect(() => applyJsonPatch({}, [{ op: 'add', path: '/__proto__/x', value: 1 }])).toThrow()
  expect(({} as Record<string, unknown>)['x']).toBeUndefined()
})
