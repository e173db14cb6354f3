import type { KubeObject } from '../object/index.ts'
import { fieldAt } from '../object/index.ts'
import { conditionsOf, current, failed, type Health, inProgress } from './status.ts'

/**
 * What can be said of any kind before its own rule: it is going away, its controller has not seen
 * this generation, or it says Reconciling or Stalled itself.
 * @see fluxcd/cli-utils v1.2.2 kstatus generic.go
 */
export function genericHealth(object: KubeObject): Health | undefined {
  if ((object.metadata.deletionTimestamp ?? '') !== '')
    return { status: 'Terminating', message: 'Resource scheduled for deletion' }
  const unseen = unseenGeneration(object)
  if (unseen !== undefined) return unseen
  for (const condition of conditionsOf(object)) {
    if (condition.status !== 'True') continue
    if (condition.type === 'Reconciling') return inProgress(condition.message)
    if (condition.type === 'Stalled') return failed(condition.message)
  }
  return undefined
}

/** InProgress when the controller has not yet seen the newest generation. */
export function unseenGeneration(object: KubeObject): Health | undefined {
  const generation = fieldAt(object, 'metadata', 'generation')
  const observed = fieldAt(object, 'status', 'observedGeneration')
  if (typeof generation !== 'number' || typeof observed !== 'number' || generation === observed)
    return undefined
  return inProgress(
    `${object.kind} generation is ${generation}, but latest observed generation is ${observed}`,
  )
}

/** What can be said of a kind without a rule: its Ready condition, or else that nothing speaks against it. */
export function readyHealth(object: KubeObject): Health {
  for (const condition of conditionsOf(object)) {
    if (condition.type !== 'Ready') continue
    if (condition.status === 'True') return current('Resource is Ready')
    if (condition.status === 'False' || condition.status === 'Unknown')
      return inProgress(condition.message)
  }
  return current('Resource is current')
}
