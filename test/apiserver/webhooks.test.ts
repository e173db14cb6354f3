import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Json, type JsonObject, valueAt } from '../../src/object/index.ts'
import { type Bench, bench } from './kit.ts'

const KEYS = join(import.meta.dirname, '../fixtures/source/recorded/keys')
const key = (name: string): string => readFileSync(join(KEYS, name), 'utf8')
const pair = { cert: key('server.crt'), key: key('server.key') }

const JSON_TYPE = 'application/json'
let isDown = false

/** Things of `v2` have what those of `v1` call `a` as `b`. */
function converted(review: JsonObject): JsonObject {
  const request = review['request'] as JsonObject
  const apiVersion = String(request['desiredAPIVersion'])
  const objects = (request['objects'] as JsonObject[]).map((object) => {
    const { a, b } = (object['spec'] ?? {}) as JsonObject
    const value = a ?? b ?? ''
    return { ...object, apiVersion, spec: apiVersion.endsWith('/v1') ? { a: value } : { b: value } }
  })
  const uid = request['uid'] ?? ''
  return { ...review, response: { uid, convertedObjects: objects, result: { status: 'Success' } } }
}

/** Answers reviews: labels or annotates what it sees, refuses what is called `bad` or labelled so. */
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
    if (incoming.url?.startsWith('/convert') === true) {
      outgoing.writeHead(isDown ? 500 : 200, { 'content-type': isDown ? 'text/plain' : JSON_TYPE })
      outgoing.end(isDown ? 'not now\n' : JSON.stringify(converted(review)))
      return
    }
    const name = valueAt(review, 'request', 'name')
    const app = valueAt(review, 'request', 'object', 'metadata', 'labels', 'app')
    const part = incoming.url?.startsWith('/annotate') === true ? 'annotations' : 'labels'
    const patch = [{ op: 'add', path: `/metadata/${part}`, value: { hooked: 'yes' } }]
    const response: JsonObject =
      incoming.url?.startsWith('/check') === true
        ? name === 'bad' || app === 'bad'
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

const GROUP = 'things.example.org'
const MAPS_OF_T = '/api/v1/namespaces/t/configmaps'

function versionOf(name: string, field: string): JsonObject {
  const spec = { type: 'object', properties: { [field]: { type: 'string' } } }
  const openAPIV3Schema = { type: 'object', properties: { spec } }
  return { name, served: true, storage: name === 'v1', schema: { openAPIV3Schema } }
}

function definition(): JsonObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `things.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: { plural: 'things', singular: 'thing', kind: 'Thing' },
      versions: [versionOf('v1', 'a'), versionOf('v2', 'b')],
      conversion: {
        strategy: 'Webhook',
        webhook: {
          conversionReviewVersions: ['v1'],
          clientConfig: {
            url: `${url}/convert`,
            caBundle: Buffer.from(key('ca-a.crt')).toString('base64'),
          },
        },
      },
    },
  }
}

function thing(name: string, metadata: JsonObject = {}): JsonObject {
  const spec = { b: 'x' }
  return { apiVersion: `${GROUP}/v2`, kind: 'Thing', metadata: { name, ...metadata }, spec }
}

/** Lets controllers and webhooks work until something holds, or gives up. */
async function comesTrue(server: Bench, holds: () => Promise<boolean>): Promise<boolean> {
  for (let i = 0; i < 1000; i += 1) {
    if (await holds()) return true
    await server.clock.advance(100)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return false
}

test('controllers get on with objects that a webhook converts, and wait while it is down', async () => {
  const server = bench({ simulation: false })
  const [v1, v2] = ['v1', 'v2'].map((v) => `/apis/${GROUP}/${v}/namespaces/t/things`)
  const isGone = (path: string) => (): Promise<boolean> =>
    server.ask('GET', path).then(
      () => false,
      (error: Error) => error.message.startsWith('404'),
    )
  isDown = false
  await server.ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition())
  await server.clock.advance(1000)
  await server.ask('POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 't' },
  })
  const owns = async (owner: string, name: string, version: string): Promise<void> => {
    const { metadata } = await server.ask('GET', `${v1}/${owner}`)
    const reference = { apiVersion: `${GROUP}/${version}`, kind: 'Thing', name: owner }
    const uid = valueAt(metadata ?? null, 'uid') ?? ''
    await server.ask('POST', MAPS_OF_T, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, ownerReferences: [{ ...reference, uid }] },
    })
  }
  for (const name of ['left', 'gone', 'other']) await server.ask('POST', v2 ?? '', thing(name))
  await owns('left', 'orphan', 'v2')
  await owns('gone', 'child', 'v1')
  // Nobody can ask for an owner in a version that is not served.
  await owns('gone', 'unknown', 'v9')
  await server.ask('DELETE', `${v1}/left?propagationPolicy=Orphan`)
  await server.ask('DELETE', `${v2}/gone`)
  expect(await comesTrue(server, isGone(`${v1}/left`))).toBe(true)
  expect(await comesTrue(server, isGone(`${MAPS_OF_T}/child`))).toBe(true)
  const orphan = await server.ask('GET', `${MAPS_OF_T}/orphan`)
  expect(valueAt(orphan, 'metadata', 'ownerReferences')).toBeUndefined()
  await server.ask('GET', `${MAPS_OF_T}/unknown`)

  isDown = true
  await server.ask('DELETE', '/api/v1/namespaces/t')
  const told = (): Promise<string> =>
    server
      .ask('GET', '/api/v1/namespaces/t')
      .then((namespace) => JSON.stringify(valueAt(namespace, 'status', 'conditions') ?? ''))
  const why = 'failed: an error on the server (\\"not now\\") has prevented the request'
  expect(await comesTrue(server, async () => (await told()).includes(why))).toBe(true)
  expect(await told()).toContain('Failed to delete all resource types, 1 remaining: conversion')
  isDown = false
  expect(await comesTrue(server, isGone('/api/v1/namespaces/t'))).toBe(true)
  server.close()
})

const PODS = '/api/v1/namespaces/default/pods'
const EVENTS = '/api/v1/namespaces/default/events'
const FOR_PODS = {
  rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
}

function workload(kind: string, app: string, more: JsonObject): JsonObject {
  const template = {
    metadata: { labels: { app } },
    spec: {
      containers: [{ name: 'c', image: 'i' }],
      restartPolicy: 'Always',
      ...(more['pod'] as JsonObject),
    },
  }
  const { pod: _, ...rest } = more
  const apiVersion = kind === 'Job' ? 'batch/v1' : 'apps/v1'
  return { apiVersion, kind, metadata: { name: app }, spec: { ...rest, template } }
}

async function items(server: Bench, path: string): Promise<JsonObject[]> {
  return (await server.ask('GET', path))['items'] as unknown as JsonObject[]
}

test('webhooks are asked about the pods that controllers make', async () => {
  const server = bench()
  await server.ask(
    'POST',
    `${HOOKS}/mutatingwebhookconfigurations`,
    configuration('MutatingWebhookConfiguration', `${url}/annotate`, FOR_PODS),
  )
  await server.ask(
    'POST',
    `${HOOKS}/validatingwebhookconfigurations`,
    configuration('ValidatingWebhookConfiguration', `${url}/check`, FOR_PODS),
  )
  const apps = '/apis/apps/v1/namespaces/default'
  const selecting = (app: string): JsonObject => ({ selector: { matchLabels: { app } } })
  const made: readonly (readonly [string, JsonObject])[] = [
    [`${apps}/deployments`, workload('Deployment', 'web', { ...selecting('web'), replicas: 3 })],
    [
      `${apps}/statefulsets`,
      workload('StatefulSet', 'db', { ...selecting('db'), serviceName: 'db', replicas: 2 }),
    ],
    [`${apps}/daemonsets`, workload('DaemonSet', 'agent', selecting('agent'))],
    [
      '/apis/batch/v1/namespaces/default/jobs',
      workload('Job', 'once', { completions: 2, parallelism: 2, pod: { restartPolicy: 'Never' } }),
    ],
    [`${apps}/deployments`, workload('Deployment', 'bad', { ...selecting('bad'), replicas: 1 })],
  ]
  for (const [path, object] of made) await server.ask('POST', path, object)

  const isThere = async (): Promise<boolean> => {
    const refused = await server.ask('GET', `${apps}/deployments/bad`)
    return (
      (await items(server, PODS)).length >= 8 &&
      JSON.stringify(valueAt(refused, 'status', 'conditions') ?? '').includes('ReplicaFailure')
    )
  }
  expect(await comesTrue(server, isThere)).toBe(true)
  await server.clock.advance(5000)
  const pods = await items(server, PODS)
  const counts = Object.fromEntries(
    ['web', 'db', 'agent', 'once', 'bad'].map((app) => [
      app,
      pods.filter((pod) => valueAt(pod, 'metadata', 'labels', 'app') === app).length,
    ]),
  )
  expect(counts).toEqual({ web: 3, db: 2, agent: 1, once: 2, bad: 0 })
  for (const pod of pods) expect(valueAt(pod, 'metadata', 'annotations', 'hooked')).toBe('yes')

  const told = (await items(server, EVENTS))
    .filter(({ reason }) => reason === 'SuccessfulCreate' || reason === 'FailedCreate')
    .map((event) => `${valueAt(event, 'involvedObject', 'kind')} ${event['reason']}`)
  expect([...told].sort()).toEqual([
    'DaemonSet SuccessfulCreate',
    'Job SuccessfulCreate',
    'Job SuccessfulCreate',
    'ReplicaSet FailedCreate',
    'ReplicaSet SuccessfulCreate',
    'ReplicaSet SuccessfulCreate',
    'ReplicaSet SuccessfulCreate',
    'StatefulSet SuccessfulCreate',
    'StatefulSet SuccessfulCreate',
  ])
  const refused = await server.ask('GET', `${apps}/deployments/bad`)
  expect(JSON.stringify(valueAt(refused, 'status', 'conditions') ?? '')).toContain(
    'admission webhook \\"test.example.com\\" denied the request: no bad things',
  )
  server.close()
})
