import type { BucketRequest } from '../../api/index.ts'
import { isFault, parseGoJson } from '../../base/index.ts'
import type { HttpClient } from '../http-client.ts'
import {
  type BucketStore,
  bucketFault,
  type Listed,
  type StoreAnswer,
  type StoreAsk,
  secretText,
  storeSend,
} from './store.ts'

const STORAGE = 'https://storage.googleapis.com'
const MIB = 1024 * 1024
const LIST_BYTES_MAX = 16 * MIB

/**
 * Opens a bucket of Google Cloud Storage by its JSON API. `spec.endpoint` says nothing here, as in
 * Flux; `base` is where tests have it.
 * @see source-controller internal/bucket/gcp (v1.9.1)
 */
export function openGoogle(
  request: BucketRequest,
  http: HttpClient,
  base: string = STORAGE,
): BucketStore {
  checkAccount(request)
  const send = storeSend(http, request)
  const root = `${base}/storage/v1/b/${encodeURIComponent(request.bucket)}`
  const ask = async (what: Omit<StoreAsk, 'method'>): Promise<StoreAnswer> => {
    const token = await tokenOf(request, what.url)
    return send({ ...what, method: 'GET', headers: { authorization: `Bearer ${token}` } })
  }
  return {
    exists: async () => {
      const url = new URL(`${root}?alt=json&prettyPrint=false&projection=full`)
      const answer = await ask({ url, bytesMax: MIB })
      if (answer.status === 404) return false
      if (answer.status === 200) return true
      throw refusal(answer)
    },
    get: async (key, bytesMax, into) => {
      const url = new URL(`${root}/o/${encodeURIComponent(key)}?alt=media`)
      const answer = await ask({ url, bytesMax, into })
      if (answer.status === 404) return undefined
      if (answer.status !== 200) throw refusal(answer)
      return { body: answer.body, etag: '' }
    },
    list: (prefix) => pages(ask, root, prefix),
  }
}

/** What is no key of a service account is told before anything is asked. */
function checkAccount({ credentials }: BucketRequest): void {
  const text = secretText(credentials, 'serviceaccount')
  if (text === undefined) return
  try {
    parseGoJson(text)
  } catch (error) {
    if (!isFault(error, 'JSON')) throw error
    throw bucketFault('BUCKET_AUTH', `dialing: ${error.message}`)
  }
}

async function* pages(
  ask: (what: Omit<StoreAsk, 'method'>) => Promise<StoreAnswer>,
  root: string,
  prefix: string,
): AsyncGenerator<readonly Listed[]> {
  for (let token = ''; ; ) {
    const url = new URL(`${root}/o?alt=json&prettyPrint=false&projection=full`)
    url.searchParams.set('fields', 'items(name,etag),nextPageToken')
    if (prefix !== '') url.searchParams.set('prefix', prefix)
    if (token !== '') url.searchParams.set('pageToken', token)
    const answer = await ask({ url, bytesMax: LIST_BYTES_MAX })
    if (answer.status !== 200) throw refusal(answer)
    const { items = [], nextPageToken = '' } = parse(answer) as {
      items?: readonly { name?: string; etag?: string }[]
      nextPageToken?: string
    }
    yield items.map(({ name = '', etag = '' }) => ({ key: name, etag }))
    token = nextPageToken
    if (token === '') return
  }
}

async function tokenOf({ login }: BucketRequest, url: URL): Promise<string> {
  try {
    if (login !== undefined) return await login.google()
  } catch (error) {
    if (!isFault(error)) throw error
    throw bucketFault('BUCKET', `Get "${url.href}": ${error.message}`, error)
  }
  throw bucketFault('BUCKET', 'nobody can log in to Google here')
}

function parse({ body }: StoreAnswer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch (error) {
    throw bucketFault('BUCKET', 'the storage answered with something else than JSON', error)
  }
}

/** @see google.golang.org/api/googleapi Error */
function refusal(answer: StoreAnswer): Error {
  let message = ''
  try {
    const { error } = JSON.parse(answer.body.toString()) as { error?: { message?: unknown } }
    if (typeof error?.message === 'string') message = error.message.slice(0, 300)
  } catch {
    // What is no JSON says nothing.
  }
  return bucketFault('BUCKET', `googleapi: Error ${answer.status}: ${message || 'no details'}`)
}
