import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Cause, validateMetadata } from '../../src/apiserver/builtin/index.ts'
import { compileStructural } from '../../src/apiserver/structural/index.ts'
import type { Json, JsonObject, KubeObject } from '../../src/object/index.ts'
import { customOf } from './write-path.ts'

const root = join(import.meta.dirname, '../fixtures/structural')

function read(...path: string[]): unknown {
  return JSON.parse(readFileSync(join(root, ...path), 'utf8'))
}

interface Named {
  readonly name: string
  readonly spec: Json
}

interface Recorded {
  readonly object?: JsonObject
  readonly causes?: readonly Cause[]
}

function keys(causes: readonly Cause[]): string[] {
  return [...new Set(causes.map((c) => `${c.reason} ${c.field}: ${c.message}`))].sort()
}

describe.each(readdirSync(root))(
  'objects of a CRD, case %s, as a real API server takes them',
  (name) => {
    const crd = read(name, 'crd.json') as JsonObject
    const { schema, kind } = customOf(crd)
    const inputs = read(name, 'input.json') as Named[][]
    const answers = read(name, 'expected.json') as Recorded[]

    function made(each: Named): KubeObject {
      const group = ((crd['spec'] as JsonObject)['group'] as string) ?? ''
      const object = {
        apiVersion: `${group}/v1`,
        kind,
        metadata: { name: each.name, namespace: 'default' },
        spec: each.spec,
      }
      return schema.applyDefaults(schema.prune(object).object)
    }

    test.each(
      inputs.map((input, i) => [JSON.stringify(input.map((each) => each.spec)), i] as const),
    )('%s', (_, i) => {
      const [first, second] = (inputs[i] ?? []).map(made)
      const want = answers[i]
      if (first === undefined) throw new Error('no input')
      const object = second ?? first
      const old = second === undefined ? undefined : first
      const causes = [...validateMetadata(object, true, old), ...schema.validate(object, { old })]
      expect(keys(causes)).toEqual(keys(want?.causes ?? []))
      if (want?.object !== undefined) expect(object['spec']).toEqual(want.object['spec'])
    })
  },
)

const OPEN = compileStructural({
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        known: { type: 'string' },
        open: {
          type: 'object',
          'x-kubernetes-preserve-unknown-fields': true,
          properties: { inner: { type: 'object', properties: { a: { type: 'string' } } } },
        },
      },
    },
  },
})

test('pruning drops what is not specified, and says what it was', () => {
  const object = {
    apiVersion: 'example.com/v1',
    kind: 'Thing',
    metadata: { name: 'a', foo: 'bar' },
    spec: { known: 'x', other: 1, open: { any: { b: 1 }, inner: { a: 'x', b: 'y' } } },
    extra: {},
  } as unknown as KubeObject
  const { object: pruned, unknown } = OPEN.prune(object)
  expect(pruned).toEqual({
    apiVersion: 'example.com/v1',
    kind: 'Thing',
    metadata: { name: 'a' },
    spec: { known: 'x', open: { any: { b: 1 }, inner: { a: 'x' } } },
  })
  expect(unknown).toEqual(['extra', 'metadata.foo', 'spec.open.inner.b', 'spec.other'])
})

test('without a schema everything is kept', () => {
  const object = { apiVersion: 'a/v1', kind: 'B', metadata: { name: 'a' }, spec: { x: [null] } }
  const schema = compileStructural(undefined)
  expect(schema.prune(object)).toEqual({ object, unknown: [], mismatches: [] })
  expect(schema.validate(object)).toEqual([])
})
