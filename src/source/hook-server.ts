import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { HookHandler } from '../api/index.ts'
import { listen, type RunningServer } from './artifact/server.ts'

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
const CONNECTIONS_MAX = 1024
/** Calls that are answered at a time; each may hold a body in memory. */
const CALLS_MAX = 64

/**
 * Serves the webhooks of Receivers below `/hook/`; any other path is 404. A body that is too large is
 * 413, more calls than can be taken at once are 503.
 * @see notification-controller internal/server/receiver_server.go (v1.9.3)
 */
export function serveHooks(options: HookServerOptions): Promise<RunningServer> {
  let calls = 0
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: HEADERS_MS_MAX,
      requestTimeout: REQUEST_MS_MAX,
    },
    (request, response) => {
      if (calls >= CALLS_MAX) {
        end(response, 503, '')
        return
      }
      calls += 1
      answer(request, options.handle)
        .catch(() => 500)
        .then((status) => end(response, status, isHook(request) ? '' : '404 page not found\n'))
        .finally(() => {
          calls -= 1
        })
        .catch(() => undefined)
    },
  )
  server.maxConnections = CONNECTIONS_MAX
  return listen(server, options)
}

function isHook({ url = '' }: IncomingMessage): boolean {
  return url.startsWith(PREFIX)
}

async function answer(request: IncomingMessage, handle: HookHandler): Promise<number> {
  const target = request.url ?? ''
  if (!isHook(request)) return 404
  const body = await bodyOf(request)
  return body === undefined ? 413 : handle({ target, headers: headersOf(request), body })
}

/** The body; undefined as soon as it is too large. The connection stays, so that this can be told. */
function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= BODY_BYTES_MAX) chunks.push(chunk)
      else {
        request.pause()
        resolve(undefined)
      }
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
