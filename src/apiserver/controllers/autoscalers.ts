import { compareText, messageOf, rfc3339 } from '../../base/index.ts'
import {
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  sameJson,
} from '../../object/index.ts'
import type { Kind } from '../kind.ts'
import { scaleOf } from '../scale.ts'
import { StatusFault } from '../status.ts'
import { objectsIn } from './endpoint-parts.ts'
import { type Controller, type Hands, numberIn, specOf, statusOf } from './hands.ts'
import { failureOf } from './metric-failures.ts'
import { conditionsOf } from './parts.ts'
import { record } from './recorder.ts'

const AUTOSCALERS = 'horizontalpodautoscalers.autoscaling'
/** How often an autoscaler looks at what it scales. */
const PERIOD_MS = 15_000

/**
 * Keeps what is autoscaled within its bounds. Nobody serves metrics here, so that is all, and conditions
 * and Events say so, as on a cluster without a metrics server. An autoscaler with nothing new to say
 * rests until it or its target changes, where the real one repeats its Events every 15 s.
 * @see kubernetes pkg/controller/podautoscaler/horizontal.go (v1.36.3)
 */
export function autoscalerController(hands: Hands): Controller {
  const { store } = hands.core
  const due = new Map<string, number>()
  const rest = new Map<string, number>()
  return {
    name: 'horizontal-pod-autoscaler',
    concerns: ({ table, type, key, object }) => {
      if (table === AUTOSCALERS) {
        if (type !== 'DELETED') return [key]
        due.delete(key)
        rest.delete(key)
        return []
      }
      const { namespace = '', name } = object.metadata
      if (store.count(AUTOSCALERS) === 0 || namespace === '') return []
      return store.keys(AUTOSCALERS, `${namespace}/`).filter((each) => {
        const { scaleTargetRef } = specOf(store.get(AUTOSCALERS, each) ?? object)
        return (
          isObject(scaleTargetRef) &&
          scaleTargetRef['kind'] === object.kind &&
          scaleTargetRef['name'] === name
        )
      })
    },
    sync: (key) => {
      const [namespace = '', name = ''] = key.split('/')
      const scaler = hands.get(kindOf(hands), namespace, name)
      if (scaler === undefined) return undefined
      const now = hands.core.clock.now()
      const at = due.get(key) ?? Math.max(now, (rest.get(key) ?? now) + PERIOD_MS)
      due.set(key, at)
      if (now < at) return at - now
      due.delete(key)
      rest.set(key, now)
      // What was changed is looked at once more, as the next time that comes round.
      return look(hands, scaler) ? PERIOD_MS : undefined
    },
  }
}

function kindOf(hands: Hands): Kind {
  return hands.kind('autoscaling', 'HorizontalPodAutoscaler')
}

interface Look {
  readonly hands: Hands
  readonly scaler: KubeObject
  conditions: JsonObject[]
}

interface Target {
  readonly kind: Kind
  readonly live: KubeObject
}

/** Looks at a target once; answers whether anything came of it. */
function look(hands: Hands, scaler: KubeObject): boolean {
  const at: Look = { hands, scaler, conditions: conditionsOf(scaler) }
  const target = targetOf(hands, scaler)
  if (typeof target === 'string') {
    tell(at, 'FailedGetScale', target)
    const message = `the HPA controller was unable to get the target's current scale: ${target}`
    say(at, 'AbleToScale', { status: 'False', reason: 'FailedGetScale', message })
    return write(at, { ...statusOf(scaler) })
  }
  say(at, 'AbleToScale', {
    status: 'True',
    reason: 'SucceededGetScale',
    message: "the HPA controller was able to get the target's current scale",
  })
  const current = numberIn(specOf(scaleOf(target.kind, target.live)), 'replicas', 0)
  const { minReplicas = 1, maxReplicas = 1 } = specOf(scaler)
  if (current === 0) return disabled(at)
  if (current > Number(maxReplicas))
    return rescale(at, target, {
      current,
      wanted: Number(maxReplicas),
      reason: 'Current number of replicas above Spec.MaxReplicas',
    })
  if (current < Number(minReplicas))
    return rescale(at, target, {
      current,
      wanted: Number(minReplicas),
      reason: 'Current number of replicas below Spec.MinReplicas',
    })
  return withoutMetrics(at, target, current)
}

/** What is scaled, or why it can not be. */
function targetOf(hands: Hands, scaler: KubeObject): Target | string {
  const reference = specOf(scaler)['scaleTargetRef']
  const { apiVersion = '', kind: name = '', name: of = '' } = isObject(reference) ? reference : {}
  const version = String(apiVersion)
  const group = version.includes('/') ? (version.split('/')[0] ?? '') : ''
  const kind = hands.core.registry.byKind(group, String(name))
  if (kind === undefined) return `no matches for kind "${String(name)}" in group "${group}"`
  if (!kind.subresources.some((part) => part.name === 'scale'))
    return 'the server could not find the requested resource'
  const live = hands.get(kind, scaler.metadata.namespace ?? '', String(of))
  return live === undefined
    ? `${kind.plural}.${kind.group} "${String(of)}" not found`
    : { kind, live }
}

function disabled(at: Look): boolean {
  say(at, 'ScalingActive', {
    status: 'False',
    reason: 'ScalingDisabled',
    message: 'scaling is disabled since the replica count of the target is zero',
  })
  return write(at, counted(at, { current: 0, desired: 0, metrics: null }))
}

function rescale(
  at: Look,
  { kind, live }: Target,
  to: { readonly current: number; readonly wanted: number; readonly reason: string },
): boolean {
  const { hands } = at
  const { current, wanted, reason } = to
  try {
    hands.update(kind, live, withReplicas(kind, live, wanted), 'scale')
  } catch (error) {
    if (!(error instanceof StatusFault)) throw error
    const why = messageOf(error)
    tell(at, 'FailedRescale', `New size: ${wanted}; reason: ${reason}; error: ${why}`)
    const message = `the HPA controller was unable to update the target scale: ${why}`
    say(at, 'AbleToScale', { status: 'False', reason: 'FailedUpdateScale', message })
    const { desiredReplicas = 0 } = statusOf(at.scaler)
    return write(at, counted(at, { current, desired: Number(desiredReplicas), metrics: null }))
  }
  const message = `the HPA controller was able to update the target scale to ${wanted}`
  say(at, 'AbleToScale', { status: 'True', reason: 'SucceededRescale', message })
  tell(at, 'SuccessfulRescale', `New size: ${wanted}; reason: ${reason}`)
  const lastScaleTime = rfc3339(hands.core.clock.now())
  const status = counted(at, { current, desired: wanted, metrics: null })
  return write(at, { ...status, lastScaleTime })
}

/** Each metric is asked for, and none is there. */
function withoutMetrics(at: Look, { kind, live }: Target, current: number): boolean {
  const { scaler } = at
  const { desiredReplicas = 0, metrics: _ } = statusOf(scaler)
  const keep = (metrics: Json): JsonObject =>
    counted(at, { current, desired: Number(desiredReplicas), metrics })
  const { selector = '' } = statusOf(scaleOf(kind, live))
  const unfit = wrongSelector(at, kind, String(selector))
  if (unfit !== undefined) {
    const isChanged = write(at, keep(null))
    tell(at, 'FailedComputeMetricsReplicas', unfit)
    return isChanged
  }
  const wanted = objectsIn(specOf(scaler)['metrics'])
  const failures = wanted.map((each) => failureOf(each, scaler.metadata.namespace ?? ''))
  for (const { reason, message } of failures) tell(at, reason, message)
  const [first] = failures
  if (first !== undefined) {
    const message = `the HPA was unable to compute the replica count: ${first.message}`
    say(at, 'ScalingActive', { status: 'False', reason: first.reason, message })
  }
  const isChanged = write(at, keep(wanted.map(() => ({ type: '' }))))
  if (first !== undefined) {
    const count = `${failures.length} invalid out of ${wanted.length}`
    const message = `invalid metrics (${count}), first error is: ${first.error}`
    tell(at, 'FailedComputeMetricsReplicas', message)
  }
  return isChanged
}

/** Why the pods of a target can not be told from others; undefined when they can. */
function wrongSelector(at: Look, kind: Kind, selector: string): string | undefined {
  if (selector === '') {
    tell(at, 'SelectorRequired', 'selector is required')
    const message = "the HPA target's scale is missing a selector"
    say(at, 'ScalingActive', { status: 'False', reason: 'InvalidSelector', message })
    return 'selector is required'
  }
  const { hands, scaler } = at
  const { namespace = '', name = '' } = scaler.metadata
  const target = JSON.stringify(specOf(scaler)['scaleTargetRef'])
  const others = hands
    .list(kindOf(hands), namespace)
    .filter((each) => JSON.stringify(specOf(each)['scaleTargetRef']) === target)
    .map((each) => `${namespace}/${each.metadata.name}`)
    .sort(compareText)
  if (others.length < 2 || kind.namespaced === false || name === '') return undefined
  const message = `pods by selector ${selector} are controlled by multiple HPAs: [${others.join(' ')}]`
  tell(at, 'AmbiguousSelector', message)
  say(at, 'ScalingActive', { status: 'False', reason: 'AmbiguousSelector', message })
  return message
}

function counted(
  { scaler }: Look,
  of: { readonly current: number; readonly desired: number; readonly metrics: Json },
): JsonObject {
  const { lastScaleTime } = statusOf(scaler)
  return {
    ...(of.current === 0 ? {} : { currentReplicas: of.current }),
    desiredReplicas: of.desired,
    ...(lastScaleTime === undefined ? {} : { lastScaleTime }),
    currentMetrics: of.metrics,
  }
}

function say(
  at: Look,
  type: string,
  of: { readonly status: string; readonly reason: string; readonly message: string },
): void {
  const had = at.conditions.find((each) => each['type'] === type)
  const now = rfc3339(at.hands.core.clock.now())
  const lastTransitionTime = had?.['status'] === of.status ? had['lastTransitionTime'] : now
  const next: JsonObject = { type, ...of, lastTransitionTime: lastTransitionTime ?? now }
  at.conditions =
    had === undefined
      ? [...at.conditions, next]
      : at.conditions.map((each) => (each === had ? next : each))
}

function tell(at: Look, reason: string, message: string): void {
  const type = reason === 'SuccessfulRescale' ? 'Normal' : 'Warning'
  record(at.hands, at.scaler, { type, reason, message, component: 'horizontal-pod-autoscaler' })
}

/** Writes a status; answers whether it was another one. */
function write({ hands, scaler, conditions }: Look, status: JsonObject): boolean {
  const next: JsonObject = { desiredReplicas: 0, currentMetrics: null, ...status, conditions }
  if (sameJson(statusOf(scaler), next)) return false
  hands.setStatus(kindOf(hands), scaler, next)
  return true
}

/** An object with another number of replicas where its kind has that. */
function withReplicas(kind: Kind, live: KubeObject, replicas: number): KubeObject {
  const path = (kind.custom?.scale?.specReplicasPath ?? '.spec.replicas').slice(1).split('.')
  return set(live as unknown as JsonObject, path, replicas) as unknown as KubeObject
}

function set(value: JsonObject, [head = '', ...rest]: readonly string[], leaf: Json): JsonObject {
  const child = value[head]
  return {
    ...value,
    [head]: rest.length === 0 ? leaf : set(isObject(child) ? child : {}, rest, leaf),
  }
}
