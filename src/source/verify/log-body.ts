import { createPublicKey, type KeyObject } from 'node:crypto'
import { type Certificate, readPemCertificates } from './certificate.ts'
import { BadDer } from './der.ts'
import { BadMessage, bytes, message, readMessage, type Shape, text } from './proto-json.ts'

/** What an entry of a log says, of the kinds that are known. */
export type BodyOfEntry =
  | { readonly version: 1; readonly kind: 'dsse' | 'hashedrekord'; readonly about: LoggedSignature }
  /** Its content counts for nothing: what it should be is made anew and compared by hash. */
  | { readonly version: 2 }

/** The signature that an entry of the first version is about. */
export interface LoggedSignature {
  readonly signature: Buffer
  /** The certificate or the key. */
  readonly signer: Certificate | KeyObject
  /** SHA-256 of what was signed, or of the content of the envelope. */
  readonly payloadHash: Buffer
}

const V2: Shape = {
  apiVersion: text,
  kind: text,
  spec: message({
    hashedRekordV002: message({
      data: message({ algorithm: text, digest: bytes }),
      signature: message({
        content: bytes,
        verifier: message({
          publicKey: message({ rawBytes: bytes }),
          x509Certificate: message({ rawBytes: bytes }),
          keyDetails: text,
        }),
      }),
    }),
  }),
}

interface V2Json {
  readonly apiVersion?: string
  readonly spec?: { readonly hashedRekordV002?: object }
}

interface V1Json {
  readonly kind?: string
  readonly apiVersion?: string
  readonly spec?: {
    readonly data?: { readonly hash?: HashJson }
    readonly signature?: {
      readonly content?: string
      readonly publicKey?: { readonly content?: string }
    }
    readonly payloadHash?: HashJson
    readonly signatures?: readonly { readonly signature?: string; readonly verifier?: string }[]
    readonly content?: {
      readonly payloadHash?: HashJson
      readonly envelope?: {
        readonly signatures?: readonly { readonly sig?: string; readonly publicKey?: string }[]
      }
    }
  }
}

interface HashJson {
  readonly algorithm?: string
  readonly value?: string
}

/**
 * Reads an entry of a log: dsse and intoto of the first version, hashedrekord of both.
 * @throws BadMessage
 * @see sigstore-go pkg/tlog/entry.go (v1.2), rekor pkg/types (v1.5)
 */
export function readBody(body: Buffer): BodyOfEntry {
  const given = body.toString()
  if (isSecond(given)) return { version: 2 }
  let json: V1Json
  try {
    json = JSON.parse(given) as V1Json
  } catch (error) {
    throw new BadMessage('entry body is not a recognizable Rekor v1 or Rekor v2 type', {
      cause: error,
    })
  }
  try {
    return first(json)
  } catch (error) {
    if (!(error instanceof BadDer) && !(error instanceof TypeError)) throw error
    throw new BadMessage('entry body cannot be read', { cause: error })
  }
}

function isSecond(given: string): boolean {
  try {
    const { apiVersion, spec } = readMessage<V2Json>(given, V2)
    return apiVersion === '0.0.2' && spec?.hashedRekordV002 !== undefined
  } catch (error) {
    if (error instanceof BadMessage) return false
    throw error
  }
}

function first({ kind, apiVersion, spec = {} }: V1Json): BodyOfEntry {
  if (kind === 'hashedrekord' && apiVersion === '0.0.1') {
    const { content, publicKey } = spec.signature ?? {}
    return { version: 1, kind, about: aboutOf(content, publicKey?.content, spec.data?.hash) }
  }
  if (kind === 'dsse' && apiVersion === '0.0.1') {
    const [one] = spec.signatures ?? []
    return { version: 1, kind, about: aboutOf(one?.signature, one?.verifier, spec.payloadHash) }
  }
  if (kind === 'intoto' && apiVersion === '0.0.2') {
    const { payloadHash, envelope } = spec.content ?? {}
    const [one] = envelope?.signatures ?? []
    const signature = Buffer.from(one?.sig ?? '', 'base64').toString()
    return { version: 1, kind: 'dsse', about: aboutOf(signature, one?.publicKey, payloadHash) }
  }
  throw new BadMessage('unsupported entry type')
}

function aboutOf(
  signature: string | undefined,
  signer: string | undefined,
  hash: HashJson | undefined,
): LoggedSignature {
  if (!signature || !signer) throw new BadMessage('nil value in transaction log entry')
  if (hash?.algorithm !== 'sha256' || !/^[0-9a-f]{64}$/.test(hash.value ?? ''))
    throw new BadMessage('unsupported hash in transaction log entry')
  return {
    signature: Buffer.from(signature, 'base64'),
    signer: signerIn(Buffer.from(signer, 'base64').toString()),
    payloadHash: Buffer.from(hash.value ?? '', 'hex'),
  }
}

function signerIn(pem: string): Certificate | KeyObject {
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
    try {
      return createPublicKey(pem)
    } catch (error) {
      throw new BadMessage('a key that cannot be read', { cause: error })
    }
  }
  const [certificate] = readPemCertificates(pem)
  if (certificate === undefined) throw new BadMessage('no certificate')
  return certificate
}
