import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../../object/index.ts'
import { numberIn, specOf, statusOf } from './hands.ts'
import { readIndexes } from './job-indexes.ts'
import { listOf } from './placement.ts'
import { isTerminating } from './pods.ts'

/** What a rule says about a pod that failed. */
export interface Matched {
  readonly action: string
  /** Why the Job fails; only of `FailJob`. */
  readonly message?: string
}

/** Whether pods are replaced only when they have ended, not when they begin to go. */
export function replacesOnlyFailed(job: KubeObject): boolean {
  const { podReplacementPolicy, podFailurePolicy } = specOf(job)
  return podReplacementPolicy === 'Failed' || podFailurePolicy !== undefined
}

/** Whether a pod counts as failed. */
export function isFailed(job: KubeObject, pod: KubeObject): boolean {
  const { phase } = statusOf(pod)
  if (phase === 'Failed') return true
  return !replacesOnlyFailed(job) && isTerminating(pod) && phase !== 'Succeeded'
}

/**
 * What the policy of a Job says about a pod that failed; undefined where it says nothing.
 * @see kubernetes pkg/controller/job/pod_failure_policy.go (v1.36.3)
 */
export function matchFailure(job: KubeObject, pod: KubeObject): Matched | undefined {
  const policy = specOf(job)['podFailurePolicy']
  if (!isObject(policy)) return undefined
  const { namespace, name } = pod.metadata
  for (const [i, rule] of listOf(policy['rules']).entries()) {
    const action = String(rule['action'])
    const why = exitOf(pod, rule['onExitCodes']) ?? conditionIn(pod, rule['onPodConditions'])
    if (why === undefined) continue
    const at = `matching ${action} rule at index ${i}`
    if (action !== 'FailJob') return { action }
    const message = why.replace('{pod}', `${namespace}/${name}`)
    return { action, message: `${message} ${at}` }
  }
  return undefined
}

function exitOf(pod: KubeObject, wanted: Json | undefined): string | undefined {
  if (!isObject(wanted)) return undefined
  const { initContainerStatuses, containerStatuses } = statusOf(pod)
  const values = isArray(wanted['values']) ? wanted['values'] : []
  for (const status of [...listOf(containerStatuses), ...listOf(initContainerStatuses)]) {
    const { name, state } = status
    const ended = isObject(state) ? state['terminated'] : undefined
    if (!isObject(ended)) continue
    if (wanted['containerName'] !== undefined && wanted['containerName'] !== name) continue
    const code = numberIn(ended, 'exitCode', 0)
    if (code === 0) continue
    if ((wanted['operator'] === 'In') === values.includes(code))
      return `Container ${String(name)} for pod {pod} failed with exit code ${code}`
  }
  return undefined
}

function conditionIn(pod: KubeObject, wanted: Json | undefined): string | undefined {
  const conditions = listOf(statusOf(pod)['conditions'])
  for (const { type, status = 'True' } of listOf(wanted))
    if (conditions.some((each) => each['type'] === type && each['status'] === status))
      return `Pod {pod} has condition ${String(type)}`
  return undefined
}

/** The rule of the policy of success that is met, by the indexes that succeeded. */
export function matchSuccess(job: KubeObject, succeeded: ReadonlySet<number>): string | undefined {
  const policy = specOf(job)['successPolicy']
  if (!isObject(policy)) return undefined
  const at = listOf(policy['rules']).findIndex((rule) => isMet(rule, succeeded))
  return at < 0 ? undefined : `Matched rules at index ${at}`
}

function isMet(rule: JsonObject, succeeded: ReadonlySet<number>): boolean {
  const { succeededIndexes, succeededCount } = rule
  if (succeededIndexes === undefined) return succeeded.size >= Number(succeededCount)
  const wanted = readIndexes(succeededIndexes)
  const done = [...wanted].filter((each) => succeeded.has(each)).length
  return done >= (succeededCount === undefined ? wanted.size : Number(succeededCount))
}

/** Whether containers of running pods were restarted as often as failures are allowed. */
export function isPastRestarts(job: KubeObject, pods: readonly KubeObject[]): boolean {
  const { spec } = (specOf(job)['template'] ?? {}) as { readonly spec?: JsonObject }
  if (spec?.['restartPolicy'] !== 'OnFailure') return false
  const limit = numberIn(specOf(job), 'backoffLimit', 6)
  let restarts = 0
  for (const pod of pods) {
    const { phase, initContainerStatuses, containerStatuses } = statusOf(pod)
    if (phase !== 'Running' && phase !== 'Pending') continue
    for (const each of [...listOf(initContainerStatuses), ...listOf(containerStatuses)])
      restarts += numberIn(each, 'restartCount', 0)
  }
  return limit === 0 ? restarts > 0 : restarts >= limit
}
