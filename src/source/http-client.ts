import { createHash } from 'node:crypto'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { type AgentOptions, Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import { type Duplex, pipeline, type Readable } from 'node:stream'
import { rootCertificates, connect as tlsConnect } from 'node:tls'
import { Fault } from '../base/index.ts'
import { basicAuthorization } from './basic-authorization.ts'
import { environmentProxy, openTunnel, type Proxy, type ProxyEnvironment } from './proxy.ts'

/** Certificates of a connection, PEM. */
export interface TlsMaterial {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** Takes any certificate: only for what was said to be insecure. */
  readonly rejectUnauthorized?: false
}

/** A body that is read while it is sent. */
export interface StreamedBody {
  readonly length: number
  /** Begins anew at each call. */
  open(): Readable
}

/** One request. Nothing is followed and nothing is retried. */
export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | StreamedBody
  readonly tls?: TlsMaterial
  readonly proxy?: Proxy
  readonly signal: AbortSignal
}

/** The answer to a request. Its body must be read or destroyed. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: IncomingMessage
}

/** Codes of faults of this client. */
export type HttpCode =
  /** An answer has more bytes than may be read. */
  'HTTP_TOO_LARGE'

/** Sends requests over connections that are kept. */
export interface HttpClient {
  send(request: HttpRequest): Promise<HttpAnswer>
  /** Closes the idle connections. */
  close(): void
}

const SOCKETS_MAX = 16
const AGENTS_MAX = 64

/** How a client behaves. */
export interface HttpClientOptions {
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked up; nowhere unless given. */
  readonly env?: ProxyEnvironment
  /** Certificates that are trusted besides the known ones, PEM. */
  readonly ca?: string
}

/** Creates a client over `node:http` and `node:https`. */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const agents = new Map<string, HttpAgent>()
  const agentFor = (request: HttpRequest, proxy: Proxy | undefined): HttpAgent => {
    const tls = withSystemCa(request.tls, options.ca)
    const { protocol } = request.url
    const key = `${protocol} ${proxy?.url.href ?? ''} ${tls === undefined ? '' : digest(tls)}`
    const known = agents.get(key)
    if (known !== undefined) return known
    const agent = createAgent(protocol, proxy, tls)
    agents.set(key, agent)
    const oldest = agents.keys().next().value
    if (agents.size > AGENTS_MAX && oldest !== undefined) {
      agents.get(oldest)?.destroy()
      agents.delete(oldest)
    }
    return agent
  }
  return {
    send: (request) => {
      const proxy = request.proxy ?? environmentProxy(options.env ?? {}, request.url)
      return send(request, { agent: agentFor(request, proxy), proxy })
    },
    close: () => {
      for (const agent of agents.values()) agent.destroy()
      agents.clear()
    },
  }
}

function withSystemCa(
  tls: TlsMaterial | undefined,
  ca: string | undefined,
): TlsMaterial | undefined {
  if (ca === undefined) return tls
  const own = tls?.ca ?? rootCertificates.join('\n')
  return { ...tls, ca: `${own}\n${ca}` }
}

/** Plain HTTP over an HTTP proxy needs no tunnel: the proxy is asked for the whole address. */
function isForwarded(protocol: string, proxy: Proxy | undefined): proxy is Proxy {
  return protocol === 'http:' && proxy !== undefined && proxy.url.protocol.startsWith('http')
}

function createAgent(
  protocol: string,
  proxy: Proxy | undefined,
  tls: TlsMaterial | undefined,
): HttpAgent {
  const options: AgentOptions = { keepAlive: true, maxSockets: SOCKETS_MAX, ...tls }
  const isTls = protocol === 'https:'
  const viaTls = isTls || (isForwarded(protocol, proxy) && proxy.url.protocol === 'https:')
  const agent = viaTls ? new HttpsAgent(options) : new HttpAgent(options)
  if (proxy === undefined || isForwarded(protocol, proxy)) return agent
  const secured = (socket: Socket, to: TunnelOptions): Duplex =>
    isTls ? tlsConnect({ ...tls, ...serverName(to), socket }) : socket
  const dial = async (
    to: TunnelOptions,
    done: (error: Error | null, socket?: Duplex) => void,
  ): Promise<void> => {
    let socket: Duplex
    try {
      const target = { host: to.host, port: Number(to.port) }
      socket = secured(await openTunnel(proxy, target), to)
    } catch (error) {
      done(error as Error)
      return
    }
    done(null, socket)
    // The tunnel hands it over paused; HTTP does not expect that.
    socket.resume()
  }
  Object.assign(agent, {
    createConnection: (...call: Parameters<typeof dial>) => void dial(...call),
  })
  return agent
}

function serverName(to: TunnelOptions): { readonly servername?: string } {
  return to.servername === undefined || to.servername === '' ? {} : { servername: to.servername }
}

interface TunnelOptions {
  readonly host: string
  readonly port: number | string
  readonly servername?: string
}

function send(
  request: HttpRequest,
  way: { readonly agent: HttpAgent; readonly proxy: Proxy | undefined },
  again = true,
): Promise<HttpAnswer> {
  const { agent, proxy } = way
  const start = request.url.protocol === 'https:' ? httpsRequest : httpRequest
  const length = request.body === undefined ? {} : { 'content-length': `${request.body.length}` }
  const headers = { ...request.headers, ...length, ...proxyHeaders(request, proxy) }
  return new Promise((resolve, reject) => {
    const { pathname, search } = request.url
    const isForwarding = isForwarded(request.url.protocol, proxy)
    const dialled = isForwarding ? proxy.url : request.url
    const outgoing = (isForwarding && dialled.protocol === 'https:' ? httpsRequest : start)({
      method: request.method,
      hostname: dialled.hostname.replace(/^\[|\]$/g, ''),
      port: dialled.port,
      path: isForwarding ? `${request.url.origin}${pathname}${search}` : `${pathname}${search}`,
      agent,
      headers,
    })
    // Not as an option: Node would tie the kept socket to it, long after this request is over.
    let incoming: IncomingMessage | undefined
    const onAbort = (): void => {
      if (incoming === undefined) outgoing.destroy(request.signal.reason)
      else if (!incoming.complete) incoming.destroy(request.signal.reason)
    }
    if (request.signal.aborted) onAbort()
    request.signal.addEventListener('abort', onAbort, { once: true })
    outgoing.on('close', () => request.signal.removeEventListener('abort', onAbort))
    outgoing.on('response', (body) => {
      incoming = body
      resolve({ status: body.statusCode ?? 0, headers: flat(body), body })
    })
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      // A kept connection may have been closed by the host just now; that says nothing about it.
      if (again && outgoing.reusedSocket && error.code === 'ECONNRESET')
        resolve(send(request, way, false))
      else reject(request.signal.aborted ? request.signal.reason : error)
    })
    const { body } = request
    if (body === undefined || body instanceof Uint8Array) outgoing.end(body)
    else pipeline(body.open(), outgoing, () => undefined)
  })
}

function proxyHeaders(request: HttpRequest, proxy: Proxy | undefined): Record<string, string> {
  if (!isForwarded(request.url.protocol, proxy)) return {}
  const user = decodeURIComponent(proxy.url.username)
  const host = { host: request.url.host }
  if (user === '') return host
  const authorization = basicAuthorization(user, decodeURIComponent(proxy.url.password))
  return { ...host, 'proxy-authorization': authorization }
}

function flat(message: IncomingMessage): Record<string, string | undefined> {
  const entries = Object.entries(message.headers)
  return Object.fromEntries(
    entries.map(([key, value]) => [key, Array.isArray(value) ? value.join(', ') : value]),
  )
}

function digest(tls: TlsMaterial): string {
  return createHash('sha256').update(JSON.stringify(tls)).digest('hex')
}

/**
 * Reads a body that may have so many bytes.
 * @throws Fault HTTP_TOO_LARGE
 */
export async function readBody(
  body: Readable & Partial<Pick<IncomingMessage, 'headers'>>,
  bytesMax: number,
): Promise<Buffer> {
  const told = Number(body.headers?.['content-length'] ?? 0)
  if (told > bytesMax) {
    body.destroy()
    throw tooLarge(told, bytesMax)
  }
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length
    // Leaving the loop closes the connection.
    if (length > bytesMax) throw tooLarge(length, bytesMax)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}

/** The fault of a body, or of anything else that was sent, that has too many bytes. */
export function tooLarge(bytes: number, bytesMax: number): Fault<HttpCode> {
  const message = `too large: ${bytes} bytes, limit ${bytesMax}`
  return new Fault<HttpCode>({ code: 'HTTP_TOO_LARGE', message })
}

/** Reads what a body begins with and drops the rest: for what is only quoted. */
export async function readStart(body: Readable, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length > bytesMax) break
  }
  return Buffer.concat(chunks).subarray(0, bytesMax)
}
