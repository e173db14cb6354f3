import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Clock } from '../../src/base/index.ts'
import { MemoryRepository, type Repository, serveGit } from '../../src/source/index.ts'

/** A Git host on loopback whose bad manners are part of the address: `/<mode>/<repository>.git`. */
export interface GitHost {
  /** Base address, without a mode. */
  readonly url: string
  /** `METHOD path` of each request so far, with the scheme of its Authorization header. */
  readonly requests: string[]
  /** The repository of a name; made when it is not there. */
  repository(name: string): MemoryRepository
  /** Makes an existing repository known under a name. */
  put(name: string, repository: Repository): void
  remove(name: string): void
  /** While this holds, mode `gate` answers 503. */
  setDown(name: string, isDown: boolean): void
  close(): Promise<void>
}

export const USER = 'fixture-user'
export const PASSWORD = 'fixture-pass'
export const TOKEN = 'fixture-token'

const SLOW_MS = 1500

interface Manners {
  readonly seen: Set<string>
  readonly down: Set<string>
}

/** How a mode answers; true when it has, false to be served as usual. */
type Mode = (request: IncomingMessage, response: ServerResponse, manners: Manners) => boolean

const basic = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`

const MODES: Readonly<Record<string, Mode>> = {
  plain: () => false,
  basic: (request, response) => {
    if (request.headers.authorization === basic) return false
    return end(response, 401, 'unauthorized\n', { 'WWW-Authenticate': 'Basic realm="fixture"' })
  },
  bearer: (request, response) => {
    if (request.headers.authorization === `Bearer ${TOKEN}`) return false
    return end(response, 401, 'unauthorized\n', { 'WWW-Authenticate': 'Bearer realm="fixture"' })
  },
  '401': (_, response) => end(response, 401, 'status 401\n'),
  '403': (_, response) => end(response, 403, 'status 403\n'),
  '500': (_, response) => end(response, 500, 'status 500\n'),
  '503': (_, response) => end(response, 503, 'status 503\n'),
  html: (_, response) =>
    end(response, 200, '<html><body>Please sign in</body></html>\n', {
      'content-type': 'text/html',
    }),
  hang: () => true,
  reset: (request) => {
    request.socket.destroy()
    return true
  },
  // Answers late, see `delay`.
  slow: () => false,
  // Talks at once, but never gets to the pack.
  slowpack: (request) => request.method === 'POST',
  endless: (_, response) => {
    response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' })
    const more = (): void => {
      while (response.write(`${'fff0'}${'x'.repeat(0xfff0 - 4)}`)) if (response.destroyed) return
      response.once('drain', more)
    }
    more()
    return true
  },
  redirect: (request, response) => moved(request, response, 301),
  found: (request, response) => moved(request, response, 302),
  loop: (request, response) => end(response, 302, '', { location: request.url ?? '' }),
  inward: (_, response) => end(response, 302, '', { location: 'http://169.254.169.254/latest/' }),
  flaky: (request, response, { seen }) => {
    const name = request.url?.split('/')[2] ?? ''
    if (seen.has(name)) return false
    seen.add(name)
    return end(response, 500, 'first request\n')
  },
  gate: (request, response, { down }) =>
    down.has(request.url?.split('/')[2] ?? '') && end(response, 503, 'down\n'),
}

function end(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): true {
  response.writeHead(status, headers).end(body)
  return true
}

function moved(request: IncomingMessage, response: ServerResponse, status: number): true {
  const rest = (request.url ?? '').split('/').slice(2).join('/')
  return end(response, status, '', { location: `/plain/${rest}` })
}

/** Starts a host; `version` 0 is a server that never heard of the newer protocol. */
export async function startGitHost(
  options: {
    readonly version?: 0 | 2
    readonly advertisedOnly?: boolean
    /** For the modes that take their time. */
    readonly clock?: Clock
  } = {},
): Promise<GitHost> {
  const repositories = new Map<string, Repository>()
  const requests: string[] = []
  const manners: Manners = { seen: new Set(), down: new Set() }
  const server = await serveGit({
    host: '127.0.0.1',
    port: 0,
    version: options.version ?? 2,
    advertisedOnly: options.advertisedOnly ?? false,
    repository: (path) => {
      const clean = path
        .replace(/\/+/g, '/')
        .split('/')
        .slice(2)
        .join('/')
        .replace(/\.git\/?$/, '')
      return repositories.get(clean)
    },
    delay: async (request) => {
      if (request.url?.startsWith('/slow/')) await options.clock?.sleep(SLOW_MS)
    },
    intercept: (request, response) => {
      const [scheme = '-'] = (request.headers.authorization ?? '-').split(' ')
      requests.push(`${request.method} ${request.url} ${scheme}`)
      const mode = MODES[request.url?.split('/')[1] ?? '']
      return mode === undefined
        ? end(response, 404, 'no such mode\n')
        : mode(request, response, manners)
    },
  })
  return {
    url: `http://${server.address}`,
    requests,
    repository: (name) => {
      const known = repositories.get(name)
      if (known instanceof MemoryRepository) return known
      const made = new MemoryRepository()
      repositories.set(name, made)
      return made
    },
    put: (name, repository) => void repositories.set(name, repository),
    remove: (name) => void repositories.delete(name),
    setDown: (name, isDown) => void (isDown ? manners.down.add(name) : manners.down.delete(name)),
    close: () => server.close(),
  }
}

/** Puts TLS in front of a host; the certificates lie in a folder. */
export async function startTlsFront(
  target: GitHost,
  tls: { readonly keys: string; readonly name: string; readonly wantsClient?: boolean },
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { request: send } = await import('node:http')
  const read = (name: string): Buffer => readFileSync(join(tls.keys, name))
  const client = tls.wantsClient
    ? { ca: read('ca-a.crt'), requestCert: true, rejectUnauthorized: true }
    : {}
  const front = createTlsServer(
    { key: read(`${tls.name}.key`), cert: read(`${tls.name}.crt`), ...client },
    (request, response) => {
      const onward = send(
        `${target.url}${request.url}`,
        { method: request.method ?? 'GET', headers: request.headers },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers)
          answer.pipe(response)
        },
      )
      onward.on('error', () => response.destroy())
      request.pipe(onward)
    },
  )
  front.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
  const { port } = front.address() as AddressInfo
  return {
    url: `https://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        front.close(() => resolve())
        front.closeAllConnections()
      }),
  }
}
