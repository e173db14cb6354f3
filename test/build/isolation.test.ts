import { expect, test } from 'vitest'
import { memoryTree } from '../../src/base/index.ts'
import { build } from '../../src/build/index.ts'

/** What one build does to its objects reaches no other build of the process. */

const CASES: Record<string, { reason: string; given: Record<string, string> }> = {
  'labels into a null map': {
    reason: 'entries are added to a null, which is a scalar',
    given: {
      'kustomization.yaml': 'resources: [a.yaml]\ncommonLabels: {a: b}\n',
      'a.yaml':
        'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {template: {spec: {affinity: {podAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{podAffinityTerm: {labelSelector: {matchLabels: null}}}]}}}}}\n',
    },
  },
  'a replacement into a null list': {
    reason: 'items are added to a null, which is a scalar',
    given: {
      'kustomization.yaml':
        "resources: [a.yaml]\nreplacements:\n- sourceValue: v\n  targets: [{select: {kind: Thing}, fieldPaths: ['spec.l.[name=a].v', 'spec.m.0'], options: {create: true}}]\n",
      'a.yaml': 'apiVersion: v1\nkind: Thing\nmetadata: {name: x}\nspec: {l: null, m: null}\n',
    },
  },
  'values added below a null': {
    reason: 'maps are made below a null',
    given: {
      'kustomization.yaml':
        'resources: [a.yaml]\ntransformers:\n- |-\n  apiVersion: builtin\n  kind: ValueAddTransformer\n  metadata: {name: v}\n  value: w\n  targets: [{fieldPath: spec/a/b, selector: {kind: Thing}}]\n',
      'a.yaml': 'apiVersion: v1\nkind: Thing\nmetadata: {name: x}\nspec: null\n',
    },
  },
}

const PLAIN = {
  'kustomization.yaml': 'resources: [a.yaml]\n',
  'a.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n',
}

function outcome(files: Record<string, string>): string {
  try {
    const built = build(memoryTree(files), '.')
    return 'missing' in built ? 'remote' : built.yaml
  } catch (error) {
    return String(error)
  }
}

test.each(Object.entries(CASES))('%s', (_, { given }) => {
  const before = outcome(PLAIN)
  const first = outcome(given)
  expect(outcome(PLAIN)).toBe(before)
  expect(outcome(given)).toBe(first)
})
