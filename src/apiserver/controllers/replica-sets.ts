import { rfc3339 } from '../../base/index.ts'
import type { JsonObject, KubeObject } from '../../object/index.ts'
import { StatusFault } from '../status.ts'
import { childrenOf, ownersConcerned, selectorOf } from './adoption.ts'
import { type Controller, type Hands, specOf } from './hands.ts'
import { parseLabels } from './label-selector.ts'
import { controllerOf } from './owners.ts'
import { conditionsOf, withCondition, withoutEmpty } from './parts.ts'
import {
  countPods,
  createPod,
  deletePod,
  isActive,
  isEnding,
  isTerminating,
  leastUseful,
  minReadyOf,
  PODS,
  podsOf,
} from './pods.ts'
import { replicasOf } from './rollout.ts'

/** Most pods created or deleted at one look. */
const BURST = 500

interface Kept {
  readonly group: string
  readonly kind: string
  readonly table: string
}

/**
 * Keeps the number of pods of ReplicaSets and ReplicationControllers.
 * @see kubernetes pkg/controller/replicaset (v1.36)
 */
export function replicaSetController(hands: Hands, of: Kept): Controller {
  return {
    name: of.kind.toLowerCase(),
    tables: [of.table, PODS],
    concerns: (event) => {
      if (event.table === of.table) return event.type === 'DELETED' ? [] : [event.key]
      return ownersConcerned(hands, event, of)
    },
    sync: (key) => {
      const [namespace = '', name = ''] = key.split('/')
      const set = hands.get(hands.kind(of.group, of.kind), namespace, name)
      return set === undefined ? undefined : replicate(hands, set, of)
    },
  }
}

function replicate(hands: Hands, set: KubeObject, of: Kept): number | undefined {
  const claimed = childrenOf(hands, hands.kind('', 'Pod'), set)
  const before = claimed.filter(isActive)
  const failure =
    set.metadata.deletionTimestamp === undefined ? level(hands, set, before) : undefined
  const selects = selectorOf(set)
  const all = podsOf(hands, set).filter((pod) => selects(pod.metadata.labels))
  const active = all.filter(isActive)
  const now = hands.core.clock.now()
  const counts = countPods(active, minReadyOf(set), now)
  const template = (specOf(set)['template'] ?? {}) as { metadata?: { labels?: JsonObject } }
  const labelled = parseLabels(template.metadata?.labels ?? {})
  const terminating =
    of.kind === 'ReplicaSet' ? { terminatingReplicas: all.filter(isTerminating).length } : {}
  const missing = before.length < replicasOf(set)
  hands.setStatus(hands.kind(of.group, of.kind), set, {
    ...withoutEmpty({
      fullyLabeledReplicas: active.filter((pod) => labelled(pod.metadata.labels)).length,
      readyReplicas: counts.ready,
      availableReplicas: counts.available,
      observedGeneration: set.metadata.generation,
      conditions: conditionsFor(set, failure, { missing, now: rfc3339(now) }),
    }),
    replicas: active.length,
    ...terminating,
  })
  if (failure !== undefined) throw failure
  return counts.again
}

/** A failure stays as it was told first, until there is none. */
function conditionsFor(
  set: KubeObject,
  failure: StatusFault | undefined,
  { missing, now }: { readonly missing: boolean; readonly now: string },
): JsonObject[] {
  const conditions = conditionsOf(set)
  const had = conditions.some(({ type }) => type === 'ReplicaFailure')
  if (failure === undefined) return conditions.filter(({ type }) => type !== 'ReplicaFailure')
  if (had) return conditions
  const condition = {
    type: 'ReplicaFailure',
    status: 'True',
    reason: missing ? 'FailedCreate' : 'FailedDelete',
    message: failure.message,
  } as const
  return withCondition(conditions, condition, { now })
}

/** Creates or deletes pods; answers what refused it. */
function level(
  hands: Hands,
  set: KubeObject,
  active: readonly KubeObject[],
): StatusFault | undefined {
  const missing = replicasOf(set) - active.length
  try {
    for (let i = 0; i < Math.min(missing, BURST); i += 1) createPod(hands, set)
    if (missing >= 0) return undefined
    for (const pod of surplus(hands, set, active, -missing)) deletePod(hands, set, pod)
    return undefined
  } catch (error) {
    if (!(error instanceof StatusFault)) throw error
    return isEnding(hands, set) ? undefined : error
  }
}

function surplus(
  hands: Hands,
  set: KubeObject,
  active: readonly KubeObject[],
  count: number,
): readonly KubeObject[] {
  if (count >= active.length) return active.slice(0, BURST)
  const owner = controllerOf(set)
  const siblings =
    owner === undefined
      ? [set]
      : hands
          .list(hands.kind('apps', 'ReplicaSet'), set.metadata.namespace ?? '')
          .filter((each) => controllerOf(each)?.uid === owner.uid)
  const related = siblings.flatMap((each) => podsOf(hands, each)).filter(isActive)
  return leastUseful(active, related, hands.core.clock.now()).slice(0, Math.min(count, BURST))
}
