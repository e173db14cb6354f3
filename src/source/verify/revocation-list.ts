import { type Certificate, KEY_USAGE } from './certificate.ts'
import { BadDer, type DerElement, derElement, derElements, derOid } from './der.ts'
import { timeOf } from './timestamp.ts'
import { isSignedX509 } from './x509-signature.ts'

/** A list of certificates that were revoked, as it is written. */
export interface RevocationList {
  /** The entries one after another, in DER. */
  readonly entries: Buffer
}

const SCOPE = '2.5.29.28'
const FRESHEST = '2.5.29.46'
const REASON = '2.5.29.21'
const INVALID_SINCE = '2.5.29.24'
const HOLD = 6
const REMOVED = 8
const CRL_SIGN = KEY_USAGE.certSign + 1

/**
 * Reads a list and checks that its issuer has signed it and that it is not over. Lists that others add
 * to are not weighed.
 * @throws BadDer
 * @see RFC 5280 section 5; notation-core-go revocation/internal/crl (v1.3)
 */
export function readList(bytes: Buffer, issuer: Certificate, nowMs: number): RevocationList {
  const [tbs, algorithm, signature] = derElements(derElement(bytes).content)
  if (tbs === undefined || algorithm === undefined || signature === undefined)
    throw new BadDer('a list that is cut off')
  const oid = derOid(derElement(algorithm.content).content)
  const isSigned =
    issuer.keyUsage?.(CRL_SIGN) !== false &&
    isSignedX509(issuer.key, oid, tbs.whole, signature.content.subarray(1))
  if (!isSigned) throw new BadDer('CRL is not signed by CA')
  const parts = derElements(tbs.content)
  const at = parts[0]?.tag === 0x02 ? 1 : 0
  const [, name, , next, ...rest] = parts.slice(at)
  if (name?.whole.equals(issuer.subject) !== true) throw new BadDer('CRL of another issuer')
  if (next === undefined || (next.tag !== 0x17 && next.tag !== 0x18))
    throw new BadDer('CRL NextUpdate is not set')
  if (timeOf(next) < nowMs) throw new BadDer('expired CRL')
  checkExtensions(rest.find(({ tag }) => tag === 0xa0))
  return { entries: rest.find(({ tag }) => tag === 0x30)?.content ?? Buffer.alloc(0) }
}

function checkExtensions(holder: DerElement | undefined): void {
  if (holder === undefined) return
  for (const { content } of derElements(derElement(holder.content).content)) {
    const parts = derElements(content)
    const oid = derOid(parts[0]?.content ?? Buffer.alloc(0))
    const isCritical = parts[1]?.tag === 0x01 && parts[1].content[0] !== 0
    if (oid === FRESHEST || (isCritical && oid !== SCOPE))
      throw new BadDer('unsupported extension found in CRL')
  }
}

/** Says whether a list has a serial number, as of the time of a signature where that is known. */
export function isListedAt(
  { entries }: RevocationList,
  serial: Buffer,
  signedMs: number | undefined,
): boolean {
  let held: { readonly atMs: number; readonly isHeld: boolean } | undefined
  for (let at = 0; at < entries.length; ) {
    const { whole, content } = derElement(entries.subarray(at))
    at += whole.length
    if (!derElement(content).content.equals(serial)) continue
    const [, time, extensions] = derElements(content)
    if (time === undefined) throw new BadDer('an entry that is cut off')
    const { reason, since } = tellings(extensions)
    if (signedMs !== undefined && since !== undefined && signedMs < since) return false
    if (reason !== HOLD && reason !== REMOVED) return true
    const atMs = timeOf(time)
    if (held === undefined || held.atMs < atMs) held = { atMs, isHeld: reason === HOLD }
  }
  return held?.isHeld ?? false
}

function tellings(holder: DerElement | undefined): {
  readonly reason: number
  readonly since: number | undefined
} {
  let reason = 0
  let since: number | undefined
  for (const { content } of holder === undefined ? [] : derElements(holder.content)) {
    const parts = derElements(content)
    const oid = derOid(parts[0]?.content ?? Buffer.alloc(0))
    const value = derElement(parts.at(-1)?.content ?? Buffer.alloc(0))
    if (oid === REASON) reason = value.content[0] ?? 0
    else if (oid === INVALID_SINCE) since = timeOf(value)
    else if (parts[1]?.tag === 0x01 && parts[1].content[0] !== 0)
      throw new BadDer('unsupported critical extension found in CRL')
  }
  return { reason, since }
}
