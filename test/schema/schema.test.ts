import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  builtinKind,
  builtinKinds,
  builtinResource,
  builtinType,
  canonicalQuantity,
  conform,
  inGoOrder,
  kubernetesVersion,
  told,
} from '../../src/schema/index.ts'

test('the data says which Kubernetes it is of', () => {
  expect(kubernetesVersion).toMatch(/^v1\.36\.\d+$/)
})

test('every resource has a type, and every type of a kind can be walked to its leaves', () => {
  const seen = new Set<unknown>()
  const walk = (type: ReturnType<typeof builtinType>): void => {
    if (type === undefined || seen.has(type)) return
    seen.add(type)
    for (const field of type.map?.fields.values() ?? []) walk(field.type)
    walk(type.map?.element)
    walk(type.list?.element)
  }
  for (const kind of builtinKinds()) {
    const type = builtinType(kind)
    expect(type, `${kind.group}/${kind.version} ${kind.kind}`).toBeDefined()
    walk(type)
  }
  expect(seen.size).toBeGreaterThan(500)
})

test('discovery data: names, scope, verbs, subresources', () => {
  expect(builtinKind({ group: 'apps', version: 'v1', kind: 'Deployment' })).toMatchObject({
    plural: 'deployments',
    singular: 'deployment',
    shortNames: ['deploy'],
    categories: ['all'],
    namespaced: true,
    subresources: [
      { name: 'scale', kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' } },
      { name: 'status' },
    ],
  })
  expect(builtinResource({ group: '', version: 'v1', plural: 'nodes' })?.namespaced).toBe(false)
})

test('how lists and maps are merged', () => {
  const container = builtinType({ group: '', version: 'v1', kind: 'Pod' })
    ?.map?.fields.get('spec')
    ?.type.map?.fields.get('containers')
  expect(container?.type.list).toMatchObject({ associative: true, keys: ['name'] })
  expect(container).toMatchObject({ patchStrategies: ['merge'], patchMergeKey: 'name' })
  const ports = container?.type.list?.element.map?.fields.get('ports')
  expect(ports?.type.list?.keys).toEqual(['containerPort', 'protocol'])
  expect(ports?.type.list?.element.map?.fields.get('protocol')?.default).toBe('TCP')
})

const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' } }

describe('the typed round trip', () => {
  test('names unknown fields and drops them', () => {
    const { object, unknown } = conform({
      ...DEPLOYMENT,
      spec: { replicas: 2, foo: 1, template: { spec: { containers: [{ name: 'a', bar: {} }] } } },
    })
    expect([...unknown].sort()).toEqual(['spec.foo', 'spec.template.spec.containers[0].bar'])
    expect(JSON.stringify(object)).not.toMatch(/foo|bar/)
  })

  test('writes what Go writes: empty structs stay, empty optional values go', () => {
    const spec = { replicas: 0, minReadySeconds: 0, paused: false, template: { spec: {} } }
    const { object } = conform({ ...DEPLOYMENT, metadata: { name: 'x', labels: {} }, spec })
    expect(object).toEqual({
      ...DEPLOYMENT,
      spec: {
        replicas: 0,
        selector: null,
        strategy: {},
        template: { metadata: {}, spec: { containers: null } },
      },
      status: {},
    })
  })

  test('says what a field can not hold, in the words of the decoder', () => {
    const { mismatches } = conform({ ...DEPLOYMENT, spec: { replicas: '3' } })
    expect(mismatches).toEqual([
      {
        path: 'spec.replicas',
        message:
          'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
        restoring: 'unrecognized type: int32',
        isLast: false,
      },
    ])
  })

  test.each([
    {
      reason: 'a type with a name of its own is told by it',
      given: { uid: 7 },
      want: 'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.uid of type types.UID',
    },
    {
      reason: 'a type that reads itself ends the reading, whatever was wrong before',
      given: { generation: 1.5, deletionTimestamp: {} },
      want: 'json: cannot unmarshal object into Go struct field ObjectMeta.metadata.deletionTimestamp of type string',
    },
    {
      reason: 'else the first is told',
      given: { generation: 1.5, name: [] },
      want: 'json: cannot unmarshal number 1.5 into Go struct field ObjectMeta.metadata.generation of type int64',
    },
  ])('of several misfits one is told: $reason', ({ given, want }) => {
    expect(told(conform({ ...DEPLOYMENT, metadata: given }).mismatches)?.message).toBe(want)
  })

  test('fields that a struct inherits are told with the struct that they are from', () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', spec: { ephemeralContainers: [{ name: [] }] } }
    expect(told(conform(pod).mismatches)?.message).toBe(
      'json: cannot unmarshal array into Go struct field EphemeralContainer.spec.ephemeralContainers.EphemeralContainerCommon.name of type string',
    )
  })

  test('keys stand in the order of the Go source, those of maps by their bytes', () => {
    const type = builtinType({ group: 'apps', version: 'v1', kind: 'Deployment' })
    const given = { spec: {}, metadata: { labels: { b: '1', a: '2' }, name: 'x' }, kind: 'K' }
    expect(JSON.stringify(type === undefined ? {} : inGoOrder(given, type))).toBe(
      '{"kind":"K","metadata":{"name":"x","labels":{"a":"2","b":"1"}},"spec":{}}',
    )
  })

  test('leaves kinds alone that it does not know', () => {
    const object = { apiVersion: 'example.com/v1', kind: 'Thing', spec: { a: null } }
    expect(conform(object)).toEqual({ object, unknown: [], mismatches: [], emptied: [] })
  })
})

const mismatches = join(import.meta.dirname, '../fixtures/conform/mismatches')

function recorded<T>(file: string): T[] {
  return JSON.parse(readFileSync(join(mismatches, file), 'utf8')) as T[]
}

interface Sent {
  readonly apiVersion: string
  readonly kind: string
}

describe('a real API server says the same of values that do not fit', () => {
  const inputs = recorded<Sent>('input.json')
  const messages = recorded<string>('expected.json')
  test.each(inputs.map((input, i) => [JSON.stringify(input), i] as const))('%s', (_, i) => {
    const input = inputs[i] as Sent
    const [first] = conform(input as never).mismatches
    const prefix = `${input.kind} in version "v1" cannot be handled as a ${input.kind}: `
    expect(prefix + first?.message).toBe(messages[i])
  })
})

test.each([
  ['1000m', '1'],
  ['0.5', '500m'],
  ['1024Mi', '1Gi'],
  ['1.5Gi', '1536Mi'],
  ['512', '512'],
  ['1e3', '1e3'],
  ['1E3', '1E3'],
  ['0.1Ki', '102400m'],
  ['100k', '100k'],
  ['1000k', '1M'],
  ['-5', '-5'],
  ['0.0000000001', '1n'],
  ['0', '0'],
  ['0Gi', '0'],
  ['x', undefined],
  ['1.2.3', undefined],
  ['1e999999999', '1e999999999'],
  ['1e-999999999', '1e-9'],
  ['10000E999999999', '9223372036854775807'],
])('quantity %s is written as %s', (text, want) => {
  expect(canonicalQuantity(text)).toBe(want)
})
