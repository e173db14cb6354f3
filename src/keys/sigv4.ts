import { createHash } from 'node:crypto'
import { awsQuery, awsScopeText, awsSignature, awsStamp, compareText } from '../base/index.ts'
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
  const time = awsStamp(nowMs)
  const headers: Record<string, string> = {
    ...lowerCased(request.headers),
    host: url.host,
    'x-amz-date': time,
    ...(key.sessionToken === undefined ? {} : { 'x-amz-security-token': key.sessionToken }),
  }
  const signedHeaders = Object.keys(headers).sort(compareText).join(';')
  const { method } = request
  const canonical = canonicalRequest({ method, url, headers }, sha256(request.body ?? ''))
  const signature = awsSignature(key.secretAccessKey, { ...key, stamp: time }, canonical)
  const credential = `Credential=${key.accessKeyId}/${awsScopeText({ ...key, stamp: time })}`
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
  const time = awsStamp(options.nowMs)
  const scope = awsScopeText({ ...key, stamp: time })
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
  const signature = awsSignature(key.secretAccessKey, { ...key, stamp: time }, canonical)
  return `${url.origin}${url.pathname}?${awsQuery(url)}&X-Amz-Signature=${signature}`
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
    awsQuery(url),
    ...names.map((name) => `${name}:${(headers[name] ?? '').trim().replaceAll(/ +/g, ' ')}`),
    '',
    names.join(';'),
    payload,
  ].join('\n')
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
