import { isIP } from 'node:net'
import type { BucketRequest } from '../../api/index.ts'
import { type Clock, isFault } from '../../base/index.ts'
import type { HttpClient } from '../http-client.ts'
import { type AwsKeys, awsHeaders, encodeKey } from './aws-signature.ts'
import {
  askedFor,
  type BucketStore,
  bucketFault,
  type Listed,
  type StoreAnswer,
  type StoreAsk,
  type StoreSend,
  secretText,
  storeSend,
} from './store.ts'
import { xmlParts, xmlText } from './xml-text.ts'

/** What a client of S3 needs beside the request. */
export interface S3Options {
  readonly http: HttpClient
  readonly clock: Clock
}

const MIB = 1024 * 1024
const LIST_BYTES_MAX = 16 * MIB
const DEFAULT_REGION = 'us-east-1'
const BAD_HEADER = 'net/http: invalid header field value for "Authorization"'
const AMAZON = /^s3(?:[.-][\w.-]+)?\.amazonaws\.com(?:\.cn)?$/

/**
 * Opens a bucket of S3-compatible storage.
 * @throws Fault BUCKET_AUTH, in the words of minio-go
 * @see source-controller internal/bucket/minio (v1.9.1), minio-go v7
 */
export async function openS3(request: BucketRequest, options: S3Options): Promise<BucketStore> {
  const endpoint = endpointOf(request)
  const send = storeSend(options.http, request)
  let keys: AwsKeys | undefined
  let isKnown = false
  const signed = async (ask: StoreAsk, region: string): Promise<StoreAnswer> => {
    if (!isKnown) keys = await keysOf(request, options, send)
    isKnown = true
    const { method, url } = ask
    if (keys !== undefined && /[\r\n]/.test(keys.accessKey))
      throw bucketFault('BUCKET', `${askedFor(ask)}: ${BAD_HEADER}`)
    const signature = { method, url, region, service: 's3', nowMs: options.clock.now() }
    return patiently(options.clock, request.signal, () =>
      named(ask, () =>
        send(keys === undefined ? ask : { ...ask, headers: awsHeaders(signature, keys) }),
      ),
    )
  }
  if (request.provider === 'aws') {
    keys = await keysOf(request, options, send)
    isKnown = true
  }
  return storeOf(request, { endpoint, signed })
}

const PAUSES_MS: readonly number[] = [200, 400, 800]
const PASSING: ReadonlySet<number> = new Set([408, 429, 499, 500, 502, 503, 504, 520])

/** A storage that is busy for a moment is asked again. @see minio-go retry.go (v7.2.0) */
async function patiently(
  clock: Clock,
  signal: AbortSignal,
  send: () => Promise<StoreAnswer>,
): Promise<StoreAnswer> {
  for (const pauseMs of PAUSES_MS) {
    const answer = await send()
    if (!PASSING.has(answer.status)) return answer
    try {
      await clock.sleep(pauseMs, signal)
    } catch {
      return answer
    }
  }
  return send()
}

/** minio-go's words for a connection that was closed before an answer. */
async function named(ask: StoreAsk, send: () => Promise<StoreAnswer>): Promise<StoreAnswer> {
  try {
    return await send()
  } catch (error) {
    if (!isFault(error, 'BUCKET') || !error.message.endsWith(': EOF')) throw error
    const words = `Connection closed by foreign host ${ask.url.href}. Retry again.`
    throw bucketFault('BUCKET', `${askedFor(ask)}: ${words}`, error)
  }
}

interface Means {
  readonly endpoint: URL
  readonly signed: (ask: StoreAsk, region: string) => Promise<StoreAnswer>
}

function storeOf(request: BucketRequest, { endpoint, signed }: Means): BucketStore {
  const { bucket } = request
  const base = addressOf(endpoint, bucket)
  // Not as a relative address: a key may begin with a slash.
  const at = (key: string): URL => new URL(`${base.href}${encodeKey(key)}`)
  let region = request.region || regionOf(endpoint)
  const ask = async (what: StoreAsk): Promise<StoreAnswer> => {
    const answer = await signed(what, region ?? DEFAULT_REGION)
    const other = otherRegion(answer, region)
    if (other === undefined) return answer
    region = other
    return signed(what, other)
  }
  return {
    exists: async () => {
      checkName(bucket)
      if (region === undefined) {
        const location = await locationOf(endpoint, bucket, signed)
        region = location.region
        // Where the bucket is said to be, it is.
        if (location.isThere !== undefined) return location.isThere
      }
      const answer = await ask({ method: 'HEAD', url: base, bytesMax: MIB })
      if (answer.status === 404) return false
      if (answer.status === 200) return true
      throw refusal(answer)
    },
    get: async (key, bytesMax, into) => {
      const answer = await ask({ method: 'GET', url: at(key), bytesMax, into })
      const etag = bareEtag(answer.headers['etag'] ?? '')
      // Without one nobody would see that the object has changed.
      if (answer.status === 200 && etag === '') throw bucketFault('BUCKET', 'ETag cannot be empty.')
      if (answer.status === 200) return { body: answer.body, etag }
      if (answer.status === 404 && codeOf(answer) !== 'NoSuchBucket') return undefined
      throw refusal(answer)
    },
    list: (prefix) => pages(ask, base, prefix),
  }
}

/** As minio-go trims it: one quote at each end. */
function bareEtag(etag: string): string {
  return etag.replace(/^"/, '').replace(/"$/, '')
}

/** What is no whole answer must not be taken for one that names nothing. */
function checkWhole(text: string, root: string): void {
  if (text.trim() === '') throw bucketFault('BUCKET', 'EOF')
  const found = /<(?!\?)([\w:]+)/.exec(text)?.[1]
  if (found !== root)
    throw bucketFault('BUCKET', `expected element type <${root}> but have <${found ?? ''}>`)
  if (!text.trimEnd().endsWith(`</${root}>`)) {
    const line = text.split('\n').length
    throw bucketFault('BUCKET', `XML syntax error on line ${line}: unexpected EOF`)
  }
}

async function* pages(
  ask: (what: StoreAsk) => Promise<StoreAnswer>,
  base: URL,
  prefix: string,
): AsyncGenerator<readonly Listed[]> {
  for (let token = ''; ; ) {
    const url = new URL(base)
    url.searchParams.set('list-type', '2')
    if (prefix !== '') url.searchParams.set('prefix', prefix)
    if (token !== '') url.searchParams.set('continuation-token', token)
    const answer = await ask({ method: 'GET', url, bytesMax: LIST_BYTES_MAX })
    if (answer.status !== 200) throw refusal(answer)
    const text = answer.body.toString()
    checkWhole(text, 'ListBucketResult')
    yield xmlParts(text, 'Contents').map((entry) => ({
      key: xmlText(entry, 'Key'),
      etag: bareEtag(xmlText(entry, 'ETag')),
    }))
    token = xmlText(text, 'IsTruncated') === 'true' ? xmlText(text, 'NextContinuationToken') : ''
    if (token === '') return
  }
}

function endpointOf({ endpoint, insecure }: BucketRequest): URL {
  const scheme = insecure === true ? 'http' : 'https'
  const text = `${scheme}://${endpoint}`
  const rest = /^[^/]*(\/.*)?$/.exec(endpoint)?.[1] ?? ''
  if (rest !== '' && rest !== '/')
    throw bucketFault('BUCKET_AUTH', 'Endpoint url cannot have fully qualified paths.')
  const strange = /[\s"<>\\^`{|}]/.exec(endpoint)?.[0]
  if (strange !== undefined)
    throw bucketFault(
      'BUCKET_AUTH',
      `parse "${text}": invalid character ${JSON.stringify(strange)} in host name`,
    )
  const host = endpoint.replace(/\/$/, '').replace(/:\d*$/, '')
  const isDomain = /^[A-Za-z0-9](?:[\w.-]{0,253}[A-Za-z0-9])?$/.test(host)
  if (!URL.canParse(text) || (!isDomain && isIP(host.replace(/^\[|\]$/g, '')) === 0))
    throw bucketFault(
      'BUCKET_AUTH',
      `Endpoint: ${endpoint} does not follow ip address or domain name standards.`,
    )
  return new URL(text)
}

/** Amazon has a host for each bucket, others a path. */
function addressOf(endpoint: URL, bucket: string): URL {
  const base = new URL(endpoint)
  const isVirtual = AMAZON.test(base.hostname) && !bucket.includes('.')
  if (isVirtual) base.hostname = `${bucket}.${base.hostname}`
  else base.pathname = `/${encodeKey(bucket)}/`
  return base
}

/** @see minio-go pkg/s3utils/utils.go checkBucketNameCommon */
function checkName(bucket: string): void {
  const wrong = nameFault(bucket)
  if (wrong !== undefined) throw bucketFault('BUCKET', wrong)
}

function nameFault(bucket: string): string | undefined {
  if (bucket.trim() === '') return 'Bucket name cannot be empty'
  const { length } = Buffer.from(bucket)
  if (length < 3) return 'Bucket name cannot be shorter than 3 characters'
  if (length > 63) return 'Bucket name cannot be longer than 63 characters'
  if (/^\d+\.\d+\.\d+\.\d+$/.test(bucket)) return 'Bucket name cannot be an ip address'
  const isGood = /^[A-Za-z0-9][\w.:-]{1,61}[A-Za-z0-9]$/.test(bucket)
  return isGood && !/\.\.|\.-|-\./.test(bucket)
    ? undefined
    : 'Bucket name contains invalid characters'
}

function regionOf({ hostname }: URL): string | undefined {
  return /^s3[.-](?:dualstack[.-])?([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com/.exec(hostname)?.[1]
}

const REFUSED: readonly string[] = [
  'AccessDenied',
  'AuthorizationHeaderMalformed',
  'InvalidRegion',
  'NotImplemented',
]

/** Where a bucket is; undefined in `isThere` when the storage does not say whether it is. */
async function locationOf(
  endpoint: URL,
  bucket: string,
  signed: Means['signed'],
): Promise<{ readonly region: string; readonly isThere: boolean | undefined }> {
  const url = new URL(`/${encodeKey(bucket)}/`, endpoint)
  url.searchParams.set('location', '')
  const answer = await signed({ method: 'GET', url, bytesMax: MIB }, DEFAULT_REGION)
  const text = answer.body.toString()
  const code = xmlText(text, 'Code')
  if (answer.status === 200) {
    if (text === '') throw bucketFault('BUCKET', 'EOF')
    const told = xmlText(text, 'LocationConstraint')
    const region = told === 'EU' ? 'eu-west-1' : told || DEFAULT_REGION
    return { region, isThere: /<LocationConstraint/.test(text) ? true : undefined }
  }
  if (code === 'NoSuchBucket') return { region: DEFAULT_REGION, isThere: false }
  if (REFUSED.includes(code) || code === '')
    return { region: xmlText(text, 'Region') || DEFAULT_REGION, isThere: undefined }
  throw refusal(answer)
}

/** The region that a storage says the bucket is in, where it is another one. */
function otherRegion(answer: StoreAnswer, region: string | undefined): string | undefined {
  if (answer.status !== 301 && answer.status !== 400) return undefined
  const told = answer.headers['x-amz-bucket-region'] ?? xmlText(answer.body.toString(), 'Region')
  return told === '' || told === region ? undefined : told
}

function codeOf({ body }: StoreAnswer): string {
  return xmlText(body.toString(), 'Code')
}

const WORDS: Readonly<Record<number, string>> = {
  403: 'Access Denied.',
  404: 'The specified key does not exist.',
}
const MESSAGE_MAX = 300

function refusal(answer: StoreAnswer): Error {
  const told = xmlText(answer.body.toString(), 'Message').slice(0, MESSAGE_MAX)
  const text = answer.body.toString()
  // What is no whole answer is told as it is.
  const raw = text.includes('</Error>') ? '' : text.slice(0, MESSAGE_MAX)
  return bucketFault('BUCKET', told || WORDS[answer.status] || raw || `status ${answer.status}`)
}

async function keysOf(
  request: BucketRequest,
  options: S3Options,
  send: StoreSend,
): Promise<AwsKeys | undefined> {
  const { credentials, provider, login, sts } = request
  const accessKey = secretText(credentials, 'accesskey')
  const secretKey = secretText(credentials, 'secretkey')
  if (credentials !== undefined) {
    if (!accessKey || !secretKey) return undefined
    return { accessKey, secretKey }
  }
  if (provider === 'aws' && login !== undefined) {
    try {
      const { accessKeyId, secretAccessKey, sessionToken } = await login.aws()
      const session = sessionToken === undefined ? {} : { sessionToken }
      return { accessKey: accessKeyId, secretKey: secretAccessKey, ...session }
    } catch (error) {
      if (!isFault(error)) throw error
      throw bucketFault('BUCKET_AUTH', `AWS authentication failed: ${error.message}`, error)
    }
  }
  return sts === undefined ? undefined : ldapKeys(request, options, send)
}

/** Keys for a user of a directory. @see minio-go pkg/credentials/sts_ldap_identity.go */
async function ldapKeys(
  request: BucketRequest,
  { http }: S3Options,
  plain: StoreSend,
): Promise<AwsKeys> {
  const { sts } = request
  const { endpoint = '', credentials, tls } = sts ?? {}
  if (!URL.canParse(endpoint))
    throw bucketFault('BUCKET_AUTH', `failed to parse STS endpoint '${endpoint}'`)
  const { signal, proxy } = request
  const via = { signal, ...(proxy === undefined ? {} : { proxy }) }
  const send = tls === undefined ? plain : storeSend(http, { ...via, tls })
  const form = new URLSearchParams({
    Action: 'AssumeRoleWithLDAPIdentity',
    Version: '2011-06-15',
    LDAPUsername: secretText(credentials, 'username') ?? '',
    LDAPPassword: secretText(credentials, 'password') ?? '',
  })
  const answer = await send({
    method: 'POST',
    url: new URL(endpoint),
    quoted: endpoint,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(form.toString()),
    bytesMax: MIB,
  })
  if (answer.status !== 200) throw refusal(answer)
  const text = answer.body.toString()
  const [accessKey, secretKey] = [xmlText(text, 'AccessKeyId'), xmlText(text, 'SecretAccessKey')]
  if (accessKey === '' || secretKey === '')
    throw bucketFault('BUCKET', 'the token service gave no credentials')
  const sessionToken = xmlText(text, 'SessionToken')
  return { accessKey, secretKey, ...(sessionToken === '' ? {} : { sessionToken }) }
}
