import { rfc3339 } from '../../base/index.ts'
import type { JsonObject, KubeObject } from '../../object/index.ts'
import { type Controller, type Hands, numberIn, specOf, statusOf } from './hands.ts'
import { controllerOf } from './owners.ts'
import { type Condition, conditionsOf, isTrueOf, withCondition, withoutEmpty } from './parts.ts'
import { createPod, isActive, isReady, isTerminating, PODS, podsOf } from './pods.ts'

const JOBS = 'jobs.batch'
const BACKOFF_MS = 1000

/**
 * Runs the pods of Jobs until enough of them succeeded or too many failed.
 * @see kubernetes pkg/controller/job (v1.36)
 */
export function jobController(hands: Hands): Controller {
  return {
    name: 'job',
    concerns: (event) => {
      if (event.table === JOBS) return [event.key]
      if (event.table !== PODS) return []
      const owner = controllerOf(event.object)
      return owner?.kind === 'Job' ? [`${event.object.metadata.namespace}/${owner.name}`] : []
    },
    sync: (key) => {
      const [namespace = '', name = ''] = key.split('/')
      const job = hands.get(hands.kind('batch', 'Job'), namespace, name)
      letGo(hands, { namespace, job })
      if (job === undefined || job.metadata.deletionTimestamp !== undefined) return undefined
      return run(hands, job)
    },
  }
}

const TRACKED = 'batch.kubernetes.io/job-tracking'

/** Takes the finalizer from pods that have been counted: those that ended or go, and orphans. */
function letGo(
  hands: Hands,
  { namespace, job }: { readonly namespace: string; readonly job: KubeObject | undefined },
): void {
  const kind = hands.kind('', 'Pod')
  const gone = job === undefined || job.metadata.deletionTimestamp !== undefined
  const pods =
    job === undefined
      ? hands
          .list(kind, namespace)
          .filter((pod) => pod.metadata.finalizers?.includes(TRACKED) === true)
          .filter((pod) => !isTracked(hands, pod))
      : podsOf(hands, job)
  for (const pod of pods) {
    const { finalizers = [] } = pod.metadata
    if (!finalizers.includes(TRACKED) || (!gone && isActive(pod))) continue
    const left = finalizers.filter((each) => each !== TRACKED)
    const { finalizers: _, ...metadata } = pod.metadata
    const next = left.length === 0 ? metadata : { ...metadata, finalizers: left }
    hands.update(kind, pod, { ...pod, metadata: next })
  }
}

/** Whether the Job that a pod belongs to is still there. */
function isTracked(hands: Hands, pod: KubeObject): boolean {
  const owner = controllerOf(pod)
  if (owner?.kind !== 'Job') return false
  const { namespace = '' } = pod.metadata
  return hands.get(hands.kind('batch', 'Job'), namespace, owner.name) !== undefined
}

interface Tally {
  readonly active: readonly KubeObject[]
  readonly succeeded: number
  readonly failed: number
  readonly terminating: number
}

function tallyOf(hands: Hands, job: KubeObject): Tally {
  const pods = podsOf(hands, job)
  const inPhase = (phase: string): number =>
    pods.filter((pod) => statusOf(pod)['phase'] === phase).length
  return {
    active: pods.filter(isActive),
    succeeded: inPhase('Succeeded'),
    failed: inPhase('Failed'),
    terminating: pods.filter(isTerminating).length,
  }
}

/** A Job that has ended is looked at once more only to be taken away. */
function run(hands: Hands, job: KubeObject): number | undefined {
  if (isTrueOf(job, 'Complete') || isTrueOf(job, 'Failed')) return afterwards(hands, job)
  const spec = specOf(job)
  if (spec['suspend'] === true) return suspend(hands, job)
  const started = statusOf(job)['startTime'] ?? rfc3339(hands.core.clock.now())
  const tally = tallyOf(hands, job)
  const parallelism = numberIn(spec, 'parallelism', 1)
  const completions = spec['completions'] === undefined ? undefined : Number(spec['completions'])
  const failedTooOften = tally.failed > numberIn(spec, 'backoffLimit', 6)
  const late = deadlineIn(hands, job, String(started))
  if (failedTooOften || (late !== undefined && late <= 0)) {
    for (const pod of tally.active) hands.remove(hands.kind('', 'Pod'), pod)
    return end(hands, job, { started, verdict: failedTooOften ? BACKOFF : DEADLINE })
  }
  const enough = completions ?? 1
  if (tally.succeeded >= enough && tally.active.length === 0)
    return end(hands, job, { started, verdict: COMPLETE })
  const wanted =
    completions === undefined
      ? tally.succeeded > 0
        ? tally.active.length
        : parallelism
      : Math.min(parallelism, completions - tally.succeeded)
  const waits = tally.failed > 0 && tally.active.length < wanted && !hasWaited(hands, job)
  if (!waits)
    for (let i = tally.active.length; i < wanted; i += 1) createPod(hands, job, podOf(job, i))
  report(hands, job, { started })
  return waits ? BACKOFF_MS : late
}

/** Whether the last failure is long enough ago for another try. */
function hasWaited(hands: Hands, job: KubeObject): boolean {
  const ends = podsOf(hands, job)
    .filter((pod) => statusOf(pod)['phase'] === 'Failed')
    .map((pod) => Date.parse(pod.metadata.creationTimestamp ?? ''))
  return hands.core.clock.now() - Math.max(...ends) >= BACKOFF_MS
}

function deadlineIn(hands: Hands, job: KubeObject, started: string): number | undefined {
  const seconds = specOf(job)['activeDeadlineSeconds']
  if (typeof seconds !== 'number') return undefined
  return Date.parse(started) + seconds * 1000 - hands.core.clock.now()
}

/** An indexed Job numbers its pods. */
function podOf(job: KubeObject, index: number): { metadata: JsonObject } {
  if (specOf(job)['completionMode'] !== 'Indexed') return { metadata: { finalizers: [TRACKED] } }
  return {
    metadata: {
      finalizers: [TRACKED],
      annotations: { 'batch.kubernetes.io/job-completion-index': String(index) },
      labels: { 'batch.kubernetes.io/job-completion-index': String(index) },
    },
  }
}

interface Verdict {
  readonly first: Condition
  readonly last: Condition
}

const COMPLETE: Verdict = verdict('SuccessCriteriaMet', 'Complete', {
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
})

const BACKOFF: Verdict = verdict('FailureTarget', 'Failed', {
  reason: 'BackoffLimitExceeded',
  message: 'Job has reached the specified backoff limit',
})

const DEADLINE: Verdict = verdict('FailureTarget', 'Failed', {
  reason: 'DeadlineExceeded',
  message: 'Job was active longer than specified deadline',
})

function verdict(
  first: string,
  last: string,
  why: { readonly reason: string; readonly message: string },
): Verdict {
  return {
    first: { type: first, status: 'True', ...why },
    last: { type: last, status: 'True', ...why },
  }
}

function end(
  hands: Hands,
  job: KubeObject,
  { started, verdict: how }: { readonly started: unknown; readonly verdict: Verdict },
): number | undefined {
  const now = rfc3339(hands.core.clock.now())
  const options = { now, touch: 'lastProbeTime' } as const
  const first = withCondition(conditionsOf(job), how.first, options)
  const conditions = withCondition(first, how.last, options).map((condition) => ({
    ...condition,
    lastProbeTime: condition['lastProbeTime'] ?? now,
  }))
  report(hands, job, {
    started,
    conditions,
    ...(how === COMPLETE ? { completionTime: now } : {}),
  })
  return undefined
}

function report(
  hands: Hands,
  job: KubeObject,
  more: {
    readonly started: unknown
    readonly conditions?: readonly JsonObject[]
    readonly completionTime?: string
  },
): void {
  const kind = hands.kind('batch', 'Job')
  const { namespace = '', name = '' } = job.metadata
  const live = hands.get(kind, namespace, name)
  if (live === undefined) return
  const tally = tallyOf(hands, live)
  hands.setStatus(kind, live, {
    ...withoutEmpty({
      active: tally.active.length,
      succeeded: tally.succeeded,
      failed: tally.failed,
      completionTime: more.completionTime,
      conditions: more.conditions ?? conditionsOf(live),
    }),
    startTime: more.started,
    ready: tally.active.filter(isReady).length,
    terminating: tally.terminating,
    uncountedTerminatedPods: {},
  })
}

function suspend(hands: Hands, job: KubeObject): undefined {
  for (const pod of tallyOf(hands, job).active) hands.remove(hands.kind('', 'Pod'), pod)
  const condition: Condition = {
    type: 'Suspended',
    status: 'True',
    reason: 'JobSuspended',
    message: 'Job suspended',
  }
  const now = rfc3339(hands.core.clock.now())
  const options = { now, touch: 'lastProbeTime' } as const
  const conditions = withCondition(conditionsOf(job), condition, options).map((each) => ({
    ...each,
    lastProbeTime: each['lastProbeTime'] ?? now,
  }))
  hands.setStatus(hands.kind('batch', 'Job'), job, {
    conditions,
    ready: 0,
    terminating: 0,
    uncountedTerminatedPods: {},
  })
}

/** `ttlSecondsAfterFinished`. */
function afterwards(hands: Hands, job: KubeObject): number | undefined {
  const ttl = specOf(job)['ttlSecondsAfterFinished']
  if (typeof ttl !== 'number') return undefined
  const done = conditionsOf(job).find(
    (each) => each['type'] === 'Complete' || each['type'] === 'Failed',
  )
  const left =
    Date.parse(String(done?.['lastTransitionTime'])) + ttl * 1000 - hands.core.clock.now()
  if (left > 0) return left
  hands.remove(hands.kind('batch', 'Job'), job)
  return undefined
}
