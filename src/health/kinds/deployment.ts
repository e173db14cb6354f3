import { conditionsOf, current, failed, inProgress, intAt, type Rule } from '../status.ts'

/** What the controller takes for "no deadline". */
const NO_DEADLINE = 2 ** 31 - 1

/**
 * Health of a Deployment.
 * @see fluxcd/cli-utils v1.2.2 kstatus core.go deploymentConditions
 */
export const deployment: Rule = (object) => {
  const conditions = conditionsOf(object)
  if (conditions.some((c) => c.type === 'Progressing' && c.reason === 'ProgressDeadlineExceeded'))
    return failed('Progress deadline exceeded')
  const wanted = intAt(object, ['spec', 'replicas'], 1)
  const count = (field: string): number => intAt(object, ['status', field], 0)
  const replicas = count('replicas')
  const updated = count('updatedReplicas')
  const available = count('availableReplicas')
  const ready = count('readyReplicas')
  if (wanted > replicas) return inProgress(`Replicas: ${replicas}/${wanted}`)
  if (wanted > updated) return inProgress(`Updated: ${updated}/${wanted}`)
  if (replicas > wanted) return inProgress(`Pending termination: ${replicas - wanted}`)
  if (updated > available) return inProgress(`Available: ${available}/${updated}`)
  if (wanted > ready) return inProgress(`Ready: ${ready}/${wanted}`)
  const hasDeadline =
    intAt(object, ['spec', 'progressDeadlineSeconds'], NO_DEADLINE) !== NO_DEADLINE
  const rolledOut = conditions.some(
    (c) => c.type === 'Progressing' && c.status === 'True' && c.reason === 'NewReplicaSetAvailable',
  )
  if (hasDeadline && !rolledOut) return inProgress('ReplicaSet not Available')
  if (!conditions.some((c) => c.type === 'Available' && c.status === 'True'))
    return inProgress('Deployment not Available')
  return current(`Deployment is available. Replicas: ${replicas}`)
}
