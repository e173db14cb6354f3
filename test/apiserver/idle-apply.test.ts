import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createApiServer } from '../../src/apiserver/index.ts'
import { seededRandom, VirtualClock } from '../../src/base/index.ts'
import { type JsonObject, type KubeObject, parseYaml } from '../../src/object/index.ts'

type Server = ReturnType<typeof createApiServer>

async function apply(server: Server, path: string, object: JsonObject): Promise<JsonObject> {
  const response = await server.request({
    method: 'PATCH',
    path: `${path}?fieldManager=me&force=true`,
    headers: { 'content-type': 'application/apply-patch+yaml' },
    body: JSON.stringify(object),
  })
  return { ...(JSON.parse(await response.text()) as JsonObject), answered: response.status }
}

function crd(colour: string): JsonObject {
  const type = 'string'
  const properties = { spec: { type: 'object', properties: { [colour]: { type } } } }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'boxes.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'boxes', kind: 'Box' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties } },
        },
      ],
    },
  }
}

const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/boxes.example.com'
const BOX = '/apis/example.com/v1/namespaces/default/boxes/b'

it('an apply that changed nothing is looked at again when the schema or the object has changed', async () => {
  const clock = new VirtualClock()
  const server = createApiServer({ clock, random: seededRandom(1) }, { controllers: false })
  await apply(server, CRD, crd('red'))
  await clock.advance(1000)
  const box = {
    apiVersion: 'example.com/v1',
    kind: 'Box',
    metadata: { name: 'b' },
    spec: { red: 'yes' },
  }
  const first = await apply(server, BOX, box)
  expect(await apply(server, BOX, box)).toEqual({ ...first, answered: 200 })
  expect(await apply(server, BOX, box)).toEqual({ ...first, answered: 200 })

  const other = { ...box, spec: { red: 'no' } }
  await server.request({
    method: 'PATCH',
    path: `${BOX}?fieldManager=other`,
    headers: { 'content-type': 'application/merge-patch+json' },
    body: JSON.stringify({ spec: other.spec }),
  })
  expect(await apply(server, BOX, box)).toMatchObject({ spec: box.spec, answered: 200 })
  expect(await apply(server, BOX, box)).toMatchObject({ spec: box.spec, answered: 200 })

  await apply(server, CRD, crd('green'))
  await clock.advance(1000)
  expect(await apply(server, BOX, box)).toMatchObject({ answered: 500, status: 'Failure' })
  server.close()
})

const objects = parseYaml(
  readFileSync(join(import.meta.dirname, '../fixtures/builtin/objects/input.yaml'), 'utf8'),
  'input.yaml',
) as unknown as readonly KubeObject[]

async function read(server: Server, path: string): Promise<JsonObject> {
  const response = await server.request({ method: 'GET', path })
  return JSON.parse(await response.text()) as JsonObject
}

/** The path of an object, by discovery. */
async function pathOf(server: Server, { apiVersion, kind, metadata }: KubeObject): Promise<string> {
  const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const { resources } = (await read(server, base)) as unknown as {
    readonly resources: readonly {
      readonly kind: string
      readonly name: string
      readonly namespaced: boolean
    }[]
  }
  const found = resources.find((each) => each.kind === kind && !each.name.includes('/'))
  const scope = found?.namespaced === true ? '/namespaces/default' : ''
  return `${base}${scope}/${found?.name}/${metadata.name}`
}

describe('an apply that comes again is answered as one that is looked at', () => {
  const clock = new VirtualClock()
  const server = createApiServer({ clock, random: seededRandom(1) }, { controllers: false })
  it.each(
    [...objects, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'bare' } }].map(
      (object) => [object.kind, object.metadata.name, object] as const,
    ),
  )('%s %s', async (_kind, _name, object) => {
    const path = await pathOf(server, object)
    const body = object as unknown as JsonObject
    const patch = async (
      query: string,
      of: JsonObject,
      type = 'apply-patch+yaml',
    ): Promise<JsonObject> => {
      const [at = '', more = ''] = query.split('?')
      const response = await server.request({
        method: 'PATCH',
        path: `${path}${at}?fieldManager=me${more}`,
        headers: { 'content-type': `application/${type}` },
        body: JSON.stringify(of),
      })
      return JSON.parse(await response.text()) as JsonObject
    }
    await patch('', body)
    // What nothing is known of, as its query is another one, is worked out from the beginning.
    const again = await patch('', body)
    expect(await patch('?&looked=1', body)).toEqual(again)

    await patch('/status', { status: { observedGeneration: 7 } }, 'merge-patch+json')
    const after = await patch('', body)
    expect(await patch('?&looked=2', body)).toEqual(after)

    await patch('', { metadata: { labels: { by: 'another' } } }, 'merge-patch+json')
    const labelled = await patch('', body)
    expect(await patch('?&looked=3', body)).toEqual(labelled)
  })
})
