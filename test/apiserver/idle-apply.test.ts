import { expect, it } from 'vitest'
import { createApiServer } from '../../src/apiserver/index.ts'
import { seededRandom, VirtualClock } from '../../src/base/index.ts'
import type { JsonObject } from '../../src/object/index.ts'

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
