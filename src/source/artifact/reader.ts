import { createHash } from 'node:crypto'
import type { Artifact, ArtifactReader, SourceTree } from '../../api/index.ts'
import { type Clock, Fault, isFault, messageOf } from '../../base/index.ts'
import type { HttpAnswer, HttpClient } from '../http-client.ts'
import { type HeldBytes, holdBytes } from '../spool.ts'
import { readArchive } from '../tree/tar-read.ts'
import { unzipped } from '../unzip.ts'

/** Why an artifact cannot be read. */
export type ArtifactCode =
  /** The server does not have the file (any more). */
  | 'ARTIFACT_NOT_FOUND'
  /** The bytes are not those that the source published. */
  | 'ARTIFACT_DIGEST'
  /** The server cannot be reached, or refuses. */
  | 'ARTIFACT_FETCH'
  /** The bytes are no archive that may be unpacked. */
  | 'ARTIFACT_ARCHIVE'

/** How a reader behaves. */
export interface ArtifactReaderOptions {
  readonly http: HttpClient
  readonly clock: Clock
  /** Further tries after a failure other than 404; 9 unless given. */
  readonly retries?: number
  /** Wait before the second try, doubled for each further one up to 30 s; 500 ms unless given. */
  readonly retryMs?: number
  /** `host[:port]` to dial instead of the advertised one. */
  readonly overrideHost?: string
  /** Bytes of unpacked artifacts that are kept for the next reader; 128 MiB unless given. */
  readonly cacheBytesMax?: number
  readonly packedBytesMax?: number
  readonly unpackedBytesMax?: number
  /** Where artifacts go that are too large for the memory; they stay in memory unless given. */
  readonly spoolDir?: string
}

const MIB = 1024 * 1024
/** What is larger goes to the disk. */
const MEMORY_BYTES_MAX = 64 * MIB
const RETRY_MS_MAX = 30_000
const LIMITS = { filesMax: 1_000_000, depthMax: 256 }
interface Cached {
  readonly tree: SourceTree
  readonly bytes: number
}

/**
 * Creates a reader of published artifacts. An artifact is fetched once, however many ask for it at
 * the same moment, and kept unpacked in memory while there is room: its files are views on one
 * buffer.
 * @see fluxcd/pkg http/fetch/archive_fetcher.go (v0.25)
 */
export function createArtifactReader(options: ArtifactReaderOptions): ArtifactReader {
  const cache = new Map<string, Cached>()
  const underWay = new Map<string, Promise<Cached>>()
  const room = options.cacheBytesMax ?? 128 * MIB
  const keep = (key: string, cached: Cached): void => {
    cache.set(key, cached)
    let held = [...cache.values()].reduce((sum, each) => sum + each.bytes, 0)
    for (const [old, each] of cache) {
      if (held <= room) break
      cache.delete(old)
      held -= each.bytes
    }
  }
  const fetchAndKeep = async (artifact: Artifact, signal: AbortSignal): Promise<Cached> => {
    const key = digestParts(artifact).join(':')
    try {
      const loaded = await fetchTree(artifact, options, signal)
      keep(key, loaded)
      return loaded
    } finally {
      underWay.delete(key)
    }
  }
  return {
    open: async (artifact, signal) => {
      const key = digestParts(artifact).join(':')
      const cached = cache.get(key)
      if (cached !== undefined) {
        cache.delete(key)
        cache.set(key, cached)
        return cached.tree
      }
      let load = underWay.get(key)
      if (load === undefined) {
        load = fetchAndKeep(artifact, signal)
        underWay.set(key, load)
      }
      try {
        return (await load).tree
      } catch (error) {
        // Whoever began the fetch gave up; that is no reason for the others to.
        if (signal.aborted || isFault(error)) throw error
        return (await fetchTree(artifact, options, signal)).tree
      }
    },
  }
}

async function fetchTree(
  artifact: Artifact,
  options: ArtifactReaderOptions,
  signal: AbortSignal,
): Promise<Cached> {
  const bytesMax = options.unpackedBytesMax ?? 2048 * MIB
  return received(artifact, { ...options, signal }, async (packed) => {
    try {
      const tar = await held(unzipped(packed, bytesMax), options)
      return { tree: readArchive(tar, LIMITS), bytes: tar.length }
    } catch (error) {
      if (isFault(error, 'ARTIFACT_FETCH', 'ARTIFACT_DIGEST')) throw error
      const text = `failed to extract archive (check whether file size exceeds max download size): ${messageOf(error)}`
      throw artifactFault('ARTIFACT_ARCHIVE', text, error)
    }
  })
}

/**
 * The bytes of a published artifact, verified by its digest; the large ones lie on the disk. To be
 * closed by who gets them.
 * @throws Fault ARTIFACT_NOT_FOUND, ARTIFACT_DIGEST, ARTIFACT_FETCH
 */
export async function downloadArtifact(
  artifact: Artifact,
  options: Omit<ArtifactReaderOptions, 'cacheBytesMax' | 'unpackedBytesMax'>,
  signal: AbortSignal,
): Promise<HeldBytes> {
  return received(artifact, { ...options, signal }, (packed) => held(packed, options))
}

function held(
  chunks: AsyncIterable<Uint8Array>,
  { spoolDir: dir }: Pick<ArtifactReaderOptions, 'spoolDir'>,
): Promise<HeldBytes> {
  const fault = (why: string, cause: unknown): Error =>
    artifactFault('ARTIFACT_FETCH', `failed to copy temp contents: ${why}`, cause)
  const spool = dir === undefined ? undefined : { dir, fromBytes: MEMORY_BYTES_MAX }
  return holdBytes(chunks, { spool, fault })
}

interface Receiving extends Omit<ArtifactReaderOptions, 'cacheBytesMax' | 'unpackedBytesMax'> {
  readonly signal: AbortSignal
}

/** Takes an artifact in while it comes; what has another digest is a fault in the end. */
async function received<T>(
  artifact: Artifact,
  options: Receiving,
  take: (packed: AsyncIterable<Buffer>) => Promise<T>,
): Promise<T> {
  const url = addressOf(artifact, options.overrideHost)
  const digest = digestParts(artifact)
  const { retries = 9, retryMs = 500, signal } = options
  for (let failures = 0; ; failures += 1) {
    try {
      const body = await openOnce(url, options)
      try {
        return await take(checked(body, { url, digest, ...options }))
      } finally {
        body.destroy()
      }
    } catch (error) {
      if (signal.aborted) throw signal.reason
      if (!isFault(error, 'ARTIFACT_FETCH') || failures >= retries) throw error
      await options.clock.sleep(Math.min(RETRY_MS_MAX, retryMs * 2 ** failures), signal)
    }
  }
}

/** The algorithm and the hex digits of a digest; bare digits are taken for sha256. */
function digestParts(artifact: Artifact): readonly [string, string] {
  const { digest = '' } = artifact
  if (digest === '')
    throw artifactFault('ARTIFACT_DIGEST', 'failed to verify archive: empty digest')
  const [algorithm = '', hex = ''] = digest.includes(':') ? digest.split(':') : ['sha256', digest]
  if (!['sha256', 'sha384', 'sha512'].includes(algorithm) || !/^[0-9a-f]+$/.test(hex))
    throw artifactFault(
      'ARTIFACT_DIGEST',
      `failed to verify archive: failed to parse digest '${digest}'`,
    )
  return [algorithm, hex]
}

function addressOf(artifact: Artifact, overrideHost: string | undefined): URL {
  if (!URL.canParse(artifact.url))
    throw artifactFault('ARTIFACT_FETCH', `failed to create a new request: parse "${artifact.url}"`)
  const url = new URL(artifact.url)
  if (overrideHost !== undefined) url.host = overrideHost
  return url
}

async function openOnce(url: URL, { http, signal }: Receiving): Promise<HttpAnswer['body']> {
  const answer = await http.send({ method: 'GET', url, signal }).catch((error: unknown) => {
    const text = `failed to download archive: GET ${url.href}: ${messageOf(error)}`
    throw artifactFault('ARTIFACT_FETCH', text, error)
  })
  if (answer.status === 200) return answer.body
  answer.body.destroy()
  if (answer.status === 404) throw artifactFault('ARTIFACT_NOT_FOUND', 'file not found')
  throw artifactFault(
    'ARTIFACT_FETCH',
    `failed to download archive from ${url.href} (status: ${answer.status})`,
  )
}

async function* checked(
  body: HttpAnswer['body'],
  want: Pick<Receiving, 'packedBytesMax'> & {
    readonly url: URL
    readonly digest: readonly [string, string]
  },
): AsyncGenerator<Buffer> {
  const { url, packedBytesMax: bytesMax = 1024 * MIB } = want
  const [algorithm, hex] = want.digest
  const hash = createHash(algorithm)
  let length = 0
  for await (const chunk of orBroken(body)) {
    length += chunk.length
    if (length > bytesMax)
      throw artifactFault(
        'ARTIFACT_FETCH',
        `failed to download archive from ${url.href}: greater than the max download size of ${bytesMax} bytes`,
      )
    hash.update(chunk)
    yield chunk
  }
  if (hash.digest('hex') !== hex)
    throw artifactFault(
      'ARTIFACT_DIGEST',
      `failed to verify archive: computed digest doesn't match provided '${algorithm}:${hex}' (check whether file size exceeds max download size)`,
    )
}

async function* orBroken(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* body
  } catch (error) {
    const text = `failed to copy temp contents: ${messageOf(error)}`
    throw artifactFault('ARTIFACT_FETCH', text, error)
  }
}

function artifactFault(code: ArtifactCode, message: string, cause?: unknown): Fault<ArtifactCode> {
  return new Fault<ArtifactCode>({ code, message, ...(cause === undefined ? {} : { cause }) })
}
