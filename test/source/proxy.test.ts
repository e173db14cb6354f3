import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, request as httpRequest, type Server } from 'node:http'
import { connect, createServer as createTcpServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GitRequest } from '../../src/api/index.ts'
import { VirtualClock } from '../../src/base/index.ts'
import { listen } from '../../src/source/artifact/server.ts'
import { createFetcher, createHttpClient, type RunningServer } from '../../src/source/index.ts'
import { environmentProxy } from '../../src/source/proxy.ts'
import { type GitHost, startGitHost, startTlsFront } from '../kit/git-host.ts'

const KEYS = join(import.meta.dirname, '../fixtures/source/recorded/keys')
const http = createHttpClient()
const fetcher = createFetcher({ http, clock: new VirtualClock() })
let host: GitHost
let tls: { readonly url: string; close(): Promise<void> }
let web: RunningServer
let socks: { port: number; close(): void }
let seen: string[] = []

beforeAll(async () => {
  host = await startGitHost()
  const repository = host.repository('app')
  repository.setRef('refs/heads/main', repository.commit({ files: { a: '1' }, message: 'm' }))
  tls = await startTlsFront(host, { keys: KEYS, name: 'server' })
  web = await listen(httpProxy(), { host: '127.0.0.1', port: 0 })
  socks = await socksProxy()
})
afterAll(async () => {
  http.close()
  await Promise.all([host.close(), tls.close(), web.close()])
  socks.close()
})

function httpProxy(): Server {
  const isKnown = (header: string | undefined): boolean =>
    header === `Basic ${Buffer.from('me:secret').toString('base64')}`
  const proxy = createHttpServer((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    if (!isKnown(request.headers['proxy-authorization'])) return response.writeHead(407).end()
    const onward = httpRequest(
      request.url ?? '',
      { method: request.method ?? 'GET', headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    return request.pipe(onward)
  })
  proxy.on('connect', (request, socket) => {
    seen.push(`CONNECT ${request.url}`)
    if (!isKnown(request.headers['proxy-authorization']))
      return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    const [name = '', port = ''] = (request.url ?? '').split(':')
    const onward = connect(Number(port), name, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.pipe(socket)
      socket.pipe(onward)
    })
    onward.on('error', () => socket.destroy())
    return socket.on('error', () => onward.destroy())
  })
  return proxy
}

/** Just enough of RFC 1928 and 1929 for one user. */
function socksProxy(): Promise<{ port: number; close(): void }> {
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    let step = 0
    socket.on('data', (data) => {
      if (step === 0) socket.write(Buffer.from([5, 2]))
      else if (step === 1) {
        const user = data.toString('latin1', 2, 2 + (data[1] ?? 0))
        socket.write(Buffer.from([1, user === 'me' ? 0 : 1]))
      } else if (step === 2) {
        const length = data[4] ?? 0
        const name = data.toString('latin1', 5, 5 + length)
        const port = data.readUInt16BE(5 + length)
        seen.push(`SOCKS ${name}:${port}`)
        const onward = connect(port, name, () => {
          socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]))
          onward.pipe(socket)
        })
        onward.on('error', () => socket.destroy())
        socket.on('data', (more) => onward.write(more))
      }
      step += 1
    })
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      const close = (): void => {
        for (const socket of sockets) socket.destroy()
        server.close()
      }
      resolve({ port, close })
    })
  })
}

const secret = (data: Record<string, string>): Record<string, Uint8Array> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value)]))

async function fetchVia(
  address: string,
  rest: Partial<GitRequest> & { user?: string } = {},
): Promise<string> {
  seen = []
  const { user = 'me', ...request } = rest
  const answer = await fetcher.git({
    url: `${host.url}/plain/app.git`,
    ref: { branch: 'main' },
    proxy: secret({ address, username: user, password: 'secret' }),
    signal: new AbortController().signal,
    ...request,
  })
  return answer === 'unchanged' ? answer : answer.subject
}

describe('a proxy', () => {
  const ca = secret({ 'ca.crt': readFileSync(join(KEYS, 'ca-a.crt'), 'utf8') })

  it('is asked for whole addresses over plain HTTP', async () => {
    expect(await fetchVia(`http://${web.address}`)).toBe('m')
    expect(seen[0]).toBe(`GET ${host.url}/plain/app.git/info/refs?service=git-upload-pack`)
  })

  it('tunnels TLS, which ends at the host', async () => {
    const url = `${tls.url}/plain/app.git`
    expect(await fetchVia(`http://${web.address}`, { url, credentials: ca })).toBe('m')
    expect(seen[0]).toBe(`CONNECT ${new URL(tls.url).host}`)
  })

  it('may be of the other kind', async () => {
    expect(await fetchVia(`socks5://127.0.0.1:${socks.port}`)).toBe('m')
    expect(seen[0]).toBe(`SOCKS ${new URL(host.url).host}`)
    const url = `${tls.url}/plain/app.git`
    expect(await fetchVia(`socks5://127.0.0.1:${socks.port}`, { url, credentials: ca })).toBe('m')
  })

  it('that does not know the user, or is none, is a fault', async () => {
    const url = `${tls.url}/plain/app.git`
    const via = `http://${web.address}`
    await expect(fetchVia(via, { url, credentials: ca, user: 'x' })).rejects.toThrow('answered 407')
    await expect(fetchVia(`socks5://127.0.0.1:${socks.port}`, { user: 'x' })).rejects.toThrow(
      'rejected',
    )
    await expect(fetchVia('ftp://x')).rejects.toMatchObject({ code: 'GIT_PROXY' })
  })
})

describe('the proxy of the environment', () => {
  const cases: Readonly<
    Record<string, { env: Record<string, string>; url: string; want: string | undefined }>
  > = {
    none: { env: {}, url: 'https://a.example', want: undefined },
    'for TLS': { env: { HTTPS_PROXY: 'http://p:1' }, url: 'https://a.example', want: 'p:1' },
    'lower case': { env: { https_proxy: 'http://p:1' }, url: 'https://a.example', want: 'p:1' },
    'without a scheme': { env: { HTTP_PROXY: 'p:1' }, url: 'http://a.example', want: 'p:1' },
    'not for the other scheme': {
      env: { HTTP_PROXY: 'p:1' },
      url: 'https://a.example',
      want: undefined,
    },
    'a host that is exempt': {
      env: { HTTPS_PROXY: 'p:1', NO_PROXY: 'b.example, a.example' },
      url: 'https://a.example',
      want: undefined,
    },
    'its subdomain, too': {
      env: { HTTPS_PROXY: 'p:1', NO_PROXY: 'example' },
      url: 'https://a.example',
      want: undefined,
    },
    'another port': {
      env: { HTTPS_PROXY: 'p:1', NO_PROXY: 'a.example:444' },
      url: 'https://a.example',
      want: 'p:1',
    },
    'a network': {
      env: { HTTPS_PROXY: 'p:1', NO_PROXY: '10.0.0.0/8' },
      url: 'https://10.2.3.4',
      want: undefined,
    },
    everything: {
      env: { HTTPS_PROXY: 'p:1', NO_PROXY: '*' },
      url: 'https://a.example',
      want: undefined,
    },
    'this machine': { env: { HTTP_PROXY: 'p:1' }, url: 'http://127.0.0.1:8', want: undefined },
  }
  for (const [name, { env, url, want }] of Object.entries(cases))
    it(name, () => {
      expect(environmentProxy(env, new URL(url))?.url.host).toBe(want)
    })
})
