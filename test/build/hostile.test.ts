import { expect, test } from 'vitest'
import { Fault, memoryTree } from '../../src/base/index.ts'
import { build } from '../../src/build/index.ts'

/** Input that means harm, or a slip of that size: a clear fault, soon. */

function faultOf(files: Record<string, string | Uint8Array>, path = '.'): Fault {
  try {
    build(memoryTree(files), path)
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error('builds')
}

const HEAD = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n'

function bomb(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
  for (let i = 1; i < 12; i += 1) {
    const items = Array.from({ length: 9 }, () => `*a${i - 1}`).join(', ')
    lines.push(`a${i}: &a${i} [${items}]`)
  }
  return `${HEAD}${lines.join('\n')}\n`
}

const CASES: Record<
  string,
  { reason: string; given: Record<string, string | Uint8Array>; want: RegExp }
> = {
  'alias bomb': {
    reason: 'aliases unfold to a bounded number of nodes',
    given: { 'kustomization.yaml': 'resources: [a.yaml]', 'a.yaml': bomb() },
    want: /excessive aliasing/,
  },
  'deep flow nesting': {
    reason: 'ten thousand brackets do not overflow the stack',
    given: {
      'kustomization.yaml': 'resources: [a.yaml]',
      'a.yaml': `${HEAD}data: ${'['.repeat(10_000)}${']'.repeat(10_000)}\n`,
    },
    want: /exceeded max depth/,
  },
  'deep block nesting': {
    reason: 'nor do ten thousand levels of indentation',
    given: {
      'kustomization.yaml': 'resources: [a.yaml]',
      'a.yaml': `${HEAD}data:\n${Array.from({ length: 2_000 }, (_, i) => `${' '.repeat(i + 1)}a:`).join('\n')}\n`,
    },
    want: /exceeded max depth/,
  },
  'a plugin with the name of what every object has': {
    reason: 'no built-in transformer is meant, and none is found',
    given: {
      'kustomization.yaml':
        'transformers:\n- |-\n  apiVersion: builtin\n  kind: constructor\n  metadata: {name: x}\n',
    },
    want: /^unable to load builtin constructor\.builtin\.\[noGrp\]/,
  },
  'a huge file': {
    reason: 'files have a greatest size',
    given: {
      'kustomization.yaml': 'resources: [a.yaml]',
      'a.yaml': new Uint8Array(33 * 1024 * 1024),
    },
    want: /larger than/,
  },
  'a cycle': {
    reason: 'kustomizations that name each other are told',
    given: {
      'a/kustomization.yaml': 'resources: [../b]',
      'b/kustomization.yaml': 'resources: [../a]',
    },
    want: /cycle detected/,
  },
  'a path out of the tree': {
    reason: 'nothing above the root can be named',
    given: { 'kustomization.yaml': 'resources: [../../../etc/passwd]' },
    want: /outside of the tree/,
  },
  'an absolute file': {
    reason: 'absolute paths stay within the restrictor',
    given: {
      'o/kustomization.yaml': 'configMapGenerator: [{name: a, files: [/secret]}]',
      secret: 'x',
    },
    want: /security; file/,
  },
}

test.each(Object.entries(CASES))('%s', (name, { given, want }) => {
  const path = name === 'a cycle' ? 'a' : name === 'an absolute file' ? 'o' : '.'
  const started = performance.now()
  expect(faultOf(given, path).message).toMatch(want)
  expect(performance.now() - started).toBeLessThan(5_000)
})

test('__proto__ is a key like any other', () => {
  const built = build(
    memoryTree({
      'kustomization.yaml': `resources: [a.yaml]
patches:
- patch: |
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: x}
    data: {constructor: c}
`,
      'a.yaml': `${HEAD}data: {__proto__: p, toString: t}\n`,
    }),
    '.',
  )
  if ('missing' in built) throw new Error('nothing is remote')
  expect(built.yaml).toContain('__proto__: p')
  expect(built.yaml).toContain('constructor: c')
  expect(({} as Record<string, unknown>)['p']).toBeUndefined()
})
