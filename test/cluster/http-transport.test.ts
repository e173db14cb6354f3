import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createSecureServer } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { type Clock, VirtualClock } from '../../src/base/index.ts'
import {
  fencedTransport,
  type HttpOptions,
  type HttpTransport,
  httpTransport,
} from '../../src/cluster/index.ts'
import { systemClock as clock } from '../../src/compose/system.ts'
import { type Relay, startRelay } from '../kit/relay.ts'
import { TEST_TLS } from './tls.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

interface Listening {
  readonly port: number
  readonly sockets: Set<Socket>
}

function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<Listening> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  closers.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve({ port: (server.address() as AddressInfo).port, sockets }),
    )
  })
}

async function plain(
  answer: RequestListener,
  options: Partial<HttpOptions> = {},
  time: Clock = clock,
): Promise<Listening & { readonly transport: HttpTransport }> {
  const listening = await listen(createServer(answer))
  const server = `http://127.0.0.1:${listening.port}`
  const transport = httpTransport({ server, ...options }, time)
  closers.push(() => transport.close())
  return { ...listening, transport }
}

async function relayTo(port: number): Promise<Relay> {
  const relay = await startRelay(port)
  closers.push(relay.close)
  return relay
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = []
  for await (const line of lines) all.push(line)
  return all
}

test('says who asks, sends the body, keeps the socket', async () => {
  const seen: string[] = []
  let tokens = 0
  const { transport, sockets } = await plain(
    (request, response) => {
      void bodyOf(request).then((body) => {
        seen.push(`${request.method} ${request.url} ${request.headers.authorization} ${body}`)
        response.setHeader('x-y', 'z').end('{}')
      })
    },
    { headers: async () => ({ authorization: `Bearer ${(tokens += 1)}` }) },
  )
  for (const body of ['{"a":"ü"}', '{}']) {
    const response = await transport.request({ method: 'PUT', path: '/p?q=1', body })
    expect([response.headers['x-y'], await response.text()]).toEqual(['z', '{}'])
  }
  expect(seen).toEqual(['PUT /p?q=1 Bearer 1 {"a":"ü"}', 'PUT /p?q=1 Bearer 2 {}'])
  expect(sockets.size).toBe(1)
})

test('a server below a path, header lists, gzip', async () => {
  const { transport, port } = await plain((request, response) => {
    response.setHeader('content-encoding', 'gzip')
    response.end(gzipSync(JSON.stringify([request.url, request.headers['impersonate-group']])))
  })
  const below = httpTransport({ server: `http://127.0.0.1:${port}/k8s/c1/` }, clock)
  closers.push(() => below.close())
  const request = {
    method: 'GET',
    path: '/api',
    headers: { 'impersonate-group': ['a', 'b'] },
  } as const
  expect(await (await transport.request(request)).text()).toBe('["/api","a, b"]')
  expect(await (await below.request(request)).text()).toBe('["/k8s/c1/api","a, b"]')
})

test('lines come as they arrive, and end with the signal', async () => {
  let held: ServerResponse | undefined
  const { transport } = await plain((_, response) => {
    held = response
    response.write('{"a":1}\n{"b"')
  })
  const stop = new AbortController()
  const response = await transport.request({
    method: 'GET',
    path: '/x?watch=true',
    signal: stop.signal,
  })
  const lines = response.lines()[Symbol.asyncIterator]()
  expect((await lines.next()).value).toBe('{"a":1}')
  held?.write(':"ü"}\n')
  expect((await lines.next()).value).toBe('{"b":"ü"}')
  const next = lines.next()
  stop.abort(new Error('enough'))
  await expect(next).rejects.toThrow('enough')
})

test('a body that breaks off is no end', async () => {
  const { transport } = await plain((_, response) => {
    response.write('{"a":1}\n')
    setTimeout(() => response.destroy(), 20)
  })
  const response = await transport.request({ method: 'GET', path: '/x?watch=true' })
  await expect(collect(response.lines())).rejects.toMatchObject({ code: 'UNREACHABLE' })
})

describe('no answer is an UNREACHABLE', () => {
  test('nobody listens', async () => {
    const transport = httpTransport({ server: 'http://127.0.0.1:1' }, clock)
    await expect(transport.request({ method: 'GET', path: '/api?x=secret' })).rejects.toMatchObject(
      {
        code: 'UNREACHABLE',
        status: 0,
        message: expect.stringMatching(/^GET http:\/\/127\.0\.0\.1:1\/api: connect ECONNREFUSED/),
      },
    )
  })

  test('the server takes too long', async () => {
    const time = new VirtualClock()
    let asked: () => void = () => undefined
    const arrived = new Promise<void>((resolve) => {
      asked = resolve
    })
    const { transport } = await plain(() => asked(), { timeoutMs: 5_000 }, time)
    const answer = transport.request({ method: 'GET', path: '/slow' })
    const failed = expect(answer).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('no answer within 5s'),
    })
    await arrived
    await time.advance(5_000)
    await failed
  })

  test('the signal ends the waiting with its own reason', async () => {
    const stop = new AbortController()
    const { transport } = await plain(() => stop.abort(new Error('changed my mind')))
    const answer = transport.request({ method: 'GET', path: '/', signal: stop.signal })
    await expect(answer).rejects.toThrow('changed my mind')
  })
})

test('a kept socket that the server closed is replaced without a word', async () => {
  let answered = 0
  const sockets: Socket[] = []
  const server = createServer((_, response) => {
    answered += 1
    response.end(String(answered))
  })
  server.on('connection', (socket) => sockets.push(socket))
  const { port } = await listen(server)
  const transport = httpTransport({ server: `http://127.0.0.1:${port}` }, clock)
  closers.push(() => transport.close())
  const ask = async (): Promise<string> =>
    (await transport.request({ method: 'PATCH', path: '/', body: '{}' })).text()
  expect(await ask()).toBe('1')
  for (let i = 2; i < 12; i += 1) {
    sockets.at(-1)?.destroy()
    expect(await ask()).toBe(String(i))
  }
})

test('a write that had to wait for its socket is held back when it may no longer go', async () => {
  const answered: string[] = []
  let first: ServerResponse | undefined
  const { transport } = await plain(
    (request, response) => {
      answered.push(request.url ?? '')
      if (first === undefined) first = response
      else response.end('{}')
    },
    { socketsMax: 1 },
  )
  let may = true
  const leader = fencedTransport(transport, () => may)
  const write = async (path: string): Promise<string> =>
    (await leader.request({ method: 'PATCH', path, body: '{}' })).text()
  const one = write('/one')
  const two = expect(write('/two')).rejects.toThrow(/held back/)
  while (first === undefined) await new Promise((resolve) => setImmediate(resolve))
  may = false
  first.end('{}')
  expect(await one).toBe('{}')
  await two
  expect(await (await leader.request({ method: 'GET', path: '/read' })).text()).toBe('{}')
  expect(answered).toEqual(['/one', '/read'])
})

describe('over TLS', () => {
  const server = (port: number): string => `https://localhost:${port}`

  test('the certificate is checked, unless it is not to be', async () => {
    const { port } = await listen(createHttpsServer(TEST_TLS, (_, response) => response.end('ok')))
    const ask = async (options: Partial<HttpOptions>): Promise<string> => {
      const transport = httpTransport({ server: server(port), ...options }, clock)
      closers.push(() => transport.close())
      return (await transport.request({ method: 'GET', path: '/' })).text()
    }
    await expect(ask({})).rejects.toMatchObject({ code: 'UNREACHABLE' })
    expect(await ask({ ca: TEST_TLS.cert })).toBe('ok')
    expect(await ask({ insecure: true })).toBe('ok')
  })

  test('a server without HTTP/2 gives its watches over HTTP/1.1', async () => {
    const { port } = await listen(
      createHttpsServer(TEST_TLS, (_, response) => response.end('{"a":1}\n')),
    )
    const transport = httpTransport({ server: server(port), ca: TEST_TLS.cert }, clock)
    closers.push(() => transport.close())
    const response = await transport.request({ method: 'GET', path: '/x?watch=true' })
    expect(response.monitored).toBeUndefined()
    expect(await collect(response.lines())).toEqual(['{"a":1}'])
  })

  test('watches share one HTTP/2 connection; one that is dead is noticed by its pings', async () => {
    const time = new VirtualClock()
    const secure = createSecureServer(TEST_TLS)
    let open = 0
    secure.on('stream', (stream, headers) => {
      open += 1
      stream.respond({ ':status': 200, 'x-path': String(headers[':path']) })
      stream.write('{"a":1}\n')
    })
    const { port } = await listen(secure as unknown as Server)
    const relay = await relayTo(port)
    const transport = httpTransport({ server: server(relay.port), ca: TEST_TLS.cert }, time)
    closers.push(() => transport.close())
    const watch = async (path: string): Promise<AsyncIterator<string>> => {
      const response = await transport.request({ method: 'GET', path })
      expect(response).toMatchObject({ status: 200, monitored: true, headers: { 'x-path': path } })
      return response.lines()[Symbol.asyncIterator]()
    }
    const [first, second] = await Promise.all([watch('/a?watch=true'), watch('/b?watch=true')])
    expect((await first.next()).value).toBe('{"a":1}')
    expect((await second.next()).value).toBe('{"a":1}')
    expect([open, relay.sockets.size]).toEqual([2, 1])
    relay.swallow()
    const ends = Promise.all(
      [first, second].map((each) =>
        expect(each.next()).rejects.toMatchObject({ code: 'UNREACHABLE' }),
      ),
    )
    await time.advance(8_000)
    await ends
  })

  test.each([
    { reason: 'in use', idleMs: 0 },
    { reason: 'dead since it was used last', idleMs: 20_000 },
  ])('requests on a connection that is dead go over another: $reason', async ({ idleMs }) => {
    const time = new VirtualClock()
    const asked: string[] = []
    const { port } = await listen(
      createSecureServer(TEST_TLS, (request, response) => {
        asked.push(`${request.method} ${request.url}`)
        response.end('{}')
      }) as unknown as Server,
    )
    const relay = await relayTo(port)
    const transport = httpTransport({ server: server(relay.port), ca: TEST_TLS.cert }, time)
    closers.push(() => transport.close())
    const ask = async (method: 'GET' | 'PATCH' | 'POST'): Promise<string> =>
      (await transport.request({ method, path: `/${method}`, body: '{}' })).text()
    expect(await ask('PATCH')).toBe('{}')
    relay.swallow()
    await time.advance(idleMs)
    const answers = Promise.all([ask('GET'), ask('PATCH')])
    // Whether the server has taken it in is not known, and twice would be two.
    const refused = expect(ask('POST')).rejects.toMatchObject({ code: 'UNREACHABLE' })
    await time.advance(8_000)
    await refused
    expect(await answers).toEqual(['{}', '{}'])
    expect([asked.toSorted(), relay.sockets.size]).toEqual([
      ['GET /GET', 'PATCH /PATCH', 'PATCH /PATCH'],
      2,
    ])
  })
})

test('a proxy is asked to connect, with its credentials', async () => {
  const { port } = await listen(createServer((_, response) => response.end('through')))
  const asked: string[] = []
  const proxy = createServer()
  proxy.on('connect', (request, socket) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization']}`)
    const far = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      far.pipe(socket)
      socket.pipe(far)
    })
  })
  const { port: way } = await listen(proxy)
  const transport = httpTransport(
    { server: `http://127.0.0.1:${port}`, proxy: `http://me:pw@127.0.0.1:${way}` },
    clock,
  )
  closers.push(() => transport.close())
  expect(await (await transport.request({ method: 'GET', path: '/' })).text()).toBe('through')
  expect(asked).toEqual([`127.0.0.1:${port} Basic ${Buffer.from('me:pw').toString('base64')}`])
})
