import { createHash } from 'node:crypto'
import {
  lutimesSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Artifact } from '../../src/api/index.ts'
import { memoryTree, VirtualClock } from '../../src/base/index.ts'
import { listen } from '../../src/source/artifact/server.ts'
import {
  createArtifactReader,
  createArtifactStore,
  createHttpClient,
  type LocalArtifactStore,
  type RunningServer,
  serveArtifacts,
} from '../../src/source/index.ts'
import { tarOf } from '../../src/source/tree/tar-write.ts'
import { scratch } from '../kit/program.ts'

const owner = { kind: 'GitRepository', namespace: 'ns', name: 'repo' }
const http = createHttpClient()
let dir: string
let dispose: () => void
let server: RunningServer
let store: LocalArtifactStore
let lost: string[]
let clock: VirtualClock
const { signal } = new AbortController()

beforeEach(async () => {
  ;({ dir, dispose } = scratch())
  clock = new VirtualClock()
  store = createArtifactStore({ dir, advertised: () => server.address, clock })
  lost = []
  server = await serveArtifacts({
    dir,
    host: '127.0.0.1',
    port: 0,
    inspect: (path) => store.inspect(path),
    onLost: (path) => lost.push(path),
  })
})
afterEach(async () => {
  await server.close()
  dispose()
})

const put = (name: string, text = name): Promise<Artifact> =>
  store.put({
    owner,
    revision: `main@sha1:${name}`,
    file: `${name}.tar.gz`,
    tree: memoryTree({ 'a.yaml': text, 'pic.jpg': 'x', 'd/b.yaml': 'b' }),
  })

describe('the store', () => {
  it('makes equal artifacts of equal content, with the size and digest of the file', async () => {
    const one = await put('one', 'text')
    const two = await put('two', 'text')
    expect(two.digest).toBe(one.digest)
    const file = readFileSync(join(dir, one.path))
    expect(one.size).toBe(file.length)
    expect(one.digest).toBe(`sha256:${createHash('sha256').update(file).digest('hex')}`)
    expect(file.subarray(0, 10).toString('hex')).toBe('1f8b08000000000000ff')
    expect(one.url).toBe(`http://${server.address}/gitrepository/ns/repo/one.tar.gz`)
  })

  it('sees a file that vanished or was spoilt', async () => {
    const artifact = await put('one')
    expect(await store.verify(artifact)).toBe('ok')
    const { digest: _, ...unnamed } = artifact
    expect(await store.verify(unnamed)).toBe('spoilt')
    writeFileSync(join(dir, artifact.path), 'spoilt')
    expect(await store.verify(artifact)).toBe('spoilt')
    await store.discard(artifact)
    expect(await store.verify(artifact)).toBe('missing')
  })

  it('packs one content once for many sources, as long as the copy is sound', async () => {
    const reads = { count: 0 }
    const plain = memoryTree({ 'a.yaml': 'a' })
    const read = (path: string): Uint8Array | undefined => {
      reads.count += 1
      return plain.read(path)
    }
    const tree = { ...plain, read, identity: 'one' }
    const shared = (name: string, ignore = ''): Promise<Artifact> =>
      store.put({ owner: { ...owner, name }, revision: 'r', file: 'f.tar.gz', tree, ignore })
    const all = await Promise.all(['a', 'b', 'c'].map((name) => shared(name)))
    expect(new Set(all.map(({ digest }) => digest)).size).toBe(1)
    const once = reads.count
    await shared('d')
    expect(reads.count).toBe(once)
    expect((await shared('e', '*.yaml')).digest).not.toBe(all[0]?.digest)
    for (const { path } of [...all, await shared('d')]) writeFileSync(join(dir, path), 'spoilt')
    const anew = await shared('f')
    expect(reads.count).toBeGreaterThan(once)
    expect(await store.verify(anew)).toBe('ok')
    expect(anew.digest).toBe(all[0]?.digest)
    expect(readdirSync(dir, { recursive: true }).filter((f) => `${f}`.endsWith('.part'))).toEqual(
      [],
    )
  })

  it('leaves the copies of others alone', async () => {
    const tree = { ...memoryTree({ 'a.yaml': 'a' }), identity: 'one' }
    const shared = (name: string): Promise<Artifact> =>
      store.put({ owner: { ...owner, name }, revision: 'r', file: 'f.tar.gz', tree })
    const [one, two] = [await shared('a'), await shared('b')]
    await store.remove({ ...owner, name: 'a' })
    expect(await store.verify(one)).toBe('missing')
    expect(await store.verify(two)).toBe('ok')
  })

  it('checks what an earlier process left behind', async () => {
    const artifact = await put('one')
    const later = createArtifactStore({ dir, advertised: () => 'other:1', clock })
    expect(await later.verify(artifact)).toBe('ok')
    expect(later.located(artifact).url).toBe(`http://other:1/${artifact.path}`)
  })

  it('removes what a process left that was killed while it wrote', async () => {
    const { path } = await put('one')
    const folder = join(dir, path, '..')
    const past = clock.now() / 1000 - 90
    writeFileSync(join(folder, 'a.tar.gz.1.part'), 'half')
    utimesSync(join(folder, 'a.tar.gz.1.part'), past, past)
    symlinkSync('gone.tar.gz', join(folder, 'latest.tar.gz.2.part'))
    lutimesSync(join(folder, 'latest.tar.gz.2.part'), past, past)
    writeFileSync(join(folder, 'b.tar.gz.1.part'), 'somebody writes this now')
    utimesSync(join(folder, 'b.tar.gz.1.part'), past + 89, past + 89)
    await put('two')
    expect(readdirSync(folder).sort()).toEqual(['b.tar.gz.1.part', 'one.tar.gz', 'two.tar.gz'])
  })

  it('collects what is older than the retention, then all beyond two', async () => {
    const names = ['one', 'two', 'three', 'four']
    const artifacts = []
    for (const name of names) artifacts.push(await put(name))
    const at = (seconds: number): number => clock.now() / 1000 - seconds
    utimesSync(join(dir, artifacts[0]?.path ?? ''), at(90), at(90))
    utimesSync(join(dir, artifacts[1]?.path ?? ''), at(30), at(30))
    utimesSync(join(dir, artifacts[2]?.path ?? ''), at(20), at(20))
    utimesSync(join(dir, artifacts[3]?.path ?? ''), at(10), at(10))
    const current = artifacts[3] as Artifact
    const removed = await store.collect(owner, current)
    expect(removed.map((file) => file.split('/').at(-1))).toEqual(['one.tar.gz', 'two.tar.gz'])
    await clock.advance(61_000)
    expect(await store.collect(owner, current)).toHaveLength(1)
    expect(readdirSync(join(dir, 'gitrepository/ns/repo'))).toEqual(['four.tar.gz'])
  })

  it('keeps the old file when a new one cannot be written', async () => {
    const artifact = await put('one')
    const broken = {
      ...memoryTree({ a: '1' }),
      read: () => {
        throw new Error('no space left on device')
      },
    }
    const failure = await store
      .put({ owner, revision: 'r', file: 'one.tar.gz', tree: broken })
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ reason: 'ArchiveOperationFailed' })
    expect(await store.verify(artifact)).toBe('ok')
    expect(readdirSync(join(dir, 'gitrepository/ns/repo'))).toEqual(['one.tar.gz'])
  })

  it('removes all of a source, and nothing of another', async () => {
    const artifact = await put('one')
    await store.put({
      owner: { ...owner, name: 'repo2' },
      revision: 'r',
      file: 'x',
      tree: memoryTree({}),
    })
    expect(await store.remove(owner)).toBe(true)
    expect(await store.remove(owner)).toBe(false)
    expect(await store.verify(artifact)).toBe('missing')
    expect(readdirSync(join(dir, 'gitrepository/ns'))).toEqual(['repo2'])
  })

  it('never leaves its directory', async () => {
    const outside = { ...(await put('one')), path: '../../etc/passwd' }
    expect(await store.verify(outside)).toBe('missing')
    await expect(store.discard(outside)).rejects.toThrow('invalid artifact path')
  })

  it('puts included artifacts in', async () => {
    const artifact = await put('one')
    const include = { name: 'inc', artifact, fromPath: 'd', toPath: 'vendor' }
    const made = await store.put({
      owner,
      revision: 'r',
      file: 'two.tar.gz',
      tree: memoryTree({ own: '1' }),
      includes: [include],
    })
    const reader = createArtifactReader({ http, clock })
    const tree = await reader.open(made, signal)
    expect(tree.list('vendor')).toEqual(['b.yaml'])
  })
})

describe('the file server', () => {
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`http://${server.address}${path}`, { headers, method })

  it('hands out nothing that was changed on the disk, and tells', async () => {
    const spoilt = await put('one')
    const gone = await put('two')
    const file = join(dir, spoilt.path)
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.fill(0, 20, 30))
    rmSync(join(dir, gone.path))
    expect((await get(`/${spoilt.path}`)).status).toBe(404)
    expect((await get(`/${gone.path}`)).status).toBe(404)
    expect((await get('/gitrepository/ns/repo/never.tar.gz')).status).toBe(404)
    expect(lost).toEqual([spoilt.path, gone.path])
  })

  it('answers ranges and conditions', async () => {
    const artifact = await put('one')
    const path = `/${artifact.path}`
    const whole = await get(path)
    const bytes = Buffer.from(await whole.arrayBuffer())
    expect(bytes.length).toBe(artifact.size)
    const part = await get(path, { range: 'bytes=2-5' })
    expect(part.status).toBe(206)
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(2, 6))).toBe(true)
    expect(part.headers.get('content-range')).toBe(`bytes 2-5/${bytes.length}`)
    const end = await get(path, { range: 'bytes=-4' })
    expect(Buffer.from(await end.arrayBuffer()).equals(bytes.subarray(-4))).toBe(true)
    expect((await get(path, { range: 'bytes=99999-' })).status).toBe(416)
    const etag = whole.headers.get('etag') ?? ''
    expect((await get(path, { 'if-none-match': etag })).status).toBe(304)
    const since = whole.headers.get('last-modified') ?? ''
    expect((await get(path, { 'if-modified-since': since })).status).toBe(304)
    const head = await get(path, {}, 'HEAD')
    expect(head.headers.get('content-length')).toBe(`${artifact.size}`)
    expect((await get(path, {}, 'POST')).status).toBe(405)
  })

  it('does not list, and does not leave its directory', async () => {
    await put('one')
    writeFileSync(join(dir, '..', 'outside.txt'), 'secret')
    const paths = [
      '/gitrepository/ns/repo',
      '/gitrepository/',
      '/%2e%2e/outside.txt',
      '/..%2foutside.txt',
      '/nothing',
    ]
    for (const path of paths) expect((await get(path)).status).toBe(404)
    expect((await get('/')).status).toBe(200)
  })
})

describe('the reader', () => {
  let other: RunningServer
  let asked = 0

  const serve = async (body: Buffer | number[]): Promise<Artifact> => {
    asked = 0
    const host = createServer((_, response) => {
      const status = Array.isArray(body) ? (body[asked] ?? 200) : 200
      asked += 1
      response.writeHead(status).end(status === 200 && !Array.isArray(body) ? body : undefined)
    })
    other = await listen(host, { host: '127.0.0.1', port: 0 })
    const bytes = Array.isArray(body) ? Buffer.alloc(0) : body
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    return {
      path: 'p',
      url: `http://${other.address}/p`,
      revision: 'r',
      digest,
      lastUpdateTime: '',
    }
  }
  afterEach(async () => {
    await other?.close()
  })

  it('fetches once for all who ask, and keeps what it has', async () => {
    const artifact = await serve(gzipSync(tarOf(memoryTree({ a: '1' }))))
    const reader = createArtifactReader({ http, clock })
    const trees = await Promise.all([1, 2, 3].map(() => reader.open(artifact, signal)))
    expect(trees.map((tree) => tree.list(''))).toEqual([['a'], ['a'], ['a']])
    await reader.open(artifact, signal)
    expect(asked).toBe(1)
  })

  it('keeps no more than it may', async () => {
    const artifact = await serve(gzipSync(tarOf(memoryTree({ a: '1' }))))
    const reader = createArtifactReader({ http, clock, cacheBytesMax: 10 })
    await reader.open(artifact, signal)
    await reader.open(artifact, signal)
    expect(asked).toBe(2)
  })

  const faults: Readonly<
    Record<string, { given: () => Promise<Artifact>; code: string; want: string }>
  > = {
    'is not there': {
      given: () => serve([404]),
      code: 'ARTIFACT_NOT_FOUND',
      want: 'file not found',
    },
    refuses: { given: () => serve([403, 403]), code: 'ARTIFACT_FETCH', want: 'status: 403' },
    'other bytes': {
      given: async () => ({
        ...(await serve(Buffer.from('x'))),
        digest: `sha256:${'0'.repeat(64)}`,
      }),
      code: 'ARTIFACT_DIGEST',
      want: "computed digest doesn't match provided",
    },
    'no digest': {
      given: async () => ({ ...(await serve(Buffer.from('x'))), digest: '' }),
      code: 'ARTIFACT_DIGEST',
      want: 'empty digest',
    },
    'no archive': {
      given: () => serve(Buffer.from('x')),
      code: 'ARTIFACT_ARCHIVE',
      want: 'failed to extract',
    },
    'a bomb': {
      given: () => serve(gzipSync(Buffer.alloc(1 << 22))),
      code: 'ARTIFACT_ARCHIVE',
      want: 'failed to extract',
    },
    'climbs out': {
      given: () =>
        serve(
          gzipSync(
            tarOf({
              kind: (p) => (p === '' ? 'dir' : 'file'),
              list: () => ['../x'],
              read: () => Buffer.from(''),
            }),
          ),
        ),
      code: 'ARTIFACT_ARCHIVE',
      want: 'invalid name',
    },
  }
  for (const [name, { given, code, want }] of Object.entries(faults))
    it(`says why not: ${name}`, async () => {
      const artifact = await given()
      const reader = createArtifactReader({ http, clock, retries: 0, unpackedBytesMax: 1 << 20 })
      const failure = await reader.open(artifact, signal).catch((error: unknown) => error)
      expect(failure).toMatchObject({ code })
      expect(String(failure)).toContain(want)
    })

  it('tries again after a failure', async () => {
    const body = gzipSync(tarOf(memoryTree({ a: '1' })))
    const artifact = await serve(body)
    let failures = 2
    const flaky = {
      send: (request: Parameters<typeof http.send>[0]) => {
        failures -= 1
        return failures >= 0 ? Promise.reject(new Error('reset')) : http.send(request)
      },
      close: () => undefined,
    }
    const reader = createArtifactReader({ http: flaky, clock })
    const tree = reader.open(artifact, signal)
    for (let i = 0; i < 10; i += 1) await clock.advance(500)
    expect((await tree).list('')).toEqual(['a'])
  })
})
