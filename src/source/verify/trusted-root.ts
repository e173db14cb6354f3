import { createPublicKey, type KeyObject } from 'node:crypto'
import { ociFault } from '../oci/fault.ts'
import { type Certificate, readCertificate } from './certificate.ts'
import { BadDer } from './der.ts'
import {
  BadMessage,
  bytes,
  list,
  message,
  protoJsonError,
  readMessage,
  type Shape,
  text,
} from './proto-json.ts'

/** A log whose entries are believed. */
export interface TrustedLog {
  readonly id: Buffer
  readonly key: KeyObject
  readonly baseUrl: string
  readonly isGoodAt: (ms: number) => boolean
}

/** An authority whose certificates are believed. */
export interface TrustedAuthority {
  readonly root: Certificate
  readonly intermediates: readonly Certificate[]
  /** Of an authority for timestamps: the one that signs, where it is told. */
  readonly leaf: Certificate | undefined
  readonly isGoodAt: (ms: number) => boolean
}

/** What a Sigstore trusted root has. */
export interface TrustedRoot {
  readonly authorities: readonly TrustedAuthority[]
  readonly timestampAuthorities: readonly TrustedAuthority[]
  /** Logs of signatures (Rekor). */
  readonly signatureLogs: readonly TrustedLog[]
  /** Logs of certificates. */
  readonly certificateLogs: readonly TrustedLog[]
}

interface Period {
  readonly start?: string
  readonly end?: string
}

interface LogJson {
  readonly baseUrl?: string
  readonly hashAlgorithm?: string
  readonly publicKey?: {
    readonly rawBytes?: Buffer
    readonly keyDetails?: string
    readonly validFor?: Period
  }
  readonly logId?: { readonly keyId?: Buffer }
}

interface AuthorityJson {
  readonly uri?: string
  readonly certChain?: { readonly certificates?: readonly { readonly rawBytes?: Buffer }[] }
  readonly validFor?: Period
}

interface RootJson {
  readonly mediaType?: string
  readonly tlogs?: readonly LogJson[]
  readonly ctlogs?: readonly LogJson[]
  readonly certificateAuthorities?: readonly AuthorityJson[]
  readonly timestampAuthorities?: readonly AuthorityJson[]
}

const PERIOD = message({ start: text, end: text })
const KEY_ID = message({ keyId: bytes })
const LOG = message({
  baseUrl: text,
  hashAlgorithm: text,
  publicKey: message({ rawBytes: bytes, keyDetails: text, validFor: PERIOD }),
  logId: KEY_ID,
  checkpointKeyId: KEY_ID,
  operator: text,
})
const AUTHORITY = message({
  subject: message({ organization: text, commonName: text }),
  uri: text,
  certChain: message({ certificates: list(message({ rawBytes: bytes })) }),
  validFor: PERIOD,
  operator: text,
})
const ROOT: Shape = {
  mediaType: text,
  tlogs: list(LOG),
  ctlogs: list(LOG),
  certificateAuthorities: list(AUTHORITY),
  timestampAuthorities: list(AUTHORITY),
}

const MEDIA_TYPE = 'application/vnd.dev.sigstore.trustedroot+json;version=0.1'
const WORDS = 'unable to parse trusted root'
const NO_ADDRESS = 'unable to extract Rekor URL from trusted root'
const KINDS: readonly {
  readonly details: RegExp
  readonly type: string
  readonly wrong: string
}[] = [
  { details: /^PKIX_ECDSA_P(256_SHA_256|384_SHA_384|521_SHA_512)$/, type: 'ec', wrong: 'ECDSA' },
  { details: /^PKIX_RSA_PKCS1V15_(2048|3072|4096)_SHA256$/, type: 'rsa', wrong: 'RSA' },
  { details: /^PKCS1_RSA_PKCS1V5$/, type: 'rsa', wrong: 'RSA' },
  { details: /^PKIX_ED25519$/, type: 'ed25519', wrong: 'RSA' },
]

/**
 * Reads a Sigstore trusted root (`application/vnd.dev.sigstore.trustedroot+json`).
 * @throws Fault OCI_VERIFY
 * @see sigstore-go pkg/root/trusted_root.go (v1.2); sigstore/protobuf-specs sigstore_trustroot.proto
 */
export function parseTrustedRoot(given: Uint8Array): TrustedRoot {
  const root = guarded(() => readRoot(Buffer.from(given).toString()))
  if (root.signatureLogs.length === 0)
    throw refuse(`${NO_ADDRESS}: no transparency log entries found in trusted root`)
  if (root.signatureLogs.every(({ baseUrl }) => baseUrl === ''))
    throw refuse(`${NO_ADDRESS}: no transparency log entry with a BaseURL found in trusted root`)
  return root
}

function guarded(read: () => TrustedRoot): TrustedRoot {
  try {
    return read()
  } catch (error) {
    if (error instanceof BadDer)
      throw ociFault('OCI_VERIFY', `${WORDS}: x509: ${error.message}`, error)
    if (error instanceof BadMessage)
      throw ociFault('OCI_VERIFY', `${WORDS}: ${error.message}`, error)
    throw error
  }
}

function readRoot(given: string): TrustedRoot {
  let json: RootJson
  try {
    json = readMessage<RootJson>(given, ROOT)
  } catch (error) {
    if (!(error instanceof BadMessage)) throw error
    throw new BadMessage(
      `failed to proto-json unmarshal trusted root: ${protoJsonError(given, error)}`,
    )
  }
  const { mediaType = '', tlogs = [], ctlogs = [] } = json
  if (mediaType !== MEDIA_TYPE)
    throw new BadMessage(`unsupported TrustedRoot media type: ${mediaType}`)
  return {
    signatureLogs: tlogs.map(logOf),
    authorities: (json.certificateAuthorities ?? []).map((each) => authorityOf(each, false)),
    timestampAuthorities: (json.timestampAuthorities ?? []).map((each) => authorityOf(each, true)),
    certificateLogs: ctlogs.map(logOf),
  }
}

function logOf({ baseUrl = '', hashAlgorithm, publicKey, logId }: LogJson): TrustedLog {
  const { rawBytes, keyDetails = 'PUBLIC_KEY_DETAILS_UNSPECIFIED', validFor } = publicKey ?? {}
  if (hashAlgorithm !== 'SHA2_256')
    throw new BadMessage(
      `unsupported tlog hash algorithm: ${hashAlgorithm ?? 'HASH_ALGORITHM_UNSPECIFIED'}`,
    )
  if (logId === undefined) throw new BadMessage('tlog missing log ID')
  if (logId.keyId === undefined) throw new BadMessage('tlog missing log ID key ID')
  if (publicKey === undefined) throw new BadMessage('tlog missing public key')
  if (rawBytes === undefined) throw new BadMessage('tlog missing public key raw bytes')
  const kind = KINDS.find(({ details }) => details.test(keyDetails))
  if (kind === undefined) throw new BadMessage(`unsupported tlog public key type: ${keyDetails}`)
  const type = keyDetails.startsWith('PKCS1') ? 'pkcs1' : 'spki'
  let key: KeyObject
  try {
    key = createPublicKey({ key: rawBytes, format: 'der', type })
  } catch (error) {
    throw new BadMessage(`failed to parse public key for tlog: ${baseUrl}`, { cause: error })
  }
  if (key.asymmetricKeyType !== kind.type)
    throw new BadMessage(`tlog public key is not ${kind.wrong}: ${keyDetails}`)
  if (validFor === undefined) throw new BadMessage('tlog missing public key validity period')
  if (validFor.start === undefined)
    throw new BadMessage('tlog missing public key validity period start time')
  return { id: logId.keyId, key, baseUrl, isGoodAt: during(validFor) }
}

function authorityOf({ certChain, validFor }: AuthorityJson, isForTime: boolean): TrustedAuthority {
  if (certChain === undefined) throw new BadMessage('CertificateAuthority missing cert chain')
  const chain = (certChain.certificates ?? []).map(({ rawBytes }) =>
    readCertificate(rawBytes ?? Buffer.alloc(0)),
  )
  const root = chain.at(-1)
  if (root === undefined) throw new BadMessage('CertificateAuthority cert chain is empty')
  const first = chain[0]
  const leaf = isForTime && chain.length > 1 && first?.isAuthority === false ? first : undefined
  const intermediates = chain.slice(leaf === undefined ? 0 : 1, -1)
  return { root, intermediates, leaf, isGoodAt: during(validFor) }
}

function during({ start, end }: Period = {}): (ms: number) => boolean {
  const [from, to] = [
    timeOf(start, Number.NEGATIVE_INFINITY),
    timeOf(end, Number.POSITIVE_INFINITY),
  ]
  return (ms) => from <= ms && ms <= to
}

function timeOf(given: string | undefined, none: number): number {
  if (given === undefined) return none
  const ms = Date.parse(given)
  if (Number.isNaN(ms)) throw new BadMessage('invalid google.protobuf.Timestamp value')
  return ms
}

function refuse(words: string): Error {
  return ociFault('OCI_VERIFY', words)
}
