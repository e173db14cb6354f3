import { type Clock, isFault, messageOf } from '../../base/index.ts'
import type { HttpClient } from '../http-client.ts'
import { readSmall } from '../oci/body.ts'
import {
  MANIFEST_BYTES_MAX,
  MANIFESTS,
  type OciSubject,
  readBlob,
  readManifest,
} from '../oci/content.ts'
import { ociFault } from '../oci/fault.ts'
import { type Certificate, readCertificate } from './certificate.ts'
import { readReferrers } from './cosign.ts'
import { BadDer, derElement } from './der.ts'
import { BadName, isPartOf, nameText, parseName } from './distinguished-name.ts'
import { BadChain, checkChain, shownName } from './notation-chain.ts'
import { algorithmFor, BadEnvelope, readEnvelope, type SignedContent } from './notation-envelope.ts'
import {
  BadPolicy,
  type Check,
  readPolicy,
  type Statement,
  statementFor,
} from './notation-policy.ts'
import { checkStamp } from './notation-timestamp.ts'
import { checkRevocation } from './revocation.ts'
import { BadTimestamp } from './timestamp.ts'

/** What it takes to verify signatures of the Notary Project. */
export interface NotationAsk {
  readonly trustPolicy: Uint8Array
  /** PEM or DER. */
  readonly certificates: readonly Uint8Array[]
  readonly http: HttpClient
  readonly clock: Clock
  readonly signal: AbortSignal
}

const SIGNATURE = 'application/vnd.cncf.notary.signature'
const PAYLOAD = 'application/vnd.cncf.notary.payload.v1+json'
const ATTEMPTS_MAX = 3
const ENVELOPE_BYTES_MAX = 32 * 1024 * 1024
const REVOKED_WORDS = 'signing certificate with subject'

/**
 * Checks that an artifact is signed as a trust policy of the Notary Project demands. Answers whether it
 * counts as verified: where the policy says to skip that, or only to tell, it does not.
 * @throws Fault OCI_VERIFY
 * @see notation-go verifier/verifier.go (v1.3), source-controller internal/oci/notation (v1.9.1)
 */
export async function verifyNotation(artifact: OciSubject, ask: NotationAsk): Promise<boolean> {
  const statement = policyFor(artifact, ask)
  if (statement.actions === undefined) return false
  const target = await describe(artifact)
  const found = (await readReferrers(artifact)).filter(
    ({ artifactType }) => artifactType === SIGNATURE,
  )
  const reference = `${artifact.name}@${artifact.digest}`
  if (found.length === 0)
    throw refuse(
      `no signature is associated with ${JSON.stringify(reference)}, make sure the artifact was signed successfully`,
    )
  const wrong = ['signature verification failed']
  for (const { digest } of found.slice(0, ATTEMPTS_MAX)) {
    const { envelope, mediaType } = await fetchEnvelope(artifact, digest)
    try {
      const content = readEnvelope(mediaType, envelope)
      return await judge(content, target, { statement, ask })
    } catch (error) {
      if (!isWrong(error)) throw error
      wrong.push(`failed to verify signature with digest ${digest}, ${messageOf(error)}`)
    }
  }
  if (found.length >= ATTEMPTS_MAX)
    throw refuse(
      `signature evaluation stopped. The configured limit of ${ATTEMPTS_MAX} signatures to verify per artifact exceeded`,
    )
  throw refuse(wrong.join('\n'))
}

function isWrong(error: unknown): boolean {
  return (
    error instanceof BadEnvelope ||
    error instanceof BadChain ||
    error instanceof BadName ||
    error instanceof Unmet
  )
}

/** That a check which is enforced has failed. */
class Unmet extends Error {}

function policyFor(artifact: OciSubject, ask: NotationAsk): Statement {
  try {
    return statementFor(readPolicy(ask.trustPolicy), artifact)
  } catch (error) {
    if (!(error instanceof BadPolicy)) throw error
    throw ociFault('OCI_VERIFY', error.message, error)
  }
}

interface Target {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

async function describe({ session, digest }: OciSubject): Promise<Target> {
  const answer = await session.ask({
    method: 'GET',
    path: `/manifests/${digest}`,
    headers: { accept: MANIFESTS },
    code: 'OCI_VERIFY',
  })
  const body = await readSmall(answer, MANIFEST_BYTES_MAX, { code: 'OCI_VERIFY' })
  const told = answer.headers['content-type']?.split(';')[0]?.trim()
  return { mediaType: told ?? '', digest, size: body.length }
}

async function fetchEnvelope(
  artifact: OciSubject,
  digest: string,
): Promise<{ readonly envelope: Buffer; readonly mediaType: string }> {
  const code = 'OCI_VERIFY'
  const what = `unable to retrieve digital signature with digest ${JSON.stringify(digest)} associated with ${JSON.stringify(`${artifact.name}@${artifact.digest}`)} from the Repository, error : `
  try {
    const { manifest } = await readManifest({ ...artifact, digest }, { code })
    const [layer, ...more] = manifest.layers ?? []
    if (layer === undefined || more.length > 0)
      throw ociFault(
        code,
        `signature manifest requries exactly one signature envelope blob, got ${manifest.layers?.length ?? 0}`,
      )
    const bytesMax = ENVELOPE_BYTES_MAX
    const envelope = await readBlob(artifact.session, layer, { code, bytesMax })
    return { envelope, mediaType: layer.mediaType ?? '' }
  } catch (error) {
    if (!isFault(error)) throw error
    throw ociFault(code, `${what}${error.message}`, error)
  }
}

interface Judging {
  readonly statement: Statement
  readonly ask: NotationAsk
}

/** Answers whether the signature is by somebody who is trusted; what is only to be told is passed over. */
async function judge(content: SignedContent, target: Target, judging: Judging): Promise<boolean> {
  checkIntegrity(content)
  const { statement } = judging
  const isEnforced = (check: Check): boolean => statement.actions?.[check] === 'enforce'
  const trust = wrongIn(() => checkAuthenticity(content, judging))
  if (trust !== undefined && isEnforced('authenticity')) throw trust
  const nowMs = judging.ask.clock.now()
  if (content.expiryMs !== undefined && nowMs >= content.expiryMs && isEnforced('expiry'))
    throw new Unmet(`digital signature has expired on "${rfc1123(content.expiryMs)}"`)
  if (isEnforced('authenticTimestamp')) await checkTime(content, judging)
  // Whoever is not trusted does not say whom to ask.
  if (isEnforced('revocation')) {
    const { clock, http, signal } = judging.ask
    const signedMs = content.scheme === 'notary.x509' ? undefined : content.signedMs
    await refuseRevoked(content.chain, REVOKED_WORDS, { clock, http, signal, signedMs })
  }
  if (!isSameTarget(content.payload, target)) throw new Unmet('content descriptor mismatch')
  return trust === undefined
}

function wrongIn(check: () => void): Error | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    if (error instanceof Error && isWrong(error)) return error
    throw error
  }
}

function checkIntegrity({ chain, algorithm, contentType, plugin }: SignedContent): void {
  try {
    checkChain(chain, 'code')
  } catch (error) {
    if (!(error instanceof BadChain)) throw error
    throw new BadEnvelope(`certificate-chain is invalid, ${error.message}`, { cause: error })
  }
  const leaf = chain[0]
  if (leaf === undefined || algorithmFor(leaf.key) !== algorithm)
    throw new BadEnvelope(
      'mismatch between signature algorithm derived from signing certificate and signing algorithm specified',
    )
  if (contentType !== PAYLOAD)
    throw new BadEnvelope(`payload content type ${JSON.stringify(contentType)} not supported`)
  if (plugin !== undefined)
    throw new BadEnvelope('plugin unsupported due to nil verifier.pluginManager')
}

function checkAuthenticity(content: SignedContent, { statement, ask }: Judging): void {
  const type = content.scheme === 'notary.x509' ? 'ca' : 'signingAuthority'
  const trusted = trustedOf(statement, type, ask)
  if (trusted.length === 0)
    throw new Unmet('no trusted certificates are found to verify authenticity')
  const isTrusted = content.chain.some(({ raw }) => trusted.some((each) => each.raw.equals(raw)))
  if (!isTrusted)
    throw new Unmet("the signature's certificate chain does not contain any trusted certificate")
  checkIdentity(content.chain, statement)
}

/** All certificates of the Secret stand in each store that a statement names. */
function trustedOf(
  { trustStores }: Statement,
  type: string,
  { certificates }: NotationAsk,
): readonly Certificate[] {
  const named = trustStores.find((each) => each.startsWith(`${type}:`))
  if (named === undefined) return []
  try {
    return certificates.flatMap((each) => certificatesIn(Buffer.from(each)))
  } catch (error) {
    if (!(error instanceof BadDer)) throw error
    const name = named.slice(type.length + 1)
    throw new Unmet(`failed to parse certificate '${name}': x509: ${error.message}`, {
      cause: error,
    })
  }
}

function certificatesIn(bytes: Buffer): readonly Certificate[] {
  const [, body] = /-----BEGIN [A-Z0-9 ]+-----([^-]*)-----END/.exec(bytes.toString('latin1')) ?? []
  let rest = body === undefined ? bytes : Buffer.from(body, 'base64')
  const found: Certificate[] = []
  while (rest.length > 0) {
    const { whole } = derElement(rest)
    found.push(readCertificate(whole))
    rest = rest.subarray(whole.length)
  }
  return found
}

function checkIdentity([leaf]: readonly Certificate[], statement: Statement): void {
  const { name, trustedIdentities } = statement
  if (trustedIdentities.includes('*')) return
  const wanted = trustedIdentities
    .filter((each) => each.startsWith('x509.subject:'))
    .map((each) => parseName(each.slice('x509.subject:'.length)))
  if (wanted.length === 0 || leaf === undefined)
    throw new Unmet(
      `no x509 trusted identities are configured in the trust policy ${JSON.stringify(name)}`,
    )
  const subject = parseName(nameText(leaf.subject))
  if (wanted.some((each) => isPartOf(each, subject))) return
  const shown = wanted.map(
    (each) =>
      `map[${[...each]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([kind, value]) => `${JSON.stringify(kind)}:${JSON.stringify(value)}`)
        .join(' ')}]`,
  )
  throw new Unmet(
    `signing certificate from the digital signature does not match the X.509 trusted identities [${shown.join(' ')}] defined in the trust policy ${JSON.stringify(name)}`,
  )
}

async function checkTime(content: SignedContent, { statement, ask }: Judging): Promise<void> {
  const { chain, scheme, signedMs } = content
  if (scheme === 'notary.x509.signingAuthority') {
    const over = chain.find((each) => signedMs < each.notBeforeMs || signedMs > each.notAfterMs)
    if (over === undefined) return
    throw new Unmet(
      `certificate ${shownName(over)} was not valid when the digital signature was produced at "${rfc1123(signedMs)}"`,
    )
  }
  const nowMs = ask.clock.now()
  const isStamped = statement.trustStores.some((each) => each.startsWith('tsa:'))
  const isOver = chain.some(({ notAfterMs }) => nowMs > notAfterMs)
  if (!isStamped || (statement.verifyTimestamp === 'afterCertExpiry' && !isOver)) {
    for (const each of chain) checkNow(each, nowMs)
    return
  }
  const stamped = stampOf(content, trustedOf(statement, 'tsa', ask))
  const { clock, http, signal } = ask
  const words = 'timestamping certificate with subject'
  await refuseRevoked(stamped, words, { clock, http, signal, signedMs: undefined })
}

function checkNow(certificate: Certificate, nowMs: number): void {
  const { notBeforeMs, notAfterMs } = certificate
  if (nowMs < notBeforeMs)
    throw new Unmet(
      `verification time is before certificate ${shownName(certificate)} validity period, it will be valid from "${rfc1123(notBeforeMs)}"`,
    )
  if (nowMs > notAfterMs)
    throw new Unmet(
      `verification time is after certificate ${shownName(certificate)} validity period, it was expired at "${rfc1123(notAfterMs)}"`,
    )
}

/** The chain of the authority that has stamped a signature. */
function stampOf(
  { timestamp, signature, chain }: SignedContent,
  trusted: readonly Certificate[],
): readonly Certificate[] {
  if (timestamp === undefined || timestamp.length === 0)
    throw new Unmet('no timestamp countersignature was found in the signature envelope')
  if (trusted.length === 0) throw new Unmet('no trusted TSA certificate found in trust store')
  try {
    const stamp = checkStamp(timestamp, signature, trusted)
    checkChain(stamp.chain, 'time')
    for (const each of chain) {
      const { notBeforeMs, notAfterMs } = each
      if (stamp.atMs - stamp.accuracyMs < notBeforeMs)
        throw new Unmet(
          `timestamp can be before certificate ${shownName(each)} validity period, it will be valid from "${rfc1123(notBeforeMs)}"`,
        )
      if (stamp.atMs + stamp.accuracyMs > notAfterMs)
        throw new Unmet(
          `timestamp can be after certificate ${shownName(each)} validity period, it was expired at "${rfc1123(notAfterMs)}"`,
        )
    }
    return stamp.chain
  } catch (error) {
    if (!(error instanceof BadTimestamp)) throw error
    throw new Unmet(
      `failed to verify the timestamp countersignature with error: ${error.message}`,
      {
        cause: error,
      },
    )
  }
}

async function refuseRevoked(
  chain: readonly Certificate[],
  words: string,
  ask: Parameters<typeof checkRevocation>[1],
): Promise<void> {
  const { standing, of } = await checkRevocation(chain, ask)
  const shown = of === undefined ? '""' : shownName(of)
  if (standing === 'revoked') throw new Unmet(`${words} ${shown} is revoked`)
  if (standing === 'unknown') throw new Unmet(`${words} ${shown} revocation status is unknown`)
}

function isSameTarget(payload: Buffer, target: Target): boolean {
  try {
    const { targetArtifact: named } = JSON.parse(payload.toString()) as {
      readonly targetArtifact?: Partial<Target>
    }
    return (
      named?.digest === target.digest &&
      named.size === target.size &&
      named.mediaType === target.mediaType
    )
  } catch {
    return false
  }
}

/** A time as Go's RFC1123Z has it. */
function rfc1123(ms: number): string {
  return new Date(ms).toUTCString().replace('GMT', '+0000')
}

function refuse(message: string): Error {
  return ociFault('OCI_VERIFY', message)
}
