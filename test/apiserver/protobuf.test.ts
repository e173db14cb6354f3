import { expect, test } from 'vitest'
import {
  decodeProtobuf,
  encodeProtobuf,
  inJson,
  WireError,
} from '../../src/apiserver/protobuf/index.ts'
import { recordedObjects } from './recorded-objects.ts'

const built = recordedObjects.filter(({ protobuf }) => protobuf !== undefined)

test.each(built)('reads $path as the JSON of the same object', ({ protobuf = '', object }) => {
  expect(decodeProtobuf(Buffer.from(protobuf, 'base64'))).toEqual(onTheWire(object))
})

/** Claims in a StatefulSet have no kind in protobuf; it is a default. */
function onTheWire(object: unknown): unknown {
  const text = JSON.stringify(object)
  return JSON.parse(text.replace('[{"kind":"PersistentVolumeClaim","apiVersion":"v1",', '[{'))
}

test.each(built)('what is written of $path reads the same', ({ object }) => {
  const written = encodeProtobuf(object as never)
  expect(decodeProtobuf(written ?? new Uint8Array())).toEqual(onTheWire(object))
})

test('what has no protobuf is not written', () => {
  expect(encodeProtobuf({ apiVersion: 'example.org/v1', kind: 'Thing' })).toBeUndefined()
  expect(encodeProtobuf({ apiVersion: 'meta.k8s.io/v1', kind: 'Table', rows: [] })).toBeUndefined()
})

test('there is a recorded object of most kinds', () => {
  expect(new Set(built.map(({ object }) => object.kind)).size).toBeGreaterThan(50)
})

/** `DeleteOptions{gracePeriodSeconds: 0, propagationPolicy: Background, dryRun: [All]}` as client-go sends it. */
const DELETE_OPTIONS = [
  0x6b,
  0x38,
  0x73,
  0x00,
  0x0a,
  0x13,
  0x0a,
  0x02,
  0x76,
  0x31,
  0x12,
  0x0d,
  ...Buffer.from('DeleteOptions'),
  0x12,
  0x13,
  0x08,
  0x00,
  0x22,
  0x0a,
  ...Buffer.from('Background'),
  0x2a,
  0x03,
  ...Buffer.from('All'),
  0x1a,
  0x00,
  0x22,
  0x00,
]

test('reads options, which have no kind of their own', () => {
  expect(decodeProtobuf(Uint8Array.from(DELETE_OPTIONS))).toEqual({
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    gracePeriodSeconds: 0,
    propagationPolicy: 'Background',
    dryRun: ['All'],
  })
})

test('turns a protobuf body into a JSON body, and leaves others alone', () => {
  const headers = { 'content-type': 'application/vnd.kubernetes.protobuf' }
  const request = { method: 'DELETE', path: '/x', headers } as const
  const turned = inJson({ ...request, body: Uint8Array.from(DELETE_OPTIONS) }, 'Pod')
  expect(turned.headers).toEqual({ 'content-type': 'application/json' })
  expect(JSON.parse(turned.body ?? '')).toMatchObject({ kind: 'DeleteOptions' })
  expect(inJson({ method: 'PUT', path: '/x', body: '{"a":1}' }, 'Pod').body).toBe('{"a":1}')
  expect(inJson({ method: 'PUT', path: '/x', body: Buffer.from('a: 1') }, 'Pod').body).toBe('a: 1')
  expect(inJson({ method: 'GET', path: '/x' }, 'Pod')).toEqual({ method: 'GET', path: '/x' })
})

const BROKEN: Record<string, { given: readonly number[]; want: RegExp }> = {
  'bytes without the prefix': { given: [1, 2, 3, 4], want: /expected prefix \[107 56 115 0\]/ },
  'an envelope cut short': { given: DELETE_OPTIONS.slice(0, 20), want: /unexpected EOF/ },
  'a kind that is unknown': {
    given: [0x6b, 0x38, 0x73, 0, 0x0a, 0x09, 0x0a, 0x02, 0x76, 0x31, 0x12, 0x03, 0x46, 0x6f, 0x6f],
    want: /no kind "Foo" is registered for version "v1"/,
  },
}

test.each(Object.entries(BROKEN))('refuses %s', (_, { given, want }) => {
  expect(() => decodeProtobuf(Uint8Array.from(given))).toThrow(WireError)
  expect(() => decodeProtobuf(Uint8Array.from(given))).toThrow(want)
})

test('an error names the kind that was expected, and quotes the bytes', () => {
  const headers = { 'content-type': 'application/vnd.kubernetes.protobuf' }
  const body = Buffer.from('nonsense')
  expect(() => inJson({ method: 'POST', path: '/x', headers, body }, 'ConfigMap')).toThrow(
    'the object provided is unrecognized (must be of type ConfigMap): provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] (6e6f6e73656e7365)',
  )
})
