import { createHmac } from 'node:crypto'
import type { BucketRequest } from '../../api/index.ts'
import { type Clock, compareText, isFault } from '../../base/index.ts'
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
import { xmlParts, xmlText } from './xml-text.ts'

const VERSION = '2023-11-03'
const MIB = 1024 * 1024
const LIST_BYTES_MAX = 16 * MIB

/** Adds what proves who asks. */
type Prove = (ask: StoreAsk) => Promise<StoreAsk>

/**
 * Opens a container of Azure Blob Storage, with the first of a token, the key of the account and a
 * shared access signature that the Secret has.
 * @throws Fault BUCKET_AUTH
 * @see source-controller internal/bucket/azure/blob.go (v1.9.1)
 */
export function openAzure(
  request: BucketRequest,
  options: { readonly http: HttpClient; readonly clock: Clock },
): BucketStore {
  const prove = proofOf(request)
  const send = storeSend(options.http, request)
  const root = containerUrl(request)
  const ask = async (what: Omit<StoreAsk, 'method'>): Promise<StoreAnswer> => {
    const headers = {
      'x-ms-date': new Date(options.clock.now()).toUTCString(),
      'x-ms-version': VERSION,
    }
    return send(await prove({ ...what, method: 'GET', headers }))
  }
  const listUrl = (): URL => {
    const url = root()
    url.searchParams.set('comp', 'list')
    url.searchParams.set('restype', 'container')
    return url
  }
  return {
    exists: async () => {
      const url = listUrl()
      url.searchParams.set('maxresults', '1')
      const answer = await ask({ url, bytesMax: LIST_BYTES_MAX })
      if (answer.status === 200) return true
      if (codeOf(answer) === 'ContainerNotFound') return false
      if (codeOf(answer) !== 'AuthenticationFailed') throw refusal(answer)
      throw bucketFault(
        'BUCKET',
        `the specified bucket name may be incorrect, nonexistent, or the caller might lack sufficient permissions to access it: ${refusal(answer).message}`,
      )
    },
    get: async (key, bytesMax, into) => {
      const url = root()
      url.pathname += `/${key.split('/').map(encodeURIComponent).join('/')}`
      const answer = await ask({ url, bytesMax, into })
      if (answer.status === 200) return { body: answer.body, etag: answer.headers['etag'] ?? '' }
      if (codeOf(answer) === 'BlobNotFound') return undefined
      throw refusal(answer)
    },
    list: (prefix) => pages(ask, listUrl, prefix),
  }
}

async function* pages(
  ask: (what: Omit<StoreAsk, 'method'>) => Promise<StoreAnswer>,
  listUrl: () => URL,
  prefix: string,
): AsyncGenerator<readonly Listed[]> {
  for (let marker = ''; ; ) {
    const url = listUrl()
    if (prefix !== '') url.searchParams.set('prefix', prefix)
    if (marker !== '') url.searchParams.set('marker', marker)
    const answer = await ask({ url, bytesMax: LIST_BYTES_MAX })
    if (answer.status !== 200) throw refusal(answer)
    const text = answer.body.toString()
    yield xmlParts(text, 'Blob').map((blob) => {
      const etag = xmlText(blob, 'Etag')
      // Flux takes the etag of the answer that has the content, and that one is quoted.
      return { key: xmlText(blob, 'Name'), etag: etag.startsWith('"') ? etag : `"${etag}"` }
    })
    marker = xmlText(text, 'NextMarker')
    if (marker === '') return
  }
}

/** Makes the address of the container, with the signature of a Secret that has one. */
function containerUrl({ endpoint, bucket, credentials }: BucketRequest): () => URL {
  const sas = usesSas(credentials) ? sasOf(secretText(credentials, 'sasKey') ?? '') : undefined
  return () => {
    if (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint))
      throw bucketFault(
        'BUCKET',
        `parse "${endpoint}/${bucket}": first path segment in URL cannot contain colon`,
      )
    const url = new URL(endpoint)
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${encodeURIComponent(bucket)}`
    for (const [key, value] of sas ?? [])
      if (!url.searchParams.has(key)) url.searchParams.set(key, value)
    return url
  }
}

function usesSas(data: BucketRequest['credentials']): boolean {
  return (
    data?.['sasKey'] !== undefined &&
    data['accountKey'] === undefined &&
    data['clientId'] === undefined
  )
}

function sasOf(text: string): URLSearchParams {
  const query = text.replace(/^\?/, '')
  const bad = /%(?![0-9A-Fa-f]{2}).{0,2}/.exec(query)?.[0]
  if (bad !== undefined)
    throw bucketFault('BUCKET_AUTH', `unable to parse SAS token: invalid URL escape "${bad}"`)
  return new URLSearchParams(query)
}

function proofOf(request: BucketRequest): Prove {
  const { credentials, login } = request
  const byToken: Prove = async (ask) => {
    if (ask.url.protocol !== 'https:')
      throw bucketFault(
        'BUCKET',
        'authenticated requests are not permitted for non TLS protected (https) endpoints',
      )
    if (login === undefined) throw bucketFault('BUCKET', 'nobody can log in to Azure here')
    try {
      const token = await login.azure('https://storage.azure.com')
      return { ...ask, headers: { ...ask.headers, authorization: `Bearer ${token}` } }
    } catch (error) {
      if (!isFault(error)) throw error
      throw bucketFault('BUCKET', error.message, error)
    }
  }
  if (credentials === undefined || credentials['clientId'] !== undefined) return byToken
  const key = secretText(credentials, 'accountKey')
  if (key !== undefined) {
    const shared = sharedKey(request, key)
    return (ask) => Promise.resolve(signShared(ask, shared))
  }
  return credentials['sasKey'] === undefined ? byToken : (ask) => Promise.resolve(ask)
}

interface SharedKey {
  readonly account: string
  readonly key: Buffer
}

function sharedKey({ endpoint, secretName = '' }: BucketRequest, text: string): SharedKey {
  const what = `failed to create shared credential from '${secretName}' Secret data: failed to extract account name from endpoint:`
  if (!URL.canParse(endpoint) || !/^https?:\/\//.test(endpoint))
    throw bucketFault(
      'BUCKET_AUTH',
      `${what} parse "${endpoint}": first path segment in URL cannot contain colon`,
    )
  const { hostname } = new URL(endpoint)
  const parts = hostname.split('.')
  if (parts.length <= 2)
    throw bucketFault('BUCKET_AUTH', `${what} expected '${hostname}' to be a subdomain`)
  const bad = text.search(/[^A-Za-z0-9+/=\r\n]/)
  if (bad >= 0)
    throw bucketFault('BUCKET_AUTH', `decode account key: illegal base64 data at input byte ${bad}`)
  return { account: parts[0] ?? '', key: Buffer.from(text, 'base64') }
}

/**
 * Signs a request with the key of the account.
 * @see https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
 */
export function signShared(ask: StoreAsk, { account, key }: SharedKey): StoreAsk {
  const headers = ask.headers ?? {}
  const own = Object.entries(headers)
    .filter(([name]) => name.startsWith('x-ms-'))
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, value]) => `${name}:${value}\n`)
    .join('')
  const query = [...new Set(ask.url.searchParams.keys())]
    .sort(compareText)
    .map(
      (name) =>
        `\n${name.toLowerCase()}:${ask.url.searchParams.getAll(name).sort(compareText).join(',')}`,
    )
    .join('')
  const empty = '\n'.repeat(12)
  const text = `${ask.method}${empty}${own}/${account}${ask.url.pathname}${query}`
  const signature = createHmac('sha256', key).update(text).digest('base64')
  return { ...ask, headers: { ...headers, authorization: `SharedKey ${account}:${signature}` } }
}

function codeOf({ headers, body }: StoreAnswer): string {
  return headers['x-ms-error-code'] ?? xmlText(body.toString(), 'Code')
}

function refusal(answer: StoreAnswer): Error {
  const code = codeOf(answer).slice(0, 100)
  return bucketFault('BUCKET', `RESPONSE ${answer.status}: ERROR CODE: ${code || 'UNAVAILABLE'}`)
}
