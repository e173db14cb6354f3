import { expect, test } from 'vitest'
import { Fault, memoryTree } from '../../src/base/index.ts'
import { type BuildOptions, type Built, build } from '../../src/build/index.ts'

const MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\ndata: {a: "1"}\n'

function built(files: Record<string, string>, path: string, options: BuildOptions = {}): Built {
  const result = build(memoryTree(files), path, options)
  if ('missing' in result) throw new Error(JSON.stringify(result.missing))
  return result
}

function faultOf(files: Record<string, string>, path: string, options: BuildOptions = {}): Fault {
  try {
    build(memoryTree(files), path, options)
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error('builds')
}

test('a fault names the chain of kustomizations, file and line', () => {
  const fault = faultOf(
    {
      'apps/production/kustomization.yaml': 'resources: [../base]',
      'apps/base/kustomization.yaml': 'resources: [deployment.yaml]',
      'apps/base/deployment.yaml':
        'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: x\n   y: z\n',
    },
    'apps/production',
  )
  expect(fault.message).toMatch(/^accumulating resources: /)
  expect(fault.message).toMatch(
    /\(apps\/production → apps\/base → apps\/base\/deployment\.yaml:5:\d+\)$/,
  )
  expect(fault.at).toMatchObject({ file: 'apps/base/deployment.yaml', line: 5 })
})

test('independent faults are all reported', () => {
  const fault = faultOf(
    {
      'kustomization.yaml': 'resources: [a.yaml, b.yaml, c.yaml]',
      'a.yaml': 'a: [',
      'b.yaml': MAP,
      'c.yaml': 'kind: X',
    },
    '.',
  )
  expect([fault, ...fault.others].map((each) => each.at?.file)).toEqual(['a.yaml', 'c.yaml'])
})

test('what was read, and what was looked for, is told with digests', () => {
  const { reads } = built(
    { 'kustomization.yaml': 'resources: [a.yaml]', 'a.yaml': MAP, 'other.yaml': 'x' },
    '.',
  )
  const byPath = Object.fromEntries(reads.map(({ path, digest }) => [path, digest]))
  expect(Object.keys(byPath).sort()).toEqual([
    'Kustomization',
    'a.yaml',
    'kustomization.yaml',
    'kustomization.yml',
  ])
  expect(byPath['a.yaml']).toMatch(/^sha256:[0-9a-f]{64}$/)
  expect(byPath['Kustomization']).toBe('absent')
})

test('remote bases are answered all at once, and taken from where they are mounted', () => {
  const files = {
    'overlay/kustomization.yaml': `resources:
- https://github.com/org/repo//deploy?ref=v1
- https://example.com/raw/map.yaml
namePrefix: p-
`,
    'mnt/repo/deploy/kustomization.yaml': 'resources: [../shared]',
    'mnt/repo/shared/kustomization.yaml': 'resources: [map.yaml]',
    'mnt/repo/shared/map.yaml': MAP,
    'mnt/file': MAP.replace('conf', 'plain'),
  }
  const first = build(memoryTree(files), 'overlay')
  expect(first).toEqual({
    missing: [
      {
        url: 'https://github.com/org/repo//deploy?ref=v1',
        address: 'https://github.com/org/repo',
        kind: 'git',
        path: 'deploy',
        ref: 'v1',
      },
      {
        url: 'https://example.com/raw/map.yaml',
        address: 'https://example.com/raw/map.yaml',
        kind: 'file',
        path: '',
      },
    ],
  })
  const remotes = {
    'https://github.com/org/repo//deploy?ref=v1': 'mnt/repo',
    'https://example.com/raw/map.yaml': 'mnt/file',
  }
  const { objects } = built(files, 'overlay', { remotes })
  expect(objects.map((object) => object.metadata.name)).toEqual(['p-conf', 'p-plain'])
})

test('a mounted repository is not left', () => {
  const files = {
    'overlay/kustomization.yaml': 'resources: [https://github.com/org/repo//deploy]',
    'mnt/repo/deploy/kustomization.yaml': 'resources: [../../secret]',
    'mnt/secret/kustomization.yaml': 'resources: [map.yaml]',
    'mnt/secret/map.yaml': MAP,
  }
  const remotes = { 'https://github.com/org/repo//deploy': 'mnt/repo' }
  expect(faultOf(files, 'overlay', { remotes }).message).toMatch(/must be within the repo/)
})

test('a Flux Kustomization under the reserved name is told, with a better one', () => {
  const fault = faultOf(
    {
      'kustomization.yaml':
        'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps}\nspec: {path: ./x}\n',
    },
    '.',
  )
  expect(fault.message).toMatch(
    /apiVersion for Kustomization should be kustomize\.config\.k8s\.io\/v1beta1/,
  )
  expect(fault.message).toContain('apps.yaml')
})

const EDITS: Record<
  string,
  { reason: string; files: Record<string, string>; options: BuildOptions; want: string[] }
> = {
  'no file': {
    reason: 'one is made from a walk; directories with their own are not walked into',
    files: {
      'd/a.yaml': MAP,
      'd/sub/b.yml': MAP.replace('conf', 'b'),
      'd/own/kustomization.yaml': 'namePrefix: own-\nresources: [c.yaml]',
      'd/own/c.yaml': MAP.replace('conf', 'c'),
      'd/ignored.json': '{"not": "read"}',
    },
    options: { edit: {}, order: 'fifo' },
    want: ['conf', 'own-c', 'b'],
  },
  'nothing there': {
    reason: 'builds to nothing',
    files: { 'd/readme.md': 'x' },
    options: { edit: {} },
    want: [],
  },
  'an unknown field': {
    reason: 'vanishes, as Flux has it',
    files: { 'd/kustomization.yaml': 'resourcess: [a.yaml]', 'd/a.yaml': MAP },
    options: { edit: {} },
    want: [],
  },
  'prefix and patches': {
    reason: 'are merged into the file',
    files: { 'd/kustomization.yaml': 'namePrefix: own-\nresources: [a.yaml]', 'd/a.yaml': MAP },
    options: {
      edit: {
        namePrefix: 'edit-',
        patches: [
          { patch: '[{"op":"add","path":"/data/b","value":"2"}]', target: { kind: 'ConfigMap' } },
        ],
      },
    },
    want: ['edit-conf'],
  },
}

test.each(Object.entries(EDITS))('edit: %s', (_, { files, options, want }) => {
  const { objects } = built(files, 'd', options)
  expect(objects.map((object) => object.metadata.name)).toEqual(want)
})

test('a build reads the same tree twice alike', () => {
  const files = { 'kustomization.yaml': 'resources: [a.yaml]\nnamePrefix: p-', 'a.yaml': MAP }
  expect(built(files, '.').yaml).toBe(built(files, '.').yaml)
})
