import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { type Clock, type Fault, isFault, messageOf } from '../../base/index.ts'
import { type AwsKeys, awsHeaders, encodeKey } from '../bucket/aws-signature.ts'
import { xmlParts, xmlText } from '../bucket/xml-text.ts'
import { goNetError } from '../go-net-error.ts'
import { type HttpAnswer, type HttpClient, type HttpRequest, readBody } from '../http-client.ts'
import { digestOf } from './checked-files.ts'
import type { KeptFile } from './store.ts'
import { storageFault } from './write-file.ts'

/** A file in the bucket. */
export interface BucketFile {
  /** Below the root of the store. */
  readonly path: string
  readonly digest: string
  /** When it was put there. */
  readonly atMs: number
}

/** Artifacts in S3-compatible storage, each under its path and digest, so that none is overwritten. */
export interface ArtifactBucket {
  /** Puts a file there; one that is there stays as it is. @throws Fault ARTIFACT_STORAGE */
  put(file: KeptFile): Promise<void>
  has(file: Pick<BucketFile, 'path' | 'digest'>): Promise<boolean>
  /** Writes what is there to a file on the disk; false where there is nothing. */
  fetch(file: Pick<BucketFile, 'path' | 'digest'>, to: string): Promise<boolean>
  /** All files whose path begins so. */
  list(start: string): Promise<readonly BucketFile[]>
  drop(file: Pick<BucketFile, 'path' | 'digest'>): Promise<void>
}

/** What a bucket of artifacts needs. */
export interface ArtifactBucketOptions {
  readonly http: HttpClient
  readonly clock: Clock
  /** `https://HOST/BUCKET[/PREFIX]`. */
  readonly address: string
  readonly region: string
  readonly keys: () => Promise<AwsKeys>
}

const REQUEST_MS_MAX = 60_000
const ANSWER_BYTES_MAX = 16 * 1024 * 1024
const FILES_MAX = 100_000
const GZIP = { 'content-type': 'application/gzip' }
const CONFLICTS: readonly number[] = [409, 412]

/**
 * Opens a bucket of artifacts.
 * @throws Fault ARTIFACT_STORAGE where the address is none
 */
export function openArtifactBucket(options: ArtifactBucketOptions): ArtifactBucket {
  const { base, prefix } = placeOf(options.address)
  const send = sender(options)
  const urlOf = (file: Pick<BucketFile, 'path' | 'digest'>): URL =>
    new URL(encodeKey(`${prefix}${keyOf(file)}`), base)
  return {
    put: async ({ path, digest, file, sizeBytes }) => {
      const bodySha256 = (await digestOf(file, 'sha256')).slice('sha256:'.length)
      const body = { length: sizeBytes, open: () => createReadStream(file) }
      const ask = { method: 'PUT', url: urlOf({ path, digest }), body } as const
      let answer = await send({ ...ask, headers: { ...GZIP, 'if-none-match': '*' } }, bodySha256)
      let text = await readBody(answer.body, ANSWER_BYTES_MAX)
      if (answer.status === 501) {
        // A storage without conditions: under this name there can be nothing else anyway.
        answer = await send({ ...ask, headers: GZIP }, bodySha256)
        text = await readBody(answer.body, ANSWER_BYTES_MAX)
      }
      // Somebody was quicker: under this name it is the same content.
      if (!CONFLICTS.includes(answer.status)) expectOk(answer, text)
    },
    has: async (file) => {
      const answer = await send({ method: 'HEAD', url: urlOf(file) })
      const text = await readBody(answer.body, ANSWER_BYTES_MAX)
      if (answer.status !== 404) expectOk(answer, text)
      return answer.status !== 404
    },
    fetch: async (file, to) => {
      const answer = await send({ method: 'GET', url: urlOf(file) })
      if (answer.status === 200) {
        await save(answer, to)
        return true
      }
      const text = await readBody(answer.body, ANSWER_BYTES_MAX)
      if (answer.status !== 404) expectOk(answer, text)
      return false
    },
    list: (start) => listAll(send, base, { start, prefix }),
    drop: async (file) => {
      const answer = await send({ method: 'DELETE', url: urlOf(file) })
      const text = await readBody(answer.body, ANSWER_BYTES_MAX)
      if (answer.status !== 404) expectOk(answer, text)
    },
  }
}

async function save({ body }: HttpAnswer, to: string): Promise<void> {
  try {
    await pipeline(body, createWriteStream(to, { mode: 0o600, flush: true }))
  } catch (error) {
    throw bucketFault(`unable to fetch from the bucket of artifacts: ${messageOf(error)}`, error)
  }
}

type Ask = Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>
type Send = (ask: Ask, bodySha256?: string) => Promise<HttpAnswer>

function sender({ http, clock, region, keys }: ArtifactBucketOptions): Send {
  return async (ask, bodySha256) => {
    const { method, url } = ask
    const late = new AbortController()
    const takeBack = clock.after(REQUEST_MS_MAX, () => late.abort(new Error('no answer')))
    try {
      const signature = { method, url, region, service: 's3', nowMs: clock.now() }
      const body = bodySha256 === undefined ? {} : { bodySha256 }
      const signed = awsHeaders({ ...signature, ...body }, await keys())
      const headers = { ...ask.headers, ...signed }
      const answer = await http.send({ ...ask, headers, signal: late.signal })
      answer.body.once('close', takeBack)
      return answer
    } catch (error) {
      takeBack()
      const why = isFault(error) ? messageOf(error) : goNetError(error)
      throw bucketFault(`unable to reach the bucket of artifacts at ${url.origin}: ${why}`, error)
    }
  }
}

async function listAll(
  send: Send,
  base: URL,
  { start, prefix }: { readonly start: string; readonly prefix: string },
): Promise<readonly BucketFile[]> {
  const found: BucketFile[] = []
  for (let token = ''; found.length < FILES_MAX; ) {
    const url = new URL(base)
    url.searchParams.set('list-type', '2')
    url.searchParams.set('prefix', `${prefix}${start}`)
    if (token !== '') url.searchParams.set('continuation-token', token)
    const answer = await send({ method: 'GET', url })
    const body = await readBody(answer.body, ANSWER_BYTES_MAX)
    expectOk(answer, body)
    const text = body.toString()
    for (const entry of xmlParts(text, 'Contents')) {
      const file = fileOf(xmlText(entry, 'Key').slice(prefix.length))
      const atMs = Date.parse(xmlText(entry, 'LastModified'))
      if (file !== undefined) found.push({ ...file, atMs })
    }
    token = xmlText(text, 'IsTruncated') === 'true' ? xmlText(text, 'NextContinuationToken') : ''
    if (token === '') break
  }
  return found
}

/** The digest is a part of the name: what is found under it can be nothing else. */
function keyOf({ path, digest }: Pick<BucketFile, 'path' | 'digest'>): string {
  return `${path}@${digest}`
}

function fileOf(key: string): Pick<BucketFile, 'path' | 'digest'> | undefined {
  const at = key.lastIndexOf('@')
  return at < 0 ? undefined : { path: key.slice(0, at), digest: key.slice(at + 1) }
}

function placeOf(address: string): { readonly base: URL; readonly prefix: string } {
  const url = URL.canParse(address) ? new URL(address) : undefined
  const [bucket = '', ...rest] = (url?.pathname ?? '').split('/').filter((part) => part !== '')
  if (url === undefined || !/^https?:$/.test(url.protocol) || bucket === '' || url.username !== '')
    throw bucketFault(`invalid address of a bucket '${address}': https://HOST/BUCKET[/PREFIX]`)
  return {
    base: new URL(`/${bucket}/`, url.origin),
    prefix: rest.map((part) => `${decodeURIComponent(part)}/`).join(''),
  }
}

const MESSAGE_MAX = 300

function expectOk({ status }: HttpAnswer, body: Buffer): void {
  if (status >= 200 && status < 300) return
  const told = xmlText(body.toString(), 'Message').slice(0, MESSAGE_MAX)
  throw bucketFault(`the bucket of artifacts refused: ${told || `status ${status}`}`)
}

function bucketFault(message: string, cause?: unknown): Fault {
  return storageFault('ArchiveOperationFailed', message, cause)
}
