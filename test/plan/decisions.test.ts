import { expect, test } from 'vitest'
import type { Kustomization, KustomizationSpec } from '../../src/api/index.ts'
import type { JsonObject, KubeObject } from '../../src/object/index.ts'
import {
  checkDependencies,
  cleanupPatch,
  compileIgnore,
  effectiveTimeoutMs,
  findCycle,
  hasDrifted,
  inDependencyOrder,
  keepIgnored,
  recordRun,
  retryIntervalMs,
  setCondition,
  withoutPointers,
} from '../../src/plan/index.ts'

const SPEC: KustomizationSpec = {
  interval: '10m',
  prune: true,
  sourceRef: { kind: 'GitRepository', name: 'repo' },
}

function configMap(data: JsonObject, metadata: object = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', ...metadata }, data }
}

const TIMEOUTS: Record<string, { given: Partial<KustomizationSpec>; want: number }> = {
  'the interval less 30 s': { given: {}, want: 570_000 },
  'as given': { given: { timeout: '2m' }, want: 120_000 },
  'never under 30 s': { given: { timeout: '5s' }, want: 30_000 },
  'never under 30 s, from a short interval': { given: { interval: '31s' }, want: 30_000 },
}

test.each(Object.entries(TIMEOUTS))('timeout: %s', (_, { given, want }) => {
  expect(effectiveTimeoutMs({ ...SPEC, ...given })).toBe(want)
})

test('retry: retryInterval, else interval', () => {
  expect(retryIntervalMs(SPEC)).toBe(600_000)
  expect(retryIntervalMs({ ...SPEC, retryInterval: '1m' })).toBe(60_000)
})

const DRIFTS: Record<string, { live: KubeObject; dryRun: KubeObject; want: boolean }> = {
  same: { live: configMap({ a: 'b' }), dryRun: configMap({ a: 'b' }), want: false },
  'another value': { live: configMap({ a: 'b' }), dryRun: configMap({ a: 'c' }), want: true },
  'a label': {
    live: configMap({}),
    dryRun: configMap({}, { labels: { a: 'b' } }),
    want: true,
  },
  'finalizers, owners and versions do not count': {
    live: configMap({}, { finalizers: ['x'], resourceVersion: '1' }),
    dryRun: configMap({}, { resourceVersion: '2' }),
    want: false,
  },
  'no labels and empty labels are the same': {
    live: configMap({}, { labels: {} }),
    dryRun: configMap({}),
    want: false,
  },
}

test.each(Object.entries(DRIFTS))('drift: %s', (_, { live, dryRun, want }) => {
  expect(hasDrifted(live, dryRun)).toBe(want)
})

test('managers: those of kubectl become ours, their fields united; others stay', () => {
  const entry = (manager: string, operation: 'Apply' | 'Update', fieldsV1: JsonObject) => ({
    manager,
    operation,
    fieldsV1,
  })
  const live = configMap(
    {},
    {
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
      managedFields: [
        entry('kustomize-controller', 'Apply', { 'f:data': { 'f:a': {} } }),
        entry('kubectl-edit', 'Update', { 'f:data': { '.': {}, 'f:b': {} } }),
        entry('helm', 'Update', { 'f:data': { 'f:c': {} } }),
        { ...entry('kubectl', 'Update', {}), subresource: 'scale' },
      ],
    },
  )
  expect(cleanupPatch(live, [])).toEqual([
    {
      op: 'remove',
      path: '/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration',
    },
    {
      op: 'replace',
      path: '/metadata/managedFields',
      value: [
        entry('helm', 'Update', { 'f:data': { 'f:c': {} } }),
        { ...entry('kubectl', 'Update', {}), subresource: 'scale' },
        entry('kustomize-controller', 'Apply', { 'f:data': { '.': {}, 'f:a': {}, 'f:b': {} } }),
      ],
    },
  ])
  expect(cleanupPatch(live, ['helm'])).toHaveLength(2)
  expect(cleanupPatch(configMap({}), [])).toEqual([])
})

test('ignore: rules select by anchored expressions, and hide fields by pointer', () => {
  const rules = compileIgnore([
    { paths: ['/data/a'], target: { kind: 'Config.*', name: 'a' } },
    { paths: ['/data/b'], target: { name: 'aa' } },
  ])
  expect(rules(configMap({}))).toEqual(['/data/a'])
  expect(withoutPointers(configMap({ a: 'x', b: 'y' }), ['/data/a'])['data']).toEqual({ b: 'y' })
})

test('ignore: an ignored field keeps its live value, or is left to another applier', () => {
  const live = configMap(
    { a: 'live', b: 'live', c: 'same' },
    {
      managedFields: [
        { manager: 'operator', operation: 'Apply', fieldsV1: { 'f:data': { 'f:b': {} } } },
      ],
    },
  )
  const desired = configMap({ a: 'git', b: 'git', c: 'same', d: 'new' })
  const sent = keepIgnored(desired, { live, dryRun: desired }, ['/data/a', '/data/b', '/data/c'])
  expect(sent['data']).toEqual({ a: 'live', c: 'same', d: 'new' })
})

function kustomization(name: string, status: object = {}, spec: object = {}): Kustomization {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name, namespace: 'n', generation: 1 },
    spec: { ...SPEC, ...spec },
    status,
  } as Kustomization
}

const READY = {
  observedGeneration: 1,
  lastAppliedRevision: 'r1',
  conditions: [{ type: 'Ready', status: 'True' }],
}
const DEPENDS: Record<string, { dep: Kustomization | undefined; want: string | undefined }> = {
  ready: { dep: kustomization('base', READY), want: undefined },
  missing: {
    dep: undefined,
    want: `dependency 'n/base' not found: kustomizations.kustomize.toolkit.fluxcd.io "base" not found`,
  },
  'not ready': {
    dep: kustomization('base', { ...READY, conditions: [{ type: 'Ready', status: 'False' }] }),
    want: `dependency 'n/base' is not ready`,
  },
  'an older generation': {
    dep: kustomization('base', { ...READY, observedGeneration: 0 }),
    want: `dependency 'n/base' is not ready`,
  },
  'an older revision of the same source': {
    dep: kustomization('base', { ...READY, lastAppliedRevision: 'r0' }),
    want: `dependency 'n/base' revision is not up to date`,
  },
  'another source, another revision': {
    dep: kustomization(
      'base',
      { ...READY, lastAppliedRevision: 'r0' },
      {
        sourceRef: { kind: 'GitRepository', name: 'other' },
      },
    ),
    want: undefined,
  },
}

test.each(Object.entries(DEPENDS))('dependsOn: %s', (_, { dep, want }) => {
  const fault = checkDependencies({
    kustomization: kustomization('app', {}, { dependsOn: [{ name: 'base' }] }),
    revision: 'r1',
    find: () => dep,
    evaluate: () => ({ kind: 'value', value: true }),
    isAdditive: false,
  })
  expect(fault?.message).toBe(want)
})

test('dependsOn: a readyExpr stands in for the built-in check of its own dependency only', () => {
  const fault = checkDependencies({
    kustomization: kustomization(
      'app',
      {},
      {
        dependsOn: [{ name: 'one', readyExpr: 'true' }, { name: 'two' }],
      },
    ),
    revision: 'r1',
    find: (_, name) => kustomization(name),
    evaluate: () => ({ kind: 'value', value: true }),
    isAdditive: false,
  })
  expect(fault?.dependency).toBe('n/two')
})

test('a cycle is written from its smallest member; what only leads to one is in none', () => {
  const edges: Record<string, string[]> = { b: ['c'], c: ['a'], a: ['b'], x: ['a'], s: ['s'] }
  const from = (key: string) => findCycle(key, (each) => edges[each] ?? [])
  expect(from('c')).toEqual(['a', 'b', 'c', 'a'])
  expect(from('s')).toEqual(['s', 's'])
  expect(from('x')).toBeUndefined()
})

test('dependencies come first, also those that are not asked for', () => {
  const edges: Record<string, string[]> = { c: ['b'], b: ['a'] }
  expect(inDependencyOrder(['c', 'a'], (key) => edges[key] ?? [])).toEqual(['a', 'c'])
})

test('conditions: time moves with status, reason or message; Reconciling and Stalled exclude', () => {
  const ready = { type: 'Ready', status: 'True', reason: 'A', message: 'm' } as const
  const first = setCondition([], ready, { nowMs: 0, generation: 1 })
  const same = setCondition(first, ready, { nowMs: 5000, generation: 2 })
  expect(same[0]).toMatchObject({
    lastTransitionTime: '1970-01-01T00:00:00Z',
    observedGeneration: 2,
  })
  const other = setCondition(first, { ...ready, message: 'n' }, { nowMs: 5000, generation: 2 })
  expect(other[0]?.lastTransitionTime).toBe('1970-01-01T00:00:05Z')
  const at = { nowMs: 0, generation: 1 }
  const stalled = setCondition(other, { ...ready, type: 'Stalled' }, at)
  const going = setCondition(stalled, { ...ready, type: 'Reconciling' }, at)
  expect(going.map(({ type }) => type)).toEqual(['Reconciling', 'Ready'])
})

test('conditions: a message is cut at 32 KiB', () => {
  const long = { type: 'Ready', status: 'False', reason: 'A', message: 'ä'.repeat(40_000) } as const
  const [condition] = setCondition([], long, { nowMs: 0, generation: 1 })
  expect(Buffer.byteLength(condition?.message ?? '')).toBeLessThanOrEqual(32_768)
  expect(condition?.message.endsWith('...')).toBe(true)
})

test('history: newest first, counted up by digest and status, five at most', () => {
  const run = (digest: string, nowMs: number, status = 'ReconciliationSucceeded') => ({
    digest,
    status,
    nowMs,
    durationMs: 1500,
    metadata: { revision: 'r' },
  })
  let history = recordRun([], run('a', 0))
  history = recordRun(history, run('b', 1000))
  history = recordRun(history, run('a', 2000))
  expect(history.map(({ digest, totalReconciliations }) => [digest, totalReconciliations])).toEqual(
    [
      ['a', 2],
      ['b', 1],
    ],
  )
  expect(history[0]).toMatchObject({
    firstReconciled: '1970-01-01T00:00:00Z',
    lastReconciled: '1970-01-01T00:00:02Z',
    lastReconciledDuration: '1.5s',
  })
  for (const digest of ['c', 'd', 'e', 'f']) history = recordRun(history, run(digest, 3000))
  expect(history).toHaveLength(5)
})
