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
  ['a delay that is none', 'name: a\nkind: b\ndelay: soon', '"delay" must be a duration'],
  ['a condition without status', 'name: a\nkind: b\nconditions: [{type: x}]', '"conditions"'],
])('a file of lifecycles with %s is refused', (_, text, why) => {
  expect(() => readLifecycles(text, 'x.yaml')).toThrow(
    `invalid lifecycle: x.yaml, document 1: ${why}`,
  )
})
