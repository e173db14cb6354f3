import type { IncomingMessage, ServerResponse } from 'node:http'
import { refuse, say, sent } from './odd-say.ts'

/** A request that has to say who sends it. */
export interface Challenge {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly host: string
  /** How often something has happened, this time included. */
  count(what: string): number
}

interface Means {
  /** Asks for a login. */
  ask(how: string | string[]): false
  /** The header of the one user. */
  readonly basic: string
}

type Greeting = (challenge: Challenge, means: Means) => boolean

const isToken = ({ request }: Challenge): boolean =>
  request.headers.authorization === 'Bearer fixture-token'
const realm = (host: string, query = ''): string =>
  `Bearer realm="http://${host}/token${query}",service="fixture"`
const usual: Greeting = (it, { ask }) => isToken(it) || ask(realm(it.host))

/** How registries ask for a login, or greet in other ways. */
export const GREETINGS: Readonly<Record<string, Greeting>> = {
  tokaccess: usual,
  tokempty: usual,
  tok429: usual,
  tok500: usual,
  tokhtml: usual,
  tokid: usual,
  tokrealmq: (it, { ask }) => isToken(it) || ask(realm(it.host, '?a=b&service=zzz')),
  tokreject: (it, { ask }) =>
    ask(`${realm(it.host)},scope="repository:x/app:pull",error="insufficient_scope"`),
  tokcase: (it, { ask }) =>
    isToken(it) || ask(realm(it.host).replace('Bearer realm', 'bEARER Realm')),
  toknoservice: (it, { ask }) => isToken(it) || ask(`Bearer realm="http://${it.host}/token"`),
  tokscope: (it, { ask }) => isToken(it) || ask(`${realm(it.host)},scope="registry:catalog:*"`),
  tokboth: (it, { ask, basic }) =>
    isToken(it) ||
    it.request.headers.authorization === basic ||
    ask(['Basic realm="fixture"', realm(it.host)]),
  basicnorealm: (it, { ask, basic }) => it.request.headers.authorization === basic || ask('Basic'),
  digest: (_, { ask }) => ask('Digest realm="x", nonce="y"'),
  ping204: ({ request, response }) => request.url !== '/v2/' || !say(response, 204),
  ping429: ({ response }) => {
    response.setHeader('retry-after', '1')
    return !refuse(response, 429, { code: 'TOOMANYREQUESTS', message: 'too many requests' })
  },
  pingredir: ({ request, response }) => {
    if (request.url === '/v2/') return !say(response, 302, { headers: { location: '/v2/there' } })
    return request.url !== '/v2/there' || !say(response, 200, { body: '{}' })
  },
}

const JSON_TYPE = { headers: { 'content-type': 'application/json' } }

/** What token services answer that do not just give the token. */
export const TOKENS: Readonly<Record<string, (challenge: Challenge) => void>> = {
  tokaccess: ({ response }) =>
    void say(response, 200, {
      ...JSON_TYPE,
      body: '{"access_token":"fixture-token","expires_in":300}',
    }),
  tokempty: ({ response }) => void say(response, 200, { ...JSON_TYPE, body: '{}' }),
  tok429: ({ response }) =>
    void refuse(response, 429, { code: 'TOOMANYREQUESTS', message: 'slow down' }),
  tok500: ({ response }) => void say(response, 500, { body: 'token service is down\n' }),
  tokhtml: ({ response }) =>
    void say(response, 200, { headers: { 'content-type': 'text/html' }, body: '<html>' }),
  tokid: ({ request, response }) =>
    void sent(request).then((text) => {
      const form = new URLSearchParams(text)
      const isGood =
        form.get('refresh_token') === 'fixture-identity' &&
        form.get('grant_type') === 'refresh_token'
      if (isGood) say(response, 200, { ...JSON_TYPE, body: '{"access_token":"fixture-token"}' })
      else refuse(response, 401, { code: 'UNAUTHORIZED', message: `no identity ${request.method}` })
    }),
}
