import { expect, test } from 'vitest'
import { Fault, placedMessage } from '../../src/base/index.ts'

test.each([
  [{ message: 'bad', at: { file: 'a/b.yaml', line: 3, column: 2 } }, 'bad (a/b.yaml:3:2)'],
  [
    { message: 'a/b.yaml:3:2: bad', at: { file: 'a/b.yaml', line: 3, column: 2 } },
    'a/b.yaml:3:2: bad',
  ],
  [{ message: 'in a/b.yaml: bad', at: { file: 'a/b.yaml' } }, 'in a/b.yaml: bad'],
  [
    { message: 'in a/b.yaml: bad', at: { file: 'a/b.yaml', line: 7 } },
    'in a/b.yaml: bad (a/b.yaml:7)',
  ],
  [{ message: 'bad' }, 'bad'],
])('%j reads %j', (init, want) => {
  expect(placedMessage(new Fault({ code: 'X', ...init }))).toBe(want)
})
