import { rfc3339 } from '../../base/index.ts'
import type { JsonObject, KubeObject } from '../../object/index.ts'
import { nextTime } from './cron.ts'
import { type Controller, type Hands, numberIn, specOf, statusOf } from './hands.ts'
import { controllerOf, controllerRef } from './owners.ts'
import { isTrueOf, withoutEmpty } from './parts.ts'
import { listOf } from './placement.ts'
import { record } from './recorder.ts'

const CRON_JOBS = 'cronjobs.batch'
const AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp'

/**
 * Starts Jobs when their schedule says so.
 * @see kubernetes pkg/controller/cronjob (v1.36)
 */
export function cronJobController(hands: Hands): Controller {
  return {
    name: 'cronjob',
    tables: [CRON_JOBS, 'jobs.batch'],
    concerns: (event) => {
      if (event.table === CRON_JOBS) return event.type === 'DELETED' ? [] : [event.key]
      const owner = event.table === 'jobs.batch' ? controllerOf(event.object) : undefined
      return owner?.kind === 'CronJob' ? [`${event.object.metadata.namespace}/${owner.name}`] : []
    },
    sync: (key) => {
      const [namespace = '', name = ''] = key.split('/')
      const cron = hands.get(hands.kind('batch', 'CronJob'), namespace, name)
      if (cron === undefined || cron.metadata.deletionTimestamp !== undefined) return undefined
      return look(hands, cron)
    },
  }
}

function look(hands: Hands, cron: KubeObject): number | undefined {
  const jobs = jobsOf(hands, cron)
  const gone = prune(hands, cron, jobs)
  tellEnded(
    hands,
    cron,
    jobs.filter((job) => !gone.has(job)),
  )
  const active = jobs.filter((job) => !isTrueOf(job, 'Complete') && !isTrueOf(job, 'Failed'))
  const spec = specOf(cron)
  const had = statusOf(cron)
  const report = (last: unknown, running: readonly KubeObject[]): void => {
    const done = jobs.filter((job) => isTrueOf(job, 'Complete'))
    const ends = done.map((job) => String(statusOf(job)['completionTime'])).sort()
    hands.setStatus(
      hands.kind('batch', 'CronJob'),
      cron,
      withoutEmpty({
        active: running.map(referenceTo),
        lastScheduleTime: last as string,
        lastSuccessfulTime: ends.at(-1) ?? (had['lastSuccessfulTime'] as string | undefined),
      }),
    )
  }
  const last = had['lastScheduleTime']
  if (spec['suspend'] === true) {
    report(last, active)
    return undefined
  }
  const now = hands.core.clock.now()
  const since = Date.parse(String(last ?? cron.metadata.creationTimestamp))
  const due = nextTime(String(spec['schedule']), since)
  if (due === undefined) {
    const schedule = String(spec['schedule'])
    const why = 'time difference between two schedules is less than 1 second'
    tell(hands, cron, 'InvalidSchedule', `invalid schedule: ${schedule} : ${why}`)
    return undefined
  }
  if (due > now) {
    report(last, active)
    return due - now
  }
  const started = start(hands, cron, { due, active })
  report(rfc3339(due), started === undefined ? active : [...active, started])
  const next = nextTime(String(spec['schedule']), now)
  return next === undefined ? undefined : next - now
}

function jobsOf(hands: Hands, cron: KubeObject): KubeObject[] {
  return hands
    .dependents(hands.kind('batch', 'Job'), cron)
    .filter((job) => controllerOf(job)?.uid === cron.metadata.uid)
}

function referenceTo(job: KubeObject): JsonObject {
  const { name = '', namespace = '', uid = '', resourceVersion = '' } = job.metadata
  return { apiVersion: 'batch/v1', kind: 'Job', name, namespace, uid, resourceVersion }
}

function start(
  hands: Hands,
  cron: KubeObject,
  { due, active }: { readonly due: number; readonly active: readonly KubeObject[] },
): KubeObject | undefined {
  const kind = hands.kind('batch', 'Job')
  const policy = specOf(cron)['concurrencyPolicy']
  if (policy === 'Forbid' && active.length > 0) {
    const message =
      'Not starting job because prior execution is running and concurrency policy is Forbid'
    tell(hands, cron, 'JobAlreadyActive', message)
    return undefined
  }
  if (policy === 'Replace') for (const job of active) removeJob(hands, cron, job)
  const template = (specOf(cron)['jobTemplate'] ?? {}) as JsonObject
  const metadata = (template['metadata'] ?? {}) as JsonObject
  const created = hands.create(kind, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      ...metadata,
      name: `${cron.metadata.name}-${Math.floor(due / 60_000)}`,
      namespace: cron.metadata.namespace ?? '',
      annotations: {
        ...((metadata['annotations'] ?? {}) as Record<string, string>),
        [AT]: rfc3339(due),
      },
      ownerReferences: [controllerRef(cron)],
    },
    spec: template['spec'] ?? {},
  })
  tell(hands, cron, 'SuccessfulCreate', `Created job ${created.metadata.name}`)
  return created
}

function removeJob(hands: Hands, cron: KubeObject, job: KubeObject): void {
  hands.remove(hands.kind('batch', 'Job'), job)
  tell(hands, cron, 'SuccessfulDelete', `Deleted job ${job.metadata.name}`)
}

function tell(hands: Hands, cron: KubeObject, reason: string, message: string): void {
  const type = reason === 'InvalidSchedule' ? 'Warning' : 'Normal'
  record(hands, cron, { type, reason, message, component: 'cronjob-controller' })
}

/** Tells of Jobs that were active when the status was written last, and have ended. */
function tellEnded(hands: Hands, cron: KubeObject, jobs: readonly KubeObject[]): void {
  const { active } = statusOf(cron)
  for (const { uid } of listOf(active)) {
    const job = jobs.find(({ metadata }) => metadata.uid === uid)
    const type =
      job === undefined ? undefined : ['Complete', 'Failed'].find((each) => isTrueOf(job, each))
    if (job === undefined || type === undefined) continue
    const message = `Saw completed job: ${job.metadata.name}, condition: ${type}`
    tell(hands, cron, 'SawCompletedJob', message)
  }
}

/** Keeps as many Jobs that ended as the history limits say. */
function prune(
  hands: Hands,
  cron: KubeObject,
  jobs: readonly KubeObject[],
): ReadonlySet<KubeObject> {
  const gone = new Set<KubeObject>()
  const limits = [
    ['Complete', numberIn(specOf(cron), 'successfulJobsHistoryLimit', 3)],
    ['Failed', numberIn(specOf(cron), 'failedJobsHistoryLimit', 1)],
  ] as const
  for (const [type, limit] of limits) {
    const ended = jobs.filter((job) => isTrueOf(job, type))
    for (const job of ended.slice(0, Math.max(0, ended.length - limit)))
      if (job.metadata.deletionTimestamp === undefined) {
        removeJob(hands, cron, job)
        gone.add(job)
      }
  }
  return gone
}
