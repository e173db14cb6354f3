import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { messageOf } from '../../base/index.ts'
import { ociFault } from '../oci/fault.ts'

/** The hash of each curve. */
const CURVES: Readonly<Record<string, string>> = {
  prime256v1: 'sha256',
  secp384r1: 'sha384',
  secp521r1: 'sha512',
}
const RSA_BITS: readonly number[] = [2048, 3072, 4096]

/** Says whether a signature over some bytes was made with a key; null is for keys that hash themselves. */
export function isSignedBy(
  key: KeyObject,
  data: Uint8Array,
  signature: Uint8Array,
  hash = 'sha256',
): boolean {
  try {
    return verify(key.asymmetricKeyType === 'ed25519' ? null : hash, data, key, signature)
  } catch {
    return false
  }
}

/** The hash that goes with a key, where Sigstore has one for it; of Ed25519, that of its variant `ph`. */
export function hashOfKey(key: KeyObject): string | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  if (type === 'ed25519') return 'sha512'
  if (type === 'rsa') return RSA_BITS.includes(details?.modulusLength ?? 0) ? 'sha256' : undefined
  return type === 'ec' ? CURVES[details?.namedCurve ?? ''] : undefined
}

/** Says whether the key of a certificate has signed: with the hash of its kind, or SHA-256 as of old. */
export function isSignedByCertified(
  key: KeyObject,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  const hash = hashOfKey(key)
  if (hash === undefined) return false
  return isSignedBy(key, data, signature, hash) || isSignedBy(key, data, signature)
}

/** The identifier of the curve P-256 in DER. */
const P256 = Buffer.from('06082a8648ce3d030107', 'hex')

/** Reads a public key in PEM. @throws Fault OCI_VERIFY in the words of sigstore */
export function readPublicKey(pem: string): KeyObject {
  const [block, kind = ''] = /-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/.exec(pem) ?? []
  if (block === undefined) throw ociFault('OCI_VERIFY', 'PEM decoding failed')
  if (kind !== 'PUBLIC KEY' && kind !== 'RSA PUBLIC KEY')
    throw ociFault(
      'OCI_VERIFY',
      `unknown Public key PEM file type: ${kind}. Are you passing the correct public key?`,
    )
  try {
    return createPublicKey(block)
  } catch (error) {
    const isP256 = Buffer.from(block.replaceAll(/-----[^-]*-----/g, ''), 'base64').includes(P256)
    const what = isP256
      ? 'P256 point not on curve'
      : `the public key cannot be read: ${messageOf(error)}`
    throw ociFault('OCI_VERIFY', what, error)
  }
}
