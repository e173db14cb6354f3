import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BucketContent, BucketRequest, SourceTree } from '../../src/api/index.ts'
import { VirtualClock } from '../../src/base/index.ts'
import { listen } from '../../src/source/artifact/server.ts'
import { awsHeaders } from '../../src/source/bucket/aws-signature.ts'
import { createBuckets, createHttpClient, type RunningServer } from '../../src/source/index.ts'

const clock = new VirtualClock()
const buckets = createBuckets({ http: createHttpClient(), clock, bytesMax: 1 << 20 })
let server: RunningServer
let objects: Map<string, string>
let asked: string[]
let isOpen: boolean
let isMute: boolean

const etagOf = (text: string): string => createHash('md5').update(text).digest('hex')

beforeEach(async () => {
  objects = new Map([
    ['a.yaml', 'a: 1\n'],
    ['d/b & c.yaml', 'b: 1\n'],
    ['d/', ''],
    ['pic.jpg', 'x'],
  ])
  asked = []
  isOpen = true
  isMute = false
  const s3 = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://x')
    asked.push(`${request.method} ${url.pathname}`)
    if (isMute) return undefined
    const signed = /^AWS4-HMAC-SHA256 Credential=me\/\d{8}\/eu-1\/s3\/aws4_request, /
    if (!isOpen && !signed.test(request.headers.authorization ?? ''))
      return response.writeHead(403).end()
    const [, bucket, ...rest] = url.pathname.split('/')
    if (bucket !== 'things') return response.writeHead(404).end()
    const key = decodeURIComponent(rest.join('/'))
    if (request.method === 'HEAD') return response.end()
    if (!url.searchParams.has('list-type')) {
      const text = objects.get(key)
      if (text === undefined) return response.writeHead(404).end()
      return response.setHeader('etag', `"${etagOf(text)}"`).end(text)
    }
    const prefix = url.searchParams.get('prefix') ?? ''
    const after = url.searchParams.get('continuation-token') ?? ''
    const keys = [...objects.keys()]
      .sort()
      .filter((each) => each.startsWith(prefix) && each > after)
    const page = keys.slice(0, 2)
    const isMore = keys.length > page.length
    const entries = page.map(
      (each) =>
        `<Contents><Key>${each.replaceAll('&', '&amp;')}</Key><ETag>&quot;${etagOf(objects.get(each) ?? '')}&quot;</ETag></Contents>`,
    )
    const more = isMore ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
    return response.end(
      `<?xml version="1.0"?><ListBucketResult><IsTruncated>${isMore}</IsTruncated>${more}${entries.join('')}</ListBucketResult>`,
    )
  })
  server = await listen(s3, { host: '127.0.0.1', port: 0 })
})
afterEach(() => server.close())

function ask(rest: Partial<BucketRequest> = {}): Promise<BucketContent> {
  const { signal } = new AbortController()
  const bucket = { endpoint: server.address, bucket: 'things', insecure: true }
  return buckets.fetch({ ...bucket, region: 'eu-1', signal, ...rest })
}

async function fetchAll(
  rest: Partial<BucketRequest> = {},
): Promise<BucketContent & { readonly tree: SourceTree }> {
  const { tree, ...found } = await ask(rest)
  if (tree === undefined) throw new Error('unchanged')
  return { ...found, tree }
}

const secret = (data: Record<string, string>): Record<string, Uint8Array> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value)]))

describe('a bucket', () => {
  it('that does not answer in time is a fault, not an end without words', async () => {
    const late = new AbortController()
    isMute = true
    const asked = ask({ signal: late.signal })
    setImmediate(() => late.abort(new Error('late')))
    await expect(asked).rejects.toMatchObject({
      code: 'BUCKET',
      message: expect.stringMatching(/: (?:Get|Head) "http:.*": context deadline exceeded$/),
    })
  })

  it('is a tree, and a digest over its keys and etags', async () => {
    const found = await fetchAll()
    const lines = ['a.yaml', 'd/b & c.yaml', 'pic.jpg']
      .map((key) => `${key} ${etagOf(objects.get(key) ?? '')}\n`)
      .join('')
    expect(found.revision).toBe(`sha256:${createHash('sha256').update(lines).digest('hex')}`)
    expect(found.count).toBe(3)
    expect(found.tree.list('')).toEqual(['a.yaml', 'd', 'pic.jpg'])
    expect(Buffer.from(found.tree.read('d/b & c.yaml') ?? '').toString()).toBe('b: 1\n')
  })

  it('fetches nothing while keys and etags stay', async () => {
    const { revision } = await fetchAll()
    asked.length = 0
    expect((await ask({ have: revision })).tree).toBeUndefined()
    expect(asked.filter((line) => line.includes('a.yaml'))).toEqual([])
    objects.set('a.yaml', 'a: 2\n')
    expect((await fetchAll({ have: revision })).revision).not.toBe(revision)
  })

  it('leaves out what its own rules and the spec name, and what is outside the prefix', async () => {
    objects.set('.sourceignore', '*.jpg\n')
    const own = '.sourceignore'
    expect((await fetchAll()).tree.list('')).toEqual([own, 'a.yaml', 'd'])
    expect((await fetchAll({ ignore: 'd/\n!pic.jpg\n' })).tree.list('')).toEqual([
      own,
      'a.yaml',
      'pic.jpg',
    ])
    expect((await fetchAll({ prefix: 'd/' })).tree.list('')).toEqual([own, 'd'])
  })

  it('is opened by keys', async () => {
    isOpen = false
    await expect(ask()).rejects.toThrow("existence of 'things' bucket")
    const credentials = secret({ accesskey: 'me', secretkey: 'mine' })
    expect((await fetchAll({ credentials })).count).toBe(3)
  })

  const refused: Readonly<
    Record<string, { given: Partial<BucketRequest>; before?: () => void; want: string }>
  > = {
    'is not there': { given: { bucket: 'others' }, want: "bucket 'others' not found" },
    'a name that is none': {
      given: { bucket: 'a' },
      want: "existence of 'a' bucket: Bucket name cannot be shorter than 3 characters",
    },
    'nobody to ask for a token': {
      given: { provider: 'gcp' },
      want: 'nobody can log in to Google',
    },
    'a key that climbs out': {
      given: {},
      before: () => objects.set('../x', '1'),
      want: "failed to resolve path for '../x' object",
    },
    'too much': {
      given: {},
      before: () => objects.set('big', 'x'.repeat(1 << 21)),
      want: 'too large: ',
    },
  }
  for (const [name, { given, before, want }] of Object.entries(refused))
    it(`is refused: ${name}`, async () => {
      before?.()
      const failure = await ask(given).catch((error: unknown) => error)
      expect(failure).toMatchObject({ code: 'BUCKET' })
      expect(String(failure)).toContain(want)
    })
})

describe('signatures of requests', () => {
  // Amazon's own examples, docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
  const keys = {
    accessKey: 'AKIAIOSFODNN7EXAMPLE',
    secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  }
  const examples: readonly (readonly [string, string])[] = [
    ['?lifecycle', 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
    ['?max-keys=2&prefix=J', '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
  ]
  for (const [query, want] of examples)
    it(`are Amazon's: ${query}`, () => {
      const { authorization } = awsHeaders(
        {
          method: 'GET',
          url: new URL(`https://examplebucket.s3.amazonaws.com/${query}`),
          region: 'us-east-1',
          service: 's3',
          nowMs: Date.UTC(2013, 4, 24),
        },
        keys,
      )
      expect(authorization).toMatch(new RegExp(`Signature=${want}$`))
    })
})

describe('what is no list of objects', () => {
  const answers: Record<string, { given: string; want: string }> = {
    nothing: { given: '', want: 'EOF' },
    'a page to sign in': { given: '<html>Please sign in</html>', want: 'but have <html>' },
    'a list that is cut': {
      given: '<ListBucketResult><Contents><Key>a.yaml</Key><ETag>"1"</ETag></Contents>',
      want: 'XML syntax error on line 1: unexpected EOF',
    },
  }
  for (const [reason, { given, want }] of Object.entries(answers))
    it(`is not taken for an empty bucket: ${reason}`, async () => {
      const odd = createServer((request, response) =>
        request.url?.includes('list-type')
          ? response.end(given)
          : response.writeHead(request.method === 'HEAD' ? 200 : 404).end(),
      )
      const { address, close } = await listen(odd, { host: '127.0.0.1', port: 0 })
      await expect(ask({ endpoint: address })).rejects.toThrow(want)
      await close()
    })
})
