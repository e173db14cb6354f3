import { gvkOf, type KubeObject } from '../object/index.ts'
import { commonHealth } from './common.ts'
import { genericHealth, readyHealth } from './generic.ts'
import type { HealthRules } from './health-exprs.ts'
import { BUILT_IN, JOB } from './kinds/index.ts'
import { isUnschedulable } from './kinds/pod.ts'
import { failed, type Health } from './status.ts'

/** What a judgement needs beside the object. */
export interface HealthContext {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** The pods that the object's selector matches: of a StatefulSet or a ReplicaSet. */
  readonly pods?: readonly KubeObject[]
  /** Judge as Flux does and no better: without our rules for common custom kinds. */
  readonly plainKstatus?: boolean
  /** The user's own rules, from `spec.healthCheckExprs`. */
  readonly rules?: HealthRules
}

/**
 * The health of a live object; of undefined, that it was not found. A pod that failed fails the
 * StatefulSet or ReplicaSet that waits for it, unless the pod is going away or merely found no node.
 * @see fluxcd/cli-utils v1.2.2 kstatus
 */
export function healthOf(object: KubeObject | undefined, context: HealthContext): Health {
  if (object === undefined) return { status: 'NotFound', message: 'Resource not found' }
  const { group, kind } = gvkOf(object)
  const key = `${group}/${kind}`
  if (key === 'batch/Job') return JOB(object, context)
  const own = context.rules?.evaluate(object)
  if (own !== undefined) return own
  const health =
    genericHealth(object) ??
    BUILT_IN.get(key)?.(object, context) ??
    (context.plainKstatus === true ? undefined : commonHealth(object)) ??
    readyHealth(object)
  if (health.status !== 'InProgress' || !OWNERS_OF_PODS.has(key)) return health
  return failedByPods(context) ?? health
}

const OWNERS_OF_PODS = new Set(['apps/StatefulSet', 'apps/ReplicaSet'])

function failedByPods(context: HealthContext): Health | undefined {
  const bad = (context.pods ?? []).filter(
    (pod) =>
      (pod.metadata.deletionTimestamp ?? '') === '' &&
      !isUnschedulable(pod) &&
      healthOf(pod, { now: context.now }).status === 'Failed',
  )
  return bad.length > 0 ? failed(`${bad.length} pods have failed`) : undefined
}
