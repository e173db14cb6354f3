import { expect, test } from 'vitest'
import { compile, readyEnvironment } from '../../src/cel/index.ts'

test('a comparison with one equals sign is told as the reference tells it', () => {
  const text = "dep.metadata.name = 'x'"
  expect(() => compile(text, readyEnvironment())).toThrow(
    `failed to parse the CEL expression '${text}': ERROR: <input>:1:19: Syntax error: token recognition error at: '= '
 | dep.metadata.name = 'x'
 | ..................^
ERROR: <input>:1:21: Syntax error: extraneous input ''x'' expecting <EOF>
 | dep.metadata.name = 'x'
 | ....................^`,
  )
})
