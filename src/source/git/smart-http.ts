import { isFault } from '../../base/index.ts'
import { goNetError } from '../go-net-error.ts'
import { type HttpAnswer, type HttpClient, type HttpRequest, readStart } from '../http-client.ts'
import type { Proxy } from '../proxy.ts'
import type { HttpCredentials } from './credentials.ts'
import { gitFault } from './fault.ts'
import type { GitConversation } from './protocol.ts'

const REDIRECTS_MAX = 10
const ERROR_BYTES_MAX = 1024
const AGENT = 'git/2.0 tidegate'

/** Where a repository is, and what opens it. */
export interface SmartHttpOptions {
  readonly http: HttpClient
  readonly url: URL
  readonly credentials: HttpCredentials
  readonly proxy?: Proxy
  /** What the host answers is not quoted: it may be one that whoever named it does not reach. */
  readonly isQuiet?: boolean
  readonly signal: AbortSignal
}

/**
 * Speaks with a repository over smart HTTP. The first request may be redirected, as git allows; the
 * later ones go where that ended. Credentials stay with the origin they were given for.
 * @see https://git-scm.com/docs/http-protocol
 */
export function smartHttp(options: SmartHttpOptions): GitConversation {
  let base = repositoryUrl(options.url)
  const headersFor = (url: URL): Record<string, string> => {
    const { authorization } = options.credentials
    const isHome = url.origin === options.url.origin
    return {
      'user-agent': AGENT,
      'git-protocol': 'version=2',
      ...(authorization === undefined || !isHome ? {} : { authorization }),
    }
  }
  const send = async (
    request: Omit<HttpRequest, 'signal' | 'tls' | 'proxy'>,
  ): Promise<HttpAnswer> => {
    const { tls } = options.credentials
    try {
      return await options.http.send({
        ...request,
        signal: options.signal,
        ...(tls === undefined ? {} : { tls }),
        ...(options.proxy === undefined ? {} : { proxy: options.proxy }),
      })
    } catch (error) {
      if (isFault(error)) throw error
      if (options.signal.aborted) throw options.signal.reason
      const [first = '', ...rest] = request.method
      const words = `${first}${rest.join('').toLowerCase()} "${request.url.href}"`
      throw gitFault('GIT_HOST', `${words}: ${goNetError(error, options.proxy)}`, error)
    }
  }
  return {
    greet: async () => {
      const wanted = new URL(`${base}/info/refs?service=git-upload-pack`)
      const answer = await follow(wanted, (url) =>
        send({ method: 'GET', url, headers: headersFor(url) }),
      )
      await refuse(answer.answer, answer.url, options.isQuiet)
      base = answer.url.href.replace(/\/info\/refs\?.*$/, '')
      const type = answer.answer.headers['content-type'] ?? ''
      if (!type.startsWith('application/x-git-upload-pack-advertisement')) {
        answer.answer.body.destroy()
        throw gitFault('GIT_PROTOCOL', 'invalid pkt-len found: not a Git repository')
      }
      return answer.answer.body
    },
    say: async (payload) => {
      const url = new URL(`${base}/git-upload-pack`)
      const type = 'application/x-git-upload-pack'
      const headers = {
        ...headersFor(url),
        'content-type': `${type}-request`,
        accept: `${type}-result`,
      }
      const answer = await send({ method: 'POST', url, headers, body: payload })
      await refuse(answer, url, options.isQuiet)
      return answer.body
    },
    // A repository that has moved is looked for at its old address each time.
    resume: () => base === repositoryUrl(options.url),
    close: () => undefined,
  }
}

/** The address without user, password and trailing slash. */
function repositoryUrl(url: URL): string {
  const plain = new URL(url)
  plain.username = ''
  plain.password = ''
  return plain.href.replace(/\/+$/, '')
}

async function follow(
  start: URL,
  ask: (url: URL) => Promise<HttpAnswer>,
): Promise<{ answer: HttpAnswer; url: URL }> {
  let url = start
  for (let i = 0; i <= REDIRECTS_MAX; i += 1) {
    const answer = await ask(url)
    const { location } = answer.headers
    if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined)
      return { answer, url }
    answer.body.destroy()
    url = redirected(url, location)
  }
  throw gitFault('GIT_HOST', `${start.href}: stopped after ${REDIRECTS_MAX} redirects`)
}

function redirected(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined
  const isWeb = to?.protocol === 'https:' || to?.protocol === 'http:'
  if (to === undefined || !isWeb || (from.protocol === 'https:' && to.protocol === 'http:'))
    throw gitFault('GIT_HOST', `${from.href}: refusing the redirect to another scheme`)
  if (to.hostname !== from.hostname && isInternalAddress(to.hostname))
    throw gitFault('GIT_HOST', `${from.href}: refusing the redirect to an internal address`)
  return to
}

/** Says whether a host is a literal address that only this machine or this link can reach. */
export function isInternalAddress(host: string): boolean {
  return (
    /^(127\.|169\.254\.|0\.)/.test(host) ||
    /^(\[::1?\]|\[fe[89ab].*\]|\[::ffff:.*\]|localhost|.*\.localhost)$/i.test(host)
  )
}

/** Turns the answers that are none into faults, with go-git's words. */
async function refuse(answer: HttpAnswer, url: URL, isQuiet = false): Promise<void> {
  if (answer.status >= 200 && answer.status < 300) return
  if (isQuiet) answer.body.destroy()
  const body = isQuiet
    ? `status code: ${answer.status}`
    : (await readStart(answer.body, ERROR_BYTES_MAX)).toString()
  if (answer.status === 401) throw gitFault('GIT_AUTH', `authentication required: ${body}`)
  if (answer.status === 403) throw gitFault('GIT_AUTH', `authorization failed: ${body}`)
  if (answer.status === 404) throw gitFault('GIT_HOST', `repository not found: ${body}`)
  throw gitFault(
    'GIT_HOST',
    `unexpected client error: unexpected requesting "${url.href}" status code: ${answer.status}`,
  )
}
