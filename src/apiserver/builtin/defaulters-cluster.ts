import { type Json, setKey } from '../../object/index.ts'
import { canonicalQuantity, parseQuantity } from '../../schema/index.ts'
import {
  type Defaulter,
  type Draft,
  draftAt,
  draftsAt,
  fill,
  fillEmpty,
  madeAt,
} from './mutable.ts'

const RBAC = 'rbac.authorization.k8s.io'

/** Configuration, storage, access, webhooks and CRDs. */
export const clusterDefaulters: Readonly<Record<string, Defaulter>> = {
  'core.v1.Namespace': (draft) => {
    const metadata = madeAt(draft, 'metadata')
    const name = metadata['name']
    if (name) madeAt(metadata, 'labels')['kubernetes.io/metadata.name'] = name
  },
  'core.v1.NamespaceStatus': (draft) => fillEmpty(draft, { phase: 'Active' }),
  'core.v1.Secret': (draft) => {
    fillEmpty(draft, { type: 'Opaque' })
    const texts = draftAt(draft, 'stringData')
    if (texts !== undefined) {
      const data = madeAt(draft, 'data')
      for (const [key, text] of Object.entries(texts))
        setKey(data, key, Buffer.from(String(text), 'utf8').toString('base64'))
    }
    delete draft['stringData']
  },
  'core.v1.PersistentVolume': (draft) => {
    fillEmpty(madeAt(draft, 'status'), { phase: 'Pending' })
    const spec = madeAt(draft, 'spec')
    fillEmpty(spec, { persistentVolumeReclaimPolicy: 'Retain' })
    fill(spec, { volumeMode: 'Filesystem' })
  },
  'core.v1.PersistentVolumeClaim': (draft) =>
    fillEmpty(madeAt(draft, 'status'), { phase: 'Pending' }),
  'core.v1.NodeSpec': (draft) => {
    const range = draft['podCIDR']
    const [first] = Array.isArray(draft['podCIDRs']) ? (draft['podCIDRs'] as Json[]) : []
    if (range && range !== first) draft['podCIDRs'] = [range]
    else if (!range && first !== undefined) draft['podCIDR'] = first
  },
  'core.v1.NodeStatus': (draft) => {
    roundUp(draft, 'capacity', 'allocatable')
    const capacity = draftAt(draft, 'capacity')
    if (capacity !== undefined) fill(draft, { allocatable: { ...capacity } as Json })
  },
  'core.v1.ResourceQuotaSpec': (draft) => roundUp(draft, 'hard'),
  'core.v1.ResourceQuotaStatus': (draft) => roundUp(draft, 'hard', 'used'),
  'core.v1.LimitRangeItem': (draft) => {
    roundUp(draft, 'max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio')
    fillLimits(draft)
  },
  'core.v1.ResourceRequirements': (draft) => roundUp(draft, 'limits', 'requests'),
  'core.v1.VolumeResourceRequirements': (draft) => roundUp(draft, 'limits', 'requests'),
  'core.v1.PersistentVolumeSpec': (draft) => roundUp(draft, 'capacity'),
  'node.v1.Overhead': (draft) => roundUp(draft, 'podFixed'),
  'storage.v1.StorageClass': (draft) =>
    fill(draft, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
  'storage.v1.CSIDriver': (draft) => {
    const spec = madeAt(draft, 'spec')
    fill(spec, {
      attachRequired: true,
      podInfoOnMount: false,
      storageCapacity: false,
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
      volumeLifecycleModes: ['Persistent'],
      requiresRepublish: false,
      seLinuxMount: false,
    })
  },
  'scheduling.v1.PriorityClass': (draft) =>
    fill(draft, { preemptionPolicy: 'PreemptLowerPriority' }),
  'rbac.v1.RoleBinding': fillRoleRef,
  'rbac.v1.ClusterRoleBinding': fillRoleRef,
  'rbac.v1.Subject': (draft) => {
    if (draft['kind'] === 'User' || draft['kind'] === 'Group') fillEmpty(draft, { apiGroup: RBAC })
  },
  'admissionregistration.v1.ValidatingWebhook': fillWebhook,
  'admissionregistration.v1.MutatingWebhook': (draft) => {
    fillWebhook(draft)
    fill(draft, { reinvocationPolicy: 'Never' })
  },
  'admissionregistration.v1.RuleWithOperations': (draft) => fill(draft, { scope: '*' }),
  'admissionregistration.v1.NamedRuleWithOperations': (draft) => fill(draft, { scope: '*' }),
  'admissionregistration.v1.ServiceReference': (draft) => fill(draft, { port: 443 }),
  'apiextensions.v1.ServiceReference': (draft) => fill(draft, { port: 443 }),
  'apiregistration.v1.ServiceReference': (draft) => fill(draft, { port: 443 }),
  'admissionregistration.v1.ValidatingAdmissionPolicySpec': (draft) =>
    fill(draft, { failurePolicy: 'Fail' }),
  'admissionregistration.v1.MutatingAdmissionPolicySpec': (draft) =>
    fill(draft, { failurePolicy: 'Fail' }),
  'admissionregistration.v1.MatchResources': (draft) =>
    fill(draft, { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} }),
  'apiextensions.v1.CustomResourceDefinition': fillCrd,
  'flowcontrol.v1.FlowSchemaSpec': (draft) => fillEmpty(draft, { matchingPrecedence: 1000 }),
  'flowcontrol.v1.LimitedPriorityLevelConfiguration': (draft) =>
    fill(draft, { nominalConcurrencyShares: 30, lendablePercent: 0 }),
  'flowcontrol.v1.ExemptPriorityLevelConfiguration': (draft) =>
    fill(draft, { nominalConcurrencyShares: 0, lendablePercent: 0 }),
  'flowcontrol.v1.QueuingConfiguration': (draft) =>
    fillEmpty(draft, { queues: 64, handSize: 8, queueLengthLimit: 50 }),
  'resource.v1.ExactDeviceRequest': fillAllocation,
  'resource.v1.DeviceSubRequest': fillAllocation,
}

const MILLI_NANOS = 1_000_000n

/** Amounts that have a form finer than a thousandth are written with one of these. */
const FINE = /[un]$/

/** Amounts finer than a thousandth are rounded up. */
export function roundUp(draft: Draft, ...keys: readonly string[]): void {
  for (const key of keys)
    for (const [name, amount] of Object.entries(draftAt(draft, key) ?? {})) {
      if (!FINE.test(String(amount))) continue
      const nanos = parseQuantity(String(amount))?.nanos ?? 0n
      if (nanos % MILLI_NANOS === 0n) continue
      const millis = nanos / MILLI_NANOS + (nanos > 0n ? 1n : 0n)
      madeAt(draft, key)[name] = canonicalQuantity(`${millis}m`) ?? `${millis}m`
    }
}

function fillAllocation(draft: Draft): void {
  fillEmpty(draft, { allocationMode: 'ExactCount' })
  if (draft['allocationMode'] === 'ExactCount') fillEmpty(draft, { count: 1 })
}

function fillRoleRef(draft: Draft): void {
  fillEmpty(madeAt(draft, 'roleRef'), { apiGroup: RBAC })
}

function fillWebhook(draft: Draft): void {
  fill(draft, {
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
  })
}

function fillLimits(draft: Draft): void {
  if (draft['type'] !== 'Container') return
  const limit = madeAt(draft, 'default')
  const request = madeAt(draft, 'defaultRequest')
  fill(limit, (draftAt(draft, 'max') ?? {}) as Record<string, Json>)
  fill(request, limit as Record<string, Json>)
  fill(request, (draftAt(draft, 'min') ?? {}) as Record<string, Json>)
  if (Object.keys(limit).length === 0) delete draft['default']
  if (Object.keys(request).length === 0) delete draft['defaultRequest']
}

function fillCrd(draft: Draft): void {
  const spec = madeAt(draft, 'spec')
  const names = madeAt(spec, 'names')
  const kind = typeof names['kind'] === 'string' ? names['kind'] : ''
  fillEmpty(names, { singular: kind.toLowerCase() })
  if (kind !== '') fillEmpty(names, { listKind: `${kind}List` })
  fill(spec, { conversion: { strategy: 'None' } })
  const status = madeAt(draft, 'status')
  const stored = status['storedVersions']
  if (Array.isArray(stored) && stored.length > 0) return
  const storage = draftsAt(spec, 'versions').find((version) => version['storage'] === true)
  if (storage !== undefined) status['storedVersions'] = [storage['name'] ?? '']
}
