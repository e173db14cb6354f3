import { isObject, type Json, type JsonObject, sameJson } from '../../object/index.ts'
import {
  at,
  atMost100,
  type Check,
  immutable,
  intOrPercent,
  items,
  labelSelector,
  nonNegative,
  number,
  oneOf,
  selects,
  text,
} from './check.ts'
import { matchCauses } from './check-apps.ts'
import { jobPolicies, policiesUpdate } from './check-job.ts'
import { templateCauses } from './check-pod.ts'
import { cronProblem } from './cron.ts'
import { invalid, notSupported, required } from './field-error.ts'
import { goStruct } from './go-struct.ts'
import type { Cause } from './refusal.ts'

function jobCommon(spec: JsonObject, path: string): Cause[] {
  const causes = nonNegative(
    spec,
    path,
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  )
  const mode = text(spec, 'completionMode')
  if (mode !== '' && mode !== 'NonIndexed' && mode !== 'Indexed')
    causes.push(notSupported(`${path}.completionMode`, mode, ['NonIndexed', 'Indexed']))
  if (mode === 'Indexed' && number(spec, 'completions') === undefined)
    causes.push(required(`${path}.completions`, 'when completion mode is Indexed'))
  if (mode !== 'Indexed')
    for (const key of ['backoffLimitPerIndex', 'maxFailedIndexes'])
      if (spec[key] !== undefined)
        causes.push(invalid(`${path}.${key}`, spec[key], 'requires indexed completion mode'))
  causes.push(...jobPolicies(spec, path))
  causes.push(...templateCauses(at(spec, 'template'), `${path}.template`))
  const place = `${path}.template.spec.restartPolicy`
  const policy = text(at(at(spec, 'template'), 'spec'), 'restartPolicy')
  if (policy === 'Always' || policy === '')
    causes.push(required(place, 'valid values: "OnFailure", "Never"'))
  else if (policy !== 'OnFailure' && policy !== 'Never')
    causes.push(notSupported(place, policy, ['OnFailure', 'Never']))
  else if (spec['podFailurePolicy'] !== undefined && policy !== 'Never')
    causes.push(
      invalid(place, policy, 'only "Never" is supported when podFailurePolicy is specified'),
    )
  return causes
}

/** Jobs. */
export const jobSpec: Check = (spec, path) => [
  ...jobCommon(spec, path),
  ...(isObject(spec['selector'])
    ? labelSelector(spec['selector'], `${path}.selector`)
    : [required(`${path}.selector`)]),
  ...matchCauses(spec, path),
]

/** What may not be changed of a Job. */
export function jobUpdate(next: JsonObject, old: JsonObject): Cause[] {
  const [spec, before] = [at(next, 'spec'), at(old, 'spec')]
  const keys = ['completionMode', 'backoffLimitPerIndex', 'managedBy']
  return [
    ...generatedSelector(next, old),
    ...completions(spec, before),
    ...immutable(spec['selector'], before['selector'], 'spec.selector'),
    ...templateUpdate(spec, before, at(old, 'status')),
    ...keys.flatMap((key) => immutable(spec[key], before[key], `spec.${key}`)),
    ...policiesUpdate(spec, before),
  ]
}

function completions(spec: JsonObject, before: JsonObject): Cause[] {
  const { completions: count, parallelism } = spec
  if (text(spec, 'completionMode') !== 'Indexed')
    return immutable(count, before['completions'], 'spec.completions')
  const isSame = sameJson(count, before['completions']) || count === undefined
  if (isSame || count === parallelism) return []
  const why = 'can only be modified in tandem with spec.parallelism'
  return [invalid('spec.completions', count, why)]
}

/** A selector that the server made selects what the server labels. */
export function generatedSelector(job: JsonObject, old?: JsonObject): Cause[] {
  const spec = at(job, 'spec')
  const isOwn = spec['manualSelector'] === true || !isObject(spec['selector'])
  if (isOwn || text(at(job, 'metadata'), 'uid') === '') return []
  const labelsOf = (of: JsonObject): JsonObject =>
    at(at(at(at(of, 'spec'), 'template'), 'metadata'), 'labels')
  const [given, metadata] = [labelsOf(job), at(job, 'metadata')]
  const wanted: readonly (readonly [string, string])[] = [
    ['controller-uid', text(metadata, 'uid')],
    ['job-name', text(metadata, 'name')],
  ]
  const had = old === undefined ? undefined : labelsOf(old)
  const isPrefixed = wanted.every(([key]) => had === undefined || had[PREFIX + key] !== undefined)
  const prefixed = wanted.map(([key, value]) => [PREFIX + key, value] as const)
  const expected = isPrefixed ? [...wanted, ...prefixed] : wanted
  const causes = expected.flatMap(([key, value]) => {
    const place = `spec.template.metadata.labels[${key}]`
    const found = given[key]
    if (found === undefined) return [required(place, `must be '${value}'`)]
    return found === value ? [] : [invalid(place, given, `must be '${value}'`)]
  })
  const selector = at(spec, 'selector')
  if (selects(selector, Object.fromEntries(expected)) === false)
    causes.push(invalid('spec.selector', selector, '`selector` not auto-generated'))
  return causes
}

const PREFIX = 'batch.kubernetes.io/'
const SCHEDULING = ['nodeSelector', 'tolerations', 'schedulingGates']

/**
 * The template may change in what it asks for and where it says on which nodes to run, while the job
 * is suspended and has not begun.
 */
function templateUpdate(next: JsonObject, old: JsonObject, status: JsonObject): Cause[] {
  const isSuspended = items(status, 'conditions').some(
    (each) => text(each, 'type') === 'Suspended' && text(each, 'status') === 'True',
  )
  const isIdle = (number(status, 'active') ?? 0) === 0
  const rests = isSuspended || status['startTime'] === undefined
  const loose = old['suspend'] === true && rests && isIdle
  const [now, before] = [at(next, 'template'), at(old, 'template')]
  if (!loose)
    return sameJson(now, before)
      ? []
      : [invalid('spec.template', goStruct('PodTemplateSpec', now), 'field is immutable')]
  const strip = (template: JsonObject): JsonObject => looseSpec(at(template, 'spec'))
  return sameJson(strip(now), strip(before))
    ? []
    : [invalid('spec.template.spec', goStruct('PodSpec', at(now, 'spec')), 'field is immutable')]
}

/** The spec of a pod without what may change before it runs. */
function looseSpec(spec: JsonObject): JsonObject {
  const kept = Object.entries(spec).filter(([key]) => !SCHEDULING.includes(key))
  const out: Record<string, Json> = Object.fromEntries(kept) as Record<string, Json>
  for (const key of ['containers', 'initContainers'])
    if (spec[key] !== undefined)
      out[key] = items(spec, key).map((each) => {
        const { resources: _, ...rest } = each
        return rest as JsonObject
      })
  const { nodeAffinity: _, ...affinity } = at(spec, 'affinity')
  delete out['affinity']
  return Object.keys(affinity).length === 0 ? out : { ...out, affinity: affinity as JsonObject }
}

/** The zone's name; which zones there are the API server looks up in its own files. */
function zoneCauses(zone: Json | undefined, path: string): Cause[] {
  if (typeof zone !== 'string') return []
  if (zone === '') return [invalid(path, zone, 'timeZone must be nil or non-empty string')]
  if (zone.toLowerCase() === 'local')
    return [
      invalid(
        path,
        zone,
        'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
      ),
    ]
  try {
    Intl.DateTimeFormat('en', { timeZone: zone })
    return []
  } catch {
    return [invalid(path, zone, `unknown time zone ${zone}`)]
  }
}

/** Jobs of a template get their selector when they are made. */
function jobTemplate(spec: JsonObject, path: string): Cause[] {
  const causes = jobCommon(spec, path)
  const { selector, manualSelector: manual } = spec
  if (isObject(selector))
    causes.push(invalid(`${path}.selector`, selector, '`selector` will be auto-generated'))
  if (manual === true) causes.push(notSupported(`${path}.manualSelector`, manual, ['nil', 'false']))
  return causes
}

/** CronJobs. */
export const cronJobSpec: Check = (spec, path) => {
  const causes: Cause[] = []
  const schedule = text(spec, 'schedule')
  if (schedule === '') causes.push(required(`${path}.schedule`))
  else {
    const problem = cronProblem(schedule)
    if (problem !== undefined) causes.push(invalid(`${path}.schedule`, schedule, problem))
    if (schedule.includes('TZ'))
      causes.push(
        invalid(
          `${path}.schedule`,
          schedule,
          'cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
        ),
      )
  }
  return [
    ...causes,
    ...zoneCauses(spec['timeZone'], `${path}.timeZone`),
    ...nonNegative(spec, path, 'startingDeadlineSeconds'),
    ...oneOf(
      text(spec, 'concurrencyPolicy'),
      ['Allow', 'Forbid', 'Replace'],
      `${path}.concurrencyPolicy`,
    ),
    ...jobTemplate(at(at(spec, 'jobTemplate'), 'spec'), `${path}.jobTemplate.spec`),
    ...nonNegative(spec, path, 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit'),
  ]
}

/** Pod disruption budgets. */
export const budgetSpec: Check = (spec, path) => {
  const causes: Cause[] = []
  if (spec['minAvailable'] !== undefined && spec['maxUnavailable'] !== undefined)
    causes.push(invalid(path, goBudget(spec), 'minAvailable and maxUnavailable cannot be both set'))
  for (const key of ['minAvailable', 'maxUnavailable'])
    causes.push(
      ...intOrPercent(spec[key], `${path}.${key}`),
      ...atMost100(spec[key], `${path}.${key}`),
    )
  const policy = spec['unhealthyPodEvictionPolicy']
  const policies = ['AlwaysAllow', 'IfHealthyBudget']
  if (typeof policy === 'string' && !policies.includes(policy))
    causes.push(notSupported(`${path}.unhealthyPodEvictionPolicy`, policy, policies))
  if (isObject(spec['selector']))
    causes.push(...labelSelector(spec['selector'], `${path}.selector`))
  return causes
}

/** The spec as Go prints its own struct. */
function goBudget(spec: JsonObject): Json {
  return {
    MinAvailable: spec['minAvailable'] ?? null,
    Selector: spec['selector'] ?? null,
    MaxUnavailable: spec['maxUnavailable'] ?? null,
    UnhealthyPodEvictionPolicy: spec['unhealthyPodEvictionPolicy'] ?? null,
  }
}
