import { rfc3339 } from '../../base/index.ts'
import type { JsonObject, KubeObject } from '../../object/index.ts'
import { nextTime } from './cron.ts'
import { type Controller, type Hands, numberIn, specOf, statusOf } from './hands.ts'
import { controllerOf, controllerRef } from './owners.ts'
import { isTrueOf, withoutEmpty } from './parts.ts'

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
  prune(hands, cron, jobs)
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
  if (due === undefined) return undefined
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
  if (policy === 'Forbid' && active.length > 0) return undefined
  if (policy === 'Replace') for (const job of active) hands.remove(kind, job)
  const template = (specOf(cron)['jobTemplate'] ?? {}) as JsonObject
  const metadata = (template['metadata'] ?? {}) as JsonObject
  return hands.create(kind, {
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
}

/** Keeps as many Jobs that ended as the history limits say. */
function prune(hands: Hands, cron: KubeObject, jobs: readonly KubeObject[]): void {
  const limits = [
    ['Complete', numberIn(specOf(cron), 'successfulJobsHistoryLimit', 3)],
    ['Failed', numberIn(specOf(cron), 'failedJobsHistoryLimit', 1)],
  ] as const
  for (const [type, limit] of limits) {
    const ended = jobs.filter((job) => isTrueOf(job, type))
    for (const job of ended.slice(0, Math.max(0, ended.length - limit)))
      if (job.metadata.deletionTimestamp === undefined)
        hands.remove(hands.kind('batch', 'Job'), job)
  }
}
