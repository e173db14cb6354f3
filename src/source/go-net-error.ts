import { getServers } from 'node:dns'
import { isIP } from 'node:net'
import { isFault, messageOf } from '../base/index.ts'
import type { Proxy } from './proxy.ts'

const UNKNOWN_AUTHORITY: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])
const CUT_OFF: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED'])
const BAD_CERTIFICATE = 'tls: failed to verify certificate: x509:'

interface NetworkError {
  readonly code?: string
  readonly address?: string
  readonly port?: number
  readonly hostname?: string
  readonly errors?: readonly NetworkError[]
}

/**
 * What kept a request from being answered, in the words of Go's net/http, which alerts match on.
 * What has none keeps its own.
 */
export function goNetError(error: unknown, proxy?: Proxy): string {
  const { code = '', address, port, hostname, errors } = (error ?? {}) as NetworkError
  const [first] = errors ?? []
  if (first !== undefined) return goNetError(first, proxy)
  if (isFault(error) && error.cause !== undefined && error.message.startsWith(VIA))
    return `${VIA}${goNetError(error.cause)}`
  if (code === 'ECONNREFUSED') {
    const isProxy = proxy?.url.host === `${address}:${port}`
    return `${isProxy ? VIA : ''}dial tcp ${address}:${port}: connect: connection refused`
  }
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH')
    return `dial tcp ${address}:${port}: ${DIAL_WORDS[code]}`
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `dial tcp: lookup ${hostname}${onNameServer()}: no such host`
  if (UNKNOWN_AUTHORITY.has(code))
    return `${BAD_CERTIFICATE} certificate signed by unknown authority`
  if (code === 'CERT_HAS_EXPIRED')
    return `${BAD_CERTIFICATE} certificate has expired or is not yet valid`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `${BAD_CERTIFICATE} ${wrongName(error as NameError)}`
  const alert = /^ERR_SSL_(?:TLSV13?|SSLV3)_ALERT_(\w+)$/.exec(code)?.[1]
  if (alert !== undefined) return `remote error: tls: ${alertText(alert)}`
  const message = messageOf(error)
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || /wrong version number|packet length/.test(message))
    return 'http: server gave HTTP response to HTTPS client'
  return CUT_OFF.has(code) || message === 'socket hang up' ? 'EOF' : message
}

/** @see Go's crypto/tls/alert.go */
const ALERTS: Readonly<Record<string, string>> = {
  UNKNOWN_CA: 'unknown certificate authority',
  CERTIFICATE_UNKNOWN: 'unknown certificate',
  PROTOCOL_VERSION: 'protocol version not supported',
  DECRYPT_ERROR: 'error decrypting message',
}

function alertText(alert: string): string {
  return ALERTS[alert] ?? alert.toLowerCase().replaceAll('_', ' ')
}

/** Go names the server that it asked. */
function onNameServer(): string {
  const server = getServers().at(-1)
  if (server === undefined) return ''
  if (isIP(server) === 0) return ` on ${server}`
  return isIP(server) === 6 ? ` on [${server}]:53` : ` on ${server}:53`
}

interface NameError {
  readonly host?: string
  readonly cert?: { readonly subjectaltname?: string }
}

function wrongName({ host = '', cert = {} }: NameError): string {
  const names = (cert.subjectaltname ?? '').split(', ')
  const of = (prefix: string): string =>
    names.flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : [])).join(', ')
  if (isIP(host) === 0) return `certificate is valid for ${of('DNS:')}, not ${host}`
  const addresses = of('IP Address:')
  if (addresses !== '') return `certificate is valid for ${addresses}, not ${host}`
  return `cannot validate certificate for ${host} because it doesn't contain any IP SANs`
}

const VIA = 'proxyconnect tcp: '
const DIAL_WORDS: Readonly<Record<string, string>> = {
  ETIMEDOUT: 'i/o timeout',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
}
