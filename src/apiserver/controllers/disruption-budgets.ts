import { messageOf, rfc3339 } from '../../base/index.ts'
import { isObject, type Json, type JsonObject, type KubeObject } from '../../object/index.ts'
import { scaleOfOwners } from './disruption-scale.ts'
import { type Controller, type Hands, specOf, statusOf } from './hands.ts'
import { parseSelectorObject, selectorText } from './label-selector.ts'
import { conditionsOf, scaled, withCondition } from './parts.ts'
import { isReady, isTerminating, PODS } from './pods.ts'
import { record } from './recorder.ts'

const BUDGETS = 'poddisruptionbudgets.policy'
/** How long a pod may take to go once its eviction was granted. */
const DELETION_MS = 120_000

/**
 * Tells in the status of PodDisruptionBudgets how many of their pods may go.
 * @see kubernetes pkg/controller/disruption (v1.36.3)
 */
export function disruptionController(hands: Hands): Controller {
  return {
    name: 'disruption',
    tables: [BUDGETS, PODS],
    concerns: (event) => {
      if (event.table === BUDGETS) return event.type === 'DELETED' ? [] : [event.key]
      if (hands.core.store.count(BUDGETS) === 0) return []
      const own = budgetsOf(hands, event.object)
      const before = event.previous
      const had =
        before === undefined || before.metadata.labels === event.object.metadata.labels
          ? []
          : budgetsOf(hands, before)
      return [...own, ...had, ...(own.length > 1 ? [`pod ${event.key}`] : [])]
    },
    sync: (key) => {
      if (key.startsWith('pod ')) {
        tellOfMany(hands, key.slice('pod '.length))
        return undefined
      }
      const [namespace = '', name = ''] = key.split('/')
      const budget = hands.get(hands.kind('policy', 'PodDisruptionBudget'), namespace, name)
      return budget === undefined ? undefined : account(hands, budget)
    },
  }
}

/** Keys of the budgets that count a pod. */
function budgetsOf(hands: Hands, pod: KubeObject): string[] {
  const { namespace = '', labels } = pod.metadata
  return hands.core.store.keys(BUDGETS, `${namespace}/`).filter((key) => {
    const budget = hands.core.store.get(BUDGETS, key)
    return budget !== undefined && parseSelectorObject(specOf(budget)['selector'])(labels)
  })
}

function tellOfMany(hands: Hands, key: string): void {
  const [namespace = '', name = ''] = key.split('/')
  const pod = hands.get(hands.kind('', 'Pod'), namespace, name)
  const [first] = pod === undefined ? [] : budgetsOf(hands, pod)
  if (pod === undefined || first === undefined) return
  const chosen = first.slice(first.indexOf('/') + 1)
  tell(hands, pod, 'MultiplePodDisruptionBudgets', {
    message: `Pod "${namespace}"/"${name}" matches multiple PodDisruptionBudgets.  Chose "${chosen}" arbitrarily.`,
  })
}

function tell(
  hands: Hands,
  about: KubeObject,
  reason: string,
  { message, type = 'Warning' }: { readonly message: string; readonly type?: 'Normal' | 'Warning' },
): void {
  record(hands, about, { type, reason, message, component: 'controllermanager' })
}

interface Counted {
  readonly expected: number
  readonly desired: number
  readonly unmanaged: number
}

/** Brings a status up to date; answers when to look again. */
function account(hands: Hands, budget: KubeObject): number | undefined {
  const kind = hands.kind('policy', 'PodDisruptionBudget')
  const matches = parseSelectorObject(specOf(budget)['selector'])
  const pods = hands
    .list(hands.kind('', 'Pod'), budget.metadata.namespace)
    .filter((pod) => matches(pod.metadata.labels))
  if (pods.length === 0)
    tell(hands, budget, 'NoPods', { type: 'Normal', message: 'No matching pods found' })
  const counted = counts(hands, budget, pods)
  if (typeof counted === 'string') {
    tell(hands, budget, 'CalculateExpectedPodCountFailed', {
      message: `Failed to calculate the number of expected pods: ${counted}`,
    })
    hands.setStatus(kind, budget, failed(hands, budget, counted))
    return undefined
  }
  if (counted.unmanaged > 0)
    tell(hands, budget, 'UnmanagedPods', {
      message: `Pods selected by this PodDisruptionBudget (selector: ${selectorText(specOf(budget)['selector'])}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`,
    })
  const { disrupted, again } = disruptedOf(hands, budget, pods)
  const healthy = pods.filter(
    (pod) => !isTerminating(pod) && !(String(pod.metadata.name) in disrupted) && isReady(pod),
  ).length
  hands.setStatus(kind, budget, statusFor(hands, budget, { ...counted, healthy, disrupted }))
  return again
}

function statusFor(
  hands: Hands,
  budget: KubeObject,
  of: Counted & { readonly healthy: number; readonly disrupted: JsonObject },
): JsonObject {
  const allowed = of.expected <= 0 ? 0 : Math.max(0, of.healthy - of.desired)
  const generation = budget.metadata.generation ?? 1
  return {
    conditions: allowanceConditions(budget, {
      now: rfc3339(hands.core.clock.now()),
      allowed,
      generation,
    }),
    currentHealthy: of.healthy,
    desiredHealthy: of.desired,
    ...(Object.keys(of.disrupted).length === 0 ? {} : { disruptedPods: of.disrupted }),
    disruptionsAllowed: allowed,
    expectedPods: of.expected,
    observedGeneration: generation,
  }
}

/** The conditions of a budget that allows so many disruptions. */
export function allowanceConditions(
  budget: KubeObject,
  of: { readonly now: string; readonly allowed: number; readonly generation: number },
): JsonObject[] {
  const condition = {
    type: 'DisruptionAllowed',
    status: of.allowed > 0 ? 'True' : 'False',
    reason: of.allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    message: '',
  } as const
  return observed(budget, condition, of)
}

function observed(
  budget: KubeObject,
  condition: Parameters<typeof withCondition>[1],
  { now, generation }: { readonly now: string; readonly generation: number },
): JsonObject[] {
  return withCondition(conditionsOf(budget), condition, { now }).map((each) =>
    each['type'] === condition.type
      ? { ...each, message: condition.message ?? '', observedGeneration: generation }
      : each,
  )
}

/** What can not be counted is not allowed. */
function failed(hands: Hands, budget: KubeObject, message: string): JsonObject {
  const now = rfc3339(hands.core.clock.now())
  const condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    reason: 'SyncFailed',
    message,
  } as const
  const { observedGeneration = 0 } = statusOf(budget)
  const conditions = observed(budget, condition, { now, generation: Number(observedGeneration) })
  const none = { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }
  return { ...none, ...statusOf(budget), disruptionsAllowed: 0, conditions }
}

/** How many pods there should be and how many of them healthy; a text tells why that is not known. */
function counts(hands: Hands, budget: KubeObject, pods: readonly KubeObject[]): Counted | string {
  const { minAvailable: min, maxUnavailable: max } = specOf(budget)
  if (max === undefined && typeof min !== 'string') {
    const desired = min === undefined ? 1 : Number(min)
    return { expected: pods.length, desired, unmanaged: 0 }
  }
  try {
    const { expected, unmanaged } = scaleOfOwners(hands, pods)
    const desired =
      max === undefined
        ? scaled(min, expected, 'up')
        : Math.max(0, expected - scaled(max, expected, 'up'))
    return { expected, desired, unmanaged }
  } catch (error) {
    return messageOf(error)
  }
}

/** Pods whose eviction was granted and that are still there, and when to look for them again. */
function disruptedOf(
  hands: Hands,
  budget: KubeObject,
  pods: readonly KubeObject[],
): { readonly disrupted: JsonObject; readonly again: number | undefined } {
  const { disruptedPods } = statusOf(budget)
  const had = isObject(disruptedPods) ? disruptedPods : {}
  const now = hands.core.clock.now()
  const disrupted: Record<string, Json> = {}
  let again: number | undefined
  for (const pod of pods) {
    const at = had[String(pod.metadata.name)]
    if (isTerminating(pod) || at === undefined) continue
    const left = Date.parse(String(at)) + DELETION_MS - now
    if (left < 0) {
      const { namespace } = budget.metadata
      const message = `Pod was expected by PDB ${namespace}/${namespace} to be deleted but it wasn't`
      tell(hands, pod, 'NotDeleted', { message })
      continue
    }
    disrupted[String(pod.metadata.name)] = at
    again = Math.min(again ?? left + 1, left + 1)
  }
  return { disrupted, again }
}
