import { createPublicKey, type JsonWebKey, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { createApiServer } from '../../src/apiserver/index.ts'
import { seededRandom, VirtualClock } from '../../src/base/index.ts'
import { type Json, type JsonObject, valueAt } from '../../src/object/index.ts'

type Options = Parameters<typeof createApiServer>[1]

function start(options: Options = {}): {
  readonly clock: VirtualClock
  ask(path: string, more?: { token?: string; body?: Json; as?: string }): Promise<JsonObject>
} {
  const clock = new VirtualClock()
  const server = createApiServer({ clock, random: seededRandom(5) }, options)
  return {
    clock,
    ask: async (path, { token, body, as } = {}) => {
      const response = await server.request({
        method: body === undefined ? 'GET' : 'POST',
        path,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(as === undefined ? {} : { 'impersonate-user': as }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const answer = JSON.parse(await response.text()) as JsonObject
      return { ...answer, code: response.status }
    },
  }
}

const PODS = '/api/v1/namespaces/default/pods'
const ADMIN = { name: 'admin', groups: ['system:masters'] }

test('without a token: everything by default, nothing where it is asked for', async () => {
  expect((await start().ask(PODS))['code']).toBe(200)
  expect((await start({ anonymous: 'refused' }).ask(PODS))['code']).toBe(401)
  const anonymous = await start({ anonymous: 'anonymous' }).ask(PODS)
  expect(anonymous['message']).toBe(
    'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "default"',
  )
})

test('a token of a service account holds what its bindings give, until it is over', async () => {
  const { ask, clock } = start({ anonymous: 'refused', tokens: { root: ADMIN } })
  const root = { token: 'root' }
  await ask('/api/v1/namespaces/default/serviceaccounts', {
    ...root,
    body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bot' } },
  })
  const answer = await ask('/api/v1/namespaces/default/serviceaccounts/bot/token', {
    ...root,
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 600 },
    },
  })
  const token = String(valueAt(answer, 'status', 'token'))
  expect((await ask(PODS, { token }))['code']).toBe(403)
  await ask('/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings', {
    ...root,
    body: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'bot' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'ServiceAccount', name: 'bot', namespace: 'default' }],
    },
  })
  expect((await ask(PODS, { token }))['code']).toBe(200)
  expect((await ask('/api/v1/nodes', { token }))['code']).toBe(403)
  expect((await ask('/api/v1/namespaces/default/secrets', { token }))['code']).toBe(403)
  // Clocks may differ by a minute.
  await clock.advance(661_000)
  expect((await ask(PODS, { token }))['code']).toBe(401)
  expect((await ask(PODS, { token: 'a.b.c' }))['code']).toBe(401)
})

test('an impersonated service account is refused what it has no role for', async () => {
  const { ask } = start()
  const as = 'system:serviceaccount:default:tenant'
  const refused = await ask(PODS, { as })
  expect(refused['message']).toBe(
    `pods is forbidden: User "${as}" cannot list resource "pods" in API group "" in the namespace "default"`,
  )
})

test('others can check tokens with the keys that are served', async () => {
  const { ask } = start()
  const accounts = '/api/v1/namespaces/default/serviceaccounts'
  const bot = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bot' } }
  await ask(accounts, { body: bot })
  const answer = await ask(`${accounts}/bot/token`, {
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  })
  const [head = '', body = '', signature = ''] = String(valueAt(answer, 'status', 'token')).split(
    '.',
  )
  const jwk = valueAt(await ask('/openid/v1/jwks'), 'keys', 0) as JsonObject
  const said = JSON.parse(Buffer.from(head, 'base64url').toString()) as JsonObject
  expect(said).toEqual({ alg: 'ES256', kid: jwk['kid'] })
  const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })
  const by = { key, dsaEncoding: 'ieee-p1363' } as const
  const text = Buffer.from(`${head}.${body}`)
  expect(verify('sha256', text, by, Buffer.from(signature, 'base64url'))).toBe(true)
  expect(valueAt(await ask('/.well-known/openid-configuration'), 'issuer')).toBe(
    'https://kubernetes.default.svc',
  )
})

test('somebody may be taken for another to read pods, and for nothing else', async () => {
  const robot = { name: 'robot', groups: [] }
  const { ask } = start({ tokens: { robot } })
  const rbac = 'rbac.authorization.k8s.io'
  const rule = (apiGroups: string, resources: string, verbs: string, resourceNames?: string) => ({
    apiGroups: [apiGroups],
    resources: [resources],
    verbs: [verbs],
    ...(resourceNames === undefined ? {} : { resourceNames: [resourceNames] }),
  })
  const roles = [
    {
      name: 'robot',
      rules: [
        rule('authentication.k8s.io', 'users', 'impersonate:user-info', 'ann'),
        rule('', 'pods', 'impersonate-on:user-info:list'),
      ],
    },
    { name: 'ann', rules: [rule('', 'pods', 'list'), rule('', 'secrets', 'list')] },
  ]
  for (const { name, rules } of roles) {
    const named = { apiVersion: `${rbac}/v1`, metadata: { name } }
    await ask(`/apis/${rbac}/v1/clusterroles`, { body: { ...named, kind: 'ClusterRole', rules } })
    const roleRef = { apiGroup: rbac, kind: 'ClusterRole', name }
    const subjects = [{ kind: 'User', apiGroup: rbac, name }]
    const body = { ...named, kind: 'ClusterRoleBinding', roleRef, subjects }
    await ask(`/apis/${rbac}/v1/clusterrolebindings`, { body })
  }
  const as = { token: 'robot', as: 'ann' }
  expect((await ask(PODS, as))['code']).toBe(200)
  expect((await ask('/api/v1/secrets', as))['message']).toBe(
    'secrets is forbidden: User "robot" cannot impersonate-on:user-info:list resource "secrets" in API group "" at the cluster scope',
  )
  expect((await ask(PODS, { token: 'robot', as: 'bob' }))['message']).toBe(
    'users.authentication.k8s.io "bob" is forbidden: User "robot" cannot impersonate:user-info resource "users" in API group "authentication.k8s.io" at the cluster scope',
  )
})
