import { expect, test } from 'vitest'
import { isFault } from '../../src/base/index.ts'
import { substitute } from '../../src/substitute/index.ts'

const OBJECT = { apiVersion: 'v1', kind: 'Thing', metadata: { name: 't' }, spec: { a: '${v}' } }

function check(value: string): unknown {
  try {
    const [object] = substitute([OBJECT], { vars: { v: value }, strict: false })
    return (object as unknown as { spec: unknown }).spec
  } catch (error) {
    if (isFault(error)) return error.message.replace(/^.*YAMLToJSON: /, '')
    throw error
  }
}

// What Flux 2.9.4 says or makes of the same.
test.each([
  { reason: 'the last of repeated keys counts', given: '{b: 1, b: 2}', want: { a: { b: 2 } } },
  {
    reason: 'a template that nobody filled in',
    given: '{{ .x }}',
    want: 'yaml: invalid map key: map[interface {}]interface {}{".x":interface {}(nil)}',
  },
  {
    reason: 'a list as a key',
    given: '{[b, 1]: c}',
    want: 'yaml: invalid map key: []interface {}{"b", 1}',
  },
  {
    reason: 'null as a key',
    given: '{~: c}',
    want: 'unsupported map key of type: %!s(<nil>), key: <nil>, value: "c"',
  },
  { reason: 'no number of JSON', given: '-.inf', want: 'json: unsupported value: -Inf' },
  { reason: 'not even a number', given: '.nan', want: 'json: unsupported value: NaN' },
  {
    reason: 'a tag that does not fit',
    given: '!!int x',
    want: 'yaml: cannot decode !!str `x` as a !!int',
  },
  { reason: 'a bell', given: '\u0007', want: 'yaml: control characters are not allowed' },
  {
    reason: 'a merge of no map',
    given: '{<<: x}',
    want: 'yaml: map merge requires map or sequence of maps as the value',
  },
])('$reason', ({ given, want }) => {
  expect(check(given)).toEqual(want)
})
