import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2Stream, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import type { Readable } from 'node:stream'
import type { ApiRequest, ApiResponse } from '../../object/index.ts'

/** One request and the place for its answer, over whatever version of HTTP. */
export interface Exchange {
  readonly method: string
  /** Path and query. */
  readonly path: string
  /** Names in lower case. */
  readonly headers: NonNullable<ApiRequest['headers']>
  readonly body: Readable
  head(status: number, headers: ApiResponse['headers']): void
  /** False when the client is behind: `drained` then says when to go on. */
  write(piece: string | Uint8Array): boolean
  end(piece?: string | Uint8Array): void
  drained(): Promise<void>
  /** Called once when the client is gone before its answer was whole. */
  whenGone(gone: () => void): void
  isGone(): boolean
  /** Drops the client where no answer can be given any more. */
  drop(): void
}

/** An exchange over HTTP/1.1. */
export function overOne(incoming: IncomingMessage, outgoing: ServerResponse): Exchange {
  return {
    method: incoming.method ?? 'GET',
    path: incoming.url ?? '/',
    headers: withLists(incoming.headers as Record<string, string | string[]>, incoming.rawHeaders),
    body: incoming,
    head: (status, headers) => {
      outgoing.writeHead(status, inBytes(headers))
      if (headers['transfer-encoding'] === 'chunked') outgoing.flushHeaders()
    },
    write: (piece) => {
      // Lines, or frames, that are there at once go out at once.
      outgoing.cork()
      process.nextTick(() => outgoing.uncork())
      return outgoing.write(piece)
    },
    end: (piece) => void outgoing.end(piece),
    drained: () => drained(outgoing),
    whenGone: (gone) =>
      outgoing.on('close', () => {
        if (!outgoing.writableFinished) gone()
      }),
    isGone: () => outgoing.destroyed,
    drop: () => void outgoing.destroy(),
  }
}

/** An exchange over HTTP/2, where each is a stream of its connection. */
export function overTwo(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  rawHeaders: readonly string[],
): Exchange {
  const { ':authority': authority, ':method': method, ':path': path, ...rest } = headers
  const named = authority === undefined ? rest : { host: authority, ...rest }
  return {
    method: method ?? 'GET',
    path: path ?? '/',
    headers: withLists(named as Record<string, string | string[]>, rawHeaders),
    body: stream,
    head: (status, sent) => {
      if (!stream.headersSent && !stream.destroyed)
        stream.respond({ ':status': status, ...inBytes(ofTwo(sent)) })
    },
    write: (piece) => stream.write(piece),
    end: (piece) => void stream.end(piece),
    drained: () => drained(stream),
    whenGone: (gone) =>
      stream.on('close', () => {
        if (!stream.writableFinished) gone()
      }),
    isGone: () => stream.destroyed,
    drop: () => stream.close(),
  }
}

/** What says how bytes follow each other on a connection has no place in HTTP/2. */
function ofTwo(headers: ApiResponse['headers']): ApiResponse['headers'] {
  const { 'transfer-encoding': _chunked, connection: _connection, ...rest } = headers
  return rest
}

/** Node joins what was sent twice; whom to impersonate is a list. */
function withLists(
  headers: Readonly<Record<string, string | string[]>>,
  raw: readonly string[],
): NonNullable<ApiRequest['headers']> {
  if (headers['impersonate-user'] === undefined && headers['impersonate-group'] === undefined)
    return headers
  const lists: Record<string, string[]> = {}
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase()
    if (!/^impersonate-(?:group$|extra-)/.test(name)) continue
    lists[name] = [...(lists[name] ?? []), raw[i + 1] ?? '']
  }
  return { ...headers, ...lists }
}

/** Node writes a letter of a header as one byte; warnings are UTF-8. */
function inBytes(headers: ApiResponse['headers']): ApiResponse['headers'] {
  const { warning } = headers
  if (typeof warning !== 'string') return headers
  return { ...headers, warning: Buffer.from(warning, 'utf8').toString('latin1') }
}

/** When there is room again, or nobody to write to. */
function drained(to: ServerResponse | Http2Stream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      to.off('drain', done)
      to.off('close', done)
      resolve()
    }
    to.on('drain', done)
    to.on('close', done)
  })
}
