import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Clock } from '../base/index.ts'
import { ApiFault, type ApiRequest, type ApiResponse, type Transport } from '../object/index.ts'
import { type Body, bodyLines, bodyText } from './body.ts'
import { unreachable } from './faults.ts'
import { notLeader } from './fence.ts'
import { type HttpOptions, tlsOptions } from './http-options.ts'
import { createStreams, LostLine, type Streams } from './streams.ts'
import { tunnelAgent } from './tunnel.ts'

const TIMEOUT_MS = 60_000
const HEADERS_MS = 30_000
const SOCKETS_MAX = 32
/** Idle sockets are closed before the server or something on the way forgets them. */
const IDLE_MS = 45_000
const KEEPALIVE_MS = 2_000

/** A transport that holds sockets. */
export interface HttpTransport extends Transport {
  /** Closes every socket. */
  close(): void
}

/**
 * A transport over kept connections: HTTP/2 where a TLS server speaks it, pinged, so that a peer that
 * is gone is noticed within seconds; else HTTP/1.1.
 */
export function httpTransport(options: HttpOptions, clock: Clock): HttpTransport {
  const base = new URL(options.server)
  const secure = base.protocol === 'https:'
  const agents = { verbs: agentOf(options, secure), watches: agentOf(options, secure, true) }
  const streams: Streams | undefined =
    secure && options.proxy === undefined ? createStreams(options, clock) : undefined
  const send = async (request: ApiRequest): Promise<ApiResponse> => {
    const headers = await headersOf(options, request)
    const shared = streams && (await overHttp2(streams, options, request, headers))
    if (shared !== undefined) return shared
    return overHttp1({ options, base, secure, clock, agents }, request, headers)
  }
  return {
    request: async (request) => {
      try {
        return await send(request)
      } catch (error) {
        if (request.signal?.aborted) throw request.signal.reason
        if (error instanceof ApiFault) throw error
        throw unreachable(request, base.origin, error)
      }
    },
    close: () => {
      streams?.close()
      agents.verbs.destroy()
      agents.watches.destroy()
    },
  }
}

/** What broke before an answer came is asked once more, unless twice is not the same as once. */
async function overHttp2(
  streams: Streams,
  options: HttpOptions,
  request: ApiRequest,
  headers: Record<string, string | readonly string[]>,
): Promise<ApiResponse | undefined> {
  const isStream = isWatch(request)
  const patience = {
    timeoutMs: isStream ? HEADERS_MS : (options.timeoutMs ?? TIMEOUT_MS),
    isStream,
  }
  const all = isStream ? headers : { ...headers, 'accept-encoding': 'gzip' }
  try {
    return await streams.request(request, all, patience)
  } catch (error) {
    if (!(error instanceof LostLine) || !mayRepeat(request)) throw error
    return streams.request(request, all, patience)
  }
}

function mayRepeat({ method, headers }: ApiRequest): boolean {
  return method !== 'POST' && headers?.['content-type'] !== 'application/json-patch+json'
}

type Agent = HttpAgent | HttpsAgent

interface Http1 {
  readonly options: HttpOptions
  readonly base: URL
  readonly secure: boolean
  readonly clock: Clock
  readonly agents: { readonly verbs: Agent; readonly watches: Agent }
}

function agentOf(options: HttpOptions, secure: boolean, watches = false): Agent {
  const shared = {
    keepAlive: true,
    keepAliveMsecs: KEEPALIVE_MS,
    scheduling: 'lifo' as const,
    maxSockets: watches ? Number.POSITIVE_INFINITY : (options.socketsMax ?? SOCKETS_MAX),
    timeout: IDLE_MS,
  }
  if (options.proxy !== undefined) {
    return tunnelAgent({ proxy: options.proxy, tls: tlsOptions(options), secure }, shared)
  }
  return secure ? new HttpsAgent({ ...shared, ...tlsOptions(options) }) : new HttpAgent(shared)
}

async function headersOf(
  options: HttpOptions,
  request: ApiRequest,
): Promise<Record<string, string | readonly string[]>> {
  const own = await options.headers?.()
  return {
    'user-agent': options.userAgent ?? 'tidegate',
    ...options.fixedHeaders,
    ...own,
    ...request.headers,
  }
}

/** Says whether the answer is a stream. */
export function isWatch(request: ApiRequest): boolean {
  return /[?&](watch|follow)=(true|1)\b/.test(request.path)
}

async function overHttp1(
  way: Http1,
  request: ApiRequest,
  headers: Record<string, string | readonly string[]>,
): Promise<ApiResponse> {
  try {
    return await tryHttp1(way, request, headers)
  } catch (error) {
    // The server closed a kept socket as it was taken up: nothing was read, so it is asked anew.
    if (!(error instanceof StaleSocket) || !mayRepeat(request)) throw error
    return tryHttp1(way, request, headers)
  }
}

class StaleSocket extends Error {}

async function tryHttp1(
  way: Http1,
  request: ApiRequest,
  headers: Record<string, string | readonly string[]>,
): Promise<ApiResponse> {
  const stop = new AbortController()
  const onAbort = (): void => stop.abort(request.signal?.reason)
  request.signal?.addEventListener('abort', onAbort, { once: true })
  if (request.signal?.aborted) onAbort()
  const timeoutMs = way.options.timeoutMs ?? TIMEOUT_MS
  const takeBack = way.clock.after(timeoutMs, () =>
    stop.abort(
      unreachable(request, way.base.origin, new Error(`no answer within ${timeoutMs / 1000}s`)),
    ),
  )
  const over = (): void => {
    takeBack()
    request.signal?.removeEventListener('abort', onAbort)
  }
  try {
    const message = await exchange(way, request, headers, stop.signal)
    if (isWatch(request)) takeBack()
    const { answerBytesMax } = way.options
    return responseOf(message, {
      signal: stop.signal,
      over,
      ...(answerBytesMax === undefined ? {} : { bytesMax: answerBytesMax }),
    })
  } catch (error) {
    over()
    throw error
  }
}

function exchange(
  way: Http1,
  request: ApiRequest,
  headers: Record<string, string | readonly string[]>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const watch = isWatch(request)
  const init: RequestOptions = {
    protocol: way.base.protocol,
    hostname: way.base.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: way.base.port,
    path: way.base.pathname.replace(/\/$/, '') + request.path,
    method: request.method,
    headers: mutable({
      ...headers,
      ...(watch ? {} : { 'accept-encoding': 'gzip' }),
      ...(request.body === undefined
        ? {}
        : { 'content-length': String(Buffer.byteLength(request.body)) }),
    }),
    agent: watch ? way.agents.watches : way.agents.verbs,
  }
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason)
      return
    }
    const outgoing = (way.secure ? httpsRequest : httpRequest)(init, resolve)
    signal.addEventListener('abort', () => outgoing.destroy(signal.reason), { once: true })
    guard(request, outgoing)
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const stale = outgoing.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(error.code ?? '')
      reject(stale ? new StaleSocket(error.message, { cause: error }) : error)
    })
    outgoing.end(request.body)
  })
}

/** Holds a request back that waited for its socket until it may no longer go out. */
function guard(request: ApiRequest, outgoing: ClientRequest): void {
  const { mayGo } = request
  if (mayGo === undefined) return
  const check = (): void => {
    if (!mayGo()) outgoing.destroy(notLeader(request.method))
  }
  outgoing.once('socket', (socket) => {
    check()
    if (socket.connecting) socket.prependOnceListener('connect', check)
  })
}

function mutable(
  headers: Record<string, string | readonly string[]>,
): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : [...value],
    ]),
  )
}

function responseOf(
  message: IncomingMessage,
  reading: Pick<Body, 'signal' | 'over' | 'bytesMax'>,
): ApiResponse {
  const body = { stream: message, encoding: message.headers['content-encoding'], ...reading }
  return {
    status: message.statusCode ?? 0,
    headers: Object.fromEntries(
      Object.entries(message.headers).map(([name, value]) => [name, [value].flat().join(', ')]),
    ),
    text: () => bodyText(body),
    lines: () => bodyLines(body),
  }
}
