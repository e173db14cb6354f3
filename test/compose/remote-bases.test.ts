import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { build } from '../../src/compose/build.ts'
import { MemoryRepository, serveGit } from '../../src/source/index.ts'

const dir = mkdtempSync(join(tmpdir(), 'tidegate-remote-'))
const requests: string[] = []
let address = ''
let server: Awaited<ReturnType<typeof serveGit>>

const configMap = (name: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`

const files: Readonly<Record<string, (response: ServerResponse) => void>> = {
  '/x.yaml': (response) => response.end(configMap('x')),
  '/moved.yaml': (response) => response.writeHead(302, { location: '/x.yaml' }).end(),
  '/to-disk.yaml': (response) => response.writeHead(302, { location: 'file:///etc/hosts' }).end(),
  '/a/b/plain': (response) => response.end(configMap('plain')),
  '/broken.yaml': (response) => response.writeHead(500).end('secret words'),
}

function intercept(request: IncomingMessage, response: ServerResponse): boolean {
  requests.push(request.url ?? '')
  const answer = files[(request.url ?? '').split('?')[0] ?? '']
  answer?.(response)
  return answer !== undefined
}

beforeAll(async () => {
  const repository = new MemoryRepository()
  const first = repository.commit({
    files: {
      'app/kustomization.yaml': 'resources: [cm.yaml]\nnamePrefix: v1-\n',
      'app/cm.yaml': configMap('app'),
      'out/kustomization.yaml': 'resources: [../..]\n',
    },
    message: 'one',
  })
  repository.setRef('refs/heads/main', first)
  repository.setRef('refs/tags/v1', first)
  server = await serveGit({
    host: '127.0.0.1',
    port: 0,
    repository: (path) => (path === '/org/repo.git' ? repository : undefined),
    intercept,
  })
  address = `http://${server.address}`
})
afterAll(async () => {
  await server.close()
  rmSync(dir, { recursive: true })
})

interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function run(...argv: readonly string[]): Promise<Run> {
  requests.length = 0
  let out = ''
  let err = ''
  const code = await build(argv, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    columns: undefined,
    env: {},
    cwd: dir,
    signal: new AbortController().signal,
  })
  return { code, out, err }
}

function put(name: string, text: string): string {
  const path = join(dir, name, 'kustomization.yaml')
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text.replaceAll('HOST', address))
  return join(dir, name)
}

const good: Readonly<Record<string, { given: string; want: readonly string[] }>> = {
  'a plain file': { given: 'resources: [HOST/x.yaml]', want: ['x'] },
  'a plain file that moved': { given: 'resources: [HOST/moved.yaml]', want: ['x'] },
  'a plain file without an ending': { given: 'resources: [HOST/a/b/plain]', want: ['plain'] },
  'a directory of a repository at a tag': {
    given: "resources: ['HOST/org/repo.git//app?ref=v1']",
    want: ['v1-app'],
  },
  'a branch, a time and no submodules': {
    given: "resources: ['HOST/org/repo.git//app?ref=main&timeout=20s&submodules=false']",
    want: ['v1-app'],
  },
  'a prefix that forces Git': {
    given: "resources: ['git::HOST/org/repo.git//app?version=v1']",
    want: ['v1-app'],
  },
  'a repository and a file together': {
    given: "resources: ['HOST/org/repo.git//app', HOST/x.yaml]\nnamePrefix: p-",
    want: ['p-v1-app', 'p-x'],
  },
}

test.each(Object.entries(good))('%s is built', async (name, { given, want }) => {
  const { code, out, err } = await run(put(name, given))
  expect([code, err]).toEqual([0, ''])
  expect([...out.matchAll(/^ {2}name: (.*)$/gm)].map(([, each]) => each)).toEqual(want)
})

test('an address is built, and nothing in it leaves its repository', async () => {
  const { code, out } = await run(`${address}/org/repo.git//app?ref=v1`)
  expect([code, out]).toEqual([0, configMap('v1-app')])
  const outside = await run(`${address}/org/repo.git//out`)
  expect(outside.err).toContain('must be within the repo')
})

const bad: Readonly<Record<string, { given: string; want: RegExp }>> = {
  'a file that is not there': {
    given: 'resources: [HOST/none.yaml]',
    want: /^Error: accumulating resources: accumulating resources from 'http.*none\.yaml': HTTP Error: status code 404 \(Not Found\)\n$/,
  },
  'a server that fails, whose words are its own': {
    given: 'resources: [HOST/broken.yaml]',
    want: /^(?!.*secret words).*HTTP Error: status code 500 \(Internal Server Error\)\n$/,
  },
  'a host that does not listen': {
    given: 'resources: ["http://127.0.0.1:1/x.yaml"]',
    want: /Get "http:\/\/127\.0\.0\.1:1\/x\.yaml": dial tcp 127\.0\.0\.1:1: connect: connection refused/,
  },
  'a redirect to the disk': {
    given: 'resources: [HOST/to-disk.yaml]',
    want: /unsupported protocol scheme "file"/,
  },
  'a repository on the disk': {
    given: `resources: ["file://${dir}/repo.git//app"]`,
    want: /unsupported scheme 'file'/,
  },
  'a directory that the repository does not have': {
    given: "resources: ['HOST/org/repo.git//nowhere']",
    want: /URL is a git repository': .*nowhere/,
  },
}

test.each(Object.entries(bad))('%s is refused', async (name, { given, want }) => {
  const { code, out, err } = await run(put(name, given))
  expect([code, out]).toEqual([1, ''])
  expect(err).toMatch(want)
})

test('with --no-remote-bases nothing is asked for', async () => {
  const path = put('offline', "resources: [HOST/x.yaml, 'HOST/org/repo.git//app']")
  for (const target of [path, `${address}/org/repo.git//app`]) {
    const { code, err } = await run('--no-remote-bases', target)
    expect(code).toBe(1)
    expect(err).toContain('is refused: no request leaves this command')
  }
  expect(requests).toEqual([])
})

test('what lies in one repository is fetched once', async () => {
  const given = "resources: ['HOST/org/repo.git//app?ref=main']\n"
  put('once/a', `${given}nameSuffix: -a\n`)
  put('once/b', `${given.replace('//app', '//./app')}nameSuffix: -b\n`)
  await run(put('once', 'resources: [a, b]'))
  expect(requests.filter((url) => url.includes('info/refs'))).toHaveLength(1)
})
