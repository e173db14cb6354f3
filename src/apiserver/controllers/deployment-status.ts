import { rfc3339 } from '../../base/index.ts'
import type { JsonObject, KubeObject } from '../../object/index.ts'
import { numberIn, specOf, statusOf } from './hands.ts'
import { type Condition, conditionsOf, withCondition, withoutEmpty } from './parts.ts'
import { replicasOf, type Sets, unavailableMax } from './rollout.ts'

/** The status of a Deployment, and when its deadline makes it worth another look. */
export function deploymentStatus(
  nowMs: number,
  sets: Sets,
): { readonly status: JsonObject; readonly again: number | undefined } {
  const { deployment } = sets
  const counts = countsOf(sets)
  const now = rfc3339(nowMs)
  const enough = counts.availableReplicas >= replicasOf(deployment) - unavailableMax(deployment)
  const available: Condition = enough
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      }
  const options = { now, touch: 'lastUpdateTime' } as const
  const seen = withSeen(sets, conditionsOf(deployment), now)
  const conditions = progress({ sets, counts, nowMs }, withCondition(seen, available, options))
  const { collisionCount } = statusOf(deployment)
  const status = withoutEmpty({
    observedGeneration: deployment.metadata.generation,
    ...counts,
    conditions,
    ...(collisionCount === undefined ? {} : { collisionCount }),
  })
  const terminating = { terminatingReplicas: terminatingOf(sets) }
  return { status: { ...status, ...terminating }, again: untilDeadline(nowMs, sets, conditions) }
}

interface Counts {
  readonly replicas: number
  readonly updatedReplicas: number
  readonly readyReplicas: number
  readonly availableReplicas: number
  readonly unavailableReplicas: number
}

function countsOf(sets: Sets): Counts {
  const all = allOf(sets)
  const sum = (key: string): number =>
    all.reduce((total, set) => total + numberIn(statusOf(set), key, 0), 0)
  const availableReplicas = sum('availableReplicas')
  const wanted = all.reduce((total, set) => total + replicasOf(set), 0)
  return {
    replicas: sum('replicas'),
    updatedReplicas:
      sets.current === undefined ? 0 : numberIn(statusOf(sets.current), 'replicas', 0),
    readyReplicas: sum('readyReplicas'),
    availableReplicas,
    unavailableReplicas: Math.max(0, wanted - availableReplicas),
  }
}

function allOf(sets: Sets): readonly KubeObject[] {
  return sets.current === undefined ? sets.old : [...sets.old, sets.current]
}

function terminatingOf(sets: Sets): number {
  return allOf(sets).reduce(
    (total, set) => total + numberIn(statusOf(set), 'terminatingReplicas', 0),
    0,
  )
}

/** The first thing that is said of a rollout: its ReplicaSet was created. */
function withSeen(sets: Sets, conditions: readonly JsonObject[], now: string): JsonObject[] {
  const { deployment, current } = sets
  if (!hasDeadline(deployment)) return conditions.filter((each) => each['type'] !== 'Progressing')
  const had = conditions.find((each) => each['type'] === 'Progressing')
  if (current === undefined) return [...conditions]
  const name = JSON.stringify(current.metadata.name)
  const created = numberIn(statusOf(current), 'observedGeneration', 0) === 0
  if (!created && had !== undefined) return [...conditions]
  return withCondition(
    conditions,
    {
      type: 'Progressing',
      status: 'True',
      reason: created ? 'NewReplicaSetCreated' : 'FoundNewReplicaSet',
      message: created ? `Created new replica set ${name}` : `Found new replica set ${name}`,
    },
    { now, touch: 'lastUpdateTime' },
  )
}

function hasDeadline(deployment: KubeObject): boolean {
  return numberIn(specOf(deployment), 'progressDeadlineSeconds', 600) !== 2147483647
}

interface Progress {
  readonly sets: Sets
  readonly counts: Counts
  readonly nowMs: number
}

function progress(at: Progress, conditions: readonly JsonObject[]): JsonObject[] {
  const { deployment, current } = at.sets
  if (!hasDeadline(deployment) || specOf(deployment)['paused'] === true)
    return paused(at, conditions)
  const had = conditions.find((each) => each['type'] === 'Progressing')
  const done = had?.['reason'] === 'NewReplicaSetAvailable'
  if (done && at.counts.replicas === at.counts.updatedReplicas) return [...conditions]
  const what =
    current === undefined
      ? `Deployment ${JSON.stringify(deployment.metadata.name)}`
      : `ReplicaSet ${JSON.stringify(current.metadata.name)}`
  const now = rfc3339(at.nowMs)
  const options = { now, touch: 'lastUpdateTime' } as const
  const say = (status: Condition['status'], reason: string, message: string): JsonObject[] =>
    withCondition(conditions, { type: 'Progressing', status, reason, message }, options)
  if (isComplete(at))
    return say('True', 'NewReplicaSetAvailable', `${what} has successfully progressed.`)
  if (hasMoved(at)) {
    const rest = conditions.filter((each) => each !== had)
    const since = had?.['status'] === 'True' ? had['lastTransitionTime'] : now
    const moved: JsonObject = {
      type: 'Progressing',
      status: 'True',
      lastUpdateTime: now,
      lastTransitionTime: since ?? now,
      reason: 'ReplicaSetUpdated',
      message: `${what} is progressing.`,
    }
    return [...rest, moved]
  }
  const left = deadlineIn(at.nowMs, deployment, had)
  if (left !== undefined && left <= 0)
    return say('False', 'ProgressDeadlineExceeded', `${what} has timed out progressing.`)
  return [...conditions]
}

function paused(at: Progress, conditions: readonly JsonObject[]): JsonObject[] {
  const { deployment } = at.sets
  if (!hasDeadline(deployment)) return [...conditions]
  const condition: Condition = {
    type: 'Progressing',
    status: 'Unknown',
    reason: 'DeploymentPaused',
    message: 'Deployment is paused',
  }
  return withCondition(conditions, condition, {
    now: rfc3339(at.nowMs),
    touch: 'lastUpdateTime',
  })
}

function isComplete({ sets, counts }: Progress): boolean {
  const wanted = replicasOf(sets.deployment)
  return (
    counts.updatedReplicas === wanted &&
    counts.replicas === wanted &&
    counts.availableReplicas === wanted
  )
}

/** Whether the counters say more than the status told last. */
function hasMoved({ sets, counts }: Progress): boolean {
  const before = statusOf(sets.deployment)
  const old = (key: string): number => numberIn(before, key, 0)
  const oldReplicas = counts.replicas - counts.updatedReplicas
  return (
    counts.updatedReplicas > old('updatedReplicas') ||
    oldReplicas < old('replicas') - old('updatedReplicas') ||
    counts.readyReplicas > old('readyReplicas') ||
    counts.availableReplicas > old('availableReplicas')
  )
}

function deadlineIn(
  nowMs: number,
  deployment: KubeObject,
  condition: JsonObject | undefined,
): number | undefined {
  if (condition?.['status'] !== 'True' || condition['reason'] === 'NewReplicaSetAvailable')
    return undefined
  const seconds = numberIn(specOf(deployment), 'progressDeadlineSeconds', 600)
  return Date.parse(String(condition['lastUpdateTime'])) + seconds * 1000 - nowMs
}

function untilDeadline(
  nowMs: number,
  sets: Sets,
  conditions: readonly JsonObject[],
): number | undefined {
  if (!hasDeadline(sets.deployment)) return undefined
  const condition = conditions.find((each) => each['type'] === 'Progressing')
  const left = deadlineIn(nowMs, sets.deployment, condition)
  return left === undefined ? undefined : Math.max(1000, left + 1000)
}
