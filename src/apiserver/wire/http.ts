import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Server, Socket } from 'node:net'
import { answer, type Servable } from './answer.ts'
import { type Exchange, overOne } from './exchange.ts'
import { peerOf } from './peer.ts'
import { type SecureOptions, secured } from './secure.ts'
import { upgrade } from './upgrade.ts'

/** The server's face on HTTP. */
export interface Served {
  /** By which clients reach it: HTTPS where TLS is spoken. */
  readonly url: string
  readonly port: number
  /** Stops listening and drops every connection. */
  close(): Promise<void>
}

/** Where to listen. */
export interface ServeOptions {
  /** Default: loopback only. */
  readonly host?: string
  /** Default: one that is free. */
  readonly port?: number
  /** Largest request body. Default: 3 MiB, as the real server has it. */
  readonly bodyMaxBytes?: number
  /** TLS, with HTTP/2 for those who know it. Default: plain HTTP/1.1 alone. */
  readonly tls?: SecureOptions
}

const BODY_MAX_BYTES = 3 * 1024 * 1024
/** As Go has it. */
const HEADER_MAX_BYTES = 1024 * 1024
const SETTINGS = { keepAliveTimeout: 90_000, noDelay: true, maxHeaderSize: HEADER_MAX_BYTES }

/** Puts a transport (an API server) on HTTP. */
export function serve(servable: Servable, options: ServeOptions = {}): Promise<Served> {
  const host = options.host ?? '127.0.0.1'
  const bodyMaxBytes = options.bodyMaxBytes ?? BODY_MAX_BYTES
  const respond = (exchange: Exchange, socket: Socket): void => {
    const peer = peerOf(socket)
    answer(servable, exchange, { peer, bodyMaxBytes }).catch(() => exchange.drop())
  }
  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { isSecure } = peerOf(incoming.socket)
    if (!isSecure && isLoopback(host) && isMisdirected(incoming)) misdirected(outgoing)
    else respond(overOne(incoming, outgoing), incoming.socket)
  }
  const plain = createServer(SETTINGS, onRequest)
  const calm = createServer(SETTINGS, onRequest)
  plain.on('upgrade', (incoming, socket, first) => {
    upgrade(servable, calm, { incoming, socket, first }).catch(() => socket.destroy())
  })
  for (const each of [plain, calm]) each.requestTimeout = 0
  const { tls } = options
  const server = tls === undefined ? plain : secured(plain, tls, respond)
  return listening(server, { host, port: options.port ?? 0, isSecure: tls !== undefined })
}

/** By what this machine reaches what listens everywhere. */
const NEAR: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

function listening(
  server: Server,
  at: { readonly host: string; readonly port: number; readonly isSecure: boolean },
): Promise<Served> {
  const { host, isSecure } = at
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(at.port, host, () => {
      const { port } = server.address() as AddressInfo
      const near = NEAR[host] ?? host
      const name = near.includes(':') ? `[${near}]` : near
      resolve({ url: `${isSecure ? 'https' : 'http'}://${name}:${port}`, port, close })
    })
  })
}

/**
 * What listens on loopback answers to loopback's names alone, and to no page of another host: a page
 * in a browser must not reach it, neither under a name of its own that it lets point here, nor by
 * sending what needs no leave.
 */
function isMisdirected({ headers }: IncomingMessage): boolean {
  if (!isLoopback(nameOf(headers.host))) return true
  const { origin } = headers
  if (origin === undefined) return false
  return !URL.canParse(origin) || !isLoopback(nameOf(new URL(origin).host))
}

function misdirected(outgoing: ServerResponse): void {
  const message = 'this server listens on loopback and answers to 127.0.0.1, [::1] and localhost'
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message }
  outgoing.writeHead(421, { 'content-type': 'application/json' })
  outgoing.end(JSON.stringify({ ...body, code: 421 }))
}

/** The name in a Host header, without its port. */
function nameOf(host: string | undefined): string {
  return (host ?? '').replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
}

function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '::1' || /^127(?:\.\d{1,3}){3}$/.test(name)
}
