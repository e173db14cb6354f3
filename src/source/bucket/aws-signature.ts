import { createHash } from 'node:crypto'
import {
  awsEncode,
  awsQuery,
  awsScopeText,
  awsSignature,
  awsStamp,
  compareText,
} from '../../base/index.ts'

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
  const stamp = awsStamp(request.nowMs)
  const scope = { stamp, region, service }
  const headers: Record<string, string> = {
    host: url.host,
    'x-amz-content-sha256': bodySha256,
    'x-amz-date': stamp,
    ...(keys.sessionToken === undefined ? {} : { 'x-amz-security-token': keys.sessionToken }),
  }
  const names = Object.keys(headers).sort(compareText)
  const canonical = [
    request.method,
    url.pathname,
    awsQuery(url),
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    bodySha256,
  ].join('\n')
  const signature = awsSignature(keys.secretKey, scope, canonical)
  const { host: _host, ...sent } = headers
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${keys.accessKey}/${awsScopeText(scope)}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  }
}

/** The path of an object's key, encoded as it is signed. */
export function encodeKey(key: string): string {
  return key.split('/').map(awsEncode).join('/')
}
