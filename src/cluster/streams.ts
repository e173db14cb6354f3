import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
  type IncomingHttpHeaders,
} from 'node:http2'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { Clock } from '../base/index.ts'
import { ApiFault, type ApiRequest, type ApiResponse } from '../object/index.ts'
import { bodyLines, bodyText } from './body.ts'
import type { HttpOptions } from './http-options.ts'
import { tlsOptions } from './http-options.ts'

/** A connection is asked for a sign of life this often, */
const PING_MS = 3_000
/** and given up when it has not answered within this. */
const PONG_MS = 4_000
const CONNECT_MS = 10_000
const HEADERS_MS = 30_000
const STREAMS_MAX = 200
const WINDOW_BYTES = 4 * 1024 * 1024

type Headers = Record<string, string | readonly string[]>

/** Watches over shared HTTP/2 connections. */
export interface Streams {
  /** undefined: the server does not speak HTTP/2. */
  request(request: ApiRequest, headers: Headers): Promise<ApiResponse | undefined>
  close(): void
}

interface Line {
  readonly session: ClientHttp2Session
  streams: number
}

/**
 * HTTP/2 connections for watches. Each is pinged while it carries one; a connection that does not
 * answer is destroyed, which ends its watches, and they begin anew on another.
 */
export function createStreams(options: HttpOptions, clock: Clock): Streams {
  let supported = true
  let lines: Line[] = []
  let dialling: Promise<Line | undefined> | undefined
  const dial = async (): Promise<Line | undefined> => {
    const socket = await dialTls(options, clock)
    if (socket.alpnProtocol !== 'h2') {
      socket.destroy()
      supported = false
      return undefined
    }
    const line = { session: openSession(options, socket, clock), streams: 0 }
    lines.push(line)
    const forget = (): void => {
      lines = lines.filter((other) => other !== line)
    }
    line.session.on('close', forget)
    line.session.on('goaway', forget)
    return line
  }
  const lineFor = async (): Promise<Line | undefined> => {
    for (;;) {
      const free = lines.find((line) => line.streams < STREAMS_MAX && !line.session.closed)
      if (free !== undefined || !supported) return free
      dialling ??= dial().finally(() => {
        dialling = undefined
      })
      await dialling
    }
  }
  return {
    request: async (request, headers) => {
      const line = await lineFor()
      if (line === undefined) return undefined
      line.streams += 1
      const done = (): void => {
        line.streams -= 1
        if (line.streams === 0) line.session.close()
      }
      return openStream(options, line.session, request, headers, clock, done)
    },
    close: () => {
      for (const line of lines) line.session.destroy()
    },
  }
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
      resolve(socket)
    })
    socket.once('error', (error) => {
      takeBack()
      reject(error)
    })
  })
}

function openSession(options: HttpOptions, socket: TLSSocket, clock: Clock): ClientHttp2Session {
  const session = connectHttp2(new URL(options.server).origin, {
    createConnection: () => socket,
    settings: { initialWindowSize: WINDOW_BYTES, enablePush: false },
  })
  // Its streams report what went wrong; unheard, the event would end the process.
  session.on('error', () => undefined)
  let stopPing: () => void = () => undefined
  const ping = (): void => {
    const giveUp = clock.after(PONG_MS, () => session.destroy(new Error('ping was not answered')))
    stopPing = giveUp
    if (session.destroyed) return giveUp()
    session.ping((error) => {
      giveUp()
      if (error === null && !session.destroyed) stopPing = clock.after(PING_MS, ping)
    })
  }
  stopPing = clock.after(PING_MS, ping)
  session.on('close', () => stopPing())
  return session
}

async function openStream(
  options: HttpOptions,
  session: ClientHttp2Session,
  request: ApiRequest,
  headers: Headers,
  clock: Clock,
  done: () => void,
): Promise<ApiResponse> {
  const prefix = new URL(options.server).pathname.replace(/\/$/, '')
  const stream = session.request({
    ...Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : [...value],
      ]),
    ),
    ':method': request.method,
    ':path': prefix + request.path,
  })
  const stop = new AbortController()
  const onAbort = (): void => stop.abort(request.signal?.reason)
  request.signal?.addEventListener('abort', onAbort, { once: true })
  if (request.signal?.aborted) onAbort()
  let open = true
  const over = (): void => {
    if (!open) return
    open = false
    request.signal?.removeEventListener('abort', onAbort)
    stream.destroy()
    done()
  }
  try {
    const answer = await headersOf(stream, stop.signal, clock)
    const body = { stream, encoding: undefined, signal: stop.signal, over }
    return {
      status: Number(answer[':status']),
      headers: plainHeaders(answer),
      monitored: true,
      text: () => bodyText(body),
      lines: () => bodyLines(body),
    }
  } catch (error) {
    over()
    throw error
  }
}

function headersOf(
  stream: ClientHttp2Stream,
  signal: AbortSignal,
  clock: Clock,
): Promise<IncomingHttpHeaders> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      takeBack()
      reject(error)
      stream.destroy()
    }
    const takeBack = clock.after(HEADERS_MS, () =>
      fail(new ApiFault({ code: 'UNREACHABLE', message: 'watch: no answer', status: 0 })),
    )
    const onAbort = (): void => fail(signal.reason as Error)
    if (signal.aborted) {
      onAbort()
      return
    }
    signal.addEventListener('abort', onAbort, { once: true })
    stream.on('error', fail)
    stream.once('close', () => fail(new Error('the connection was closed')))
    stream.once('response', (headers) => {
      takeBack()
      signal.removeEventListener('abort', onAbort)
      resolve(headers)
    })
  })
}

function plainHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !name.startsWith(':'))
      .map(([name, value]) => [name, [value].flat().join(', ')]),
  )
}
