import { fieldAt } from '../../object/index.ts'
import { current, inProgress, intAt, type Rule } from '../status.ts'

/**
 * Health of a DaemonSet. Its controller must have seen it: no fields, no judgement.
 * @see fluxcd/cli-utils v1.2.2 kstatus core.go daemonsetConditions
 */
export const daemonSet: Rule = (object) => {
  if (fieldAt(object, 'metadata', 'generation') === undefined)
    return inProgress('DaemonSet metadata.generation not found')
  if (fieldAt(object, 'status', 'observedGeneration') === undefined)
    return inProgress('DaemonSet status.observedGeneration not found')
  const wanted = intAt(object, ['status', 'desiredNumberScheduled'], -1)
  if (wanted === -1) return inProgress('Missing .status.desiredNumberScheduled')
  const counts = [
    ['Current', 'currentNumberScheduled'],
    ['Updated', 'updatedNumberScheduled'],
    ['Available', 'numberAvailable'],
    ['Ready', 'numberReady'],
  ] as const
  for (const [word, field] of counts) {
    const count = intAt(object, ['status', field], 0)
    if (wanted > count) return inProgress(`${word}: ${count}/${wanted}`)
  }
  return current(`All replicas scheduled as expected. Replicas: ${wanted}`)
}
