import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createGunzip } from 'node:zlib'
import { listen, type RunningServer } from '../artifact/server.ts'
import type { Repository } from './memory-repository.ts'
import { greeting, type UploadPackOptions, uploadPack } from './upload-pack.ts'

/** What to serve, and to whom. */
export interface GitServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** The repository of a path, `/org/name.git`; undefined when there is none. */
  readonly repository: (path: string) => Repository | undefined
  /** Sees each request first; true when it has answered it. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse) => boolean
  /** Waited for before each answer. */
  readonly delay?: (request: IncomingMessage) => Promise<void>
  /** Newest version of the protocol to speak; 2 unless given. */
  readonly version?: 0 | 2
  /** Gives out only what a ref names. */
  readonly advertisedOnly?: boolean
}

const REQUEST_BYTES_MAX = 16 * 1024 * 1024

/** Serves repositories for reading over smart HTTP. */
export function serveGit(options: GitServerOptions): Promise<RunningServer> {
  const server = createServer((request, response) => {
    if (options.intercept?.(request, response)) return
    answer(options, request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  })
  return listen(server, options)
}

async function answer(
  options: GitServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  await options.delay?.(request)
  const url = new URL(request.url ?? '/', 'http://localhost')
  const match = /^(.*)\/(info\/refs|git-upload-pack)$/.exec(decodeURIComponent(url.pathname))
  const repository = match === null ? undefined : options.repository(match[1] ?? '')
  if (match === null || repository === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('repository not found\n')
    return
  }
  const isNew = /\bversion=2\b/.test(`${request.headers['git-protocol'] ?? ''}`)
  const served: UploadPackOptions = {
    repository,
    version: isNew && (options.version ?? 2) === 2 ? 2 : 0,
    advertisedOnly: options.advertisedOnly ?? false,
  }
  const type = 'application/x-git-upload-pack'
  if (match[2] === 'info/refs' && url.searchParams.get('service') === 'git-upload-pack') {
    const headers = { 'content-type': `${type}-advertisement`, 'cache-control': 'no-cache' }
    response.writeHead(200, headers).end(greeting(served))
    return
  }
  if (match[2] !== 'git-upload-pack' || request.method !== 'POST') {
    response.writeHead(403, { 'content-type': 'text/plain' }).end('forbidden\n')
    return
  }
  const body = await readRequest(request)
  const headers = { 'content-type': `${type}-result`, 'cache-control': 'no-cache' }
  response.writeHead(200, headers).end(uploadPack(served, body))
}

async function readRequest(request: IncomingMessage): Promise<Buffer> {
  const isPacked = request.headers['content-encoding'] === 'gzip'
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of (isPacked
    ? request.pipe(createGunzip())
    : request) as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > REQUEST_BYTES_MAX) throw new Error('request too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
