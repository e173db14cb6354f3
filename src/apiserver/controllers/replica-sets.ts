import type { JsonObject, KubeObject } from '../../object/index.ts'
import { childrenOf } from './adoption.ts'
import { type Controller, type Hands, specOf, statusOf } from './hands.ts'
import { parseSelectorObject } from './label-selector.ts'
import { controllerOf } from './owners.ts'
import { withoutEmpty } from './parts.ts'
import {
  countPods,
  createPod,
  isActive,
  isTerminating,
  leastUseful,
  minReadyOf,
  PODS,
  podsOf,
} from './pods.ts'
import { replicasOf } from './rollout.ts'

/** Most pods created at one look. */
const BURST = 500

/**
 * Keeps the number of pods of ReplicaSets and ReplicationControllers.
 * @see kubernetes pkg/controller/replicaset (v1.36)
 */
export function replicaSetController(
  hands: Hands,
  of: { readonly group: string; readonly kind: string; readonly table: string },
): Controller {
  return {
    name: of.kind.toLowerCase(),
    concerns: (event) => {
      if (event.table === of.table) return event.type === 'DELETED' ? [] : [event.key]
      if (event.table !== PODS) return []
      const owner = controllerOf(event.object)
      return owner?.kind === of.kind ? [`${event.object.metadata.namespace}/${owner.name}`] : []
    },
    sync: (key) => {
      const [namespace = '', name = ''] = key.split('/')
      const set = hands.get(hands.kind(of.group, of.kind), namespace, name)
      return set === undefined ? undefined : replicate(hands, set, of)
    },
  }
}

function replicate(
  hands: Hands,
  set: KubeObject,
  of: { readonly group: string; readonly kind: string },
): number | undefined {
  if (set.metadata.deletionTimestamp === undefined) level(hands, set)
  const all = podsOf(hands, set)
  const active = all.filter(isActive)
  const now = hands.core.clock.now()
  const counts = countPods(active, minReadyOf(set), now)
  const template = (specOf(set)['template'] ?? {}) as { metadata?: { labels?: JsonObject } }
  const labelled = parseSelectorObject({ matchLabels: template.metadata?.labels ?? {} })
  const status = withoutEmpty({
    replicas: active.length,
    fullyLabeledReplicas: active.filter((pod) => labelled(pod.metadata.labels)).length,
    readyReplicas: counts.ready,
    availableReplicas: counts.available,
    observedGeneration: set.metadata.generation,
    conditions: statusOf(set)['conditions'],
  })
  const terminating =
    of.kind === 'ReplicaSet' ? { terminatingReplicas: all.filter(isTerminating).length } : {}
  hands.setStatus(hands.kind(of.group, of.kind), set, {
    ...status,
    replicas: active.length,
    ...terminating,
  })
  return counts.again
}

function level(hands: Hands, set: KubeObject): void {
  const active = childrenOf(hands, hands.kind('', 'Pod'), set, isActive).filter(isActive)
  const missing = replicasOf(set) - active.length
  for (let i = 0; i < Math.min(missing, BURST); i += 1) createPod(hands, set)
  for (const pod of leastUseful(active).slice(0, Math.max(0, -missing)))
    hands.remove(hands.kind('', 'Pod'), pod)
}
