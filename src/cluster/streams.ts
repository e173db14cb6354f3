import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2'
import type { Clock } from '../base/index.ts'
import type { ApiRequest, ApiResponse } from '../object/index.ts'
import { bodyLines, bodyText } from './body.ts'
import { notLeader } from './fence.ts'
import type { HttpOptions } from './http-options.ts'
import { dialLine, type Line } from './line.ts'

type Headers = Readonly<Record<string, string | readonly string[]>>

/** How long a request may take: until its whole answer is there, or the headers of a stream. */
export interface Patience {
  readonly timeoutMs: number
  readonly isStream: boolean
}

/** Requests over shared HTTP/2 connections. */
export interface Streams {
  /**
   * undefined: the server does not speak HTTP/2.
   * @throws LostLine when the connection broke before an answer came
   */
  request(
    request: ApiRequest,
    headers: Headers,
    patience: Patience,
  ): Promise<ApiResponse | undefined>
  close(): void
}

/** The connection was lost before it gave an answer; the server may have got the request. */
export class LostLine extends Error {}

/**
 * HTTP/2 connections to one server. Each is pinged while it is in use; one that does not answer is
 * destroyed, so that its requests fail within seconds and its watches begin anew on another.
 */
export function createStreams(options: HttpOptions, clock: Clock): Streams {
  let isSpoken = true
  let lines: Line[] = []
  let dialling: Promise<void> | undefined
  const dial = async (): Promise<void> => {
    const line = await dialLine(options, clock)
    if (line === undefined) {
      isSpoken = false
      return
    }
    lines.push(line)
    const forget = (): void => {
      lines = lines.filter((other) => other !== line)
    }
    line.session.on('close', forget)
    line.session.on('goaway', forget)
  }
  const lineFor = async (): Promise<Line | undefined> => {
    for (;;) {
      const free = lines.find((line) => line.isFree)
      if (free !== undefined || !isSpoken) return free
      dialling ??= dial().finally(() => {
        dialling = undefined
      })
      await dialling
    }
  }
  const prefix = new URL(options.server).pathname.replace(/\/$/, '')
  return {
    request: async (request, headers, patience) => {
      const line = await lineFor()
      if (line === undefined) return undefined
      request.signal?.throwIfAborted()
      if (request.mayGo?.() === false) throw notLeader(request.method)
      const path = prefix + request.path
      const { answerBytesMax } = options
      return exchange(line, { request, headers, patience, path, clock, answerBytesMax })
    },
    close: () => {
      for (const line of lines) line.session.destroy()
    },
  }
}

interface Exchange {
  readonly request: ApiRequest
  readonly headers: Headers
  readonly patience: Patience
  readonly path: string
  readonly clock: Clock
  readonly answerBytesMax: number | undefined
}

function exchange(line: Line, what: Exchange): Promise<ApiResponse> {
  const { request, patience, clock } = what
  const stream = openStream(line, what)
  const giveBack = line.take()
  return new Promise((resolve, reject) => {
    const onAbort = (): void => void stream.destroy(asError(request.signal?.reason))
    request.signal?.addEventListener('abort', onAbort, { once: true })
    const takeBack = clock.after(patience.timeoutMs, () =>
      stream.destroy(new Error(`no answer within ${patience.timeoutMs / 1000}s`)),
    )
    let own: Error | undefined
    stream.on('error', (error) => {
      own = error
    })
    stream.once('close', () => {
      takeBack()
      request.signal?.removeEventListener('abort', onAbort)
      giveBack()
      const isLost = line.session.destroyed || line.session.closed
      const why = own ?? new Error('the connection was closed')
      reject(isLost ? new LostLine(why.message, { cause: why }) : why)
    })
    stream.once('response', (answer) => {
      if (patience.isStream) takeBack()
      resolve(responseOf(stream, answer, what))
    })
    if (request.body !== undefined) stream.end(request.body)
  })
}

/** @throws LostLine when the connection takes no more */
function openStream(line: Line, { request, headers, path }: Exchange): ClientHttp2Stream {
  try {
    return line.session.request(
      { ...mutable(headers), ':method': request.method, ':path': path },
      // Node takes a GET or DELETE for one without a body.
      { endStream: request.body === undefined },
    )
  } catch (error) {
    throw new LostLine(asError(error).message, { cause: error })
  }
}

function mutable(headers: Headers): Record<string, string | string[]> {
  const out: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(headers))
    out[name] = typeof value === 'string' ? value : [...value]
  return out
}

function responseOf(
  stream: ClientHttp2Stream,
  answer: IncomingHttpHeaders,
  { request: { signal }, answerBytesMax }: Exchange,
): ApiResponse {
  const encoding = answer['content-encoding']
  const body = {
    stream,
    encoding,
    ...(signal === undefined ? {} : { signal }),
    ...(answerBytesMax === undefined ? {} : { bytesMax: answerBytesMax }),
  }
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(answer))
    if (!name.startsWith(':')) headers[name] = [value].flat().join(', ')
  return {
    status: Number(answer[':status']),
    headers,
    monitored: true,
    text: () => bodyText(body),
    lines: () => bodyLines(body),
  }
}

function asError(value: unknown): Error {
  return value instanceof Error ? value : new Error(String(value))
}
