import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse as referenceParse } from 'yaml'
import { Fault } from '../../src/base/index.ts'
import { type Json, parseYaml, printYaml } from '../../src/object/index.ts'

const VALUES: Record<string, { reason: string; given: string; want: Json }> = {
  words: {
    reason: 'YAML 1.1 booleans',
    given: 'a: yes\nb: "yes"\nc: off\nd: y',
    want: { a: true, b: 'yes', c: false, d: true },
  },
  numbers: {
    reason: 'as Go reads them',
    given: 'a: 0777\nb: 0x1F\nc: 1e3\nd: 1_000\ne: .5\nf: 08\ng: 12:30',
    want: { a: 511, b: 31, c: 1000, d: 1000, e: 0.5, f: 8, g: '12:30' },
  },
  times: {
    reason: 'are strings in JSON',
    given: 'a: 2020-01-02\nb: 2001-12-14 21:59:43.10',
    want: { a: '2020-01-02', b: '2001-12-14 21:59:43.10' },
  },
  anchors: {
    reason: 'unfold, merges too',
    given: 'a: &x {k: 1, l: 2}\nb: {<<: *x, l: 3}',
    want: { a: { k: 1, l: 2 }, b: { l: 3, k: 1 } },
  },
  blocks: {
    reason: 'literal and folded',
    given: 'a: |\n  x\n   y\nb: >-\n  x\n  y\n\n  z\n',
    want: { a: 'x\n y\n', b: 'x y\nz' },
  },
  lists: {
    reason: 'at the column of their key',
    given: 'a:\n- b\n- - c\n  - d\n- e: f\n  g: h',
    want: { a: ['b', ['c', 'd'], { e: 'f', g: 'h' }] },
  },
  keys: {
    reason: 'of any scalar type are texts',
    given: '1: a\ntrue: b\n1.5: c',
    want: { '1': 'a', '1.5': 'c', true: 'b' },
  },
}

test.each(Object.entries(VALUES))('reads %s', (_, { given, want }) => {
  expect(parseYaml(given, 'a.yaml')).toEqual([want])
})

const FAULTS: Record<string, { reason: string; given: string; line: number; want: RegExp }> = {
  'a nested mapping': {
    reason: 'on one line',
    given: 'a: 1\nb: c: d',
    line: 2,
    want: /mapping values are not allowed/,
  },
  'a tab': {
    reason: 'is no indentation',
    given: 'a:\n\t- b',
    line: 2,
    want: /cannot start any token/,
  },
  'an open bracket': {
    reason: 'to the end',
    given: 'a: [1,\n2',
    line: 2,
    want: /did not find expected/,
  },
  'a repeated key': {
    reason: 'is refused',
    given: 'a: 1\nb: 2\na: 3',
    line: 3,
    want: /already defined/,
  },
  'an unknown anchor': { reason: 'is refused', given: 'a: *b', line: 1, want: /unknown anchor/ },
}

test.each(Object.entries(FAULTS))('refuses %s', (_, { given, line, want }) => {
  let fault: unknown
  try {
    parseYaml(given, 'dir/a.yaml')
  } catch (error) {
    fault = error
  }
  expect(fault).toBeInstanceOf(Fault)
  expect((fault as Fault).message).toMatch(want)
  expect((fault as Fault).at).toMatchObject({ file: 'dir/a.yaml', line })
})

const PRINTED: Record<string, { reason: string; given: Json; want: string }> = {
  quotes: {
    reason: 'what YAML 1.1 would misread',
    given: { a: 'yes', b: '1', c: '', d: '- x', e: 'a: b', f: '12:30', g: "it's", h: '~' },
    want: 'a: "yes"\nb: "1"\nc: ""\nd: \'- x\'\ne: \'a: b\'\nf: "12:30"\ng: it\'s\nh: "~"\n',
  },
  lines: {
    reason: 'become literal blocks',
    given: { a: 'x\ny', b: 'x\n', c: 'x\n\n', d: ' x\n' },
    want: 'a: |-\n  x\n  y\nb: |\n  x\nc: |+\n  x\n\nd: |2\n   x\n',
  },
  folding: {
    reason: 'beyond eighty columns, at single spaces',
    given: { a: `${'x'.repeat(79)} ${'y'.repeat(10)} z` },
    want: `a: ${'x'.repeat(79)}\n  ${'y'.repeat(10)} z\n`,
  },
  numbers: {
    reason: 'as Go prints floats',
    given: [1, 1.5, 1e6, 1234567.5, 1e21, 1e-7],
    want: '- 1\n- 1.5\n- 1000000\n- 1.2345675e+06\n- 1e+21\n- 1e-07\n',
  },
}

test.each(Object.entries(PRINTED))('prints %s', (_, { given, want }) => {
  expect(printYaml(given)).toBe(want)
})

test('sorts keys as Go does', () => {
  const value = { b: 1, a10: 1, a2: 1, _: 1, '1': 1, B: 1 }
  expect(printYaml(value, { keys: 'sorted' })).toBe('_: 1\n"1": 1\nB: 1\na2: 1\na10: 1\nb: 1\n')
})

const text = fc.string({
  unit: fc.constantFrom(...'ab1 .:-#"\'\\[]{}&*!|>%@,?=~_/é日\n'.split('')),
})
function jsonOf(texts: fc.Arbitrary<string>): fc.Arbitrary<Json> {
  return fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<Json>(null, true, false),
      fc.integer(),
      texts,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(
        texts.filter((key) => key !== '<<'),
        tie('value'),
        { maxKeys: 4 },
      ),
    ),
  })).value
}

/** Texts on which the libraries agree what is a number. */
const letters = fc.string({ unit: fc.constantFrom(...'abcd :#"\'\\[]{}&*!|>%@,/é日\n'.split('')) })

describe('properties', () => {
  test('what is printed reads back', () => {
    fc.assert(
      fc.property(jsonOf(text), (value) => {
        expect(parseYaml(printYaml({ value }), 'a.yaml')).toEqual([{ value }])
      }),
      { numRuns: 400 },
    )
  })

  test('another library reads the same from what is printed', () => {
    fc.assert(
      fc.property(jsonOf(letters), (value) => {
        expect(referenceParse(printYaml({ value }), { version: '1.1' })).toEqual({ value })
      }),
      { numRuns: 200 },
    )
  })
})
