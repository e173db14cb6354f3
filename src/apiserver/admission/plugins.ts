import { isObject, type Json, type JsonObject, type KubeObject } from '../../object/index.ts'
import { parseQuantity } from '../../schema/index.ts'
import { addTolerations } from '../builtin/index.ts'
import type { Core } from '../core.ts'
import { type Attributes, refused } from './attributes.ts'
import { withDefaultResources } from './limit-ranges.ts'
import { objectsOf } from './matching.ts'

/**
 * What the admission plugins that every API server has make of an object: limits of the namespace,
 * priority of pods, the taint of a new node, default classes.
 * @throws StatusFault 403
 * @see kubernetes plugin/pkg/admission (v1.36.3)
 */
export function mutatedByPlugins(
  core: Core,
  attributes: Attributes,
  object: KubeObject,
): KubeObject {
  const { kind, subresource, operation } = attributes
  if (subresource !== '') return object
  switch (kind.table) {
    case 'pods': {
      const limited = operation === 'CREATE' ? withDefaultResources(core, object) : object
      return withPriority(core, attributes, withTolerations(limited))
    }
    case 'nodes':
      return operation === 'CREATE' ? withTaint(object) : object
    case 'persistentvolumeclaims':
      return operation === 'CREATE' ? withStorageClass(core, object) : object
    case 'ingresses.networking.k8s.io':
      return operation === 'CREATE' ? withIngressClass(core, object) : object
    default:
      return object
  }
}

function specOf(object: KubeObject): JsonObject {
  return isObject(object['spec']) ? object['spec'] : {}
}

function withSpec(object: KubeObject, more: JsonObject): KubeObject {
  return { ...object, spec: { ...specOf(object), ...more } }
}

/** How long a pod stays on a node that is gone. */
function withTolerations(pod: KubeObject): KubeObject {
  const { tolerations } = specOf(pod)
  const draft: Record<string, Json> =
    tolerations === undefined ? {} : { tolerations: [...objectsOf(tolerations)] }
  addTolerations(draft)
  return withSpec(pod, draft)
}

const NOT_READY = 'node.kubernetes.io/not-ready'
const PRIORITY_CLASSES = 'priorityclasses.scheduling.k8s.io'

function withPriority(core: Core, attributes: Attributes, pod: KubeObject): KubeObject {
  const spec = specOf(pod)
  if (attributes.operation === 'UPDATE') {
    const { priority, preemptionPolicy } =
      attributes.old === undefined ? ({} as JsonObject) : specOf(attributes.old)
    return withSpec(pod, {
      ...(spec['priority'] === undefined && priority !== undefined ? { priority } : {}),
      ...(spec['preemptionPolicy'] === undefined && preemptionPolicy !== undefined
        ? { preemptionPolicy }
        : {}),
    })
  }
  const { name, value, policy } = classOf(core, attributes, spec['priorityClassName'])
  if (spec['priority'] !== undefined && spec['priority'] !== value)
    throw refused(
      attributes,
      `the integer value of priority (${String(spec['priority'])}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
    )
  if (spec['preemptionPolicy'] !== undefined && spec['preemptionPolicy'] !== policy)
    throw refused(
      attributes,
      `the string value of PreemptionPolicy (${String(spec['preemptionPolicy'])}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
    )
  return withSpec(pod, {
    ...(name === '' ? {} : { priorityClassName: name }),
    priority: value,
    preemptionPolicy: policy,
  })
}

interface PriorityOf {
  readonly name: string
  readonly value: number
  readonly policy: string
}

function classOf(core: Core, attributes: Attributes, wanted: Json | undefined): PriorityOf {
  const named = typeof wanted === 'string' && wanted !== '' ? wanted : undefined
  const found =
    named === undefined
      ? core.store
          .list(PRIORITY_CLASSES)
          .filter((each) => each['globalDefault'] === true)
          .sort((a, b) => Number(a['value']) - Number(b['value']))[0]
      : core.store.get(PRIORITY_CLASSES, named)
  if (found === undefined && named !== undefined)
    throw refused(attributes, `no PriorityClass with name ${named} was found`)
  if (found === undefined) return { name: '', value: 0, policy: 'PreemptLowerPriority' }
  return {
    name: found.metadata.name ?? '',
    value: Number(found['value'] ?? 0),
    policy: String(found['preemptionPolicy'] ?? 'PreemptLowerPriority'),
  }
}

function withTaint(node: KubeObject): KubeObject {
  const taints = objectsOf(specOf(node)['taints'])
  if (taints.some((each) => each['key'] === NOT_READY && each['effect'] === 'NoSchedule'))
    return node
  return withSpec(node, { taints: [...taints, { key: NOT_READY, effect: 'NoSchedule' }] })
}

const DEFAULT_STORAGE = 'storageclass.kubernetes.io/is-default-class'
const DEFAULT_STORAGE_BETA = 'storageclass.beta.kubernetes.io/is-default-class'
const STORAGE_CLASS_BETA = 'volume.beta.kubernetes.io/storage-class'

function withStorageClass(core: Core, claim: KubeObject): KubeObject {
  const spec = specOf(claim)
  const isNamed = claim.metadata.annotations?.[STORAGE_CLASS_BETA] !== undefined
  if (spec['storageClassName'] !== undefined || isNamed) return claim
  const chosen = youngest(
    core.store
      .list('storageclasses.storage.k8s.io')
      .filter(({ metadata: { annotations } }) =>
        [DEFAULT_STORAGE, DEFAULT_STORAGE_BETA].some((key) => annotations?.[key] === 'true'),
      ),
  )
  return chosen === undefined ? claim : withSpec(claim, { storageClassName: chosen })
}

const DEFAULT_INGRESS = 'ingressclass.kubernetes.io/is-default-class'

function withIngressClass(core: Core, ingress: KubeObject): KubeObject {
  const isNamed = ingress.metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined
  if (isNamed || specOf(ingress)['ingressClassName'] !== undefined) return ingress
  const chosen = youngest(
    core.store
      .list('ingressclasses.networking.k8s.io')
      .filter((each) => each.metadata.annotations?.[DEFAULT_INGRESS] === 'true'),
  )
  return chosen === undefined ? ingress : withSpec(ingress, { ingressClassName: chosen })
}

/** The name of the class that was made last; of two, the first by name. */
function youngest(classes: readonly KubeObject[]): string | undefined {
  const time = ({ metadata }: KubeObject): number => Date.parse(metadata.creationTimestamp ?? '')
  return [...classes].sort((a, b) => time(b) - time(a))[0]?.metadata.name
}

/**
 * What the plugins refuse of an object that is otherwise in order.
 * @throws StatusFault 403
 */
export function refuseByPlugins(core: Core, attributes: Attributes): void {
  const { kind, subresource, object, operation } = attributes
  if (subresource !== '' || object === undefined || operation === 'DELETE') return
  if (kind.table === PRIORITY_CLASSES && object['globalDefault'] === true) {
    const other = core.store
      .list(PRIORITY_CLASSES)
      .find((each) => each['globalDefault'] === true && each.metadata.name !== object.metadata.name)
    if (other !== undefined)
      throw refused(
        attributes,
        `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`,
      )
  }
  if (kind.table === 'persistentvolumeclaims' && attributes.old !== undefined)
    refuseGrowth(core, attributes, object, attributes.old)
}

/** A claim grows when it is bound to what a class that allows it made. */
function refuseGrowth(
  core: Core,
  attributes: Attributes,
  claim: KubeObject,
  old: KubeObject,
): void {
  const storage = (object: KubeObject): Json | undefined => {
    const { resources } = specOf(object)
    const requests = isObject(resources) ? resources['requests'] : undefined
    return isObject(requests) ? requests['storage'] : undefined
  }
  const nanos = (text: Json | undefined): bigint => parseQuantity(String(text ?? '0'))?.nanos ?? 0n
  if (nanos(storage(claim)) <= nanos(storage(old))) return
  const status = isObject(old['status']) ? old['status'] : {}
  if (status['phase'] !== 'Bound')
    throw refused(attributes, 'Only bound persistent volume claims can be expanded')
  const name = specOf(claim)['storageClassName']
  const found =
    typeof name === 'string' ? core.store.get('storageclasses.storage.k8s.io', name) : undefined
  if (found?.['allowVolumeExpansion'] !== true)
    throw refused(
      attributes,
      'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    )
}
