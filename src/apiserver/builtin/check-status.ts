import type { JsonObject } from '../../object/index.ts'
import { at, formed, ipAddress, items, nonNegative, number, text, texts } from './check.ts'
import { conditionCauses } from './check-condition.ts'
import { quotaAmounts } from './check-quota.ts'
import { claimStatus } from './check-status-claim.ts'
import { jobStatus } from './check-status-job.ts'
import { podStatus } from './check-status-pod.ts'
import { nodeStatus } from './check-storage.ts'
import { duplicate, forbidden, invalid, notSupported, required } from './field-error.ts'
import { dnsSubdomain, qualifiedName } from './names.ts'
import type { Cause } from './refusal.ts'

type StatusCheck = (next: JsonObject, old: JsonObject) => Cause[]

const REPLICAS = ['replicas', 'readyReplicas', 'availableReplicas', 'observedGeneration'] as const

/** Counts that can not be negative, of which some can not be more than there are replicas. */
function counts(
  keys: readonly string[],
  within: readonly string[] = [],
  ready = 'readyReplicas',
): StatusCheck {
  return (next, old) => {
    const status = at(next, 'status')
    const causes = nonNegative(status, 'status', ...keys)
    const count = (key: string): number => number(status, key) ?? 0
    const more = (key: string, words: string): Cause =>
      invalid(`status.${key}`, count(key), `cannot be greater than ${words}`)
    for (const key of within)
      if (count(key) > count('replicas')) causes.push(more(key, 'status.replicas'))
    if (within.length > 0 && count('availableReplicas') > count('readyReplicas'))
      causes.push(more('availableReplicas', ready))
    const [now, before] = [status['collisionCount'], number(at(old, 'status'), 'collisionCount')]
    if (before !== undefined && (typeof now !== 'number' || now < before))
      causes.push(
        invalid('status.collisionCount', count('collisionCount'), 'cannot be decremented'),
      )
    return causes
  }
}

const DAEMONS = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
]
const LABELED = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']

/** What is asked of the status of a kind, by `group/Kind`. */
const CHECKS: Readonly<Record<string, StatusCheck>> = {
  'apps/DaemonSet': counts(DAEMONS),
  'apps/Deployment': counts(
    [
      ...REPLICAS,
      'updatedReplicas',
      'unavailableReplicas',
      'terminatingReplicas',
      'collisionCount',
    ],
    ['updatedReplicas', 'readyReplicas', 'availableReplicas'],
  ),
  'apps/ReplicaSet': counts([...REPLICAS, 'fullyLabeledReplicas', 'terminatingReplicas'], LABELED),
  '/ReplicationController': counts([...REPLICAS, 'fullyLabeledReplicas'], LABELED),
  'apps/StatefulSet': counts(
    [...REPLICAS, 'currentReplicas', 'updatedReplicas', 'collisionCount'],
    ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'],
    'status.readyReplicas',
  ),
  'autoscaling/HorizontalPodAutoscaler': counts(['currentReplicas', 'desiredReplicas']),
  'batch/Job': jobStatus,
  '/Pod': podStatus,
  '/Node': nodeStatus,
  '/Namespace': namespaceStatus,
  '/ResourceQuota': (next) => [
    ...quotaAmounts(at(at(next, 'status'), 'hard'), 'status.hard'),
    ...quotaAmounts(at(at(next, 'status'), 'used'), 'status.used'),
  ],
  '/Service': serviceStatus,
  'networking.k8s.io/Ingress': (next) => balancers(next, false),
  'policy/PodDisruptionBudget': (next) => [
    ...conditionCauses(at(next, 'status'), 'status.conditions'),
    ...nonNegative(
      at(next, 'status'),
      'status',
      'disruptionsAllowed',
      'currentHealthy',
      'desiredHealthy',
      'expectedPods',
    ),
  ],
  'resource.k8s.io/ResourceClaim': claimStatus,
  'flowcontrol.apiserver.k8s.io/FlowSchema': typedConditions,
  'flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration': typedConditions,
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy': policyStatus,
  '/PersistentVolumeClaim': volumeClaimStatus,
}

/**
 * What is wrong with a status that is written.
 * @see k8s.io/kubernetes pkg/apis (validation.go of each group, v1.36.3)
 */
export function statusCauses(next: JsonObject, old: JsonObject, groupKind: string): Cause[] {
  return CHECKS[groupKind]?.(next, old) ?? []
}

function namespaceStatus(next: JsonObject): Cause[] {
  const phase = text(at(next, 'status'), 'phase')
  const isGoing = at(next, 'metadata')['deletionTimestamp'] !== undefined
  const wanted = isGoing ? 'Terminating' : 'Active'
  if (phase === wanted) return []
  const not = isGoing ? ' not' : ''
  const why = `may only be '${wanted}' if \`deletionTimestamp\` is${not} empty`
  return [invalid('status.Phase', phase, why)]
}

function serviceStatus(next: JsonObject): Cause[] {
  const given = items(at(at(next, 'status'), 'loadBalancer'), 'ingress')
  if (text(at(next, 'spec'), 'type') === 'LoadBalancer') return balancers(next, true)
  if (given.length === 0) return []
  const why = "may only be used when `spec.type` is 'LoadBalancer'"
  return [forbidden('status.loadBalancer.ingress', why)]
}

function balancers(next: JsonObject, hasMode: boolean): Cause[] {
  const given = items(at(at(next, 'status'), 'loadBalancer'), 'ingress')
  return given.flatMap((each, i) => {
    const place = `status.loadBalancer.ingress[${i}]`
    const [ip, host] = [text(each, 'ip'), text(each, 'hostname')]
    const causes = ip === '' ? [] : ipAddress(ip, `${place}.ip`)
    if (hasMode) causes.push(...modeCauses(each['ipMode'], ip, `${place}.ipMode`))
    if (host === '') return causes
    causes.push(...formed(host, dnsSubdomain, `${place}.hostname`))
    if (/^[\d.]+$/.test(host) && ipAddress(host, '').length === 0)
      causes.push(invalid(`${place}.hostname`, host, 'must be a DNS name, not an IP address'))
    return causes
  })
}

function modeCauses(mode: unknown, ip: string, path: string): Cause[] {
  if (typeof mode !== 'string')
    return ip === '' ? [] : [required(path, 'must be specified when `ip` is set')]
  if (ip === '') return [forbidden(path, 'may not be specified when `ip` is not set')]
  return mode === 'VIP' || mode === 'Proxy' ? [] : [notSupported(path, mode, ['Proxy', 'VIP'])]
}

function typedConditions(next: JsonObject): Cause[] {
  const seen = new Set<string>()
  return items(at(next, 'status'), 'conditions').flatMap((each, i) => {
    const place = `status.conditions[${i}].type`
    const type = text(each, 'type')
    const again = seen.has(type) ? [duplicate(place, type)] : []
    seen.add(type)
    return type === '' ? [...again, required(place)] : again
  })
}

function policyStatus(next: JsonObject): Cause[] {
  const status = at(next, 'status')
  const warnings = items(at(status, 'typeChecking'), 'expressionWarnings')
  return [
    ...warnings.flatMap((each, i) => {
      const place = `status.typeChecking.expressionWarnings[${i}]`
      return [
        ...(text(each, 'warning') === '' ? [required(`${place}.warning`)] : []),
        ...(text(each, 'fieldRef') === '' ? [required(`${place}.fieldRef`)] : []),
      ]
    }),
    ...conditionCauses(status, 'status.conditions'),
  ]
}

const RESIZES = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
]

function volumeClaimStatus(next: JsonObject): Cause[] {
  const status = at(next, 'status')
  const causes: Cause[] = []
  if (texts(at(next, 'spec'), 'accessModes').length === 0) causes.push(required('Spec.accessModes'))
  for (const [name, amount] of Object.entries(at(status, 'capacity')))
    if (String(amount).startsWith('-'))
      causes.push(
        invalid(
          `status.capacity[${name}]`,
          Math.floor(Number.parseFloat(String(amount))),
          QUANTITY,
        ),
      )
  const states = 'status.allocatedResourceStatuses'
  for (const [name, state] of Object.entries(at(status, 'allocatedResourceStatuses'))) {
    causes.push(...claimResource(name, states))
    if (!RESIZES.includes(String(state)))
      causes.push(notSupported(states, name, [...RESIZES].sort()))
  }
  for (const [name, amount] of Object.entries(at(status, 'allocatedResources'))) {
    const wrong = claimResource(name, 'status.allocatedResources')
    causes.push(...wrong)
    if (wrong.length === 0 && String(amount).startsWith('-'))
      causes.push(
        invalid(
          `status.allocatedResources[${name}]`,
          Math.floor(Number.parseFloat(String(amount))),
          QUANTITY,
        ),
      )
  }
  return causes
}

const QUANTITY = 'must be a valid resource quantity'

function claimResource(name: string, path: string): Cause[] {
  const causes = formed(name, qualifiedName, path)
  if (causes.length > 0 || name === 'storage') return causes
  const isNative = !name.includes('/') || name.includes('kubernetes.io/')
  return isNative ? [notSupported(path, name, ['storage'])] : []
}
