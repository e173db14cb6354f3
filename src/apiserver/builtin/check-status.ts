import type { JsonObject } from '../../object/index.ts'
import { at, nonNegative } from './check.ts'
import type { Cause } from './refusal.ts'

const REPLICAS = ['replicas', 'readyReplicas', 'availableReplicas', 'observedGeneration'] as const

/** Counts in the status of a kind, which can not be negative. */
const COUNTS: Readonly<Record<string, readonly string[]>> = {
  DaemonSet: [
    'currentNumberScheduled',
    'numberMisscheduled',
    'desiredNumberScheduled',
    'numberReady',
    'observedGeneration',
    'updatedNumberScheduled',
    'numberAvailable',
    'numberUnavailable',
    'collisionCount',
  ],
  Deployment: [
    ...REPLICAS,
    'updatedReplicas',
    'unavailableReplicas',
    'terminatingReplicas',
    'collisionCount',
  ],
  HorizontalPodAutoscaler: ['currentReplicas', 'desiredReplicas'],
  ReplicaSet: [...REPLICAS, 'fullyLabeledReplicas', 'terminatingReplicas'],
  ReplicationController: [...REPLICAS, 'fullyLabeledReplicas'],
  StatefulSet: [...REPLICAS, 'currentReplicas', 'updatedReplicas', 'collisionCount'],
}

/**
 * What is wrong with a status that is written.
 * @see k8s.io/kubernetes pkg/apis/apps/validation/validation.go (v1.36.3)
 */
export function statusCauses(object: JsonObject, kind: string): Cause[] {
  return nonNegative(at(object, 'status'), 'status', ...(COUNTS[kind] ?? []))
}
