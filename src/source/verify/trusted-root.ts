import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { ociFault } from '../oci/fault.ts'

/** A log whose entries are believed. */
export interface TrustedLog {
  /** SHA-256 of its key. */
  readonly id: Buffer
  readonly key: KeyObject
  readonly isGoodAt: (ms: number) => boolean
}

/** An authority whose certificates are believed: issuer first, the one that it all hangs on last. */
export interface TrustedAuthority {
  readonly chain: readonly X509Certificate[]
  readonly isGoodAt: (ms: number) => boolean
}

/** What a Sigstore trusted root has. */
export interface TrustedRoot {
  readonly authorities: readonly TrustedAuthority[]
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
  readonly publicKey?: { readonly rawBytes?: string; readonly validFor?: Period }
  readonly logId?: { readonly keyId?: string }
}

interface RootJson {
  readonly mediaType?: string
  readonly tlogs?: readonly LogJson[]
  readonly ctlogs?: readonly LogJson[]
  readonly certificateAuthorities?: readonly {
    readonly certChain?: { readonly certificates?: readonly { readonly rawBytes?: string }[] }
    readonly validFor?: Period
  }[]
}

const WORDS = 'unable to parse trusted root'

/** What protojson says of a text that begins with no JSON value; its blank does not break. */
function protoJsonError(bytes: Uint8Array): string {
  const token = /^[-+._a-zA-Z0-9]{1,32}/.exec(Buffer.from(bytes).toString())?.[0]
  if (token === undefined) return 'it is no JSON'
  return `proto:\u00a0syntax error (line 1:1): invalid value ${token}`
}

/**
 * Reads a Sigstore trusted root (`application/vnd.dev.sigstore.trustedroot+json`).
 * @throws Fault OCI_VERIFY
 * @see sigstore/protobuf-specs protos/sigstore_trustroot.proto
 */
export function parseTrustedRoot(bytes: Uint8Array): TrustedRoot {
  let json: RootJson
  try {
    json = JSON.parse(Buffer.from(bytes).toString()) as RootJson
  } catch (error) {
    throw ociFault(
      'OCI_VERIFY',
      `${WORDS}: failed to proto-json unmarshal trusted root: ${protoJsonError(bytes)}`,
      error,
    )
  }
  try {
    const { tlogs = [], ctlogs = [], certificateAuthorities = [] } = json
    if (tlogs.length === 0)
      throw ociFault(
        'OCI_VERIFY',
        'unable to extract Rekor URL from trusted root: no transparency log entries found in trusted root',
      )
    return {
      signatureLogs: tlogs.map(logOf),
      certificateLogs: ctlogs.map(logOf),
      authorities: certificateAuthorities.map(({ certChain, validFor }) => ({
        chain: (certChain?.certificates ?? []).map(
          ({ rawBytes = '' }) => new X509Certificate(Buffer.from(rawBytes, 'base64')),
        ),
        isGoodAt: during(validFor),
      })),
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'OCI_VERIFY') throw error
    throw ociFault('OCI_VERIFY', `${WORDS}: a key or certificate is none`, error)
  }
}

function logOf({ publicKey = {}, logId }: LogJson): TrustedLog {
  const bytes = Buffer.from(publicKey.rawBytes ?? '', 'base64')
  const told = Buffer.from(logId?.keyId ?? '', 'base64')
  return {
    id: told.length > 0 ? told : createHash('sha256').update(bytes).digest(),
    key: createPublicKey({ key: bytes, format: 'der', type: 'spki' }),
    isGoodAt: during(publicKey.validFor),
  }
}

function during({ start, end }: Period = {}): (ms: number) => boolean {
  const from = start === undefined ? Number.NEGATIVE_INFINITY : Date.parse(start)
  const to = end === undefined ? Number.POSITIVE_INFINITY : Date.parse(end)
  return (ms) => from <= ms && ms <= to
}
