import type { IncomingMessage, ServerResponse } from 'node:http'
import { systemClock } from '../../src/compose/system.ts'
import { refuse, say } from './odd-say.ts'

/** A request for something that a registry has, or has not. */
export interface Ask {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  readonly host: string
  /** The whole name of the repository; its first part is the manner. */
  readonly full: string
  readonly digest: string
  /** The media type of a manifest that is there. */
  readonly type: string
  readonly body: Buffer
  /** The digest under a tag of the same repository. */
  tagged(tag: string): string
  /** How often this repository was asked, this time included. */
  count(): number
}

/** Answers, or leaves it to a registry without manners. */
type Manner = (ask: Ask) => boolean

const isHead = ({ request }: Ask): boolean => request.method === 'HEAD'
const status =
  (code: number): Manner =>
  (ask) =>
    say(ask.response, code, { body: isHead(ask) ? '' : `status ${code}\n` })
const many: Manner = ({ response }) => {
  response.setHeader('retry-after', '1')
  return refuse(response, 429, { code: 'TOOMANYREQUESTS', message: 'too many requests' })
}
const first =
  (times: number, manner: Manner): Manner =>
  (ask) =>
    ask.count() <= times && manner(ask)
const head =
  (manner: Manner): Manner =>
  (ask) =>
    isHead(ask) && manner(ask)
const get =
  (manner: Manner): Manner =>
  (ask) =>
    !isHead(ask) && manner(ask)
const reset: Manner = ({ request }) => {
  request.socket.destroy()
  return true
}
const to =
  (code: number, place: (ask: Ask) => string | undefined): Manner =>
  (ask) => {
    const location = place(ask)
    return say(ask.response, code, location === undefined ? {} : { headers: { location } })
  }
const plain = ({ host, full, url }: Ask): string =>
  `http://${host}/v2/x/${full.split('/').at(-1)}/${url.pathname.split('/').slice(-2).join('/')}`

interface Told {
  readonly headers?: Record<string, string>
  readonly body?: Buffer
  readonly code?: number
}

const told =
  (how: (ask: Ask) => Told): Manner =>
  (ask) => {
    const { headers = {}, body = ask.body, code = 200 } = how(ask)
    const usual = {
      'content-type': ask.type,
      'docker-content-digest': ask.digest,
      'content-length': body.length,
    }
    return say(ask.response, code, {
      headers: { ...usual, ...headers },
      body: isHead(ask) ? '' : body,
    })
  }
const typed = (type: string): Manner => told(() => ({ headers: { 'content-type': type } }))
const digest = (text: string): Manner =>
  told(() => ({ headers: { 'docker-content-digest': text } }))
const NOBODY = `sha256:${'c'.repeat(64)}`

/** How whole registries refuse at the door. */
export const DOORS: Readonly<
  Record<string, (request: IncomingMessage, response: ServerResponse) => void>
> = {
  negotiate: (_, response) => {
    response.setHeader('www-authenticate', 'Negotiate')
    refuse(response, 401, { code: 'UNAUTHORIZED', message: 'authentication required' })
  },
  bare401: (_, response) => void say(response, 401, { body: 'no' }),
  badrealm: (_, response) => {
    response.setHeader('www-authenticate', 'Bearer realm="http://10.1.2.3/token",service="fixture"')
    refuse(response, 401, { code: 'UNAUTHORIZED', message: 'authentication required' })
  },
  deny: (_, response) =>
    void refuse(response, 403, {
      code: 'DENIED',
      message: 'requested access to the resource is denied',
    }),
  e404: (_, response) => void say(response, 404, { body: '404 page not found\n' }),
  e500: (_, response) => void say(response, 500, { body: 'status 500\n' }),
  e503: (_, response) => void say(response, 503),
  hang: () => undefined,
  html: (_, response) =>
    void say(response, 200, { body: '<html><body>Please sign in</body></html>\n' }),
  reset: (request) => void request.socket.destroy(),
}

/** Manners with manifests. */
export const MANIFESTS: Readonly<Record<string, Manner>> = {
  m429: many,
  m429once: first(2, many),
  m503once: first(1, status(503)),
  m500twice: first(2, status(500)),
  m502: status(502),
  m504: status(504),
  m408: status(408),
  m410: status(410),
  m418: status(418),
  m400: ({ response }) =>
    refuse(response, 400, {
      code: 'MANIFEST_INVALID',
      message: 'manifest invalid',
      detail: { why: 'odd' },
    }),
  head500: head(status(500)),
  head403: head(status(403)),
  head401: head(status(401)),
  head404: head(status(404)),
  headnotype: head(({ response, digest: own, body }) =>
    say(response, 200, {
      headers: { 'docker-content-digest': own, 'content-length': body.length },
    }),
  ),
  headbaddigest: head(digest('garbage')),
  headwrongdigest: head(
    told((ask) => ({ headers: { 'docker-content-digest': ask.tagged('1.1.0') } })),
  ),
  headnothing: head(digest(NOBODY)),
  getwrongdigest: get(digest(NOBODY)),
  gettypetext: typed('text/plain'),
  gettypeparams: told(({ type }) => ({ headers: { 'content-type': `${type}; charset=utf-8` } })),
  getnotype: get(({ response, body }) =>
    say(response, 200, { headers: { 'content-length': body.length }, body }),
  ),
  gettypeindex: typed('application/vnd.oci.image.index.v1+json'),
  gettypejson: typed('application/json'),
  redirman: to(307, plain),
  m201: told(() => ({ code: 201 })),
  m203: told(() => ({ code: 203 })),
  m204: ({ response }) => say(response, 204),
  m206: told(() => ({ code: 206 })),
  mempty: get(told(() => ({ body: Buffer.alloc(0) }))),
  mhuge: get(told(({ body }) => ({ body: Buffer.concat([body, Buffer.alloc(9 << 20, 32)]) }))),
  mreset: reset,
  mresetonce: first(1, reset),
}

const raw =
  (cut: (body: Buffer) => { readonly length: number; readonly body: Buffer }): Manner =>
  ({ response, body }) => {
    const { length, body: part } = cut(body)
    response.socket?.write(`HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n`)
    response.socket?.write(part)
    systemClock.after(100, () => response.socket?.destroy())
    return true
  }
const chunks =
  (cut: (body: Buffer) => readonly (Buffer | string)[]): Manner =>
  ({ response, body }) => {
    response.writeHead(200)
    for (const chunk of cut(body)) response.write(chunk)
    response.end()
    return true
  }
const again =
  (times: number): Manner =>
  ({ url, response, full, digest: own }) => {
    const k = Number(url.searchParams.get('k') ?? 0)
    const location = `/v2/${full}/blobs/${own}?k=${k + 1}`
    return k < times && say(response, 307, { headers: { location } })
  }

/** Manners with blobs. */
export const BLOBS: Readonly<Record<string, Manner>> = {
  b429: many,
  b429once: first(1, many),
  b503once: first(1, status(503)),
  b403: ({ response }) => refuse(response, 403, { code: 'DENIED', message: 'blob access denied' }),
  b401: status(401),
  breset: reset,
  bresetonce: first(1, reset),
  redirhost: to(307, (ask) => plain(ask).replace('127.0.0.1', 'localhost')),
  redirabs: to(302, plain),
  redir301: to(301, plain),
  redir303: to(303, plain),
  redir308: to(308, plain),
  redirfile: to(307, () => 'file:///etc/passwd'),
  redirmeta: to(307, () => 'http://169.254.169.254/latest/meta-data'),
  redirprivate: to(307, () => 'http://10.1.2.3/blob'),
  redirnoloc: to(302, () => undefined),
  redirclosed: to(307, () => 'http://127.0.0.1:1/x'),
  redir8: again(8),
  redir11: again(11),
  bshort: raw((body) => ({ length: body.length - 10, body: body.subarray(0, -10) })),
  blong: raw((body) => ({ length: body.length + 10, body })),
  bchunk: chunks((body) => [body.subarray(0, 30), body.subarray(30)]),
  bextra: chunks((body) => [body, 'extra']),
  bless: chunks((body) => [body.subarray(0, -8)]),
  bempty: ({ response }) => say(response, 200, { headers: { 'content-length': 0 } }),
  b204: ({ response }) => say(response, 204),
  b302page: ({ response }) =>
    say(response, 200, { headers: { 'content-length': 6 }, body: '<html>' }),
}

const tags =
  (body: string, link?: (ask: Ask) => string): Manner =>
  (ask) => {
    const more = link === undefined ? {} : { link: link(ask) }
    return say(ask.response, 200, {
      headers: { 'content-type': 'application/json', ...more },
      body,
    })
  }
const isSecond = ({ url }: Ask): boolean => url.searchParams.has('last')

/** Manners with lists of tags. */
export const TAGS: Readonly<Record<string, Manner>> = {
  tagsnull: tags('{"name":"x","tags":null}'),
  tagsobj: tags('{"tags":{"a":1}}'),
  tagshtml: tags('<html>'),
  tagsempty: tags('{"tags":[]}'),
  tagsmiss: tags('{}'),
  tagsnum: tags('{"tags":[1,2]}'),
  tagsabs: (ask) =>
    isSecond(ask)
      ? tags('{"tags":["1.1.0"]}')(ask)
      : tags(
          '{"tags":["1.0.0"]}',
          ({ host, full }) => `<http://${host}/v2/${full}/tags/list?last=1.0.0&n=1>; rel="next"`,
        )(ask),
  tags500p2: (ask) =>
    isSecond(ask)
      ? status(500)(ask)
      : tags(
          '{"tags":["1.0.0"]}',
          ({ full }) => `</v2/${full}/tags/list?last=1.0.0>; rel="next"`,
        )(ask),
  tags429once: first(1, many),
  tags503: status(503),
  tags401: status(401),
  tagsbadlink: tags('{"tags":["1.0.0"]}', () => 'nonsense'),
  tagsarr: tags('["1.0.0"]'),
  tagsdup: tags('{"tags":["1.0.0","1.0.0","v1.0.0","1.0.0+x","latest"]}'),
  tagstrail: tags('{"tags":["1.0.0"]} x'),
  tagsgone: tags('{"tags":["9.9.9","1.0.0"]}'),
}
