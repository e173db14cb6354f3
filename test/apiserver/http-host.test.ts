import { request } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { createApiServer, type Served, serve } from '../../src/apiserver/index.ts'
import { seededRandom, VirtualClock } from '../../src/base/index.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function started(): Promise<Served> {
  const server = createApiServer({ clock: new VirtualClock(), random: seededRandom(1) })
  const served = await serve(server)
  closers.push(
    () => served.close(),
    () => server.close(),
  )
  return served
}

function statusFor(served: Served, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ port: served.port, host: '127.0.0.1', path: '/version', headers: { host } })
      .on('response', (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      .on('error', reject)
      .end()
  })
}

test.each([
  ['127.0.0.1:8001', 200],
  ['localhost', 200],
  ['[::1]:443', 200],
  ['cluster.attacker.example', 421],
  ['127.0.0.1.attacker.example:80', 421],
])('a request for %s is answered with %d', async (host, want) => {
  expect(await statusFor(await started(), host)).toBe(want)
})
