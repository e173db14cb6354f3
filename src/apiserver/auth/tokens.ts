import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../../object/index.ts'
import type { Core, User } from '../core.ts'
import { signerFrom } from './signer.ts'

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
  /** The node of the pod that it goes with; without a uid where there is no such node. */
  readonly node?: { readonly name: string; readonly uid?: string }
}

/** An object that a token is bound to: the token is good for as long as that is there. */
export interface BoundObject {
  readonly kind: 'pod' | 'secret' | 'node'
  readonly name: string
  readonly uid: string
}

/** Tokens end so much later than they say, as clocks differ, and so much after what they go with. */
const LEEWAY_MS = 60_000
const TABLES = { pod: 'pods', secret: 'secrets', node: 'nodes' } as const

/** Who is asked in a token that lies in a Secret. */
export interface LastingClaims {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly secret: string
}

/** Hands out and reads tokens. */
export interface Tokens {
  issue(claims: TokenClaims): string
  /** A token that is kept in a Secret and is good for as long as that has it. */
  issueLasting(claims: LastingClaims): string
  /**
   * Who holds a token; undefined for one that is false, over, of an account that is gone, or for none of
   * these audiences: the server itself unless others are named.
   */
  review(token: string, audiences?: readonly string[]): User | undefined
  /** Why a token is refused, in the words of the API server. */
  refusal(token: string, audiences: readonly string[]): string
  /** The keys to check tokens with, for others. */
  readonly keys: JsonObject
}

/** Who hands out the tokens of service accounts; also whom they are for, unless that is said. */
export const ISSUER = 'https://kubernetes.default.svc'

/** Who hands out those that lie in Secrets. */
const LASTING_ISSUER = 'kubernetes/serviceaccount'
const LASTING = 'kubernetes.io/serviceaccount/'

const FALSE = 'invalid bearer token'

/** Tokens: those given at the start, and those of service accounts, signed with a key of their own. */
export function createTokens(
  core: Pick<Core, 'clock' | 'store'>,
  options: { readonly key: Buffer; readonly given: Readonly<Record<string, User>> },
): Tokens {
  const signer = signerFrom(options.key)
  const read = (token: string, audiences: readonly string[]): User | string => {
    if (Object.hasOwn(options.given, token)) return options.given[token] ?? FALSE
    const [head = '', body = '', signature = ''] = token.split('.')
    const payload = decode(body)
    const isLasting = payload?.['iss'] === LASTING_ISSUER
    if (payload === undefined || (payload['iss'] !== ISSUER && !isLasting)) return FALSE
    if (decode(head)?.['kid'] !== signer.kid) return `[${FALSE}, invalid signature, no keys found]`
    if (!signer.verify(`${head}.${body}`, signature))
      return `[${FALSE}, go-jose/go-jose: error in cryptographic primitive]`
    const found = isLasting
      ? lastingAccountOf(core, payload, { token, audiences })
      : accountOf(core, payload, audiences)
    return typeof found === 'string' ? `[${FALSE}, ${found}]` : found
  }
  const signed = (payload: JsonObject): string => {
    const text = `${encode({ alg: 'ES256', kid: signer.kid })}.${encode(payload)}`
    return `${text}.${signer.sign(text)}`
  }
  return {
    issue: (claims) => signed(payloadOf(claims, core.clock.now())),
    issueLasting: (claims) => signed(lastingPayload(claims)),
    review: (token, audiences = [ISSUER]) => {
      const found = read(token, audiences)
      return typeof found === 'string' ? undefined : found
    },
    refusal: (token, audiences) => {
      const found = read(token, audiences)
      return typeof found === 'string' ? found : ''
    },
    keys: { keys: [signer.jwk] },
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
      ...(claims.node === undefined ? {} : { node: { ...claims.node } }),
    },
    nbf: now,
    sub: `system:serviceaccount:${claims.namespace}:${claims.name}`,
  }
}

function lastingPayload({ namespace, name, uid, secret }: LastingClaims): JsonObject {
  return {
    iss: LASTING_ISSUER,
    [`${LASTING}namespace`]: namespace,
    [`${LASTING}secret.name`]: secret,
    [`${LASTING}service-account.name`]: name,
    [`${LASTING}service-account.uid`]: uid,
    sub: `system:serviceaccount:${namespace}:${name}`,
  }
}

/**
 * Whom a token of a Secret is of, or why it is refused.
 * @see kubernetes pkg/serviceaccount/legacy.go (v1.36.3)
 */
function lastingAccountOf(
  core: Pick<Core, 'clock' | 'store'>,
  payload: JsonObject,
  of: { readonly token: string; readonly audiences: readonly string[] },
): User | string {
  if (!of.audiences.includes(ISSUER))
    return `token audiences ${quoted([ISSUER])} is invalid for the target audiences ${quoted(of.audiences)}`
  const claim = (name: string): string => String(payload[`${LASTING}${name}`])
  const [namespace, secretName] = [claim('namespace'), claim('secret.name')]
  const name = claim('service-account.name')
  const uid = claim('service-account.uid')
  const secret = core.store.get('secrets', `${namespace}/${secretName}`)
  if (secret === undefined || secret.metadata.deletionTimestamp !== undefined)
    return 'service account token has been invalidated'
  const data = isObject(secret['data'] as Json) ? (secret['data'] as JsonObject) : {}
  if (Buffer.from(String(data['token'] ?? ''), 'base64').toString() !== of.token)
    return "service account token does not match server's copy"
  const wrong = goneAccount(core, { namespace, name, uid })
  if (wrong !== undefined) return wrong
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
  }
}

function encode(value: Json): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** Whom a token is of, or why it is refused. */
function accountOf(
  core: Pick<Core, 'clock' | 'store'>,
  payload: JsonObject,
  audiences: readonly string[],
): User | string {
  const isFor = isArray(payload['aud']) ? payload['aud'].map(String) : []
  if (!isFor.some((audience) => audiences.includes(audience)))
    return `token audiences ${quoted(isFor)} is invalid for the target audiences ${quoted(audiences)}`
  if (Number(payload['exp']) * 1000 + LEEWAY_MS <= core.clock.now())
    return 'service account token has expired'
  const about = isObject(payload['kubernetes.io']) ? payload['kubernetes.io'] : {}
  const account = isObject(about['serviceaccount']) ? about['serviceaccount'] : {}
  const namespace = String(about['namespace'])
  const name = String(account['name'])
  const wrong = goneAccount(core, { namespace, name, uid: account['uid'] })
  if (wrong !== undefined) return wrong
  const bound = boundIn(about)
  if (bound !== undefined && !isBound(core, namespace, bound))
    return 'service account token has been invalidated'
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    uid: String(account['uid']),
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
    extra: {
      'authentication.kubernetes.io/credential-id': [`JTI=${String(payload['jti'])}`],
      ...extraOf(about, 'node'),
      ...extraOf(about, 'pod'),
    },
  }
}

function quoted(texts: readonly string[]): string {
  return `[${texts.map((each) => JSON.stringify(each)).join(' ')}]`
}

function extraOf(about: JsonObject, kind: 'pod' | 'node'): Record<string, readonly string[]> {
  const of = about[kind]
  if (!isObject(of)) return {}
  const uid = of['uid']
  return {
    [`authentication.kubernetes.io/${kind}-name`]: [String(of['name'])],
    ...(typeof uid === 'string' ? { [`authentication.kubernetes.io/${kind}-uid`]: [uid] } : {}),
  }
}

/** Why the account of a token is not the one that it was; undefined when it is. */
function goneAccount(
  core: Pick<Core, 'clock' | 'store'>,
  of: { readonly namespace: string; readonly name: string; readonly uid: Json | undefined },
): string | undefined {
  const live = core.store.get('serviceaccounts', `${of.namespace}/${of.name}`)
  if (live === undefined) return `serviceaccounts ${JSON.stringify(of.name)} not found`
  if (live.metadata.uid !== of.uid)
    return `service account UID (${live.metadata.uid}) does not match claim (${String(of.uid)})`
  return isThere(core, live, { uid: of.uid ?? null })
    ? undefined
    : `service account ${of.namespace}/${of.name} has been deleted`
}

function isBound(
  core: Pick<Core, 'clock' | 'store'>,
  namespace: string,
  bound: BoundObject,
): boolean {
  const key = bound.kind === 'node' ? bound.name : `${namespace}/${bound.name}`
  return isThere(core, core.store.get(TABLES[bound.kind], key), { uid: bound.uid })
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
