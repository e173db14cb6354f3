import { fieldAt, isArray, isObject, type KubeObject, stringAt } from '../../object/index.ts'
import { conditionsOf, current, failed, inProgress, type Rule, textAt } from '../status.ts'

/** How long the scheduler has before a Pod that fits nowhere counts as failed. */
const SCHEDULE_WINDOW_MS = 15_000

/**
 * Health of a Pod. One that ran to its end is Current, well or badly.
 * @see fluxcd/cli-utils v1.2.2 kstatus core.go podConditions
 */
export const pod: Rule = (object, { now }) => {
  const phase = textAt(object, ['status', 'phase'], '')
  switch (phase) {
    case 'Succeeded':
      return current('Pod has completed successfully')
    case 'Failed':
      return current('Pod has completed, but not successfully')
    case 'Running':
      return running(object)
    case 'Pending':
      return pending(object, now)
    case '':
      return inProgress('Pod phase not available')
    default:
      return { status: 'Unknown', message: `unknown phase ${phase}` }
  }
}

/** Says whether the scheduler found no node for a Pod. */
export function isUnschedulable(object: KubeObject): boolean {
  return conditionsOf(object).some(
    (c) => c.type === 'PodScheduled' && c.status === 'False' && c.reason === 'Unschedulable',
  )
}

function running(object: KubeObject): ReturnType<Rule> {
  if (conditionsOf(object).some((c) => c.type === 'Ready' && c.status === 'True'))
    return current('Pod is Ready')
  const looping = crashLooping(object)
  return looping.length > 0
    ? failed(`Containers in CrashLoop state: ${looping.join(',')}`)
    : inProgress('Pod is running but is not Ready')
}

function pending(object: KubeObject, now: number): ReturnType<Rule> {
  if (!isUnschedulable(object)) return inProgress('Pod is in the Pending phase')
  const created = Date.parse(object.metadata.creationTimestamp ?? '')
  return now - SCHEDULE_WINDOW_MS < created
    ? inProgress('Pod has not been scheduled')
    : failed('Pod could not be scheduled')
}

function crashLooping(object: KubeObject): string[] {
  const statuses = fieldAt(object, 'status', 'containerStatuses')
  if (!isArray(statuses)) return []
  return statuses
    .filter(isObject)
    .filter((entry) => stringAt(entry, 'state', 'waiting', 'reason') === 'CrashLoopBackOff')
    .map((entry) => stringAt(entry, 'name') ?? '')
}
