import type { BucketRequest } from '../../api/index.ts'
import { Fault, isFault } from '../../base/index.ts'
import { tlsMaterial } from '../git/credentials.ts'
import { goNetError } from '../go-net-error.ts'
import {
  type HttpAnswer,
  type HttpClient,
  type HttpRequest,
  readBody,
  type TlsMaterial,
  tooLarge,
} from '../http-client.ts'
import { type Proxy, proxyOf } from '../proxy.ts'
import type { SecretData } from '../secret-data.ts'

/** An object of a bucket. */
export interface Listed {
  readonly key: string
  readonly etag: string
}

/** Takes the bytes of an object while they come. */
export type Sink = (chunk: Buffer) => void

/** A bucket at one of the providers. Faults say what went wrong, not where: that is added above. */
export interface BucketStore {
  exists(): Promise<boolean>
  /**
   * Undefined for an object that is not there. What `into` takes is not in the body; a body that is
   * too large is a fault.
   */
  get(
    key: string,
    bytesMax: number,
    into?: Sink,
  ): Promise<{ body: Buffer; etag: string } | undefined>
  /** Objects in pages, as the provider has them. */
  list(prefix: string): AsyncIterable<readonly Listed[]>
}

/** Codes of faults of buckets. */
export type BucketCode =
  /** The credentials or the address cannot be used. */
  | 'BUCKET_AUTH'
  /** The storage refused, or could not be reached. */
  | 'BUCKET'

/** A fault of this part of the room. */
export function bucketFault(code: BucketCode, message: string, cause?: unknown): Fault<BucketCode> {
  return new Fault<BucketCode>({ code, message, ...(cause === undefined ? {} : { cause }) })
}

/** One request to a storage. */
export interface StoreAsk {
  readonly method: HttpRequest['method']
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly bytesMax: number
  /** Takes the body of an answer 200. */
  readonly into?: Sink | undefined
  /** The address as faults quote it, where that is not `url`. */
  readonly quoted?: string
}

/** What came back; a body that was too large is a fault. */
export interface StoreAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
}

/** Sends requests to a storage. */
export type StoreSend = (ask: StoreAsk) => Promise<StoreAnswer>

/** Makes the way to a storage, with the certificates and the proxy of a request. */
export function storeSend(
  http: HttpClient,
  { signal, ...request }: Pick<BucketRequest, 'signal' | 'tls' | 'proxy'>,
): StoreSend {
  const tls = tlsOf(request.tls)
  const proxy = proxyIn(request.proxy)
  return async ({ bytesMax, quoted, into, ...ask }) => {
    const { method, url } = ask
    try {
      const answer = await http.send({
        ...ask,
        signal,
        ...(tls === undefined ? {} : { tls }),
        ...(proxy === undefined ? {} : { proxy }),
      })
      const body = await takeBody(answer, bytesMax, into)
      return { status: answer.status, headers: answer.headers, body }
    } catch (error) {
      if (isFault(error) && !signal.aborted) throw bucketFault('BUCKET', error.message, error)
      const what = askedFor({ method, url, ...(quoted === undefined ? {} : { quoted }) })
      const why = signal.aborted ? 'context deadline exceeded' : goNetError(error, proxy)
      throw bucketFault('BUCKET', `${what}: ${why}`, error)
    }
  }
}

async function takeBody(
  { status, body }: HttpAnswer,
  bytesMax: number,
  into: Sink | undefined,
): Promise<Buffer> {
  if (into === undefined || status !== 200) return readBody(body, bytesMax)
  let length = 0
  for await (const chunk of orCut(body)) {
    length += chunk.length
    if (length > bytesMax) throw tooLarge(length, bytesMax)
    into(chunk)
  }
  return Buffer.alloc(0)
}

async function* orCut(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* body
  } catch (error) {
    throw bucketFault('BUCKET', 'unexpected EOF', error)
  }
}

function tlsOf(data: SecretData | undefined): TlsMaterial | undefined {
  return data === undefined ? undefined : tlsMaterial(data)
}

function proxyIn(data: SecretData | undefined): Proxy | undefined {
  return data === undefined ? undefined : proxyOf(data)
}

/** A request, as Go's net/http begins its faults with it. */
export function askedFor({
  method,
  url,
  quoted,
}: Pick<StoreAsk, 'method' | 'url' | 'quoted'>): string {
  return `${method[0]}${method.slice(1).toLowerCase()} "${quoted ?? shown(url)}"`
}

/** Signatures of shared access are as good as a password; Azure's library sorts what it sends. */
function shown(url: URL): string {
  if (!url.searchParams.has('sig')) return url.href
  const copy = new URL(url)
  copy.searchParams.set('sig', 'REDACTED')
  copy.searchParams.sort()
  return copy.href
}

/** The text of one field of a Secret. */
export function secretText(data: SecretData | undefined, key: string): string | undefined {
  const value = data?.[key]
  return value === undefined ? undefined : Buffer.from(value).toString()
}
