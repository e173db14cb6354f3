import { expect, test } from 'vitest'
import { messageOf } from '../../src/base/index.ts'
import type { KubeObject } from '../../src/object/index.ts'
import { mergeVariables, type SubstituteOptions, substitute } from '../../src/substitute/index.ts'

const MARKER = 'kustomize.toolkit.fluxcd.io/substitute'

function configMap(data: Readonly<Record<string, unknown>>, metadata: object = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', ...metadata }, data }
}

interface Case {
  readonly reason: string
  readonly given: KubeObject
  readonly options?: Partial<SubstituteOptions>
  readonly want: KubeObject | string
}

const DEPLOYMENT: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'team', annotations: { flag: '${flag}' } },
  spec: { replicas: '${n}' },
}

const CASES: Readonly<Record<string, Case>> = {
  'a value': {
    reason: 'the plain form',
    given: configMap({ a: 'x-${v}-y' }),
    want: configMap({ a: 'x-val-y' }),
  },
  'a number': {
    reason: 'the text is read again, so what looks like a number is one',
    given: configMap({ a: '${n}', b: '0${n}x' }),
    want: configMap({ a: 3, b: '03x' }),
  },
  'a bool': {
    reason: 'an annotation becomes a bool, as in Flux, which the API server then refuses',
    given: DEPLOYMENT,
    options: { vars: { n: '2', flag: 'true' } },
    want: {
      ...DEPLOYMENT,
      metadata: { ...DEPLOYMENT.metadata, annotations: { flag: true } } as never,
      spec: { replicas: 2 },
    },
  },
  'a quoted bool': {
    reason: 'the known trick: a variable that holds a quote',
    given: configMap({ a: '${quote}${flag}${quote}' }),
    options: { vars: { quote: '"', flag: 'true' } },
    want: configMap({ a: 'true' }),
  },
  newlines: {
    reason: 'every newline is removed from every value',
    given: configMap({ a: '${v}' }),
    options: { vars: { v: 'one\ntwo\n' } },
    want: configMap({ a: 'onetwo' }),
  },
  'a key': {
    reason: 'the whole text is substituted, keys too',
    given: configMap({ '${v}': 'x' }),
    want: configMap({ val: 'x' }),
  },
  'a label that opts out': {
    reason: 'label or annotation',
    given: configMap({ a: '${nope}' }, { labels: { [MARKER]: 'disabled' } }),
    want: configMap({ a: '${nope}' }, { labels: { [MARKER]: 'disabled' } }),
  },
  'an annotation that opts out': {
    reason: 'label or annotation',
    given: configMap({ a: '${nope}' }, { annotations: { [MARKER]: 'disabled' } }),
    want: configMap({ a: '${nope}' }, { annotations: { [MARKER]: 'disabled' } }),
  },
  'an opt-out in other letters': {
    reason: 'this marker is compared with its case',
    given: configMap({ a: '${v}' }, { labels: { [MARKER]: 'Disabled' } }),
    want: configMap({ a: 'val' }, { labels: { [MARKER]: 'Disabled' } }),
  },
  'no variables': {
    reason: 'nothing happens without one',
    given: configMap({ a: '${nope} $$x' }),
    options: { vars: {} },
    want: configMap({ a: '${nope} $$x' }),
  },
  'no variables, but always': {
    reason: 'strategy Always runs for the defaults',
    given: configMap({ a: '${nope:=d} $$x' }),
    options: { vars: {}, always: true },
    want: configMap({ a: 'd $x' }),
  },
  'not strict': {
    reason: 'a variable that is not set is empty, and an empty scalar null',
    given: configMap({ a: '<${nope}>', b: '${nope}' }),
    options: { strict: false },
    want: configMap({ a: '<>', b: null }),
  },
  'a variable that is not set': {
    reason: 'strict by default',
    given: configMap({ a: '${nope}' }),
    want: 'post build failed for \'ConfigMap.v1.[noGrp]/x\': envsubst error: variable substitution failed: variable not set (strict mode): "nope"',
  },
  'several that are not set': {
    reason: 'the first in the canonical text, whose keys are sorted',
    given: configMap({ z: '${first}', a: '${second}' }),
    want: 'post build failed for \'ConfigMap.v1.[noGrp]/x\': envsubst error: variable substitution failed: variable not set (strict mode): "second"',
  },
  'a form that cannot be read': {
    reason: 'shell scripts in ConfigMaps',
    given: { ...DEPLOYMENT, spec: { command: '${x-default}' } },
    want: "post build failed for 'Deployment.v1.apps/web': envsubst error: variable substitution failed: missing closing brace",
  },
  'a name that no form could use': {
    reason: 'one bad key fails the whole set',
    given: configMap({ a: 'x' }),
    options: { vars: { 'a.b': '1', v: '2' } },
    want: "post build failed for 'ConfigMap.v1.[noGrp]/x': envsubst error: 'a.b' var name is invalid, must match '^[_[:alpha:]][_[:alpha:][:digit:]]*$'",
  },
}

function outcome(object: KubeObject, options: SubstituteOptions): unknown {
  try {
    return substitute([object], options)
  } catch (error) {
    return messageOf(error)
  }
}

function check({ given, options, want }: Case): void {
  const all = { vars: { v: 'val', n: '3' }, strict: true, ...options }
  const before = JSON.stringify(given)
  expect(outcome(given, all)).toEqual(typeof want === 'string' ? want : [want])
  expect(JSON.stringify(given)).toBe(before)
}

test.each(Object.entries(CASES))('%s', (_, one) => {
  check(one)
})

// The words are those of fluxcd/pkg kustomize v1.35.4.
test.each([
  ['"x', 'line 3: did not find expected key'],
  ['[a', "line 3: did not find expected ',' or ']'"],
  ['a: b: c', 'line 3: mapping values are not allowed in this context'],
  ['"x" y', 'line 2: did not find expected key'],
])('what comes out with %s is no YAML: Flux names the line', (v, words) => {
  const run = (): unknown =>
    substitute([configMap({ a: '${v}', b: '1' })], { vars: { v }, strict: true })
  expect(run).toThrow(
    `post build failed for 'ConfigMap.v1.[noGrp]/x': envsubst error: YAMLToJSON: yaml: ${words}`,
  )
})

test('a value from a Secret is not quoted', () => {
  const secret = 'hunter2: "'
  const run = (): unknown =>
    substitute([configMap({ a: '${v}' })], {
      vars: { v: secret },
      strict: true,
      secret: new Set(['v']),
    })
  expect(run).toThrow(/YAMLToJSON/)
  try {
    run()
  } catch (error) {
    const told = `${error instanceof Error ? `${error.message}${error.stack}` : ''}`
    expect(told).not.toContain('hunter2')
    expect(error instanceof Error ? error.cause : '').toBeUndefined()
  }
})

test('the faults of all objects are reported, the first one first', () => {
  const bad = (name: string): KubeObject => configMap({ a: `\${${name}}` }, { name })
  try {
    substitute([configMap({ a: 'fine' }), bad('one'), bad('two')], {
      vars: { v: 'x' },
      strict: true,
    })
    expect.unreachable()
  } catch (error) {
    expect(error).toMatchObject({ code: 'VARIABLE_UNSET', reason: 'BuildFailed' })
    expect(error).toMatchObject({ at: { object: 'ConfigMap/one' } })
    expect(error).toMatchObject({ others: [{ at: { object: 'ConfigMap/two' } }] })
  }
})

test('later layers of variables win', () => {
  const merged = mergeVariables({ a: '1', b: '2' }, { b: '3\n' }, { c: '4' })
  expect(merged).toEqual({ a: '1', b: '3', c: '4' })
})

test('an object without a dollar is handed on as it is', () => {
  const plain = configMap({ a: 'x' })
  expect(substitute([plain], { vars: { v: '1' }, strict: true })[0]).toBe(plain)
})
