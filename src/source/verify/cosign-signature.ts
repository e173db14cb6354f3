import { createHash, type KeyObject } from 'node:crypto'
import type { WantedSigner } from './bundle-check.ts'
import { type Certificate, readPemCertificates } from './certificate.ts'
import { isWithin } from './chain.ts'
import type { LogEntry } from './cosign-bundle.ts'
import { BadDer } from './der.ts'
import { isSignedBy } from './key-signature.ts'
import { readBody } from './log-body.ts'
import { BadMessage } from './proto-json.ts'
import { isPromised } from './signature-log.ts'
import { chainAt, checkExpiry, checkProof, hasProof, readSigner } from './signing-certificate.ts'
import type { TrustedRoot } from './trusted-root.ts'

/** A signature that lies in the registry beside an artifact, as cosign 2 writes it. */
export interface CosignSignature {
  readonly payload: Buffer
  readonly annotations: Readonly<Record<string, string>>
}

const SIGNATURE = 'dev.cosignproject.cosign/signature'
const CERTIFICATE = 'dev.sigstore.cosign/certificate'
const CHAIN = 'dev.sigstore.cosign/chain'
const BUNDLE = 'dev.sigstore.cosign/bundle'
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

interface Parts {
  readonly signature: Buffer
  readonly certificate: Certificate | undefined
  readonly entry: PromisedEntry | undefined
}

interface PromisedEntry extends LogEntry {
  readonly promise: Buffer
}

/**
 * Checks that a key has signed a payload that names a digest. No log is asked, as Flux asks none for
 * keys. Flux does not compare the digest either, so that a signature of one artifact, copied beside
 * another, counts there; here it never does.
 * @throws BadMessage
 * @see source-controller internal/oci/cosign/cosign.go IgnoreTlog (v1.9.1)
 */
export function checkKeySignature(
  given: CosignSignature,
  key: KeyObject,
  { digest, nowMs }: { readonly digest: string; readonly nowMs: number },
): void {
  const { signature, certificate } = partsOf(given)
  checkPayload(given.payload, key, signature)
  checkDigest(given.payload, digest)
  if (certificate !== undefined && !isWithin(certificate, nowMs))
    throw new BadMessage('expected a signed timestamp to verify an expired certificate')
}

/**
 * Checks that an identity has signed a payload that names a digest.
 * @throws BadMessage
 * @see cosign pkg/cosign/verify.go verifyInternal (v3.0)
 */
export function checkIdentitySignature(
  given: CosignSignature,
  root: TrustedRoot,
  wanted: readonly WantedSigner[],
  digest: string,
): void {
  const { signature, certificate, entry } = partsOf(given)
  // cosign asks the log itself then; here it is not asked.
  if (entry === undefined)
    throw new BadMessage('error verifying bundle: the signature has no entry of a log beside it')
  if (certificate === undefined) throw new BadMessage('error verifying bundle: empty key')
  checkEntry(entry, { payload: given.payload, signature, certificate }, root)
  const chain = chainAt(certificate, root, certificate.notBeforeMs)
  checkWanted(certificate, wanted)
  if (!hasProof(certificate))
    throw new BadMessage(
      'certificate does not include required embedded SCT and no detached SCT was set',
    )
  checkProof(chain, root)
  checkPayload(given.payload, certificate.key, signature)
  checkDigest(given.payload, digest)
  checkExpiry(chain, Number(entry.integratedTime) * 1000)
}

function partsOf({ annotations }: CosignSignature): Parts {
  const { [SIGNATURE]: text, [CERTIFICATE]: pem, [CHAIN]: chain, [BUNDLE]: bundle } = annotations
  if (text === undefined)
    throw new BadMessage(`signature layer is missing "${SIGNATURE}" annotation`)
  if (!BASE64.test(text)) throw new BadMessage('illegal base64 data')
  try {
    if (chain) readPemCertificates(chain)
    return {
      signature: Buffer.from(text, 'base64'),
      certificate: pem ? readPemCertificates(pem)[0] : undefined,
      entry: bundle ? entryIn(bundle) : undefined,
    }
  } catch (error) {
    if (!(error instanceof BadDer)) throw error
    throw new BadMessage(error.message, { cause: error })
  }
}

interface OldBundle {
  readonly SignedEntryTimestamp?: unknown
  readonly Payload?: {
    readonly body?: unknown
    readonly integratedTime?: unknown
    readonly logIndex?: unknown
    readonly logID?: unknown
  }
}

function entryIn(text: string): PromisedEntry {
  let json: OldBundle
  try {
    json = JSON.parse(text) as OldBundle
  } catch (error) {
    throw new BadMessage('unmarshaling bundle: it is no JSON', { cause: error })
  }
  const { SignedEntryTimestamp: promise, Payload: payload } = json
  const { body, integratedTime, logIndex, logID } = payload ?? {}
  if (typeof promise !== 'string' || typeof body !== 'string' || typeof logID !== 'string')
    throw new BadMessage('unmarshaling bundle: bundle payload body is not a string')
  if (!Number.isSafeInteger(integratedTime) || !Number.isSafeInteger(logIndex))
    throw new BadMessage('unmarshaling bundle: a number that is none')
  const bytes = Buffer.from(body, 'base64')
  return {
    logIndex: BigInt(logIndex as number),
    logId: Buffer.from(logID, 'hex'),
    integratedTime: BigInt(integratedTime as number),
    body: bytes,
    content: readBody(bytes),
    promise: Buffer.from(promise, 'base64'),
    inclusion: undefined,
  }
}

interface Logged {
  readonly payload: Buffer
  readonly signature: Buffer
  readonly certificate: Certificate
}

function checkEntry(
  entry: PromisedEntry,
  { payload, signature, certificate }: Logged,
  root: TrustedRoot,
): void {
  const words = 'error verifying bundle'
  const { content } = entry
  if (content.version !== 1 || content.kind !== 'hashedrekord')
    throw new BadMessage(`${words}: failed to extract signature from bundle: unsupported type`)
  const { about } = content
  if (!about.signature.equals(signature))
    throw new BadMessage(`${words}: signature in bundle does not match signature being verified`)
  if (!('raw' in about.signer) || !about.signer.raw.equals(certificate.raw))
    throw new BadMessage(`${words}: comparing public key PEMs`)
  if (!createHash('sha256').update(payload).digest().equals(about.payloadHash))
    throw new BadMessage(`${words}: matching bundle to payload`)
  // Entries of this kind have SHA-256, with which Ed25519 does not go.
  if (certificate.key.asymmetricKeyType === 'ed25519')
    throw new BadMessage(`${words}: unsupported hash algorithm: "SHA-256" not in [SHA-512]`)
  const log = root.signatureLogs.find(({ id }) => id.equals(entry.logId))
  const where = `${words}: verifying bundle with trusted root`
  if (log === undefined)
    throw new BadMessage(`${where}: rekor log public key not found for payload`)
  if (!log.isGoodAt(Number(entry.integratedTime) * 1000))
    throw new BadMessage(`${where}: rekor log public key not valid at payload integrated time`)
  if (!isPromised(entry, entry.promise, log)) throw new BadMessage(`${where}: unable to verify SET`)
}

function checkWanted(certificate: Certificate, wanted: readonly WantedSigner[]): void {
  const { issuer, subjects } = readSigner(certificate)
  const isWanted = wanted.some(
    (each) => each.issuer.matches(issuer) && subjects.some((name) => each.subject.matches(name)),
  )
  if (isWanted || wanted.length === 0) return
  throw new BadMessage(
    `none of the expected identities matched what was in the certificate, got subjects [${subjects.join(', ')}] with issuer ${issuer}`,
  )
}

function checkPayload(payload: Buffer, key: KeyObject, signature: Buffer): void {
  if (isSignedBy(key, payload, signature)) return
  throw new BadMessage('invalid signature when validating ASN.1 encoded signature')
}

/** Flux does not look at it; a signature of one artifact would count for any other. */
function checkDigest(payload: Buffer, digest: string): void {
  const named = namedDigest(payload)
  if (named === digest) return
  throw new BadMessage(`the signature is of another artifact: ${JSON.stringify(named ?? '')}`)
}

function namedDigest(payload: Buffer): unknown {
  try {
    const { critical } = JSON.parse(payload.toString()) as {
      critical?: { image?: Record<string, unknown> }
    }
    return critical?.image?.['docker-manifest-digest']
  } catch {
    return undefined
  }
}
