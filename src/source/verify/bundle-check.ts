import type { KeyObject } from 'node:crypto'
import type { Certificate } from './certificate.ts'
import { isWithin } from './chain.ts'
import { certificateOf, type Envelope, isAbout, type SignatureBundle } from './cosign-bundle.ts'
import { isSignedBy, isSignedByCertified } from './key-signature.ts'
import { BadMessage } from './proto-json.ts'
import { checkEntries } from './signature-log.ts'
import { chainAt, checkProof, readSigner } from './signing-certificate.ts'
import { BadTimestamp, checkTimestampResponse } from './timestamp.ts'
import type { TrustedRoot } from './trusted-root.ts'

/** Whom one wants to have signed. */
export interface WantedSigner {
  readonly issuer: Pattern
  readonly subject: Pattern
}

export interface Pattern {
  readonly text: string
  readonly matches: (text: string) => boolean
}

const IN_TOTO = 'application/vnd.in-toto+json'

/**
 * Checks that a key has signed a bundle about a digest. Logs do not count then.
 * @throws BadMessage
 */
export function checkKeyBundle(bundle: SignatureBundle, key: KeyObject, digest: string): void {
  if (bundle.certificate !== undefined)
    throw new BadMessage('expected key signature, not certificate')
  checkEnvelope(bundle.envelope, digest, (signed, signature) => isSignedBy(key, signed, signature))
}

/**
 * Checks that an identity has signed a bundle about a digest: log, time, certificate, its proof, the
 * signature, the statement, and who it was.
 * @throws BadMessage
 * @see sigstore-go pkg/verify/signed_entity.go Verify (v1.2), cosign pkg/cosign/verify.go (v3.0)
 */
export function checkIdentityBundle(
  bundle: SignatureBundle,
  root: TrustedRoot,
  wanted: readonly WantedSigner[],
  digest: string,
): void {
  const one = oneWanted(wanted)
  const { envelope, certificate: raw } = bundle
  if (raw === undefined)
    throw new BadMessage(
      'SCTs required but bundle is signed with a public key, which cannot contain SCTs',
    )
  const certificate = step('failed to verify log inclusion', () => certificateOf(raw))
  const timesMs = timesOf(bundle, certificate, root)
  const signer = readSigner(certificate)
  if (signer.subject === '')
    throw new BadMessage('failed to summarize certificate: no Subject Alternative Name found')
  const chains = timesMs.map((atMs) =>
    step('failed to verify leaf certificate', () => chainAt(certificate, root, atMs)),
  )
  step('failed to verify signed certificate timestamp', () => checkProof(chains.at(-1) ?? [], root))
  checkEnvelope(envelope, digest, (signed, signature) =>
    isSignedByCertified(certificate.key, signed, signature),
  )
  checkSigner(signer, one)
}

/** cosign weighs one identity only, and asks for both of its patterns. */
function oneWanted(wanted: readonly WantedSigner[]): WantedSigner {
  const [one] = wanted
  if (wanted.length > 1)
    throw new BadMessage('unsupported: multiple identities are not supported at this time')
  if (one === undefined)
    throw new BadMessage(
      "failed to build policy: can't verify identities without providing at least one identity",
    )
  if (one.subject.text === '')
    throw new BadMessage(
      'when verifying a certificate identity, there must be subject alternative name criteria',
    )
  if (one.issuer.text === '')
    throw new BadMessage('when verifying a certificate identity, must specify Issuer criteria')
  return one
}

/** When it was signed: as logs of the first version have it, or authorities where there are none. */
function timesOf(
  bundle: SignatureBundle,
  certificate: Certificate,
  root: TrustedRoot,
): readonly number[] {
  const { entries, envelope, timestamps } = bundle
  const [one] = envelope?.signatures ?? []
  const signature = one?.sig ?? Buffer.alloc(0)
  const logged = step('failed to verify log inclusion', () =>
    checkEntries(
      entries,
      {
        payload: envelope?.payload ?? Buffer.alloc(0),
        signed: envelope === undefined ? Buffer.alloc(0) : preAuthentication(envelope),
        signature,
        signer: certificate,
        isGoodAt: (atMs) => isWithin(certificate, atMs),
      },
      root,
    ),
  )
  const isUntimed =
    entries.length > 0 && entries.every(({ integratedTime }) => integratedTime === 0n)
  if (isUntimed) return stampedTimes(timestamps, signature, root)
  if (logged.length > 0) return logged
  throw new BadMessage(
    'failed to verify timestamps: threshold not met for verified log entry integrated timestamps: 0 < 1',
  )
}

function stampedTimes(
  timestamps: readonly Buffer[],
  signature: Buffer,
  root: TrustedRoot,
): readonly number[] {
  const wrong: string[] = []
  const found = timestamps.flatMap((each) => {
    for (const { root: anchor, intermediates, leaf, isGoodAt } of root.timestampAuthorities) {
      try {
        const { atMs } = checkTimestampResponse(each, signature, {
          roots: [anchor],
          intermediates,
          ...(leaf === undefined ? {} : { signer: leaf }),
        })
        if (isGoodAt(atMs)) return [atMs]
        wrong.push('timestamp is outside of the validity period of the authority')
      } catch (error) {
        if (!(error instanceof BadTimestamp)) throw error
        wrong.push(error.message)
      }
    }
    return []
  })
  if (found.length > 0) return found
  throw new BadMessage(
    `failed to verify timestamps: threshold not met for verified signed timestamps: 0 < 1; error: unable to verify signed timestamps: ${wrong.join('\n')}`,
  )
}

/** What an envelope signs. @see https://github.com/secure-systems-lab/dsse/blob/master/protocol.md */
function preAuthentication({ payload, payloadType }: Envelope): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `
  return Buffer.concat([Buffer.from(head), payload])
}

function checkEnvelope(
  envelope: Envelope | undefined,
  digest: string,
  isSigned: (signed: Buffer, signature: Buffer) => boolean,
): void {
  if (envelope === undefined) throw new BadMessage('bundle does not contain a DSSE envelope')
  const [one] = envelope.signatures
  step('failed to verify signature', () => {
    if (one === undefined || envelope.signatures.length !== 1)
      throw new BadMessage('exactly one signature is required')
    // A signature that names its key is weighed with that key only; ours have no names.
    if (one.keyid !== '' || !isSigned(preAuthentication(envelope), one.sig))
      throw new BadMessage(
        'could not verify envelope: accepted signatures do not match threshold, Found: 0, Expected 1',
      )
    if (envelope.payloadType !== IN_TOTO)
      throw new BadMessage(
        'could not verify artifact: unable to extract statement from envelope: validation error: unsupported media type',
      )
    if (!isAbout(envelope.payload, digest))
      throw new BadMessage('provided artifact digest does not match any digest in statement')
  })
}

function checkSigner(
  { issuer, subject }: { readonly issuer: string; readonly subject: string },
  wanted: WantedSigner,
): void {
  const words =
    'failed to verify certificate identity: no matching CertificateIdentity found, last error'
  for (const [what, pattern, value] of [
    ['SAN', wanted.subject, subject],
    ['issuer', wanted.issuer, issuer],
  ] as const)
    if (!pattern.matches(value))
      throw new BadMessage(
        `${words}: expected ${what} value to match regex "${pattern.text}", got "${value}"`,
      )
}

/** Tells in which step something went wrong. */
function step<T>(what: string, take: () => T): T {
  try {
    return take()
  } catch (error) {
    if (!(error instanceof BadMessage)) throw error
    throw new BadMessage(`${what}: ${error.message}`, { cause: error })
  }
}
