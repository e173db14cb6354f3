import { expect, test } from 'vitest'
import type { ApiResponse, Transport } from '../../src/object/index.ts'
import { configMap, kustomization, NAMESPACE, type System, startSystem } from './system.ts'

const WEBHOOK =
  'Internal error occurred: failed calling webhook "check.example.com": failed to call webhook: ' +
  `Post "https://checker.${NAMESPACE}.svc:443/?timeout=10s": dial tcp 10.0.0.1:443: connect: connection refused`

function failure(message: string): ApiResponse {
  const status = { kind: 'Status', status: 'Failure', reason: 'InternalError', code: 500, message }
  return {
    status: 500,
    headers: { 'content-type': 'application/json' },
    text: () => Promise.resolve(JSON.stringify(status)),
    lines: async function* () {
      yield JSON.stringify(status)
    },
  }
}

/** A server that refuses ConfigMaps while it is ill; counts how often it was asked. */
function ill(): { isIll: boolean; asked: number; faults: (transport: Transport) => Transport } {
  const state = {
    isIll: true,
    asked: 0,
    faults: (transport: Transport): Transport => ({
      request: (request) => {
        if (request.method !== 'PATCH' || !request.path.includes('/configmaps/'))
          return transport.request(request)
        state.asked += 1
        return state.isIll ? Promise.resolve(failure(WEBHOOK)) : transport.request(request)
      },
    }),
  }
  return state
}

async function start(fluxTiming: boolean): Promise<[System, ReturnType<typeof ill>]> {
  const server = ill()
  const system = await startSystem({ faults: server.faults, fluxTiming })
  await system.commit({ 'app/cm.yaml': configMap('one') })
  await system.apply(kustomization('app', 'retryInterval: 10m'))
  await system.until(() => Promise.resolve(server.asked > 0))
  return [system, server]
}

test('what failed for the server’s sake is tried again soon, and ever more seldom', async () => {
  const [system, server] = await start(false)
  await system.clock.advance(60_000)
  expect(server.asked).toBeGreaterThan(4)
  expect(server.asked).toBeLessThan(9)
  server.isIll = false
  await system.until(() => system.ready('app'), 30_000)
  await system.close()
})

test('with Flux timing it is tried again after the retry interval', async () => {
  const [system, server] = await start(true)
  // What is told of its source while it runs may make it run once more at once.
  await system.clock.advance(1000)
  const before = server.asked
  await system.clock.advance(9 * 60_000)
  expect(server.asked).toBe(before)
  await system.clock.advance(61_000)
  expect(server.asked).toBe(before + 1)
  await system.close()
})

test('endpoints of a webhook that could not be called wake those that it kept waiting', async () => {
  const [system, server] = await start(false)
  await system.clock.advance(40_000)
  server.isIll = false
  const before = server.asked
  await system.apply(
    `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: checker-1, namespace: ${NAMESPACE}, labels: {kubernetes.io/service-name: checker}}
addressType: IPv4
endpoints: [{addresses: [10.0.0.1]}]
`,
  )
  await system.clock.advance(500)
  expect(server.asked).toBeGreaterThan(before)
  expect(await system.ready('app')).toBe(true)
  await system.close()
})
