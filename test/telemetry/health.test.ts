import { afterEach, describe, expect, test } from 'vitest'
import { VirtualClock } from '../../src/base/index.ts'
import type { ApiRequest, ApiResponse, Transport } from '../../src/object/index.ts'
import { probeEventLoop, probeWatches } from '../../src/telemetry/index.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

test('an event loop that keeps standing still is spoken of, for a while', async () => {
  const world = new VirtualClock()
  let stands = 0
  const clock = {
    ...bound(world),
    after: (ms: number, fn: () => void) => world.after(ms + stands, fn),
  }
  const probe = probeEventLoop(clock)
  closers.push(() => probe.stop())
  await world.advance(60_000)
  expect(probe.check()).toBeUndefined()
  stands = 30_000
  await world.advance(31_500)
  expect(probe.check()).toMatch(/^timers were late by 2\d(\.\d+)?s$|^timers were late by 30s$/)
  stands = 0
  await world.advance(120_000)
  expect(probe.check()).toBeUndefined()
})

function bound(clock: VirtualClock) {
  return {
    now: () => clock.now(),
    after: (ms: number, fn: () => void) => clock.after(ms, fn),
    sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms, signal),
  }
}

/** A server whose watches last until they are ended from outside. */
function server(): { readonly transport: Transport; end(): void; status: number } {
  let ends: (() => void)[] = []
  const self = {
    status: 200,
    end: () => {
      for (const end of ends.splice(0)) end()
    },
    transport: {
      request: async (request: ApiRequest): Promise<ApiResponse> => ({
        status: self.status,
        headers: {},
        text: async () => '',
        lines: async function* () {
          yield '{}'
          await new Promise<void>((resolve) => {
            ends = [...ends, resolve]
            request.signal?.addEventListener('abort', () => resolve())
          })
        },
      }),
    },
  }
  return self
}

describe('watches', () => {
  const path = '/apis/x/v1/things?watch=true&resourceVersion=1'

  async function begin(transport: Transport, signal?: AbortSignal): Promise<void> {
    const answer = await transport.request({ method: 'GET', path, ...(signal ? { signal } : {}) })
    if (answer.status !== 200) return
    void (async () => {
      for await (const _ of answer.lines()) continue
    })()
  }

  test('one that is asked for anew now and then is well; one that is not is named', async () => {
    const clock = new VirtualClock()
    const { transport, end } = server()
    const probe = probeWatches(transport, clock)
    for (let minutes = 0; minutes < 60; minutes += 8) {
      await begin(probe.transport)
      await clock.advance(8 * 60_000)
      expect(probe.check()).toBeUndefined()
      end()
      await clock.advance(100)
    }
    await clock.advance(200_000)
    expect(probe.check()).toBe('the watch of /apis/x/v1/things ended and was not begun again')
    await begin(probe.transport)
    expect(probe.check()).toBeUndefined()
    await clock.advance(16 * 60_000)
    expect(probe.check()).toMatch(
      /^the watch of \/apis\/x\/v1\/things has not been renewed for 16m/,
    )
  })

  test('one that its asker ended, or that the server refuses, is nobody’s trouble', async () => {
    const clock = new VirtualClock()
    const host = server()
    const probe = probeWatches(host.transport, clock)
    const stop = new AbortController()
    await begin(probe.transport, stop.signal)
    await clock.advance(1_000)
    stop.abort()
    await clock.advance(60 * 60_000)
    expect(probe.check()).toBeUndefined()
    host.status = 403
    await begin(probe.transport)
    await clock.advance(60 * 60_000)
    expect(probe.check()).toBeUndefined()
  })
})
