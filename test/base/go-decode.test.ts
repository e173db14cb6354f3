import { expect, test } from 'vitest'
import { type GoShape, goDecode, isFault } from '../../src/base/index.ts'

const LAYER: GoShape = {
  struct: 'Descriptor',
  go: 'v1.Descriptor',
  fields: { size: 'int64', mediaType: 'string' },
}
const SHAPE: GoShape = {
  struct: 'Manifest',
  go: 'v1.Manifest',
  fields: {
    layers: { list: LAYER, go: '[]v1.Descriptor' },
    annotations: { map: 'string', go: 'map[string]string' },
  },
}

function told(value: unknown): unknown {
  try {
    return goDecode(value, SHAPE)
  } catch (error) {
    if (!isFault(error, 'JSON')) throw error
    return error.message
  }
}

// The words are those that source-controller 1.9.1 put into conditions.
const cases: Record<string, { given: unknown; want: unknown }> = {
  'names count whatever their case': {
    given: { Layers: [{ SIZE: 1 }] },
    want: { layers: [{ size: 1 }] },
  },
  'null changes nothing': {
    given: { layers: null, annotations: { a: null } },
    want: { annotations: { a: '' } },
  },
  'what is not in the shape is dropped': { given: { other: 1 }, want: {} },
  'another kind of value': {
    given: [],
    want: 'json: cannot unmarshal array into Go value of type v1.Manifest',
  },
  'a field of another type': {
    given: { layers: 'x' },
    want: 'json: cannot unmarshal string into Go struct field Manifest.layers of type []v1.Descriptor',
  },
  'a field within a list': {
    given: { layers: [{ size: 1.5 }] },
    want: 'json: cannot unmarshal number 1.5 into Go struct field Descriptor.layers.size of type int64',
  },
  'a value of a map': {
    given: { annotations: { a: 1 } },
    want: 'json: cannot unmarshal number into Go struct field Manifest.annotations of type string',
  },
}
for (const [reason, { given, want }] of Object.entries(cases))
  test(`a JSON value becomes a Go value: ${reason}`, () => {
    expect(told(given)).toEqual(want)
  })
