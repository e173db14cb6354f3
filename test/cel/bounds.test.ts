import { expect, test } from 'vitest'
import { compile, fluxEnvironment, type Program } from '../../src/cel/index.ts'

const TEN = '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]'

function nested(macro: string, depth: number, body: string): string {
  let text = body
  for (let i = 0; i < depth; i += 1) text = `${TEN}.${macro}(x${i}, ${text})`
  return text
}

function code(run: () => unknown): unknown {
  try {
    run()
    return 'no fault'
  } catch (error) {
    return error instanceof Error ? Reflect.get(error, 'code') : error
  }
}

function program(text: string): Program {
  return compile(text, fluxEnvironment())
}

test.each([
  ['all in all in all', nested('all', 12, 'true')],
  ['exists in exists', nested('exists', 12, 'false')],
  ['maps of maps', nested('map', 9, '1')],
  ['faults that a quantifier absorbs', nested('all', 12, '1 / 0 == 1')],
  ['a text that doubles', doubling(40)],
  ['lists that are compared again and again', 'list.all(x, list == other)'],
  ['objects that are compared again and again', 'list.all(x, objects == others)'],
  ['a long text that is turned round', "list.all(x, big.reverse() != '')"],
  ['digits behind the point', "list.all(x, '%.100000f'.format([1.5]) != '')"],
  ['lists that are joined', 'list.all(x, (list + other).size() > 0)'],
  [
    'a replacement that grows',
    `${'"aaaaaaaaaa"'}${'.replace("a", "aaaaaaaaaa")'.repeat(12)} == ""`,
  ],
  ['a pattern on a long text', "big.matches('(x+x+)+y')"],
])('%s ends at the limit', (_, text) => {
  const compiled = program(text)
  expect(code(() => compiled.evaluate(BIG))).toBe('CEL_COST')
})

/** A value that is one number longer each time a name is given to it. */
function doubling(times: number): string {
  let text = "'abcdefghij'"
  for (let i = 0; i < times; i += 1) text = `[${text}].map(v${i}, v${i} + v${i})[0]`
  return `${text} == ''`
}

const NUMBERS = Array.from({ length: 20_000 }, (_, i) => i)
const OBJECTS = NUMBERS.slice(0, 2000).map((i) => ({ name: `n${i}`, items: [i, i] }))
const BIG = {
  big: 'x'.repeat(5_000_000),
  list: NUMBERS,
  other: [...NUMBERS],
  objects: OBJECTS,
  others: structuredClone(OBJECTS),
}

const MANY = 30_000

test.each([
  ['too long', `'${'x'.repeat(100_000)}' == ''`],
  ['brackets in brackets', `${'('.repeat(500)}true${')'.repeat(500)}`],
  ['brackets that nobody closes', '['.repeat(MANY)],
  ['conditions in conditions', `${'true?1:'.repeat(MANY / 10)}1`],
  ['fields of fields', `a${'.a'.repeat(MANY)}`],
  ['sums of sums', `1${'+1'.repeat(MANY)} > 0`],
  ['what is no token', '#'.repeat(MANY)],
  ['texts that are not closed', '"a\\q'.repeat(MANY / 10)],
  ['optionals of optionals', `a${'.optMap(x, x)'.repeat(40)}`],
])('%s is not read', (_, text) => {
  expect(code(() => program(text))).toBe('CEL_SYNTAX')
})

test.each([
  ['a chain of conditions', `true${' && true'.repeat(5000)}`, true],
  ['digits that are no number', "'1'.matches('^1$') && int(digits) > 0", 'CEL_EVAL'],
  ['digits that are no double', 'double(digits + "x") > 0.0', 'CEL_EVAL'],
  ['digits that are no duration', "duration(digits) > duration('1s')", 'CEL_EVAL'],
  ['blanks between letters', "blanks.trim() == ''", false],
])('%s is read and worked out in linear time', (_, text, want) => {
  const compiled = program(text)
  const given = { digits: '1'.repeat(100_000), blanks: `a${' '.repeat(1_000_000)}b` }
  try {
    expect(compiled.evaluateBool(given)).toBe(want)
  } catch (error) {
    expect(error instanceof Error ? Reflect.get(error, 'code') : error).toBe(want)
  }
})

test('the budget is fresh for each evaluation', () => {
  const compiled = program(nested('all', 4, 'true'))
  for (let i = 0; i < 30; i += 1) expect(compiled.evaluateBool({})).toBe(true)
})
