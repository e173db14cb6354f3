import { createHash, type KeyObject, type X509Certificate } from 'node:crypto'
import { ociFault } from '../oci/fault.ts'
import { isSignedBy } from './cosign.ts'
import { BadDer, type DerElement, derElement, derElements, derEncode, derOid } from './der.ts'
import type { TrustedRoot } from './trusted-root.ts'

const SCT_OID = '1.3.6.1.4.1.11129.2.4.2'
const ISSUER_OID = '1.3.6.1.4.1.57264.1.8'
const OLD_ISSUER_OID = '1.3.6.1.4.1.57264.1.1'
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'
const CHAIN_MAX = 5

/** A certificate that an authority of the root has issued, at the time of the signature. */
export interface SigningCertificate {
  readonly key: KeyObject
  readonly pem: string
  /** The issuer of the identity, as its extension has it. */
  readonly issuer: string
  /** Who it is: addresses and names. */
  readonly subjects: readonly string[]
}

/**
 * Checks a short-lived certificate: that an authority of the trusted root issued it, that it was good
 * when the signature was logged, and that a log of certificates of the root has seen it.
 * @throws Fault OCI_VERIFY
 * @see sigstore/sigstore-go pkg/verify/certificate.go, sct.go (v1.2)
 */
export function checkCertificate(
  certificate: X509Certificate,
  root: TrustedRoot,
  atMs: number,
): SigningCertificate {
  if (!isWithin(certificate, atMs))
    throw refuse('the certificate was not valid when the signature was logged')
  const issuer = issuerOf(certificate, root, atMs)
  if (issuer === undefined)
    throw refuse('failed to verify leaf certificate: certificate signed by unknown authority')
  try {
    const extensions = extensionsOf(certificate)
    if (certificate.keyUsage?.includes(CODE_SIGNING) !== true)
      throw refuse('the certificate is not for signing code')
    checkSct(certificate, { issuer, root, atMs })
    return {
      key: certificate.publicKey,
      pem: certificate.toString(),
      issuer: issuerIn(extensions),
      subjects: subjectsIn(certificate.subjectAltName ?? ''),
    }
  } catch (error) {
    if (error instanceof BadDer) throw refuse('the certificate cannot be read')
    throw error
  }
}

function isWithin(certificate: X509Certificate, atMs: number): boolean {
  return Date.parse(certificate.validFrom) <= atMs && atMs <= Date.parse(certificate.validTo)
}

/** The certificate that issued another one, where a chain leads to an authority of the root. */
function issuerOf(
  leaf: X509Certificate,
  root: TrustedRoot,
  atMs: number,
): X509Certificate | undefined {
  for (const { chain, isGoodAt } of root.authorities) {
    if (!isGoodAt(atMs) || chain.length > CHAIN_MAX) continue
    const path = pathTo(leaf, chain, atMs)
    if (path !== undefined) return path
  }
  return undefined
}

/** Walks from the leaf up through the certificates of one authority to its last one. */
function pathTo(
  leaf: X509Certificate,
  chain: readonly X509Certificate[],
  atMs: number,
): X509Certificate | undefined {
  const anchor = chain.at(-1)
  let at = leaf
  let first: X509Certificate | undefined
  for (const next of chain) {
    if (!next.ca || !isWithin(next, atMs) || !at.checkIssued(next) || !at.verify(next.publicKey))
      return undefined
    first ??= next
    at = next
  }
  return anchor === undefined || at !== anchor ? undefined : first
}

interface Extension {
  readonly oid: string
  readonly value: Buffer
  readonly element: DerElement
}

function tbsOf(certificate: X509Certificate): DerElement {
  return derElement(derElement(certificate.raw).content)
}

function extensionsOf(certificate: X509Certificate): readonly Extension[] {
  const holder = derElements(tbsOf(certificate).content).find(({ tag }) => tag === 0xa3)
  if (holder === undefined) return []
  return derElements(derElement(holder.content).content).map((element) => {
    const parts = derElements(element.content)
    return {
      element,
      oid: derOid(parts[0]?.content ?? Buffer.alloc(0)),
      value: parts.at(-1)?.content ?? Buffer.alloc(0),
    }
  })
}

function issuerIn(extensions: readonly Extension[]): string {
  const newer = extensions.find(({ oid }) => oid === ISSUER_OID)
  if (newer !== undefined) return derElement(newer.value).content.toString()
  return extensions.find(({ oid }) => oid === OLD_ISSUER_OID)?.value.toString() ?? ''
}

/** Node writes them as `email:a@b, URI:https://…`; what has odd signs in it, as JSON. */
function subjectsIn(text: string): readonly string[] {
  const names = text.matchAll(/(?:^|, )(?:email|URI|DNS|othername):("(?:[^"\\]|\\.)*"|[^,]*)/g)
  return [...names].map(([, name = '']) => {
    const plain = name.startsWith('"') ? (JSON.parse(name) as string) : name
    return plain.replace(/^[\d.]+;UTF8:/, '')
  })
}

/** The proof of a log of certificates, embedded in the certificate itself. */
function checkSct(
  certificate: X509Certificate,
  by: { readonly issuer: X509Certificate; readonly root: TrustedRoot; readonly atMs: number },
): void {
  const extensions = extensionsOf(certificate)
  const proof = extensions.find(({ oid }) => oid === SCT_OID)
  if (proof === undefined) throw refuse('no valid SCTs found: the certificate has none')
  const spki = by.issuer.publicKey.export({ type: 'spki', format: 'der' })
  const entry = precertificate(certificate, createHash('sha256').update(spki).digest())
  const isProven = sctsIn(derElement(proof.value).content).some((sct) => {
    const log = by.root.certificateLogs.find(({ id }) => id.equals(sct.logId))
    if (log === undefined || !log.isGoodAt(sct.timestampMs)) return false
    return isSignedBy(log.key, Buffer.concat([sct.head, entry, sct.extensions]), sct.signature)
  })
  if (!isProven)
    throw refuse('no valid SCTs found: unable to verify the proof of a certificate log')
}

/** What the log has signed: the certificate as it was before the proof was put into it. */
function precertificate(certificate: X509Certificate, issuerHash: Buffer): Buffer {
  const parts = derElements(tbsOf(certificate).content).map(({ tag, whole, content }) => {
    if (tag !== 0xa3) return whole
    const kept = derElements(derElement(content).content).filter(
      ({ content: inner }) => derOid(derElement(inner).content) !== SCT_OID,
    )
    return derEncode(0xa3, derEncode(0x30, Buffer.concat(kept.map((each) => each.whole))))
  })
  const tbs = derEncode(0x30, Buffer.concat(parts))
  const length = Buffer.from([tbs.length >> 16, (tbs.length >> 8) & 0xff, tbs.length & 0xff])
  return Buffer.concat([Buffer.from([0, 1]), issuerHash, length, tbs])
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

/** @see RFC 6962 section 3.2, 3.3 */
function sctsIn(list: Buffer): readonly Sct[] {
  const found: Sct[] = []
  for (let at = 2; at + 2 <= list.length; ) {
    const length = list.readUInt16BE(at)
    const sct = list.subarray(at + 2, at + 2 + length)
    at += 2 + length
    if (sct.length !== length || length < 47 || sct[0] !== 0) continue
    const extensionsEnd = 43 + sct.readUInt16BE(41)
    if (extensionsEnd + 4 > sct.length) continue
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

function refuse(message: string): Error {
  return ociFault('OCI_VERIFY', message)
}
