import { createServer } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BucketContent, BucketRequest } from '../../src/api/index.ts'
import { VirtualClock } from '../../src/base/index.ts'
import { listen } from '../../src/source/artifact/server.ts'
import { signShared } from '../../src/source/bucket/azure.ts'
import { createBuckets, createHttpClient, type RunningServer } from '../../src/source/index.ts'

const clock = new VirtualClock()
const objects = new Map([
  ['.sourceignore', '*.jpg\n'],
  ['a.yaml', 'a: 1\n'],
  ['d/ü b.yaml', 'b: 1\n'],
  ['pic.jpg', 'x'],
])
let server: RunningServer
let asked: { path: string; authorization: string | undefined }[]

beforeEach(async () => {
  asked = []
  const storage = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://x')
    asked.push({ path: url.pathname, authorization: request.headers.authorization })
    const google = /^\/storage\/v1\/b\/things(?:\/o(?:\/(.*))?)?$/.exec(url.pathname)
    if (google === null) {
      response.writeHead(404, { 'x-ms-error-code': 'ContainerNotFound' }).end('{}')
      return
    }
    const key = google[1] === undefined ? undefined : decodeURIComponent(google[1])
    if (key !== undefined) {
      const text = objects.get(key)
      if (text === undefined) response.writeHead(404).end('{}')
      else response.end(text)
      return
    }
    if (!url.pathname.endsWith('/o')) {
      response.end('{}')
      return
    }
    const prefix = url.searchParams.get('prefix') ?? ''
    const after = Number(url.searchParams.get('pageToken') ?? 0)
    const names = [...objects.keys()].filter((name) => name.startsWith(prefix))
    const items = names.slice(after, after + 2).map((name) => ({ name, etag: `e-${name.length}` }))
    const more = after + 2 < names.length ? { nextPageToken: String(after + 2) } : {}
    response.end(JSON.stringify({ items, ...more }))
  })
  server = await listen(storage, { host: '127.0.0.1', port: 0 })
})
afterEach(() => server.close())

function ask(rest: Partial<BucketRequest> = {}): Promise<BucketContent> {
  const { signal } = new AbortController()
  const buckets = createBuckets({
    http: createHttpClient(),
    clock,
    googleBase: `http://${server.address}`,
  })
  return buckets.fetch({ provider: 'gcp', endpoint: 'unused', bucket: 'things', signal, ...rest })
}

const login = {
  aws: () => Promise.reject(new Error('not asked')),
  azure: () => Promise.resolve('azure-token'),
  google: () => Promise.resolve('google-token'),
}

describe('a bucket of Google', () => {
  it('is listed in pages and fetched, with a token each time', async () => {
    const found = await ask({ login })
    expect(found.count).toBe(2)
    expect(found.tree?.list('')).toEqual(['.sourceignore', 'a.yaml', 'd'])
    expect(Buffer.from(found.tree?.read('d/ü b.yaml') ?? []).toString()).toBe('b: 1\n')
    expect(new Set(asked.map(({ authorization }) => authorization))).toEqual(
      new Set(['Bearer google-token']),
    )
    expect((await ask({ login, have: found.revision })).tree).toBeUndefined()
  })

  it('that is not there is told', async () => {
    await expect(ask({ login, bucket: 'others' })).rejects.toThrow("bucket 'others' not found")
  })
})

describe('a container of Azure', () => {
  // What Azurite 3.35 takes as good for its well-known account.
  it('is asked with a signature by the key of the account', () => {
    const url = new URL('http://acct.blob.example.com/things?restype=container&comp=list')
    const headers = { 'x-ms-date': 'Thu, 01 Jan 2026 00:00:00 GMT', 'x-ms-version': '2023-11-03' }
    const signed = signShared(
      { method: 'GET', url, headers, bytesMax: 1 },
      { account: 'acct', key: Buffer.from('c2VjcmV0', 'base64') },
    )
    expect(signed.headers?.['authorization']).toBe(
      'SharedKey acct:JWlT9cuMkiklcivR3bnLRAvRk3fA/XIavdP0xBU6pa0=',
    )
  })

  it('is never sent a token without TLS', async () => {
    const endpoint = `http://${server.address}`
    await expect(ask({ provider: 'azure', endpoint, login })).rejects.toThrow(
      'authenticated requests are not permitted for non TLS protected (https) endpoints',
    )
    expect(asked).toEqual([])
  })

  it('is opened by a shared access signature, which no message shows', async () => {
    const credentials = { sasKey: Buffer.from('?sv=1&sig=hunter2') }
    const endpoint = `http://${server.address}`
    await expect(ask({ provider: 'azure', endpoint, credentials })).rejects.toThrow(
      "bucket 'things' not found",
    )
    await server.close()
    const failure = await ask({ provider: 'azure', endpoint, credentials }).catch(String)
    expect(failure).toContain('sig=REDACTED')
    expect(failure).not.toContain('hunter2')
  })
})
