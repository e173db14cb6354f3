import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { listen } from '../../src/source/artifact/server.ts'
import { type Challenge, GREETINGS, TOKENS } from './odd-greetings.ts'
import { type Ask, BLOBS, DOORS, MANIFESTS, TAGS } from './odd-manners.ts'
import { refuse, say } from './odd-say.ts'

/** What an odd registry holds: tags and media types by repository, and all bytes by their digest. */
export interface OddImages {
  readonly repositories: Readonly<Record<string, OddRepository>>
  readonly blobs: Readonly<Record<string, Buffer>>
}

/** One repository. */
export interface OddRepository {
  readonly tags: Readonly<Record<string, string>>
  /** Media types by digest. */
  readonly manifests: Readonly<Record<string, string>>
}

/** Registries on loopback, each with manners of its own. */
export interface OddRegistry {
  /** `host:port` by manner. */
  readonly hosts: Readonly<Record<string, string>>
  /** Moves a tag; without a digest it goes. */
  retag(repository: string, tag: string, digest: string | undefined): void
  close(): Promise<void>
}

/** Certificates, PEM. */
export interface OddKeys {
  readonly ca: string
  readonly server: { readonly cert: string; readonly key: string }
  readonly othername: { readonly cert: string; readonly key: string }
}

const MANNERS: readonly string[] = [
  'plain basic token tokenopen deny e500 e503 html hang reset',
  'https mtls othername tlsbasic negotiate badrealm e404 bare401',
  Object.keys(GREETINGS).join(' '),
].flatMap((names) => names.split(' '))

/** Starts a registry with each of the manners; all of them hold the same. */
export async function startOddRegistry(images: OddImages, keys: OddKeys): Promise<OddRegistry> {
  const tags = new Map(
    Object.entries(images.repositories).map(([name, { tags }]) => [
      name,
      new Map(Object.entries(tags)),
    ]),
  )
  const counts = new Map<string, number>()
  const count = (key: string): number => {
    const next = (counts.get(key) ?? 0) + 1
    counts.set(key, next)
    return next
  }
  const started = await Promise.all(
    MANNERS.map(async (manner) => {
      const handler: RequestListener = (request, response) => {
        const url = new URL(request.url ?? '/', 'http://x')
        const host = request.headers.host ?? ''
        const challenge = { request, response, host, count }
        if (url.pathname === '/token') {
          giveToken(manner, challenge)
          return
        }
        if (!mayEnter(manner, challenge)) return
        if (url.pathname === '/v2/')
          return void say(response, 200, {
            headers: { 'content-type': 'application/json' },
            body: '{}',
          })
        serve({ ...challenge, url }, images, tags)
      }
      const server = serverFor(manner, keys, handler)
      server.on('clientError', (_, socket) => socket.destroy())
      return [manner, await listen(server, { host: '127.0.0.1', port: 0 })] as const
    }),
  )
  return {
    hosts: Object.fromEntries(started.map(([manner, { address }]) => [manner, address])),
    retag: (repository, tag, digest) => {
      if (digest === undefined) tags.get(repository)?.delete(tag)
      else tags.get(repository)?.set(tag, digest)
    },
    close: async () => {
      await Promise.all(started.map(([, server]) => server.close()))
    },
  }
}

function serverFor(manner: string, keys: OddKeys, handler: RequestListener) {
  if (manner === 'https' || manner === 'tlsbasic') return createSecureServer(keys.server, handler)
  if (manner === 'othername') return createSecureServer(keys.othername, handler)
  if (manner !== 'mtls') return createServer(handler)
  const wants = { ca: keys.ca, requestCert: true, rejectUnauthorized: true }
  return createSecureServer({ ...keys.server, ...wants }, handler)
}

const BASIC = `Basic ${Buffer.from('fixture-user:fixture-pass').toString('base64')}`
const WHO = { code: 'UNAUTHORIZED', message: 'authentication required' }

function mayEnter(manner: string, challenge: Challenge): boolean {
  const { request, response, host } = challenge
  const auth = request.headers.authorization ?? ''
  const ask = (how: string): false => {
    response.setHeader('www-authenticate', how)
    refuse(response, 401, WHO)
    return false
  }
  if (manner === 'basic' || manner === 'tlsbasic')
    return auth === BASIC || ask('Basic realm="fixture"')
  if (manner === 'token' || manner === 'tokenopen')
    return (
      auth === 'Bearer fixture-token' ||
      ask(`Bearer realm="http://${host}/token",service="fixture"`)
    )
  const greeting = GREETINGS[manner]
  if (greeting !== undefined) return greeting(challenge, { ask, basic: BASIC })
  const door = DOORS[manner]
  if (door === undefined) return true
  door(request, response)
  return false
}

function giveToken(manner: string, challenge: Challenge): void {
  const { request, response } = challenge
  const headers = { 'content-type': 'application/json' }
  const token = TOKENS[manner]
  if (token !== undefined) token(challenge)
  else if (manner in GREETINGS || manner === 'tokenopen' || request.headers.authorization === BASIC)
    say(response, 200, { headers, body: '{"token":"fixture-token"}' })
  else refuse(response, 401, WHO)
}

function serve(
  { request, response, host, count, url }: Challenge & { readonly url: URL },
  images: OddImages,
  tags: ReadonlyMap<string, ReadonlyMap<string, string>>,
): void {
  const [, full = '', what = '', id = ''] =
    /^\/v2\/(.+)\/(manifests|blobs|tags|referrers)\/(.+)$/.exec(url.pathname) ?? []
  if (full === '') return void say(response, 404, { body: 'no route\n' })
  const name = full.split('/').at(-1) ?? ''
  const own = tags.get(name)
  const types = images.repositories[name]?.manifests ?? {}
  const digest = id.includes(':') ? id : (own?.get(id) ?? '')
  const body = images.blobs[digest]
  const ask: Ask = {
    request,
    response,
    url,
    host,
    full,
    digest,
    type: types[digest] ?? '',
    body: body ?? Buffer.alloc(0),
    tagged: (tag) => own?.get(tag) ?? '',
    count: () => count(full),
  }
  const manner = full.split('/')[0] ?? ''
  const table = { manifests: MANIFESTS, blobs: BLOBS, tags: TAGS }[what]
  if (manner !== 'x' && table?.[manner]?.(ask)) return
  if (own === undefined)
    refuse(response, 404, {
      code: 'NAME_UNKNOWN',
      message: 'repository name not known to registry',
      detail: { name: full },
    })
  else if (what === 'tags') listTags(ask, [...own.keys()].sort())
  else if (what === 'manifests') serveManifest(ask, id)
  else if (what === 'blobs') serveBlob(ask, body, id)
  else say(response, 404, { body: 'no route\n' })
}

function listTags({ response, url, full }: Ask, all: readonly string[]): void {
  const after = url.searchParams.get('last') ?? ''
  const rest = all.filter((tag) => tag > after)
  const page = rest.slice(0, Number(url.searchParams.get('n') ?? 1000))
  const link = `</v2/${full}/tags/list?last=${page.at(-1)}&n=${page.length}>; rel="next"`
  const headers = {
    'content-type': 'application/json',
    ...(rest.length > page.length ? { link } : {}),
  }
  say(response, 200, { headers, body: JSON.stringify({ name: full, tags: page }) })
}

function serveManifest({ request, response, full, digest, type, body }: Ask, id: string): void {
  if (type === '') {
    const detail = id.includes(':') ? `unknown manifest name=${full} revision=${id}` : { Tag: id }
    refuse(response, 404, { code: 'MANIFEST_UNKNOWN', message: 'manifest unknown', detail })
    return
  }
  const headers = {
    'content-type': type,
    'docker-content-digest': digest,
    'content-length': body.length,
  }
  say(response, 200, { headers, body: request.method === 'HEAD' ? '' : body })
}

function serveBlob({ response }: Ask, body: Buffer | undefined, id: string): void {
  if (body === undefined)
    refuse(response, 404, {
      code: 'BLOB_UNKNOWN',
      message: 'blob unknown to registry',
      detail: { digest: id },
    })
  else
    say(response, 200, {
      headers: {
        'content-type': 'application/octet-stream',
        'content-length': body.length,
        'docker-content-digest': id,
      },
      body,
    })
}
