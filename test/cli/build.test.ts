import { expect, test } from 'vitest'
import { memoryTree } from '../../src/base/index.ts'
import { runBuild } from '../../src/cli/build.ts'

/** `tidegate build` as a command: flags, files, exit codes. Bytes are the affair of conformance/. */

const FILES = {
  'repo/base/kustomization.yaml': 'resources: [r.yaml]\ncommonLabels: {a: b}\n',
  'repo/base/r.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: X.Y_z}
data: {n: "12345678901234567890"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: prod}
---
apiVersion: v1
kind: Namespace
metadata: {name: prod}
`,
  'repo/broken/kustomization.yaml': 'resources: [a.yaml, b.yaml]\n',
  'repo/old/kustomization.yaml': 'resources: [../base, nope.yaml]\ncommonLabels: {a: b}\n',
  'repo/remote/kustomization.yaml': 'resources:\n- https://example.com/org/repo//base?ref=v1\n',
  'repo/out/keep': '',
}

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly written: Readonly<Record<string, string>>
}

async function run(...argv: string[]): Promise<Ran> {
  let out = ''
  let err = ''
  const written: Record<string, string> = {}
  const io = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
    columns: undefined,
    env: {},
    cwd: '/repo',
    signal: new AbortController().signal,
  }
  const code = await runBuild(argv, io, {
    tree: memoryTree(FILES),
    writeFile: (path, text) => {
      written[path] = text
    },
  })
  return { code, out, err, written }
}

test('a directory is built to stdout, warnings go to stderr', async () => {
  const { code, out, err } = await run('base')
  expect(code).toBe(0)
  expect(out.startsWith('apiVersion: v1\nkind: Namespace\n')).toBe(true)
  expect(err).toMatch(/^# Warning: 'commonLabels' is deprecated\./)
})

test('-o with a directory writes a file an object, named as kustomize names them', async () => {
  const { written, out } = await run('base', '-o', 'out')
  expect(out).toBe('')
  expect(Object.keys(written).sort()).toEqual([
    '/repo/out/default_v1_configmap_x.y_z.yaml',
    '/repo/out/prod_apps_v1_deployment_web.yaml',
    '/repo/out/v1_namespace_prod.yaml',
  ])
  expect(written['/repo/out/default_v1_configmap_x.y_z.yaml']).toContain(
    '"n": "12345678901234567890"',
  )
})

test('-o with a file writes all of it there', async () => {
  const { written } = await run('base', '--output', '/repo/out/all.yaml')
  expect(written['/repo/out/all.yaml']).toBe((await run('base')).out)
})

const REFUSED: Record<string, { reason: string; given: string[]; want: RegExp }> = {
  'two directories': {
    reason: 'one path at a time',
    given: ['base', 'broken'],
    want: /^Error: specify one path to kustomization.yaml/,
  },
  'a file': {
    reason: 'a kustomization is a directory',
    given: ['base/r.yaml'],
    want: /^Error: must build at directory: 'base\/r.yaml': file is not directory/,
  },
  nothing: {
    reason: 'the directory must be there',
    given: ['nope'],
    want: /^Error: must build at directory: not a valid directory: evalsymlink failure on '.*nope'/,
  },
  'a file in no directory': {
    reason: 'directories are not made',
    given: ['base', '-o', 'no/f.yaml'],
    want: /Error: open \/repo\/no\/f.yaml: no such file or directory/,
  },
  'an order': {
    reason: 'orders are legacy and none',
    given: ['base', '--reorder', 'bad'],
    want: /Error: illegal flag value --reorder bad; legal values: \[legacy none\]/,
  },
  'a restrictor': {
    reason: 'restrictors are two',
    given: ['base', '--load-restrictor', 'bad'],
    want: /Error: illegal flag value --load-restrictor bad/,
  },
  'all that is missing': {
    reason: 'independent faults are told together',
    given: ['broken'],
    want: /Error: accumulating resources: .*'a\.yaml'[^]*Error: .*'b\.yaml'/,
  },
  'a remote base': {
    reason: 'nothing may be fetched here',
    given: ['remote', '--no-remote-bases'],
    want: /Error: accumulating resources: remote base 'https:\/\/example\.com/,
  },
}

test.each(Object.entries(REFUSED))('refuses %s', async (_, { given, want }) => {
  const { code, out, err, written } = await run(...given)
  expect({ code, out, written }).toEqual({ code: 1, out: '', written: {} })
  expect(err).toMatch(want)
})

test('flags of kustomize that concern programs change nothing', async () => {
  const plain = await run('base')
  const flags = ['--enable-helm', '--enable-alpha-plugins', '-e', 'A=b', '-e', 'C=d', '--network']
  expect(await run('base', ...flags)).toEqual(plain)
})

test('deprecated flags are told', async () => {
  const { err } = await run('base', '--reorder', 'none', '--enable-managedby-label')
  expect(err).toContain("Flag --reorder has been deprecated, use the new 'sortOptions' field")
  expect(err).toContain('Flag --enable-managedby-label has been deprecated')
})

test('a build that fails has told its warnings first', async () => {
  const { code, err } = await run('old')
  expect(code).toBe(1)
  const [first, second, third] = err.split('\n')
  expect(first).toMatch(/^# Warning: 'commonLabels' is deprecated\./)
  expect(second).toBe(first)
  expect(third).toMatch(/^Error: accumulating resources: /)
})
