import { createHash, KeyObject } from 'node:crypto'
import type { Certificate } from './certificate.ts'
import { isFirstVersion, readFirstCheckpoint, readSecondCheckpoint } from './checkpoint.ts'
import type { Inclusion, LogEntry } from './cosign-bundle.ts'
import { hashOfKey, isSignedBy } from './key-signature.ts'
import type { LoggedSignature } from './log-body.ts'
import { checkInclusion, leafHash } from './merkle.ts'
import { BadMessage } from './proto-json.ts'
import type { TrustedLog, TrustedRoot } from './trusted-root.ts'

/** What entries must be about. */
export interface LoggedEnvelope {
  readonly payload: Buffer
  /** What the envelope signs. */
  readonly signed: Buffer
  readonly signature: Buffer
  readonly signer: Certificate | KeyObject
  /** Says whether whoever signed could at a time. */
  readonly isGoodAt: (ms: number) => boolean
}

const SHOWN: Readonly<Record<string, string>> = {
  sha256: 'SHA2_256',
  sha384: 'SHA2_384',
  sha512: 'SHA2_512',
}
const DETAILS: Readonly<Record<string, string>> = {
  sha256: 'PKIX_ECDSA_P256_SHA_256',
  sha384: 'PKIX_ECDSA_P384_SHA_384',
  sha512: 'PKIX_ECDSA_P521_SHA_512',
}

/**
 * Checks that a trusted log has an entry about a signature; answers the times that logs have signed.
 * @throws BadMessage
 * @see sigstore-go pkg/verify/tlog.go VerifyTlogEntry (v1.2)
 */
export function checkEntries(
  entries: readonly LogEntry[],
  about: LoggedEnvelope,
  root: TrustedRoot,
): readonly number[] {
  const places = entries.map(({ logId, logIndex }) => `${logId.toString('hex')} ${logIndex}`)
  if (new Set(places).size < places.length) throw new BadMessage('duplicate tlog entries found')
  const timesMs: number[] = []
  let found = 0
  for (const entry of entries) {
    const log = root.signatureLogs.find(({ id }) => id.equals(entry.logId))
    if (log === undefined) continue
    const { promise, inclusion, integratedTime } = entry
    if (promise === undefined && inclusion === undefined)
      throw new BadMessage('entry must contain an inclusion proof and/or promise')
    if (entry.content.version === 2 && inclusion === undefined)
      throw new BadMessage('rekor v2 entries must have an inclusion proof')
    if (promise !== undefined && !isPromised(entry, promise, log)) continue
    if (inclusion !== undefined) checkIncluded(entry, inclusion, log, about)
    if (entry.content.version === 1) checkAbout(entry.content, about)
    const atMs = Number(integratedTime) * 1000
    if (integratedTime !== 0n && !about.isGoodAt(atMs))
      throw new BadMessage('integrated time outside certificate validity')
    found++
    if (promise !== undefined) timesMs.push(atMs)
  }
  if (found > 0) return timesMs
  throw new BadMessage('not enough verified log entries from transparency log: 0 < 1')
}

/** A promise of the log, which is what signs the time. */
export function isPromised(
  entry: Pick<LogEntry, 'body' | 'integratedTime' | 'logId' | 'logIndex'>,
  promise: Buffer,
  log: TrustedLog,
): boolean {
  const { body, integratedTime, logId, logIndex } = entry
  if (log.key.asymmetricKeyType !== 'ec' || !log.isGoodAt(Number(integratedTime) * 1000))
    return false
  const told = `{"body":${JSON.stringify(body.toString('base64'))},"integratedTime":${integratedTime},"logID":"${logId.toString('hex')}","logIndex":${logIndex}}`
  return isSignedBy(log.key, Buffer.from(told), promise)
}

function checkIncluded(
  entry: LogEntry,
  proof: Inclusion,
  log: TrustedLog,
  about: LoggedEnvelope,
): void {
  const { hashes, checkpoint: envelope } = proof
  const { version } = entry.content
  if (isFirstVersion(envelope)) {
    // Of an entry of the second version the content is not compared, so that its hash must be ours.
    const leaf = version === 1 ? leafHash(entry.body) : secondLeaf(about)
    checkInclusion(leaf, { index: proof.index, size: proof.treeSize, hashes }, proof.rootHash)
    const { rootHash } = readFirstCheckpoint(envelope, log.key)
    if (!rootHash.equals(proof.rootHash))
      throw new BadMessage(
        `proof root hash does not match signed tree head, expected ${proof.rootHash.toString('hex')} got ${rootHash.toString('hex')}`,
      )
    return
  }
  if (log.baseUrl === '')
    throw new BadMessage(
      "cannot verify Rekor v2 entry without baseUrl in transparency log's trusted root",
    )
  const leaf = secondLeaf(about)
  guarded('verifying log entry', () => {
    const { size, rootHash } = readSecondCheckpoint(envelope, log.key, hostOf(log.baseUrl))
    guarded('verifying inclusion', () =>
      checkInclusion(leaf, { index: entry.logIndex, size, hashes }, rootHash),
    )
  })
}

function guarded(what: string, check: () => void): void {
  try {
    check()
  } catch (error) {
    if (!(error instanceof BadMessage)) throw error
    throw new BadMessage(`${what}: ${error.message}`, { cause: error })
  }
}

function hostOf(url: string): string {
  try {
    return new URL(url).hostname
  } catch (error) {
    throw new BadMessage('loading note verifier: invalid name ', { cause: error })
  }
}

/** The entry as the second version of the log must have it, made of what is in the bundle. */
function secondLeaf({ signed, signature, signer }: LoggedEnvelope): Buffer {
  const isKey = signer instanceof KeyObject
  const key = isKey ? signer : signer.key
  const hash = hashOfKey(key)
  if (hash === undefined) throw new BadMessage('getting algorithm details from bundle key')
  const rawBytes = (isKey ? key.export({ type: 'spki', format: 'der' }) : signer.raw).toString(
    'base64',
  )
  const verifier = isKey
    ? { keyDetails: detailsOf(key, hash), publicKey: { rawBytes } }
    : { keyDetails: detailsOf(key, hash), x509Certificate: { rawBytes } }
  const data = {
    algorithm: SHOWN[hash],
    digest: createHash(hash).update(signed).digest('base64'),
  }
  const content = signature.toString('base64')
  const spec = { hashedRekordV002: { data, signature: { content, verifier } } }
  return leafHash(Buffer.from(JSON.stringify({ apiVersion: '0.0.2', kind: 'hashedrekord', spec })))
}

function detailsOf(key: KeyObject, hash: string): string | undefined {
  if (key.asymmetricKeyType === 'ed25519') return 'PKIX_ED25519_PH'
  const { modulusLength } = key.asymmetricKeyDetails ?? {}
  return key.asymmetricKeyType === 'rsa'
    ? `PKIX_RSA_PKCS1V15_${modulusLength}_SHA256`
    : DETAILS[hash]
}

function checkAbout(
  { kind, about }: { readonly kind: string; readonly about: LoggedSignature },
  { payload, signature, signer }: LoggedEnvelope,
): void {
  if (!about.signature.equals(signature))
    throw new BadMessage('transparency log signature does not match')
  if (!isSameSigner(about.signer, signer))
    throw new BadMessage('transparency log certificate does not match')
  if (kind !== 'dsse')
    throw new BadMessage('transparency log rekor v1 entry is not a dsse_v001 or intoto_v002 entry')
  const hash = createHash('sha256').update(payload).digest()
  if (!hash.equals(about.payloadHash))
    throw new BadMessage(
      `transparency log dsse/intoto entry payload hash ${hash.toString('hex')} does not match envelope payload hash ${about.payloadHash.toString('hex')}`,
    )
}

function isSameSigner(a: Certificate | KeyObject, b: Certificate | KeyObject): boolean {
  if (a instanceof KeyObject) return b instanceof KeyObject && a.equals(b)
  return !(b instanceof KeyObject) && a.raw.equals(b.raw)
}
