import { expect, test } from 'vitest'
import { createApiServer } from '../../src/apiserver/index.ts'
import { seededRandom, VirtualClock } from '../../src/base/index.ts'
import type { ApiRequest } from '../../src/object/index.ts'

const PROTOBUF = 'application/vnd.kubernetes.protobuf'
const MAPS = '/api/v1/namespaces/default/configmaps'

interface Edge {
  readonly reason: string
  readonly given: Omit<ApiRequest, 'method'> & { readonly method?: ApiRequest['method'] }
  readonly want: { readonly status: number; readonly says?: string; readonly type?: string }
}

/** What a kube-apiserver v1.36.3 answered to the same. */
const edges: readonly Edge[] = [
  {
    reason: 'a deadline that is none is refused before anything else',
    given: { path: '/version?timeout=x' },
    want: {
      status: 400,
      says: 'invalid timeout specified in the request URL - time: invalid duration \\"x\\"',
    },
  },
  {
    reason: 'a slash that is escaped is a slash',
    given: { path: `${MAPS}/a%2Fb` },
    want: { status: 404, says: 'the server could not find the requested resource' },
  },
  {
    reason: 'no object has such a name',
    given: { path: `${MAPS}/%2e%2e` },
    want: { status: 400, says: `Name parameter invalid: \\"..\\": may not be '..'` },
  },
  {
    reason: 'a version that is not served is nowhere, whatever is done to it',
    given: { path: '/apis/apps/v9', method: 'POST', body: '{}' },
    want: { status: 404 },
  },
  {
    reason: 'the list of groups is told to whoever asks in whatever way',
    given: { path: '/apis/', method: 'POST', body: '{}' },
    want: { status: 200, type: 'application/json' },
  },
  {
    reason: 'what can only be made has no list of all namespaces',
    given: { path: '/api/v1/bindings' },
    want: { status: 404 },
  },
  {
    reason: 'nothing is made through the old path of a watch',
    given: { path: '/api/v1/watch/namespaces', method: 'POST', body: '{}' },
    want: { status: 405 },
  },
  {
    reason: 'versions of the core have protobuf',
    given: { path: '/api', headers: { accept: PROTOBUF } },
    want: { status: 200, type: PROTOBUF, says: 'APIVersions' },
  },
  {
    reason: 'aggregated discovery has protobuf',
    given: {
      path: '/apis',
      headers: { accept: `${PROTOBUF};g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList` },
    },
    want: {
      status: 200,
      type: `${PROTOBUF};g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList`,
      says: 'deployments',
    },
  },
  {
    reason: 'a document that did not change since is not told again',
    given: {
      path: '/openapi/v3/apis/apps/v1',
      headers: { 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' },
    },
    want: { status: 304 },
  },
  {
    reason: 'no patch is written in protobuf',
    given: {
      path: `${MAPS}/a`,
      method: 'PATCH',
      headers: { 'content-type': PROTOBUF },
      body: new Uint8Array([1, 2]),
    },
    want: { status: 415, says: '415: Unsupported Media Type' },
  },
  {
    reason: 'whether requests may be sent is asked by checks of its own',
    given: { path: '/readyz/informer-sync' },
    want: { status: 200, says: 'ok' },
  },
  {
    reason: 'what lives may be about to end',
    given: { path: '/livez/shutdown' },
    want: { status: 404 },
  },
  {
    reason: 'an empty hash is none',
    given: { path: '/openapi/v3/apis/apps/v1?hash=' },
    want: { status: 200, type: 'application/json' },
  },
]

test.each(edges.map((edge) => [edge.reason, edge] as const))('%s', async (_, { given, want }) => {
  const clock = new VirtualClock()
  const server = createApiServer({ clock, random: seededRandom(1) }, { controllers: false })
  const answer = await server.request({ method: 'GET', ...given })
  const text =
    answer.bytes === undefined ? await answer.text() : Buffer.from(answer.bytes).toString('latin1')
  server.close()
  expect(answer.status).toBe(want.status)
  expect(text).toContain(want.says ?? '')
  if (want.type !== undefined) expect(answer.headers['content-type']).toBe(want.type)
})
