import { conditionsOf, current, inProgress, intAt, type Rule } from '../status.ts'

/**
 * Health of a ReplicaSet.
 * @see fluxcd/cli-utils v1.2.2 kstatus core.go replicasetConditions
 */
export const replicaSet: Rule = (object) => {
  if (conditionsOf(object).some((c) => c.type === 'ReplicaFailure' && c.status === 'True'))
    return inProgress('Replica Failure condition. Check Pods')
  const wanted = intAt(object, ['spec', 'replicas'], 1)
  const counts = [
    ['Labelled', 'fullyLabeledReplicas'],
    ['Available', 'availableReplicas'],
    ['Ready', 'readyReplicas'],
  ] as const
  for (const [word, field] of counts) {
    const count = intAt(object, ['status', field], 0)
    if (wanted > count) return inProgress(`${word}: ${count}/${wanted}`)
  }
  const replicas = intAt(object, ['status', 'replicas'], 0)
  if (replicas > wanted) return inProgress(`Pending termination: ${replicas - wanted}`)
  return current(`ReplicaSet is available. Replicas: ${replicas}`)
}
