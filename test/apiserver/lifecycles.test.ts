import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readLifecycles } from '../../src/apiserver/index.ts'
import { type Json, valueAt } from '../../src/object/index.ts'
import { bench } from './kit.ts'

/** The lifecycles that the README shows. */
function shown(): string {
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
  return /```yaml\n(name: certificate-fails[\s\S]*?)```/.exec(readme)?.[1] ?? ''
}

const CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: certificates.cert-manager.io}
spec:
  group: cert-manager.io
  scope: Namespaced
  names: {plural: certificates, singular: certificate, kind: Certificate, listKind: CertificateList}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`

test('the lifecycles of a file are played: one certificate becomes ready, another never', async () => {
  const server = bench({ lifecycles: readLifecycles(shown(), 'README.md') })
  await server.apply(CRD)
  await server.clock.advance(1000)
  const path = '/apis/cert-manager.io/v1/namespaces/default/certificates'
  const make = (name: string, metadata: Json): Promise<unknown> =>
    server.ask('POST', path, {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { name, ...(metadata as object) },
      spec: {},
    })
  await make('good', {})
  await make('bad', { annotations: { 'tidegate.dev/simulate': 'never-ready' } })
  const ready = async (name: string): Promise<Json | undefined> =>
    valueAt(await server.ask('GET', `${path}/${name}`), 'status', 'conditions', 0, 'status')
  await server.clock.advance(900)
  expect([await ready('good'), await ready('bad')]).toEqual([undefined, undefined])
  await server.clock.advance(300)
  expect([await ready('good'), await ready('bad')]).toEqual([undefined, 'False'])
  await server.clock.advance(60_000)
  expect([await ready('good'), await ready('bad')]).toEqual(['True', 'False'])
  server.close()
})

test.each([
  ['a list', '- a', 'it is no map'],
  ['an unknown field', 'name: a\nkind: b\nwhen: c', 'unknown field "when"'],
  ['no kind', 'name: a', '"kind" must be a text'],
  [
    'a delay that is none',
    'name: a\nkind: B\nremove: true\ndelay: soon',
    '"delay" must be a duration',
  ],
  ['a kind with its version', 'name: a\nkind: b.io/v1/B', '"kind" must be KIND of the core group'],
  ['a kind in small letters', 'name: a\nkind: pods', '"kind" must be KIND of the core group'],
  ['nothing to do', 'name: a\nkind: B', 'it does nothing: give "status"'],
  [
    'a condition without status',
    'name: a\nkind: B\nconditions: [{type: x}]',
    '"conditions[0]" must have the "status" \'True\'',
  ],
  [
    'a status without quotes',
    'name: a\nkind: B\nconditions: [{type: x, status: True}]',
    '"conditions[0]" must have "status" as a text: \'True\' in quotes',
  ],
  [
    'a condition that says more',
    'name: a\nkind: B\nconditions: [{type: x, status: "True", lastTransitionTime: now}]',
    '"conditions[0]" has an unknown field "lastTransitionTime"',
  ],
  [
    'an event of another type',
    'name: a\nkind: B\nremove: true\nevent: {type: Error, reason: a, message: b}',
    '"event.type" must be Normal or Warning',
  ],
])('a file of lifecycles with %s is refused', (_, text, why) => {
  expect(() => readLifecycles(text, 'x.yaml')).toThrow(
    `invalid lifecycle: x.yaml, document 1: ${why}`,
  )
})

test('what a definition refuses of a lifecycle stands among the Events of the object', async () => {
  const text = `name: grows
kind: cert-manager.io/Certificate
match: { status: null }
status: { size: big }`
  const server = bench({ lifecycles: readLifecycles(text, 'x.yaml') })
  const size =
    'properties: {status: {type: object, properties: {size: {type: integer}}}}, type: object'
  await server.apply(CRD.replace('type: object', size))
  await server.clock.advance(1000)
  await server.ask('POST', '/apis/cert-manager.io/v1/namespaces/default/certificates', {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { name: 'a' },
  })
  await server.clock.advance(5000)
  const events = await server.ask('GET', '/api/v1/namespaces/default/events')
  expect(valueAt(events, 'items', 0, 'reason')).toBe('LifecycleRefused')
  expect(valueAt(events, 'items', 0, 'message')).toMatch(/^lifecycle grows: .*status\.size/)
  server.close()
})

test('lifecycles that go in a circle do not stop the clock', async () => {
  const text = `name: there
kind: cert-manager.io/Certificate
match: { status.at: null }
delayMs: 0
status: { at: here }
---
name: back
kind: cert-manager.io/Certificate
delayMs: 0
status: { at: null }`
  const server = bench({ lifecycles: readLifecycles(text, 'x.yaml') })
  await server.apply(CRD)
  await server.clock.advance(1000)
  const path = '/apis/cert-manager.io/v1/namespaces/default/certificates'
  const made = await server.ask('POST', path, {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { name: 'a' },
  })
  await server.clock.advance(10_000)
  const after = await server.ask('GET', `${path}/a`)
  const revision = (of: Json): number => Number(valueAt(of, 'metadata', 'resourceVersion'))
  const steps = revision(after) - revision(made)
  expect(steps).toBeGreaterThan(10)
  expect(steps).toBeLessThan(1000)
  server.close()
})
