import { expect } from 'vitest'
import { type Attack, configMap, ends } from './attack.ts'

function nested(open: string, inner: string, close: string, times: number): string {
  return open.repeat(times) + inner + close.repeat(times)
}

/** An expression for the health of a ConfigMap; it comes to an end, and others are served. */
function health(name: string, does: string, expression: string): Attack {
  return {
    name,
    does: `${does}, in a health expression`,
    files: { 'a.yaml': configMap(name, 'data: {a: b}\n') },
    spec: `wait: true\n  timeout: 5s\n  retryInterval: 1h\n  healthCheckExprs: [{apiVersion: v1, kind: ConfigMap, current: ${JSON.stringify(expression)}}]`,
    want: (seen) => {
      if (seen.object === undefined) expect(seen.refused.length).toBeGreaterThan(0)
      else void ends(seen)
      expect(seen.world.isRunning()).toBe(true)
    },
  }
}

/** The same as the condition of a dependency. */
function ready(name: string, does: string, expression: string): Attack {
  return {
    ...health(name, does, 'true'),
    does: `${does}, in a readyExpr`,
    objects: () =>
      `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ${name}-dep, namespace: tenant-a, annotations: {big: "${'x'.repeat(100_000)}"}}\nspec: {interval: 1h, prune: true, suspend: true, sourceRef: {kind: GitRepository, name: repo}}\n`,
    spec: `retryInterval: 1h\n  dependsOn: [{name: ${name}-dep, readyExpr: ${JSON.stringify(expression)}}]`,
  }
}

const TEN = '[0,1,2,3,4,5,6,7,8,9]'

/** Expressions that cost more than they say. */
export const EXPRESSIONS: readonly Attack[] = [
  health(
    'cel-replace',
    'doubles a text forty times',
    `${nested('', "'a'", ".replace('a','aa')", 40)} == ''`,
  ),
  health(
    'cel-split',
    'splits a text into what it joins again',
    `${nested('', "'aaaaaaaa'", ".split('').join('bb')", 30)} == ''`,
  ),
  health(
    'cel-base64',
    'encodes what is encoded, a hundred times',
    `${nested('base64.encode(b', "'aaaaaaaaaaaaaaaa'", ')', 1)} + ${nested('base64.encode(bytes(', "'aaaaaaaaaaaaaaaa'", '))', 100)} == ''`,
  ),
  health(
    'cel-list',
    'doubles a list forty times',
    `size(${nested('(', '[1]', ' + [1,2]).map(x, x)', 40)}) > 0`,
  ),
  health(
    'cel-sets',
    'compares sets of a hundred thousand',
    `sets.contains(${nested(`${TEN}.map(x, `, '1', ')', 5)}, ${nested(`${TEN}.map(y, `, '1', ')', 5)})`,
  ),
  health(
    'cel-flat',
    'has an expression of three hundred kilobytes',
    `${'true || '.repeat(40_000)}true`,
  ),
  health(
    'cel-ternary',
    'nests questions without end',
    `${nested('(true ? ', 'true', ' : false)', 2000)}`,
  ),
  health('cel-string', 'has a text of a megabyte', `'${'x'.repeat(1_000_000)}' == ''`),
  health(
    'cel-regex',
    'matches what takes for ever',
    `'${'a'.repeat(5000)}'.matches('${'(a|aa)+'.repeat(30)}$b')`,
  ),
  health(
    'cel-regex-size',
    'has a pattern that unfolds',
    "'a'.matches('((((a{1,500}){1,500}){1,500}){1,500}){1,500}')",
  ),
  health(
    'cel-number',
    'multiplies beyond numbers',
    '9223372036854775807 * 9223372036854775807 == 1 || -9223372036854775808 / -1 == 1 || 1 / 0 == 1',
  ),
  health(
    'cel-words',
    'reads what all objects have',
    "data.__proto__ == data.constructor || 'constructor' in data || has(data.toString)",
  ),
  health(
    'cel-time',
    'reckons with times that are none',
    "timestamp('9999-12-31T23:59:59Z') + duration('99999999h') > timestamp('0001-01-01T00:00:00Z')",
  ),
  ready(
    'cel-ready-replace',
    'doubles a text forty times',
    `${nested('', "'a'", ".replace('a','aa')", 40)} == ''`,
  ),
  ready(
    'cel-ready-all',
    'looks at every pair of letters',
    `dep.metadata.annotations['big'].split('').all(a, dep.metadata.annotations['big'].split('').all(b, a == b))`,
  ),
  ready(
    'cel-ready-self',
    'looks at itself in itself',
    'self.spec.dependsOn.all(a, self.spec.dependsOn.all(b, self.spec.dependsOn.all(c, self == self)))',
  ),
]
