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
  [
    'a replacement that grows',
    `${'"aaaaaaaaaa"'}${'.replace("a", "aaaaaaaaaa")'.repeat(12)} == ""`,
  ],
  ['a pattern on a long text', "big.matches('(x+x+)+y')"],
])('%s ends at the limit', (_, text) => {
  const compiled = program(text)
  expect(code(() => compiled.evaluate({ big: 'x'.repeat(5_000_000) }))).toBe('CEL_COST')
})

function doubling(times: number): string {
  let text = "'abcdefghij'"
  for (let i = 0; i < times; i += 1) text = `cel.bind(v${i}, ${text}, v${i} + v${i})`
  return `${text} == ''`
}

test('one that is too long is not read', () => {
  expect(code(() => program(`'${'x'.repeat(40_000)}' == ''`))).toBe('CEL_SYNTAX')
})

test('one that is nested too deep is not read', () => {
  expect(code(() => program(`${'('.repeat(500)}true${')'.repeat(500)}`))).toBe('CEL_SYNTAX')
})

test('the budget is fresh for each evaluation', () => {
  const compiled = program(nested('all', 4, 'true'))
  for (let i = 0; i < 30; i += 1) expect(compiled.evaluateBool({})).toBe(true)
})
