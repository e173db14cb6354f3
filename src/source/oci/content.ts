import { createHash } from 'node:crypto'
import { type GoShape, goDecode, isFault, parseGoJson } from '../../base/index.ts'
import { tooLarge } from '../http-client.ts'
import { readSmall, type Telling } from './body.ts'
import { ociFault } from './fault.ts'
import { hashFault } from './hash.ts'
import type { OciSession } from './session.ts'

/** A part of a manifest that names something else. */
export interface Descriptor {
  readonly mediaType?: string
  readonly artifactType?: string
  readonly digest: string
  /** Unknown where it is absent or negative. */
  readonly size?: number
  /** The content itself, base64. */
  readonly data?: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: { readonly os?: string; readonly architecture?: string }
}

/** What lies under a digest: an image, an artifact or an index of them. */
export interface Manifest {
  readonly mediaType?: string
  readonly artifactType?: string
  readonly config?: Descriptor
  readonly layers?: readonly Descriptor[]
  readonly manifests?: readonly Descriptor[]
  readonly subject?: Descriptor
  readonly annotations?: Readonly<Record<string, string>>
}

/** An artifact of a repository. */
export interface OciSubject {
  readonly session: OciSession
  /** `host/repository`. */
  readonly name: string
  readonly digest: string
}

export const MANIFEST_BYTES_MAX: number = 4 * 1024 * 1024
export const IMAGE_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
export const IMAGE_INDEX = 'application/vnd.oci.image.index.v1+json'
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json'
/** What is accepted as a manifest. */
export const MANIFESTS: string = [
  IMAGE_MANIFEST,
  'application/vnd.docker.distribution.manifest.v2+json',
  IMAGE_INDEX,
  DOCKER_LIST,
].join(', ')

/** A manifest with the media type that it was served with. */
export interface FetchedManifest {
  readonly mediaType: string
  readonly manifest: Manifest
}

/** Says whether a manifest is a list of others. */
export function isIndex(mediaType: string): boolean {
  return mediaType === IMAGE_INDEX || mediaType === DOCKER_LIST
}

/**
 * Reads a manifest and checks its digest.
 * @throws Fault with the code of `telling`; OCI_LAYER when it is no manifest
 */
export async function readManifest(
  { session, name, digest }: OciSubject,
  telling: Telling,
): Promise<FetchedManifest> {
  const path = `/manifests/${digest}`
  const headers = { accept: MANIFESTS }
  const answer = await session.ask({ method: 'GET', path, headers, ...telling })
  const body = await readSmall(answer, MANIFEST_BYTES_MAX, telling)
  const algorithm = digest.slice(0, digest.indexOf(':'))
  const found = `${algorithm}:${createHash(algorithm).update(body).digest('hex')}`
  if (found !== digest)
    throw ociFault(
      telling.code,
      `${telling.what ?? ''}manifest digest: "${found}" does not match requested digest: "${digest}" for "${name}@${digest}"`,
    )
  const manifest = parseManifest(body, 'OCI_LAYER')
  return { manifest, mediaType: answer.headers['content-type'] ?? manifest.mediaType ?? '' }
}

/**
 * Asks for a blob; its length and digest are checked while it is read.
 * @throws Fault with the code of `telling`; OCI_CUT where the registry stops in the middle of it
 */
export async function openBlob(
  session: OciSession,
  { digest, size = -1, data }: Descriptor,
  { bytesMax, ...telling }: Telling & { readonly bytesMax: number },
): Promise<AsyncGenerator<Buffer>> {
  const { code, what = '' } = telling
  const [algorithm = '', hex = ''] = digest.split(':')
  // A digest that was not told is asked for as it is: the registry says what it thinks of it.
  if (digest !== ':' && (!/^sha(256|384|512)$/.test(algorithm) || !/^[0-9a-f]{64,128}$/.test(hex)))
    throw ociFault(code, `${what}cannot parse hash: ${JSON.stringify(digest)}`)
  if (data !== undefined && data !== '')
    return checkedBlob(inline(data, size), { algorithm, hex, bytesMax, code, what })
  const path = `/blobs/${digest}`
  const answer = await session.ask({ method: 'GET', path, ...telling })
  const told = answer.headers['content-length']
  if (told !== undefined && size >= 0 && Number(told) !== size) {
    answer.body.destroy()
    throw ociFault(
      code,
      `${what}GET ${session.urlOf(path)}: Content-Length header ${told} does not match expected size ${size}`,
    )
  }
  return checkedBlob(orCut(answer.body, session), { algorithm, hex, bytesMax, code, what })
}

/** Content that the manifest has in it. */
async function* inline(data: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(data, 'base64')
  if (bytes.length !== size)
    throw ociFault('OCI_CUT', `error verifying size; got ${bytes.length}, want ${size}`)
  yield await Promise.resolve(bytes)
}

async function* checkedBlob(
  body: AsyncIterable<Buffer>,
  want: Required<Telling> & {
    readonly algorithm: string
    readonly hex: string
    readonly bytesMax: number
  },
): AsyncGenerator<Buffer> {
  const { algorithm, hex, bytesMax, code, what } = want
  const hash = createHash(algorithm)
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > bytesMax) throw ociFault(code, `${what}${tooLarge(length, bytesMax).message}`)
    hash.update(chunk)
    yield chunk
  }
  const found = hash.digest('hex')
  if (found !== hex)
    throw ociFault(
      code,
      `${what}error verifying ${algorithm} checksum after reading ${length} bytes; got "${found}", want "${hex}"`,
    )
}

async function* orCut(body: AsyncIterable<Buffer>, session: OciSession): AsyncGenerator<Buffer> {
  try {
    yield* body
  } catch (error) {
    const why = session.isOver ? 'context deadline exceeded' : 'unexpected EOF'
    throw ociFault('OCI_CUT', why, error)
  }
}

/**
 * Reads a blob that is small.
 * @throws Fault as `openBlob`
 */
export async function readBlob(
  session: OciSession,
  descriptor: Descriptor,
  how: Telling & { readonly bytesMax: number },
): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of await openBlob(session, descriptor, how)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/**
 * Parses what a registry sent: the first value of it.
 * @throws Fault with the code of `telling`
 */
export function parseJson(body: Buffer, shape: GoShape, { code, what = '' }: Telling): unknown {
  try {
    return goDecode(parseGoJson(body.toString(), { mayGoOn: true }), shape)
  } catch (error) {
    if (!isFault(error, 'JSON')) throw error
    throw ociFault(code, `${what}${error.message}`, error)
  }
}

/**
 * Parses a manifest; of what a registry may send in its place nothing gets further.
 * @throws Fault with the code given
 */
export function parseManifest(body: Buffer, code: 'OCI_LAYER' | 'OCI_VERIFY'): Manifest {
  const isLayer = code === 'OCI_LAYER'
  const what = isLayer ? 'failed to parse artifact manifest: ' : ''
  const found = parseJson(body, isLayer ? MANIFEST : LENIENT_MANIFEST, { code, what })
  const { layers, manifests, ...rest } = (found ?? {}) as Manifest
  return {
    ...rest,
    ...(layers === undefined ? {} : { layers: layers.map(whole) }),
    ...(manifests === undefined ? {} : { manifests: manifests.map(whole) }),
  }
}

/** What Go's zero values say of a descriptor that says nothing. */
function whole(descriptor: Partial<Descriptor>): Descriptor {
  return { digest: ':', size: 0, ...descriptor }
}

function manifestShape(digest: GoShape): GoShape {
  const annotations: GoShape = { map: 'string', go: 'map[string]string' }
  const descriptor: GoShape = {
    struct: 'Descriptor',
    go: 'v1.Descriptor',
    fields: {
      mediaType: 'string',
      artifactType: 'string',
      size: 'int64',
      digest,
      data: 'string',
      annotations,
      platform: {
        struct: 'Platform',
        go: 'v1.Platform',
        fields: { architecture: 'string', os: 'string' },
      },
    },
  }
  const list: GoShape = { list: descriptor, go: '[]v1.Descriptor' }
  return {
    struct: 'Manifest',
    go: 'v1.Manifest',
    fields: {
      schemaVersion: 'int64',
      mediaType: 'string',
      artifactType: 'string',
      config: descriptor,
      layers: list,
      manifests: list,
      subject: descriptor,
      annotations,
    },
  }
}

const MANIFEST = manifestShape({ text: hashFault, go: 'v1.Hash' })
/** Whoever attaches a signature may use other algorithms. */
const LENIENT_MANIFEST = manifestShape('string')
