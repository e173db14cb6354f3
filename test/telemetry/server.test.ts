import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { VirtualClock } from '../../src/base/index.ts'
import {
  createEventPoster,
  parseListenAddress,
  serveTelemetry,
  type TelemetryServer,
} from '../../src/telemetry/index.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()))
})

async function served(wrong: { text?: string } = {}): Promise<TelemetryServer> {
  const server = await serveTelemetry({
    metricsAddress: '127.0.0.1:0',
    healthAddress: '127.0.0.1:0',
    metrics: () => 'up 1\n',
    alive: { ping: () => undefined },
    ready: { ping: () => undefined, leader: () => wrong.text },
  })
  closers.push(() => server.close())
  return server
}

async function get(port: number | undefined, path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`)
  return `${response.status} ${await response.text()}`
}

test('metrics and probes, each on its own address', async () => {
  const wrong: { text?: string } = {}
  const { metricsPort, healthPort } = await served(wrong)
  expect(await get(metricsPort, '/metrics')).toBe('200 up 1\n')
  expect(await get(metricsPort, '/healthz')).toMatch(/^404/)
  expect(await get(healthPort, '/healthz')).toBe('200 ok')
  expect(await get(healthPort, '/readyz')).toBe('200 ok')
  wrong.text = 'not the leader'
  expect(await get(healthPort, '/readyz')).toBe(
    '500 [+]ping ok\n[-]leader failed: not the leader\n',
  )
  expect(await get(healthPort, '/healthz?verbose')).toBe('200 [+]ping ok\n')
})

test.each(['//', 'http://[', '/%zz', '*'])(
  'a target that is none is answered: %s',
  async (target) => {
    const { metricsPort = 0 } = await served()
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(metricsPort, '127.0.0.1', () =>
        socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
      )
      socket
        .once('data', (chunk: Buffer) => resolve(chunk.toString()))
        .on('error', () => resolve(''))
    })
    expect(answer).toMatch(/^HTTP\/1\.1 40[04] /)
    expect(await get(metricsPort, '/metrics')).toBe('200 up 1\n')
  },
)

test('an address that is taken, or none, is said at once', async () => {
  const { metricsPort } = await served()
  const options = { metrics: () => '', alive: {}, ready: {}, healthAddress: '' }
  await expect(
    serveTelemetry({ ...options, metricsAddress: `127.0.0.1:${metricsPort}` }),
  ).rejects.toMatchObject({ code: 'LISTEN', message: expect.stringContaining('EADDRINUSE') })
  await expect(serveTelemetry({ ...options, metricsAddress: 'nonsense' })).rejects.toMatchObject({
    code: 'LISTEN',
  })
})

test('addresses as Go writes them', () => {
  expect(parseListenAddress(':8080')).toEqual({ port: 8080 })
  expect(parseListenAddress('0.0.0.0:1')).toEqual({ host: '0.0.0.0', port: 1 })
  expect(parseListenAddress('[::1]:1')).toEqual({ host: '::1', port: 1 })
  expect([parseListenAddress('0'), parseListenAddress('')]).toEqual([undefined, undefined])
})

describe('events are sent on', () => {
  /** A receiver that answers one status after the other, the last one for ever. */
  async function receiver(statuses: readonly number[]): Promise<{ url: string; got: string[] }> {
    const got: string[] = []
    const server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString()
      })
      request.on('end', () => {
        got.push(body)
        response.writeHead(statuses[Math.min(got.length, statuses.length) - 1] ?? 500).end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closers.push(async () => {
      server.closeAllConnections()
      server.close()
    })
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, got }
  }

  const CASES: Record<string, { reason: string; given: number[]; tries: number; fails: boolean }> =
    {
      accepted: { reason: 'as notification-controller', given: [202], tries: 1, fails: false },
      duplicate: { reason: '429: it has the event', given: [429], tries: 1, fails: false },
      recovers: { reason: 'a restart', given: [503, 500, 202], tries: 3, fails: false },
      refused: { reason: 'no retry cures it', given: [400], tries: 1, fails: true },
      down: { reason: 'given up in the end', given: [500], tries: 4, fails: true },
    }

  test.each(Object.entries(CASES))('%s', async (_, { reason, given, tries, fails }) => {
    const clock = new VirtualClock()
    const { url, got } = await receiver(given)
    const post = createEventPoster({ address: url, clock })
    let ended: unknown = 'pending'
    const posting = post({ message: 'Applied' }).then(
      () => {
        ended = 'sent'
      },
      (error: unknown) => {
        ended = error
      },
    )
    while (ended === 'pending') {
      const next = clock.untilNext()
      // The limit of one try is an appointment, too; only the waits between tries are skipped.
      if (next !== undefined && next < 5_000) await clock.advance(next)
      else await new Promise((resolve) => setImmediate(resolve))
    }
    await posting
    expect(got, reason).toEqual(Array.from({ length: tries }, () => '{"message":"Applied"}'))
    expect(ended).toEqual(fails ? expect.objectContaining({ code: 'EVENT_POST' }) : 'sent')
  })
})
