import { isObject, type Json, type JsonObject, type KubeObject } from '../../object/index.ts'
import { statusOf } from './hands.ts'

/** A condition of a status. */
export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason?: string
  readonly message?: string
}

/** The conditions of an object's status. */
export function conditionsOf(object: KubeObject): JsonObject[] {
  const conditions = statusOf(object)['conditions']
  return Array.isArray(conditions) ? conditions.filter(isObject) : []
}

/** The condition of a type. */
export function conditionOf(object: KubeObject, type: string): JsonObject | undefined {
  return conditionsOf(object).find((each) => each['type'] === type)
}

/** Says whether a condition is True. */
export function isTrueOf(object: KubeObject, type: string): boolean {
  return conditionOf(object, type)?.['status'] === 'True'
}

/**
 * Puts a condition into a list: the time of the transition moves only with the status, and a
 * condition that says the same already stays as it is.
 */
export function withCondition(
  conditions: readonly JsonObject[],
  condition: Condition,
  options: { readonly now: string; readonly touch?: 'lastUpdateTime' | 'lastProbeTime' },
): JsonObject[] {
  const { now, touch } = options
  const had = conditions.find((each) => each['type'] === condition.type)
  if (had?.['status'] === condition.status && had['reason'] === condition.reason)
    return [...conditions]
  const kept = had?.['status'] === condition.status ? had['lastTransitionTime'] : undefined
  const next: JsonObject = {
    ...condition,
    ...(touch === undefined ? {} : { [touch]: touch === 'lastProbeTime' ? null : now }),
    lastTransitionTime: kept ?? now,
  }
  return [...conditions.filter((each) => each !== had), next]
}

/** A JSON object without what Go leaves out: zeros, empty texts and lists, undefined. */
export function withoutEmpty(value: Readonly<Record<string, Json | undefined>>): JsonObject {
  const kept = Object.entries(value).filter(
    ([, each]) =>
      each !== undefined &&
      each !== 0 &&
      each !== '' &&
      !(Array.isArray(each) && each.length === 0),
  )
  return Object.fromEntries(kept)
}

/** A number or percentage of a total, as `maxSurge` has it. */
export function scaled(value: Json | undefined, total: number, round: 'up' | 'down'): number {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || !/^\d+%$/.test(value)) return 0
  const share = (Number(value.slice(0, -1)) * total) / 100
  return round === 'up' ? Math.ceil(share) : Math.floor(share)
}

/** Annotation that makes a workload fail on purpose. */
export const SIMULATE = 'tidegate.dev/simulate'

/** A pod template's metadata and spec as those of a pod, with the failure asked for by its owner. */
export function podFrom(
  owner: KubeObject,
  template: JsonObject,
  metadata: JsonObject,
): { readonly metadata: JsonObject; readonly spec: JsonObject } {
  const own = isObject(template['metadata']) ? template['metadata'] : {}
  const labels = isObject(own['labels']) ? own['labels'] : {}
  const annotations = isObject(own['annotations']) ? own['annotations'] : {}
  const simulate = owner.metadata.annotations?.[SIMULATE]
  const more = isObject(metadata['labels']) ? metadata['labels'] : {}
  const notes = {
    ...(simulate === undefined ? {} : { [SIMULATE]: simulate }),
    ...annotations,
    ...(isObject(metadata['annotations']) ? metadata['annotations'] : {}),
  }
  const finalizers = own['finalizers']
  return {
    metadata: {
      ...(finalizers === undefined ? {} : { finalizers }),
      ...metadata,
      labels: { ...labels, ...more },
      ...(Object.keys(notes).length === 0 ? {} : { annotations: notes }),
    },
    spec: (isObject(template['spec']) ? template['spec'] : {}) as JsonObject,
  }
}
