import { createHash, createHmac } from 'node:crypto'
import { compareText } from './file-tree.ts'

/** What a signature of AWS holds for: a moment (`20150830T123600Z`), a region and a service. */
export interface AwsScope {
  readonly stamp: string
  readonly region: string
  readonly service: string
}

/** A moment as it is signed: `20150830T123600Z`. */
export function awsStamp(nowMs: number): string {
  return new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
}

/** `20150830/us-east-1/s3/aws4_request`. */
export function awsScopeText(scope: AwsScope): string {
  return stepsOf(scope).join('/')
}

/** A part of an address as it is signed. */
export function awsEncode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** The query of an address as it is signed. */
export function awsQuery(url: URL): string {
  return [...url.searchParams]
    .map(([name, value]) => [awsEncode(name), awsEncode(value)] as const)
    .sort(([a, x], [b, y]) => compareText(a, b) || compareText(x, y))
    .map((pair) => pair.join('='))
    .join('&')
}

/**
 * The signature (version 4, hex) of a request in its canonical form.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function awsSignature(secret: string, scope: AwsScope, canonical: string): string {
  const key = stepsOf(scope).reduce<string | Buffer>(hmac, `AWS4${secret}`)
  const digest = createHash('sha256').update(canonical).digest('hex')
  const text = ['AWS4-HMAC-SHA256', scope.stamp, awsScopeText(scope), digest].join('\n')
  return hmac(key, text).toString('hex')
}

function stepsOf({ stamp, region, service }: AwsScope): readonly string[] {
  return [stamp.slice(0, 8), region, service, 'aws4_request']
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
