import { rfc3339 } from '../base/index.ts'
import { isArray, isObject, type Json, type JsonObject, type KubeObject } from '../object/index.ts'
import { type Ask, isDryRun } from './ask.ts'
import { allowanceConditions } from './controllers/disruption-budgets.ts'
import { parseSelectorObject } from './controllers/label-selector.ts'
import type { Core } from './core.ts'
import { removeObject } from './delete-object.ts'
import { checkRemoval, removalFrom } from './delete-options.ts'
import { liveObject } from './read.ts'
import { badRequest, StatusFault } from './status.ts'
import { replaceObject } from './writes.ts'

const BUDGETS = 'poddisruptionbudgets.policy'

/**
 * Evicts a pod, unless that would leave fewer than its disruption budget allows.
 * @throws StatusFault 400, 404, 429, 500
 * @see kubernetes pkg/registry/core/pod/storage/eviction.go (v1.36.3)
 */
export function evict(core: Core, ask: Ask, body: KubeObject): void {
  const { name = '' } = body.metadata
  if (name !== ask.name) throw badRequest('name in URL does not match name in Eviction object')
  const pod = liveObject(core, ask)
  const options = isObject(body['deleteOptions']) ? body['deleteOptions'] : {}
  checkDryRun(ask, options['dryRun'])
  checkRemoval(options)
  const removal = removalFrom(options)
  const dryRun = isDryRun(ask) || removal.dryRun
  if (!mayGoAnyway(pod)) takeFromBudget(core, ask, pod, dryRun)
  const told = dryRun ? pod : withCondition(core, ask, pod)
  const { resourceVersion: _, ...rest } = removal
  removeObject(core, ask.kind, told, { ...rest, dryRun })
}

/** Who asks for a trial twice has to ask for the same. */
function checkDryRun({ query }: Ask, given: Json | undefined): void {
  const asked = query.getAll('dryRun')
  if (!isArray(given) || given.length === 0 || asked.length === 0) return
  if (given.join() === asked.join()) return
  const message = `Non-matching dry-run options in request and content: [${asked.join(' ')}] and [${given.join(' ')}]`
  throw new StatusFault({ code: 500, reason: '', message })
}

/** What does not serve yet, or not any more, disrupts nobody. */
function mayGoAnyway(pod: KubeObject): boolean {
  const { phase } = objectAt(pod['status'])
  return (
    pod.metadata.deletionTimestamp !== undefined ||
    phase === 'Succeeded' ||
    phase === 'Failed' ||
    phase === 'Pending' ||
    phase === undefined
  )
}

/** Takes the eviction of a pod from what its budget allows. */
function takeFromBudget(core: Core, ask: Ask, pod: KubeObject, dryRun: boolean): void {
  const prefix = `${pod.metadata.namespace ?? ''}/`
  const budgets = [...core.store.list(BUDGETS, prefix)].filter((budget) =>
    parseSelectorObject(objectAt(budget['spec'])['selector'])(pod.metadata.labels),
  )
  const [budget, other] = budgets
  if (other !== undefined)
    throw new StatusFault({
      code: 500,
      reason: '',
      message:
        'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    })
  if (budget === undefined) return
  const status = objectAt(budget['status'])
  const healthy = Number(status['currentHealthy'] ?? 0)
  const desired = Number(status['desiredHealthy'] ?? 0)
  const policy = objectAt(budget['spec'])['unhealthyPodEvictionPolicy']
  const isEnough = policy === 'AlwaysAllow' || (healthy >= desired && desired > 0)
  if (!isReady(pod) && isEnough) return
  const of = `The disruption budget ${budget.metadata.name ?? ''}`
  if (Number(status['observedGeneration'] ?? 0) < (budget.metadata.generation ?? 0))
    throw tooMany(`${of} is still being processed by the server.`, RETRY_S)
  const disrupted = objectAt(status['disruptedPods'])
  if (Object.keys(disrupted).length > DISRUPTED_MAX)
    throw forbiddenBudget(
      budget,
      'DisruptedPods map too big - too many evictions not confirmed by PDB controller',
    )
  const allowed = Number(status['disruptionsAllowed'] ?? 0)
  if (allowed <= 0) throw tooMany(whyNot(of, budget, { healthy, desired }))
  if (!dryRun) granted(core, ask, { budget, pod, allowed: allowed - 1 })
}

/** Evictions of one budget that are not confirmed yet. */
const DISRUPTED_MAX = 2000

function forbiddenBudget(budget: KubeObject, why: string): StatusFault {
  const { name = '' } = budget.metadata
  return new StatusFault({
    code: 403,
    reason: 'Forbidden',
    message: `poddisruptionbudget.policy "${name}" is forbidden: ${why}`,
    details: { name, group: 'policy', kind: 'poddisruptionbudget' },
  })
}

function whyNot(
  of: string,
  budget: KubeObject,
  { healthy, desired }: { readonly healthy: number; readonly desired: number },
): string {
  const condition = conditionsOf(budget).find((each) => each['type'] === 'DisruptionAllowed')
  const message = condition?.['status'] === 'False' ? String(condition['message'] ?? '') : ''
  const reason = String(condition?.['reason'] ?? '')
  if (message !== '' && reason === 'SyncFailed')
    return `${of} does not allow evicting pods currently because it failed sync: ${message}`
  if (healthy <= desired) return `${of} needs ${desired} healthy pods and has ${healthy} currently`
  const why = message === '' ? '' : ` (${reason}): ${message}`
  return `${of} does not allow evicting pods currently${why}`
}

/** Until the budget is counted again it knows of the eviction. */
function granted(
  core: Core,
  { user }: Ask,
  of: { readonly budget: KubeObject; readonly pod: KubeObject; readonly allowed: number },
): void {
  const { budget, pod, allowed } = of
  const kind = core.registry.byKind('policy', 'PodDisruptionBudget')
  if (kind === undefined) return
  const { namespace = '', name = '', generation = 1 } = budget.metadata
  const now = rfc3339(core.clock.now())
  const status = objectAt(budget['status'])
  const next = {
    ...budget,
    status: {
      ...status,
      ...(allowed === 0
        ? { conditions: allowanceConditions(budget, { now, allowed, generation }) }
        : {}),
      disruptionsAllowed: allowed,
      disruptedPods: { ...objectAt(status['disruptedPods']), [pod.metadata.name ?? '']: now },
    },
  }
  const manager = 'kube-apiserver'
  const write = { kind, namespace, name, subresource: 'status', manager, user, dryRun: false }
  replaceObject(core, write, budget, next)
}

const RETRY_S = 10

function tooMany(message: string, retryAfterSeconds?: number): StatusFault {
  return new StatusFault({
    code: 429,
    reason: 'TooManyRequests',
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    details: {
      causes: [{ reason: 'DisruptionBudget', message }],
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    },
  })
}

function conditionsOf(pod: KubeObject): JsonObject[] {
  const { conditions } = objectAt(pod['status'])
  return isArray(conditions) ? conditions.filter(isObject) : []
}

function isReady(pod: KubeObject): boolean {
  return conditionsOf(pod).some((each) => each['type'] === 'Ready' && each['status'] === 'True')
}

/** The pod says why it goes. */
function withCondition(core: Core, ask: Ask, pod: KubeObject): KubeObject {
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: rfc3339(core.clock.now()),
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  }
  const others = conditionsOf(pod).filter((each) => each['type'] !== condition.type)
  const next = {
    ...pod,
    status: { ...objectAt(pod['status']), conditions: [...others, condition] },
  }
  const { kind, namespace, name, user } = ask
  const write = { kind, namespace, name, subresource: 'status', manager: '', user, dryRun: false }
  return replaceObject(core, { ...write, tracked: true }, pod, next).object
}

function objectAt(value: unknown): JsonObject {
  return isObject(value as JsonObject) ? (value as JsonObject) : {}
}
