import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { createGunzip, gunzip } from 'node:zlib'
import { ApiFault } from '../object/index.ts'

/** The largest body that is read whole. */
const BODY_BYTES_MAX = 256 * 1024 * 1024
/** The longest line of a watch: etcd's largest object many times over. */
const LINE_BYTES_MAX = 32 * 1024 * 1024

const unzip = promisify(gunzip)

/** A body that arrives. */
export interface Body {
  readonly stream: Readable
  readonly encoding: string | undefined
  /** Absent: 256 MiB. */
  readonly bytesMax?: number
  /** Aborted: the reading fails with its reason. */
  readonly signal?: AbortSignal
  /** Called once, when the body has been read or given up. */
  readonly over?: () => void
}

/** Reads a body whole. @throws ApiFault UNREACHABLE when it breaks off or is too large */
export async function bodyText(body: Body): Promise<string> {
  try {
    const bytes = await collect(body)
    if (body.encoding !== 'gzip') return bytes.toString('utf8')
    const maxOutputLength = body.bytesMax ?? BODY_BYTES_MAX
    return (await unzip(bytes, { maxOutputLength })).toString('utf8')
  } catch (error) {
    throw faultOf(body, error)
  } finally {
    body.over?.()
    body.stream.destroy()
  }
}

/** By its events: an iterator over a stream costs several times as much. */
function collect({ stream, signal, bytesMax = BODY_BYTES_MAX }: Body): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const onAbort = (): void => reject(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    if (signal?.aborted) onAbort()
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.length
      if (size > bytesMax) reject(new Error(`the body is larger than ${bytesMax} bytes`))
    })
    stream.on('end', () =>
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)),
    )
    stream.on('error', reject)
    stream.on('close', () => {
      signal?.removeEventListener('abort', onAbort)
      reject(stream.errored ?? new Error('the connection was closed'))
    })
    if (stream.destroyed) reject(stream.errored ?? new Error('the connection was closed'))
  })
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
    if (size > LINE_BYTES_MAX)
      throw faultOf(body, new Error(`a line is longer than ${LINE_BYTES_MAX} bytes`))
  }
  if (size > 0) yield Buffer.concat(rest).toString('utf8')
}

async function* chunksOf(body: Body): AsyncGenerator<Buffer, void, undefined> {
  const { signal, stream } = body
  const onAbort = (): void => {
    stream.destroy(signal?.reason)
  }
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    signal?.throwIfAborted()
    for await (const chunk of plain(body)) yield chunk as Buffer
  } catch (error) {
    throw faultOf(body, error)
  } finally {
    signal?.removeEventListener('abort', onAbort)
    body.over?.()
    stream.destroy()
  }
}

function plain(body: Body): Readable {
  if (body.encoding !== 'gzip') return body.stream
  const unzipped = createGunzip()
  body.stream.on('error', (error) => unzipped.destroy(error))
  return body.stream.pipe(unzipped)
}

function faultOf({ signal }: Body, error: unknown): unknown {
  if (signal?.aborted) return signal.reason
  if (error instanceof ApiFault) return error
  const why = error instanceof Error ? error.message : String(error)
  return new ApiFault({
    code: 'UNREACHABLE',
    message: `the answer broke off: ${why}`,
    status: 0,
    cause: error,
  })
}
