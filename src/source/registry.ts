import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { OciPull, OciRequest, Registry, SourceTree } from '../api/index.ts'
import { goRegex, isFault, messageOf } from '../base/index.ts'
import {
  type CosignSignature,
  checkSignatures,
  SIGNATURE_ANNOTATION,
  signatureTag,
} from './cosign.ts'
import { registryUser } from './docker-config.ts'
import { tlsMaterial } from './git-credentials.ts'
import { type HttpClient, readBody } from './http-client.ts'
import { type OciAddress, parseOciAddress } from './oci-address.ts'
import { ociFault } from './oci-fault.ts'
import { OciSession } from './oci-session.ts'
import { proxyOf } from './proxy.ts'
import { matchingTags, parseRange } from './semver.ts'
import { readArchive } from './tar-read.ts'

/** How a registry client behaves. */
export interface RegistryOptions {
  readonly http: HttpClient
  readonly layerBytesMax?: number
  readonly unpackedBytesMax?: number
}

const MIB = 1024 * 1024
const MANIFEST_BYTES_MAX = 4 * MIB
const TAG_PAGES_MAX = 1000
const SIGNATURES_MAX = 64
const LIMITS = { filesMax: 1_000_000, depthMax: 256 }
const MANIFESTS = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ')
const unzip = promisify(gunzip) as (
  data: Buffer,
  options: { maxOutputLength: number },
) => Promise<Buffer>

/** A part of a manifest that names something else. */
export interface Descriptor {
  readonly mediaType?: string
  readonly digest: string
  readonly size?: number
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: { readonly os?: string; readonly architecture?: string }
}

interface Manifest {
  readonly layers?: readonly Descriptor[]
  readonly manifests?: readonly Descriptor[]
  readonly annotations?: Readonly<Record<string, string>>
}

/**
 * Creates a client of OCI registries. After a tag is resolved everything is fetched by digest, and
 * every byte is checked against it.
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
export function createRegistry(options: RegistryOptions): Registry {
  return {
    pull: async (request) => {
      const address = parseOciAddress(request.url, request.insecure ?? false)
      const session = openSession(request, address, options.http)
      const found = await resolve(session, request)
      if (request.have === found.revision) return 'unchanged'
      if (request.cosignKeys !== undefined)
        checkSignatures(
          found.digest,
          await readSignatures(session, found.digest),
          request.cosignKeys,
        )
      const manifest = await readManifest(session, found.digest)
      const layer = chooseLayer(manifest, request.layer?.mediaType ?? '')
      const blob = await readLayer(session, layer, options.layerBytesMax ?? 1024 * MIB)
      const annotations = manifest.annotations ?? {}
      const isCopy = request.layer?.operation === 'copy'
      const content = isCopy
        ? { blob }
        : { tree: await unpack(blob, options.unpackedBytesMax ?? 2048 * MIB) }
      return { revision: found.revision, annotations, content } satisfies OciPull
    },
  }
}

/** What cosign has put beside an artifact; nothing when it has not. */
async function readSignatures(
  session: OciSession,
  digest: string,
): Promise<readonly CosignSignature[]> {
  const path = `/manifests/${signatureTag(digest)}`
  const answer = await session.ask({
    method: 'GET',
    path,
    headers: { accept: MANIFESTS },
    code: 'OCI_VERIFY',
  })
  const body = await readBody(answer.body, MANIFEST_BYTES_MAX)
  if (answer.status === 404) return []
  const { layers = [] } = parseJson<Manifest>(body, 'OCI_LAYER')
  return Promise.all(
    layers.slice(0, SIGNATURES_MAX).map(async (layer) => ({
      payload: await readLayer(session, layer, MANIFEST_BYTES_MAX),
      signature: layer.annotations?.[SIGNATURE_ANNOTATION] ?? '',
    })),
  )
}

function openSession(request: OciRequest, address: OciAddress, http: HttpClient): OciSession {
  return new OciSession({
    http,
    address,
    user: registryUser(request.dockerConfigs ?? [], address.registry),
    tls: request.tls === undefined ? undefined : tlsMaterial(request.tls),
    proxy: request.proxy === undefined ? undefined : proxyOf(request.proxy),
    signal: request.signal,
  })
}

/** Digest before semver before tag, as Flux has it; `latest` where nothing is said. */
async function resolve(
  session: OciSession,
  request: OciRequest,
): Promise<{ readonly revision: string; readonly digest: string }> {
  const { ref = {} } = request
  if (ref.digest) return { revision: ref.digest, digest: ref.digest }
  const tag = ref.semver
    ? await tagBySemver(session, ref.semver, ref.semverFilter ?? '')
    : ref.tag || 'latest'
  const path = `/manifests/${tag}`
  const headers = { accept: MANIFESTS }
  const head = await session.ask({ method: 'HEAD', path, headers, code: 'OCI_DIGEST' })
  head.body.resume()
  const told = head.headers['docker-content-digest']
  if (head.status === 200 && told !== undefined && isDigest(told))
    return { revision: `${tag}@${told}`, digest: told }
  const whole = await session.ask({ method: 'GET', path, headers, code: 'OCI_DIGEST' })
  const body = await readBody(whole.body, MANIFEST_BYTES_MAX)
  if (whole.status === 404)
    throw ociFault(
      'OCI_DIGEST',
      `GET ${request.url}: MANIFEST_UNKNOWN: manifest unknown; tag ${tag}`,
    )
  const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`
  return { revision: `${tag}@${digest}`, digest }
}

function isDigest(text: string): boolean {
  return /^sha(256:[0-9a-f]{64}|384:[0-9a-f]{96}|512:[0-9a-f]{128})$/.test(text)
}

async function tagBySemver(session: OciSession, semver: string, filter: string): Promise<string> {
  const tags = await listTags(session)
  const pattern = filter === '' ? undefined : goRegex(filter)
  const chosen = pattern === undefined ? tags : tags.filter((tag) => pattern.matches(tag))
  try {
    const [best] = matchingTags(chosen, parseRange(semver)).slice(-1)
    if (best !== undefined) return best
  } catch (error) {
    const why = messageOf(error).replace('semver parse error: ', '')
    throw ociFault('OCI_TAG', `semver '${semver}' parse error: ${why}`, error)
  }
  throw ociFault('OCI_TAG', `no match found for semver: ${semver}`)
}

async function listTags(session: OciSession): Promise<readonly string[]> {
  const tags: string[] = []
  let path = '/tags/list?n=1000'
  for (let page = 0; page < TAG_PAGES_MAX; page += 1) {
    const answer = await session.ask({ method: 'GET', path, code: 'OCI_TAG' })
    const body = await readBody(answer.body, MANIFEST_BYTES_MAX)
    if (answer.status === 404) throw ociFault('OCI_TAG', 'NAME_UNKNOWN: repository unknown')
    tags.push(...(parseJson<{ tags?: string[] }>(body, 'OCI_TAG').tags ?? []))
    const next = /<([^>]+)>;\s*rel="?next"?/.exec(answer.headers['link'] ?? '')?.[1]
    const last = /[?&]last=([^&]+)/.exec(next ?? '')?.[1]
    if (last === undefined) return tags
    path = `/tags/list?n=1000&last=${last}`
  }
  return tags
}

async function readManifest(session: OciSession, digest: string, depth = 0): Promise<Manifest> {
  const body = await readByDigest(
    session,
    { path: `/manifests/${digest}`, digest },
    MANIFEST_BYTES_MAX,
  )
  const manifest = parseJson<Manifest>(body, 'OCI_LAYER')
  if (manifest.manifests === undefined || depth > 0) return manifest
  const isUsual = ({ platform }: Descriptor): boolean =>
    platform?.os === 'linux' && platform.architecture === 'amd64'
  const chosen = manifest.manifests.find(isUsual) ?? manifest.manifests[0]
  if (chosen === undefined) throw ociFault('OCI_PULL', 'the index names no manifest')
  return readManifest(session, chosen.digest, depth + 1)
}

function chooseLayer(manifest: Manifest, mediaType: string): Descriptor {
  const { layers = [] } = manifest
  if (layers.length === 0) throw ociFault('OCI_LAYER', 'no layers found in artifact')
  const found = mediaType === '' ? layers[0] : layers.find((layer) => layer.mediaType === mediaType)
  if (found !== undefined) return found
  throw ociFault('OCI_LAYER', `failed to find layer with media type '${mediaType}' in artifact`)
}

function readLayer(session: OciSession, layer: Descriptor, bytesMax: number): Promise<Buffer> {
  const { digest } = layer
  return readByDigest(session, { path: `/blobs/${digest}`, digest }, bytesMax)
}

async function readByDigest(
  session: OciSession,
  what: { readonly path: string; readonly digest: string },
  bytesMax: number,
): Promise<Buffer> {
  if (!isDigest(what.digest)) throw ociFault('OCI_PULL', `invalid digest '${what.digest}'`)
  const headers = { accept: what.path.startsWith('/manifests/') ? MANIFESTS : '*/*' }
  const answer = await session.ask({ method: 'GET', path: what.path, headers, code: 'OCI_PULL' })
  const body = await readBody(answer.body, bytesMax + 1)
  if (answer.status === 404) throw ociFault('OCI_PULL', `${what.path.slice(1)}: not found`)
  if (body.length > bytesMax)
    throw ociFault('OCI_PULL', `${what.path.slice(1)}: more than ${bytesMax} bytes`)
  const [algorithm = '', hex = ''] = what.digest.split(':')
  if (createHash(algorithm).update(body).digest('hex') !== hex)
    throw ociFault('OCI_PULL', `error verifying ${what.digest}: the registry sent something else`)
  return body
}

/** Unpacks a layer; most are compressed, some are plain. */
async function unpack(blob: Buffer, bytesMax: number): Promise<SourceTree> {
  try {
    const isPacked = blob[0] === 0x1f && blob[1] === 0x8b
    return readArchive(isPacked ? await unzip(blob, { maxOutputLength: bytesMax }) : blob, LIMITS)
  } catch (error) {
    if (isFault(error) && error.code.startsWith('OCI_')) throw error
    const text = `failed to extract layer contents from artifact: ${messageOf(error)}`
    throw ociFault('OCI_LAYER', text, error)
  }
}

function parseJson<T>(body: Buffer, code: 'OCI_TAG' | 'OCI_LAYER'): T {
  try {
    return JSON.parse(body.toString()) as T
  } catch (error) {
    throw ociFault(code, `failed to parse artifact manifest: ${messageOf(error)}`, error)
  }
}
