import { constants, type KeyObject, verify } from 'node:crypto'

const HASHES: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
}
const RSA_PSS = '1.2.840.113549.1.1.10'
const ED25519 = '1.3.101.112'

/** Says whether a key has signed some bytes with an algorithm of X.509; weak hashes do not count. */
export function isSignedX509(
  key: KeyObject,
  algorithm: string,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    if (algorithm === ED25519) return verify(null, data, key, signature)
    if (algorithm === RSA_PSS) {
      const padding = constants.RSA_PKCS1_PSS_PADDING
      const saltLength = constants.RSA_PSS_SALTLEN_AUTO
      return ['sha256', 'sha384', 'sha512'].some((hash) =>
        verify(hash, data, { key, padding, saltLength }, signature),
      )
    }
    const hash = HASHES[algorithm]
    return hash !== undefined && verify(hash, data, key, signature)
  } catch {
    return false
  }
}
