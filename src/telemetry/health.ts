import { type Clock, formatDuration } from '../base/index.ts'
import type { ApiRequest, Transport } from '../object/index.ts'
import type { HealthCheck } from './server.ts'

/** A check that has something to end. */
export interface Probe {
  readonly check: HealthCheck
  stop(): void
}

const BEAT_MS = 1_000
/** The event loop may be busy for so long before it is spoken of. */
const LATE_MS_MAX = 20_000
/** How long a delay is remembered: as long as the kubelet needs for a few probes. */
const MEMORY_MS = 45_000

/**
 * Says whether timers run when they are due. A loop that stands still answers nothing at all; one that
 * stands still again and again is found by this.
 */
export function probeEventLoop(clock: Clock): Probe {
  let dueMs = clock.now() + BEAT_MS
  let late: { readonly ms: number; readonly atMs: number } | undefined
  let takeBack: () => void = () => undefined
  const look = (): number => clock.now() - dueMs
  const beat = (): void => {
    const ms = look()
    if (ms > LATE_MS_MAX) late = { ms, atMs: clock.now() }
    dueMs = clock.now() + BEAT_MS
    takeBack = clock.after(BEAT_MS, beat)
  }
  takeBack = clock.after(BEAT_MS, beat)
  return {
    check: () => {
      const ms = Math.max(
        look(),
        late === undefined || clock.now() - late.atMs > MEMORY_MS ? 0 : late.ms,
      )
      return ms > LATE_MS_MAX ? `timers were late by ${formatDuration(Math.round(ms))}` : undefined
    },
    stop: () => takeBack(),
  }
}

/** A watch lives ten minutes at most before it is asked for anew; one that is older hangs. */
const WATCH_MS_MAX = 15 * 60_000
/** One that broke is asked for again within half a minute. */
const BROKEN_MS_MAX = 3 * 60_000
const WATCHES_MAX = 5_000

/** Watches as they pass a transport. */
export interface WatchProbe {
  /** The transport, watched. */
  readonly transport: Transport
  readonly check: HealthCheck
}

interface Seen {
  readonly askedMs: number
  /** When it ended; undefined while it lasts. */
  endedMs: number | undefined
}

/**
 * Says whether each watch that was begun is still looked after: that it is asked for anew when it has
 * ended, and does not last longer than a server lets it. Whether the server can be reached is not its
 * business: a restart cures nothing then. A watch that the server refuses is forgotten.
 */
export function probeWatches(transport: Transport, clock: Pick<Clock, 'now'>): WatchProbe {
  const watches = new Map<string, Seen>()
  const follow = async (request: ApiRequest): ReturnType<Transport['request']> => {
    const key = watchKey(request)
    const seen: Seen = { askedMs: clock.now(), endedMs: undefined }
    if (watches.size < WATCHES_MAX || watches.has(key)) watches.set(key, seen)
    const end = (): void => {
      seen.endedMs = clock.now()
      // Whoever asked has ended it: nobody will ask again.
      if (request.signal?.aborted && watches.get(key) === seen) watches.delete(key)
    }
    try {
      const answer = await transport.request(request)
      if (
        answer.status >= 400 &&
        answer.status < 500 &&
        answer.status !== 410 &&
        answer.status !== 429
      )
        watches.delete(key)
      return { ...answer, lines: () => untilEnd(answer.lines(), end) }
    } catch (error) {
      end()
      throw error
    }
  }
  return {
    transport: {
      request: (request) => (isWatch(request) ? follow(request) : transport.request(request)),
    },
    check: () => {
      const now = clock.now()
      for (const [key, { askedMs, endedMs }] of watches) {
        if (endedMs !== undefined && now - endedMs > BROKEN_MS_MAX)
          return `the watch of ${key} ended and was not begun again`
        if (endedMs === undefined && now - askedMs > WATCH_MS_MAX)
          return `the watch of ${key} has not been renewed for ${formatDuration(now - askedMs)}`
      }
      return undefined
    },
  }
}

async function* untilEnd(lines: AsyncIterable<string>, end: () => void): AsyncGenerator<string> {
  try {
    yield* lines
  } finally {
    end()
  }
}

function isWatch({ method, path }: ApiRequest): boolean {
  return method === 'GET' && /[?&]watch=(true|1)\b/.test(path)
}

/** What is watched, without from where on. */
function watchKey({ path }: ApiRequest): string {
  const url = new URL(path, 'http://server')
  const selectors = ['labelSelector', 'fieldSelector'].flatMap(
    (name) => url.searchParams.get(name) ?? [],
  )
  return [url.pathname, ...selectors].join(' ')
}
