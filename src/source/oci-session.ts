import { messageOf } from '../base/index.ts'
import { basicAuthorization } from './basic-authorization.ts'
import type { RegistryUser } from './docker-config.ts'
import {
  type HttpAnswer,
  type HttpClient,
  type HttpRequest,
  readBody,
  type TlsMaterial,
} from './http-client.ts'
import type { OciAddress } from './oci-address.ts'
import { type OciCode, ociFault } from './oci-fault.ts'
import type { Proxy } from './proxy.ts'
import { isInternalAddress } from './smart-http.ts'

/** Whom to speak to, as whom. */
export interface OciSessionOptions {
  readonly http: HttpClient
  readonly address: OciAddress
  readonly user: RegistryUser | undefined
  readonly tls: TlsMaterial | undefined
  readonly proxy: Proxy | undefined
  readonly signal: AbortSignal
  /** What is asked for in a token: `pull`, `pull,push`. */
  readonly actions?: string
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
}

const REDIRECTS_MAX = 5
const TOKEN_BYTES_MAX = 1024 * 1024
const ERROR_BYTES_MAX = 64 * 1024

/**
 * A conversation with one repository of a registry: tokens are got when they are asked for and kept,
 * credentials stay with the registry and with the token service that it names.
 * @see https://distribution.github.io/distribution/spec/auth/token/
 */
export class OciSession {
  readonly #options: OciSessionOptions
  #authorization: string | undefined

  constructor(options: OciSessionOptions) {
    this.#options = options
  }

  /** Sends a request; answers with status 404 are answered, other refusals thrown. */
  async ask(ask: OciAsk): Promise<HttpAnswer> {
    const { base, repository } = this.#options.address
    const start = ask.path.startsWith('http') ? ask.path : `${base}/v2/${repository}${ask.path}`
    let url = new URL(start)
    let isAuthorized = false
    for (let i = 0; i <= REDIRECTS_MAX; i += 1) {
      const answer = await this.#send(url, ask)
      const { location } = answer.headers
      if (answer.status === 401 && !isAuthorized) {
        answer.body.destroy()
        isAuthorized = true
        await this.#authorize(answer.headers['www-authenticate'] ?? '', ask.code)
      } else if (answer.status >= 300 && answer.status < 400 && location !== undefined) {
        answer.body.destroy()
        url = this.#redirected(url, location, ask.code)
      } else if (answer.status < 300 || answer.status === 404) return answer
      else throw await refusal(answer, ask, url)
    }
    throw ociFault(ask.code, `${ask.method} ${start}: stopped after ${REDIRECTS_MAX} redirects`)
  }

  async #send(url: URL, ask: Omit<OciAsk, 'path'>): Promise<HttpAnswer> {
    const { http, tls, proxy, signal, address } = this.#options
    const isHome = url.origin === new URL(address.base).origin
    const authorization =
      this.#authorization === undefined || !isHome ? {} : { authorization: this.#authorization }
    try {
      return await http.send({
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
      throw ociFault(ask.code, `${ask.method} "${withoutQuery(url)}": ${messageOf(error)}`, error)
    }
  }

  #redirected(from: URL, location: string, code: OciCode): URL {
    const to = new URL(location, from)
    const isDowngrade = from.protocol === 'https:' && to.protocol !== 'https:'
    const isInward = !isInternalAddress(from.hostname) && isInternalAddress(to.hostname)
    if (isDowngrade || isInward || !to.protocol.startsWith('http'))
      throw ociFault(code, `${withoutQuery(from)}: refusing the redirect`)
    return to
  }

  async #authorize(challenge: string, code: OciCode): Promise<void> {
    const { user, address } = this.#options
    const [scheme = '', rest = ''] = challenge.split(/ (.*)/s)
    if (scheme.toLowerCase() === 'basic' && user !== undefined) {
      this.#authorization = basicAuthorization(user.user, user.password)
      return
    }
    const fields = new Map(
      [...rest.matchAll(/(\w+)="([^"]*)"/g)].map((match) => [match[1] ?? '', match[2] ?? '']),
    )
    const realm = fields.get('realm') ?? ''
    if (scheme.toLowerCase() !== 'bearer' || !URL.canParse(realm))
      throw ociFault(code, `${address.registry}: UNAUTHORIZED: authentication required`)
    const url = new URL(realm)
    const home = new URL(address.base)
    if (home.protocol === 'https:' && url.protocol !== 'https:')
      throw ociFault(code, `${address.registry}: refusing a token service without TLS`)
    if (isInternalAddress(url.hostname) && !isInternalAddress(home.hostname))
      throw ociFault(code, `${address.registry}: refusing an internal token service`)
    const { actions = 'pull' } = this.#options
    url.searchParams.set('service', fields.get('service') ?? '')
    url.searchParams.set(
      'scope',
      fields.get('scope') ?? `repository:${address.repository}:${actions}`,
    )
    const headers =
      user === undefined ? {} : { authorization: basicAuthorization(user.user, user.password) }
    this.#authorization = undefined
    const answer = await this.#send(url, { method: 'GET', headers, code })
    const body = (await readBody(answer.body, TOKEN_BYTES_MAX)).toString()
    if (answer.status !== 200)
      throw ociFault(
        code,
        `${address.registry}: UNAUTHORIZED: the token service answered ${answer.status}`,
      )
    this.#authorization = `Bearer ${tokenIn(body, code)}`
  }
}

function tokenIn(body: string, code: OciCode): string {
  try {
    const { token, access_token } = JSON.parse(body) as { token?: string; access_token?: string }
    const found = token ?? access_token
    if (found) return found
  } catch {
    // Falls through to the fault: a service that answers no JSON gives no token either.
  }
  throw ociFault(code, 'the token service gave no token')
}

async function refusal(answer: HttpAnswer, ask: OciAsk, url: URL): Promise<Error> {
  const body = (await readBody(answer.body, ERROR_BYTES_MAX)).toString()
  const words =
    /"code"\s*:\s*"([A-Z_]+)"/.exec(body)?.[1] ?? `unexpected status code ${answer.status}`
  return ociFault(ask.code, `${ask.method} ${withoutQuery(url)}: ${words}`)
}

/** Queries of redirects carry signatures. */
function withoutQuery(url: URL): string {
  return `${url.origin}${url.pathname}`
}
