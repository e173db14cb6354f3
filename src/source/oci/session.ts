import { type GoShape, goDecode, isFault, messageOf, parseGoJson } from '../../base/index.ts'
import { basicAuthorization } from '../basic-authorization.ts'
import { goNetError } from '../go-net-error.ts'
import type { HttpAnswer, HttpRequest } from '../http-client.ts'
import { isPrivateAddress } from '../private-address.ts'
import { readSmall } from './body.ts'
import type { RegistryLogin } from './docker-config.ts'
import { type OciCode, ociFault } from './fault.ts'
import { sendPatiently } from './patience.ts'
import { REDIRECTS_MAX, redirected } from './redirect.ts'
import { refusalText, shownUrl } from './refusal.ts'
import { findWay, NoWay, type OciWay, type OciWayOptions, parseChallenge } from './way.ts'

/** Whom to speak to, as whom. */
export interface OciSessionOptions extends OciWayOptions {
  /** Asked for when it is needed first; undefined for nobody. */
  readonly login: () => Promise<RegistryLogin | undefined>
  /** What is asked for in a token: `pull`, `push,pull`. */
  readonly actions?: string
  /** Ways that were found before, by registry and certificates. */
  readonly ways: WayMemory
}

/** One request within a repository. */
export interface OciAsk {
  readonly method: HttpRequest['method']
  /** After `/v2/<repository>`, or a whole address that the registry gave. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** The code of the fault when it fails. */
  readonly code: OciCode
  /** Goes before what is said when it fails. */
  readonly what?: string
  /** Answers with status 404 are answered, not thrown. */
  readonly mayMiss?: boolean
}

const TOKEN_BYTES_MAX = 64 * 1024
const SECRET_LENGTH_MIN = 4
const WAYS_MAX = 256

/** Remembers how registries are reached, so that an unchanged tag costs one request. */
export class WayMemory {
  readonly #ways = new Map<string, OciWay>()

  get(key: string): OciWay | undefined {
    return this.#ways.get(key)
  }

  set(key: string, way: OciWay): void {
    const oldest = this.#ways.keys().next().value
    if (this.#ways.size >= WAYS_MAX && oldest !== undefined) this.#ways.delete(oldest)
    this.#ways.set(key, way)
  }

  delete(key: string): void {
    this.#ways.delete(key)
  }
}

/**
 * A conversation with one repository of a registry: tokens are got when they are asked for and kept,
 * credentials stay with the registry and with the token service that it names.
 * @see https://distribution.github.io/distribution/spec/auth/token/
 */
export class OciSession {
  readonly #options: OciSessionOptions
  readonly #key: string
  #way: OciWay | undefined
  #login: RegistryLogin | undefined
  #authorization: string | undefined

  constructor(options: OciSessionOptions) {
    this.#options = options
    const { address, tls, proxy } = options
    this.#key = JSON.stringify([address.registry, address.mayBePlain, tls ?? '', proxy?.url ?? ''])
  }

  /**
   * Sends a request and follows redirects.
   * @throws Fault with the code of the request
   */
  async ask(ask: OciAsk): Promise<HttpAnswer> {
    const known = this.#way === undefined ? this.#options.ways.get(this.#key) : undefined
    if (known === undefined) return this.#follow(ask)
    try {
      return await this.#follow(ask)
    } catch (error) {
      const isLost = isFault(error) && error.cause instanceof Lost
      if (this.#options.signal.aborted || !isLost) throw error
      // The way that was remembered leads nowhere any more: it is looked for anew, once.
      this.#options.ways.delete(this.#key)
      this.#way = undefined
      return this.#follow(ask)
    }
  }

  /** Says whether the time for all of it is over. */
  get isOver(): boolean {
    return this.#options.signal.aborted
  }

  /** The address of a path, as it is told. */
  urlOf(path: string): string {
    if (/^https?:\/\//.test(path)) return path
    return `${this.#way?.base ?? ''}/v2/${this.#options.address.repository}${path}`
  }

  async #follow(ask: OciAsk): Promise<HttpAnswer> {
    const way = await this.#open(ask)
    const { repository } = this.#options.address
    const isWhole = /^https?:\/\//.test(ask.path)
    let url = new URL(isWhole ? ask.path : `${way.base}/v2/${repository}${ask.path}`)
    let isRefreshed = false
    for (let i = 0; i <= REDIRECTS_MAX; i += 1) {
      const answer = await this.#send(url, ask)
      const { location } = answer.headers
      if (answer.status === 401 && way.scheme === 'bearer' && !isRefreshed) {
        answer.body.destroy()
        isRefreshed = true
        const { fields } = parseChallenge(answer.headers['www-authenticate'] ?? '')
        await this.#refresh(way, ask, fields.get('scope'))
      } else if (answer.status >= 300 && answer.status < 400 && location !== undefined) {
        answer.body.destroy()
        const to = redirected(url, { location, method: ask.method })
        if (typeof to === 'string') throw fault(ask, to)
        url = to
      } else if (
        isGood(ask.method, answer.status) ||
        (ask.mayMiss === true && answer.status === 404)
      )
        return answer
      else throw fault(ask, await this.#refusal(ask.method, url, answer))
    }
    throw fault(ask, `${ask.method} ${shownUrl(url)}: stopped after ${REDIRECTS_MAX} redirects`)
  }

  /** Finds the way to the registry and says who we are. */
  async #open(ask: OciAsk): Promise<OciWay> {
    if (this.#way !== undefined) return this.#way
    const { ways } = this.#options
    let way = ways.get(this.#key)
    if (way === undefined) {
      try {
        way = await findWay(this.#options)
      } catch (error) {
        if (error instanceof NoWay) throw fault(ask, error.message)
        throw error
      }
      ways.set(this.#key, way)
    }
    this.#login = await this.#identify(way, ask)
    this.#authorization = undefined
    if (way.scheme === 'bearer') await this.#refresh(way, ask)
    else if (this.#login?.kind === 'basic')
      this.#authorization = basicAuthorization(this.#login.user, this.#login.password)
    else if (this.#login?.kind === 'token') this.#authorization = `Bearer ${this.#login.token}`
    this.#way = way
    return way
  }

  async #identify(way: OciWay, ask: OciAsk): Promise<RegistryLogin | undefined> {
    try {
      return await this.#options.login()
    } catch (error) {
      if (!isFault(error)) throw error
      const { repository } = this.#options.address
      throw fault(ask, `Get "${way.base}/v2/${repository}${ask.path}": ${error.message}`, error)
    }
  }

  async #send(url: URL, ask: Pick<OciAsk, 'method' | 'headers' | 'body' | 'code' | 'what'>) {
    const { tls, proxy, signal } = this.#options
    const isHome = this.#way === undefined || url.origin === this.#way.base
    const authorization =
      this.#authorization === undefined || !isHome ? {} : { authorization: this.#authorization }
    try {
      return await sendPatiently(this.#options, {
        method: ask.method,
        url,
        headers: { 'user-agent': 'tidegate', ...ask.headers, ...authorization },
        ...(ask.body === undefined ? {} : { body: ask.body }),
        ...(tls === undefined ? {} : { tls }),
        ...(proxy === undefined ? {} : { proxy }),
        signal,
      })
    } catch (error) {
      if (signal.aborted) throw signal.reason
      const verb = ask.method[0] + ask.method.slice(1).toLowerCase()
      const lost = new Lost(messageOf(error), { cause: error })
      throw fault(ask, `${verb} "${shownUrl(url)}": ${goNetError(error, proxy)}`, lost)
    }
  }

  /** A registry may give back what it was sent. */
  async #refusal(method: string, url: URL, answer: HttpAnswer): Promise<string> {
    const text = await refusalText({ method, url, isQuiet: this.#options.isQuiet }, answer)
    const login = this.#login
    const secret = login?.kind === 'basic' ? login.password : (login?.token ?? '')
    const sent = login?.kind === 'basic' ? basicAuthorization(login.user, secret).slice(6) : secret
    return secret.length < SECRET_LENGTH_MIN
      ? text
      : text.replaceAll(sent, '*****').replaceAll(secret, '*****')
  }

  /** Buys a token. @see go-containerregistry pkg/v1/remote/transport/bearer.go */
  async #refresh(way: OciWay, ask: OciAsk, wanted?: string): Promise<void> {
    const login = this.#login
    if (login?.kind === 'token') {
      this.#authorization = `Bearer ${login.token}`
      return
    }
    const { address, actions = 'pull' } = this.#options
    const url = realmOf(way, address.registry, ask)
    const usual = `repository:${address.repository}:${actions}`
    const scopes = wanted === undefined || wanted === usual ? [usual] : [wanted, usual]
    this.#authorization = undefined
    const answer =
      login?.kind === 'identity'
        ? await this.#send(url, oauthRequest(login.token, way.service, scopes, ask))
        : await this.#send(tokenUrl(url, way.service, scopes), {
            method: 'GET',
            ...(login === undefined
              ? {}
              : { headers: { authorization: basicAuthorization(login.user, login.password) } }),
            ...words(ask),
          })
    if (answer.status !== 200) {
      const method = login?.kind === 'identity' ? 'POST' : 'GET'
      const asked = method === 'POST' ? url : tokenUrl(url, way.service, scopes)
      throw fault(ask, await this.#refusal(method, asked, answer))
    }
    const body = (await readSmall(answer, TOKEN_BYTES_MAX, ask)).toString()
    this.#authorization = `Bearer ${tokenIn(body, ask)}`
  }
}

/** What is only read is there whole, or it is not. */
function isGood(method: OciAsk['method'], status: number): boolean {
  return method === 'GET' || method === 'HEAD' ? status === 200 : status < 300
}

type Words = Pick<OciAsk, 'code' | 'what'>

function words({ code, what }: OciAsk): Words {
  return { code, ...(what === undefined ? {} : { what }) }
}

function fault(ask: Words, message: string, cause?: unknown): Error {
  return ociFault(ask.code, `${ask.what ?? ''}${message}`, cause)
}

/** Marks the cause of a fault: the other side could not be reached. */
class Lost extends Error {}

function tokenUrl(realm: URL, service: string, scopes: readonly string[]): URL {
  const url = new URL(realm)
  for (const scope of scopes) url.searchParams.append('scope', scope)
  url.searchParams.set('service', service)
  return url
}

function oauthRequest(token: string, service: string, scopes: readonly string[], ask: OciAsk) {
  const form = new URLSearchParams({
    client_id: 'tidegate',
    grant_type: 'refresh_token',
    refresh_token: token,
    scope: scopes.join(' '),
    service,
  })
  return {
    method: 'POST' as const,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(form.toString()),
    ...words(ask),
  }
}

const TOKEN: GoShape = {
  struct: 'Token',
  go: 'transport.Token',
  fields: { token: 'string', access_token: 'string' },
}

function tokenIn(body: string, ask: OciAsk): string {
  try {
    const found = goDecode(parseGoJson(body), TOKEN) as Readonly<Record<string, string>> | undefined
    const { token, access_token } = found ?? {}
    if (access_token || token) return access_token || token || ''
  } catch (error) {
    if (!isFault(error, 'JSON')) throw error
    throw fault(ask, error.message, error)
  }
  throw fault(ask, 'no token in bearer response')
}

/** The token service; a registry may not send us to a private place that it is not itself. */
function realmOf(way: OciWay, registry: string, ask: OciAsk): URL {
  const { realm } = way
  if (realm === undefined) throw fault(ask, 'malformed www-authenticate, missing realm: map[]')
  const refuse = (why: string): never => {
    throw fault(ask, `invalid realm in www-authenticate: ${why}`)
  }
  if (!URL.canParse(realm)) return refuse(`parsing realm ${JSON.stringify(realm)}`)
  const url = new URL(realm)
  const scheme = url.protocol.slice(0, -1)
  if (scheme === 'http' && way.base.startsWith('https:'))
    return refuse('realm scheme "http" not allowed for a secure registry; use https')
  if (scheme !== 'http' && scheme !== 'https')
    return refuse(
      `realm scheme "${scheme}" not allowed; must be https (or http for insecure registries)`,
    )
  if (url.host !== registry && isPrivateAddress(url.hostname))
    return refuse(`realm host "${url.hostname}" is a private or link-local address`)
  return url
}
