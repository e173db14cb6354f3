import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { HookHandler } from '../api/index.ts'
import { listen, type RunningServer } from './artifact/server.ts'
import { limitConnections } from './connections.ts'

/** Where webhooks are served, and who answers them. */
export interface HookServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly handle: HookHandler
}

const PREFIX = '/hook/'
const BODY_BYTES_MAX = 3 * 1024 * 1024
const HEADER_BYTES_MAX = 256 * 1024
const HEADERS_MS_MAX = 10_000
const REQUEST_MS_MAX = 30_000
const STILL_MS_MAX = 30_000
const CONNECTIONS_MAX = 4096
/** An ingress in front of it has one address for all. */
const PER_ADDRESS_MAX = 2048
/** Calls that are answered at a time. */
const CALLS_MAX = 64
/** What all bodies together may hold that have come in part or whole. */
const HELD_BYTES_MAX = CALLS_MAX * BODY_BYTES_MAX

/** What is held for all calls of one server. */
interface Held {
  calls: number
  bytes: number
}

/**
 * Serves the webhooks of Receivers below `/hook/`; any other path is 404. A body that is too large is
 * 413, more calls than can be taken at once are 503.
 * @see notification-controller internal/server/receiver_server.go (v1.9.3)
 */
export function serveHooks(options: HookServerOptions): Promise<RunningServer> {
  const held: Held = { calls: 0, bytes: 0 }
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: HEADERS_MS_MAX,
      requestTimeout: REQUEST_MS_MAX,
    },
    (request, response) => {
      answer(request, options.handle, held)
        .catch(() => 500)
        .then((status) => end(response, status, isHook(request) ? '' : '404 page not found\n'))
        .catch(() => undefined)
    },
  )
  limitConnections(server, {
    connectionsMax: CONNECTIONS_MAX,
    perAddressMax: PER_ADDRESS_MAX,
    stillMsMax: STILL_MS_MAX,
  })
  return listen(server, options)
}

function isHook({ url = '' }: IncomingMessage): boolean {
  return url.startsWith(PREFIX)
}

/** Who sends a body slowly holds the bytes that have come, and no place among those that are answered. */
async function answer(request: IncomingMessage, handle: HookHandler, held: Held): Promise<number> {
  const target = request.url ?? ''
  if (!isHook(request)) return 404
  let own = 0
  try {
    const body = await bodyOf(request, (bytes) => {
      own += bytes
      held.bytes += bytes
      return held.bytes <= HELD_BYTES_MAX
    })
    if (typeof body === 'number') return body
    if (held.calls >= CALLS_MAX) return 503
    held.calls += 1
    try {
      return await handle({ target, headers: headersOf(request), body })
    } finally {
      held.calls -= 1
    }
  } finally {
    held.bytes -= own
  }
}

/**
 * The body; 413 as soon as it is too large, 503 when there is no room for more of it. The connection
 * stays, so that this can be told.
 */
function bodyOf(
  request: IncomingMessage,
  hasRoom: (bytes: number) => boolean,
): Promise<Buffer | number> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      const status = length > BODY_BYTES_MAX ? 413 : hasRoom(chunk.length) ? undefined : 503
      if (status === undefined) {
        chunks.push(chunk)
        return
      }
      request.pause()
      resolve(status)
    })
    request.on('end', () => resolve(Buffer.concat(chunks)))
    request.on('error', reject)
    request.on('close', () => reject(new Error('the caller went away')))
  })
}

function headersOf(request: IncomingMessage): Record<string, string | undefined> {
  const entries = Object.entries(request.headers)
  return Object.fromEntries(
    entries.map(([key, value]) => [key, Array.isArray(value) ? value[0] : value]),
  )
}

function end(response: ServerResponse, status: number, text: string): void {
  if (response.destroyed) return
  // What was not read of a call is not waited for.
  const closing = status === 413 || status === 503 ? { connection: 'close' } : {}
  response.writeHead(status, { 'content-length': Buffer.byteLength(text), ...closing })
  response.end(text)
}
