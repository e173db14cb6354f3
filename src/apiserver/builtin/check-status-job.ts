import { isObject, type Json, type JsonObject, sameJson } from '../../object/index.ts'
import { at, items, nonNegative, number, text, texts } from './check.ts'
import { duplicate, invalid, required } from './field-error.ts'
import type { Cause } from './refusal.ts'

/** A job and its status, now and before, and what of it a write changes. */
interface JobView {
  readonly spec: JsonObject
  readonly status: JsonObject
  readonly before: JsonObject
  /** Whether a condition is true now. */
  readonly is: (type: string) => boolean
  readonly was: (type: string) => boolean
  /** Whether conditions or fields differ from what was. */
  readonly changed: (...names: readonly string[]) => boolean
}

/**
 * The status of a Job: what may be true at one time, and of what has ended.
 * @see k8s.io/kubernetes pkg/apis/batch/validation/validation.go validateJobStatus (v1.36.3)
 */
export function jobStatus(next: JsonObject, old: JsonObject): Cause[] {
  const [status, before] = [at(next, 'status'), at(old, 'status')]
  const is = (type: string): boolean => isTrue(status, type)
  const was = (type: string): boolean => isTrue(before, type)
  const changed = (...names: readonly string[]): boolean =>
    names.some((name) =>
      /^[A-Z]/.test(name)
        ? is(name) !== was(name)
        : !sameJson(status[name] ?? null, before[name] ?? null),
    )
  const job = { spec: at(next, 'spec'), status, before, is, was, changed }
  return [
    ...nonNegative(status, 'status', 'active', 'succeeded', 'failed', 'ready', 'terminating'),
    ...uncounted(status),
    ...together(job),
    ...finished(job),
    ...indexes(job),
    ...criteria(job),
    ...kept(job),
  ]
}

function isTrue(status: JsonObject, type: string, wanted = 'True'): boolean {
  const found = items(status, 'conditions').find((each) => text(each, 'type') === type)
  return found !== undefined && text(found, 'status') === wanted
}

/** A cause that shows no value. */
function plain(field: string, words: string): Cause {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${words}` }
}

function conditions(words: string): Cause {
  return plain('status.conditions', words)
}

function uncounted(status: JsonObject): Cause[] {
  const seen = new Set<string>()
  return ['succeeded', 'failed'].flatMap((key) =>
    texts(at(status, 'uncountedTerminatedPods'), key).flatMap((uid, i) => {
      const place = `status.uncountedTerminatedPods.${key}[${i}]`
      if (uid === '') return [invalid(place, '', 'must not be empty')]
      if (seen.has(uid)) return [duplicate(place, uid)]
      seen.add(uid)
      return []
    }),
  )
}

function together({ status, is, changed }: JobView): Cause[] {
  const causes: Cause[] = []
  const { completionTime, startTime } = status
  if (changed('Complete', 'Failed') && is('Complete') && is('Failed'))
    causes.push(conditions('cannot set Complete=True and Failed=true conditions'))
  if (changed('Complete', 'FailureTarget') && is('Complete') && is('FailureTarget'))
    causes.push(conditions('cannot set Complete=True and FailureTarget=true conditions'))
  const place = 'status.completionTime'
  if (changed('Complete', 'completionTime')) {
    if (isTime(completionTime) && !is('Complete'))
      causes.push(
        invalid(
          place,
          completionTime,
          'cannot set completionTime when there is no Complete=True condition',
        ),
      )
    if (!isTime(completionTime) && is('Complete'))
      causes.push(required(place, 'completionTime is required for Complete jobs'))
  }
  if (
    changed('startTime', 'completionTime') &&
    isTime(startTime) &&
    isTime(completionTime) &&
    Date.parse(completionTime) < Date.parse(startTime)
  )
    causes.push(invalid(place, completionTime, 'must be equal to or after `startTime`'))
  if (changed('Failed', 'failedIndexes') && is('Failed') && !is('FailureTarget'))
    causes.push(
      conditions('cannot set Failed=True condition without the FailureTarget=true condition'),
    )
  if (changed('Complete', 'SuccessCriteriaMet') && is('Complete') && !is('SuccessCriteriaMet'))
    causes.push(
      conditions(
        'cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
      ),
    )
  return causes
}

function isTime(value: Json | undefined): value is string {
  return typeof value === 'string'
}

function finished({ spec, status, is, was, changed }: JobView): Cause[] {
  const isDone = is('Complete') || is('Failed')
  const wasDone = was('Complete') || was('Failed')
  const causes: Cause[] = []
  const count = (key: string): number => number(status, key) ?? 0
  const turned = isDone !== wasDone
  if ((turned || changed('active')) && isDone && count('active') > 0)
    causes.push(invalid('status.active', count('active'), 'active>0 is invalid for finished job'))
  const isIdle = spec['suspend'] === true && spec['completions'] === 0
  if ((turned || changed('startTime')) && !isIdle && isDone && !isTime(status['startTime']))
    causes.push(required('status.startTime', 'startTime is required for finished job'))
  const pods = status['uncountedTerminatedPods']
  if ((turned || changed('uncountedTerminatedPods')) && isDone && isObject(pods))
    if (texts(pods, 'failed').length + texts(pods, 'succeeded').length > 0)
      causes.push(
        invalid(
          'status.uncountedTerminatedPods',
          { Succeeded: pods['succeeded'] ?? null, Failed: pods['failed'] ?? null },
          'must be empty for finished job',
        ),
      )
  if ((turned || changed('terminating')) && isDone && count('terminating') > 0)
    causes.push(
      invalid(
        'status.terminating',
        count('terminating'),
        'terminating>0 is invalid for finished job',
      ),
    )
  const ready = number(status, 'ready')
  if (changed('ready', 'active') && ready !== undefined && ready > count('active'))
    causes.push(invalid('status.ready', ready, 'cannot set more ready pods than active'))
  return causes
}

function indexes({ spec, status, changed }: JobView): Cause[] {
  const [done, failed] = [text(status, 'completedIndexes'), status['failedIndexes']]
  const completions = number(spec, 'completions')
  const perIndex = number(spec, 'backoffLimitPerIndex')
  const causes: Cause[] = []
  const turned = changed('failedIndexes')
  if (changed('completedIndexes')) {
    const wrong = completions === undefined ? '' : wrongIndexes(done, completions)
    const place = 'status.completedIndexes'
    if (wrong !== '') causes.push(invalid(place, done, `error parsing completedIndexes: ${wrong}`))
    if (done !== '' && spec['completionMode'] !== 'Indexed')
      causes.push(
        invalid(
          place,
          done,
          'cannot set non-empty completedIndexes when non-indexed completion mode',
        ),
      )
  }
  if (typeof failed !== 'string') return causes
  const place = 'status.failedIndexes'
  if (turned && completions !== undefined && perIndex !== undefined) {
    const wrong = wrongIndexes(failed, completions)
    if (wrong !== '') causes.push(invalid(place, failed, `error parsing failedIndexes: ${wrong}`))
  }
  if (turned && perIndex === undefined)
    causes.push(
      invalid(place, failed, 'cannot set non-null failedIndexes when backoffLimitPerIndex is null'),
    )
  if (completions !== undefined && (turned || changed('completedIndexes'))) {
    const both = overlap(done, failed, completions)
    if (both !== undefined)
      causes.push(
        invalid(place, failed, `failedIndexes and completedIndexes overlap at index: ${both}`),
      )
  }
  return causes
}

/** Ranges of indexes, or what is wrong with one. */
function interval(value: string, completions: number): readonly [number, number] | string {
  const limits = value.split('-')
  if (limits.length > 2)
    return `the fragment ${JSON.stringify(value)} violates the requirement that an index interval can have at most two parts separated by '-'`
  const found: number[] = []
  for (const limit of limits) {
    if (!/^[+-]?\d+$/.test(limit))
      return `cannot convert string to integer for index: ${JSON.stringify(limit)}`
    if (Number(limit) >= completions) return `too large index: ${JSON.stringify(limit)}`
    found.push(Number(limit))
  }
  const [first = 0, last] = found
  if (last === undefined) return [first, first]
  return first >= last
    ? `non-increasing order, previous: ${first}, current: ${last}`
    : [first, last]
}

function wrongIndexes(value: string, completions: number): string {
  if (value === '') return ''
  let previous: number | undefined
  for (const each of value.split(',')) {
    const found = interval(each, completions)
    if (typeof found === 'string') return found
    if (previous !== undefined && previous >= found[0])
      return `non-increasing order, previous: ${previous}, current: ${found[0]}`
    previous = found[1]
  }
  return ''
}

function overlap(done: string, failed: string, completions: number): number | undefined {
  if (done === '' || failed === '') return undefined
  const ranges = (value: string): (readonly [number, number])[] =>
    value
      .split(',')
      .map((each) => interval(each, completions))
      .filter((each) => typeof each !== 'string')
  const bad = ranges(failed)
  for (const [from, to] of ranges(done)) {
    const found = bad.find(([start, end]) => from <= end && start <= to)
    if (found !== undefined) return Math.max(from, found[0])
  }
  return undefined
}

function criteria({ spec, is }: JobView): Cause[] {
  const causes: Cause[] = []
  const isMet = is('SuccessCriteriaMet')
  if (isMet && is('Failed'))
    causes.push(conditions('cannot set SuccessCriteriaMet=True and Failed=true conditions'))
  if (isMet && is('FailureTarget'))
    causes.push(conditions('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'))
  if (isObject(spec['successPolicy']) && !isMet && is('Complete'))
    causes.push(
      conditions(
        'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True',
      ),
    )
  return causes
}

/** What can not be taken back. */
function kept({ spec, status, before, is, was, changed }: JobView): Cause[] {
  const causes: Cause[] = []
  for (const type of ['Failed', 'Complete', 'FailureTarget'])
    if (was(type) && !is(type))
      causes.push(conditions(`cannot disable the terminal ${type}=True condition`))
  const isScaled =
    spec['completionMode'] === 'Indexed' && spec['completions'] === spec['parallelism']
  for (const key of ['failed', 'succeeded']) {
    const [now, then] = [number(status, key) ?? 0, number(before, key) ?? 0]
    if (now < then && !(key === 'succeeded' && isScaled))
      causes.push(invalid(`status.${key}`, now, `cannot decrease the ${key} counter`))
  }
  const { completionTime, startTime } = status
  if (isTime(completionTime) && isTime(before['completionTime']) && changed('completionTime'))
    causes.push(invalid('status.completionTime', completionTime, 'field is immutable'))
  const resumes = isTrue(before, 'Suspended') && isTrue(status, 'Suspended', 'False')
  const isFixed = isTime(before['startTime']) && spec['suspend'] !== true
  if (isFixed && changed('startTime') && !resumes)
    causes.push(
      invalid('status.startTime', startTime, 'field is immutable for unsuspended job once set'),
    )
  if (was('SuccessCriteriaMet') && !is('SuccessCriteriaMet'))
    causes.push(conditions('cannot disable the SuccessCriteriaMet=True condition'))
  if (was('Complete') && !was('SuccessCriteriaMet') && is('SuccessCriteriaMet'))
    causes.push(
      conditions('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions'),
    )
  return causes
}
