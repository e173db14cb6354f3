import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { deflateSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import type { GitRequest, OciRequest } from '../../src/api/index.ts'
import { VirtualClock } from '../../src/base/index.ts'
import { createFetcher, createHttpClient, createRegistry } from '../../src/source/index.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

const http = createHttpClient()
afterAll(() => http.close())
const clock = new VirtualClock()
const SECRET = 'canary-of-a-secret'

/** Lets a host say what it likes, and answers what became of it. */
async function facing<T>(handler: Handler, act: (host: string) => Promise<T>): Promise<T> {
  const server = createServer(handler)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  try {
    return await act(`127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

async function said(act: () => Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await act()
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string }
    return { code: String(code), message }
  }
  return { code: 'none', message: 'it was accepted' }
}

const packet = (data: string | Buffer): Buffer => {
  const bytes = Buffer.from(data)
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes])
}
const FLUSH = Buffer.from('0000')

interface Thing {
  readonly type: 'commit' | 'tree' | 'blob'
  readonly data: Buffer
}

const nameOf = ({ type, data }: Thing): string =>
  createHash('sha1').update(`${type} ${data.length}\0`).update(data).digest('hex')
const blob = (text: string): Thing => ({ type: 'blob', data: Buffer.from(text) })
const tree = (entries: readonly (readonly [string, string, string])[]): Thing => ({
  type: 'tree',
  data: Buffer.concat(
    entries.map(([mode, name, oid]) =>
      Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, 'hex')]),
    ),
  ),
})
const commit = (root: Thing): Thing => ({
  type: 'commit',
  data: Buffer.from(
    `tree ${nameOf(root)}\nauthor a <a@b> 1 +0000\ncommitter a <a@b> 1 +0000\n\nx\n`,
  ),
})

function packOf(things: readonly Thing[]): Buffer {
  const head = Buffer.from([0x50, 0x41, 0x43, 0x4b, 0, 0, 0, 2, 0, 0, 0, 0])
  head.writeUInt32BE(things.length, 8)
  const kinds = { commit: 1, tree: 2, blob: 3 }
  const entries = things.map(({ type, data }) => {
    const size: number[] = []
    let byte = (kinds[type] << 4) | (data.length & 15)
    for (let rest = data.length >> 4; rest > 0; rest >>= 7) {
      size.push(byte | 0x80)
      byte = rest & 0x7f
    }
    return Buffer.concat([Buffer.from([...size, byte]), deflateSync(data)])
  })
  const pack = Buffer.concat([head, ...entries])
  return Buffer.concat([pack, createHash('sha1').update(pack).digest()])
}

/** A host of one pack, whose last thing is the tip. */
function gitHost(things: readonly Thing[]): Handler {
  const tip = nameOf(things.at(-1) ?? blob(''))
  const pack = packOf(things)
  return (request, response) => {
    const type = 'application/x-git-upload-pack'
    if (request.url?.includes('info/refs')) {
      response.writeHead(200, { 'content-type': `${type}-advertisement` })
      const lines = ['version 2\n', 'ls-refs\n', 'fetch=shallow\n'].map(packet)
      response.end(Buffer.concat([packet('# service=git-upload-pack\n'), FLUSH, ...lines, FLUSH]))
      return
    }
    let asked = ''
    request.on('data', (chunk: Buffer) => {
      asked += chunk.toString()
    })
    request.on('end', () => {
      response.writeHead(200, { 'content-type': `${type}-result` })
      if (asked.includes('command=ls-refs')) {
        const refs = [`${tip} HEAD symref-target:refs/heads/main\n`, `${tip} refs/heads/main\n`]
        response.end(Buffer.concat([...refs.map(packet), FLUSH]))
        return
      }
      response.write(packet('packfile\n'))
      for (let at = 0; at < pack.length; at += 60_000)
        response.write(packet(Buffer.concat([Buffer.from([1]), pack.subarray(at, at + 60_000)])))
      response.end(FLUSH)
    })
  }
}

const git = (handler: Handler, rest: Partial<GitRequest> = {}) =>
  facing(handler, (host) =>
    said(() =>
      createFetcher({ http, clock }).git({
        url: `http://${host}/a.git`,
        ref: { branch: 'main' },
        signal: new AbortController().signal,
        ...rest,
      }),
    ),
  )

/** Each tree stands ten times in the next: files without number in a few hundred bytes. */
function bomb(): readonly Thing[] {
  const leaf = blob('x')
  const things = [leaf, tree([['100644', 'a', nameOf(leaf)]])]
  for (let level = 0; level < 10; level++) {
    const below = nameOf(things.at(-1) ?? leaf)
    things.push(tree(Array.from({ length: 10 }, (_, i) => ['40000', `d${i}`, below] as const)))
  }
  return [...things, commit(things.at(-1) ?? leaf)]
}

/** Each commit has forty submodules, all of them the commit before. */
function fan(): readonly Thing[] {
  const things: Thing[] = []
  let before: string | undefined
  for (let level = 0; level < 4; level++) {
    const names = Array.from({ length: 40 }, (_, i) => `s${10 + i}`)
    const modules = blob(
      names.map((name) => `[submodule "${name}"]\n\tpath = ${name}\n\turl = ./a.git\n`).join(''),
    )
    const of = before
    const links = of === undefined ? [] : names.map((name) => ['160000', name, of] as const)
    const root = tree([['100644', '.gitmodules', nameOf(modules)], ...links])
    things.push(modules, root, commit(root))
    before = nameOf(commit(root))
  }
  return things
}

describe('a Git host', () => {
  it('cannot fill the memory with trees that name each other', async () => {
    expect((await git(gitHost(bomb()))).message).toContain('more than 1000000 files')
  })

  it('cannot have submodules fetched without end', async () => {
    const { message } = await git(gitHost(fan()), { recurseSubmodules: true })
    expect(message).toContain('more than 1024 submodules')
  })

  it('that gives back what it was sent has it in no message', async () => {
    const credentials = { username: Buffer.from('me'), password: Buffer.from(SECRET) }
    for (const status of [401, 403, 404]) {
      const { message } = await git(
        (request, response) => {
          const sent = (request.headers.authorization ?? '').slice('Basic '.length)
          response.writeHead(status)
          response.end(`${sent} ${Buffer.from(sent, 'base64').toString()}`)
        },
        { credentials },
      )
      expect(message).toContain('*****')
      expect(message).not.toContain(SECRET)
      expect(message).not.toContain(Buffer.from(`me:${SECRET}`).toString('base64'))
    }
  })
})

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'

/** A registry that answers everything below a path in one way. */
function registryOf(path: RegExp, answer: Handler): Handler {
  return (request, response) => {
    if (path.test(request.url ?? '')) return answer(request, response)
    response.writeHead(request.url === '/v2/' ? 200 : 404)
    response.end('{}')
  }
}

const digest = `sha256:${createHash('sha256').update('{}').digest('hex')}`
const find = (
  host: string,
  ref: Readonly<Record<string, string>>,
  rest: Partial<OciRequest> = {},
) =>
  createRegistry({ http, clock }).find({
    url: `oci://${host}/org/app`,
    ref,
    insecure: true,
    signal: new AbortController().signal,
    ...rest,
  })
const sends =
  (body: string, headers: Readonly<Record<string, string>> = {}): Handler =>
  (_, response) => {
    response.writeHead(200, { 'content-type': MANIFEST, ...headers })
    response.end(body)
  }

describe('a registry', () => {
  const manifests: Readonly<Record<string, string>> = {
    'a layer that is none': '{"layers":[null]}',
    'layers that are a text': '{"layers":"abc"}',
    'a digest that is a number': '{"layers":[{"digest":7}]}',
    'manifests that are a text': '{"manifests":"x"}',
    'notes that are numbers': '{"layers":[],"annotations":{"a":1}}',
    'nothing at all': 'null',
  }
  for (const [name, body] of Object.entries(manifests))
    it(`is not believed: ${name}`, async () => {
      const handler = registryOf(/manifests|referrers/, sends(body))
      const pulled = await facing(handler, (host) =>
        said(async () => (await find(host, { tag: 'v1' })).pull()),
      )
      expect(pulled.code).toMatch(/^OCI_/)
      const policy = { kind: 'cosign-keys', keys: [] } as const
      const verified = await facing(handler, (host) =>
        said(async () => (await find(host, { digest })).verify(policy)),
      )
      expect(verified.code).toBe('OCI_VERIFY')
    })

  it('that gives back what it was sent has it in no message', async () => {
    const handler: Handler = (request, response) => {
      const sent = (request.headers.authorization ?? '').slice('Basic '.length)
      const message = `${sent} ${Buffer.from(sent, 'base64').toString()}`
      response.writeHead(sent === '' ? 401 : 403, { 'www-authenticate': 'Basic realm="x"' })
      response.end(JSON.stringify({ errors: [{ code: 'DENIED', message }] }))
    }
    const { message } = await facing(handler, (host) => {
      const auths = { [host]: { username: 'me', password: SECRET } }
      const dockerConfigs = [Buffer.from(JSON.stringify({ auths }))]
      return said(() => find(host, { tag: 'v1' }, { dockerConfigs }))
    })
    expect(message).toContain('*****')
    expect(message).not.toContain(SECRET)
    expect(message).not.toContain(Buffer.from(`me:${SECRET}`).toString('base64'))
  })

  const tags: Readonly<Record<string, { given: Handler; want: string }>> = {
    'tags that are no texts': { given: sends('{"tags":[1,{},null]}'), want: 'cannot unmarshal' },
    'tags that are an object': { given: sends('{"tags":{}}'), want: 'cannot unmarshal' },
    'pages in circles': {
      given: sends('{"tags":["a"]}', { link: '</v2/org/app/tags/list?last=x>; rel="next"' }),
      want: 'no match found',
    },
  }
  for (const [name, { given, want }] of Object.entries(tags))
    it(`is not believed: ${name}`, async () => {
      const handler = registryOf(/tags\/list/, given)
      const { code, message } = await facing(handler, (host) =>
        said(() => find(host, { semver: '>=1' })),
      )
      expect([code, message]).toEqual(['OCI_TAG', expect.stringContaining(want)])
    })
})
