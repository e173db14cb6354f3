import {
  constants,
  createPublicKey,
  type JsonWebKey,
  type VerifyKeyObjectInput,
  verify,
} from 'node:crypto'
import type { IssuerKey, IssuerKeys } from '../../api/index.ts'
import { Fault } from '../../base/index.ts'

/** What a token says, once it is known to be genuine. */
export type Claims = Readonly<Record<string, unknown>>

/** Where a token must come from, and whom it must be for. */
export interface TokenDemand {
  readonly issuer: string
  readonly audience: string
  readonly keys: IssuerKeys
  readonly nowMs: number
}

const TOKEN_LENGTH_MAX = 16_384
const EARLY_S = 300

interface Parts {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Claims
  readonly signed: Buffer
  readonly signature: Buffer
}

/** The token of an `Authorization: Bearer` header. @throws Fault HOOK */
export function bearerToken(header: string | undefined): string {
  if (header?.startsWith('Bearer ') !== true)
    throw refuse('the Authorization header is missing or malformed')
  const token = header.slice('Bearer '.length).trim()
  if (token !== '') return token
  throw refuse('the Authorization header is missing a bearer token')
}

/** The issuer that a token names; nobody has checked it. @throws Fault HOOK */
export function issuerOf(token: string): string {
  const { iss } = parse(token).claims
  if (typeof iss === 'string' && iss !== '') return iss
  throw refuse("failed to parse bearer token: token is missing the 'iss' claim")
}

/**
 * Checks signature, issuer, audience and time of a token.
 * @throws Fault HOOK
 * @see coreos/go-oidc oidc/verify.go (v3)
 */
export async function verifyToken(token: string, demand: TokenDemand): Promise<Claims> {
  const parts = parse(token)
  const { header, claims } = parts
  const kid = typeof header['kid'] === 'string' ? header['kid'] : undefined
  const keys = await demand.keys.keys(demand.issuer, kid)
  const fitting = keys.filter(
    (key) => kid === undefined || key.kid === undefined || key.kid === kid,
  )
  if (!fitting.some((key) => isSigned(parts, key)))
    throw refuse('failed to verify OIDC token: failed to verify signature')
  if (claims['iss'] !== demand.issuer) throw refuse('failed to verify OIDC token: another issuer')
  const { aud } = claims
  if (aud !== demand.audience && !(Array.isArray(aud) && aud.includes(demand.audience)))
    throw refuse(`failed to verify OIDC token: expected audience "${demand.audience}"`)
  const now = demand.nowMs / 1000
  const { exp, nbf } = claims
  if (typeof exp !== 'number' || exp < now)
    throw refuse('failed to verify OIDC token: token is expired')
  if (typeof nbf === 'number' && nbf > now + EARLY_S)
    throw refuse('failed to verify OIDC token: token is not valid yet')
  return claims
}

function parse(token: string): Parts {
  const [head = '', body = '', signature, ...more] = token.split('.')
  if (signature === undefined || more.length > 0 || token.length > TOKEN_LENGTH_MAX)
    throw refuse('failed to parse bearer token: token is not a JWT')
  return {
    header: json(head),
    claims: json(body),
    signed: Buffer.from(`${head}.${body}`),
    signature: Buffer.from(signature, 'base64url'),
  }
}

function json(part: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Readonly<Record<string, unknown>>
  } catch {
    // Told below, like everything else that is no object.
  }
  throw refuse('failed to parse bearer token: failed to parse token payload')
}

type Padding = Pick<VerifyKeyObjectInput, 'padding' | 'saltLength' | 'dsaEncoding'>
const PSS = {
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
}

/** By `alg`: hash, type of key, and how the signature is laid out. `none` and HMAC are not there. */
const ALGORITHMS: Readonly<Record<string, readonly [string | null, string, Padding]>> = {
  RS256: ['sha256', 'rsa', {}],
  RS384: ['sha384', 'rsa', {}],
  RS512: ['sha512', 'rsa', {}],
  PS256: ['sha256', 'rsa', PSS],
  PS384: ['sha384', 'rsa', PSS],
  PS512: ['sha512', 'rsa', PSS],
  ES256: ['sha256', 'ec', { dsaEncoding: 'ieee-p1363' }],
  ES384: ['sha384', 'ec', { dsaEncoding: 'ieee-p1363' }],
  ES512: ['sha512', 'ec', { dsaEncoding: 'ieee-p1363' }],
  EdDSA: [null, 'ed25519', {}],
}

function isSigned({ header, signed, signature }: Parts, jwk: IssuerKey): boolean {
  const name = String(header['alg'])
  const algorithm = Object.hasOwn(ALGORITHMS, name) ? ALGORITHMS[name] : undefined
  if (algorithm === undefined) return false
  const [hash, type, layout] = algorithm
  try {
    const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })
    return key.asymmetricKeyType === type && verify(hash, signed, { key, ...layout }, signature)
  } catch {
    return false
  }
}

function refuse(message: string): Fault {
  return new Fault({ code: 'HOOK', message })
}
