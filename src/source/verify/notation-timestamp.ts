import { createHash } from 'node:crypto'
import type { Certificate } from './certificate.ts'
import { type DerElement, derElement, derElements, derOid } from './der.ts'
import {
  BadTimestamp,
  checkTimestampToken,
  readSignedData,
  type SignedData,
  type Timestamp,
} from './timestamp.ts'

const SIGNER_V2 = '1.2.840.113549.1.9.16.2.47'
const BASELINE_POLICY = '0.4.0.2023.1.1'
const HASHES: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

/**
 * Checks the token of a timestamp authority that one of some certificates vouches for, and that it names
 * the certificate that has signed it.
 * @throws BadTimestamp
 * @see tspclient-go token.go (v1.0)
 */
export function checkStamp(
  token: Buffer,
  signature: Buffer,
  roots: readonly Certificate[],
): Timestamp {
  const stamp = checkTimestampToken(token, signature, { roots, intermediates: [] })
  checkNamed(readSignedData(token), stamp.signer)
  const accuracyMs = stamp.accuracyMs === 0 && isBaseline(token) ? 1000 : stamp.accuracyMs
  return { ...stamp, accuracyMs }
}

function checkNamed({ signer }: SignedData, by: Certificate): void {
  const value = signer.attributes.get(SIGNER_V2)?.[0]
  const [first] = value === undefined ? [] : derElements(derElement(value.content).content)
  const parts = first === undefined ? [] : derElements(first.content)
  const hash = hashOf(parts[0])
  const named = parts.find(({ tag }) => tag === 0x04)
  const isNamed =
    hash !== undefined && named?.content.equals(createHash(hash).update(by.raw).digest()) === true
  if (!isNamed) throw new BadTimestamp('failed to get SigningCertificateV2 from signed attributes')
}

/** SHA-256 where nothing is said. */
function hashOf(first: DerElement | undefined): string | undefined {
  if (first?.tag !== 0x30) return 'sha256'
  return HASHES[derOid(derElement(first.content).content)]
}

function isBaseline(token: Buffer): boolean {
  const [, policy] = derElements(derElement(readSignedData(token).content).content)
  return policy !== undefined && derOid(policy.content) === BASELINE_POLICY
}
