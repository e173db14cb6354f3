import { X509Certificate } from 'node:crypto'
import { connect as connectTwo } from 'node:http2'
import { type RequestOptions, request } from 'node:https'
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import {
  type ApiServerOptions,
  createApiServer,
  type KeyPair,
  type Secured,
  type Served,
  serve,
} from '../../src/apiserver/index.ts'
import { createAuthority, issue } from '../../src/apiserver/tls/index.ts'
import { seededRandom } from '../../src/base/index.ts'
import { systemClock } from '../../src/compose/system.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

interface Running {
  readonly served: Served
  readonly secured: Secured
}

/** Certificates are dated, so the clock is the real one. */
async function started(
  options: ApiServerOptions & {
    readonly alsoPlain?: boolean
    readonly firstByteMs?: number
  } = {},
): Promise<Running> {
  const { alsoPlain = false, firstByteMs = 30_000, ...rest } = options
  const server = createApiServer(
    { clock: systemClock, random: seededRandom(1) },
    { controllers: false, ...rest },
  )
  const secured = server.secure(['127.0.0.1', 'localhost', 'fe80::1:2', 'api.example.org'])
  const { server: certificate, authority: clientAuthority } = secured
  const tls = { certificate, clientAuthority, alsoPlain, firstByteMs }
  const served = await serve(server, { tls })
  closers.push(
    () => served.close(),
    () => server.close(),
  )
  return { served, secured }
}

interface Said {
  readonly status: number
  readonly body: string
}

function ask(
  { served, secured }: Running,
  path: string,
  options: RequestOptions & { readonly pair?: KeyPair } = {},
): Promise<Said> {
  const { pair, ...rest } = options
  const shown = pair === undefined ? {} : { cert: pair.certificate, key: pair.key }
  const to = { host: '127.0.0.1', port: served.port, path, ca: secured.authority, agent: false }
  return new Promise((resolve, reject) => {
    request({ ...to, ...shown, ...rest } as RequestOptions)
      .on('response', (response) => {
        let body = ''
        response.on('data', (chunk: Buffer) => {
          body += chunk.toString()
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      })
      .on('error', reject)
      .end()
  })
}

const WHO = '/apis/authentication.k8s.io/v1/selfsubjectreviews'

const callers: Readonly<
  Record<string, { given: (running: Running) => RequestOptions & { pair?: KeyPair }; want: number }>
> = {
  'nobody is let in without credentials': { given: () => ({}), want: 403 },
  'an administrator by the certificate that the kubeconfig has': {
    given: ({ secured }) => ({ pair: secured.admin }),
    want: 200,
  },
  'a certificate of another authority is none, whatever it says': {
    given: () => {
      const other = createAuthority('tidegate-ca', systemClock.now())
      const admin = { use: 'client' as const, name: 'system:admin', groups: ['system:masters'] }
      return { pair: issue(other, admin, systemClock.now()) }
    },
    want: 401,
  },
  'a token does it too': {
    given: () => ({ headers: { authorization: 'Bearer sesame' } }),
    want: 200,
  },
  'a token that is none is refused': {
    given: () => ({ headers: { authorization: 'Bearer other' } }),
    want: 401,
  },
}

test.each(Object.entries(callers))('over TLS %s', async (_, { given, want }) => {
  const running = await started({ tokens: { sesame: { name: 'a', groups: ['system:masters'] } } })
  const { status } = await ask(running, '/api/v1/namespaces', given(running))
  expect(status).toBe(want)
})

test('the certificate of the server names all its hosts, and its authority signed it', async () => {
  const { secured } = await started()
  const [certificate, authority] = [
    new X509Certificate(secured.server.certificate),
    new X509Certificate(secured.authority),
  ]
  expect(certificate.verify(authority.publicKey)).toBe(true)
  expect(certificate.checkIssued(authority)).toBe(true)
  expect(authority.ca).toBe(true)
  expect(certificate.checkHost('api.example.org')).toBe('api.example.org')
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1')
  expect(certificate.checkIP('fe80::1:2')).toBe('fe80::1:2')
  expect(certificate.checkHost('other.example.org')).toBeUndefined()
})

test('HTTP/2: requests and a watch share a connection, and lists of headers stay lists', async () => {
  const { served, secured } = await started()
  const { certificate: cert, key } = secured.admin
  const session = connectTwo(served.url, { ca: secured.authority, cert, key })
  closers.unshift(() => session.destroy())
  const watch = session.request({ ':path': '/api/v1/configmaps?watch=true' })
  const event = new Promise<string>((resolve) => {
    watch.on('data', (chunk: Buffer) => resolve(chunk.toString()))
  })
  const send = (headers: Record<string, string | string[]>, body: string): Promise<string> =>
    new Promise((resolve) => {
      const stream = session.request({ 'content-type': 'application/json', ...headers })
      let text = ''
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
      stream.on('end', () => resolve(text))
      stream.end(body)
    })
  const review = await send(
    {
      ':method': 'POST',
      ':path': WHO,
      'impersonate-user': 'bea',
      'impersonate-group': ['one', 'system:masters'],
    },
    '{}',
  )
  expect(session.alpnProtocol).toBe('h2')
  expect(JSON.parse(review)).toMatchObject({
    status: {
      userInfo: { username: 'bea', groups: ['one', 'system:masters', 'system:authenticated'] },
    },
  })
  await send(
    { ':method': 'POST', ':path': '/api/v1/namespaces/default/configmaps' },
    '{"metadata":{"name":"a"}}',
  )
  expect(JSON.parse(await event)).toMatchObject({
    type: 'ADDED',
    object: { metadata: { name: 'a' } },
  })
})

/** What a server says to these bytes, once it says this. */
function rawly(port: number, bytes: string | Buffer, until: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => void socket.write(bytes))
    socket.on('error', reject)
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (!text.includes(until)) return
      socket.destroy()
      resolve(text)
    })
  })
}

const PLAIN = 'GET /api/v1/namespaces/default HTTP/1.1\r\nHost: 127.0.0.1\r\n'

test('plain HTTP is refused on a port for TLS, unless it is spoken there too', async () => {
  const secure = await started()
  expect(await rawly(secure.served.port, `${PLAIN}\r\n`, 'server')).toBe(
    'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n',
  )
  const both = await started({ alsoPlain: true })
  expect(await rawly(both.served.port, `${PLAIN}\r\n`, 'uid')).toContain('HTTP/1.1 200 OK')
  const foreign = `${PLAIN}Origin: https://pages.example\r\n\r\n`
  expect(await rawly(both.served.port, foreign, 'listens')).toContain('HTTP/1.1 421')
})

const SOCKET =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'

test('a watch is a WebSocket for those who ask so; nothing else becomes one', async () => {
  const { served } = await started({ alsoPlain: true })
  const watch = `GET /api/v1/namespaces?watch=1 HTTP/1.1\r\nHost: localhost\r\n${SOCKET}\r\n`
  const said = await rawly(served.port, watch, '"name":"kube-system"')
  // The answer of the example in RFC 6455.
  expect(said).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
  const [, frames = ''] = said.split('\r\n\r\n')
  expect(frames.charCodeAt(0)).toBe(0x81)
  expect(frames).toContain('{"type":"ADDED"')
  expect(await rawly(served.port, `${PLAIN}${SOCKET}\r\n`, 'uid')).toContain('HTTP/1.1 200 OK')
  const body = '{"metadata":{"name":"a"}}'
  const upgraded = `POST /api/v1/namespaces HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  expect(await rawly(served.port, upgraded, 'uid')).toContain('HTTP/1.1 201 Created')
})

test('a connection that says nothing is closed', async () => {
  const { served } = await started({ alsoPlain: true, firstByteMs: 20 })
  const socket = connect(served.port, '127.0.0.1')
  socket.on('error', () => undefined)
  expect(await new Promise((resolve) => socket.on('close', () => resolve('closed')))).toBe('closed')
})
