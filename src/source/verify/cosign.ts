import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { messageOf } from '../../base/index.ts'
import { readBody } from '../http-client.ts'
import {
  MANIFEST_BYTES_MAX,
  MANIFESTS,
  type Manifest,
  type OciSubject,
  parseJson,
  readBlob,
} from '../oci/content.ts'
import { ociFault } from '../oci/fault.ts'

/** A signature that lies in the registry beside an artifact. */
export interface CosignSignature {
  readonly payload: Buffer
  readonly signature: Buffer
  readonly annotations: Readonly<Record<string, string>>
}

const SIGNATURES_MAX = 64
const SIGNATURE = 'dev.cosignproject.cosign/signature'

/**
 * Reads what cosign has put under the tag of an artifact's digest; nothing when it has not.
 * @throws Fault OCI_VERIFY
 * @see https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 */
export async function readCosignSignatures(
  artifact: OciSubject,
): Promise<readonly CosignSignature[]> {
  const { session, digest } = artifact
  const answer = await session.ask({
    method: 'GET',
    path: `/manifests/${digest.replace(':', '-')}.sig`,
    headers: { accept: MANIFESTS },
    code: 'OCI_VERIFY',
    mayMiss: true,
  })
  const body = await readBody(answer.body, MANIFEST_BYTES_MAX)
  if (answer.status === 404) return []
  const { layers = [] } = parseJson<Manifest>(body, 'OCI_VERIFY')
  return Promise.all(
    layers.slice(0, SIGNATURES_MAX).map(async (layer) => ({
      payload: await readBlob(session, layer, { code: 'OCI_VERIFY', bytesMax: MANIFEST_BYTES_MAX }),
      signature: Buffer.from(layer.annotations?.[SIGNATURE] ?? '', 'base64'),
      annotations: layer.annotations ?? {},
    })),
  )
}

/** The identifier of the curve P-256 in DER. */
const P256 = Buffer.from('06082a8648ce3d030107', 'hex')

/** Reads a public key in PEM. @throws Fault OCI_VERIFY in the words of sigstore */
export function readPublicKey(pem: string): KeyObject {
  if (!/-----BEGIN [A-Z ]+-----/.test(pem)) throw ociFault('OCI_VERIFY', 'PEM decoding failed')
  try {
    return createPublicKey(pem)
  } catch (error) {
    const isP256 = Buffer.from(pem.replaceAll(/-----[^-]*-----/g, ''), 'base64').includes(P256)
    const what = isP256
      ? 'P256 point not on curve'
      : `the public key cannot be read: ${messageOf(error)}`
    throw ociFault('OCI_VERIFY', what, error)
  }
}

/** Says whether a signature over some bytes was made with a key, as Sigstore makes them. */
export function isSignedBy(key: KeyObject, data: Uint8Array, signature: Uint8Array): boolean {
  const hash = key.asymmetricKeyType === 'ed25519' ? null : 'sha256'
  try {
    return verify(hash, data, key, signature)
  } catch {
    return false
  }
}

/** The digest that a payload speaks of. */
export function namedDigest(payload: Buffer): string | undefined {
  try {
    const { critical } = JSON.parse(payload.toString()) as {
      critical?: { image?: Record<string, string>; type?: string }
    }
    return critical?.image?.['docker-manifest-digest']
  } catch {
    return undefined
  }
}
