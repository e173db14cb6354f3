import { type AgentOptions, Agent as HttpAgent, request } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'

/** A way through an HTTP proxy. */
export interface ConnectTunnel {
  /** `http://[user:password@]host:port`. */
  readonly proxy: string
  /** Whether TLS is spoken to the server behind the proxy, and with which options. */
  readonly secure: boolean
  readonly tls: Readonly<Record<string, unknown>>
}

type Created = (error: Error | null, socket: Duplex) => void

/** An agent whose sockets go through a proxy's CONNECT. */
export function tunnelAgent(tunnel: ConnectTunnel, options: AgentOptions): HttpAgent | HttpsAgent {
  const agent = tunnel.secure
    ? new HttpsAgent({ ...options, ...tunnel.tls })
    : new HttpAgent(options)
  const dial = (
    target: { host?: string; port?: number | string },
    created?: Created,
  ): undefined => {
    openTunnel(tunnel, String(target.host), Number(target.port)).then(
      (socket) => created?.(null, socket),
      (error: Error) => created?.(error, undefined as unknown as Duplex),
    )
  }
  return Object.assign(agent, { createConnection: dial })
}

function openTunnel(tunnel: ConnectTunnel, host: string, port: number): Promise<Duplex> {
  const proxy = new URL(tunnel.proxy)
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  const headers =
    proxy.username === ''
      ? {}
      : { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }
  const target = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  return new Promise((resolve, reject) => {
    if (proxy.protocol !== 'http:') {
      reject(
        new Error(`proxy ${proxy.protocol}//${proxy.host}: only http:// proxies are supported`),
      )
      return
    }
    const opening = request({
      method: 'CONNECT',
      host: proxy.hostname,
      port: proxy.port === '' ? 80 : proxy.port,
      path: target,
      headers: { host: target, ...headers },
      agent: false,
    })
    opening.once('error', reject)
    opening.once('connect', (answer, socket: Socket) => {
      if (answer.statusCode !== 200) {
        socket.destroy()
        reject(new Error(`proxy ${proxy.host}: CONNECT answered ${answer.statusCode}`))
        return
      }
      resolve(tunnel.secure ? secured(tunnel, socket, host) : socket)
    })
    opening.end()
  })
}

function secured(tunnel: ConnectTunnel, socket: Socket, host: string): Duplex {
  return connectTls({ servername: /^[\d.]+$|:/.test(host) ? '' : host, ...tunnel.tls, socket })
}
