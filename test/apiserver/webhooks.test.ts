import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Json, type JsonObject, valueAt } from '../../src/object/index.ts'
import { bench } from './kit.ts'

const KEYS = join(import.meta.dirname, '../fixtures/source/recorded/keys')
const key = (name: string): string => readFileSync(join(KEYS, name), 'utf8')
const pair = { cert: key('server.crt'), key: key('server.key') }

/** Answers reviews: labels what it sees, refuses what is called `bad`. */
const hook = createServer(pair, (incoming, outgoing) => {
  let text = ''
  incoming.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  incoming.on('end', () => {
    // As Go's multiplexer does it with a path that is not clean.
    if (incoming.url?.startsWith('//') === true) {
      outgoing.writeHead(307, { location: incoming.url.slice(1) }).end()
      return
    }
    const review = JSON.parse(text) as JsonObject
    const name = valueAt(review, 'request', 'name')
    const patch = [{ op: 'add', path: '/metadata/labels', value: { hooked: 'yes' } }]
    const response: JsonObject =
      incoming.url?.startsWith('/check') === true
        ? name === 'bad'
          ? { allowed: false, status: { message: 'no bad things' } }
          : { allowed: true }
        : {
            allowed: true,
            patchType: 'JSONPatch',
            patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
          }
    const uid = valueAt(review, 'request', 'uid') ?? null
    outgoing.end(JSON.stringify({ ...review, response: { uid, ...response } }))
  })
})
let url = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  url = `https://127.0.0.1:${(hook.address() as AddressInfo).port}`
})
afterAll(() => hook.close())

function configuration(kind: string, at: string, more: JsonObject = {}): Json {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name: 'test' },
    webhooks: [
      {
        name: 'test.example.com',
        clientConfig: { url: at, caBundle: Buffer.from(key('ca-a.crt')).toString('base64') },
        rules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['configmaps'],
          },
        ],
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        ...more,
      },
    ],
  }
}

const HOOKS = '/apis/admissionregistration.k8s.io/v1'
const MAPS = '/api/v1/namespaces/default/configmaps'

function map(name: string): Json {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }
}

test('webhooks change, refuse and are left out where they do not answer and need not', async () => {
  const server = bench()
  await server.ask(
    'POST',
    `${HOOKS}/mutatingwebhookconfigurations`,
    configuration('MutatingWebhookConfiguration', `${url}/change`),
  )
  await server.ask(
    'POST',
    `${HOOKS}/validatingwebhookconfigurations`,
    configuration('ValidatingWebhookConfiguration', `${url}/check`),
  )
  const made = await server.ask('POST', MAPS, map('good'))
  expect(valueAt(made, 'metadata', 'labels')).toEqual({ hooked: 'yes' })
  await expect(server.ask('POST', MAPS, map('bad'))).rejects.toThrow(
    '400 admission webhook "test.example.com" denied the request: no bad things',
  )
  await server.ask('POST', '/api/v1/namespaces/default/secrets', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'bad' },
  })
  const lost = 'https://127.0.0.1:9/'
  const configurations = `${HOOKS}/validatingwebhookconfigurations/test`
  const point = (policy: string): Promise<JsonObject> =>
    server.ask(
      'PATCH',
      `${configurations}?fieldManager=t&force=true`,
      configuration('ValidatingWebhookConfiguration', lost, { failurePolicy: policy }),
      'application/apply-patch+yaml',
    )
  await point('Fail')
  await expect(server.ask('POST', MAPS, map('later'))).rejects.toThrow(
    /500 Internal error occurred: failed calling webhook "test.example.com"/,
  )
  await point('Ignore')
  await server.ask('POST', MAPS, map('later'))
  server.close()
})

test('a webhook is believed by its own certificate, and followed where it sends a review on', async () => {
  const server = bench()
  const caBundle = Buffer.from(pair.cert).toString('base64')
  await server.ask(
    'POST',
    `${HOOKS}/mutatingwebhookconfigurations`,
    configuration('MutatingWebhookConfiguration', '', {
      clientConfig: { url: `${url}//change`, caBundle },
    }),
  )
  const made = await server.ask('POST', MAPS, map('good'))
  expect(valueAt(made, 'metadata', 'labels')).toEqual({ hooked: 'yes' })
  server.close()
})
