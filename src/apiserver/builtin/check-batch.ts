import { isObject, type Json, type JsonObject, sameJson } from '../../object/index.ts'
import {
  at,
  atMost100,
  type Check,
  immutable,
  intOrPercent,
  labelSelector,
  nonNegative,
  number,
  oneOf,
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
  const indexed = text(next, 'completionMode') === 'Indexed'
  const keys = ['completionMode', 'backoffLimitPerIndex', 'managedBy']
  return [
    ...(indexed ? [] : immutable(next['completions'], old['completions'], 'spec.completions')),
    ...immutable(next['selector'], old['selector'], 'spec.selector'),
    ...templateUpdate(next, old),
    ...keys.flatMap((key) => immutable(next[key], old[key], `spec.${key}`)),
    ...policiesUpdate(next, old),
  ]
}

const SCHEDULING = ['nodeSelector', 'tolerations', 'affinity', 'schedulingGates']

/** The template may change where it says on which nodes to run, while the job is suspended. */
function templateUpdate(next: JsonObject, old: JsonObject): Cause[] {
  const loose = next['suspend'] === true && old['suspend'] === true
  const strip = (spec: JsonObject): JsonObject => {
    const template = at(spec, 'template')
    if (!loose) return template
    const { metadata: _m, ...rest } = template
    const pod = Object.entries(at(template, 'spec')).filter(([key]) => !SCHEDULING.includes(key))
    return { ...rest, spec: Object.fromEntries(pod) }
  }
  return sameJson(strip(next), strip(old))
    ? []
    : [
        invalid(
          'spec.template',
          goStruct('PodTemplateSpec', at(next, 'template')),
          'field is immutable',
        ),
      ]
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
