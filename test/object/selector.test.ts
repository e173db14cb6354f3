import { expect, test } from 'vitest'
import { parseSelector } from '../../src/object/index.ts'

const labels = { app: 'web', tier: 'front', n: '5' }

test.each([
  ['', true],
  ['app=web', true],
  ['app==web,tier!=back', true],
  ['app in (web, api),tier notin (back)', true],
  ['missing notin (x)', true],
  ['missing!=x', true],
  ['!missing', true],
  ['app', true],
  ['n>4', true],
  ['n<4', false],
  ['app=api', false],
  ['!app', false],
  ['missing', false],
])('%j selects: %s', (text, want) => {
  expect(parseSelector(text)(labels)).toBe(want)
})

test.each([
  ['a in (x,)', { a: '' }, true],
  ['a in ()', { a: '' }, true],
  ['a notin (x,y)', { a: 'y' }, false],
  ['in=x', { in: 'x' }, true],
  ['a=', { a: '' }, true],
])('%j over %j: %s', (text, given, want) => {
  expect(parseSelector(text)(given as Record<string, string>)).toBe(want)
})

test.each([
  ['a in ((', "unable to parse requirement: found '(', expected: ',', ')' or identifier"],
  ['a=b=c', "found '=', expected: ',' or 'end of string'"],
  ['=x', "found '=', expected: !, identifier, or 'end of string'"],
  ['a in b', "unable to parse requirement: found 'b' expected: '('"],
  ['a,,b', "found ',', expected: identifier after ','"],
  ['a=b,', "found '', expected: identifier after ','"],
  ['!', "unable to parse requirement: found '', expected: identifier"],
  ['a>x', "unable to parse requirement: for 'Gt', 'Lt' operators, the value must be an integer"],
  ['a b', "unable to parse requirement: found 'b', expected: '=', '!=', '==', 'in', notin'"],
  ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
  ['a=!', "unable to parse requirement: found '!', expected: identifier"],
])('%j is refused in the words of the reference', (text, words) => {
  expect(() => parseSelector(text)).toThrow(words)
})

test('a key that no label has is refused', () => {
  expect(() => parseSelector('-a=b')).toThrow(
    'unable to parse requirement: invalid label key "-a": name part must consist of',
  )
})
