import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Artifact } from '../../src/api/index.ts'
import { memoryTree, VirtualClock } from '../../src/base/index.ts'
import { listen } from '../../src/source/artifact/server.ts'
import {
  createArtifactStore,
  createHttpClient,
  type LocalArtifactStore,
  openArtifactBucket,
  type RunningServer,
  serveArtifacts,
  storeInBucket,
} from '../../src/source/index.ts'
import { scratch } from '../kit/program.ts'

interface Stored {
  readonly body: Buffer
  readonly atMs: number
}

const owner = { kind: 'GitRepository', namespace: 'ns', name: 'repo' }
const http = createHttpClient()
const { signal } = new AbortController()
const clock = new VirtualClock()
let objects: Map<string, Stored>
let asked: string[]
let isUp: boolean
let s3: RunningServer
let ends: (() => void | Promise<void>)[]

beforeEach(async () => {
  objects = new Map()
  asked = []
  isUp = true
  ends = []
  s3 = await listen(
    createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://x')
      const key = decodeURIComponent(url.pathname).replace('/bucket/', '')
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        asked.push(`${request.method} ${key}`)
        if (!isUp) return response.writeHead(503).end()
        const there = objects.get(key)
        if (request.method === 'PUT') {
          if (there !== undefined && request.headers['if-none-match'] === '*')
            return response.writeHead(412).end()
          objects.set(key, { body: Buffer.concat(chunks), atMs: clock.now() })
          return response.end()
        }
        if (request.method === 'DELETE') objects.delete(key)
        if (key === '') return response.end(listing(url.searchParams.get('prefix') ?? ''))
        if (there === undefined) return response.writeHead(404).end()
        return response.end(request.method === 'GET' ? there.body : '')
      })
    }),
    { host: '127.0.0.1', port: 0 },
  )
})
afterEach(async () => {
  for (const end of [...ends, () => s3.close()]) await end()
})

function listing(prefix: string): string {
  const found = [...objects].filter(([key]) => key.startsWith(prefix))
  const entries = found.map(
    ([key, { atMs }]) =>
      `<Contents><Key>${key}</Key><LastModified>${new Date(atMs).toISOString()}</LastModified></Contents>`,
  )
  return `<ListBucketResult><IsTruncated>false</IsTruncated>${entries.join('')}</ListBucketResult>`
}

interface Replica {
  readonly store: LocalArtifactStore
  readonly dir: string
  readonly server: RunningServer
}

async function replica(): Promise<Replica> {
  const { dir, dispose } = scratch()
  const bucket = openArtifactBucket({
    http,
    clock,
    address: `http://${s3.address}/bucket/pre/fix`,
    region: 'eu-1',
    keys: () => Promise.resolve({ accessKey: 'me', secretKey: 'secret' }),
  })
  let address = ''
  const local = createArtifactStore({
    dir,
    advertised: () => address,
    clock,
    keep: (file) => bucket.put(file),
  })
  const store = storeInBucket(local, { bucket, clock })
  const inspect = (path: string): Promise<'ok' | 'missing' | 'spoilt'> => store.inspect(path)
  const server = await serveArtifacts({ dir, host: '127.0.0.1', port: 0, inspect })
  address = server.address
  ends.push(() => server.close(), dispose)
  return { store, dir, server }
}

const put = ({ store }: Replica, file: string, text = file, of = owner): Promise<Artifact> =>
  store.put({
    owner: of,
    revision: `main@sha1:${file}`,
    file: `${file}.tar.gz`,
    tree: memoryTree({ 'a.yaml': text }),
    isLinked: of.kind !== 'GitRepository',
  })

async function served({ server }: Replica, path: string): Promise<number> {
  const answer = await http.send({
    method: 'GET',
    url: new URL(`http://${server.address}/${path}`),
    signal,
  })
  answer.body.resume()
  return answer.status
}

describe('a store in a bucket', () => {
  it('has each file there, under its path and digest, before anybody sees it', async () => {
    const one = await replica()
    const artifact = await put(one, 'a')
    const again = await put(one, 'a', 'other')
    expect([...objects.keys()]).toEqual([
      `pre/fix/${artifact.path}@${artifact.digest}`,
      `pre/fix/${again.path}@${again.digest}`,
    ])
  })

  it('gives another replica what it never fetched', async () => {
    const [one, two] = [await replica(), await replica()]
    const artifact = await put(one, 'a')
    expect(await two.store.verify(artifact)).toBe('ok')
    const bytes = readFileSync(join(one.dir, artifact.path))
    expect(readFileSync(join(two.dir, artifact.path)).equals(bytes)).toBe(true)
  })

  it('serves what another replica made, and the newest of it', async () => {
    const [one, two] = [await replica(), await replica()]
    const of = { ...owner, kind: 'OCIRepository' }
    const artifact = await put(one, 'a', 'a', of)
    const latest = artifact.path.replace(/[^/]+$/, 'latest.tar.gz')
    expect(await served(two, artifact.path)).toBe(200)
    expect(await served(two, latest)).toBe(200)
    expect(await served(await replica(), latest)).toBe(200)
    expect(await served(two, 'ocirepository/ns/repo/none.tar.gz')).toBe(404)
  })

  it('asks once for many who want what is not there', async () => {
    const one = await replica()
    await served(one, 'gitrepository/ns/repo/none.tar.gz')
    const before = asked.length
    await served(one, 'gitrepository/ns/repo/none.tar.gz')
    await served(one, 'not/an/artifact')
    expect(asked).toHaveLength(before)
  })

  it('mends a spoilt or lost file from the bucket', async () => {
    const one = await replica()
    const artifact = await put(one, 'a')
    writeFileSync(join(one.dir, artifact.path), 'spoilt')
    expect(await one.store.verify(artifact)).toBe('ok')
    rmSync(join(one.dir, artifact.path))
    expect(await served(one, artifact.path)).toBe(200)
  })

  it('takes nothing whose digest is another one, and removes it', async () => {
    const [one, two] = [await replica(), await replica()]
    const artifact = await put(one, 'a')
    const [key = ''] = objects.keys()
    objects.set(key, { body: Buffer.from('forged'), atMs: 0 })
    expect(await two.store.verify(artifact)).toBe('missing')
    expect([...objects.keys()]).toEqual([])
    expect(readdirSync(join(two.dir, 'gitrepository/ns/repo'))).toEqual([])
    expect(await one.store.verify(artifact)).toBe('ok')
    expect([...objects.keys()]).toEqual([key])
  })

  it('publishes nothing that the bucket does not take, and keeps what there is', async () => {
    const one = await replica()
    const artifact = await put(one, 'a')
    isUp = false
    await expect(put(one, 'a', 'other')).rejects.toMatchObject({
      code: 'ARTIFACT_STORAGE',
      message: 'the bucket of artifacts refused: status 503',
    })
    expect(await one.store.verify(artifact)).toBe('ok')
    expect(readdirSync(join(one.dir, 'gitrepository/ns/repo'))).toEqual(['a.tar.gz'])
  })

  it('does not say that a file is lost while it cannot ask', async () => {
    const [one, two] = [await replica(), await replica()]
    const artifact = await put(one, 'a')
    isUp = false
    await expect(two.store.verify(artifact)).rejects.toMatchObject({ code: 'ARTIFACT_STORAGE' })
  })

  it('removes what retention no longer keeps, and all of a source that is gone', async () => {
    const one = await replica()
    await put(one, 'a')
    await put(one, 'b')
    await clock.advance(61_000)
    const last = await put(one, 'c')
    await put(one, 'x', 'x', { ...owner, name: 'repo-2' })
    await clock.advance(61_000)
    await one.store.collect(owner, last)
    expect([...objects.keys()].map((key) => key.split('@')[0])).toEqual([
      'pre/fix/gitrepository/ns/repo/c.tar.gz',
      'pre/fix/gitrepository/ns/repo-2/x.tar.gz',
    ])
    expect(await one.store.remove(owner)).toBe(true)
    expect([...objects.keys()]).toHaveLength(1)
  })

  it('is refused where the address is none', () => {
    for (const address of ['', 'bucket', 'https://host', 'ftp://host/b', 'https://me:x@host/b'])
      expect(() =>
        openArtifactBucket({ http, clock, address, region: '', keys: () => Promise.reject() }),
      ).toThrow('invalid address of a bucket')
  })
})
