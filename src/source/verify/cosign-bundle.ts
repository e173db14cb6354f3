import { type Certificate, readCertificate } from './certificate.ts'
import { BadDer } from './der.ts'
import { type BodyOfEntry, readBody } from './log-body.ts'
import {
  anything,
  BadMessage,
  bytes,
  int64,
  list,
  mapOf,
  message,
  readMessage,
  type Shape,
  text,
} from './proto-json.ts'

/** A signature and what proves it, as cosign 3 and other tools of Sigstore write them. */
export interface SignatureBundle {
  readonly envelope: Envelope | undefined
  /** Absent where a key has signed. */
  readonly certificate: Buffer | undefined
  readonly entries: readonly LogEntry[]
  /** Responses of timestamp authorities. */
  readonly timestamps: readonly Buffer[]
}

/** @see https://github.com/secure-systems-lab/dsse/blob/master/envelope.md */
export interface Envelope {
  readonly payload: Buffer
  readonly payloadType: string
  readonly signatures: readonly { readonly sig: Buffer; readonly keyid: string }[]
}

/** An entry of a log of signatures (Rekor), as bundles have it. */
export interface LogEntry {
  readonly logIndex: bigint
  readonly logId: Buffer
  /** Seconds; 0 where the log does not tell. */
  readonly integratedTime: bigint
  /** The entry itself, as it was hashed. */
  readonly body: Buffer
  readonly content: BodyOfEntry
  /** The log's promise to take it in. */
  readonly promise: Buffer | undefined
  readonly inclusion: Inclusion | undefined
}

/** Proof that an entry is in the log. */
export interface Inclusion {
  readonly index: bigint
  readonly treeSize: bigint
  readonly rootHash: Buffer
  readonly hashes: readonly Buffer[]
  /** What the log has signed of its tree. */
  readonly checkpoint: string
}

const ENTRIES_MAX = 32
const TIMESTAMPS_MAX = 32
const MEDIA_TYPE =
  /^application\/vnd\.dev\.sigstore\.bundle(?:\+json;version=0\.3|\.v0\.3(?:\.\d+)?(?:-[-.0-9A-Za-z]+)?\+json)$/

const CERTIFICATE = message({ rawBytes: bytes })
const ENTRY = message({
  logIndex: int64,
  logId: message({ keyId: bytes }),
  kindVersion: message({ kind: text, version: text }),
  integratedTime: int64,
  inclusionPromise: message({ signedEntryTimestamp: bytes }),
  inclusionProof: message({
    logIndex: int64,
    rootHash: bytes,
    treeSize: int64,
    hashes: list(bytes),
    checkpoint: message({ envelope: text }),
  }),
  canonicalizedBody: bytes,
})
const BUNDLE: Shape = {
  mediaType: text,
  verificationMaterial: message({
    publicKey: message({ hint: text }),
    x509CertificateChain: message({ certificates: list(CERTIFICATE) }),
    certificate: CERTIFICATE,
    tlogEntries: list(ENTRY),
    timestampVerificationData: message({
      rfc3161Timestamps: list(message({ signedTimestamp: bytes })),
    }),
  }),
  messageSignature: message({
    messageDigest: message({ algorithm: text, digest: bytes }),
    signature: bytes,
  }),
  dsseEnvelope: message({
    payload: bytes,
    payloadType: text,
    signatures: list(message({ sig: bytes, keyid: text })),
  }),
}
const STATEMENT: Shape = {
  _type: text,
  subject: list(
    message({
      name: text,
      uri: text,
      digest: mapOf(text),
      content: bytes,
      downloadLocation: text,
      mediaType: text,
      annotations: anything,
    }),
  ),
  predicateType: text,
  predicate: anything,
}

interface EntryJson {
  readonly logIndex?: bigint
  readonly logId?: { readonly keyId?: Buffer }
  readonly kindVersion?: object
  readonly integratedTime?: bigint
  readonly inclusionPromise?: { readonly signedEntryTimestamp?: Buffer }
  readonly inclusionProof?: {
    readonly logIndex?: bigint
    readonly rootHash?: Buffer
    readonly treeSize?: bigint
    readonly hashes?: readonly Buffer[]
    readonly checkpoint?: { readonly envelope?: string }
  }
  readonly canonicalizedBody?: Buffer
}

interface BundleJson {
  readonly mediaType?: string
  readonly verificationMaterial?: {
    readonly publicKey?: object
    readonly certificate?: { readonly rawBytes?: Buffer }
    readonly tlogEntries?: readonly EntryJson[]
    readonly timestampVerificationData?: {
      readonly rfc3161Timestamps?: readonly { readonly signedTimestamp?: Buffer }[]
    }
  }
  readonly messageSignature?: object
  readonly dsseEnvelope?: {
    readonly payload?: Buffer
    readonly payloadType?: string
    readonly signatures?: readonly { readonly sig?: Buffer; readonly keyid?: string }[]
  }
}

/**
 * Reads a bundle of version 0.3; older ones are none here, as for cosign.
 * @throws BadMessage
 * @see sigstore-go pkg/bundle/bundle.go (v1.2)
 */
export function readBundle(given: string): SignatureBundle {
  const bundle = readMessage<BundleJson>(given, BUNDLE)
  if (!MEDIA_TYPE.test(bundle.mediaType ?? '')) throw new BadMessage('unsupported media type')
  const {
    certificate,
    publicKey,
    tlogEntries = [],
    timestampVerificationData,
  } = bundle.verificationMaterial ?? {}
  if (tlogEntries.length > ENTRIES_MAX) throw new BadMessage('too many tlog entries')
  const entries = tlogEntries.map(entryOf)
  if (entries.length > 0 && entries.every(({ inclusion }) => inclusion === undefined))
    throw new BadMessage('inclusion proof missing in bundle (required for bundle v0.2)')
  const { dsseEnvelope: envelope, messageSignature } = bundle
  if ((envelope === undefined) === (messageSignature === undefined))
    throw new BadMessage('missing bundle content')
  if ((certificate === undefined) === (publicKey === undefined))
    throw new BadMessage('missing verification material')
  const stamps = timestampVerificationData?.rfc3161Timestamps ?? []
  if (stamps.length > TIMESTAMPS_MAX) throw new BadMessage('too many signed timestamps')
  return {
    envelope: envelope === undefined ? undefined : envelopeOf(envelope),
    certificate: certificate === undefined ? undefined : (certificate.rawBytes ?? Buffer.alloc(0)),
    entries,
    timestamps: stamps.map(({ signedTimestamp = Buffer.alloc(0) }) => signedTimestamp),
  }
}

function envelopeOf(json: NonNullable<BundleJson['dsseEnvelope']>): Envelope {
  return {
    payload: json.payload ?? Buffer.alloc(0),
    payloadType: json.payloadType ?? '',
    signatures: (json.signatures ?? []).map(({ sig = Buffer.alloc(0), keyid = '' }) => ({
      sig,
      keyid,
    })),
  }
}

function entryOf(json: EntryJson): LogEntry {
  const { logIndex = 0n, logId, kindVersion, canonicalizedBody, inclusionProof: proof } = json
  const { integratedTime = 0n } = json
  if (
    canonicalizedBody === undefined ||
    logIndex < 0n ||
    logId?.keyId === undefined ||
    kindVersion === undefined
  )
    throw new BadMessage('nil value in transaction log entry')
  const checkpoint = proof?.checkpoint?.envelope ?? ''
  if (proof !== undefined && checkpoint === '')
    throw new BadMessage('inclusion proof missing required checkpoint')
  const promise = json.inclusionPromise?.signedEntryTimestamp
  return {
    logIndex,
    logId: logId.keyId,
    integratedTime,
    body: canonicalizedBody,
    content: readBody(canonicalizedBody),
    promise: promise === undefined || promise.length === 0 ? undefined : promise,
    inclusion:
      proof === undefined
        ? undefined
        : {
            index: proof.logIndex ?? 0n,
            treeSize: proof.treeSize ?? 0n,
            rootHash: proof.rootHash ?? Buffer.alloc(0),
            hashes: proof.hashes ?? [],
            checkpoint,
          },
  }
}

/** The certificate of a bundle. @throws BadMessage */
export function certificateOf(raw: Buffer): Certificate {
  try {
    return readCertificate(raw)
  } catch (error) {
    if (!(error instanceof BadDer)) throw error
    throw new BadMessage('validation error: x509: malformed certificate', { cause: error })
  }
}

const SUBJECTS_MAX = 1024
const DIGESTS_MAX = 32

/**
 * Says whether a statement speaks of a digest, `sha256:<hex>`.
 * @throws BadMessage
 */
export function isAbout(payload: Buffer, digest: string): boolean {
  const { subject = [] } = readMessage<{
    readonly subject?: readonly { readonly digest?: Readonly<Record<string, string>> }[]
  }>(payload.toString(), STATEMENT)
  if (subject.length > SUBJECTS_MAX) throw new BadMessage('too many subjects')
  const [algorithm = '', hex = ''] = digest.split(':')
  let isNamed = false
  for (const { digest: digests = {} } of subject) {
    if (Object.keys(digests).length > DIGESTS_MAX) throw new BadMessage('too many digests')
    for (const [name, value] of Object.entries(digests)) {
      if (!/^(?:[0-9a-fA-F]{2})*$/.test(value))
        throw new BadMessage('could not verify artifact: unable to decode subject digest')
      if (name === algorithm && value.toLowerCase() === hex) isNamed = true
    }
  }
  return isNamed
}
