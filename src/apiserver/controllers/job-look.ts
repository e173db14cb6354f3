import { isObject, type JsonObject, type KubeObject } from '../../object/index.ts'
import { numberIn, specOf, statusOf } from './hands.ts'
import { indexOf, readIndexes } from './job-indexes.ts'
import { isFailed, matchFailure } from './job-policy.ts'
import { conditionOf } from './parts.ts'
import { listOf } from './placement.ts'
import { isActive } from './pods.ts'

/** Kept on pods until they were counted. */
export const TRACKED = 'batch.kubernetes.io/job-tracking'
const FAILURES = 'batch.kubernetes.io/job-index-failure-count'

/** A Job and its pods, as they are counted. */
export interface JobLook {
  readonly job: KubeObject
  readonly pods: readonly KubeObject[]
  readonly active: readonly KubeObject[]
  /** Pods that ended and were not counted before. */
  readonly newSucceeded: readonly KubeObject[]
  readonly newFailed: readonly KubeObject[]
  readonly succeeded: number
  readonly failed: number
  readonly isIndexed: boolean
  readonly succeededIndexes: ReadonlySet<number>
  /** Only where failures are counted by index. */
  readonly failedIndexes: ReadonlySet<number> | undefined
  /** Failed pods that stay uncounted until the next pod of their index is there. */
  readonly held: ReadonlyMap<number, KubeObject>
}

function isTracked(pod: KubeObject): boolean {
  return pod.metadata.finalizers?.includes(TRACKED) === true
}

/** Counts the pods of a Job. */
export function lookAt(job: KubeObject, pods: readonly KubeObject[]): JobLook {
  const spec = specOf(job)
  const status = statusOf(job)
  const isIndexed = spec['completionMode'] === 'Indexed'
  const completions = numberIn(spec, 'completions', 0)
  const isOurs = (pod: KubeObject): boolean => {
    const index = indexOf(pod)
    return isTracked(pod) && (!isIndexed || (index !== undefined && index < completions))
  }
  const fresh = pods.filter(isOurs)
  const newSucceeded = fresh.filter((pod) => statusOf(pod)['phase'] === 'Succeeded')
  const newFailed = fresh.filter((pod) => isFailed(job, pod))
  const counted = newFailed.filter((pod) => isCounted(job, pod))
  const succeededIndexes = readIndexes(status['completedIndexes'])
  for (const pod of isIndexed ? newSucceeded : []) succeededIndexes.add(indexOf(pod) ?? 0)
  const failedIndexes = failedOf(job, newFailed)
  const before = numberIn(status, 'succeeded', 0)
  return {
    job,
    pods,
    active: pods.filter(isActive),
    newSucceeded,
    newFailed,
    succeeded: isIndexed ? succeededIndexes.size : before + newSucceeded.length,
    failed: numberIn(status, 'failed', 0) + counted.length,
    isIndexed,
    succeededIndexes,
    failedIndexes,
    held: heldOf(job, pods, { newFailed, failedIndexes, succeededIndexes }),
  }
}

/** Whether a failure counts against the limit. */
export function isCounted(job: KubeObject, pod: KubeObject): boolean {
  return matchFailure(job, pod)?.action !== 'Ignore'
}

function perIndex(job: KubeObject): number | undefined {
  const limit = specOf(job)['backoffLimitPerIndex']
  return typeof limit === 'number' ? limit : undefined
}

/** How often the pods of an index failed before this one. */
export function failuresOf(pod: KubeObject): number {
  return Number(pod.metadata.annotations?.[FAILURES] ?? 0)
}

/** The annotation of the next pod of an index; none where failures are not counted by index. */
export function failureMark(job: KubeObject, before: KubeObject | undefined): JsonObject {
  if (perIndex(job) === undefined) return {}
  const more = before !== undefined && isCounted(job, before) ? 1 : 0
  const count = (before === undefined ? 0 : failuresOf(before)) + more
  return { [FAILURES]: String(count) }
}

function failedOf(job: KubeObject, failed: readonly KubeObject[]): Set<number> | undefined {
  const limit = perIndex(job)
  if (limit === undefined) return undefined
  const found = readIndexes(statusOf(job)['failedIndexes'])
  for (const pod of failed) {
    const matched = matchFailure(job, pod)
    const isOver = matched?.action !== 'Ignore' && failuresOf(pod) >= limit
    if (matched?.action === 'FailIndex' || isOver) found.add(indexOf(pod) ?? 0)
  }
  return found
}

function heldOf(
  job: KubeObject,
  pods: readonly KubeObject[],
  of: {
    readonly newFailed: readonly KubeObject[]
    readonly failedIndexes: ReadonlySet<number> | undefined
    readonly succeededIndexes: ReadonlySet<number>
  },
): Map<number, KubeObject> {
  const held = new Map<number, KubeObject>()
  if (perIndex(job) === undefined) return held
  const busy = new Set(pods.filter(isActive).map(indexOf))
  for (const pod of of.newFailed) {
    const index = indexOf(pod) ?? 0
    const isOver = of.failedIndexes?.has(index) === true || of.succeededIndexes.has(index)
    if (isOver || busy.has(index)) continue
    const had = held.get(index)
    if (had === undefined || failuresOf(had) < failuresOf(pod)) held.set(index, pod)
  }
  return held
}

/** When a pod ended. */
export function endOf(pod: KubeObject): number {
  const times = listOf(statusOf(pod)['containerStatuses']).map(({ state }) => {
    const ended = isObject(state) ? state['terminated'] : undefined
    return isObject(ended) ? Date.parse(String(ended['finishedAt'])) : Number.NaN
  })
  if (times.length > 0 && times.every(Number.isFinite)) return Math.max(...times)
  const ready = conditionOf(pod, 'Ready')
  const since = Date.parse(String(ready?.['lastTransitionTime']))
  if (ready?.['status'] === 'False' && Number.isFinite(since)) return since
  const { creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds } =
    pod.metadata as unknown as JsonObject
  if (typeof deletionTimestamp === 'string')
    return Date.parse(deletionTimestamp) - Number(deletionGracePeriodSeconds ?? 0) * 1000
  return Date.parse(String(creationTimestamp))
}

const BACKOFF_FIRST_MS = 10_000
const BACKOFF_MAX_MS = 600_000

/** How long after so many failures the next try has to wait still. */
export function backoffLeft(failures: number, last: number, now: number): number {
  if (failures === 0) return 0
  const wait = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** (failures - 1))
  return Math.max(0, last + wait - now)
}
