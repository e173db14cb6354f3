import { type Certificate, KEY_USAGE } from './certificate.ts'
import { isIssuedBy, TIME_STAMPING } from './chain.ts'
import { nameText } from './distinguished-name.ts'
import { algorithmFor } from './notation-envelope.ts'

/** That a chain does not do. Callers make a fault of it. */
export class BadChain extends Error {}

const KEY_USAGE_OID = '2.5.29.15'
const USES_OID = '2.5.29.37'
/** Uses that exclude signing code: for servers, clients, mail, time and answers about revocation. */
const EXCLUDED: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.3.1': 'ServerAuth',
  '1.3.6.1.5.5.7.3.2': 'ClientAuth',
  '1.3.6.1.5.5.7.3.4': 'EmailProtection',
  '1.3.6.1.5.5.7.3.8': 'Timestamping',
  '1.3.6.1.5.5.7.3.9': 'OCSPSigning',
}
const OTHER_BITS: readonly (readonly [number, string])[] = [
  [2, '"KeyEncipherment"'],
  [3, '"DataEncipherment"'],
  [4, '"KeyAgreement"'],
  [5, '"CertSign"'],
  [6, '"CRLSign"'],
  [7, '"EncipherOnly"'],
  [8, '"DecipherOnly"'],
]

export type ChainPurpose = 'code' | 'time'

/** The name of a certificate in quotes. */
export function shownName({ subject }: Certificate): string {
  return JSON.stringify(nameText(subject))
}

/**
 * Checks a chain, from the one that signs to one that has signed itself, against what the Notary Project
 * wants of certificates.
 * @throws BadChain
 * @see notation-core-go x509 (v1.3)
 */
export function checkChain(chain: readonly Certificate[], purpose: ChainPurpose): void {
  const [leaf, ...above] = chain
  if (leaf === undefined)
    throw new BadChain('certificate chain must contain at least one certificate')
  if (above.length === 0) {
    const words = `invalid self-signed certificate. subject: ${shownName(leaf)}. Error`
    if (!hasSignedItself(leaf)) throw new BadChain(`${words}: crypto/rsa: verification error`)
    checkLeaf(leaf, purpose)
    return
  }
  for (const [index, each] of chain.entries()) {
    checkIssuer(each, chain[index + 1], index)
    if (index === 0) checkLeaf(each, purpose)
    else checkAuthority(each, index - 1, purpose)
  }
}

function hasSignedItself(certificate: Certificate): boolean {
  const { subject, issuer } = certificate
  // What it may sign does not count here.
  return subject.equals(issuer) && isIssuedBy(certificate, { ...certificate, keyUsage: undefined })
}

function checkIssuer(
  certificate: Certificate,
  parent: Certificate | undefined,
  index: number,
): void {
  const isOwn =
    certificate.isAuthority &&
    certificate.subject.equals(certificate.issuer) &&
    isIssuedBy(certificate, certificate)
  const shown = shownName(certificate)
  if (parent === undefined) {
    if (isOwn) return
    throw new BadChain(
      `root certificate with subject ${shown} is not self-signed. Certificate chain must end with a valid self-signed root certificate`,
    )
  }
  if (isOwn) {
    const what = index === 0 ? 'leaf' : 'intermediate'
    throw new BadChain(
      `${what} certificate with subject ${shown} is self-signed. Certificate chain must not contain self-signed ${what} certificate`,
    )
  }
  const isIssued =
    parent.isAuthority &&
    parent.subject.equals(certificate.issuer) &&
    isIssuedBy(certificate, parent)
  if (!isIssued)
    throw new BadChain(`certificate with subject ${shown} is not issued by ${shownName(parent)}`)
}

function checkAuthority(certificate: Certificate, below: number, purpose: ChainPurpose): void {
  const words = `certificate with subject ${shownName(certificate)}`
  const { isAuthority, pathMax } = certificate
  if (!isAuthority)
    throw new BadChain(
      `${words}: ca field in basic constraints must be present, critical, and set to true`,
    )
  if (pathMax !== undefined && pathMax < below)
    throw new BadChain(
      `${words}: expected path length of ${below} but certificate has path length ${pathMax} instead`,
    )
  checkUsagePresent(certificate, purpose)
  if (certificate.keyUsage?.(KEY_USAGE.certSign) !== true)
    throw new BadChain(`${words}: key usage must have the bit positions for key cert sign set`)
}

function checkUsagePresent(certificate: Certificate, purpose: ChainPurpose): void {
  const words = `certificate with subject ${shownName(certificate)}`
  const usage = certificate.extensions.get(KEY_USAGE_OID)
  if (usage === undefined) throw new BadChain(`${words}: key usage extension must be present`)
  if (purpose === 'code' && !usage.isCritical)
    throw new BadChain(`${words}: key usage extension must be marked critical`)
}

function checkLeaf(certificate: Certificate, purpose: ChainPurpose): void {
  const shown = shownName(certificate)
  const words = `certificate with subject ${shown}`
  if (certificate.isAuthority)
    throw new BadChain(
      `${words}: if the basic constraints extension is present, the ca field must be set to false`,
    )
  checkUsagePresent(certificate, purpose)
  const { keyUsage } = certificate
  if (keyUsage?.(KEY_USAGE.digitalSignature) !== true)
    throw new BadChain(
      `the ${words} is invalid. The key usage must have the bit positions for "Digital Signature" set`,
    )
  const more = OTHER_BITS.filter(([bit]) => keyUsage(bit)).map(([, name]) => name)
  if (more.length > 0)
    throw new BadChain(
      `the ${words} is invalid. The key usage must be "Digital Signature" only, but found ${more.join(', ')}`,
    )
  checkUses(certificate, purpose)
  if (algorithmFor(certificate.key) === undefined)
    throw new BadChain(`${words}: key type not supported`)
}

function checkUses(certificate: Certificate, purpose: ChainPurpose): void {
  const { extendedUsages: uses, extensions } = certificate
  const shown = shownName(certificate)
  if (purpose === 'code') {
    const wrong = uses.map((each) => EXCLUDED[each]).find((each) => each !== undefined)
    if (wrong === undefined) return
    throw new BadChain(
      `certificate with subject ${shown}: extended key usage must not contain ${wrong} eku`,
    )
  }
  if (uses.length !== 1 || uses[0] !== TIME_STAMPING)
    throw new BadChain(
      `timestamp signing certificate with subject ${shown} must have and only have Timestamping as extended key usage`,
    )
  if (extensions.get(USES_OID)?.isCritical !== true)
    throw new BadChain(
      `timestamp signing certificate with subject ${shown} must have extended key usage extension marked as critical`,
    )
}
