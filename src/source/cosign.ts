import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { ociFault } from './oci-fault.ts'

/** A signature that lies in the registry. */
export interface CosignSignature {
  readonly payload: Buffer
  /** Base64. */
  readonly signature: string
}

/** The tag under which cosign puts the signatures of a digest. */
export function signatureTag(digest: string): string {
  return `${digest.replace(':', '-')}.sig`
}

/** The annotation of a layer that carries the signature of the layer's content. */
export const SIGNATURE_ANNOTATION = 'dev.cosignproject.cosign/signature'

/**
 * Checks that one of the signatures was made with one of the keys, for this digest and no other.
 * @throws Fault OCI_VERIFY
 * @see https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 */
export function checkSignatures(
  digest: string,
  signatures: readonly CosignSignature[],
  pems: readonly string[],
): void {
  const keys = pems.map(readKey)
  const isGood = signatures.some(
    (each) => namedDigest(each.payload) === digest && keys.some((key) => isSignedBy(each, key)),
  )
  if (!isGood) throw ociFault('OCI_VERIFY', `no matching signatures were found for '${digest}'`)
}

function readKey(pem: string): KeyObject {
  try {
    return createPublicKey(pem)
  } catch (error) {
    throw ociFault('OCI_VERIFY', 'the public key is no PEM', error)
  }
}

function isSignedBy({ payload, signature }: CosignSignature, key: KeyObject): boolean {
  const hash = key.asymmetricKeyType === 'ed25519' ? null : 'sha256'
  try {
    return verify(hash, payload, key, Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}

/** The digest that a payload speaks of. */
function namedDigest(payload: Buffer): string | undefined {
  try {
    const { critical } = JSON.parse(payload.toString()) as {
      critical?: { image?: Record<string, string>; type?: string }
    }
    return critical?.image?.['docker-manifest-digest']
  } catch {
    return undefined
  }
}
