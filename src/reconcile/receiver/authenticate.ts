import { createHmac, timingSafeEqual } from 'node:crypto'
import type { HookCall, IssuerKeys, OidcProvider, Receiver } from '../../api/index.ts'
import { Fault, isFault } from '../../base/index.ts'
import type { Json } from '../../object/index.ts'
import { compileProvider } from './expressions.ts'
import { checkCdEvent, type PayloadRule, readPayload } from './payload.ts'
import { bearerToken, type Claims, issuerOf, verifyToken } from './token.ts'

/** What a call is checked with. */
export interface Proof {
  readonly receiver: Receiver
  readonly call: HookCall
  /** Data of the Receiver's Secret; undefined for a Receiver that has none. */
  readonly secret: Readonly<Record<string, Uint8Array>> | undefined
  readonly keys: IssuerKeys
  readonly nowMs: number
}

/** A call that is genuine. */
export interface Genuine {
  /** What filters see of it. */
  readonly body: Uint8Array
  readonly claims?: Claims
  /** What the sender says has happened; for the log. */
  readonly event?: string
}

const GOOGLE = 'https://accounts.google.com'
const GOOGLE_ISSUERS: readonly unknown[] = [GOOGLE, 'accounts.google.com']
const AUDIENCE = 'notification-controller'

/**
 * Checks that a call of a webhook comes from whom the Receiver expects, about what it handles.
 * @throws Fault HOOK
 * @see notification-controller internal/server/receiver_handlers.go validate (v1.9.3)
 */
export async function authenticate(proof: Proof): Promise<Genuine> {
  const { receiver } = proof
  if (receiver.spec.type === 'generic-oidc') return byIssuer(proof)
  const { secret } = proof
  const token = secret?.['token']
  if (token === undefined) throw refuse("invalid secret data: required field 'token'")
  return CHECKS[receiver.spec.type](proof, Buffer.from(token))
}

type Check = (proof: Proof, token: Buffer) => Genuine | Promise<Genuine>

const CHECKS: Readonly<Record<Exclude<Receiver['spec']['type'], 'generic-oidc'>, Check>> = {
  generic: ({ call }) => ({ body: call.body }),
  'generic-hmac': ({ call }, token) => {
    checkSignature(call.headers['x-signature'], call.body, token)
    return { body: call.body }
  },
  github: (proof, token) => byHub(proof, token, 'x-github-event'),
  bitbucket: (proof, token) => byHub(proof, token, 'x-event-key'),
  gitlab: ({ receiver, call }, token) => {
    if (!isSame(call.headers['x-gitlab-token'] ?? '', token))
      throw refuse('the X-Gitlab-Token header value does not match the receiver token')
    const event = call.headers['x-gitlab-event'] ?? ''
    checkEvent(receiver, event)
    return { body: call.body, event }
  },
  harbor: ({ call }, token) => {
    if (!isSame(call.headers['authorization'] ?? '', token))
      throw refuse('the Harbor Authorization header value does not match the receiver token')
    return { body: call.body }
  },
  nexus: ({ call }, token) => {
    const signature = call.headers['x-nexus-webhook-signature'] ?? ''
    if (signature === '') throw refuse('the Nexus signature is missing from header')
    const wanted = createHmac('sha1', token).update(call.body).digest('hex')
    if (token.length === 0 || !isSame(signature, Buffer.from(wanted)))
      throw refuse('invalid Nexus signature')
    readPayload(call.body, {
      words: 'cannot decode Nexus webhook payload',
      shape: { action: 'text', repositoryName: 'text' },
      isOneValue: true,
    })
    return { body: call.body }
  },
  dockerhub: ({ call }) =>
    payloadOf(call, {
      words: 'cannot decode DockerHub webhook payload',
      shape: { push_data: { tag: 'text' }, repository: { repo_url: 'text' } },
    }),
  quay: ({ call }) =>
    payloadOf(call, {
      words: 'cannot decode Quay webhook payload',
      shape: { docker_url: 'text', updated_tags: 'texts' },
    }),
  acr: ({ call }) =>
    payloadOf(call, {
      words: 'cannot decode ACR webhook payload',
      shape: { action: 'text', target: { repository: 'text', tag: 'text' } },
    }),
  gcr: byGoogle,
  cdevents: ({ receiver, call }) => {
    checkCdEvent(call.body)
    const event = call.headers['ce-type'] ?? ''
    checkEvent(receiver, event)
    return { body: call.body, event }
  },
}

/** GitHub, Gitea and Bitbucket Server sign alike. @see google/go-github github/messages.go (v64) */
function byHub({ receiver, call }: Proof, token: Buffer, eventHeader: string): Genuine {
  const body = hubPayload(call)
  const { headers } = call
  checkSignature(headers['x-hub-signature-256'] ?? headers['x-hub-signature'], call.body, token)
  const event = headers[eventHeader] ?? ''
  checkEvent(receiver, event)
  return { body, event }
}

function hubPayload({ headers, body }: HookCall): Uint8Array {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase()
  if (type === 'application/json') return body
  if (type !== 'application/x-www-form-urlencoded')
    throw refuse(`webhook request has unsupported Content-Type ${JSON.stringify(type)}`)
  const form = new URLSearchParams(Buffer.from(body).toString())
  return Buffer.from(form.get('payload') ?? '')
}

/** `sha256=<hex>`; sha1 and sha512 are taken as well. A token of no length signs nothing. */
function checkSignature(header: string | undefined, body: Uint8Array, token: Buffer): void {
  const [, algorithm = '', hex = ''] =
    /^(sha1|sha256|sha512)=([0-9a-fA-F]+)$/.exec(header ?? '') ?? []
  if (header === undefined || header === '') throw refuse('missing signature')
  if (algorithm === '') throw refuse('unknown hash type prefix of the signature')
  const wanted = createHmac(algorithm, token).update(body).digest('hex')
  if (token.length === 0 || !isSame(hex.toLowerCase(), Buffer.from(wanted)))
    throw refuse('payload signature check failed')
}

function checkEvent({ spec }: Receiver, event: string): void {
  const { events = [] } = spec
  const name = event.toLowerCase()
  if (events.length > 0 && !events.some((each) => each.toLowerCase() === name))
    throw refuse(`the event ${JSON.stringify(event)} is not authorised`)
}

function isSame(given: string, wanted: Uint8Array): boolean {
  const bytes = Buffer.from(given)
  return bytes.length === wanted.length && timingSafeEqual(bytes, wanted)
}

function payloadOf({ body }: HookCall, rule: PayloadRule): Genuine {
  readPayload(body, rule)
  return { body }
}

type JsonFields = Readonly<Record<string, unknown>>

function jsonObject(body: Uint8Array, words: string): JsonFields {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString())
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as JsonFields
  } catch {
    // Told below, like everything else that is no object.
  }
  throw refuse(words)
}

/** A push of Pub/Sub, whose token Google has signed; the event is wrapped in it. */
async function byGoogle({ call, secret, keys, nowMs }: Proof): Promise<Genuine> {
  const text = (key: string): string => Buffer.from(secret?.[key] ?? []).toString()
  const [email, audience] = [text('email'), text('audience')]
  if (email === '') throw refuse("invalid secret data: required field 'email' for GCR receiver")
  if (audience === '')
    throw refuse("invalid secret data: required field 'audience' for GCR receiver")
  const token = bearerToken(call.headers['authorization'])
  const issuer = issuerOf(token)
  if (!GOOGLE_ISSUERS.includes(issuer)) throw refuse('token issuer is not Google')
  const claims = await verifyToken(token, {
    issuer,
    audience,
    nowMs,
    keys: { keys: (_, kid) => keys.keys(GOOGLE, kid) },
  })
  if (claims['email'] !== email || claims['email_verified'] !== true)
    throw refuse('cannot authenticate GCR request: the token is for another account')
  const words = 'cannot decode GCR webhook payload'
  const { message } = jsonObject(call.body, words)
  const data = (message as { readonly data?: unknown } | undefined)?.data
  const body = Buffer.from(typeof data === 'string' ? data : '', 'base64')
  jsonObject(body, words)
  return { body }
}

async function byIssuer({ receiver, call, keys, nowMs }: Proof): Promise<Genuine> {
  const token = bearerToken(call.headers['authorization'])
  const issuer = issuerOf(token)
  const provider = receiver.spec.oidcProviders?.find(({ issuerURL }) => issuerURL === issuer)
  if (provider === undefined)
    throw refuse(`no oidcProvider configured for issuer ${JSON.stringify(issuer)}`)
  const { audience = '' } = provider
  const claims = await verifyToken(token, {
    issuer,
    audience: audience === '' ? AUDIENCE : audience,
    keys,
    nowMs,
  })
  checkClaims(provider, claims)
  return { body: call.body, claims }
}

function checkClaims(provider: OidcProvider, claims: Claims): void {
  const demands = compileProvider(provider)
  const vars: Record<string, Json> = {}
  try {
    for (const { name, program } of demands.variables)
      vars[name] = program.evaluate({ claims, vars }) as unknown as Json
    const failures = demands.validations
      .filter(({ program }) => !program.evaluateBool({ claims, vars }))
      .map(({ message }) => message)
    if (failures.length > 0) throw refuse(`token validation failed: ${failures.join('; ')}`)
  } catch (error) {
    if (isFault(error, 'HOOK') || !isFault(error)) throw error
    throw refuse(`failed to evaluate validation: ${error.message}`)
  }
}

function refuse(message: string): Fault {
  return new Fault({ code: 'HOOK', message })
}
