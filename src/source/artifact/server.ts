import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { joinPath } from '../../base/index.ts'
import { limitConnections } from '../connections.ts'

/** Where to serve. */
export interface ArtifactServerOptions {
  /** The directory of the store. */
  readonly dir: string
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Looks at a file before it is served; the store's `inspect`. */
  readonly inspect?: (path: string) => Promise<'ok' | 'missing' | 'spoilt'>
  /** Hears of a file that somebody asked for and that is not what was stored. */
  readonly onLost?: (path: string) => void
}

/** A server that runs. */
export interface RunningServer {
  /** `host:port`, as it can be dialled. */
  readonly address: string
  readonly port: number
  close(): Promise<void>
}

const REQUEST_MS_MAX = 30_000
const IDLE_MS_MAX = 120_000
const STILL_MS_MAX = 60_000
const CONNECTIONS_MAX = 2048
const PER_ADDRESS_MAX = 256

/**
 * Serves the files of a store: GET and HEAD, ranges, conditions. Directories are not listed, nothing
 * outside is reached, files that are being written are not seen, and what was changed on the disk is
 * not handed out. Who holds connections and neither asks nor reads keeps nobody else from it.
 */
export function serveArtifacts(options: ArtifactServerOptions): Promise<RunningServer> {
  const server = createServer({ requestTimeout: REQUEST_MS_MAX }, (request, response) => {
    answer(options, request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  })
  server.keepAliveTimeout = IDLE_MS_MAX
  limitConnections(server, {
    connectionsMax: CONNECTIONS_MAX,
    perAddressMax: PER_ADDRESS_MAX,
    stillMsMax: STILL_MS_MAX,
  })
  return listen(server, options)
}

/** Starts a server; it is up when this resolves. */
export function listen(
  server: Server,
  at: { readonly host: string; readonly port: number },
): Promise<RunningServer> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(at.port, at.host, () => {
      server.off('error', reject)
      const { port } = server.address() as AddressInfo
      const host = at.host.includes(':') ? `[${at.host}]` : at.host
      resolve({
        address: `${host}:${port}`,
        port,
        close: () =>
          new Promise((done) => {
            server.close(() => done())
            server.closeAllConnections()
          }),
      })
    })
  })
}

async function answer(
  { dir, inspect, onLost }: ArtifactServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    plain(response, 405, 'Method Not Allowed', { allow: 'GET, HEAD' })
    return
  }
  const path = pathOf(request.url ?? '/')
  if (path === '') {
    plain(response, 200, '')
    return
  }
  const state = path === undefined ? undefined : await inspect?.(path)
  if (path !== undefined && (state === 'spoilt' || state === 'missing')) {
    onLost?.(path)
    plain(response, 404, '404 page not found')
    return
  }
  const file = path === undefined ? undefined : join(dir, path)
  const found = file === undefined ? undefined : await stat(file).catch(() => undefined)
  if (file === undefined || !found?.isFile() || file.endsWith('.part')) {
    plain(response, 404, '404 page not found')
    return
  }
  const headers = {
    'content-type': 'application/gzip',
    'accept-ranges': 'bytes',
    'last-modified': new Date(found.mtimeMs).toUTCString(),
    etag: `"${found.ino.toString(36)}-${found.size.toString(36)}-${Math.floor(found.mtimeMs).toString(36)}"`,
  }
  if (isFresh(request, headers, found.mtimeMs)) {
    response.writeHead(304, headers).end()
    return
  }
  const range = rangeOf(request, headers, found.size)
  if (range === 'beyond') {
    plain(response, 416, 'invalid range: failed to overlap', {
      'content-range': `bytes */${found.size}`,
    })
    return
  }
  const { start, end } = range ?? { start: 0, end: found.size - 1 }
  const partial = range && { 'content-range': `bytes ${start}-${end}/${found.size}` }
  response.writeHead(range === undefined ? 200 : 206, {
    ...headers,
    ...partial,
    'content-length': end - start + 1,
  })
  if (request.method === 'HEAD' || end < start) {
    response.end()
    return
  }
  const handle = await open(file)
  pipeline(createReadStream('', { fd: handle, start, end }), response, () => undefined)
}

function plain(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = text === '' ? '' : `${text}\n`
  const length = Buffer.byteLength(body)
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': length,
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  response.end(body)
}

/** The path under the root; undefined for one that is not a plain path below it. */
function pathOf(target: string): string | undefined {
  let path: string
  try {
    path = decodeURIComponent(target.split('?')[0] ?? '')
  } catch {
    return undefined
  }
  const parts = path.split('/')
  if (parts.some((part) => part === '..' || part.startsWith('.')) || /[\\\0]/.test(path))
    return undefined
  return joinPath(path)
}

function isFresh(
  request: IncomingMessage,
  headers: { readonly etag: string },
  mtimeMs: number,
): boolean {
  const tags = request.headers['if-none-match']
  if (tags !== undefined) return tags === '*' || tags.split(/\s*,\s*/).includes(headers.etag)
  const since = Date.parse(request.headers['if-modified-since'] ?? '')
  return Math.floor(mtimeMs / 1000) * 1000 <= since
}

/** One range; several, or one that makes no sense, are answered with the whole file. */
function rangeOf(
  request: IncomingMessage,
  headers: { readonly etag: string; readonly 'last-modified': string },
  size: number,
): { start: number; end: number } | 'beyond' | undefined {
  const condition = request.headers['if-range']
  if (
    typeof condition === 'string' &&
    ![headers.etag, headers['last-modified']].includes(condition)
  )
    return undefined
  const match = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '')
  const [, from = '', to = ''] = match ?? []
  if (from === '' && to === '') return undefined
  if (from === '') return { start: Math.max(0, size - Number(to)), end: size - 1 }
  const start = Number(from)
  const end = to === '' ? size - 1 : Math.min(Number(to), size - 1)
  if (start >= size) return 'beyond'
  return end < start ? undefined : { start, end }
}
