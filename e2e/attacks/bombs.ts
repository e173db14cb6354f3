import type { FileContent } from '../../src/source/index.ts'
import { type Attack, configMap, ends, fails } from './attack.ts'

type Files = Readonly<Record<string, FileContent>>

const KUSTOMIZATION = 'resources: [a.yaml]\n'

function bomb(name: string, does: string, files: Files, more: Partial<Attack> = {}): Attack {
  return {
    name,
    does,
    files: { 'a.yaml': configMap(name, 'data: {a: b}\n'), ...files },
    want: fails(/./),
    ...more,
  }
}

function aliases(head: string): string {
  const lines = ['x0: &x0 [a,a,a,a,a,a,a,a,a,a]']
  for (let i = 1; i < 10; i += 1)
    lines.push(
      `x${i}: &x${i} [${Array(10)
        .fill(`*x${i - 1}`)
        .join(',')}]`,
    )
  return `${head}${lines.join('\n')}\n`
}

function layers(depth: number): Files {
  const files: Record<string, string> = {}
  for (let i = 0; i < depth; i += 1)
    for (const side of ['a', 'b'])
      files[`l${i}/${side}/kustomization.yaml`] =
        `namePrefix: ${side}\nresources: [${i === depth - 1 ? 'c.yaml' : `../../l${i + 1}/a, ../../l${i + 1}/b`}]\n`
  for (const side of ['a', 'b']) files[`l${depth - 1}/${side}/c.yaml`] = configMap('x')
  return { ...files, 'kustomization.yaml': 'resources: [l0/a, l0/b]\n' }
}

function components(depth: number): Files {
  const files: Record<string, string> = {
    'kustomization.yaml': `${KUSTOMIZATION}components: [c0]\n`,
  }
  for (let i = 0; i < depth; i += 1)
    files[`c${i}/kustomization.yaml`] =
      `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n${i === depth - 1 ? 'commonAnnotations: {a: b}' : `components: [../c${i + 1}, ../c${i + 1}]`}\n`
  return files
}

function repeat(count: number, make: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => make(i)).join('')
}

const RANGE = '[0,1,2,3,4,5,6,7,8,9]'
const LOOPS = `${RANGE}.all(a, `.repeat(8) + 'true' + ')'.repeat(8)

/** What costs far more than it is large. */
export const BOMBS: readonly Attack[] = [
  bomb('bomb-alias', 'unfolds a manifest by aliases', {
    'a.yaml': aliases(configMap('bomb-alias')),
  }),
  bomb(
    'bomb-alias-kustomization',
    'unfolds the kustomization file by aliases',
    { 'kustomization.yaml': aliases(KUSTOMIZATION) },
    { want: ends },
  ),
  bomb('bomb-merge', 'unfolds a manifest by merge keys', {
    'a.yaml': `${configMap('bomb-merge')}d0: &d0 {a: b}\n${repeat(20, (i) => `d${i + 1}: &d${i + 1}\n  <<: [*d${i}, *d${i}]\n  x: {<<: *d${i}, y: *d${i}}\n  z: *d${i}\n`)}`,
  }),
  bomb('bomb-deep', 'nests a manifest without end', {
    'a.yaml': `${configMap('bomb-deep')}data: ${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}\n`,
  }),
  bomb('bomb-patch', 'doubles an object by each operation of a JSON patch', {
    'kustomization.yaml': `${KUSTOMIZATION}patches: [{target: {kind: ConfigMap}, path: p.yaml}]\n`,
    'p.yaml': repeat(40, (i) => `- {op: copy, from: /data, path: /data/x${i}}\n`),
  }),
  bomb('bomb-replacement', 'doubles an object by each replacement', {
    'kustomization.yaml': `${KUSTOMIZATION}replacements:\n${repeat(40, (i) => `- source: {kind: ConfigMap, fieldPath: data}\n  targets: [{select: {kind: ConfigMap}, fieldPaths: [data.y${i}], options: {create: true}}]\n`)}`,
  }),
  bomb(
    'bomb-substitute',
    'fills the memory by variables',
    {
      'a.yaml': repeat(
        60,
        (i) =>
          `---\n${configMap(`bomb-substitute-${i}`, `data: {a: "${'${v//a/${v//a/${w}}}'}"}\n`)}`,
      ),
    },
    { spec: `postBuild: {substitute: {v: ${'a'.repeat(3000)}, w: ${'b'.repeat(3000)}}}` },
  ),
  bomb(
    'bomb-substitute-deep',
    'nests forms without end',
    {
      'a.yaml': configMap(
        'bomb-substitute-deep',
        `data: {a: "${'${a:='.repeat(3000)}x${'}'.repeat(3000)}"}\n`,
      ),
    },
    { spec: 'postBuild: {substitute: {b: c}}' },
  ),
  bomb(
    'bomb-glob',
    'keeps the controller busy with a pattern of a form',
    { 'a.yaml': configMap('bomb-glob', `data: {a: "\${v##${'*a'.repeat(50)}b}"}\n`) },
    { spec: `postBuild: {substitute: {v: ${'a'.repeat(5000)}}}`, want: ends },
  ),
  bomb(
    'bomb-regex',
    'keeps the controller busy with a regular expression',
    {
      'kustomization.yaml': `${KUSTOMIZATION}patches: [{target: {kind: ConfigMap, name: "(x+x+)+y"}, patch: '[{"op":"add","path":"/data/z","value":"1"}]'}]\n`,
      'a.yaml': configMap('x'.repeat(200)),
    },
    { want: ends },
  ),
  bomb('bomb-repeat', 'fills the memory by a regular expression', {
    'kustomization.yaml': `${KUSTOMIZATION}patches: [{target: {kind: ConfigMap, name: "((a{1,1000}){1,1000}){1,1000}"}, patch: '[{"op":"add","path":"/data/z","value":"1"}]'}]\n`,
  }),
  bomb(
    'bomb-ignore',
    'keeps the controller busy with the patterns of spec.ignore',
    {},
    { spec: `ignore: [{paths: [/data], target: {name: "(x+x+)+y"}}]`, want: ends },
  ),
  bomb(
    'bomb-health',
    'keeps the controller busy with a health expression',
    {},
    {
      spec: `wait: true\n  timeout: 30s\n  healthCheckExprs: [{apiVersion: v1, kind: ConfigMap, current: "${LOOPS}"}]`,
      want: ({ object }) => ends({ object } as never),
    },
  ),
  bomb(
    'bomb-health-text',
    'fills the memory by a health expression',
    {},
    {
      spec: `wait: true\n  timeout: 30s\n  healthCheckExprs: [{apiVersion: v1, kind: ConfigMap, current: "${`${RANGE}.map(a, `.repeat(7)}'xxxxxxxxxxxxxxxxxxxx'${')'.repeat(7)}.size() > 0"}]`,
      want: ({ object }) => ends({ object } as never),
    },
  ),
  bomb(
    'bomb-ready',
    'keeps the controller busy with a readyExpr',
    {},
    {
      objects: () =>
        'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: idle, namespace: tenant-a}\nspec: {interval: 1h, prune: true, suspend: true, sourceRef: {kind: GitRepository, name: repo}}\n',
      spec: `dependsOn: [{name: idle, readyExpr: "${LOOPS}"}]`,
    },
  ),
  bomb(
    'bomb-ready-regex',
    'keeps the controller busy with a regular expression in a readyExpr',
    {},
    { spec: `dependsOn: [{name: idle, readyExpr: "'${'x'.repeat(3000)}'.matches('(x+x+)+y')"}]` },
  ),
  bomb(
    'bomb-ready-deep',
    'nests a readyExpr without end',
    {},
    { spec: `dependsOn: [{name: idle, readyExpr: "${'('.repeat(5000)}true${')'.repeat(5000)}"}]` },
  ),
  bomb(
    'bomb-message',
    'fills its status with a message',
    {
      'a.yaml':
        configMap(
          `b-${'x'.repeat(20)}`,
          `labels: {${repeat(300, (i) => `"l${i} ${'y'.repeat(200)}": "!!",`)} z: z}\n`,
        )
          .replace('metadata: {', 'metadata: {')
          .replace(/\nlabels: (\{.*\})/, '') +
        `---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: bomb-message\n  labels:\n${repeat(300, (i) => `    "l${i} ${'y'.repeat(200)}": "!!"\n`)}`,
    },
    {
      want: ({ object }) => {
        const text = JSON.stringify(object?.['status'] ?? {})
        if (text.length > 200_000) throw new Error('the status is too large')
      },
    },
  ),
  bomb('bomb-layers', 'builds 2^16 times by layers', layers(16), { isHeavy: true }),
  bomb('bomb-components', 'builds 2^24 times by components', components(24), { isHeavy: true }),
  bomb(
    'bomb-generator',
    'reads a file thousands of times',
    {
      'kustomization.yaml': `configMapGenerator:\n${repeat(3000, (i) => `- {name: g${i}, files: [big.txt]}\n`)}`,
      'big.txt': 'x'.repeat(1024 * 1024),
    },
    { isHeavy: true },
  ),
  bomb(
    'bomb-patches',
    'applies thousands of patches to thousands of objects',
    {
      'kustomization.yaml': `${KUSTOMIZATION}patches:\n${repeat(3000, (i) => `- {target: {kind: ConfigMap}, patch: '[{"op":"add","path":"/data/z${i}","value":"1"}]'}\n`)}`,
      'a.yaml': repeat(3000, (i) => `---\n${configMap(`p${i}`, 'data: {a: b}\n')}`),
    },
    { isHeavy: true },
  ),
  bomb(
    'bomb-objects',
    'has a hundred thousand objects',
    { 'a.yaml': repeat(100_000, (i) => `---\n${configMap(`o${i}`)}`) },
    { isHeavy: true },
  ),
]
