import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from '../../src/base/index.ts'

test.each([
  ['1h', 3_600_000, '1h0m0s'],
  ['1m30s', 90_000, '1m30s'],
  ['1.5s', 1500, '1.5s'],
  ['250ms', 250, '250ms'],
  ['0s', 0, '0s'],
  ['10m0s', 600_000, '10m0s'],
  ['-3s', -3000, '-3s'],
])('%s is %d ms and prints as %s', (text, ms, printed) => {
  expect(parseDuration(text)).toBe(ms)
  expect(formatDuration(ms)).toBe(printed)
})

test.each(['', '10', 'abc', '1x', '5 m'])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined()
})

test('what is printed reads back as it was', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e9 }), (ms) => {
      expect(parseDuration(formatDuration(ms))).toBeCloseTo(ms, 3)
    }),
  )
})
