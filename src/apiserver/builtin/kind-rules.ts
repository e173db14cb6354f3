import { isObject, type JsonObject } from '../../object/index.ts'
import { at, type Check, immutable, nonNegative } from './check.ts'
import {
  daemonSetSpec,
  deploymentSpec,
  fixedSelector,
  podSpec,
  podUpdate,
  replicaSetSpec,
  replicationSpec,
  statefulSetUpdate,
} from './check-apps.ts'
import { autoscalerSpec } from './check-autoscaler.ts'
import { budgetSpec, cronJobSpec, generatedSelector, jobSpec, jobUpdate } from './check-batch.ts'
import {
  ingressClassSpec,
  ingressClassUpdate,
  leaseSpec,
  priorityClass,
  priorityClassUpdate,
  runtimeClass,
  runtimeClassUpdate,
  storageClass,
  volumeSpec,
  volumeUpdate,
} from './check-cluster.ts'
import {
  bindingCauses,
  bindingUpdate,
  claimSpecCauses,
  claimUpdate,
  clusterRoleCauses,
  configMapCauses,
  lockedCauses,
  roleCauses,
  secretCauses,
  storageClassUpdate,
} from './check-config.ts'
import {
  claimTemplate,
  deviceClass,
  fixedClaim,
  fixedTemplate,
  resourceClaim,
} from './check-devices.ts'
import { endpointSlice, endpointSliceUpdate, endpoints } from './check-endpoints.ts'
import { coreEvent, event, eventUpdate } from './check-event.ts'
import { flowSchema, priorityLevel } from './check-flow.ts'
import { ingressSpec } from './check-ingress.ts'
import { serviceSpec, serviceUpdate } from './check-network.ts'
import { networkPolicySpec } from './check-network-policy.ts'
import { templateCauses } from './check-pod.ts'
import { ephemeralUpdate, namespaceFinalizers, notYet, resizeUpdate } from './check-pod-parts.ts'
import { limitRangeSpec, quotaSpec, scopesUpdate } from './check-quota.ts'
import { requestUpdate, signingRequest } from './check-request.ts'
import {
  apiService,
  csiDriver,
  csiDriverUpdate,
  node,
  nodeUpdate,
  podRanges,
} from './check-storage.ts'
import { required } from './field-error.ts'
import { declaredSubdomain, dnsLabel, type Form, pathSegment } from './names.ts'
import type { Cause } from './refusal.ts'

/** What a kind asks beyond its metadata. */
export interface KindRules {
  /** Form of names; dns subdomain where it is not said. */
  readonly name?: Form
  /** Finalizers need no domain. */
  readonly anyFinalizer?: true
  /**
   * How often an update has the metadata checked by the kind, beside what is asked of all kinds: as
   * a whole, and against what it was. Absent: never as a whole, once against what it was.
   */
  readonly meta?: readonly [whole: number, change: number]
  /** How often an update has the body checked; once where it is not said. */
  readonly again?: number
  readonly create?: (object: JsonObject) => Cause[]
  /** What is asked of new objects alone. */
  readonly first?: (object: JsonObject) => Cause[]
  readonly update?: (next: JsonObject, old: JsonObject) => Cause[]
  /** What is asked of updates by way of a part, where it is more than of a status. */
  readonly parts?: Readonly<Record<string, PartRules>>
}

/** What a kind asks of updates by way of one of its parts. */
export interface PartRules {
  /** As for the whole. */
  readonly meta: readonly [whole: number, change: number]
  readonly check: (next: JsonObject, old: JsonObject) => Cause[]
}

function requestPart(part: string): PartRules {
  const check = (next: JsonObject, old: JsonObject): Cause[] => [
    ...signingRequest(next),
    ...requestUpdate(next, old, part),
  ]
  return { meta: [1, 1], check }
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

/** A state of the past is an object. */
function revisionCauses(object: JsonObject): Cause[] {
  const { data } = object
  if (data === undefined || data === null) return [required('data', 'data is mandatory')]
  return isObject(data) ? [] : [required('data', 'data must be a valid JSON object')]
}

/** Rules by `group/Kind`; a kind that is not here has its metadata checked, and no more. */
export const RULES: Readonly<Record<string, KindRules>> = {
  '/ConfigMap': {
    meta: [1, 1],
    create: configMapCauses,
    update: (next, old) => lockedCauses(next, old, ['data', 'binaryData']),
  },
  '/Secret': {
    meta: [1, 1],
    create: secretCauses,
    update: (next, old) => [
      ...immutable(next['type'], old['type'], 'type'),
      ...lockedCauses(next, old, ['data']),
    ],
  },
  '/Namespace': {
    name: dnsLabel,
    meta: [1, 1],
    parts: { finalize: { meta: [0, 1], check: namespaceFinalizers } },
  },
  '/ServiceAccount': { meta: [1, 1] },
  '/Service': { name: dnsLabel, create: spec(serviceSpec), update: specs(serviceUpdate) },
  '/Pod': {
    meta: [1, 1],
    create: spec(podSpec),
    first: notYet,
    update: specs(podUpdate),
    parts: {
      ephemeralcontainers: { meta: [1, 1], check: ephemeralUpdate },
      resize: { meta: [1, 1], check: resizeUpdate },
    },
  },
  '/PersistentVolumeClaim': {
    meta: [1, 1],
    create: spec(claimSpecCauses),
    update: claimUpdate,
  },
  'apps/Deployment': { create: spec(deploymentSpec), update: specs(fixedSelector) },
  'apps/ReplicaSet': { create: spec(replicaSetSpec), update: specs(fixedSelector) },
  'apps/DaemonSet': { create: spec(daemonSetSpec), update: specs(fixedSelector) },
  'apps/StatefulSet': { name: dnsLabel, update: specs(statefulSetUpdate) },
  'batch/Job': {
    meta: [1, 1],
    again: 2,
    create: spec(jobSpec),
    first: generatedSelector,
    update: jobUpdate,
  },
  'batch/CronJob': { create: spec(cronJobSpec) },
  'autoscaling/HorizontalPodAutoscaler': { create: spec(autoscalerSpec) },
  'policy/PodDisruptionBudget': {
    // Nothing but what every name has to be.
    name: pathSegment,
    anyFinalizer: true,
    meta: [0, 0],
    create: spec(budgetSpec),
  },
  'networking.k8s.io/Ingress': { meta: [1, 1], create: spec(ingressSpec) },
  'networking.k8s.io/NetworkPolicy': { create: spec(networkPolicySpec) },
  'rbac.authorization.k8s.io/Role': {
    name: pathSegment,
    meta: [1, 1],
    create: (object) => roleCauses(object, true),
  },
  'rbac.authorization.k8s.io/ClusterRole': {
    name: pathSegment,
    meta: [1, 1],
    create: clusterRoleCauses,
  },
  'rbac.authorization.k8s.io/RoleBinding': {
    name: pathSegment,
    meta: [1, 1],
    create: (object) => bindingCauses(object, true),
    update: bindingUpdate,
  },
  'rbac.authorization.k8s.io/ClusterRoleBinding': {
    name: pathSegment,
    meta: [1, 1],
    create: (object) => bindingCauses(object, false),
    update: bindingUpdate,
  },
  'storage.k8s.io/StorageClass': {
    meta: [1, 1],
    create: storageClass,
    update: storageClassUpdate,
  },
  '/ResourceQuota': {
    create: spec(quotaSpec),
    update: specs(scopesUpdate),
  },
  '/LimitRange': { meta: [1, 0], create: spec(limitRangeSpec) },
  '/PersistentVolume': {
    meta: [2, 0],
    again: 2,
    create: spec(volumeSpec),
    update: specs(volumeUpdate),
  },
  'networking.k8s.io/IngressClass': {
    meta: [1, 1],
    create: spec(ingressClassSpec),
    update: ingressClassUpdate,
  },
  'scheduling.k8s.io/PriorityClass': {
    again: 0,
    create: priorityClass,
    update: priorityClassUpdate,
  },
  'coordination.k8s.io/Lease': { anyFinalizer: true, create: spec(leaseSpec) },
  'node.k8s.io/RuntimeClass': {
    anyFinalizer: true,
    meta: [1, 1],
    create: runtimeClass,
    update: runtimeClassUpdate,
  },
  ...Object.fromEntries(
    [
      'MutatingAdmissionPolicy',
      'MutatingAdmissionPolicyBinding',
      'MutatingWebhookConfiguration',
      'ValidatingAdmissionPolicy',
      'ValidatingAdmissionPolicyBinding',
      'ValidatingWebhookConfiguration',
    ].map((kind): [string, KindRules] => [
      `admissionregistration.k8s.io/${kind}`,
      { meta: [1, 0], anyFinalizer: true },
    ]),
  ),
  'apps/ControllerRevision': {
    meta: [1, 1],
    create: (object) => nonNegative(object, '', 'revision'),
    first: revisionCauses,
    update: (next, old) => immutable(next['data'], old['data'], 'data'),
  },
  '/ReplicationController': { name: declaredSubdomain, create: spec(replicationSpec) },
  '/PodTemplate': {
    meta: [0, 1],
    create: (object) => templateCauses(at(object, 'template'), 'template'),
  },
  '/Event': { name: pathSegment, anyFinalizer: true, meta: [0, 0], create: coreEvent },
  'events.k8s.io/Event': { anyFinalizer: true, create: event, update: eventUpdate },
  '/Endpoints': { meta: [1, 1], create: endpoints },
  '/Node': { meta: [1, 1], again: 2, create: node, first: podRanges, update: nodeUpdate },
  'discovery.k8s.io/EndpointSlice': {
    meta: [1, 0],
    create: endpointSlice,
    update: endpointSliceUpdate,
  },
  'resource.k8s.io/ResourceClaim': {
    meta: [1, 1],
    again: 0,
    create: resourceClaim,
    update: fixedClaim,
  },
  'resource.k8s.io/ResourceClaimTemplate': {
    meta: [1, 1],
    create: claimTemplate,
    update: fixedTemplate,
  },
  'resource.k8s.io/DeviceClass': { meta: [0, 2], create: deviceClass },
  'storage.k8s.io/CSIDriver': { create: csiDriver, update: csiDriverUpdate },
  'certificates.k8s.io/CertificateSigningRequest': {
    name: pathSegment,
    meta: [1, 1],
    create: signingRequest,
    parts: { status: requestPart('status'), approval: requestPart('approval') },
  },
  'apiregistration.k8s.io/APIService': {
    name: pathSegment,
    meta: [1, 1],
    anyFinalizer: true,
    create: apiService,
  },
  'flowcontrol.apiserver.k8s.io/FlowSchema': { meta: [1, 0], create: flowSchema },
  'flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration': {
    meta: [1, 0],
    create: priorityLevel,
  },
}
