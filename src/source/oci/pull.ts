import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { LayerSelector, OciPull, SourceTree } from '../../api/index.ts'
import { isFault, messageOf } from '../../base/index.ts'
import { readArchive } from '../tree/tar-read.ts'
import {
  type Descriptor,
  isIndex,
  type Manifest,
  type OciSubject,
  readBlob,
  readManifest,
} from './content.ts'
import { ociFault } from './fault.ts'

/** What is taken of an artifact. */
export interface PullOptions {
  readonly layer: LayerSelector
  readonly layerBytesMax: number
  readonly unpackedBytesMax: number
}

const LIMITS = { filesMax: 1_000_000, depthMax: 256, refusesDevices: true }
const EXTRACT = 'failed to extract layer contents from artifact: '
const COPY = 'failed to copy layer from artifact: '
const unzip = promisify(gunzip) as (
  data: Buffer,
  options: { maxOutputLength: number },
) => Promise<Buffer>

/**
 * Fetches a layer of an artifact, and unpacks it unless it is to be copied.
 * @throws Fault OCI_PULL, OCI_LAYER
 */
export async function pullArtifact(artifact: OciSubject, options: PullOptions): Promise<OciPull> {
  const manifest = await imageManifest(artifact)
  const layer = chooseLayer(manifest, options.layer.mediaType ?? '')
  const isCopy = options.layer.operation === 'copy'
  const blob = await readLayer(artifact, layer, {
    bytesMax: options.layerBytesMax,
    tail: isCopy ? COPY : `${EXTRACT}tar error: `,
  })
  const content = isCopy ? { blob } : { tree: await unpack(blob, options.unpackedBytesMax) }
  return { annotations: manifest.annotations ?? {}, content }
}

/** The manifest itself, or that for linux/amd64 of an index, as go-containerregistry chooses. */
async function imageManifest(artifact: OciSubject): Promise<Manifest> {
  const { manifest, mediaType } = await readManifest(artifact, { code: 'OCI_PULL' })
  if (!isIndex(mediaType)) return manifest
  const chosen = manifest.manifests?.find(
    ({ platform }) =>
      platform === undefined || (platform.os === 'linux' && platform.architecture === 'amd64'),
  )
  if (chosen === undefined)
    throw ociFault(
      'OCI_PULL',
      `no child with platform linux/amd64 in index ${artifact.name}@${artifact.digest}`,
    )
  const child = { ...artifact, digest: chosen.digest }
  return (await readManifest(child, { code: 'OCI_PULL' })).manifest
}

function chooseLayer(manifest: Manifest, mediaType: string): Descriptor {
  const { layers = [] } = manifest
  const found = mediaType === '' ? layers[0] : layers.find((layer) => layer.mediaType === mediaType)
  if (found !== undefined) return found
  if (layers.length === 0) throw ociFault('OCI_LAYER', 'no layers found in artifact')
  throw ociFault('OCI_LAYER', `failed to find layer with media type '${mediaType}' in artifact`)
}

async function readLayer(
  { session }: OciSubject,
  layer: Descriptor,
  { bytesMax, tail }: { readonly bytesMax: number; readonly tail: string },
): Promise<Buffer> {
  try {
    const what = 'failed to extract the first layer from artifact: '
    return await readBlob(session, layer, { code: 'OCI_LAYER', what, bytesMax })
  } catch (error) {
    if (!isFault(error, 'OCI_CUT')) throw error
    throw ociFault('OCI_LAYER', `${tail}${error.message}`, error)
  }
}

async function unpack(blob: Buffer, bytesMax: number): Promise<SourceTree> {
  if (blob[0] !== 0x1f || blob[1] !== 0x8b)
    throw ociFault(
      'OCI_LAYER',
      `${EXTRACT}requires gzip-compressed body: ${blob.length === 0 ? 'EOF' : 'gzip: invalid header'}`,
    )
  try {
    return readArchive(await unzip(blob, { maxOutputLength: bytesMax }), LIMITS)
  } catch (error) {
    const words = messageOf(error)
    const isOwn = isFault(error) && words.startsWith('tar ')
    throw ociFault('OCI_LAYER', `${EXTRACT}${isOwn ? '' : 'tar error: '}${words}`, error)
  }
}
