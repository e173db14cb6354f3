import { compareText } from '../../base/index.ts'
import { type Json, type JsonObject, valueAt } from '../../object/index.ts'
import { humanDuration } from './duration.ts'
import {
  age,
  type Cells,
  conditionOf,
  count,
  entries,
  flag,
  isTerminating,
  items,
  nameOf,
  size,
  text,
  textOr,
  textOrNone,
} from './read.ts'

/** Cells of namespaces, nodes, configuration, rights and what else runs a cluster, by resource. */
export const CLUSTER: Readonly<Record<string, Cells>> = {
  namespaces: (o, now) => [nameOf(o), text(o, 'status', 'phase'), age(o, now)],
  configmaps: (o, now) => [nameOf(o), size(o, 'data') + size(o, 'binaryData'), age(o, now)],
  secrets: (o, now) => [nameOf(o), text(o, 'type'), size(o, 'data'), age(o, now)],
  serviceaccounts: (o, now) => [nameOf(o), age(o, now)],
  nodes: (o, now) => [
    nameOf(o),
    nodeStatus(o),
    rolesText(o),
    age(o, now),
    text(o, 'status', 'nodeInfo', 'kubeletVersion'),
    addressOf(o, 'InternalIP'),
    addressOf(o, 'ExternalIP'),
    text(o, 'status', 'nodeInfo', 'osImage') || '<unknown>',
    kernelText(o),
    text(o, 'status', 'nodeInfo', 'containerRuntimeVersion') || '<unknown>',
  ],
  componentstatuses: (o) => {
    const healthy = items(o, 'conditions').find((each) => text(each, 'type') === 'Healthy')
    const isHealthy = text(healthy, 'status') === 'True'
    return [
      nameOf(o),
      healthy === undefined ? 'Unknown' : isHealthy ? 'Healthy' : 'Unhealthy',
      text(healthy, 'message'),
      text(healthy, 'error'),
    ]
  },
  resourcequotas: (o, now) => [nameOf(o), ...quotaCells(o), age(o, now)],
  'rolebindings.rbac.authorization.k8s.io': bindingCells,
  'clusterrolebindings.rbac.authorization.k8s.io': bindingCells,
  'apiservices.apiregistration.k8s.io': (o, now) => [
    nameOf(o),
    serviceText(o),
    availableText(o),
    age(o, now),
  ],
  'certificatesigningrequests.certificates.k8s.io': (o, now) => [
    nameOf(o),
    age(o, now),
    textOrNone(o, 'spec', 'signerName'),
    text(o, 'spec', 'username'),
    expirationText(o),
    requestStatus(o),
  ],
  'priorityclasses.scheduling.k8s.io': (o, now) => [
    nameOf(o),
    count(o, 'value'),
    flag(o, 'globalDefault'),
    age(o, now),
    text(o, 'preemptionPolicy'),
  ],
  'leases.coordination.k8s.io': (o, now) => [
    nameOf(o),
    text(o, 'spec', 'holderIdentity'),
    age(o, now),
  ],
  'runtimeclasses.node.k8s.io': (o, now) => [nameOf(o), text(o, 'handler'), age(o, now)],
  'flowschemas.flowcontrol.apiserver.k8s.io': (o, now) => [
    nameOf(o),
    text(o, 'spec', 'priorityLevelConfiguration', 'name'),
    count(o, 'spec', 'matchingPrecedence'),
    textOr('<none>', o, 'spec', 'distinguisherMethod', 'type'),
    age(o, now),
    textOr('?', conditionOf(o, 'Dangling'), 'status'),
  ],
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': (o, now) => [
    nameOf(o),
    text(o, 'spec', 'type'),
    ...limitCells(valueAt(o, 'spec', 'limited')),
    age(o, now),
  ],
  'deviceclasses.resource.k8s.io': (o, now) => [nameOf(o), age(o, now)],
  'resourceclaimtemplates.resource.k8s.io': (o, now) => [nameOf(o), age(o, now)],
  'resourceclaims.resource.k8s.io': (o, now) => [nameOf(o), claimState(o), age(o, now)],
  'resourceslices.resource.k8s.io': (o, now) => [
    nameOf(o),
    text(o, 'spec', 'nodeName'),
    text(o, 'spec', 'driver'),
    text(o, 'spec', 'pool', 'name'),
    age(o, now),
  ],
}

function nodeStatus(node: JsonObject): string {
  const ready = items(node, 'status', 'conditions').findLast(
    (each) => text(each, 'type') === 'Ready',
  )
  const isReady = text(ready, 'status') === 'True'
  const state = ready === undefined ? 'Unknown' : isReady ? 'Ready' : 'NotReady'
  return flag(node, 'spec', 'unschedulable') ? `${state},SchedulingDisabled` : state
}

const ROLE_PREFIX = 'node-role.kubernetes.io/'

function rolesText(node: JsonObject): string {
  const roles = entries(node, 'metadata', 'labels').flatMap(([key, value]) => {
    if (key.startsWith(ROLE_PREFIX)) return [key.slice(ROLE_PREFIX.length)]
    return key === 'kubernetes.io/role' ? [value] : []
  })
  const named = new Set(roles.filter((role) => role !== ''))
  return [...named].sort(compareText).join(',') || '<none>'
}

function addressOf(node: JsonObject, type: string): string {
  const found = items(node, 'status', 'addresses').find((each) => text(each, 'type') === type)
  return found === undefined ? '<none>' : text(found, 'address')
}

function kernelText(node: JsonObject): string {
  const kernel = text(node, 'status', 'nodeInfo', 'kernelVersion') || '<unknown>'
  const architecture = text(node, 'status', 'nodeInfo', 'architecture')
  return architecture === '' ? kernel : `${kernel} (${architecture})`
}

function quotaCells(quota: JsonObject): [string, string] {
  const cells: { requests: string[]; limits: string[] } = { requests: [], limits: [] }
  for (const [name, hard] of entries(quota, 'status', 'hard')) {
    const used = textOr('0', quota, 'status', 'used', name)
    const to = name.startsWith('limits.') ? cells.limits : cells.requests
    to.push(`${name}: ${used}/${hard}`)
  }
  return [cells.requests.join(', '), cells.limits.join(', ')]
}

function bindingCells(binding: JsonObject, now: number): readonly Json[] {
  const subjects = items(binding, 'subjects')
  const named = (kind: string): string =>
    subjects
      .filter((each) => text(each, 'kind') === kind)
      .map((each) => text(each, 'name'))
      .join(', ')
  const accounts = subjects
    .filter((each) => text(each, 'kind') === 'ServiceAccount')
    .map((each) => `${text(each, 'namespace')}/${text(each, 'name')}`)
  return [
    nameOf(binding),
    `${text(binding, 'roleRef', 'kind')}/${text(binding, 'roleRef', 'name')}`,
    age(binding, now),
    named('User'),
    named('Group'),
    accounts.join(', '),
  ]
}

function serviceText(service: JsonObject): string {
  const behind = valueAt(service, 'spec', 'service')
  return behind === undefined ? 'Local' : `${text(behind, 'namespace')}/${text(behind, 'name')}`
}

function availableText(service: JsonObject): string {
  const condition = conditionOf(service, 'Available')
  if (condition === undefined) return 'Unknown'
  const status = text(condition, 'status')
  const reason = text(condition, 'reason')
  return status === 'True' || reason === '' ? status : `${status} (${reason})`
}

function expirationText(request: JsonObject): string {
  const seconds = valueAt(request, 'spec', 'expirationSeconds')
  return typeof seconds === 'number' ? humanDuration(seconds * 1000) : '<none>'
}

function requestStatus(request: JsonObject): string {
  const has = (type: string): boolean => conditionOf(request, type) !== undefined
  const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'
  const issued = text(request, 'status', 'certificate') === '' ? '' : ',Issued'
  return `${decision}${has('Failed') ? ',Failed' : ''}${issued}`
}

function limitCells(limited: Json | undefined): Json[] {
  const queuing = valueAt(limited, 'limitResponse', 'queuing')
  const number = (of: Json | undefined, name: string): Json =>
    of === undefined ? '<none>' : count(of, name)
  return [
    number(limited, 'nominalConcurrencyShares'),
    number(queuing, 'queues'),
    number(queuing, 'handSize'),
    number(queuing, 'queueLengthLimit'),
  ]
}

function claimState(claim: JsonObject): string {
  const deleted = isTerminating(claim)
  const isAllocated = valueAt(claim, 'status', 'allocation') !== undefined
  if (!isAllocated) return deleted ? 'deleted' : 'pending'
  const isReserved = items(claim, 'status', 'reservedFor').length > 0
  return [...(deleted ? ['deleted'] : []), 'allocated', ...(isReserved ? ['reserved'] : [])].join(
    ',',
  )
}
