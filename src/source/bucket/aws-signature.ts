import { createHash, createHmac } from 'node:crypto'
import { compareText } from '../../base/index.ts'

/** Keys of an account. */
export interface AwsKeys {
  readonly accessKey: string
  readonly secretKey: string
  readonly sessionToken?: string
}

/** What is signed. */
export interface AwsRequest {
  readonly method: string
  readonly url: URL
  readonly region: string
  readonly service: string
  readonly nowMs: number
  /** SHA-256 of the body, hex; that of none unless given. */
  readonly bodySha256?: string
}

const EMPTY = createHash('sha256').digest('hex')

/**
 * The headers that sign a request (Signature Version 4).
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function awsHeaders(request: AwsRequest, keys: AwsKeys): Record<string, string> {
  const { url, region, service, bodySha256 = EMPTY } = request
  const stamp = new Date(request.nowMs).toISOString().replace(/[-:]|\.\d{3}/g, '')
  const day = stamp.slice(0, 8)
  const headers: Record<string, string> = {
    host: url.host,
    'x-amz-content-sha256': bodySha256,
    'x-amz-date': stamp,
    ...(keys.sessionToken === undefined ? {} : { 'x-amz-security-token': keys.sessionToken }),
  }
  const names = Object.keys(headers).sort(compareText)
  const query = [...url.searchParams]
    .map(([key, value]) => `${encode(key)}=${encode(value)}`)
    .sort(compareText)
    .join('&')
  const canonical = [
    request.method,
    url.pathname,
    query,
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    bodySha256,
  ].join('\n')
  const scope = `${day}/${region}/${service}/aws4_request`
  const digest = createHash('sha256').update(canonical).digest('hex')
  const mac = (key: string | Buffer, text: string): Buffer =>
    createHmac('sha256', key).update(text).digest()
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(
    mac,
    `AWS4${keys.secretKey}`,
  )
  const signature = mac(key, ['AWS4-HMAC-SHA256', stamp, scope, digest].join('\n')).toString('hex')
  const { host: _host, ...sent } = headers
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${keys.accessKey}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  }
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** The path of an object's key, encoded as it is signed. */
export function encodeKey(key: string): string {
  return key.split('/').map(encode).join('/')
}
