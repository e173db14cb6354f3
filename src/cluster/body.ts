import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { ApiFault } from '../object/index.ts'

/** The largest body that is read whole. */
const BODY_BYTES_MAX = 256 * 1024 * 1024
/** The longest line of a watch: etcd's largest object many times over. */
const LINE_BYTES_MAX = 32 * 1024 * 1024

/** A body that arrives. */
export interface Body {
  readonly stream: Readable
  readonly encoding: string | undefined
  /** Aborted: the reading fails. */
  readonly signal: AbortSignal
  /** Called once, when the body has been read or given up. */
  readonly over: () => void
}

/** Reads a body whole. @throws ApiFault UNREACHABLE when it breaks off or is too large */
export async function bodyText(body: Body): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of chunksOf(body)) {
    size += chunk.length
    if (size > BODY_BYTES_MAX) throw broken(`the body is larger than ${BODY_BYTES_MAX} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Reads a body line by line, as it arrives. The rest after the last line end counts as a line. */
export async function* bodyLines(body: Body): AsyncGenerator<string, void, undefined> {
  let rest: Buffer[] = []
  let size = 0
  for await (const chunk of chunksOf(body)) {
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      rest.push(chunk.subarray(start, end))
      yield Buffer.concat(rest).toString('utf8')
      rest = []
      size = 0
      start = end + 1
    }
    if (start < chunk.length) rest.push(chunk.subarray(start))
    size += chunk.length - start
    if (size > LINE_BYTES_MAX) throw broken(`a line is longer than ${LINE_BYTES_MAX} bytes`)
  }
  if (size > 0) yield Buffer.concat(rest).toString('utf8')
}

async function* chunksOf(body: Body): AsyncGenerator<Buffer, void, undefined> {
  const onAbort = (): void => {
    body.stream.destroy(body.signal.reason)
  }
  body.signal.addEventListener('abort', onAbort, { once: true })
  try {
    body.signal.throwIfAborted()
    for await (const chunk of plain(body)) yield chunk as Buffer
  } catch (error) {
    if (body.signal.aborted) throw body.signal.reason
    throw error instanceof ApiFault
      ? error
      : broken(error instanceof Error ? error.message : String(error), error)
  } finally {
    body.signal.removeEventListener('abort', onAbort)
    body.over()
    body.stream.destroy()
  }
}

function plain(body: Body): Readable {
  if (body.encoding !== 'gzip') return body.stream
  const gunzip = createGunzip()
  body.stream.on('error', (error) => gunzip.destroy(error))
  return body.stream.pipe(gunzip)
}

function broken(why: string, cause?: unknown): ApiFault {
  return new ApiFault({
    code: 'UNREACHABLE',
    message: `the answer broke off: ${why}`,
    status: 0,
    cause,
  })
}
