import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { type Clock, compareText, isFault } from '../../base/index.ts'
import { goNetError } from '../go-net-error.ts'
import { type HttpClient, readBody } from '../http-client.ts'
import type { Proxy } from '../proxy.ts'
import type { SecretData } from '../secret-data.ts'
import { tlsMaterial } from './credentials.ts'
import { gitFault } from './fault.ts'

/** Who asks, and with what. */
export interface GithubAppRequest {
  readonly data: SecretData
  readonly proxy?: Proxy
  readonly signal: AbortSignal
}

/** Gives the credentials that the data of a GitHub App leads to. */
export type GithubApp = (request: GithubAppRequest) => Promise<SecretData>

interface App {
  readonly id: string
  readonly installation: string
  readonly owner: string
  readonly key: KeyObject
  /** Without a slash at its end. */
  readonly base: string
}

interface Token {
  readonly token: string
  readonly expiresMs: number
}

const API = 'https://api.github.com'
const USER = 'x-access-token'
const ANSWER_BYTES_MAX = 1024 * 1024
/** A token is given up this long before its end, so that it lasts for a fetch. */
const MARGIN_MS = 5 * 60_000
const DRIFT_SECONDS = 30
const CLAIM_SECONDS = 120
const TOKENS_MAX = 1000

/**
 * Creates an exchange of GitHub App keys for tokens of an installation; tokens are kept until
 * shortly before they end.
 * @see fluxcd/pkg auth/githubapp/client.go (v0.54)
 */
export function createGithubApp(deps: {
  readonly http: HttpClient
  readonly clock: Clock
}): GithubApp {
  const tokens = new Map<string, Token>()
  return async (request) => {
    const app = parseApp(request.data)
    const key = fingerprint(request.data)
    let token = tokens.get(key)
    if (token === undefined || token.expiresMs - MARGIN_MS <= deps.clock.now()) {
      token = await exchange(deps, app, request)
      tokens.set(key, token)
      const oldest = tokens.keys().next().value
      if (tokens.size > TOKENS_MAX && oldest !== undefined) tokens.delete(oldest)
    }
    const tls = Object.entries(request.data).filter(([name]) => TLS_KEYS.has(name))
    return {
      ...Object.fromEntries(tls),
      username: Buffer.from(USER),
      password: Buffer.from(token.token),
    }
  }
}

/** Tells secrets apart without keeping them. */
function fingerprint(data: SecretData): string {
  const hash = createHash('sha256')
  for (const name of Object.keys(data).sort(compareText))
    hash.update(`${name} ${data[name]?.length} `).update(data[name] ?? '')
  return hash.digest('hex')
}

const TLS_KEYS: ReadonlySet<string> = new Set(['ca.crt', 'caFile', 'tls.crt', 'tls.key'])

function parseApp(data: SecretData): App {
  const text = (name: string): string =>
    Buffer.from(data[name] ?? [])
      .toString()
      .trim()
  const [id, installation, owner] = [
    text('githubAppID'),
    text('githubAppInstallationID'),
    text('githubAppInstallationOwner'),
  ]
  const pem = text('githubAppPrivateKey')
  if (!/^\d+$/.test(id)) throw refuse('app ID must be provided to use github app authentication')
  if (installation === '' && owner === '')
    throw refuse('app installation owner or ID must be provided to use github app authentication')
  if (installation !== '' && owner !== '')
    throw refuse(
      'only one of app installation owner or ID must be provided to use github app authentication',
    )
  if (pem === '') throw refuse('private key must be provided to use github app authentication')
  const base = (text('githubAppBaseURL') || API).replace(/\/+$/, '')
  if (!URL.canParse(base)) throw refuse('invalid API URL')
  try {
    return { id, installation, owner, base, key: createPrivateKey(pem) }
  } catch {
    throw refuse(
      'could not parse private key: invalid key: Key must be a PEM encoded PKCS1 or PKCS8 key',
    )
  }
}

async function exchange(
  deps: { readonly http: HttpClient; readonly clock: Clock },
  app: App,
  request: GithubAppRequest,
): Promise<Token> {
  const authorization = `Bearer ${claim(app, deps.clock.now())}`
  const ask = async (method: 'GET' | 'POST', path: string) => {
    const tls = tlsMaterial(request.data)
    const url = new URL(`${app.base}${path}`)
    // Flux's library asks an enterprise host by this path, and puts it right again.
    const shown = /^api\.|\.api\./.test(url.host) ? url.href : `${app.base}/api/v3${path}`
    try {
      const answer = await deps.http.send({
        method,
        url,
        headers: { authorization, accept: 'application/vnd.github+json', 'user-agent': 'tidegate' },
        ...(tls === undefined ? {} : { tls }),
        ...(request.proxy === undefined ? {} : { proxy: request.proxy }),
        signal: request.signal,
      })
      const body = (await readBody(answer.body, ANSWER_BYTES_MAX)).toString()
      return { status: answer.status, body, where: `${method} ${url.href}` }
    } catch (error) {
      if (request.signal.aborted) throw request.signal.reason
      if (isFault(error)) throw refuse(error.message)
      throw refuse(`${method[0]}${method.slice(1).toLowerCase()} "${shown}": ${goNetError(error)}`)
    }
  }
  const installation =
    app.installation === '' ? await findInstallation(app.owner, ask) : app.installation
  const answer = await ask(
    'POST',
    `/app/installations/${encodeURIComponent(installation)}/access_tokens`,
  )
  if (answer.status !== 201) throw refused(answer)
  const { token, expires_at } = parsed<{ token?: string; expires_at?: string }>(answer.body)
  if (!token) throw refuse(`${answer.where}: no token in the answer`)
  const expiresMs = Date.parse(expires_at ?? '')
  return { token, expiresMs: Number.isNaN(expiresMs) ? deps.clock.now() : expiresMs }
}

type Ask = (
  method: 'GET' | 'POST',
  path: string,
) => Promise<{ readonly status: number; readonly body: string; readonly where: string }>

async function findInstallation(owner: string, ask: Ask): Promise<string> {
  for (const kind of ['orgs', 'users']) {
    const answer = await ask('GET', `/${kind}/${encodeURIComponent(owner)}/installation`)
    const { id } = answer.status === 200 ? parsed<{ id?: number }>(answer.body) : {}
    if (id !== undefined) return `${id}`
    if (answer.status !== 404) throw refused(answer)
  }
  throw refuse(`no installation found for owner '${owner}'`)
}

/** @see google/go-github ErrorResponse.Error */
function refused({ where, status, body }: Awaited<ReturnType<Ask>>): Error {
  const { message } = parsed<{ message?: unknown }>(body)
  const told = typeof message === 'string' ? message.slice(0, MESSAGE_MAX) : ''
  return refuse(`${where}: ${status} ${told} []`)
}

const MESSAGE_MAX = 300

function parsed<T>(body: string): Partial<T> {
  try {
    return JSON.parse(body) as Partial<T>
  } catch {
    return {}
  }
}

/** A JSON Web Token that says who the app is, for two minutes. */
function claim(app: App, nowMs: number): string {
  const iat = Math.floor(nowMs / 1000) - DRIFT_SECONDS
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const body = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat, exp: iat + CLAIM_SECONDS, iss: app.id })}`
  return `${body}.${sign('sha256', Buffer.from(body), app.key).toString('base64url')}`
}

function refuse(message: string): Error {
  return gitFault('GIT_CREDENTIALS', message)
}

/** Says whether the data of a secret are those of a GitHub App. */
export function isGithubApp(data: SecretData | undefined): boolean {
  return (data?.['githubAppID']?.length ?? 0) > 0
}
