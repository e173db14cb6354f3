import { readFileSync } from 'node:fs'
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GitRequest } from '../../src/api/index.ts'
import { VirtualClock } from '../../src/base/index.ts'
import { listen } from '../../src/source/artifact/server.ts'
import { createFetcher, createHttpClient, type RunningServer } from '../../src/source/index.ts'
import { environmentProxy } from '../../src/source/proxy.ts'
import { type GitHost, startGitHost, startTlsFront } from '../kit/git-host.ts'
import { httpProxy } from '../kit/http-proxy.ts'
import { startSshHost } from '../kit/ssh-host.ts'

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
  const proxy = httpProxy({ user: 'me:secret', seen: (request) => seen.push(request) })
  web = await listen(proxy, { host: '127.0.0.1', port: 0 })
  socks = await socksProxy()
})
const key = (name: string): string => readFileSync(join(KEYS, name), 'utf8')

afterAll(async () => {
  http.close()
  await Promise.all([host.close(), tls.close(), web.close()])
  socks.close()
})

function listenTcp(server: TcpServer): Promise<{ address: string; close(): void }> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      resolve({ address: `127.0.0.1:${port}`, close: () => void server.close() })
    })
  })
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

  it('carries SSH, whose host speaks first', async () => {
    const repository = host.repository('app')
    const ssh = await startSshHost({
      hostKey: key('host-a'),
      authorized: [key('ssh-a.pub')],
      repository: () => repository,
    })
    const known = `[127.0.0.1]:${ssh.port} ${key('host-a.pub')}`
    const credentials = secret({ identity: key('ssh-a'), known_hosts: known })
    const url = `ssh://git@127.0.0.1:${ssh.port}/app.git`
    for (const via of [`http://${web.address}`, `socks5://127.0.0.1:${socks.port}`])
      expect(await fetchVia(via, { url, credentials })).toBe('m')
    await ssh.close()
  })

  it('that never answers is given up when the time is', async () => {
    const mute = createTcpServer((socket) => socket.resume())
    const { address, close } = await listenTcp(mute)
    const credentials = secret({ identity: key('ssh-a'), known_hosts: 'x ssh-ed25519 AAAA' })
    const late = new AbortController()
    const url = 'ssh://git@example.com/app.git'
    const asked = fetchVia(`http://${address}`, { url, credentials, signal: late.signal })
    mute.once('connection', () => late.abort(new Error('late')))
    await expect(asked).rejects.toMatchObject({ code: 'GIT_TIMEOUT' })
    const direct = `ssh://git@${address}/app.git`
    const alone = new AbortController()
    mute.once('connection', () => alone.abort(new Error('late')))
    const ask = { url: direct, credentials, ref: { branch: 'main' }, signal: alone.signal }
    await expect(fetcher.git({ ...ask })).rejects.toMatchObject({ code: 'GIT_TIMEOUT' })
    close()
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
