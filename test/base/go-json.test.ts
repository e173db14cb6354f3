import { expect, test } from 'vitest'
import { goJsonError } from '../../src/base/index.ts'

test.each([
  ['', 'EOF'],
  ['nonsense', "invalid character 'o' in literal null (expecting 'u')"],
  ['not json', "invalid character 'o' in literal null (expecting 'u')"],
  ['  tree', "invalid character 'e' in literal true (expecting 'u')"],
  ['<html>', "invalid character '<' looking for beginning of value"],
  ['{ a: 1 }', "invalid character 'a' looking for beginning of object key string"],
  ['{"a": 1,', 'ours'],
])('Go says of the JSON %j: %s', (text, said) => {
  expect(goJsonError(text, 'ours')).toBe(said)
})
