import { createHash } from 'node:crypto'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { type AgentOptions, Agent as HttpsAgent, request as httpsRequest } from 'node:https'

/** Certificates of a connection, PEM. */
export interface TlsMaterial {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** One request. Nothing is followed and nothing is retried. */
export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly tls?: TlsMaterial
  readonly signal: AbortSignal
}

/** The answer to a request. Its body must be read or destroyed. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: IncomingMessage
}

/** Sends requests over connections that are kept. */
export interface HttpClient {
  send(request: HttpRequest): Promise<HttpAnswer>
  /** Closes the idle connections. */
  close(): void
}

const SOCKETS_MAX = 16
const AGENTS_MAX = 64

/** Creates a client over `node:http` and `node:https`. */
export function createHttpClient(): HttpClient {
  const agents = new Map<string, HttpAgent>()
  const agentFor = (request: HttpRequest): HttpAgent => {
    const { tls } = request
    const key = tls === undefined ? request.url.protocol : `${request.url.protocol} ${digest(tls)}`
    const known = agents.get(key)
    if (known !== undefined) return known
    const options: AgentOptions = { keepAlive: true, maxSockets: SOCKETS_MAX, ...tls }
    const agent =
      request.url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options)
    agents.set(key, agent)
    const oldest = agents.keys().next().value
    if (agents.size > AGENTS_MAX && oldest !== undefined) {
      agents.get(oldest)?.destroy()
      agents.delete(oldest)
    }
    return agent
  }
  return {
    send: (request) => send(request, agentFor(request)),
    close: () => {
      for (const agent of agents.values()) agent.destroy()
      agents.clear()
    },
  }
}

function send(request: HttpRequest, agent: HttpAgent, again = true): Promise<HttpAnswer> {
  const start = request.url.protocol === 'https:' ? httpsRequest : httpRequest
  const length = request.body === undefined ? {} : { 'content-length': `${request.body.length}` }
  const headers = { ...request.headers, ...length }
  return new Promise((resolve, reject) => {
    const { hostname, port, pathname, search } = request.url
    const outgoing = start({
      method: request.method,
      hostname: hostname.replace(/^\[|\]$/g, ''),
      port,
      path: `${pathname}${search}`,
      agent,
      headers,
      signal: request.signal,
    })
    outgoing.on('response', (body) =>
      resolve({ status: body.statusCode ?? 0, headers: flat(body), body }),
    )
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      // A kept connection may have been closed by the host just now; that says nothing about it.
      if (again && outgoing.reusedSocket && error.code === 'ECONNRESET')
        resolve(send(request, agent, false))
      else reject(request.signal.aborted ? request.signal.reason : error)
    })
    outgoing.end(request.body)
  })
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

/** Reads at most `bytesMax` bytes of a body and drops the rest. */
export async function readBody(body: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length > bytesMax) {
      body.destroy()
      break
    }
  }
  return Buffer.concat(chunks).subarray(0, bytesMax)
}
