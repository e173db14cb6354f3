import { rfc3339 } from '../../base/index.ts'
import type { JsonObject, KubeObject } from '../../object/index.ts'
import { childrenOf, ownersConcerned } from './adoption.ts'
import { type Controller, type Hands, numberIn, specOf, statusOf } from './hands.ts'
import { writeIndexes } from './job-indexes.ts'
import { isCounted, type JobLook, lookAt, TRACKED } from './job-look.ts'
import { JobBackoff, type Managed, manage, untracked } from './job-pods.ts'
import { isFailed, isPastRestarts, matchFailure, matchSuccess } from './job-policy.ts'
import { controllerOf } from './owners.ts'
import { type Condition, conditionOf, conditionsOf, isTrueOf, withoutEmpty } from './parts.ts'
import { deletePod, isReady, isTerminating, PODS } from './pods.ts'
import { record } from './recorder.ts'

const JOBS = 'jobs.batch'

/**
 * Runs the pods of Jobs until enough of them succeeded or too many failed.
 * @see kubernetes pkg/controller/job (v1.36)
 */
export function jobController(hands: Hands): Controller {
  const backoff = new JobBackoff()
  return {
    name: 'job',
    tables: [JOBS, PODS],
    concerns: (event) => {
      if (event.table === JOBS) return [event.key]
      return ownersConcerned(hands, event, { kind: 'Job', table: JOBS })
    },
    sync: (key) => {
      const [namespace = '', name = ''] = key.split('/')
      const job = hands.get(hands.kind('batch', 'Job'), namespace, name)
      if (job === undefined) return forsaken(hands, namespace)
      const { managedBy = 'kubernetes.io/job-controller' } = specOf(job)
      if (managedBy !== 'kubernetes.io/job-controller') return undefined
      if (isTrueOf(job, 'Complete') || isTrueOf(job, 'Failed')) return afterwards(hands, job)
      return run(hands, job, backoff)
    },
  }
}

/** Lets go of the pods of Jobs that are gone. */
function forsaken(hands: Hands, namespace: string): undefined {
  for (const pod of hands.list(hands.kind('', 'Pod'), namespace)) {
    if (pod.metadata.finalizers?.includes(TRACKED) !== true) continue
    const owner = controllerOf(pod)
    const job = owner?.kind === 'Job' ? owner.name : ''
    if (job === '' || hands.get(hands.kind('batch', 'Job'), namespace, job) === undefined)
      untracked(hands, pod)
  }
}

type Verdict = Pick<Required<Condition>, 'type' | 'reason' | 'message'>

function run(hands: Hands, job: KubeObject, backoff: JobBackoff): number | undefined {
  const claimed = childrenOf(hands, hands.kind('', 'Pod'), job, { finalizer: TRACKED })
  const look = lookAt(job, claimed)
  const now = hands.core.clock.now()
  backoff.note(job, look)
  const isSuspended = specOf(job)['suspend'] === true
  const startTime = statusOf(job)['startTime'] ?? (isSuspended ? undefined : rfc3339(now))
  const late = isSuspended ? undefined : deadlineIn(job, String(startTime), now)
  const verdict = verdictOf(look, late)
  const at: Running = { look, now, startTime, isSuspended }
  if (verdict !== undefined) {
    for (const pod of look.active) deletePod(hands, job, pod)
    conclude(hands, at, { verdict, active: 0 })
    return undefined
  }
  const isGoing = job.metadata.deletionTimestamp !== undefined
  const managed: Managed = isGoing
    ? { active: look.active.length, again: undefined, refusal: undefined }
    : manage(hands, look, backoff)
  const { completions } = specOf(job)
  const isEnough =
    completions === undefined ? look.succeeded > 0 : look.succeeded >= Number(completions)
  const isDone = isEnough && managed.active === 0 && !isSuspended
  const reason = 'CompletionsReached'
  const message = 'Reached expected number of succeeded pods'
  conclude(hands, at, {
    active: managed.active,
    ...(isDone ? { verdict: { type: 'SuccessCriteriaMet', reason, message } } : {}),
  })
  if (managed.refusal !== undefined) throw managed.refusal
  const waits = [managed.again, late].filter((each) => each !== undefined)
  return waits.length === 0 ? undefined : Math.min(...waits)
}

interface Running {
  readonly look: JobLook
  readonly now: number
  readonly startTime: unknown
  readonly isSuspended: boolean
}

function deadlineIn(job: KubeObject, started: string, now: number): number | undefined {
  const seconds = specOf(job)['activeDeadlineSeconds']
  return typeof seconds === 'number' ? Date.parse(started) + seconds * 1000 - now : undefined
}

/** Why a Job is over, if it is; what was said once stays said. */
function verdictOf(look: JobLook, late: number | undefined): Verdict | undefined {
  const { job } = look
  for (const type of ['SuccessCriteriaMet', 'FailureTarget']) {
    const told = conditionOf(job, type)
    if (told?.['status'] === 'True')
      return { type, reason: String(told['reason']), message: String(told['message']) }
  }
  const failure = failureOf(look, late)
  if (failure !== undefined) return { type: 'FailureTarget', ...failure }
  const success = look.isIndexed ? matchSuccess(job, look.succeededIndexes) : undefined
  return success === undefined
    ? undefined
    : { type: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message: success }
}

function failureOf(look: JobLook, late: number | undefined): Omit<Verdict, 'type'> | undefined {
  const { job, pods } = look
  const spec = specOf(job)
  for (const pod of pods) {
    const message = isFailed(job, pod) ? matchFailure(job, pod)?.message : undefined
    if (message !== undefined) return { reason: 'PodFailurePolicy', message }
  }
  if (look.failed > numberIn(spec, 'backoffLimit', 6) || isPastRestarts(job, pods))
    return {
      reason: 'BackoffLimitExceeded',
      message: 'Job has reached the specified backoff limit',
    }
  if (late !== undefined && late <= 0)
    return {
      reason: 'DeadlineExceeded',
      message: 'Job was active longer than specified deadline',
    }
  if (look.failedIndexes === undefined) return undefined
  const { size } = look.failedIndexes
  if (size > numberIn(spec, 'maxFailedIndexes', Number.POSITIVE_INFINITY))
    return {
      reason: 'MaxFailedIndexesExceeded',
      message: 'Job has exceeded the specified maximal number of failed indexes',
    }
  if (size > 0 && size + look.succeeded >= numberIn(spec, 'completions', 0))
    return { reason: 'FailedIndexes', message: 'Job has failed indexes' }
  return undefined
}

/** Counts the pods that ended, lets go of them, and writes the status. */
function conclude(
  hands: Hands,
  { look, now, startTime, isSuspended }: Running,
  { verdict, active }: { readonly verdict?: Verdict; readonly active: number },
): void {
  const kind = hands.kind('batch', 'Job')
  const { job, held } = look
  const isFailing = verdict?.type === 'FailureTarget'
  const counted = new Set(look.newFailed.filter((pod) => ![...held.values()].includes(pod)))
  if (isFailing) for (const pod of look.pods) if (isUnended(pod)) counted.add(pod)
  const podKind = hands.kind('', 'Pod')
  for (const pod of look.pods) {
    const isOver = look.newSucceeded.includes(pod) || counted.has(pod)
    const isGoing = job.metadata.deletionTimestamp !== undefined
    const live = hands.get(podKind, pod.metadata.namespace ?? '', pod.metadata.name ?? '')
    if (live !== undefined && (isOver || verdict !== undefined || isGoing)) untracked(hands, live)
  }
  const left = childrenOf(hands, podKind, job).filter(
    (pod) =>
      isTerminating(pod) && !['Succeeded', 'Failed'].includes(String(statusOf(pod)['phase'])),
  )
  const ready = childrenOf(hands, podKind, job).filter((pod) => !isTerminating(pod) && isReady(pod))
  const failures = [...counted].filter((pod) => isCounted(job, pod)).length
  const time = rfc3339(now)
  const ended = verdict !== undefined && left.length === 0 ? verdict : undefined
  const conditions = conditionsFor(job, { verdict, ended, isSuspended, time })
  const isResumed = conditions.news === 'Resumed'
  const { startTime: _, ...had } = statusOf(job)
  const began = isResumed ? time : conditions.news === 'Suspended' ? undefined : startTime
  hands.setStatus(kind, job, {
    ...withoutEmpty({
      active,
      succeeded: look.succeeded,
      failed: numberIn(had, 'failed', 0) + failures,
      conditions: conditions.list,
      completedIndexes: look.isIndexed ? writeIndexes(look.succeededIndexes) : undefined,
      completionTime: ended?.type === 'SuccessCriteriaMet' ? time : undefined,
    }),
    ...(look.failedIndexes === undefined
      ? {}
      : { failedIndexes: writeIndexes(look.failedIndexes) }),
    ...(began === undefined ? {} : { startTime: began }),
    ready: ready.length,
    terminating: left.length,
    uncountedTerminatedPods: {},
  })
  if (conditions.news !== undefined)
    tell(hands, job, conditions.news, `Job ${conditions.news.toLowerCase()}`)
  if (ended !== undefined) tellEnd(hands, job, ended)
}

function isUnended(pod: KubeObject): boolean {
  return (
    statusOf(pod)['phase'] !== 'Succeeded' && pod.metadata.finalizers?.includes(TRACKED) === true
  )
}

function tell(hands: Hands, job: KubeObject, reason: string, message: string): void {
  record(hands, job, { type: 'Normal', reason, message, component: 'job-controller' })
}

function tellEnd(hands: Hands, job: KubeObject, { type, reason, message }: Verdict): void {
  if (type === 'SuccessCriteriaMet') tell(hands, job, 'Completed', 'Job completed')
  else record(hands, job, { type: 'Warning', reason, message, component: 'job-controller' })
}

function conditionsFor(
  job: KubeObject,
  at: {
    readonly verdict: Verdict | undefined
    readonly ended: Verdict | undefined
    readonly isSuspended: boolean
    readonly time: string
  },
): { readonly list: JsonObject[]; readonly news?: 'Suspended' | 'Resumed' } {
  const { verdict, ended, isSuspended, time } = at
  const list = conditionsOf(job)
  const dated = (condition: Condition): JsonObject => ({
    ...condition,
    lastProbeTime: time,
    lastTransitionTime: time,
  })
  if (verdict !== undefined) {
    const { reason, message } = verdict
    if (!list.some(({ type }) => type === verdict.type))
      list.push(dated({ type: verdict.type, status: 'True', reason, message }))
    const type = verdict.type === 'FailureTarget' ? 'Failed' : 'Complete'
    if (ended !== undefined) list.push(dated({ type, status: 'True', reason, message }))
    return { list }
  }
  const place = list.findIndex(({ type }) => type === 'Suspended')
  const was = list[place]?.['status'] === 'True'
  if (isSuspended === was) return { list }
  const condition = isSuspended
    ? ({ status: 'True', reason: 'JobSuspended', message: 'Job suspended' } as const)
    : ({ status: 'False', reason: 'JobResumed', message: 'Job resumed' } as const)
  const next = dated({ type: 'Suspended', ...condition })
  if (place < 0) list.push(next)
  else list[place] = next
  return { list, news: isSuspended ? 'Suspended' : 'Resumed' }
}

/** `ttlSecondsAfterFinished`. */
function afterwards(hands: Hands, job: KubeObject): number | undefined {
  const ttl = specOf(job)['ttlSecondsAfterFinished']
  if (typeof ttl !== 'number' || job.metadata.deletionTimestamp !== undefined) return undefined
  const done = conditionsOf(job).find(
    (each) => each['type'] === 'Complete' || each['type'] === 'Failed',
  )
  const left =
    Date.parse(String(done?.['lastTransitionTime'])) + ttl * 1000 - hands.core.clock.now()
  if (left > 0) return left
  hands.remove(hands.kind('batch', 'Job'), job, { propagation: 'Foreground' })
  return undefined
}
