import { createHash } from 'node:crypto'
import { goJsonError, messageOf } from '../../base/index.ts'
import { type HttpAnswer, tooLarge } from '../http-client.ts'
import { readSmall, type Telling } from './body.ts'
import { ociFault } from './fault.ts'
import type { OciSession } from './session.ts'

/** A part of a manifest that names something else. */
export interface Descriptor {
  readonly mediaType?: string
  readonly artifactType?: string
  readonly digest: string
  readonly size?: number
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
  { digest, size }: Descriptor,
  { bytesMax, ...telling }: Telling & { readonly bytesMax: number },
): Promise<AsyncGenerator<Buffer>> {
  const { code, what = '' } = telling
  const [algorithm = '', hex = ''] = digest.split(':')
  if (!/^sha(256|384|512)$/.test(algorithm) || !/^[0-9a-f]{64,128}$/.test(hex))
    throw ociFault(code, `${what}cannot parse hash: ${JSON.stringify(digest)}`)
  const path = `/blobs/${digest}`
  const answer = await session.ask({ method: 'GET', path, ...telling })
  const told = answer.headers['content-length']
  if (told !== undefined && size !== undefined && Number(told) !== size) {
    answer.body.destroy()
    throw ociFault(
      code,
      `${what}GET ${session.urlOf(path)}: Content-Length header ${told} does not match expected size ${size}`,
    )
  }
  return checkedBlob(answer, { algorithm, hex, bytesMax, code, what })
}

async function* checkedBlob(
  { body }: HttpAnswer,
  want: Required<Telling> & {
    readonly algorithm: string
    readonly hex: string
    readonly bytesMax: number
  },
): AsyncGenerator<Buffer> {
  const { algorithm, hex, bytesMax, code, what } = want
  const hash = createHash(algorithm)
  let length = 0
  for await (const chunk of orCut(body)) {
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

async function* orCut(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* body
  } catch (error) {
    throw ociFault('OCI_CUT', 'unexpected EOF', error)
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
 * Parses what a registry sent.
 * @throws Fault with the code given
 */
export function parseJson<T>(body: Buffer, code: 'OCI_TAG' | 'OCI_LAYER' | 'OCI_VERIFY'): T {
  const what = code === 'OCI_LAYER' ? 'failed to parse artifact manifest: ' : ''
  try {
    const value: unknown = JSON.parse(body.toString())
    if (typeof value === 'object' && value !== null) return value as T
  } catch (error) {
    throw ociFault(code, `${what}${goJsonError(body.toString(), messageOf(error))}`, error)
  }
  throw ociFault(code, `${what}json: cannot unmarshal into Go value`)
}

/**
 * Parses a manifest; of what a registry may send in its place nothing gets further.
 * @throws Fault with the code given
 */
export function parseManifest(body: Buffer, code: 'OCI_LAYER' | 'OCI_VERIFY'): Manifest {
  const json = parseJson<Readonly<Record<string, unknown>>>(body, code)
  const { layers, manifests, config, subject, annotations, mediaType, artifactType } = json
  const isGood =
    [layers, manifests].every((list) => isAbsent(list) || isListOf(list, isDescriptor)) &&
    [config, subject].every((one) => isAbsent(one) || isDescriptor(one)) &&
    [mediaType, artifactType].every((text) => isAbsent(text) || typeof text === 'string') &&
    areTexts(annotations)
  const what = code === 'OCI_LAYER' ? 'failed to parse artifact manifest: ' : ''
  if (!isGood)
    throw ociFault(code, `${what}json: cannot unmarshal into Go value of type v1.Manifest`)
  return Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null)) as Manifest
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null
}

function isListOf(value: unknown, fits: (each: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(fits)
}

function areTexts(value: unknown): boolean {
  if (isAbsent(value)) return true
  return (
    typeof value === 'object' &&
    Object.values(value ?? {}).every((each) => typeof each === 'string')
  )
}

function isDescriptor(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { digest, size, mediaType, artifactType, annotations } = value as Record<string, unknown>
  return (
    typeof digest === 'string' &&
    (isAbsent(size) || typeof size === 'number') &&
    [mediaType, artifactType].every((text) => isAbsent(text) || typeof text === 'string') &&
    areTexts(annotations)
  )
}
