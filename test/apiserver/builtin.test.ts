import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { invalidMessage, resetFields, validateBuiltin } from '../../src/apiserver/builtin/index.ts'
import { gvkOf, type JsonObject, type KubeObject, parseYaml } from '../../src/object/index.ts'
import { comparable, write } from './write-path.ts'

const root = join(import.meta.dirname, '../fixtures/builtin')

function input(name: string): unknown[] {
  const text = readFileSync(join(root, name, 'input.yaml'), 'utf8')
  return parseYaml(text, 'input.yaml') as unknown[]
}

function expected<T>(name: string): T[] {
  return JSON.parse(readFileSync(join(root, name, 'expected.json'), 'utf8')) as T[]
}

function written(
  live: KubeObject | undefined,
  op: 'create' | 'apply',
  object: KubeObject,
): KubeObject {
  const manager = op === 'create' ? 'm1' : 'm2'
  const result = write(live, { op, manager, body: object as unknown as JsonObject })
  if ('refusal' in result) throw new Error(result.refusal.message)
  return result.object
}

function title(object: KubeObject): string {
  return `${object.kind} ${object.metadata.name}`
}

const objects = input('objects') as KubeObject[]
const made = expected<{ created: { object: JsonObject }; applied: { object: JsonObject } }>(
  'objects',
)

describe('what the API server makes of a new object', () => {
  test.each(objects.map((object, i) => [title(object), i] as const))('%s', (_, i) => {
    const object = objects[i] as KubeObject
    expect(comparable(written(undefined, 'create', object))).toEqual(made[i]?.created.object)
    expect(comparable(written(undefined, 'apply', object))).toEqual(made[i]?.applied.object)
  })

  test.each(objects.map((object, i) => [title(object), i] as const))(
    'applying %s again changes nothing',
    (_, i) => {
      const object = objects[i] as KubeObject
      const first = written(undefined, 'apply', object)
      expect(written(first, 'apply', object)).toEqual(first)
    },
  )
})

interface Refused {
  readonly live?: JsonObject
  readonly message: string
  readonly causes: readonly { reason: string; message: string; field: string }[]
}

const invalid = input('invalid') as KubeObject[]
const refused = expected<Refused>('invalid')

describe('what is wrong with an object', () => {
  test.each(invalid.map((object, i) => [i, title(object)] as const))('%i %s', (i) => {
    const object = invalid[i] as KubeObject
    const causes = validateBuiltin(written(undefined, 'create', object))
    // The real server walks maps in no order.
    expect(sorted(causes)).toEqual(sorted(refused[i]?.causes ?? []))
  })
})

function sorted(causes: readonly { reason: string; message: string; field: string }[]): string[] {
  return [...new Set(causes.map((c) => `${c.field}: ${c.reason}: ${firstLine(c.message)}`))].sort()
}

/** What follows is a comparison of Go's own structs, which we do not print. */
function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(
    /^(Invalid value: )\{"(labels|metadata)".*\}/,
    '$1…',
  )
}

const updates = input('updates') as [KubeObject, KubeObject][]
const forbidden = expected<Refused>('updates')

describe('what may not be changed', () => {
  test.each(updates.map(([before], i) => [i, title(before)] as const))('%i %s', (i) => {
    const live = forbidden[i]?.live as unknown as KubeObject
    const next = updates[i]?.[1] as KubeObject
    const result = write(live, { op: 'apply', manager: 'm', body: next as unknown as JsonObject })
    if ('refusal' in result) throw new Error(result.refusal.message)
    expect(sorted(validateBuiltin(result.object, live))).toEqual(sorted(forbidden[i]?.causes ?? []))
  })
})

test('a refusal reads as that of the API server', () => {
  const [first] = invalid
  const causes = validateBuiltin(written(undefined, 'create', first as KubeObject))
  const message = invalidMessage('Deployment.apps', 'A_b', causes)
  const parts = (text: string | undefined): string[] => (text ?? '').split(/, (?=\w+[.[])/).sort()
  expect(parts(message.replaceAll(/[[\]]/g, ''))).toEqual(
    parts(refused[0]?.message.replaceAll(/[[\]]/g, '')),
  )
})

test.each([
  { of: 'a Deployment', kind: 'apps/v1', name: 'Deployment', sub: '', want: [['status']] },
  {
    of: 'the status of a Deployment',
    kind: 'apps/v1',
    name: 'Deployment',
    sub: 'status',
    want: [['spec'], ['metadata', 'labels']],
  },
  { of: 'a ConfigMap', kind: 'v1', name: 'ConfigMap', sub: '', want: [] },
])('nobody owns by an update of $of what it can not set', ({ kind, name, sub, want }) => {
  expect(resetFields(gvkOf({ apiVersion: kind, kind: name }), sub)).toEqual(want)
})
