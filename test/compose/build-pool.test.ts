import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'
import { build as bundle } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isFault, memoryTree } from '../../src/base/index.ts'
import { buildMounted } from '../../src/build/index.ts'
import { createBuildPool } from '../../src/compose/build-pool.ts'
import { systemClock } from '../../src/compose/system.ts'
import { appsTree } from '../bench/build-tree.ts'

const dir = mkdtempSync(join(tmpdir(), 'tidegate-pool-'))
const script = pathToFileURL(join(dir, 'build-thread.mjs'))
const root = 'tmp/kustomization-1'

beforeAll(async () => {
  await bundle({
    entryPoints: [join(import.meta.dirname, '../../src/compose/build-thread.ts')],
    outfile: join(dir, 'build-thread.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
  })
})
afterAll(() => rmSync(dir, { recursive: true }))

function request(files: Readonly<Record<string, string>>, path: string, key = 'apps/one') {
  return {
    tree: memoryTree(files),
    root,
    mounts: new Map(),
    path: `${root}/${path}`,
    options: { order: 'fifo', loadRestrictor: 'none', digests: false } as const,
    key,
    signal: new AbortController().signal,
  }
}

test('a thread builds what this thread would build, and asks the tree the same', async () => {
  const pool = createBuildPool({ script, clock: systemClock, hereBytesMax: 0 })
  try {
    const given = request(appsTree(30), 'overlay')
    const here = buildMounted(given, new WeakMap())
    for (const _ of [1, 2]) {
      const there = await pool.build(given)
      if ('missing' in there.result || 'missing' in here.result)
        throw new Error('bases are missing')
      expect(there.result.objects).toEqual(here.result.objects)
      expect(there.result.files).toEqual(here.result.files)
      expect(there.questions).toEqual(here.questions)
    }
  } finally {
    await pool.close()
  }
})

test('a fault of a build in a thread is the same fault', async () => {
  const files = {
    'kustomization.yaml': 'resources: [a.yaml, b.yaml]\n',
    'a.yaml': 'kind: [\n',
    'b.yaml': '{}}\n',
  }
  const fault = async (hereBytesMax: number): Promise<unknown> => {
    const pool = createBuildPool({ script, clock: systemClock, hereBytesMax })
    try {
      return await pool.build(request(files, ''))
    } catch (error) {
      if (!isFault(error)) throw error
      return { message: error.message, at: error.at, others: error.others.map((o) => o.message) }
    } finally {
      await pool.close()
    }
  }
  expect(await fault(0)).toEqual(await fault(1e9))
  expect(await fault(0)).toMatchObject({ at: { line: expect.any(Number) as number } })
})

test('remote bases that are missing are told, and built with once they are mounted', async () => {
  const url = 'https://git.example.com/org/base?ref=v1'
  const files = { 'kustomization.yaml': `resources: ["${url}"]\nnamePrefix: p-\n` }
  const base = memoryTree({
    'kustomization.yaml': 'resources: [cm.yaml]\n',
    'cm.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: far}\n',
  })
  const pool = createBuildPool({ script, clock: systemClock, hereBytesMax: 0 })
  try {
    const given = request(files, '')
    const first = await pool.build(given)
    expect(first.result).toMatchObject({ missing: [{ url }] })
    const second = await pool.build({
      ...given,
      mounts: new Map([['remote-bases/0', base]]),
      options: { ...given.options, remotes: { [url]: 'remote-bases/0' } },
    })
    expect(second.result).toMatchObject({ objects: [{ metadata: { name: 'p-far' } }] })
  } finally {
    await pool.close()
  }
})

const limits = {
  'a build that takes too much memory': {
    options: { memoryMibMax: 24 },
    want: /takes more than 24 MiB of memory/,
  },
  'a build that takes too long': {
    options: { buildMsMax: 1 },
    want: /takes more than 0.001 seconds/,
  },
}

test.each(Object.entries(limits))(
  '%s is a fault, and the next build goes well',
  async (_, limit) => {
    const pool = createBuildPool({ script, clock: systemClock, hereBytesMax: 0, ...limit.options })
    try {
      const error: unknown = await pool.build(request(appsTree(600), 'overlay')).catch((e) => e)
      expect(isFault(error, 'BUILD_LIMIT') && error.message).toMatch(limit.want)
    } finally {
      await pool.close()
    }
    const next = createBuildPool({ script, clock: systemClock, hereBytesMax: 0 })
    const small = { 'kustomization.yaml': 'namePrefix: a-\nconfigMapGenerator: [{name: x}]\n' }
    const answer = await next.build(request(small, ''))
    await next.close()
    expect(answer.result).toMatchObject({ objects: [{ kind: 'ConfigMap' }] })
  },
)

test('what is given up is stopped, and namespaces take turns', async () => {
  const pool = createBuildPool({ script, clock: systemClock, hereBytesMax: 0, threadsMax: 1 })
  const order: string[] = []
  const files = appsTree(20)
  const run = async (key: string, name: string, signal?: AbortSignal): Promise<void> => {
    const given = request(files, 'overlay', key)
    await pool.build({ ...given, ...(signal === undefined ? {} : { signal }) }).then(
      () => order.push(name),
      (error: unknown) => order.push(`${name}: ${(error as Error).message}`),
    )
  }
  const stop = new AbortController()
  const runs = [
    run('a/1', 'a1'),
    run('a/2', 'a2'),
    run('a/3', 'a3'),
    run('a/4', 'a4', stop.signal),
    run('b/1', 'b1'),
  ]
  stop.abort(new Error('given up'))
  await Promise.all(runs)
  await pool.close()
  expect(order.indexOf('b1')).toBeLessThan(order.indexOf('a3'))
  expect(order).toContain('a4: given up')
  expect(order).toHaveLength(5)
})

test('a big build holds nothing else up', async () => {
  const pool = createBuildPool({ script, clock: systemClock })
  const given = request(appsTree(300), 'overlay')
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const answer = await pool.build(given)
  delay.disable()
  await pool.close()
  if ('missing' in answer.result) throw new Error('bases are missing')
  expect(answer.result.objects).toHaveLength(1500)
  // In this thread it takes several times as long in one piece.
  expect(delay.max / 1e6).toBeLessThan(1000)
})
