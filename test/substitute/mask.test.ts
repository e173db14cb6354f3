import { expect, test } from 'vitest'
import { maskSecrets } from '../../src/substitute/index.ts'

test.each([
  ['value: "hunter2"', ['hunter2'], 'value: "*****"'],
  ['hunter2hunter', ['hunter', 'hunter2'], '**********'],
  ['aHVudGVyMg== in base64', ['hunter2'], '***** in base64'],
  ['"line \\"one\\"" quoted', ['line "one"'], '"*****" quoted'],
  ['the server said "ab", not cab', ['ab'], 'the server said "*****", not cab'],
  ['nothing to hide', [''], 'nothing to hide'],
])('%s without %j', (message, values, want) => {
  expect(maskSecrets(message, values)).toBe(want)
})
