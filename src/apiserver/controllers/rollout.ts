import type { JsonObject, KubeObject } from '../../object/index.ts'
import { numberIn, specOf } from './hands.ts'
import { scaled } from './parts.ts'

/** The ReplicaSets of a Deployment, oldest first. */
export interface Sets {
  readonly deployment: KubeObject
  /** The one with the template of now; undefined until it is created. */
  readonly current: KubeObject | undefined
  readonly old: readonly KubeObject[]
}

/** `spec.replicas`, 1 when it is not said. */
export function replicasOf(object: KubeObject): number {
  return numberIn(specOf(object), 'replicas', 1)
}

function rollingOf(deployment: KubeObject): JsonObject | undefined {
  const strategy = (specOf(deployment)['strategy'] ?? {}) as JsonObject
  if (strategy['type'] === 'Recreate') return undefined
  return (strategy['rollingUpdate'] ?? { maxSurge: '25%', maxUnavailable: '25%' }) as JsonObject
}

/** How many replicas there may be beside those wanted during a rollout. */
export function surgeOf(deployment: KubeObject): number {
  return scaled(rollingOf(deployment)?.['maxSurge'], replicasOf(deployment), 'up')
}

/** How many replicas may be missing during a rollout. */
export function unavailableMax(deployment: KubeObject): number {
  const rolling = rollingOf(deployment)
  const replicas = replicasOf(deployment)
  if (rolling === undefined || replicas === 0) return 0
  const missing = scaled(rolling['maxUnavailable'], replicas, 'down')
  if (missing === 0 && surgeOf(deployment) === 0) return 1
  return Math.min(missing, replicas)
}

/** Whether progress is to be made within some time; the largest number means that it is not. */
export function hasDeadline(deployment: KubeObject): boolean {
  return numberIn(specOf(deployment), 'progressDeadlineSeconds', 600) !== 2147483647
}

/** Whether a status tells of a rollout that has ended. */
export function isComplete(deployment: KubeObject, status: JsonObject): boolean {
  const wanted = replicasOf(deployment)
  return (
    ['updatedReplicas', 'replicas', 'availableReplicas'].every(
      (key) => numberIn(status, key, 0) === wanted,
    ) && numberIn(status, 'observedGeneration', 0) >= (deployment.metadata.generation ?? 0)
  )
}
