import { expect, test } from 'vitest'
import type { KubeObject } from '../../src/object/index.ts'
import { prepareObjects } from '../../src/plan/index.ts'

const OWNER = {
  'kustomize.toolkit.fluxcd.io/name': 'ks',
  'kustomize.toolkit.fluxcd.io/namespace': 'apps',
}

function check(metadata: object, want: readonly object[]): void {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata } as unknown as KubeObject
  const options = { owner: { name: 'ks', namespace: 'apps' }, conform: (one: KubeObject) => one }
  expect(prepareObjects([object], options).map((one) => one.metadata)).toEqual(want)
}

test.each([
  {
    reason: 'owner labels come beside its own',
    given: { name: 'a', labels: { x: 'y' } },
    want: [{ name: 'a', labels: { x: 'y', ...OWNER } }],
  },
  {
    reason: 'one label that is no text, and Go reads none',
    given: { name: 'a', labels: { x: true, z: 'y' } },
    want: [{ name: 'a', labels: OWNER }],
  },
  {
    reason: 'a label that a variable left without value is empty',
    given: { name: 'a', labels: { x: null, z: 'y' } },
    want: [{ name: 'a', labels: { x: '', z: 'y', ...OWNER } }],
  },
  { reason: 'a name that is no text is none', given: { name: 123 }, want: [] },
  { reason: 'no name', given: {}, want: [] },
  {
    reason: 'the creation time is the API server’s',
    given: { name: 'a', creationTimestamp: '2020-01-01T00:00:00Z' },
    want: [{ name: 'a', labels: OWNER }],
  },
])('$reason', ({ given, want }) => check(given, want))
