import type { LayerSelector, OciPull } from '../../api/index.ts'
import { isFault, messageOf } from '../../base/index.ts'
import { type HeldBytes, holdBytes, type Spool } from '../spool.ts'
import { readArchive } from '../tree/tar-read.ts'
import { unzipped } from '../unzip.ts'
import {
  type Descriptor,
  isIndex,
  type Manifest,
  type OciSubject,
  openBlob,
  readManifest,
} from './content.ts'
import { ociFault } from './fault.ts'

/** What is taken of an artifact. */
export interface PullOptions {
  readonly layer: LayerSelector
  readonly layerBytesMax: number
  readonly unpackedBytesMax: number
  /** Absent: all is held in memory. */
  readonly spool?: Spool | undefined
}

const LIMITS = { filesMax: 1_000_000, depthMax: 256, refusesDevices: true }
const INDEXES_MAX = 8
const OLD_MANIFESTS: ReadonlySet<string> = new Set([
  'application/vnd.docker.distribution.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v1+prettyjws',
])
const EXTRACT = 'failed to extract layer contents from artifact: '
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b])
const COPY = 'failed to copy layer from artifact: '

/**
 * Fetches a layer of an artifact, and unpacks it unless it is to be copied; what is large goes to the
 * disk while it comes.
 * @throws Fault OCI_PULL, OCI_LAYER
 */
export async function pullArtifact(artifact: OciSubject, options: PullOptions): Promise<OciPull> {
  const manifest = await imageManifest(artifact)
  const layer = chooseLayer(manifest, options.layer.mediaType ?? '')
  const annotations = manifest.annotations ?? {}
  const what = 'failed to extract the first layer from artifact: '
  const bytesMax = options.layerBytesMax
  const blob = await openBlob(artifact.session, layer, { code: 'OCI_LAYER', what, bytesMax })
  if (options.layer.operation === 'copy') {
    const held = await hold(blob, options, COPY)
    return { annotations, content: { blob: held }, release: () => held.close() }
  }
  const held = await unpack(blob, options)
  try {
    return {
      annotations,
      content: { tree: readArchive(held, LIMITS) },
      release: () => held.close(),
    }
  } catch (error) {
    held.close()
    throw brokenLayer(error)
  }
}

/** The manifest itself, or that for linux/amd64 of an index, as go-containerregistry chooses. */
async function imageManifest(artifact: OciSubject): Promise<Manifest> {
  let subject = artifact
  for (let depth = 0; depth < INDEXES_MAX; depth += 1) {
    const { manifest, mediaType } = await readManifest(subject, { code: 'OCI_PULL' })
    if (OLD_MANIFESTS.has(mediaType))
      throw ociFault(
        'OCI_PULL',
        `unsupported MediaType: ${JSON.stringify(mediaType)}, see https://github.com/google/go-containerregistry/issues/377`,
      )
    if (!isIndex(mediaType)) return manifest
    const chosen = manifest.manifests?.find(
      ({ platform }) =>
        platform === undefined || (platform.os === 'linux' && platform.architecture === 'amd64'),
    )
    if (chosen === undefined)
      throw ociFault(
        'OCI_PULL',
        `no child with platform linux/amd64 in index ${subject.name}@${subject.digest}`,
      )
    subject = { ...subject, digest: chosen.digest }
  }
  throw ociFault('OCI_PULL', `more than ${INDEXES_MAX} indexes within each other`)
}

function chooseLayer(manifest: Manifest, mediaType: string): Descriptor {
  const { layers = [] } = manifest
  const found = mediaType === '' ? layers[0] : layers.find((layer) => layer.mediaType === mediaType)
  if (found !== undefined) return found
  if (layers.length === 0) throw ociFault('OCI_LAYER', 'no layers found in artifact')
  throw ociFault('OCI_LAYER', `failed to find layer with media type '${mediaType}' in artifact`)
}

async function hold(
  chunks: AsyncIterable<Buffer>,
  { spool }: PullOptions,
  tail: string,
): Promise<HeldBytes> {
  const fault = (why: string, cause: unknown): Error =>
    ociFault('OCI_LAYER', `${tail}unable to spool: ${why}`, cause)
  try {
    return await holdBytes(chunks, { spool, fault })
  } catch (error) {
    if (!isFault(error, 'OCI_CUT')) throw error
    throw ociFault('OCI_LAYER', `${tail}${error.message}`, error)
  }
}

async function unpack(blob: AsyncGenerator<Buffer>, options: PullOptions): Promise<HeldBytes> {
  try {
    const chunks = unzipped(packedOnly(blob), options.unpackedBytesMax)
    return await hold(chunks, options, `${EXTRACT}tar error: `)
  } catch (error) {
    await blob.return(undefined)
    if (isFault(error, 'OCI_LAYER')) throw error
    throw brokenLayer(error)
  }
}

/** What does not begin as gzip does is told as such, when all of it is there. */
async function* packedOnly(blob: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let start: Buffer = Buffer.alloc(0)
  let isPacked = false
  for await (const chunk of blob) {
    if (isPacked) yield chunk
    else if (start.length < GZIP_MAGIC.length) {
      start = Buffer.concat([start, chunk])
      isPacked = GZIP_MAGIC.equals(start.subarray(0, GZIP_MAGIC.length))
      if (isPacked) yield start
    }
  }
  if (isPacked) return
  const why = start.length === 0 ? 'EOF' : 'gzip: invalid header'
  throw ociFault('OCI_LAYER', `${EXTRACT}requires gzip-compressed body: ${why}`)
}

function brokenLayer(error: unknown): Error {
  const words = messageOf(error).replace('unexpected end of file', 'unexpected EOF')
  const isOwn = isFault(error) && /^(?:tar|open|mkdir) /.test(words)
  return ociFault('OCI_LAYER', `${EXTRACT}${isOwn ? '' : 'tar error: '}${words}`, error)
}
