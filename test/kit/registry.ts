import { createHash, type KeyObject, sign } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { FileTree } from '../../src/base/index.ts'
import { listen } from '../../src/source/artifact/server.ts'
import { tarOf } from '../../src/source/tree/tar-write.ts'

/** An OCI registry on loopback that holds what it is given. */
export interface TestRegistry {
  readonly host: string
  /** `METHOD path` of each request, with the scheme of its Authorization header. */
  readonly requests: string[]
  /** Stores an artifact as `flux push artifact` writes it; answers the digest of its manifest. */
  push(
    repository: string,
    tag: string,
    tree: FileTree,
    annotations?: Record<string, string>,
  ): string
  /** Puts a signature beside an artifact, as cosign does. */
  sign(repository: string, digest: string, key: KeyObject, about?: string): void
  /** Stores a manifest as it is, under a tag or under its digest alone; answers the digest. */
  put(repository: string, manifest: Buffer, tag?: string): string
  /** Stores a blob; answers its digest. */
  store(data: Buffer): string
  /** What is served under a digest; put something else there to spoil it. */
  readonly blobs: Map<string, Buffer>
  close(): Promise<void>
}

/** How the registry behaves. */
export interface TestRegistryOptions {
  /** Wants a token from its own token service, which wants this user. */
  readonly user?: { readonly name: string; readonly password: string }
  /** Sends blobs elsewhere, as registries on object storage do. */
  readonly redirectTo?: (digest: string) => string
  /** Gives tags in pages of this length. */
  readonly pageLength?: number
}

export const LAYER = 'application/vnd.cncf.flux.content.v1.tar+gzip'
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const TOKEN = 'a-token-of-the-registry'

const digestOf = (data: Buffer): string =>
  `sha256:${createHash('sha256').update(data).digest('hex')}`

/** Starts a registry. */
export async function startRegistry(options: TestRegistryOptions = {}): Promise<TestRegistry> {
  const blobs = new Map<string, Buffer>()
  const tags = new Map<string, Map<string, string>>()
  const requests: string[] = []
  let host = ''
  const server = createServer((request, response) => {
    const [scheme = '-'] = (request.headers.authorization ?? '-').split(' ')
    requests.push(`${request.method} ${request.url} ${scheme}`)
    answer(request, response)
  })
  const end = (
    response: ServerResponse,
    status: number,
    body: Buffer | string,
    headers = {},
  ): void => {
    response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers })
    response.end(body)
  }
  const isOpen = (request: IncomingMessage): boolean =>
    options.user === undefined || request.headers.authorization === `Bearer ${TOKEN}`
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', 'http://x')
    if (url.pathname === '/token') return giveToken(request, response)
    if (!isOpen(request)) {
      const challenge = `Bearer realm="http://${host}/token",service="test"`
      return end(response, 401, '{"errors":[{"code":"UNAUTHORIZED"}]}', {
        'www-authenticate': challenge,
      })
    }
    if (url.pathname === '/v2/') return end(response, 200, '{}')
    if (request.method === 'POST' || request.method === 'PUT') return take(request, response, url)
    const match = /^\/v2\/(.+)\/(manifests|blobs|tags)\/([^/]+)$/.exec(url.pathname)
    const [, repository = '', what, reference = ''] = match ?? []
    if (what === 'tags') return giveTags(url, response, repository)
    const digest = tags.get(repository)?.get(reference) ?? reference
    const data = blobs.get(digest)
    if (data === undefined) return end(response, 404, '{"errors":[{"code":"MANIFEST_UNKNOWN"}]}')
    if (what === 'blobs' && options.redirectTo !== undefined)
      return end(response, 307, '', { location: options.redirectTo(digest) })
    const headers = { 'content-type': MANIFEST, 'docker-content-digest': digest }
    return end(response, 200, request.method === 'HEAD' ? '' : data, headers)
  }
  /** Takes blobs in one piece, and manifests. */
  const take = (request: IncomingMessage, response: ServerResponse, url: URL): void => {
    if (request.method === 'POST')
      return end(response, 202, '', { location: `${url.pathname}an-upload?state=1` })
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const digest = store(Buffer.concat(parts))
      const told = url.searchParams.get('digest')
      const [, repository = '', tag = ''] = /^\/v2\/(.+)\/manifests\/(.+)$/.exec(url.pathname) ?? []
      if (tag !== '') name(repository, tag, digest)
      end(response, told === null || told === digest ? 201 : 400, '')
    })
  }
  const giveToken = (request: IncomingMessage, response: ServerResponse): void => {
    const { name = '', password = '' } = options.user ?? {}
    const wanted = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
    if (request.headers.authorization !== wanted) return end(response, 401, 'no')
    return end(response, 200, JSON.stringify({ token: TOKEN }))
  }
  const giveTags = (url: URL, response: ServerResponse, repository: string): void => {
    const all = [...(tags.get(repository)?.keys() ?? [])].sort()
    const after = url.searchParams.get('last') ?? ''
    const rest = all.filter((tag) => tag > after)
    const page = rest.slice(0, options.pageLength ?? rest.length)
    const last = page.at(-1) ?? ''
    const more =
      page.length < rest.length ? { link: `<${url.pathname}?last=${last}>; rel="next"` } : {}
    return end(response, 200, JSON.stringify({ tags: page }), more)
  }
  const running = await listen(server, { host: '127.0.0.1', port: 0 })
  host = running.address
  const store = (data: Buffer): string => {
    blobs.set(digestOf(data), data)
    return digestOf(data)
  }
  const name = (repository: string, tag: string, digest: string): void => {
    const known = tags.get(repository) ?? new Map<string, string>()
    tags.set(repository, known.set(tag, digest))
  }
  return {
    host,
    requests,
    blobs,
    store,
    put: (repository, manifest, tag) => {
      const digest = store(manifest)
      if (tag !== undefined) name(repository, tag, digest)
      return digest
    },
    sign: (repository, digest, key, about = digest) => {
      const image = { 'docker-manifest-digest': about }
      const payload = Buffer.from(
        JSON.stringify({ critical: { image, type: 'cosign container image signature' } }),
      )
      const signature = sign('sha256', payload, key).toString('base64')
      const annotations = { 'dev.cosignproject.cosign/signature': signature }
      const layers = [{ digest: store(payload), size: payload.length, annotations }]
      const manifest = Buffer.from(
        JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, layers }),
      )
      name(repository, `${digest.replace(':', '-')}.sig`, store(manifest))
    },
    push: (repository, tag, tree, annotations = {}) => {
      const layer = gzipSync(tarOf(tree))
      const config = Buffer.from('{}')
      const manifest = Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: MANIFEST,
          config: {
            mediaType: 'application/vnd.cncf.flux.config.v1+json',
            digest: digestOf(config),
            size: 2,
          },
          layers: [{ mediaType: LAYER, digest: digestOf(layer), size: layer.length }],
          annotations,
        }),
      )
      for (const data of [layer, config, manifest]) store(data)
      name(repository, tag, digestOf(manifest))
      return digestOf(manifest)
    },
    close: () => running.close(),
  }
}
