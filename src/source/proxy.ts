import { connect as netConnect, type Socket } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import { messageOf } from '../base/index.ts'
import { basicAuthorization } from './basic-authorization.ts'
import { gitFault } from './git/fault.ts'
import type { SecretData } from './secret-data.ts'

/** A proxy: `http:`, `https:` or `socks5:`, user and password in the address. */
export interface Proxy {
  readonly url: URL
}

/** Where a tunnel is to end. */
export interface Target {
  readonly host: string
  readonly port: number
}

const SCHEMES: ReadonlySet<string> = new Set(['http:', 'https:', 'socks5:', 'socks5h:'])
const ANSWER_BYTES_MAX = 16_384
const IDLE_MS_MAX = 60_000

/**
 * Reads a proxy from the data of a secret.
 * @throws Fault GIT_PROXY
 */
export function proxyOf(data: SecretData): Proxy {
  const text = (key: string): string => Buffer.from(data[key] ?? []).toString()
  const address = text('address')
  if (address === '') throw gitFault('GIT_PROXY', "key 'address' not found")
  if (!URL.canParse(address) || !SCHEMES.has(new URL(address).protocol))
    throw gitFault('GIT_PROXY', `proxy URL must use http, https or socks5 scheme`)
  const url = new URL(address)
  if (text('username') !== '') {
    url.username = encodeURIComponent(text('username'))
    url.password = encodeURIComponent(text('password'))
  }
  return { url }
}

/** Proxies as the environment names them; the names of the variables as everywhere. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>

/** The proxy that the environment wants for an address; undefined for none. */
export function environmentProxy(env: ProxyEnvironment, url: URL): Proxy | undefined {
  const value = (name: string): string => env[name] ?? env[name.toLowerCase()] ?? ''
  const address = value(url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY')
  if (address === '' || isExempt(value('NO_PROXY'), url)) return undefined
  const whole = address.includes('://') ? address : `http://${address}`
  if (!URL.canParse(whole) || !SCHEMES.has(new URL(whole).protocol)) return undefined
  return { url: new URL(whole) }
}

/** Loopback is never proxied; NO_PROXY lists hosts, domains and `*`. */
function isExempt(list: string, url: URL): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  if (host === 'localhost' || host.startsWith('127.') || host === '::1') return true
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true
      const [, name = '', onPort] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? []
      if (onPort !== undefined && onPort !== port) return false
      if (name.includes('/')) return inNetwork(name, host)
      const domain = name.replace(/^\*?\./, '')
      return host === domain ? !/^\*?\./.test(name) : host.endsWith(`.${domain}`)
    })
}

function inNetwork(network: string, host: string): boolean {
  const [address = '', bits = ''] = network.split('/')
  const [a, b] = [ipv4(address), ipv4(host)]
  if (a === undefined || b === undefined) return false
  const size = 2 ** (32 - Number(bits))
  return Math.floor(a / size) === Math.floor(b / size)
}

function ipv4(text: string): number | undefined {
  if (!/^\d+(\.\d+){3}$/.test(text)) return undefined
  return text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

/** Opens a connection to a target through a proxy. */
export async function openTunnel(
  proxy: Proxy,
  target: Target,
  signal?: AbortSignal,
): Promise<Socket> {
  const socket = await dial(proxy.url, signal)
  const onAbort = (): void => void socket.destroy(new Error('aborted'))
  signal?.addEventListener('abort', onAbort, { once: true })
  const onIdle = (): void => void socket.destroy(new Error('the proxy does not answer'))
  socket.once('timeout', onIdle)
  try {
    if (signal?.aborted) onAbort()
    if (proxy.url.protocol.startsWith('socks5')) await socks5(socket, proxy.url, target)
    else await connectMethod(socket, proxy.url, target)
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    signal?.removeEventListener('abort', onAbort)
    socket.off('timeout', onIdle)
  }
}

function dial(url: URL, signal: AbortSignal | undefined): Promise<Socket> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const isTls = url.protocol === 'https:'
  const port = Number(url.port || (isTls ? 443 : url.protocol === 'http:' ? 80 : 1080))
  return new Promise((resolve, reject) => {
    const to = { host, port, timeout: IDLE_MS_MAX }
    const socket = isTls ? tlsConnect({ ...to, servername: host }) : netConnect(to)
    const onAbort = (): void => void socket.destroy(new Error('aborted'))
    signal?.addEventListener('abort', onAbort, { once: true })
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      signal?.removeEventListener('abort', onAbort)
      socket.off('error', reject)
      resolve(socket)
    })
    socket.once('error', (error) =>
      reject(gitFault('GIT_HOST', `proxyconnect tcp: ${messageOf(error)}`, error)),
    )
  })
}

async function connectMethod(socket: Socket, proxy: URL, target: Target): Promise<void> {
  const host = target.host.includes(':') ? `[${target.host}]` : target.host
  const at = `${host}:${target.port}`
  const user = decodeURIComponent(proxy.username)
  const authorization =
    user === ''
      ? ''
      : `Proxy-Authorization: ${basicAuthorization(user, decodeURIComponent(proxy.password))}\r\n`
  socket.write(`CONNECT ${at} HTTP/1.1\r\nHost: ${at}\r\n${authorization}\r\n`)
  const head = await readUntil(socket, (data) => {
    const end = data.indexOf('\r\n\r\n')
    return end < 0 ? Number.POSITIVE_INFINITY : end + 4
  })
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head.toString('latin1'))?.[1]
  if (status !== '200') throw gitFault('GIT_HOST', `proxyconnect tcp: the proxy answered ${status}`)
}

/** RFC 1928 and 1929. */
async function socks5(socket: Socket, proxy: URL, target: Target): Promise<void> {
  const user = Buffer.from(decodeURIComponent(proxy.username))
  const password = Buffer.from(decodeURIComponent(proxy.password))
  socket.write(Buffer.from(user.length === 0 ? [5, 1, 0] : [5, 2, 0, 2]))
  const choice = await readUntil(socket, () => 2)
  if (choice[1] === 2) {
    const fields = [Buffer.from([1, user.length]), user, Buffer.from([password.length]), password]
    socket.write(Buffer.concat(fields))
    const verdict = await readUntil(socket, () => 2)
    if (verdict[1] !== 0) throw gitFault('GIT_HOST', 'socks connect: username/password rejected')
  } else if (choice[1] !== 0)
    throw gitFault('GIT_HOST', 'socks connect: no acceptable authentication method')
  const name = Buffer.from(target.host)
  const port = [target.port >> 8, target.port & 255]
  socket.write(Buffer.concat([Buffer.from([5, 1, 0, 3, name.length]), name, Buffer.from(port)]))
  const answer = await readUntil(socket, socksLength)
  if (answer[1] !== 0) throw gitFault('GIT_HOST', `socks connect: the proxy answered ${answer[1]}`)
}

/** How long the proxy's answer is: the address in it may have three forms. */
function socksLength(data: Buffer): number {
  if (data.length < 5) return 5
  if (data[3] === 1) return 10
  return data[3] === 4 ? 22 : 7 + (data[4] ?? 0)
}

/** Reads an answer as long as it says itself; what follows it is left to whoever reads next. */
function readUntil(socket: Socket, lengthOf: (data: Buffer) => number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let data = Buffer.alloc(0)
    const finish = (end: () => void): void => {
      socket.off('data', onData)
      socket.off('error', onError)
      socket.off('close', onClose)
      socket.pause()
      end()
    }
    const onError = (error: Error): void => finish(() => reject(error))
    const onClose = (): void =>
      finish(() => reject(gitFault('GIT_HOST', 'proxyconnect tcp: unexpected EOF')))
    const onData = (chunk: Buffer): void => {
      data = Buffer.concat([data, chunk])
      if (data.length > ANSWER_BYTES_MAX)
        return finish(() =>
          reject(gitFault('GIT_HOST', 'proxyconnect tcp: the answer is too long')),
        )
      const length = lengthOf(data)
      if (data.length < length) return
      finish(() => {
        if (data.length > length) socket.unshift(data.subarray(length))
        resolve(data.subarray(0, length))
      })
    }
    socket.on('data', onData)
    socket.once('error', onError)
    socket.once('close', onClose)
    socket.resume()
  })
}
