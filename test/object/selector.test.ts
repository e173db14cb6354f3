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

test('an unreadable selector is refused by name', () => {
  expect(() => parseSelector('a=(b')).toThrow(/unable to parse label selector "a=\(b"/)
})
