import { gzipSync } from 'node:zlib'
import type { ApiRequest, ApiResponse } from '../../object/index.ts'
import type { Peer } from '../auth/authenticate.ts'
import type { Exchange } from './exchange.ts'

/** What is put on HTTP: a transport that may be told who is at the other end. */
export interface Servable {
  request(request: ApiRequest, peer?: Peer): Promise<ApiResponse>
}

const GZIP_FROM_BYTES = 128 * 1024

/** Answers one request of a client. */
export async function answer(
  servable: Servable,
  exchange: Exchange,
  { peer, bodyMaxBytes }: { readonly peer: Peer; readonly bodyMaxBytes: number },
): Promise<void> {
  const body = await bodyOf(exchange, bodyMaxBytes)
  if (body === undefined) {
    tooLarge(exchange, bodyMaxBytes)
    return
  }
  const response = await servable.request(requestOf(exchange, body), peer)
  if (response.headers['transfer-encoding'] === 'chunked') await stream(response, exchange)
  else await whole(response, exchange)
}

/** An exchange as the port has it. */
export function requestOf(exchange: Exchange, body: string | Uint8Array): ApiRequest {
  const { method, path, headers } = exchange
  return {
    method: method as ApiRequest['method'],
    path,
    headers,
    body,
    ...(isRead(exchange) ? { signal: goneSignal(exchange) } : {}),
  }
}

/** Only a plain `gzip` among the encodings counts; documents of OpenAPI v3 are never squeezed. */
function mayBeSqueezed({ method, headers, path }: Exchange): boolean {
  const encodings = String(headers['accept-encoding'] ?? '').split(',')
  const isWanted = encodings.some((each) => each.trim() === 'gzip')
  return isWanted && method === 'GET' && !path.startsWith('/openapi/v3')
}

/** Reads may be watches, which end with their client; writes are carried out in any case. */
function isRead({ method }: Exchange): boolean {
  return method === 'GET' || method === 'HEAD'
}

function goneSignal(exchange: Exchange): AbortSignal {
  const gone = new AbortController()
  exchange.whenGone(() => gone.abort())
  return gone.signal
}

/** The body, as bytes where it is no text; undefined when it is larger than the limit. */
function bodyOf(exchange: Exchange, limit: number): Promise<string | Uint8Array | undefined> {
  if (isRead(exchange)) return Promise.resolve('')
  const isText = !/protobuf|cbor/.test(String(exchange.headers['content-type'] ?? ''))
  const chunks: Buffer[] = []
  let size = 0
  return new Promise((resolve, reject) => {
    exchange.body.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) resolve(undefined)
      else chunks.push(chunk)
    })
    exchange.body.on('end', () => {
      const [first = Buffer.alloc(0)] = chunks
      const bytes = chunks.length > 1 ? Buffer.concat(chunks) : first
      resolve(isText ? bytes.toString('utf8') : bytes)
    })
    exchange.body.on('error', reject)
    exchange.body.on('aborted', () => reject(new Error('the client went away')))
  })
}

function tooLarge(exchange: Exchange, limit: number): void {
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `Request entity too large: limit is ${limit}`,
    reason: 'RequestEntityTooLarge',
    code: 413,
  }
  exchange.head(413, {
    'content-type': 'application/json',
    'cache-control': 'no-cache, private',
    connection: 'close',
  })
  exchange.end(`${JSON.stringify(status)}\n`)
}

/** Sends an answer that is there in one piece. */
export async function whole(response: ApiResponse, exchange: Exchange): Promise<void> {
  const plain = response.bytes ?? (await response.text())
  const length = typeof plain === 'string' ? Buffer.byteLength(plain) : plain.length
  const squeeze = length >= GZIP_FROM_BYTES && mayBeSqueezed(exchange)
  const body = squeeze ? gzipSync(plain, { level: 1 }) : plain
  exchange.head(response.status, {
    ...response.headers,
    ...(squeeze ? { 'content-encoding': 'gzip', vary: varying(response.headers['vary']) } : {}),
    'content-length': String(squeeze ? body.length : length),
  })
  // A text goes out together with the head in one write.
  exchange.end(body)
}

function varying(vary: string | undefined): string {
  if (vary === undefined) return 'Accept-Encoding'
  return vary.includes('Accept-Encoding') ? vary : `Accept-Encoding, ${vary}`
}

async function stream(response: ApiResponse, exchange: Exchange): Promise<void> {
  exchange.head(response.status, response.headers)
  for await (const piece of response.frames?.() ?? response.lines()) {
    if (exchange.isGone()) return
    if (!exchange.write(typeof piece === 'string' ? `${piece}\n` : piece)) await exchange.drained()
  }
  exchange.end()
}
