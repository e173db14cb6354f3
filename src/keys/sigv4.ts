import { createHash, createHmac } from 'node:crypto'
import { compareText } from '../base/index.ts'
import type { HttpRequest } from './http.ts'

/** What signs a request to AWS. */
export interface SigningKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly region: string
  readonly service: string
}

/**
 * Signs a request: adds `x-amz-date`, the session token and `authorization` to its headers.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signV4(request: HttpRequest, key: SigningKey, nowMs: number): HttpRequest {
  const url = new URL(request.url)
  const time = timeOf(nowMs)
  const headers: Record<string, string> = {
    ...lowerCased(request.headers),
    host: url.host,
    'x-amz-date': time,
    ...(key.sessionToken === undefined ? {} : { 'x-amz-security-token': key.sessionToken }),
  }
  const signedHeaders = Object.keys(headers).sort(compareText).join(';')
  const { method } = request
  const canonical = canonicalRequest({ method, url, headers }, sha256(request.body ?? ''))
  const signature = signatureOf(key, time, canonical)
  const credential = `Credential=${key.accessKeyId}/${scopeOf(key, time)}`
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`
  return { ...request, headers: { ...headers, authorization } }
}

/**
 * Signs a request by its query: the address alone lets whoever has it make the request, for a while.
 * All headers given must be sent along; the body is empty, or is left unsigned.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export function presignV4(
  request: Pick<HttpRequest, 'method' | 'url' | 'headers'>,
  key: SigningKey,
  options: { readonly nowMs: number; readonly expiresS: number; readonly isUnsigned?: boolean },
): string {
  const url = new URL(request.url)
  const time = timeOf(options.nowMs)
  const scope = scopeOf(key, time)
  const headers = { ...lowerCased(request.headers), host: url.host }
  const query: Readonly<Record<string, string>> = {
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${key.accessKeyId}/${scope}`,
    'X-Amz-Date': time,
    'X-Amz-Expires': String(options.expiresS),
    ...(key.sessionToken === undefined ? {} : { 'X-Amz-Security-Token': key.sessionToken }),
    'X-Amz-SignedHeaders': Object.keys(headers).sort(compareText).join(';'),
  }
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  const payload = options.isUnsigned === true ? 'UNSIGNED-PAYLOAD' : sha256('')
  const canonical = canonicalRequest({ method: request.method, url, headers }, payload)
  const signature = signatureOf(key, time, canonical)
  return `${url.origin}${url.pathname}?${canonicalQuery(url)}&X-Amz-Signature=${signature}`
}

interface Canonical {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
}

function canonicalRequest({ method, url, headers }: Canonical, payload: string): string {
  const names = Object.keys(headers).sort(compareText)
  return [
    method,
    url.pathname,
    canonicalQuery(url),
    ...names.map((name) => `${name}:${(headers[name] ?? '').trim().replaceAll(/ +/g, ' ')}`),
    '',
    names.join(';'),
    payload,
  ].join('\n')
}

/** `20150830T123600Z`. */
function timeOf(nowMs: number): string {
  return new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
}

function scopeOf(key: SigningKey, time: string): string {
  return `${time.slice(0, 8)}/${key.region}/${key.service}/aws4_request`
}

function signatureOf(key: SigningKey, time: string, canonical: string): string {
  const toSign = ['AWS4-HMAC-SHA256', time, scopeOf(key, time), sha256(canonical)].join('\n')
  return hmac(signingKey(key, time.slice(0, 8)), toSign).toString('hex')
}

function signingKey(key: SigningKey, date: string): Buffer {
  const steps = [date, key.region, key.service, 'aws4_request']
  return steps.reduce<Buffer>(
    (secret, step) => hmac(secret, step),
    Buffer.from(`AWS4${key.secretAccessKey}`),
  )
}

function canonicalQuery(url: URL): string {
  const encode = (text: string): string =>
    encodeURIComponent(text).replaceAll(
      /[!'()*]/g,
      (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
    )
  return [...url.searchParams]
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, x], [b, y]) => compareText(a, b) || compareText(x, y))
    .map((pair) => pair.join('='))
    .join('&')
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
