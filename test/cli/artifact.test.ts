import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SourceTree } from '../../src/api/index.ts'
import { memoryTree, VirtualClock } from '../../src/base/index.ts'
import { type ArtifactDeps, runPull, runPush } from '../../src/cli/artifact.ts'
import type { Io } from '../../src/cli/io.ts'
import { createHttpClient, createRegistry, createRegistryWriter } from '../../src/source/index.ts'
import { startRegistry, type TestRegistry } from '../kit/registry.ts'

const FILES = { 'a.yaml': 'a: 1\n', 'd/b.yaml': 'b: 1\n', 'pic.png': 'x', '.git/config': 'c' }
const clock = new VirtualClock()
const http = createHttpClient()
let registry: TestRegistry
let out: string
let err: string
let written: Map<string, string>

const io = (): Io => ({
  out: (text) => {
    out += text
  },
  err: (text) => {
    err += text
  },
  columns: undefined,
  env: {},
  cwd: '/',
  signal: new AbortController().signal,
})

const deps = (config?: Uint8Array): ArtifactDeps => ({
  registry: createRegistry({ http, clock }),
  writer: createRegistryWriter({ http, clock }),
  logins: {
    aws: () => Promise.reject(new Error('not asked')),
    azure: () => Promise.reject(new Error('not asked')),
    google: () => Promise.reject(new Error('not asked')),
    registry: () => Promise.resolve({ user: 'me', password: 'right' }),
  },
  clock,
  dockerConfig: () => Promise.resolve(config),
  tree: (path) => (path === 'fleet' ? memoryTree(FILES) : undefined),
  write: (dir, tree) => {
    written.set('', dir)
    collect(tree, '')
    return Promise.resolve()
  },
})

function collect(tree: SourceTree, path: string): void {
  for (const name of tree.list(path) ?? []) {
    const inner = path === '' ? name : `${path}/${name}`
    const content = tree.read(inner)
    if (content === undefined) collect(tree, inner)
    else written.set(inner, Buffer.from(content).toString())
  }
}

beforeEach(async () => {
  out = ''
  err = ''
  written = new Map()
  registry = await startRegistry({ user: { name: 'me', password: 'right' } })
})
afterEach(() => registry.close())

const what = ['--path=fleet', '--source=https://git/fleet', '--revision=main@sha1:abc']
const push = (tag: string, ...rest: string[]): Promise<number> =>
  runPush(['artifact', `oci://${registry.host}/org/app:${tag}`, ...what, ...rest], io(), deps())

describe('an artifact', () => {
  it('that was pushed can be pulled, without what is left out', async () => {
    expect(await push('v1', '--creds=me:right', '-a', 'team=a', '-o', 'json')).toBe(0)
    const shown = JSON.parse(out) as Record<string, string>
    expect(shown['url']).toBe(`oci://${registry.host}/org/app@${shown['digest']}`)
    const target = ['artifact', `oci://${registry.host}/org/app:v1`, '--output=out']
    expect(await runPull([...target, '--creds=me:right'], io(), deps())).toBe(0)
    expect(Object.fromEntries(written)).toEqual({
      '': 'out',
      'a.yaml': 'a: 1\n',
      'd/b.yaml': 'b: 1\n',
    })
    expect(err).toContain('✔ revision main@sha1:abc\n')
    const manifest = JSON.parse(registry.blobs.get(shown['digest'] ?? '')?.toString() ?? '') as {
      annotations: Record<string, string>
    }
    expect(manifest.annotations['team']).toBe('a')
  })

  it('has the same bytes whenever it is pushed, where that is asked for', async () => {
    await push('v1', '--creds=me:right', '--reproducible', '-o', 'yaml')
    const first = out
    out = ''
    await clock.advance(5000)
    await push('v1', '--creds=me:right', '--reproducible', '-o', 'yaml')
    expect(out).toBe(first)
    out = ''
    await push('v1', '--creds=me:right', '-o', 'yaml')
    expect(out).not.toBe(first)
  })

  it('is pushed as the cloud says', async () => {
    expect(await push('v1', '--provider=aws')).toBe(0)
  })

  it('is pushed as the Docker configuration says', async () => {
    const auth = Buffer.from('me:right').toString('base64')
    const config = Buffer.from(JSON.stringify({ auths: { [registry.host]: { auth } } }))
    const argv = ['artifact', `oci://${registry.host}/org/app:v1`, ...what]
    expect(await runPush(argv, io(), deps(config))).toBe(0)
  })

  it('is refused by the registry, which is told without the password', async () => {
    const failure = await push('v1', '--creds=me:hunter2').catch(String)
    expect(failure).toContain('status code 401')
    expect(failure).not.toContain('hunter2')
  })
})

describe('a command line', () => {
  const refused: Readonly<Record<string, { argv: string[]; want: string }>> = {
    'without artifact': { argv: ['image', 'oci://x.io/a/b:1'], want: 'say what: artifact' },
    'without address': { argv: ['artifact', ...what], want: 'artifact URL is required' },
    'with another scheme': {
      argv: ['artifact', 'https://x.io/a/b', ...what],
      want: "URL must be in format 'oci://<domain>/<org>/<repo>'",
    },
    'without source': { argv: ['artifact', 'oci://x.io/a/b'], want: '--source is required' },
    'with no such path': {
      argv: ['artifact', 'oci://x.io/a/b', ...what, '--path=no'],
      want: "invalid path 'no'",
    },
    'with half an annotation': {
      argv: ['artifact', 'oci://x.io/a/b', ...what, '-a', 'x'],
      want: 'invalid annotation x',
    },
    'with a digest': {
      argv: ['artifact', `oci://x.io/a/b@sha256:${'a'.repeat(64)}`, ...what],
      want: 'pushed to a tag',
    },
    'with an unknown cloud': {
      argv: ['artifact', 'oci://x.io/a/b', ...what, '--provider=x'],
      want: 'is none of generic, aws, azure, gcp',
    },
  }
  for (const [name, { argv, want }] of Object.entries(refused))
    it(`${name} is refused`, async () => {
      await expect(runPush(argv, io(), deps())).rejects.toThrow(want)
    })
})
