import fc from 'fast-check'
import { expect, test } from 'vitest'
import { idOf, type KubeObject } from '../../src/object/index.ts'
import { compareApplyOrder, parseStageKinds, stagesOf } from '../../src/plan/index.ts'

function object(apiVersion: string, kind: string, name = 'x', namespace = ''): KubeObject {
  return { apiVersion, kind, metadata: { name, ...(namespace === '' ? {} : { namespace }) } }
}

const OBJECTS = [
  object('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'),
  object('apps/v1', 'Deployment', 'b', 'n'),
  object('apps/v1', 'Deployment', 'a', 'n'),
  object('v1', 'ConfigMap', 'a', 'm'),
  object('example.com/v1', 'Thing', 'a', 'n'),
  object('v1', 'Namespace', 'n'),
  object('storage.k8s.io/v1', 'StorageClass'),
  object('example.com/v1', 'GatewayClass'),
  object('rbac.authorization.k8s.io/v1', 'ClusterRole'),
  object('apiextensions.k8s.io/v1', 'CustomResourceDefinition'),
  object('v1', 'Service', 'a', 'n'),
]

function names(objects: readonly KubeObject[]): string[] {
  return objects.map(({ kind, metadata }) => `${kind}/${metadata.name ?? ''}`)
}

test('stages: definitions, classes, custom, the rest; each in apply order', () => {
  const stages = stagesOf(OBJECTS, parseStageKinds('example.com/Thing, ConfigMap'))
  expect(stages.map((stage) => [stage.name, stage.waits, names(stage.objects)])).toEqual([
    ['definitions', true, ['CustomResourceDefinition/x', 'Namespace/n', 'ClusterRole/x']],
    ['classes', true, ['StorageClass/x', 'GatewayClass/x']],
    ['custom', false, ['ConfigMap/a', 'Thing/a']],
    [
      'rest',
      false,
      ['Service/a', 'Deployment/a', 'Deployment/b', 'ValidatingWebhookConfiguration/x'],
    ],
  ])
})

test('a Namespace of another group and a CRD-like kind are no definitions', () => {
  const stages = stagesOf([
    object('example.com/v1', 'Namespace'),
    object('example.com/v1', 'CustomResourceDefinition'),
  ])
  expect(stages.map(({ name }) => name)).toEqual(['rest'])
})

test('equal sets give equal stages, whatever the input order; nothing is lost', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(OBJECTS, { minLength: OBJECTS.length }), (shuffled) => {
      expect(stagesOf(shuffled)).toEqual(stagesOf(OBJECTS))
      expect(stagesOf(shuffled).flatMap((stage) => stage.objects)).toHaveLength(OBJECTS.length)
    }),
  )
})

test('the order is a total order', () => {
  const one = fc.constantFrom(...OBJECTS).map(idOf)
  fc.assert(
    fc.property(one, one, one, (a, b, c) => {
      expect(Math.sign(compareApplyOrder(a, b))).toBe(-Math.sign(compareApplyOrder(b, a)) || 0)
      if (compareApplyOrder(a, b) <= 0 && compareApplyOrder(b, c) <= 0)
        expect(compareApplyOrder(a, c)).toBeLessThanOrEqual(0)
    }),
  )
})
