import { formatDuration } from '../../base/index.ts'
import type { HealthRules } from '../../health/index.ts'
import {
  type Cluster,
  fieldAt,
  idKey,
  idOf,
  isApiFault,
  type ObjectId,
  parseApiVersion,
} from '../../object/index.ts'
import type { BuiltSet } from './build-cache.ts'
import type { Run } from './context.ts'
import { failed, RunEnd } from './ending.ts'
import type { Action } from './examine.ts'
import { waitForHealth } from './health-wait.ts'
import { emit, writeStatus } from './record.ts'

/** What the health checks of a run are about. */
export interface HealthStep {
  readonly cluster: Cluster
  readonly set: BuiltSet
  readonly actions: readonly Action[]
  readonly rules: HealthRules | undefined
}

/**
 * Checks the health of what was applied (`wait`) or of what `healthChecks` names.
 * @throws RunEnd HealthCheckFailed, or cancelled when a new event came in meanwhile
 */
export async function checkHealth(run: Run, step: HealthStep): Promise<void> {
  const { draft } = run
  const ids = await checkedIds(run, step)
  if (ids === undefined) {
    draft.remove('Healthy')
    return
  }
  const wasHealthy = draft.condition('Healthy')?.status === 'True'
  const isNewRevision = draft.status.lastAppliedRevision !== run.revision
  const { clock, options } = run.context
  const started = clock.now()
  const took = (): string => formatDuration(clock.now() - started)
  const progress = `Running health checks for revision ${run.revision} with a timeout of ${formatDuration(run.timeoutMs)}`
  draft.mark('Reconciling', 'True', 'Progressing', progress)
  draft.mark('Healthy', 'Unknown', 'Progressing', progress)
  const isPreempted = options.gates.CancelHealthCheckOnNewRevision || !options.fluxTiming
  const missing = await namespaceFault(step, ids)
  const fault =
    missing ??
    (await untilPreempted(run, () =>
      waitForHealth(run, step.cluster, ids, {
        timeoutMs: run.timeoutMs,
        failsFast: !options.gates.DisableFailFastBehavior,
        rules: step.rules,
        vanishing: vanishingJobs(step),
        ...(isPreempted ? { preempt: run.turn.preempt } : {}),
        onWait: () => writeStatus(run),
      }),
    ))
  if (fault !== undefined) {
    draft.mark('Healthy', 'False', 'HealthCheckFailed', fault)
    throw failed('HealthCheckFailed', `health check failed after ${took()}: ${fault}`, {
      digest: step.set.digest,
    })
  }
  const message = `Health check passed in ${took()}`
  if (!wasHealthy || (isNewRevision && step.actions.some(({ payload }) => payload !== undefined)))
    emit(run, 'info', message)
  draft.mark('Healthy', 'True', 'Succeeded', message)
}

async function untilPreempted<T>(run: Run, wait: () => Promise<T>): Promise<T> {
  try {
    return await wait()
  } catch (error) {
    const { preempt, signal } = run.turn
    if (!preempt.aborted || signal.aborted) throw error
    throw new RunEnd({ kind: 'cancelled', trigger: String(preempt.reason) })
  }
}

/** A namespaced object of `healthChecks` that is named without its namespace can not be found. */
async function namespaceFault(
  step: HealthStep,
  ids: readonly ObjectId[],
): Promise<string | undefined> {
  for (const id of ids.filter(({ namespace }) => namespace === '')) {
    try {
      if (!(await step.cluster.resource(id)).namespaced) continue
    } catch (error) {
      if (isApiFault(error)) continue
      throw error
    }
    return `resource ${id.kind} ${id.name} is namespace scoped, but namespace is not set`
  }
  return undefined
}

/** Undefined when there is nothing to check. */
async function checkedIds(run: Run, step: HealthStep): Promise<readonly ObjectId[] | undefined> {
  const { spec, metadata } = run.object
  const refs = spec.healthChecks ?? []
  if (spec.wait !== true && refs.length === 0) return undefined
  const ids =
    spec.wait === true
      ? step.actions.filter(({ kind }) => kind !== 'skipped').map(({ object }) => idOf(object))
      : refs.map(({ apiVersion, kind, name, namespace }) => ({
          group: parseApiVersion(apiVersion ?? 'apps/v1').group,
          kind,
          name,
          namespace: namespace ?? '',
        }))
  if (ids.length === 0) return undefined
  return ids.filter(
    (id) =>
      !(
        id.kind === 'Kustomization' &&
        id.name === metadata.name &&
        id.namespace === metadata.namespace
      ),
  )
}

/** Jobs that are removed when they are done: one that is not there any more is well. */
function vanishingJobs(step: HealthStep): ReadonlySet<string> {
  return new Set(
    step.set.objects
      .filter(
        (object) =>
          object.kind === 'Job' && fieldAt(object, 'spec', 'ttlSecondsAfterFinished') !== undefined,
      )
      .map((object) => idKey(idOf(object))),
  )
}
