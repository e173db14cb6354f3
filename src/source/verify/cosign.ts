import { isFault } from '../../base/index.ts'
import { readSmall } from '../oci/body.ts'
import {
  type Descriptor,
  MANIFEST_BYTES_MAX,
  MANIFESTS,
  type Manifest,
  type OciSubject,
  parseManifest,
  readBlob,
  readManifest,
} from '../oci/content.ts'
import { readBundle, type SignatureBundle } from './cosign-bundle.ts'
import type { CosignSignature } from './cosign-signature.ts'
import { BadMessage } from './proto-json.ts'

const SIGNATURES_MAX = 64
const REFERRERS_MAX = 64
const BUNDLE_BYTES_MAX = 1024 * 1024
const BUNDLE = 'application/vnd.dev.sigstore.bundle'

/**
 * Reads what cosign 2 has put under the tag of an artifact's digest; nothing when it has not.
 * @throws Fault OCI_VERIFY
 * @see https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 */
export async function readSignatures(artifact: OciSubject): Promise<readonly CosignSignature[]> {
  const { session, digest } = artifact
  const manifest = await readIndex(artifact, `/manifests/${digest.replace(':', '-')}.sig`)
  return Promise.all(
    (manifest?.layers ?? []).slice(0, SIGNATURES_MAX).map(async (layer) => ({
      payload: await readBlob(session, layer, { code: 'OCI_VERIFY', bytesMax: MANIFEST_BYTES_MAX }),
      annotations: layer.annotations ?? {},
    })),
  )
}

/**
 * Reads the bundles that cosign 3 puts beside an artifact; what is none, or cannot be had, counts for
 * nothing, since anybody may attach things.
 * @see https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md
 */
export async function readBundles(artifact: OciSubject): Promise<readonly SignatureBundle[]> {
  let referrers: readonly Descriptor[]
  try {
    referrers = await readReferrers(artifact)
  } catch (error) {
    if (isFault(error)) return []
    throw error
  }
  const found: SignatureBundle[] = []
  for (const each of referrers.slice(0, REFERRERS_MAX)) {
    const bundle = await readOne(artifact, each.digest)
    if (bundle !== undefined) found.push(bundle)
  }
  return found
}

/**
 * What says of itself that it belongs to an artifact: where the registry does not list that, by the tag
 * that stands in for it.
 * @throws Fault OCI_VERIFY
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
 */
export async function readReferrers(artifact: OciSubject): Promise<readonly Descriptor[]> {
  const { digest } = artifact
  const index =
    (await readIndex(artifact, `/referrers/${digest}`)) ??
    (await readIndex(artifact, `/manifests/${digest.replace(':', '-')}`))
  return (index?.manifests ?? []).filter((each) => typeof each?.digest === 'string')
}

async function readOne(artifact: OciSubject, digest: string): Promise<SignatureBundle | undefined> {
  const code = 'OCI_VERIFY'
  try {
    const { manifest } = await readManifest({ ...artifact, digest }, { code })
    const [layer, ...more] = manifest.layers ?? []
    if (layer === undefined || more.length > 0 || layer.mediaType?.startsWith(BUNDLE) !== true)
      return undefined
    const bytesMax = BUNDLE_BYTES_MAX
    return readBundle((await readBlob(artifact.session, layer, { code, bytesMax })).toString())
  } catch (error) {
    if (isFault(error) || error instanceof BadMessage) return undefined
    throw error
  }
}

async function readIndex({ session }: OciSubject, path: string): Promise<Manifest | undefined> {
  const answer = await session.ask({
    method: 'GET',
    path,
    headers: { accept: MANIFESTS },
    code: 'OCI_VERIFY',
    mayMiss: true,
  })
  const body = await readSmall(answer, MANIFEST_BYTES_MAX, { code: 'OCI_VERIFY' })
  return answer.status === 404 ? undefined : parseManifest(body, 'OCI_VERIFY')
}
