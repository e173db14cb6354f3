import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { Clock } from '../base/index.ts'
import { type HttpOptions, tlsOptions } from './http-options.ts'

/** A connection in use is asked for a sign of life this often, */
const PING_MS = 3_000
/** and given up when it has not answered within this. */
const PONG_MS = 4_000
/** A thread that was busy runs its overdue timers before it reads what came in meanwhile. */
const BUSY_MS = 100
const CONNECT_MS = 5_000
/** A connection that nobody uses is closed after this. */
const IDLE_MS = 45_000
/** Kubernetes allows 250 streams on a connection. */
const STREAMS_MAX = 200
const WINDOW_BYTES = 4 * 1024 * 1024

/** One HTTP/2 connection, which is pinged while it is in use. */
export interface Line {
  readonly session: ClientHttp2Session
  /** Says whether it takes one more stream. */
  readonly isFree: boolean
  /** Takes a stream; the returned function gives it back. */
  take(): () => void
}

/** Dials the server; undefined when it does not speak HTTP/2. */
export async function dialLine(options: HttpOptions, clock: Clock): Promise<Line | undefined> {
  const socket = await dialTls(options, clock)
  if (socket.alpnProtocol !== 'h2') {
    socket.destroy()
    return undefined
  }
  return openLine(options, socket, clock)
}

function dialTls(options: HttpOptions, clock: Clock): Promise<TLSSocket> {
  const url = new URL(options.server)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      host,
      port: Number(url.port === '' ? 443 : url.port),
      servername: /^[\d.]+$|:/.test(host) ? '' : host,
      ...tlsOptions(options),
      ALPNProtocols: ['h2', 'http/1.1'],
    })
    const takeBack = clock.after(CONNECT_MS, () => socket.destroy(new Error('connect timed out')))
    socket.once('secureConnect', () => {
      takeBack()
      socket.setNoDelay(true)
      resolve(socket)
    })
    socket.once('error', (error) => {
      takeBack()
      reject(error)
    })
  })
}

function openLine(options: HttpOptions, socket: TLSSocket, clock: Clock): Line {
  const session = connectHttp2(new URL(options.server).origin, {
    createConnection: () => socket,
    settings: { initialWindowSize: WINDOW_BYTES, enablePush: false },
  })
  // Its streams report what went wrong; unheard, the event would end the process.
  session.on('error', () => undefined)
  session.once('connect', () => session.setLocalWindowSize(WINDOW_BYTES))
  const pings = createPings(session, clock)
  let streams = 0
  let stopIdling: () => void = () => undefined
  session.on('close', () => {
    stopIdling()
    pings.stop()
  })
  return {
    session,
    get isFree() {
      const most = session.remoteSettings?.maxConcurrentStreams ?? STREAMS_MAX
      return streams < Math.min(most, STREAMS_MAX) && !session.closed && !session.destroyed
    },
    take: () => {
      streams += 1
      stopIdling()
      if (streams === 1) {
        session.ref()
        pings.start()
      }
      return () => {
        streams -= 1
        if (streams > 0 || session.destroyed) return
        session.unref()
        pings.stop()
        stopIdling = clock.after(IDLE_MS, () => session.close())
      }
    },
  }
}

/** Asks a session for signs of life, and destroys it when it gives none. */
function createPings(session: ClientHttp2Session, clock: Clock): { start(): void; stop(): void } {
  let answeredMs = clock.now()
  let isAsking = false
  let isWanted = false
  let takeBack: () => void = () => undefined
  const ask = (): void => {
    if (session.destroyed) return
    isAsking = true
    takeBack = clock.after(PONG_MS, () => {
      takeBack = clock.after(BUSY_MS, () =>
        session.destroy(new Error('the connection is dead: its ping was not answered')),
      )
    })
    session.ping((error) => {
      isAsking = false
      takeBack()
      if (error !== null || session.destroyed) return
      answeredMs = clock.now()
      if (isWanted) takeBack = clock.after(PING_MS, ask)
    })
  }
  return {
    start: () => {
      isWanted = true
      if (isAsking) return
      takeBack()
      const sinceMs = clock.now() - answeredMs
      // It may have died while nobody used it.
      if (sinceMs >= PING_MS) ask()
      else takeBack = clock.after(PING_MS - sinceMs, ask)
    },
    stop: () => {
      isWanted = false
      if (!isAsking || session.destroyed) takeBack()
    },
  }
}
