import { createHash, createPrivateKey, createSign, X509Certificate } from 'node:crypto'
import { messageOf } from '../base/index.ts'
import { keysFault } from './faults.ts'

/**
 * A JSON Web Token signed with RS256.
 * @throws Fault KEY_CREDENTIALS when the key is none; it is not quoted
 */
export function signJwt(
  privateKeyPem: string,
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = {},
): string {
  const parts = [{ alg: 'RS256', typ: 'JWT', ...header }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  const content = parts.join('.')
  try {
    const key = createPrivateKey(privateKeyPem)
    return `${content}.${createSign('RSA-SHA256').update(content).sign(key).toString('base64url')}`
  } catch (error) {
    throw keysFault(
      'KEY_CREDENTIALS',
      'the private key of the credentials cannot be read',
      new Error(messageOf(error).slice(0, 80)),
    )
  }
}

/** What a certificate in PEM is known by: its SHA-1 in base64url, and its bytes in base64. */
export function certificateOf(pem: string): { readonly x5t: string; readonly x5c: string[] } {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  const raws = blocks.map((block) => {
    try {
      return new X509Certificate(block).raw
    } catch {
      throw keysFault('KEY_CREDENTIALS', 'the certificate of the credentials cannot be read')
    }
  })
  const [first] = raws
  if (first === undefined) throw keysFault('KEY_CREDENTIALS', 'the credentials have no certificate')
  return {
    x5t: createHash('sha1').update(first).digest('base64url'),
    x5c: raws.map((raw) => raw.toString('base64')),
  }
}
