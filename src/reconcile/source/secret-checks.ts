import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { Fault } from '../../base/index.ts'
import type { AnyRun } from './context.ts'
import { readSecret, type SecretData } from './secrets.ts'

/** Makes the fault of a Secret that cannot be used. */
export type Refuse = (message: string) => Fault

/**
 * Reads a Secret with certificates for TLS and checks that they are some.
 * @throws what `refuse` makes of Flux's words
 * @see fluxcd/pkg runtime/secrets TLSConfigFromSecretRef (v0.110)
 */
export async function readTls(run: AnyRun, name: string, refuse: Refuse): Promise<SecretData> {
  const which = nameOf(run, name)
  const data = await readNamed(run, name, refuse)
  const has = (key: string): boolean => (data[key]?.length ?? 0) > 0
  const pick = (key: string, old: string): string | undefined =>
    has(key) ? key : has(old) ? old : undefined
  const [ca, cert, key] = [
    pick('ca.crt', 'caFile'),
    pick('tls.crt', 'certFile'),
    pick('tls.key', 'keyFile'),
  ]
  if (cert !== undefined && key === undefined)
    throw refuse(`secret '${which}' contains '${cert}' but missing 'tls.key'`)
  if (key !== undefined && cert === undefined)
    throw refuse(`secret '${which}' contains '${key}' but missing 'tls.crt'`)
  if (ca === undefined && cert === undefined)
    throw refuse(`secret '${which}' must contain either 'ca.crt' or both 'tls.crt' and 'tls.key'`)
  const given = (field: string | undefined): Uint8Array =>
    (field === undefined ? undefined : data[field]) ?? new Uint8Array()
  const tls = { 'tls.crt': given(cert), 'tls.key': given(key), 'ca.crt': given(ca) }
  const wrong = wrongPair(tls) ?? wrongAuthority(tls['ca.crt'])
  if (wrong !== undefined) throw refuse(wrong)
  return tls
}

function wrongPair(tls: { 'tls.crt': Uint8Array; 'tls.key': Uint8Array }): string | undefined {
  if (tls['tls.crt'].length === 0) return undefined
  const words = 'failed to parse TLS certificate and key: tls:'
  try {
    const certificate = new X509Certificate(tls['tls.crt'])
    const key = createPrivateKey(Buffer.from(tls['tls.key']))
    return certificate.checkPrivateKey(key)
      ? undefined
      : `${words} private key does not match public key`
  } catch {
    return `${words} failed to find any PEM data in certificate or key input`
  }
}

function wrongAuthority(ca: Uint8Array): string | undefined {
  if (ca.length === 0) return undefined
  try {
    new X509Certificate(ca)
    return undefined
  } catch {
    return 'failed to parse CA certificate'
  }
}

const PROXY_SCHEMES: readonly string[] = ['http', 'https', 'socks5']

/**
 * Reads a Secret with a proxy and checks that its address is one.
 * @throws what `refuse` makes of Flux's words
 * @see fluxcd/pkg runtime/secrets ProxyURLFromSecretRef (v0.110)
 */
export async function readProxySecret(
  run: AnyRun,
  name: string,
  refuse: Refuse,
): Promise<SecretData> {
  const which = `secret '${nameOf(run, name)}'`
  const data = await readNamed(run, name, refuse)
  if (data['address'] === undefined) throw refuse(`${which}: key 'address' not found`)
  const address = Buffer.from(data['address']).toString()
  if (address === '') throw refuse(`${which}: proxy address is empty`)
  const wrong = wrongUrl(address)
  if (wrong !== undefined)
    throw refuse(
      `${which}: failed to parse proxy address '${address}': parse ${JSON.stringify(address)}: ${wrong}`,
    )
  const scheme = new URL(address).protocol.slice(0, -1)
  if (!PROXY_SCHEMES.includes(scheme))
    throw refuse(
      `${which}: proxy URL must use one of the supported schemes (${PROXY_SCHEMES.join(', ')}), got '${scheme}'`,
    )
  return data
}

/** What Go's net/url has against a text. */
function wrongUrl(text: string): string | undefined {
  for (const char of text)
    if (char < ' ' || char === '\x7f') return 'net/url: invalid control character in URL'
  if (URL.canParse(text)) return undefined
  return /^[^a-z/:][^/]*:/i.test(text)
    ? 'first path segment in URL cannot contain colon'
    : 'missing protocol scheme'
}

function readNamed(run: AnyRun, name: string, refuse: Refuse): Promise<SecretData> {
  const which = `secret '${nameOf(run, name)}'`
  return readSecret(run, name, (message) =>
    refuse(
      message.endsWith(' not found') ? `${which} not found` : `failed to get ${which}: ${message}`,
    ),
  )
}

function nameOf(run: AnyRun, name: string): string {
  return `${run.object.metadata.namespace ?? ''}/${name}`
}
