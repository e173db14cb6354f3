import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeFields, encodeFields, setOf } from '../../src/apiserver/fields/index.ts'
import type { JsonObject, KubeObject } from '../../src/object/index.ts'
import { comparable, customOf, type Write, write } from './write-path.ts'

const root = join(import.meta.dirname, '../fixtures/fields')

function read(...path: string[]): unknown {
  return JSON.parse(readFileSync(join(root, ...path), 'utf8'))
}

interface Recorded {
  readonly object?: JsonObject
  readonly code?: number
  readonly message?: string
  readonly causes?: readonly JsonObject[]
}

const custom = customOf(read('crd.json') as JsonObject)
const kinds = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory())

function sortedLines(text: string | undefined): readonly string[] {
  return (text ?? '').split('\n').sort()
}

/** Replays writes; what the recorded server refused for other reasons is left out. */
function check(sequence: readonly Write[], recorded: readonly Recorded[]): void {
  let live: KubeObject | undefined
  for (const [i, request] of sequence.entries()) {
    const wanted = recorded[i]
    if (wanted?.code === 422) continue
    const result = write(live, request, custom)
    const step = `step ${i}: ${JSON.stringify(request)}`
    if (wanted?.object === undefined) {
      // Which owner is named first is left to chance by the real server.
      const refusal = 'refusal' in result ? result.refusal : undefined
      expect(refusal?.code, step).toBe(wanted?.code)
      expect(sortedLines(refusal?.message), step).toEqual(sortedLines(wanted?.message))
      continue
    }
    expect(result, step).toHaveProperty('object')
    if (!('object' in result)) return
    expect(comparable(result.object), step).toEqual(wanted.object)
    live = result.object
  }
}

describe.each(kinds.map((kind) => kind.name))(
  'writes by several managers to one %s give what a real API server answered',
  (name) => {
    const sequences = read(name, 'input.json') as Write[][]
    const answers = read(name, 'expected.json') as Recorded[][]
    test.each(sequences.map((_, i) => i))('sequence %i', (i) => {
      check(sequences[i] ?? [], answers[i] ?? [])
    })
  },
)

const CONFIG = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }

const PROBLEMS: Record<string, { body: JsonObject; want: string }> = {
  'a value of the wrong type': {
    body: { ...CONFIG, data: { a: 1 } },
    want: 'failed to create typed patch object (/a; /v1, Kind=ConfigMap): .data.a: expected string, got &value.valueUnstructured{Value:1}',
  },
  'a field that the kind does not have': {
    body: { ...CONFIG, foo: 1 },
    want: 'failed to create typed patch object (/a; /v1, Kind=ConfigMap): .foo: field not declared in schema',
  },
  'several things at once': {
    body: { ...CONFIG, data: [], immutable: 'x' },
    want: 'failed to create typed patch object (/a; /v1, Kind=ConfigMap): errors:\n  .data: expected map, got &{[]}\n  .immutable: expected boolean, got &{x}',
  },
}

test.each(Object.entries(PROBLEMS))('an apply is refused for %s', (_, { body, want }) => {
  const result = write(undefined, { op: 'apply', manager: 'm', body })
  expect('refusal' in result ? result.refusal : result).toMatchObject({ code: 500, message: want })
})

test('an apply that changes nothing changes nothing', () => {
  const body = { ...CONFIG, data: { a: '1' } }
  const first = write(undefined, { op: 'apply', manager: 'm', body })
  if (!('object' in first)) throw new Error('refused')
  const second = write(first.object, { op: 'apply', manager: 'm', body })
  expect(second).toEqual(first)
})

const element = fc.oneof(
  fc.string({ minLength: 1 }).map((name) => `f:${name}`),
  fc.record({ name: fc.string(), port: fc.integer() }).map((keys) => `k:${JSON.stringify(keys)}`),
  fc.string().map((value) => `v:${JSON.stringify(value)}`),
)

test('fieldsV1 that was written reads back as the same set', () => {
  const paths = fc.array(fc.array(element, { minLength: 1, maxLength: 4 }), { maxLength: 8 })
  fc.assert(
    fc.property(paths, (given) => {
      const once = encodeFields(decodeFields(encodeFields(setOf(...given))))
      expect(encodeFields(decodeFields(once))).toEqual(once)
    }),
    { numRuns: 200 },
  )
})
