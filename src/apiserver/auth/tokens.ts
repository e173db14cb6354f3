import { createHmac, timingSafeEqual } from 'node:crypto'
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../../object/index.ts'
import type { Core, User } from '../core.ts'

/** Who is asked in a token. */
export interface TokenClaims {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly audiences: readonly string[]
  readonly expiresAtMs: number
  readonly jti: string
  /** What the token goes with. */
  readonly bound?: BoundObject
}

/** An object that a token is bound to: the token is good for as long as that is there. */
export interface BoundObject {
  readonly kind: 'pod' | 'secret' | 'node'
  readonly name: string
  readonly uid: string
}

/** An object that is being deleted takes its tokens with it so much later. */
const LEEWAY_MS = 60_000
const TABLES = { pod: 'pods', secret: 'secrets', node: 'nodes' } as const

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
      ...(claims.bound === undefined
        ? {}
        : { [claims.bound.kind]: { name: claims.bound.name, uid: claims.bound.uid } }),
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
  if (!isThere(core, live, account)) return undefined
  const bound = boundIn(about)
  if (bound !== undefined) {
    const key = bound.kind === 'node' ? bound.name : `${namespace}/${bound.name}`
    if (!isThere(core, core.store.get(TABLES[bound.kind], key), { uid: bound.uid }))
      return undefined
  }
  const jti = payload?.['jti']
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    uid: String(account['uid']),
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
    extra: {
      'authentication.kubernetes.io/credential-id': [`JTI=${String(jti)}`],
      ...(bound === undefined || bound.kind === 'secret'
        ? {}
        : {
            [`authentication.kubernetes.io/${bound.kind}-name`]: [bound.name],
            [`authentication.kubernetes.io/${bound.kind}-uid`]: [bound.uid],
          }),
    },
  }
}

function boundIn(about: JsonObject): BoundObject | undefined {
  for (const kind of ['pod', 'secret', 'node'] as const) {
    const given = about[kind]
    if (isObject(given)) return { kind, name: String(given['name']), uid: String(given['uid']) }
  }
  return undefined
}

/** Whether an object is still the one that was meant, and not gone for long. */
function isThere(
  core: Pick<Core, 'clock'>,
  live: KubeObject | undefined,
  meant: JsonObject,
): boolean {
  if (live === undefined || live.metadata.uid !== meant['uid']) return false
  const { deletionTimestamp } = live.metadata
  if (deletionTimestamp === undefined) return true
  return core.clock.now() < Date.parse(deletionTimestamp) + LEEWAY_MS
}

function decode(body: string): JsonObject | undefined {
  try {
    const value = JSON.parse(Buffer.from(body, 'base64url').toString()) as Json
    return isObject(value) && !isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
