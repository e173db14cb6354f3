import { createHmac, timingSafeEqual } from 'node:crypto'
import { isArray, isObject, type Json, type JsonObject } from '../../object/index.ts'
import type { Core, User } from '../core.ts'

/** Who is asked in a token. */
export interface TokenClaims {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly audiences: readonly string[]
  readonly expiresAtMs: number
  readonly jti: string
}

/** Hands out and reads tokens. */
export interface Tokens {
  issue(claims: TokenClaims): string
  /**
   * Who holds a token; undefined for one that is false, over, of an account that is gone, or for none of
   * these audiences: the server itself unless others are named.
   */
  review(token: string, audiences?: readonly string[]): User | undefined
}

const ISSUER = 'https://kubernetes.default.svc'

/** Tokens: those given at the start, and those of service accounts, signed with a key of their own. */
export function createTokens(
  core: Pick<Core, 'clock' | 'store'>,
  options: { readonly key: Buffer; readonly given: Readonly<Record<string, User>> },
): Tokens {
  const sign = (text: string): Buffer => createHmac('sha256', options.key).update(text).digest()
  return {
    issue: (claims) => {
      const head = encode({ alg: 'HS256', typ: 'JWT' })
      const body = encode(payloadOf(claims, core.clock.now()))
      return `${head}.${body}.${sign(`${head}.${body}`).toString('base64url')}`
    },
    review: (token, audiences = [ISSUER]) => {
      if (Object.hasOwn(options.given, token)) return options.given[token]
      const [head = '', body = '', signature = ''] = token.split('.')
      const expected = sign(`${head}.${body}`)
      const given = Buffer.from(signature, 'base64url')
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
      return accountOf(core, body, audiences)
    },
  }
}

function payloadOf(claims: TokenClaims, nowMs: number): JsonObject {
  const now = Math.floor(nowMs / 1000)
  return {
    aud: claims.audiences,
    exp: Math.floor(claims.expiresAtMs / 1000),
    iat: now,
    iss: ISSUER,
    jti: claims.jti,
    'kubernetes.io': {
      namespace: claims.namespace,
      serviceaccount: { name: claims.name, uid: claims.uid },
    },
    nbf: now,
    sub: `system:serviceaccount:${claims.namespace}:${claims.name}`,
  }
}

function encode(value: Json): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function accountOf(
  core: Pick<Core, 'clock' | 'store'>,
  body: string,
  audiences: readonly string[],
): User | undefined {
  const payload = decode(body)
  const isFor = isArray(payload?.['aud']) ? payload['aud'] : []
  if (!isFor.some((audience) => audiences.includes(String(audience)))) return undefined
  const about = isObject(payload?.['kubernetes.io']) ? payload['kubernetes.io'] : {}
  const account = isObject(about['serviceaccount']) ? about['serviceaccount'] : {}
  const namespace = String(about['namespace'])
  const name = String(account['name'])
  if (Number(payload?.['exp']) * 1000 <= core.clock.now()) return undefined
  const live = core.store.get('serviceaccounts', `${namespace}/${name}`)
  if (live === undefined || live.metadata.uid !== account['uid']) return undefined
  const jti = payload?.['jti']
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    uid: String(account['uid']),
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
    extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${String(jti)}`] },
  }
}

function decode(body: string): JsonObject | undefined {
  try {
    const value = JSON.parse(Buffer.from(body, 'base64url').toString()) as Json
    return isObject(value) && !isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
