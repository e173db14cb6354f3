import { rootCertificates } from 'node:tls'
import { basicAuthorization } from '../basic-authorization.ts'
import type { TlsMaterial } from '../http-client.ts'
import type { SecretData } from '../secret-data.ts'
import { gitFault } from './fault.ts'

/** What opens an HTTP(S) Git host. */
export interface HttpCredentials {
  /** The value of the Authorization header. */
  readonly authorization?: string
  readonly tls?: TlsMaterial
}

/**
 * Makes credentials for HTTP and HTTPS of the data of a secret and of the user in the address.
 * A token is preferred to a password, the secret to the address.
 * @throws Fault GIT_CREDENTIALS
 * @see fluxcd/pkg git/options.go NewAuthOptions (v0.52)
 */
export function httpCredentials(url: URL, data: SecretData = {}): HttpCredentials {
  const text = (key: string): string => Buffer.from(data[key] ?? []).toString()
  const token = text('bearerToken')
  const user = text('username') || decodeURIComponent(url.username)
  const password = text('password') || decodeURIComponent(url.password)
  if (token === '' && user === '' && password !== '')
    throw gitFault(
      'GIT_CREDENTIALS',
      `invalid '${url.protocol.slice(0, -1)}' auth option: 'password' requires 'username' to be set`,
    )
  const tls = tlsMaterial(data)
  const authorization =
    token !== '' ? `Bearer ${token}` : user === '' ? undefined : basicAuthorization(user, password)
  return {
    ...(authorization === undefined ? {} : { authorization }),
    ...(tls === undefined ? {} : { tls }),
  }
}

/** Certificates in a secret: a CA that is trusted besides the known ones, and a client's own. */
export function tlsMaterial(data: SecretData): TlsMaterial | undefined {
  const text = (key: string): string => Buffer.from(data[key] ?? []).toString()
  const ca = text('ca.crt') || text('caFile')
  const [cert, key] = [text('tls.crt'), text('tls.key')]
  if (ca === '' && cert === '') return undefined
  if (cert !== '' && !cert.includes('-----BEGIN '))
    throw gitFault('GIT_AUTH', 'tls: failed to find any PEM data in certificate input')
  return {
    ...(ca === '' ? {} : { ca: [...rootCertificates, ca].join('\n') }),
    ...(cert === '' ? {} : { cert, key }),
  }
}
