import { expect, test } from 'vitest'
import { createApiServer } from '../../src/apiserver/index.ts'
import { seededRandom, VirtualClock } from '../../src/base/index.ts'

const LIST = '/api/v1/namespaces/default/configmaps'
/** What waits for a revision that has not been yet, for three seconds. */
const WAITING = `${LIST}?resourceVersion=999999`

test('who comes when as many requests as there may be are under way is asked to come again', async () => {
  const clock = new VirtualClock()
  const server = createApiServer(
    { clock, random: seededRandom(1) },
    {
      controllers: false,
      inFlightMax: { reading: 2, writing: 1 },
      tokens: { t: { name: 'u', groups: ['system:authenticated'] } },
    },
  )
  const admin = (method: 'GET' | 'POST', path: string, body?: string) =>
    server.request({ method, path, ...(body === undefined ? {} : { body }) })
  const user = (path: string, signal?: AbortSignal) =>
    server.request({
      method: 'GET',
      path,
      headers: { authorization: 'Bearer t' },
      ...(signal === undefined ? {} : { signal }),
    })
  await admin(
    'POST',
    '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    JSON.stringify({
      metadata: { name: 'u' },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: 'cluster-admin',
      },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'u' }],
    }),
  )
  const waiting = [user(WAITING), user(WAITING)]
  const refused = await user(LIST)
  expect([refused.status, refused.headers['retry-after'], await refused.text()]).toEqual([
    429,
    '1',
    'Too many requests, please try again later.\n',
  ])
  const ended = new AbortController()
  expect((await user(`${LIST}?watch=1`, ended.signal)).status).toBe(200)
  expect((await admin('GET', LIST)).status).toBe(200)
  await clock.advance(3000)
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([504, 504])
  expect((await user(LIST)).status).toBe(200)
  ended.abort()
  server.close()
})
