import { constants, type KeyObject, verify } from 'node:crypto'
import { BadCbor, CborTag, type CborValue, cborHead, readCbor } from './cbor.ts'
import { type Certificate, readCertificate } from './certificate.ts'
import { BadDer } from './der.ts'

/** That an envelope does not hold. Callers make a fault of it. */
export class BadEnvelope extends Error {}

/** What an envelope says, once its signature is found good. */
export interface SignedContent {
  readonly payload: Buffer
  readonly contentType: string
  readonly scheme: Scheme
  readonly algorithm: string
  readonly signature: Buffer
  readonly signedMs: number
  readonly expiryMs: number | undefined
  /** Leaf first. */
  readonly chain: readonly Certificate[]
  readonly timestamp: Buffer | undefined
  /** The program that must judge it, where one is named. */
  readonly plugin: string | undefined
}

type Scheme = 'notary.x509' | 'notary.x509.signingAuthority'

export const JWS = 'application/jose+json'
export const COSE = 'application/cose'
const EXPIRY = 'io.cncf.notary.expiry'
const SIGNED_AT = 'io.cncf.notary.signingTime'
const AUTHENTIC_AT = 'io.cncf.notary.authenticSigningTime'
const SCHEME = 'io.cncf.notary.signingScheme'
const TIMESTAMP = 'io.cncf.notary.timestampSignature'
const PLUGIN = 'io.cncf.notary.verificationPlugin'
const CHAIN_MAX = 16
const COSE_NAMES: ReadonlyMap<CborValue, string> = new Map([
  [-37, 'PS256'],
  [-38, 'PS384'],
  [-39, 'PS512'],
  [-7, 'ES256'],
  [-35, 'ES384'],
  [-36, 'ES512'],
])

/**
 * Reads an envelope and checks its signature with the key of its first certificate.
 * @throws BadEnvelope
 * @see notation-core-go signature/jws, signature/cose (v1.3)
 */
export function readEnvelope(mediaType: string, bytes: Buffer): SignedContent {
  try {
    if (mediaType === JWS) return readJws(bytes.toString())
    if (mediaType === COSE) return readCose(bytes)
  } catch (error) {
    if (error instanceof BadCbor)
      throw new BadEnvelope(`unable to parse the digital signature, error : cbor: ${error.message}`)
    if (!(error instanceof BadDer)) throw error
    throw new BadEnvelope(`x509: ${error.message}`, { cause: error })
  }
  throw new BadEnvelope(
    `unable to parse the digital signature, error : signature envelope format with media type ${JSON.stringify(mediaType)} is not supported`,
  )
}

/** The algorithm that goes with a key; undefined where there is none. */
export function algorithmFor(key: KeyObject): string | undefined {
  const { modulusLength, namedCurve = '' } = key.asymmetricKeyDetails ?? {}
  const rsa: Readonly<Record<number, string>> = { 2048: 'PS256', 3072: 'PS384', 4096: 'PS512' }
  const ec: Readonly<Record<string, string>> = {
    prime256v1: 'ES256',
    secp384r1: 'ES384',
    secp521r1: 'ES512',
  }
  if (key.asymmetricKeyType === 'rsa') return rsa[modulusLength ?? 0]
  return key.asymmetricKeyType === 'ec' ? ec[namedCurve] : undefined
}

function isSigned(key: KeyObject, algorithm: string, data: Buffer, signature: Buffer): boolean {
  const hash = `sha${algorithm.slice(2)}`
  const padding = {
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_AUTO,
  }
  try {
    return algorithm.startsWith('PS')
      ? key.asymmetricKeyType === 'rsa' && verify(hash, data, { key, ...padding }, signature)
      : key.asymmetricKeyType === 'ec' &&
          verify(hash, data, { key, dsaEncoding: 'ieee-p1363' }, signature)
  } catch {
    return false
  }
}

interface JwsJson {
  readonly payload?: string
  readonly protected?: string
  readonly signature?: string
  readonly header?: {
    readonly x5c?: readonly string[]
    readonly [TIMESTAMP]?: string
  }
}

const URL64 = /^[A-Za-z0-9_-]*$/

function readJws(text: string): SignedContent {
  const {
    payload = '',
    protected: head = '',
    signature = '',
    header = {},
  } = parse<JwsJson>(text, 'unable to parse the digital signature, error : ')
  const chain = chainOf((header.x5c ?? []).map((each) => Buffer.from(each, 'base64')))
  const fields = parse<Record<string, unknown>>(
    Buffer.from(head, 'base64url').toString(),
    'signature is invalid. Error: ',
  )
  const algorithm = fields['alg']
  const bytes = Buffer.from(signature, 'base64url')
  const isGood =
    typeof algorithm === 'string' &&
    /^[PE]S(256|384|512)$/.test(algorithm) &&
    [head, payload, signature].every((part) => URL64.test(part)) &&
    chain[0] !== undefined &&
    isSigned(chain[0].key, algorithm, Buffer.from(`${head}.${payload}`), bytes)
  const kind = chain[0]?.key.asymmetricKeyType === 'ec' ? 'ecdsa' : 'rsa'
  if (!isGood)
    throw new BadEnvelope(`signature is invalid. Error: crypto/${kind}: verification error`)
  const critical = fields['crit']
  const { [TIMESTAMP]: stamp } = header
  return contentOf({
    fields: new Map(Object.entries(fields)),
    critical: Array.isArray(critical) ? critical : [],
    contentType: fields['cty'],
    algorithm,
    signature: bytes,
    payload: Buffer.from(payload, 'base64url'),
    chain,
    timestamp: stamp === undefined ? undefined : Buffer.from(stamp, 'base64'),
    timeOf: (value) => (typeof value === 'string' ? timeOf(value) : undefined),
  })
}

function parse<T>(text: string, words: string): T {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as T
  } catch (error) {
    throw new BadEnvelope(`${words}it is no JSON`, { cause: error })
  }
  throw new BadEnvelope(`${words}it is no object`)
}

/** Times are written as RFC 3339 has it. */
function timeOf(text: string): number | undefined {
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text)
  const ms = isTime ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}

const COSE_SIGN1 = 18

function readCose(bytes: Buffer): SignedContent {
  const outer = readCbor(bytes)
  const parts = outer instanceof CborTag && outer.tag === COSE_SIGN1 ? outer.value : undefined
  const [raw, unprotected, payload, signature] = Array.isArray(parts) ? (parts as CborValue[]) : []
  if (
    !Buffer.isBuffer(raw) ||
    !(unprotected instanceof Map) ||
    !Buffer.isBuffer(payload) ||
    !Buffer.isBuffer(signature)
  )
    throw new BadEnvelope(
      'unable to parse the digital signature, error : cbor: invalid COSE_Sign1_Tagged object',
    )
  const fields = readCbor(raw)
  if (!(fields instanceof Map)) throw new BadCbor('the protected header is no map')
  const x5chain: unknown = (unprotected as ReadonlyMap<CborValue, CborValue>).get(33)
  const chain = chainOf(
    Array.isArray(x5chain) ? x5chain.filter((each) => Buffer.isBuffer(each)) : [],
  )
  const algorithm = COSE_NAMES.get(fields.get(1))
  const key = chain[0]?.key
  const signed = Buffer.concat([
    Buffer.from([0x84]),
    cborHead(3, 10),
    Buffer.from('Signature1'),
    cborHead(2, raw.length),
    raw,
    cborHead(2, 0),
    cborHead(2, payload.length),
    payload,
  ])
  // The key says how it signs; the header may not say otherwise.
  if (
    key === undefined ||
    algorithm === undefined ||
    algorithmFor(key) !== algorithm ||
    !isSigned(key, algorithm, signed, signature)
  )
    throw new BadEnvelope('signature is invalid. Error: verification error')
  const critical: unknown = fields.get(2)
  const stamp: unknown = (unprotected as ReadonlyMap<CborValue, CborValue>).get(TIMESTAMP)
  return contentOf({
    fields,
    critical: Array.isArray(critical) ? critical : [],
    contentType: fields.get(3),
    algorithm,
    signature,
    payload,
    chain,
    timestamp: Buffer.isBuffer(stamp) ? stamp : undefined,
    timeOf: (value) =>
      value instanceof CborTag && value.tag === 1 && typeof value.value === 'number'
        ? value.value * 1000
        : undefined,
  })
}

function chainOf(all: readonly Buffer[]): readonly Certificate[] {
  if (all.length === 0) throw new BadEnvelope('certificate chain is not present')
  if (all.length > CHAIN_MAX) throw new BadEnvelope('certificate chain is too long')
  return all.map(readCertificate)
}

interface RawContent {
  readonly fields: ReadonlyMap<unknown, unknown>
  readonly critical: readonly unknown[]
  readonly contentType: unknown
  readonly algorithm: string
  readonly signature: Buffer
  readonly payload: Buffer
  readonly chain: readonly Certificate[]
  readonly timestamp: Buffer | undefined
  readonly timeOf: (value: unknown) => number | undefined
}

function contentOf(raw: RawContent): SignedContent {
  const { fields, critical, timeOf: time, contentType, payload } = raw
  const scheme = fields.get(SCHEME)
  if (scheme !== 'notary.x509' && scheme !== 'notary.x509.signingAuthority')
    throw new BadEnvelope(`unsupported SigningScheme: \`${String(scheme)}\``)
  checkHeaders(fields, critical, scheme)
  if (typeof contentType !== 'string') throw new BadEnvelope('missing content type')
  if (payload.length === 0) throw new BadEnvelope('content not present')
  const signedMs = time(fields.get(scheme === 'notary.x509' ? SIGNED_AT : AUTHENTIC_AT))
  if (signedMs === undefined) throw new BadEnvelope('signing-time not present')
  const expiryMs = fields.has(EXPIRY) ? time(fields.get(EXPIRY)) : undefined
  if (fields.has(EXPIRY) && expiryMs === undefined) throw new BadEnvelope('invalid expiry')
  if (expiryMs !== undefined && expiryMs <= signedMs)
    throw new BadEnvelope('expiry cannot be equal or before the signing time')
  return { ...raw, contentType, scheme, signedMs, expiryMs, plugin: pluginOf(fields, critical) }
}

function checkHeaders(
  fields: ReadonlyMap<unknown, unknown>,
  critical: readonly unknown[],
  scheme: Scheme,
): void {
  const isX509 = scheme === 'notary.x509'
  const [wrong, needed] = isX509 ? [AUTHENTIC_AT, undefined] : [SIGNED_AT, AUTHENTIC_AT]
  if (fields.has(wrong))
    throw new BadEnvelope(
      `${JSON.stringify(wrong)} header must not be present for ${scheme} signing scheme`,
    )
  if (critical.length === 0) throw new BadEnvelope('missing "crit" header')
  const absent = critical.find((each) => !fields.has(each))
  if (absent !== undefined)
    throw new BadEnvelope(`${JSON.stringify(absent)} header is marked critical but not present`)
  const must = [SCHEME, ...(fields.has(EXPIRY) ? [EXPIRY] : []), ...(needed ? [needed] : [])]
  const unmarked = must.filter((each) => !critical.includes(each))
  if (unmarked.length > 0)
    throw new BadEnvelope(
      `these required headers are not marked as critical: [${unmarked.join(' ')}]`,
    )
}

function pluginOf(
  fields: ReadonlyMap<unknown, unknown>,
  critical: readonly unknown[],
): string | undefined {
  const name = fields.get(PLUGIN)
  if (name === undefined) return undefined
  if (!critical.includes(PLUGIN))
    throw new BadEnvelope(`${PLUGIN} is not a critical Extended attribute`)
  if (typeof name !== 'string')
    throw new BadEnvelope(`${PLUGIN} from extended attribute is not a string`)
  if (name.trim() === '')
    throw new BadEnvelope(`${PLUGIN} from extended attribute is an empty string`)
  return name
}
