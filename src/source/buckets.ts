import { createHash } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import type { BucketContent, BucketRequest, Buckets } from '../api/index.ts'
import {
  type Clock,
  compareText,
  Fault,
  joinPath,
  memoryTree,
  messageOf,
  pool,
} from '../base/index.ts'
import { type AwsKeys, awsHeaders, encodeKey } from './aws-signature.ts'
import { tlsMaterial } from './git-credentials.ts'
import { type HttpClient, readBody } from './http-client.ts'
import { bucketFilter } from './ignore-rules.ts'
import { proxyOf } from './proxy.ts'

/** How a client of buckets behaves. */
export interface BucketsOptions {
  readonly http: HttpClient
  readonly clock: Clock
  readonly objectsMax?: number
  readonly bytesMax?: number
}

interface Listed {
  readonly key: string
  readonly etag: string
}

interface S3 {
  readonly bucket: string
  /** `https://host/bucket/` or `https://bucket.host/`. */
  readonly base: URL
  send(
    method: 'GET' | 'HEAD',
    url: URL,
    bytesMax: number,
  ): Promise<{ status: number; body: Buffer }>
}

const MIB = 1024 * 1024
const LIST_BYTES_MAX = 16 * MIB
const PARALLEL = 32
const IGNORE_FILE = '.sourceignore'
const DEFAULT_REGION = 'us-east-1'

/**
 * Creates a client of S3-compatible storage. The revision is a digest over keys and etags, so that
 * nothing is fetched while they stay the same.
 * @see source-controller bucket_controller.go fetchEtagIndex (v1.9.1)
 */
export function createBuckets(options: BucketsOptions): Buckets {
  return {
    fetch: async (request) => {
      // Each request under way listens for the end of the time.
      setMaxListeners(2 * PARALLEL, request.signal)
      const s3 = openS3(request, options)
      const files = await listFiles(s3, request, options.objectsMax ?? 100_000)
      const digest = createHash('sha256')
      for (const { key, etag } of files) digest.update(`${key} ${etag}\n`)
      const revision = `sha256:${digest.digest('hex')}`
      if (request.have === revision) return 'unchanged'
      return {
        revision,
        count: files.length,
        tree: await fetchFiles(s3, files, options.bytesMax ?? 1024 * MIB),
      } satisfies BucketContent
    },
  }
}

function openS3(request: BucketRequest, options: BucketsOptions): S3 {
  const { provider = 'generic', bucket, endpoint } = request
  if (provider !== 'generic' && provider !== 'aws')
    throw fault(`provider '${provider}' is not supported yet`)
  const scheme = request.insecure ? 'http' : 'https'
  if (!URL.canParse(`${scheme}://${endpoint}/`)) throw fault(`invalid endpoint '${endpoint}'`)
  const base = new URL(`${scheme}://${endpoint}/`)
  if (base.hostname.endsWith('.amazonaws.com')) base.hostname = `${bucket}.${base.hostname}`
  else base.pathname = `/${encodeKey(bucket)}/`
  const keys = keysOf(request)
  const region = request.region || DEFAULT_REGION
  const tls = request.tls === undefined ? {} : tlsOf(request.tls)
  const proxy = request.proxy === undefined ? {} : { proxy: proxyOf(request.proxy) }
  const { signal } = request
  return {
    bucket,
    base,
    send: async (method, url, bytesMax) => {
      const signed = { method, url, region, service: 's3', nowMs: options.clock.now() }
      const headers = keys === undefined ? {} : awsHeaders(signed, keys)
      try {
        const answer = await options.http.send({ method, url, headers, signal, ...tls, ...proxy })
        const body = await readBody(answer.body, bytesMax + 1)
        if (body.length > bytesMax) throw fault(`more than ${bytesMax} bytes`)
        return { status: answer.status, body }
      } catch (error) {
        if (signal.aborted) throw signal.reason
        throw error instanceof Fault ? error : fault(messageOf(error), error)
      }
    },
  }
}

function tlsOf(data: NonNullable<BucketRequest['tls']>) {
  const tls = tlsMaterial(data)
  return tls === undefined ? {} : { tls }
}

function keysOf(request: BucketRequest): AwsKeys | undefined {
  const text = (name: string): string =>
    Buffer.from(request.credentials?.[name] ?? [])
      .toString()
      .trim()
  if (request.credentials === undefined) return undefined
  const [accessKey, secretKey] = [text('accesskey'), text('secretkey')]
  if (accessKey === '' || secretKey === '')
    throw fault("invalid secret data: required fields 'accesskey' and 'secretkey'")
  return { accessKey, secretKey }
}

/** The objects that go into the artifact, by key. */
async function listFiles(
  s3: S3,
  request: BucketRequest,
  objectsMax: number,
): Promise<readonly Listed[]> {
  const head = await s3.send('HEAD', s3.base, MIB)
  if (head.status === 404) throw fault(`bucket '${s3.bucket}' not found`)
  if (head.status !== 200)
    throw fault(`failed to confirm existence of '${s3.bucket}' bucket: status ${head.status}`)
  const own = await s3.send('GET', new URL(IGNORE_FILE, s3.base), MIB)
  if (own.status !== 200 && own.status !== 404)
    throw fault(`failed to get Etag for '${IGNORE_FILE}' object: status ${own.status}`)
  const rules = own.status === 200 ? own.body.toString() : ''
  const includes = bucketFilter(rules, request.ignore)
  const listed = await listAll(s3, request.prefix ?? '', objectsMax)
  return listed
    .filter(({ key }) => !key.endsWith('/') && key !== IGNORE_FILE && includes(key, 'file'))
    .sort((a, b) => compareText(a.key, b.key))
}

async function listAll(s3: S3, prefix: string, objectsMax: number): Promise<readonly Listed[]> {
  const found: Listed[] = []
  for (let token = ''; ; ) {
    const url = new URL(s3.base)
    url.searchParams.set('list-type', '2')
    if (prefix !== '') url.searchParams.set('prefix', prefix)
    if (token !== '') url.searchParams.set('continuation-token', token)
    const answer = await s3.send('GET', url, LIST_BYTES_MAX)
    if (answer.status !== 200)
      throw fault(
        `indexation of objects from bucket '${s3.bucket}' failed: status ${answer.status}`,
      )
    const text = answer.body.toString()
    for (const [, entry = ''] of text.matchAll(/<Contents>(.*?)<\/Contents>/gs))
      found.push({ key: element(entry, 'Key'), etag: element(entry, 'ETag').replaceAll('"', '') })
    if (found.length > objectsMax)
      throw fault(
        `indexation of objects from bucket '${s3.bucket}' failed: more than ${objectsMax}`,
      )
    token = element(text, 'IsTruncated') === 'true' ? element(text, 'NextContinuationToken') : ''
    if (token === '') return found
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  amp: '&',
}

/** The text of an element; lists of objects hold nothing nested within one. */
function element(xml: string, name: string): string {
  const raw = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? ''
  return raw.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, named) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal))
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
    return ENTITIES[named] ?? whole
  })
}

async function fetchFiles(
  s3: S3,
  files: readonly Listed[],
  bytesMax: number,
): Promise<ReturnType<typeof memoryTree>> {
  const contents: Record<string, Uint8Array> = {}
  let left = bytesMax
  await pool(files, PARALLEL, async ({ key }) => {
    const path = joinPath(key)
    if (path === '' || path.split('/').includes('..'))
      throw fault(`failed to resolve path for '${key}' object: it leaves the bucket`)
    const answer = await s3.send('GET', new URL(encodeKey(key), s3.base), Math.max(left, 0))
    // What disappeared since it was listed is left out, as if it had not been there.
    if (answer.status === 404) return
    if (answer.status !== 200)
      throw fault(
        `fetch from bucket '${s3.bucket}' failed: failed to get '${key}' object: status ${answer.status}`,
      )
    left -= answer.body.length
    contents[path] = answer.body
  })
  return memoryTree(contents)
}

function fault(message: string, cause?: unknown): Fault {
  return new Fault({ code: 'BUCKET', message, ...(cause === undefined ? {} : { cause }) })
}
