import { rfc3339 } from '../../base/index.ts'
import {
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  sameJson,
} from '../../object/index.ts'
import { type Controller, type Hands, numberIn, specOf, statusOf } from './hands.ts'
import { parseSelectorObject } from './label-selector.ts'
import { controllerOf } from './owners.ts'
import { conditionsOf, scaled, withCondition } from './parts.ts'
import { isActive, isReady, PODS } from './pods.ts'

const BUDGETS = 'poddisruptionbudgets.policy'

/**
 * Tells in the status of PodDisruptionBudgets how many of their pods may go.
 * @see kubernetes pkg/controller/disruption (v1.36)
 */
export function disruptionController(hands: Hands): Controller {
  return {
    name: 'disruption',
    tables: [BUDGETS, PODS],
    concerns: (event) => {
      if (event.table === BUDGETS) return event.type === 'DELETED' ? [] : [event.key]
      if (event.table !== PODS || hands.core.store.count(BUDGETS) === 0) return []
      const { namespace = '' } = event.object.metadata
      return hands.core.store.keys(BUDGETS, `${namespace}/`)
    },
    sync: (key) => {
      const [namespace = '', name = ''] = key.split('/')
      const kind = hands.kind('policy', 'PodDisruptionBudget')
      const budget = hands.get(kind, namespace, name)
      if (budget === undefined) return undefined
      const status = statusFor(hands, budget)
      if (!sameJson(statusOf(budget), status)) hands.setStatus(kind, budget, status)
      return undefined
    },
  }
}

function statusFor(hands: Hands, budget: KubeObject): JsonObject {
  const { selector, minAvailable, maxUnavailable } = specOf(budget)
  const matches = parseSelectorObject(selector)
  const pods = hands
    .list(hands.kind('', 'Pod'), budget.metadata.namespace)
    .filter((pod) => matches(pod.metadata.labels) && isActive(pod))
  const healthy = pods.filter(isReady).length
  const expected = expectedOf(hands, pods, minAvailable, maxUnavailable)
  const desired = desiredOf(expected, minAvailable, maxUnavailable)
  const allowed = expected === 0 ? 0 : Math.max(0, healthy - desired)
  const now = rfc3339(hands.core.clock.now())
  const condition = {
    type: 'DisruptionAllowed',
    status: allowed > 0 ? 'True' : 'False',
    reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    message: '',
  } as const
  const generation = budget.metadata.generation ?? 1
  return {
    conditions: withCondition(conditionsOf(budget), condition, { now }).map((each) =>
      each['type'] === condition.type ? { ...each, observedGeneration: generation } : each,
    ),
    currentHealthy: healthy,
    desiredHealthy: desired,
    disruptionsAllowed: allowed,
    expectedPods: expected,
    observedGeneration: generation,
  }
}

/** How many pods there should be: as many as are there, or as their owners want. */
function expectedOf(
  hands: Hands,
  pods: readonly KubeObject[],
  min: Json | undefined,
  max: Json | undefined,
): number {
  if (max === undefined && typeof min !== 'string') return pods.length
  const owners = new Map<string, number>()
  for (const pod of pods) {
    const owner = controllerOf(pod)
    if (owner === undefined) continue
    const kind = hands.core.registry.byKind(owner.apiVersion.split('/')[0] ?? '', owner.kind)
    const found =
      kind === undefined ? undefined : hands.get(kind, pod.metadata.namespace ?? '', owner.name)
    if (found !== undefined) owners.set(owner.uid, numberIn(specOf(found), 'replicas', 1))
  }
  return [...owners.values()].reduce((sum, each) => sum + each, 0)
}

function desiredOf(expected: number, min: Json | undefined, max: Json | undefined): number {
  if (max !== undefined) return Math.max(0, expected - scaled(max, expected, 'up'))
  if (min === undefined) return Math.max(0, expected - 1)
  return isObject(min) ? 0 : scaled(min, expected, 'up')
}
