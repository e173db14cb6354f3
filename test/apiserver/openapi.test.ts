import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SCENARIOS } from '../../e2e/kube/kubectl-scenarios.ts'
import { type ApiServer, createApiServer } from '../../src/apiserver/index.ts'
import { fieldsOf } from '../../src/apiserver/protobuf/wire.ts'
import { type Random, VirtualClock } from '../../src/base/index.ts'

const random: Random = { next: () => 0.5 }

interface OpenApi {
  readonly paths: Record<string, { readonly serverRelativeURL: string }>
  readonly definitions: Record<string, { readonly properties: Record<string, unknown> }>
  readonly components: { readonly schemas: Record<string, unknown> }
}

function server(): ApiServer {
  return createApiServer({ clock: new VirtualClock(), random })
}

async function get(api: ApiServer, path: string): Promise<OpenApi> {
  const response = await api.request({ method: 'GET', path })
  expect(response.status, path).toBe(200)
  return JSON.parse(await response.text()) as OpenApi
}

async function withWidgets(): Promise<ApiServer> {
  const api = server()
  const crd = SCENARIOS.find(({ name }) => name === 'custom')?.files?.['crd.yaml'] ?? ''
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  const headers = { 'content-type': 'application/yaml' }
  const created = await api.request({ method: 'POST', path, headers, body: crd })
  expect(created.status).toBe(201)
  return api
}

const place = 'apis/kubectl.example.org/v1'

test('the document of a custom kind is what the real server made of the same CRD', async () => {
  const api = await withWidgets()
  const recorded = join(import.meta.dirname, '../fixtures/kubectl/widget.openapi.json')
  expect(await get(api, `/openapi/v3/${place}`)).toEqual(JSON.parse(readFileSync(recorded, 'utf8')))
  api.close()
})

test('the index leads to every document, and its hash changes with the CRD alone', async () => {
  const before = await get(server(), '/openapi/v3')
  const api = await withWidgets()
  const { paths } = await get(api, '/openapi/v3')
  expect(Object.keys(paths).filter((path) => before.paths[path] === undefined)).toEqual([place])
  expect(paths['apis/apps/v1']).toEqual(before.paths['apis/apps/v1'])
  for (const { serverRelativeURL } of Object.values(paths)) await get(api, serverRelativeURL)
  const old = await api.request({ method: 'GET', path: `/openapi/v3/${place}?hash=OLD` })
  expect([old.status, old.headers['location']]).toEqual([301, paths[place]?.serverRelativeURL])
  api.close()
})

test('version 2 has the definitions of all of them', async () => {
  const api = await withWidgets()
  const { definitions } = await get(api, '/openapi/v2')
  expect(Object.keys(definitions).length).toBeGreaterThan(580)
  expect(definitions['org.example.kubectl.v1.Widget']?.properties['spec']).toMatchObject({
    required: ['size'],
  })
  expect(definitions['io.k8s.api.apps.v1.DeploymentSpec']?.properties['strategy']).toEqual({
    $ref: '#/definitions/io.k8s.api.apps.v1.DeploymentStrategy',
    description: 'The deployment strategy to use to replace existing pods with new ones.',
    'x-kubernetes-patch-strategy': 'retainKeys',
  })
  api.close()
})

test('paths that are none, and forms that are not spoken', async () => {
  const api = server()
  const ask = async (path: string, accept = '*/*'): Promise<number> =>
    (await api.request({ method: 'GET', path, headers: { accept } })).status
  expect(await ask('/openapi/v3/apis/nonsense/v1')).toBe(404)
  expect(await ask('/openapi/v4')).toBe(404)
  expect(await ask('/openapi/v2', 'text/html')).toBe(406)
  api.close()
})

test('version 2 in its binary form has the same definitions', async () => {
  const api = await withWidgets()
  const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'
  const response = await api.request({ method: 'GET', path: '/openapi/v2', headers: { accept } })
  expect(response.headers['content-type']).toContain('spec.v2.v1.0+protobuf')
  const [definitions] = [...fieldsOf(response.bytes ?? new Uint8Array())].filter(
    ({ number }) => number === 9,
  )
  const names = [...fieldsOf(definitions?.value as Uint8Array)].map(({ value }) =>
    Buffer.from([...fieldsOf(value as Uint8Array)][0]?.value as Uint8Array).toString(),
  )
  expect(names.sort()).toEqual(Object.keys((await get(api, '/openapi/v2')).definitions).sort())
  api.close()
})

test('version 3 in its binary form has the same paths and schemas', async () => {
  const api = await withWidgets()
  const accept = 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf'
  const path = `/openapi/v3/${place}`
  const response = await api.request({ method: 'GET', path, headers: { accept } })
  expect(response.headers['content-type']).toContain('spec.v3.v1.0+protobuf')
  const parts = [...fieldsOf(response.bytes ?? new Uint8Array())]
  const inside = (number: number): Uint8Array =>
    parts.find((part) => part.number === number)?.value as Uint8Array
  const namesIn = (message: Uint8Array): string[] =>
    [...fieldsOf(message)].map(({ value }) =>
      Buffer.from([...fieldsOf(value as Uint8Array)][0]?.value as Uint8Array).toString(),
    )
  const [schemas] = [...fieldsOf(inside(5))]
  const document = await get(api, path)
  expect(namesIn(inside(4)).sort()).toEqual(Object.keys(document.paths).sort())
  expect(namesIn(schemas?.value as Uint8Array).sort()).toEqual(
    Object.keys(document.components.schemas).sort(),
  )
  api.close()
})

test('what embedded resources have is told, and what is open is left open in the old form', async () => {
  const api = server()
  const pod = {
    type: 'object',
    'x-kubernetes-embedded-resource': true,
    'x-kubernetes-preserve-unknown-fields': true,
  }
  const openAPIV3Schema = {
    type: 'object',
    properties: { spec: { type: 'object', properties: { pod } } },
  }
  const definition = {
    metadata: { name: 'shells.example.org' },
    spec: {
      group: 'example.org',
      scope: 'Namespaced',
      names: { plural: 'shells', singular: 'shell', kind: 'Shell', listKind: 'ShellList' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  }
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify(definition)
  expect((await api.request({ method: 'POST', path, headers, body })).status).toBe(201)
  const { components } = await get(api, '/openapi/v3/apis/example.org/v1')
  expect(components.schemas['org.example.v1.Shell']).toMatchObject({
    properties: {
      spec: {
        properties: {
          pod: {
            required: ['kind', 'apiVersion'],
            properties: { kind: { type: 'string' }, metadata: { allOf: [{}] } },
          },
        },
      },
    },
  })
  const old = (await get(api, '/openapi/v2')).definitions['org.example.v1.Shell']
  expect(old?.properties['spec']).toEqual({
    type: 'object',
    properties: {
      pod: {
        'x-kubernetes-embedded-resource': true,
        'x-kubernetes-preserve-unknown-fields': true,
      },
    },
  })
  api.close()
})
