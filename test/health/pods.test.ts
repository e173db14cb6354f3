import { expect, test } from 'vitest'
import { compileHealthExprs, healthOf } from '../../src/health/index.ts'
import type { KubeObject } from '../../src/object/index.ts'

const NOW = Date.UTC(2026, 0, 1)

function owner(kind: string): KubeObject {
  return { apiVersion: 'apps/v1', kind, metadata: { name: 'x' }, spec: { replicas: 1 } }
}

function pod(status: object, metadata: object = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x-1', ...metadata }, status }
}

const LOOPING = {
  phase: 'Running',
  containerStatuses: [{ name: 'main', state: { waiting: { reason: 'CrashLoopBackOff' } } }],
}
const UNSCHEDULABLE = {
  phase: 'Pending',
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }],
}

test.each([
  ['StatefulSet', 'a pod that crashes', pod(LOOPING), 'Failed', '1 pods have failed'],
  ['ReplicaSet', 'a pod that crashes', pod(LOOPING), 'Failed', '1 pods have failed'],
  [
    'Deployment',
    'a pod that crashes, which only its deadline tells',
    pod(LOOPING),
    'InProgress',
    'Replicas: 0/1',
  ],
  [
    'StatefulSet',
    'a pod on its way out',
    pod(LOOPING, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    'InProgress',
    'Replicas: 0/1',
  ],
  [
    'StatefulSet',
    'a pod that fits nowhere',
    pod(UNSCHEDULABLE, { creationTimestamp: '2025-01-01T00:00:00Z' }),
    'InProgress',
    'Replicas: 0/1',
  ],
  ['StatefulSet', 'a pod that is coming', pod({ phase: 'Pending' }), 'InProgress', 'Replicas: 0/1'],
] as const)('%s with %s', (kind, _, child, status, message) => {
  expect(healthOf(owner(kind), { now: NOW, pods: [child] })).toEqual({ status, message })
})

test('an object that is not there is not found', () => {
  expect(healthOf(undefined, { now: NOW }).status).toBe('NotFound')
})

test('a Pod has 15 seconds to be scheduled', () => {
  const at = (ms: number): string => {
    const created = new Date(NOW - ms).toISOString()
    return healthOf(pod(UNSCHEDULABLE, { creationTimestamp: created }), { now: NOW }).status
  }
  expect([at(14_999), at(15_000), at(16_000)]).toEqual(['InProgress', 'Failed', 'Failed'])
})

test('faults in the rules are for the user to mend', () => {
  try {
    compileHealthExprs([{ apiVersion: 'v1', kind: 'Pod', current: 'a +' }])
    expect.unreachable()
  } catch (error) {
    expect(error).toMatchObject({
      code: 'HEALTH_RULE_SYNTAX',
      reason: 'InvalidCELExpression',
      retry: { kind: 'stalled' },
    })
  }
})
