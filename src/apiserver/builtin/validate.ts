import { gvkOf, type JsonObject, type KubeObject } from '../../object/index.ts'
import { builtinKind } from '../../schema/index.ts'
import { at, type Check, immutable } from './check.ts'
import {
  daemonSetSpec,
  deploymentSpec,
  fixedSelector,
  podSpec,
  podUpdate,
  replicaSetSpec,
  statefulSetSpec,
  statefulSetUpdate,
} from './check-apps.ts'
import { autoscalerSpec } from './check-autoscaler.ts'
import { budgetSpec, cronJobSpec, jobSpec, jobUpdate } from './check-batch.ts'
import {
  ingressClassSpec,
  leaseSpec,
  priorityClass,
  priorityClassUpdate,
  runtimeClass,
  storageClass,
  volumeSpec,
} from './check-cluster.ts'
import {
  bindingCauses,
  bindingUpdate,
  claimSpecCauses,
  claimUpdate,
  configMapCauses,
  lockedCauses,
  roleCauses,
  secretCauses,
  storageClassUpdate,
} from './check-config.ts'
import { metaCauses, metaUpdateCauses } from './check-meta.ts'
import { ingressSpec, networkPolicySpec, serviceSpec, serviceUpdate } from './check-network.ts'
import { limitRangeSpec, quotaSpec } from './check-quota.ts'
import { invalid } from './field-error.ts'
import { dnsLabel, dnsSubdomain, type Form, pathSegment } from './names.ts'
import type { Cause } from './refusal.ts'

/** What a kind asks beyond its metadata. */
interface KindRules {
  /** Form of names; dns subdomain where it is not said. */
  readonly name?: Form
  readonly create?: (object: JsonObject) => Cause[]
  readonly update?: (next: JsonObject, old: JsonObject) => Cause[]
}

/** Checks the spec. */
function spec(check: Check): (object: JsonObject) => Cause[] {
  return (object) => check(at(object, 'spec'), 'spec')
}

/** Compares the specs. */
function specs(
  check: (next: JsonObject, old: JsonObject) => Cause[],
): (next: JsonObject, old: JsonObject) => Cause[] {
  return (next, old) => check(at(next, 'spec'), at(old, 'spec'))
}

const RULES: Readonly<Record<string, KindRules>> = {
  '/ConfigMap': {
    create: configMapCauses,
    update: (next, old) => lockedCauses(next, old, ['data', 'binaryData']),
  },
  '/Secret': {
    create: secretCauses,
    update: (next, old) => [
      ...immutable(next['type'], old['type'], 'type'),
      ...lockedCauses(next, old, ['data']),
    ],
  },
  '/Namespace': { name: dnsLabel },
  '/Service': { name: dnsLabel, create: spec(serviceSpec), update: specs(serviceUpdate) },
  '/Pod': { create: spec(podSpec), update: specs(podUpdate) },
  '/PersistentVolumeClaim': {
    create: spec(claimSpecCauses),
    update: (next, old) => claimUpdate(next as unknown as KubeObject, old as unknown as KubeObject),
  },
  'apps/Deployment': { create: spec(deploymentSpec), update: specs(fixedSelector) },
  'apps/ReplicaSet': { create: spec(replicaSetSpec), update: specs(fixedSelector) },
  'apps/DaemonSet': { create: spec(daemonSetSpec), update: specs(fixedSelector) },
  'apps/StatefulSet': { name: dnsLabel, update: specs(statefulSetUpdate) },
  'batch/Job': { create: spec(jobSpec), update: specs(jobUpdate) },
  'batch/CronJob': { create: spec(cronJobSpec) },
  'autoscaling/HorizontalPodAutoscaler': { create: spec(autoscalerSpec) },
  'policy/PodDisruptionBudget': { create: spec(budgetSpec) },
  'networking.k8s.io/Ingress': { create: spec(ingressSpec) },
  'networking.k8s.io/NetworkPolicy': { create: spec(networkPolicySpec) },
  'rbac.authorization.k8s.io/Role': {
    name: pathSegment,
    create: (object) => roleCauses(object, true),
  },
  'rbac.authorization.k8s.io/ClusterRole': {
    name: pathSegment,
    create: (object) => roleCauses(object, false),
  },
  'rbac.authorization.k8s.io/RoleBinding': {
    name: pathSegment,
    create: (object) => bindingCauses(object, true),
    update: bindingUpdate,
  },
  'rbac.authorization.k8s.io/ClusterRoleBinding': {
    name: pathSegment,
    create: (object) => bindingCauses(object, false),
    update: bindingUpdate,
  },
  'storage.k8s.io/StorageClass': {
    create: storageClass,
    update: storageClassUpdate,
  },
  '/ResourceQuota': {
    create: spec(quotaSpec),
    update: specs((next, old) => immutable(next['scopes'], old['scopes'], 'spec.scopes')),
  },
  '/LimitRange': { create: spec(limitRangeSpec) },
  '/PersistentVolume': { create: spec(volumeSpec) },
  'networking.k8s.io/IngressClass': { create: spec(ingressClassSpec) },
  'scheduling.k8s.io/PriorityClass': { create: priorityClass, update: priorityClassUpdate },
  'coordination.k8s.io/Lease': { create: spec(leaseSpec) },
  'node.k8s.io/RuntimeClass': { create: runtimeClass },
}

/**
 * Everything that is wrong with an object of a built-in kind, with the API server's messages; with
 * `old`, what an update may not change, too. It covers the kinds that users write; of others the
 * metadata is checked. The object must have been defaulted before.
 * @see k8s.io/kubernetes pkg/apis (validation.go of each group, v1.36.3)
 */
export function validateBuiltin(
  object: KubeObject,
  old?: KubeObject,
  subresource = '',
): readonly Cause[] {
  const { group, version, kind } = gvkOf(object)
  const known = builtinKind({ group, version, kind })
  if (known === undefined) return []
  const rules = RULES[`${group}/${kind}`] ?? {}
  const next = object as unknown as JsonObject
  if (old !== undefined) {
    const meta = metaUpdateCauses(object, old)
    if (subresource === 'status') return meta
    const own = [...bodyCauses(next, kind, rules, true), ...meta]
    return [...own, ...(rules.update?.(next, old as unknown as JsonObject) ?? [])]
  }
  const form = rules.name ?? dnsSubdomain
  const causes = [
    ...metaCauses(object, { namespaced: known.namespaced, name: form }),
    ...bodyCauses(next, kind, rules, false),
  ]
  const name = object.metadata.name ?? ''
  if (kind === 'CronJob' && name.length > 52)
    causes.push(invalid('metadata.name', name, 'must be no more than 52 characters'))
  return causes
}

/**
 * Everything that is wrong with the metadata of an object of a custom kind; with `old`, what an
 * update may not change.
 */
export function validateMetadata(
  object: KubeObject,
  namespaced: boolean,
  old?: KubeObject,
): readonly Cause[] {
  return old === undefined
    ? metaCauses(object, { namespaced, name: dnsSubdomain, custom: true })
    : metaUpdateCauses(object, old)
}

function bodyCauses(
  object: JsonObject,
  kind: string,
  rules: KindRules,
  isUpdate: boolean,
): Cause[] {
  if (kind === 'StatefulSet') return statefulSetSpec(at(object, 'spec'), 'spec', isUpdate)
  return rules.create?.(object) ?? []
}
