import { rfc3339 } from '../../base/index.ts'
import type { JsonObject, KubeObject } from '../../object/index.ts'
import { numberIn, specOf, statusOf } from './hands.ts'
import { type Condition, conditionsOf, withCondition, withoutEmpty } from './parts.ts'
import { hasDeadline, isComplete, replicasOf, type Sets, unavailableMax } from './rollout.ts'

/** The status of a Deployment, and when its deadline makes it worth another look. */
export function deploymentStatus(
  nowMs: number,
  sets: Sets,
  what: 'counts' | 'progress',
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
  const counted = withCondition(conditionsOf(deployment), available, options)
  const at = { sets, counts, nowMs }
  const conditions = what === 'counts' ? counted : failing(at, progress(at, counted))
  const { collisionCount } = statusOf(deployment)
  const status = withoutEmpty({
    observedGeneration: deployment.metadata.generation,
    ...counts,
    conditions,
    ...(collisionCount === undefined ? {} : { collisionCount }),
  })
  const terminating = { terminatingReplicas: terminatingOf(sets) }
  const again =
    what === 'counts' || isComplete(deployment, status)
      ? undefined
      : untilDeadline(nowMs, sets, conditions)
  return { status: { ...status, ...terminating }, again }
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

interface Progress {
  readonly sets: Sets
  readonly counts: Counts
  readonly nowMs: number
}

function progress(at: Progress, conditions: readonly JsonObject[]): JsonObject[] {
  const { deployment, current } = at.sets
  if (!hasDeadline(deployment)) return conditions.filter(({ type }) => type !== 'Progressing')
  const had = conditions.find((each) => each['type'] === 'Progressing')
  const done = had?.['reason'] === 'NewReplicaSetAvailable'
  if (done && at.counts.replicas === at.counts.updatedReplicas) return [...conditions]
  const what =
    current === undefined
      ? `Deployment ${JSON.stringify(deployment.metadata.name)}`
      : `ReplicaSet ${JSON.stringify(current.metadata.name)}`
  const now = rfc3339(at.nowMs)
  const say = (status: Condition['status'], reason: string, message: string): JsonObject[] =>
    withCondition(
      conditions,
      { type: 'Progressing', status, reason, message },
      { now, touch: 'lastUpdateTime' },
    )
  const seen = { ...at.counts, observedGeneration: deployment.metadata.generation ?? 0 }
  if (isComplete(deployment, seen))
    return say('True', 'NewReplicaSetAvailable', `${what} has successfully progressed.`)
  if (hasMoved(at)) {
    const since = had?.['status'] === 'True' ? had['lastTransitionTime'] : now
    const moved: JsonObject = {
      type: 'Progressing',
      status: 'True',
      lastUpdateTime: now,
      lastTransitionTime: since ?? now,
      reason: 'ReplicaSetUpdated',
      message: `${what} is progressing.`,
    }
    return [...conditions.filter((each) => each !== had), moved]
  }
  const left = deadlineIn(at.nowMs, deployment, had)
  if (left !== undefined && left < 0)
    return say('False', 'ProgressDeadlineExceeded', `${what} has timed out progressing.`)
  return [...conditions]
}

/** A failure of a ReplicaSet to make pods is one of the Deployment: that of the new one first. */
function failing({ sets }: Progress, conditions: readonly JsonObject[]): JsonObject[] {
  const order = [...(sets.current === undefined ? [] : [sets.current]), ...sets.old]
  const failure = order
    .flatMap((set) => conditionsOf(set))
    .find(({ type }) => type === 'ReplicaFailure')
  const others = conditions.filter(({ type }) => type !== 'ReplicaFailure')
  if (failure === undefined) return others
  const had = conditions.find(({ type }) => type === 'ReplicaFailure')
  if (had?.['status'] === failure['status'] && had?.['reason'] === failure['reason'])
    return [...conditions]
  return [...others, { ...failure, lastUpdateTime: failure['lastTransitionTime'] ?? null }]
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

/** How long until progress is late; undefined where nobody waits for any. */
function deadlineIn(
  nowMs: number,
  deployment: KubeObject,
  condition: JsonObject | undefined,
): number | undefined {
  const told = condition?.['reason']
  if (told === undefined || told === 'NewReplicaSetAvailable') return undefined
  const seconds = numberIn(specOf(deployment), 'progressDeadlineSeconds', 600)
  return Date.parse(String(condition?.['lastUpdateTime'])) + seconds * 1000 - nowMs
}

function untilDeadline(
  nowMs: number,
  sets: Sets,
  conditions: readonly JsonObject[],
): number | undefined {
  if (!hasDeadline(sets.deployment)) return undefined
  const condition = conditions.find((each) => each['type'] === 'Progressing')
  if (condition?.['reason'] === 'ProgressDeadlineExceeded') return undefined
  const left = deadlineIn(nowMs, sets.deployment, condition)
  return left === undefined ? undefined : Math.max(1000, left + 1000)
}
