import { createHash } from 'node:crypto'
import { type Certificate, readCertificate } from './certificate.ts'
import { isIssuedBy } from './chain.ts'
import { BadDer, type DerElement, derElement, derElements, derEncode, derOid } from './der.ts'
import { timeOf } from './timestamp.ts'
import { isSignedX509 } from './x509-signature.ts'

/** Whether a certificate was revoked; `unknown` where nobody could say. */
export type Standing = 'good' | 'revoked' | 'unknown'

const BASIC = '1.3.6.1.5.5.7.48.1.1'
const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9'
const INVALID_SINCE = '2.5.29.24'
const SHA1 = Buffer.from('300906052b0e03021a0500', 'hex')

/** A request about one certificate. @see RFC 6960 section 4.1 */
export function ocspRequest(certificate: Certificate, issuer: Certificate): Buffer {
  const one = derEncode(0x30, certificateId(certificate, issuer))
  return derEncode(0x30, derEncode(0x30, derEncode(0x30, one)))
}

function certificateId(certificate: Certificate, issuer: Certificate): Buffer {
  const name = createHash('sha1').update(issuer.subject).digest()
  return derEncode(
    0x30,
    Buffer.concat([
      SHA1,
      derEncode(0x04, name),
      derEncode(0x04, keyHash(issuer)),
      derEncode(0x02, certificate.serial),
    ]),
  )
}

/** Whom a response must be about. */
export interface OcspSubject {
  readonly certificate: Certificate
  readonly issuer: Certificate
  readonly nowMs: number
  readonly signedMs: number | undefined
}

/**
 * Reads a response about one certificate, signed by its issuer or by one that the issuer has let answer.
 * @throws BadDer
 * @see RFC 6960 section 4.2; golang.org/x/crypto/ocsp
 */
export function readOcsp(bytes: Buffer, subject: OcspSubject): Standing {
  const [status, holder] = derElements(derElement(bytes).content)
  if (status?.content[0] !== 0 || holder === undefined) throw new BadDer('no good response')
  const [type, response] = derElements(derElement(holder.content).content)
  if (type === undefined || response === undefined || derOid(type.content) !== BASIC)
    throw new BadDer('a response of another type')
  const parts = derElements(derElement(response.content).content)
  const [data, algorithm, signature, certificates] = parts
  if (data === undefined || algorithm === undefined || signature === undefined)
    throw new BadDer('a response that is cut off')
  const oid = derOid(derElement(algorithm.content).content)
  const signer = responderOf(certificates, subject)
  if (!isSignedX509(signer.key, oid, data.whole, signature.content.subarray(1)))
    throw new BadDer('bad OCSP signature')
  const responses = derElements(data.content).find(({ tag }) => tag === 0x30)
  const wanted = certificateId(subject.certificate, subject.issuer)
  const one = derElements(responses?.content ?? Buffer.alloc(0))
    .map(({ content }) => derElements(content))
    .find(([id]) => id?.whole.equals(wanted) === true)
  if (one === undefined) throw new BadDer('no response matching the supplied certificate')
  return standingIn(one, subject)
}

function responderOf(holder: DerElement | undefined, { issuer, nowMs }: OcspSubject): Certificate {
  const [first] = holder === undefined ? [] : derElements(derElement(holder.content).content)
  if (first === undefined) return issuer
  const delegate = readCertificate(first.whole)
  if (delegate.raw.equals(issuer.raw)) return issuer
  const mayAnswer =
    delegate.issuer.equals(issuer.subject) &&
    isIssuedBy(delegate, issuer) &&
    delegate.extendedUsages.includes(OCSP_SIGNING) &&
    delegate.notBeforeMs <= nowMs &&
    nowMs <= delegate.notAfterMs
  if (mayAnswer) return delegate
  throw new BadDer('bad signature on embedded certificate')
}

function standingIn(
  [, status, , ...rest]: readonly DerElement[],
  { nowMs, signedMs }: OcspSubject,
): Standing {
  const next = rest.find(({ tag }) => tag === 0xa0)
  // A response that names no end is over at once, as notation has it.
  if (next === undefined || timeOf(derElement(next.content)) < nowMs)
    throw new BadDer('expired OCSP response')
  if (status?.tag === 0x80) return 'good'
  if (status?.tag !== 0xa1) return 'unknown'
  const extensions = rest.find(({ tag }) => tag === 0xa1)
  const since = extensions === undefined ? undefined : invalidSince(extensions)
  return since !== undefined && signedMs !== undefined && signedMs < since ? 'good' : 'revoked'
}

function invalidSince({ content }: DerElement): number | undefined {
  for (const { content: one } of derElements(derElement(content).content)) {
    const parts = derElements(one)
    const value = parts.at(-1)
    if (derOid(parts[0]?.content ?? Buffer.alloc(0)) === INVALID_SINCE && value !== undefined)
      return timeOf(derElement(value.content))
  }
  return undefined
}

/** The hash of a key, as requests name it. */
function keyHash({ spki }: Certificate): Buffer {
  const [, bits] = derElements(derElement(spki).content)
  return createHash('sha1')
    .update(bits?.content.subarray(1) ?? Buffer.alloc(0))
    .digest()
}
