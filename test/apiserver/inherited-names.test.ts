import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createApiServer } from '../../src/apiserver/index.ts'
import { seededRandom, VirtualClock } from '../../src/base/index.ts'
import type { ApiRequest, Transport } from '../../src/object/index.ts'

// A key that every JavaScript object inherits is a key like any other: a server says the same of it as
// of a plain key in its place.

/** Inherited names and plain ones that stand in the same order. */
const NAMES: readonly (readonly [inherited: string, plain: string])[] = [
  ['__proto__', '_plain_'],
  ['constructor', 'cplain'],
  ['hasOwnProperty', 'hplain'],
  ['toString', 'tplain'],
  ['valueOf', 'vplain'],
]

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
const SECRETS = '/api/v1/namespaces/default/secrets'
const THINGS = '/apis/x.io/v1/namespaces/default/things'

const DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.x.io' },
  spec: {
    group: 'x.io',
    names: { plural: 'things', kind: 'Thing' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              data: { type: 'object', additionalProperties: { type: 'string' } },
              any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
}

/** One step on an object: which keys it gives or takes, in which manner. */
interface Step {
  readonly how: 'apply' | 'put' | 'merge' | 'strategic' | 'add' | 'remove' | 'replace' | 'test'
  readonly kind: keyof typeof COLLECTIONS
  readonly manager: string
  /** By name; null: taken away. */
  readonly values: readonly (string | null | undefined)[]
}

const COLLECTIONS = {
  ConfigMap: CONFIG_MAPS,
  Secret: SECRETS,
  Thing: THINGS,
} as const
const TYPES = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const

/** The texts are written by hand, so that a key is the key that it says. */
function requestOf({ how, kind, manager, values }: Step): ApiRequest {
  const entries = NAMES.flatMap(([name], i): string[] => {
    const value = values[i]
    if (value === undefined || (value === null && how !== 'merge' && how !== 'strategic')) return []
    return [`"${name}":${JSON.stringify(value)}`]
  })
  const data = `{${entries.join(',')}}`
  const field = kind === 'Secret' ? 'stringData' : 'data'
  const more = kind === 'Thing' ? `,"any":{"deep":${data}}` : ''
  const apiVersion = kind === 'Thing' ? 'x.io/v1' : 'v1'
  const body = `{"apiVersion":"${apiVersion}","kind":"${kind}","metadata":{"name":"a"},"${field}":${data}${more}}`
  const path = `${COLLECTIONS[kind]}/a?fieldManager=${manager}`
  if (how === 'put') return { method: 'PUT', path, headers: JSON_TYPE, body }
  if (how === 'apply' || how === 'merge' || how === 'strategic') {
    const forced = how === 'apply' && manager === 'one' ? `${path}&force=true` : path
    return { method: 'PATCH', path: forced, headers: { 'content-type': TYPES[how] }, body }
  }
  const operations = NAMES.flatMap(([name], i): string[] => {
    const value = values[i]
    return value === undefined
      ? []
      : [`{"op":"${how}","path":"/data/${name}","value":${JSON.stringify(value ?? 'x')}}`]
  })
  return {
    method: 'PATCH',
    path,
    headers: { 'content-type': 'application/json-patch+json' },
    body: `[${operations.join(',')}]`,
  }
}

const JSON_TYPE = { 'content-type': 'application/json' }

function plain(text: string): string {
  return NAMES.reduce((all, [inherited, other]) => all.replaceAll(inherited, other), text)
}

async function play(steps: readonly Step[], named: (text: string) => string): Promise<string[]> {
  const server = createApiServer(
    { clock: new VirtualClock(), random: seededRandom(1) },
    { controllers: false },
  )
  const said: string[] = []
  await ask(server, {
    method: 'POST',
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    headers: JSON_TYPE,
    body: JSON.stringify(DEFINITION),
  })
  for (const step of steps) {
    const request = requestOf(step)
    const text = await ask(server, { ...request, body: named(String(request.body)) })
    said.push(plain(text))
    said.push(plain(await ask(server, { method: 'GET', path: `${COLLECTIONS[step.kind]}/a` })))
  }
  server.close()
  return said
}

async function ask(server: Transport, request: ApiRequest): Promise<string> {
  const response = await server.request(request)
  return `${response.status} ${await response.text()}`
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    how: fc.constantFrom<Step['how'][]>(
      'apply',
      'apply',
      'put',
      'merge',
      'strategic',
      'add',
      'remove',
      'replace',
      'test',
    ),
    kind: fc.constantFrom<Step['kind'][]>('ConfigMap', 'Secret', 'Thing'),
    manager: fc.constantFrom('one', 'two'),
    values: fc.array(fc.constantFrom('x', 'y', null, undefined), { minLength: 5, maxLength: 5 }),
  }),
  { minLength: 2, maxLength: 6 },
)

test('inherited names are keys like others', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const inherited = await play(given, (text) => text)
      expect(inherited).toEqual(await play(given, plain))
    }),
    { numRuns: 12 },
  )
})
