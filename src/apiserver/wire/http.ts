import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { messageOf } from '../../base/index.ts'
import type { ApiRequest, ApiResponse, Transport } from '../../object/index.ts'

/** The server's face on HTTP. */
export interface Served {
  readonly url: string
  readonly port: number
  /** Stops listening and drops every connection. */
  close(): Promise<void>
}

/** Where to listen. */
export interface ServeOptions {
  /** Default: loopback only. */
  readonly host?: string
  /** Default: one that is free. */
  readonly port?: number
  /** Largest request body. Default: 3 MiB, as the real server has it. */
  readonly bodyMaxBytes?: number
}

const BODY_MAX_BYTES = 3 * 1024 * 1024
const GZIP_FROM_BYTES = 128 * 1024
/** As Go has it. */
const HEADER_MAX_BYTES = 1024 * 1024

/** Puts a transport (an API server) on HTTP/1.1. */
export function serve(transport: Transport, options: ServeOptions = {}): Promise<Served> {
  const host = options.host ?? '127.0.0.1'
  const limit = options.bodyMaxBytes ?? BODY_MAX_BYTES
  const settings = { keepAliveTimeout: 90_000, noDelay: true, maxHeaderSize: HEADER_MAX_BYTES }
  const server = createServer(settings, (incoming, outgoing) => {
    if (isLoopback(host) && !isLoopback(nameOf(incoming.headers.host))) {
      misdirected(outgoing)
      return
    }
    answer(transport, incoming, outgoing, limit).catch((error: unknown) => {
      outgoing.destroy(error instanceof Error ? error : new Error(messageOf(error)))
    })
  })
  server.requestTimeout = 0
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, host, () => {
      const { port } = server.address() as AddressInfo
      const name = host.includes(':') ? `[${host}]` : host
      resolve({ url: `http://${name}:${port}`, port, close: () => stop(server) })
    })
  })
}

/**
 * What listens on loopback answers to loopback's names alone: a page in a browser must not reach it
 * under a name of its own that it lets point here.
 */
function misdirected(outgoing: ServerResponse): void {
  const message = 'this server listens on loopback and answers to 127.0.0.1, [::1] and localhost'
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message }
  outgoing.writeHead(421, { 'content-type': 'application/json' })
  outgoing.end(JSON.stringify({ ...body, code: 421 }))
}

/** The name in a Host header, without its port. */
function nameOf(host: string | undefined): string {
  return (host ?? '').replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
}

function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '::1' || /^127(?:\.\d{1,3}){3}$/.test(name)
}

function stop(server: ReturnType<typeof createServer>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

async function answer(
  transport: Transport,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  limit: number,
): Promise<void> {
  const body = await bodyOf(incoming, limit)
  if (body === undefined) {
    tooLarge(outgoing, limit)
    return
  }
  const response = await transport.request({
    method: (incoming.method ?? 'GET') as ApiRequest['method'],
    path: incoming.url ?? '/',
    headers: headersOf(incoming),
    body,
    ...(isRead(incoming) ? { signal: goneSignal(outgoing) } : {}),
  })
  const streams = response.headers['transfer-encoding'] === 'chunked'
  if (streams) await stream(response, outgoing)
  else await whole(response, outgoing, mayBeSqueezed(incoming))
}

/** Only a plain `gzip` among the encodings counts; documents of OpenAPI v3 are never squeezed. */
function mayBeSqueezed({ method, headers, url = '' }: IncomingMessage): boolean {
  const encodings = String(headers['accept-encoding'] ?? '').split(',')
  const isWanted = encodings.some((each) => each.trim() === 'gzip')
  return isWanted && method === 'GET' && !url.startsWith('/openapi/v3')
}

/** Reads may be watches, which end with their client; writes are carried out in any case. */
function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD'
}

function goneSignal(outgoing: ServerResponse): AbortSignal {
  const gone = new AbortController()
  outgoing.on('close', () => {
    if (!outgoing.writableFinished) gone.abort()
  })
  return gone.signal
}

function headersOf(incoming: IncomingMessage): NonNullable<ApiRequest['headers']> {
  const headers = incoming.headers as Record<string, string | string[]>
  if (headers['impersonate-group'] === undefined) return headers
  const impersonated = incoming.headersDistinct['impersonate-group'] ?? []
  return { ...headers, 'impersonate-group': impersonated }
}

/** The body, as bytes where it is no text; undefined when it is larger than the limit. */
function bodyOf(
  incoming: IncomingMessage,
  limit: number,
): Promise<string | Uint8Array | undefined> {
  if (isRead(incoming)) return Promise.resolve('')
  const isText = !/protobuf|cbor/.test(incoming.headers['content-type'] ?? '')
  const chunks: Buffer[] = []
  let size = 0
  return new Promise((resolve, reject) => {
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) resolve(undefined)
      else chunks.push(chunk)
    })
    incoming.on('end', () => {
      const [first = Buffer.alloc(0)] = chunks
      const bytes = chunks.length > 1 ? Buffer.concat(chunks) : first
      resolve(isText ? bytes.toString('utf8') : bytes)
    })
    incoming.on('error', reject)
  })
}

function tooLarge(outgoing: ServerResponse, limit: number): void {
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `Request entity too large: limit is ${limit}`,
    reason: 'RequestEntityTooLarge',
    code: 413,
  }
  outgoing.writeHead(413, { 'content-type': 'application/json', connection: 'close' })
  outgoing.end(`${JSON.stringify(status)}\n`)
}

async function whole(
  response: ApiResponse,
  outgoing: ServerResponse,
  gzip: boolean,
): Promise<void> {
  const plain = response.bytes ?? (await response.text())
  const length = typeof plain === 'string' ? Buffer.byteLength(plain) : plain.length
  const squeeze = gzip && length >= GZIP_FROM_BYTES
  const body = squeeze ? gzipSync(plain, { level: 1 }) : plain
  outgoing.writeHead(response.status, {
    ...inBytes(response.headers),
    ...(squeeze ? { 'content-encoding': 'gzip', vary: varying(response.headers['vary']) } : {}),
    'content-length': squeeze ? body.length : length,
  })
  // A text goes out together with the head in one write.
  outgoing.end(body)
}

function varying(vary: string | undefined): string {
  if (vary === undefined) return 'Accept-Encoding'
  return vary.includes('Accept-Encoding') ? vary : `Accept-Encoding, ${vary}`
}

/** Node writes a letter of a header as one byte; warnings are UTF-8. */
function inBytes(headers: ApiResponse['headers']): ApiResponse['headers'] {
  const { warning } = headers
  if (typeof warning !== 'string') return headers
  return { ...headers, warning: Buffer.from(warning, 'utf8').toString('latin1') }
}

async function stream(response: ApiResponse, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(response.status, response.headers)
  outgoing.flushHeaders()
  // Lines, or frames, that are there at once go out at once.
  for await (const piece of response.frames?.() ?? response.lines()) {
    if (outgoing.destroyed) return
    outgoing.cork()
    process.nextTick(() => outgoing.uncork())
    const isRead = outgoing.write(typeof piece === 'string' ? `${piece}\n` : piece)
    if (!isRead) await drained(outgoing)
  }
  outgoing.end()
}

/** When there is room again, or nobody to write to. */
function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off('drain', done)
      outgoing.off('close', done)
      resolve()
    }
    outgoing.on('drain', done)
    outgoing.on('close', done)
  })
}
