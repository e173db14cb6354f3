import { createHash } from 'node:crypto'
import type { Certificate } from './certificate.ts'
import { CODE_SIGNING, findChain, isWithin, SUBJECT_NAMES } from './chain.ts'
import { BadDer, derElement, derElements, derEncode, derOid } from './der.ts'
import { isSignedBy } from './key-signature.ts'
import { BadMessage } from './proto-json.ts'
import type { TrustedRoot } from './trusted-root.ts'

const SCT_OID = '1.3.6.1.4.1.11129.2.4.2'
const ISSUER_OID = '1.3.6.1.4.1.57264.1.8'
const OLD_ISSUER_OID = '1.3.6.1.4.1.57264.1.1'
const NAME_OID = '1.3.6.1.4.1.57264.1.7'

/** Who has signed, as a certificate says it. */
export interface Signer {
  /** The issuer of the identity. */
  readonly issuer: string
  /** Addresses and names. */
  readonly subjects: readonly string[]
  /** The one that counts where one is asked for; empty where there is none. */
  readonly subject: string
}

/** Whose a certificate is. */
export function readSigner({ extensions, names }: Certificate): Signer {
  const newer = extensions.get(ISSUER_OID)
  const issuer =
    newer === undefined
      ? (extensions.get(OLD_ISSUER_OID)?.value.toString() ?? '')
      : derElement(newer.value).content.toString()
  const other = names.others.find(({ oid }) => oid === NAME_OID)?.text ?? ''
  const { emails, hosts, uris } = names
  const addresses = names.addresses.map((each) => [...each].join('.'))
  return {
    issuer,
    subjects: [...hosts, ...emails, ...addresses, ...uris, ...(other === '' ? [] : [other])],
    subject: uris[0] ?? emails[0] ?? other,
  }
}

/**
 * Finds the chain from a certificate to an authority of the trusted root, as it was at a time.
 * @throws BadMessage
 * @see sigstore-go pkg/verify/certificate.go, pkg/root/certificate_authority.go (v1.2)
 */
export function chainAt(
  leaf: Certificate,
  root: TrustedRoot,
  atMs: number,
): readonly Certificate[] {
  for (const authority of root.authorities) {
    if (!authority.isGoodAt(atMs)) continue
    const chain = findChain(leaf, {
      roots: [authority.root],
      intermediates: authority.intermediates,
      atMs,
      usage: CODE_SIGNING,
      tolerated: [SUBJECT_NAMES],
    })
    if (chain !== undefined) return chain
  }
  throw new BadMessage('leaf certificate verification failed')
}

/** That a certificate was good at a time, and those above it. @throws BadMessage */
export function checkExpiry(chain: readonly Certificate[], atMs: number): void {
  const shown = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z')
  for (const [index, each] of chain.entries()) {
    if (isWithin(each, atMs)) continue
    const what = index === 0 ? 'certificate' : 'issuing CA certificate'
    const words =
      each.notAfterMs < atMs
        ? `${what} expired before observed time: ${shown(each.notAfterMs)} is before ${shown(atMs)}`
        : `${what} was issued after observed time: ${shown(each.notBeforeMs)} is after ${shown(atMs)}`
    throw new BadMessage(`checking expiry on certificate with bundle: ${words}`)
  }
}

export function hasProof({ extensions }: Certificate): boolean {
  return extensions.has(SCT_OID)
}

/**
 * Checks that a trusted log of certificates has seen one: the proof is in the certificate itself.
 * @throws BadMessage
 * @see RFC 6962 section 3.2, 3.3; sigstore-go pkg/verify/sct.go (v1.2)
 */
export function checkProof(chain: readonly Certificate[], root: TrustedRoot): void {
  const [leaf, issuer] = chain
  const proof = leaf?.extensions.get(SCT_OID)
  const isProven =
    leaf !== undefined && issuer !== undefined && proof !== undefined && isSeen(leaf, issuer, root)
  if (isProven) return
  throw new BadMessage('only able to verify 0 SCT entries; unable to meet threshold of 1')
}

function isSeen(leaf: Certificate, issuer: Certificate, root: TrustedRoot): boolean {
  const proof = leaf.extensions.get(SCT_OID)
  if (proof === undefined) return false
  try {
    const entry = precertificate(leaf, createHash('sha256').update(issuer.spki).digest())
    return sctsIn(derElement(proof.value).content).some((sct) => {
      const log = root.certificateLogs.find(({ id }) => id.equals(sct.logId))
      if (log === undefined || !log.isGoodAt(sct.timestampMs)) return false
      return isSignedBy(log.key, Buffer.concat([sct.head, entry, sct.extensions]), sct.signature)
    })
  } catch (error) {
    if (error instanceof BadDer || error instanceof RangeError) return false
    throw error
  }
}

/** What the log has signed: the certificate as it was before the proof was put into it. */
function precertificate({ tbs }: Certificate, issuerHash: Buffer): Buffer {
  const parts = derElements(derElement(tbs).content).map(({ tag, whole, content }) => {
    if (tag !== 0xa3) return whole
    const kept = derElements(derElement(content).content).filter(
      ({ content: inner }) => derOid(derElement(inner).content) !== SCT_OID,
    )
    return derEncode(0xa3, derEncode(0x30, Buffer.concat(kept.map((each) => each.whole))))
  })
  const plain = derEncode(0x30, Buffer.concat(parts))
  const { length } = plain
  const size = Buffer.from([length >> 16, (length >> 8) & 0xff, length & 0xff])
  return Buffer.concat([Buffer.from([0, 1]), issuerHash, size, plain])
}

interface Sct {
  readonly logId: Buffer
  readonly timestampMs: number
  /** Version, type of signature and time, as they are signed. */
  readonly head: Buffer
  /** With their length. */
  readonly extensions: Buffer
  readonly signature: Buffer
}

const SCTS_MAX = 16

function sctsIn(list: Buffer): readonly Sct[] {
  const found: Sct[] = []
  for (let at = 2; at + 2 <= list.length && found.length < SCTS_MAX; ) {
    const length = list.readUInt16BE(at)
    const sct = list.subarray(at + 2, at + 2 + length)
    at += 2 + length
    if (sct.length !== length || length < 47 || sct[0] !== 0) continue
    const extensionsEnd = 43 + sct.readUInt16BE(41)
    if (extensionsEnd + 4 > sct.length) continue
    const signatureEnd = extensionsEnd + 4 + sct.readUInt16BE(extensionsEnd + 2)
    // SHA-256 is the one hash that logs sign with.
    if (sct[extensionsEnd] !== 4 || signatureEnd !== sct.length) continue
    found.push({
      logId: sct.subarray(1, 33),
      timestampMs: Number(sct.readBigUInt64BE(33)),
      head: Buffer.concat([Buffer.from([0, 0]), sct.subarray(33, 41)]),
      extensions: sct.subarray(41, extensionsEnd),
      signature: sct.subarray(extensionsEnd + 4),
    })
  }
  return found
}
