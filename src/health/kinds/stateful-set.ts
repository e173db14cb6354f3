import { current, inProgress, intAt, type Rule, textAt } from '../status.ts'

/**
 * Health of a StatefulSet. One that is updated by hand (OnDelete) is always Current.
 * @see fluxcd/cli-utils v1.2.2 kstatus core.go stsConditions
 */
export const statefulSet: Rule = (object) => {
  if (textAt(object, ['spec', 'updateStrategy', 'type'], '') === 'OnDelete')
    return current('StatefulSet is using the ondelete update strategy')
  const wanted = intAt(object, ['spec', 'replicas'], 1)
  const count = (field: string): number => intAt(object, ['status', field], 0)
  const replicas = count('replicas')
  const ready = count('readyReplicas')
  if (wanted > replicas) return inProgress(`Replicas: ${replicas}/${wanted}`)
  if (wanted > ready) return inProgress(`Ready: ${ready}/${wanted}`)
  if (replicas > wanted) return inProgress(`Pending termination: ${replicas - wanted}`)
  const partition = intAt(object, ['spec', 'updateStrategy', 'rollingUpdate', 'partition'], -1)
  if (partition !== -1) {
    const updated = count('updatedReplicas')
    return updated < wanted - partition
      ? inProgress(`updated: ${updated}/${wanted - partition}`)
      : current(`Partition rollout complete. updated: ${updated}`)
  }
  const onCurrent = count('currentReplicas')
  if (wanted > onCurrent) return inProgress(`current: ${onCurrent}/${wanted}`)
  const revision = (field: string): string => textAt(object, ['status', field], '')
  if (revision('currentRevision') !== revision('updateRevision'))
    return inProgress('Waiting for updated revision to match current')
  return current(`All replicas scheduled as expected. Replicas: ${replicas}`)
}
