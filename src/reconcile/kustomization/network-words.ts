import { type ApiFault, isObject } from '../../object/index.ts'

/** Go's words for what keeps a connection from being made, by Node's codes. */
const BY_CODE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
}
const UNKNOWN_CA =
  'tls: failed to verify certificate: x509: certificate signed by unknown authority'
const CERTIFICATE_CODES: ReadonlySet<string> = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_GET_ISSUER_CERT',
])
/** What the first question to another cluster is about, and how long Flux waits for its answer. */
const FIRST = 'failed to get server groups: '
const WAIT = '?timeout=30s'

/**
 * Flux's words for a cluster of `spec.kubeConfig` that can not be reached or asked; those of the
 * fault where there are none.
 */
export function remoteWords(fault: ApiFault): string {
  if (fault.code === 'UNAUTHORIZED')
    return `${FIRST}the server has asked for the client to provide credentials`
  if (fault.code !== 'UNREACHABLE') return fault.message
  const asked = /^([A-Z]+) (https?:\/\/([^/\s]+)\/\S*?): /.exec(fault.message)
  if (asked === null) return fault.message
  const [whole, method = '', url = '', host = ''] = asked
  const why = goWords(fault.cause, host) ?? fault.message.slice(whole.length)
  const verb = `${method.slice(0, 1)}${method.slice(1).toLowerCase()}`
  const isFirst = new URL(url).pathname === '/api'
  return `${isFirst ? FIRST : ''}${verb} "${url}${WAIT}": ${why}`
}

function goWords(cause: unknown, host: string): string | undefined {
  const code = codeOf(cause)
  if (code === undefined) return undefined
  if (CERTIFICATE_CODES.has(code)) return UNKNOWN_CA
  if (code === 'ENOTFOUND') return `dial tcp: lookup ${host.replace(/:\d+$/, '')}: no such host`
  const words = BY_CODE[code]
  return words === undefined ? undefined : `dial tcp ${host}: ${words}`
}

function codeOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined
  const code: unknown = Reflect.get(cause, 'code')
  if (typeof code === 'string') return code
  return isObject(cause.cause) || cause.cause instanceof Error ? codeOf(cause.cause) : undefined
}
