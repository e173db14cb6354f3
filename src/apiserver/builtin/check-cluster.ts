import { isObject, type Json, type JsonObject, sameJson } from '../../object/index.ts'
import { parseQuantity } from '../../schema/index.ts'
import {
  at,
  type Check,
  formed,
  immutable,
  items,
  labels,
  number,
  requiredForm,
  text,
  texts,
} from './check.ts'
import { resourceCauses } from './check-container.ts'
import { noBacksteps } from './check-env.ts'
import { driverCauses } from './check-files.ts'
import { nodeSelector, tolerationCauses } from './check-scheduling.ts'
import { allowedTopologies } from './check-storage.ts'
import { hostPath, nfs } from './check-volume.ts'
import { persistentIscsi, SELDOM } from './check-volume-kinds.ts'
import { forbidden, invalid, notSupported, required } from './field-error.ts'
import { goStruct } from './go-struct.ts'
import { dnsLabel, dnsSubdomain, pathSegment, qualifiedName } from './names.ts'
import type { Cause } from './refusal.ts'
import { jsonDiff } from './unified-diff.ts'

/** Modes in which a volume can be mounted. */
export const ACCESS_MODES: readonly string[] = [
  'ReadOnlyMany',
  'ReadWriteMany',
  'ReadWriteOnce',
  'ReadWriteOncePod',
]

/** Persistent volumes. */
export const volumeSpec: Check = (spec, path) => {
  const modes = texts(spec, 'accessModes')
  const causes: Cause[] = modes.length === 0 ? [required(`${path}.accessModes`)] : []
  for (const mode of modes)
    if (!ACCESS_MODES.includes(mode))
      causes.push(notSupported(`${path}.accessModes`, mode, ACCESS_MODES))
  const known = modes.filter((mode) => ACCESS_MODES.includes(mode))
  if (known.includes('ReadWriteOncePod') && known.some((mode) => mode !== 'ReadWriteOncePod'))
    causes.push(
      forbidden(`${path}.accessModes`, 'may not use ReadWriteOncePod with other access modes'),
    )
  causes.push(...capacity(spec, `${path}.capacity`))
  causes.push(
    ...member(spec, 'persistentVolumeReclaimPolicy', ['Delete', 'Recycle', 'Retain'], path),
  )
  const affinity = spec['nodeAffinity']
  if (isObject(affinity)) causes.push(...volumeAffinity(affinity, `${path}.nodeAffinity`))
  causes.push(...sourcesOf(spec, path), ...attributesOf(spec, path))
  const name = text(spec, 'storageClassName')
  if (name !== '') causes.push(...formed(name, dnsSubdomain, `${path}.storageClassName`))
  return [...causes, ...member(spec, 'volumeMode', ['Block', 'Filesystem'], path)]
}

/** The order in which the API server looks at the sources of a persistent volume. */
const ORDER = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
]

/** Of several sources the first is the volume; a flexVolume is looked at whatever stands beside it. */
function sourcesOf(spec: JsonObject, path: string): Cause[] {
  const given = ORDER.filter((key) => isObject(spec[key]))
  if (given.length === 0) return [required(path, 'must specify a volume type')]
  return given.flatMap((key, i) => {
    const source = at(spec, key)
    if (i === 0 || key === 'flexVolume') return sourceOf(key, source, path, spec)
    const name = key === 'cephfs' ? 'cephFS' : key
    return [forbidden(`${path}.${name}`, 'may not specify more than 1 volume type')]
  })
}

function sourceOf(key: string, source: JsonObject, path: string, spec: JsonObject): Cause[] {
  const place = `${path}.${key === 'gcePersistentDisk' ? 'persistentDisk' : key}`
  if (key === 'csi') return csiSource(source, place)
  if (key === 'hostPath') return hostPath(source, place)
  if (key === 'nfs') return nfs(source, place)
  if (key === 'iscsi') return persistentIscsi(source, place)
  if (key === 'local') return localVolume(source, place, spec)
  return SELDOM[key]?.(source, place) ?? []
}

function localVolume(source: JsonObject, path: string, spec: JsonObject): Cause[] {
  const own = text(source, 'path')
  const causes = own === '' ? [required(`${path}.path`)] : noBacksteps(own, `${path}.path`)
  if (isObject(at(spec, 'nodeAffinity')['required'])) return causes
  const words = 'Local volume requires node affinity'
  return [...causes, required(path.replace(/\.local$/, '.nodeAffinity'), words)]
}

function attributesOf(spec: JsonObject, path: string): Cause[] {
  const name = spec['volumeAttributesClassName']
  if (typeof name !== 'string') return []
  const place = `${path}.volumeAttributesClassName`
  const causes =
    name === ''
      ? [required(place, 'an empty string is disallowed')]
      : formed(name, dnsSubdomain, place)
  return isObject(spec['csi'])
    ? causes
    : [
        ...causes,
        required(`${path}.csi`, 'has to be specified when using volumeAttributesClassName'),
      ]
}

function volumeAffinity(affinity: JsonObject, path: string): Cause[] {
  const need = affinity['required']
  return isObject(need)
    ? nodeSelector(need, `${path}.required`)
    : [required(`${path}.required`, 'must specify required node constraints')]
}

const SECRETS = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
]

function csiSource(csi: JsonObject, path: string): Cause[] {
  const causes = driverCauses(text(csi, 'driver'), `${path}.driver`)
  if (text(csi, 'volumeHandle') === '') causes.push(required(`${path}.volumeHandle`))
  for (const key of SECRETS) {
    const secret = csi[key]
    if (!isObject(secret)) continue
    causes.push(
      ...requiredForm(text(secret, 'name'), dnsSubdomain, `${path}.${key}.name`),
      ...requiredForm(text(secret, 'namespace'), dnsLabel, `${path}.${key}.namespace`),
    )
  }
  return causes
}

function capacity(spec: JsonObject, path: string): Cause[] {
  const given = at(spec, 'capacity')
  const names = Object.keys(given)
  const causes: Cause[] = names.length === 0 ? [required(path)] : []
  if (names.length !== 1 || names[0] !== 'storage')
    causes.push(notSupported(path, spec['capacity'], ['storage']))
  for (const [name, amount] of Object.entries(given)) {
    const nanos = parseQuantity(String(amount))?.nanos ?? 0n
    const place = `${path}[${name}]`
    if (nanos < 0n)
      causes.push(
        invalid(place, Number(nanos / 1_000_000_000n), 'must be a valid resource quantity'),
      )
    if (nanos <= 0n) causes.push(invalid(place, amount, 'must be greater than zero'))
  }
  return causes
}

/** What may not be changed of a persistent volume. */
export function volumeUpdate(next: JsonObject, old: JsonObject): Cause[] {
  const [ours, theirs] = [
    goStruct('PersistentVolumeSource', old),
    goStruct('PersistentVolumeSource', next),
  ]
  const place = 'spec.persistentvolumesource'
  const source = sameJson(ours, theirs)
    ? []
    : [forbidden(place, `${place} is immutable after creation\n${jsonDiff(ours, theirs)}`)]
  const affinity = next['nodeAffinity']
  const kept =
    old['nodeAffinity'] === undefined ||
    sameJson(withoutKeys(affinity, affinity), withoutKeys(old['nodeAffinity'], affinity))
  const printed = isObject(affinity) ? goStruct('VolumeNodeAffinity', affinity) : null
  const why = 'field is immutable, except for updating from beta label to GA'
  return [
    ...source,
    ...immutable(next['volumeMode'], old['volumeMode'], 'volumeMode'),
    ...(kept ? [] : [invalid('nodeAffinity', printed, why)]),
  ]
}

/** Where a requirement has an empty key, keys are not compared: that is how it is done. */
function withoutKeys(affinity: Json | undefined, next: Json | undefined): Json {
  const hasEmpty = JSON.stringify(next ?? null).includes('"key":""')
  if (!hasEmpty) return affinity ?? null
  return JSON.parse(
    JSON.stringify(affinity ?? null).replaceAll(/"key":"[^"]*"/g, '"key":""'),
  ) as Json
}

/** A text that, where it is given, has to be one of some. */
function member(
  value: JsonObject,
  key: string,
  supported: readonly string[],
  path: string,
): Cause[] {
  const given = value[key]
  if (typeof given !== 'string' || supported.includes(given)) return []
  return [notSupported(path === '' ? key : `${path}.${key}`, given, supported)]
}

/** Storage classes. */
export function storageClass(object: JsonObject): Cause[] {
  const provisioner = text(object, 'provisioner')
  const own =
    provisioner === ''
      ? [required('provisioner')]
      : formed(provisioner.toLowerCase(), qualifiedName, 'provisioner')
  const empty = Object.hasOwn(at(object, 'parameters'), '')
    ? [invalid('parameters', '', 'field can not be empty.')]
    : []
  return [
    ...own,
    ...empty,
    ...member(object, 'reclaimPolicy', ['Delete', 'Retain'], ''),
    ...member(object, 'volumeBindingMode', ['Immediate', 'WaitForFirstConsumer'], ''),
    ...allowedTopologies(object),
  ]
}

/** What may not be changed of a class of ingresses. */
export function ingressClassUpdate(next: JsonObject, old: JsonObject): Cause[] {
  const controller = (of: JsonObject): string => text(at(of, 'spec'), 'controller')
  return immutable(controller(next), controller(old), 'spec.controller')
}

/** Classes of ingresses. */
export const ingressClassSpec: Check = (spec, path) => {
  const controller = text(spec, 'controller')
  const place = `${path}.controller`
  const causes: Cause[] = []
  if (controller === '') causes.push(required(place))
  else if (!isDomainPath(controller))
    causes.push(
      invalid(place, controller, 'must be a domain-prefixed path (such as "acme.io/foo")'),
    )
  const parameters = spec['parameters']
  if (!isObject(parameters)) return causes
  for (const key of ['kind', 'name']) {
    const value = text(parameters, key)
    const own = `${path}.parameters.${key}`
    causes.push(...(value === '' ? [required(own)] : formed(value, pathSegment, own)))
  }
  return [...causes, ...parametersScope(parameters, `${path}.parameters`)]
}

/** What is in the cluster has no namespace, what is in a namespace names it. */
function parametersScope(parameters: JsonObject, path: string): Cause[] {
  const { scope, namespace } = parameters
  if (typeof scope !== 'string') return [required(`${path}.scope`)]
  const scopes = ['Cluster', 'Namespace']
  if (!scopes.includes(scope)) return [notSupported(`${path}.scope`, scope, scopes)]
  const place = `${path}.namespace`
  if (scope === 'Cluster')
    return namespace === undefined
      ? []
      : [forbidden(place, "`parameters.scope` is set to 'Cluster'")]
  return typeof namespace === 'string' && namespace !== ''
    ? formed(namespace, dnsLabel, place)
    : [required(place, "`parameters.scope` is set to 'Namespace'")]
}

function isDomainPath(value: string): boolean {
  const [domain = '', ...rest] = value.split('/')
  return (
    dnsSubdomain(domain).length === 0 && /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(rest.join('/'))
  )
}

const SYSTEM: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
}

/** Classes of priority. */
export function priorityClass(object: JsonObject): Cause[] {
  const name = text(at(object, 'metadata'), 'name')
  const value = number(object, 'value') ?? 0
  const causes: Cause[] = []
  if (name.startsWith('system-')) {
    if (SYSTEM[name] === undefined)
      causes.push(
        forbidden(
          'metadata.name',
          `priority class names with 'system-' prefix are reserved for system use only. error: ${name} is not a known system priority class`,
        ),
      )
  } else if (value > 1_000_000_000)
    causes.push(
      forbidden('value', 'maximum allowed value of a user defined priority is 1000000000'),
    )
  return [...causes, ...member(object, 'preemptionPolicy', ['PreemptLowerPriority', 'Never'], '')]
}

/** What may not be changed of a class of priority. */
export function priorityClassUpdate(next: JsonObject, old: JsonObject): Cause[] {
  const same = (number(next, 'value') ?? 0) === (number(old, 'value') ?? 0)
  return [
    ...(same ? [] : [forbidden('value', 'may not be changed in an update.')]),
    ...immutable(next['preemptionPolicy'], old['preemptionPolicy'], 'preemptionPolicy'),
  ]
}

/** Leases. */
export const leaseSpec: Check = (spec, path) => {
  const causes: Cause[] = []
  const duration = number(spec, 'leaseDurationSeconds')
  if (duration !== undefined && duration <= 0)
    causes.push(invalid(`${path}.leaseDurationSeconds`, duration, 'must be greater than 0'))
  const transitions = number(spec, 'leaseTransitions')
  if (transitions !== undefined && transitions < 0)
    causes.push(
      invalid(`${path}.leaseTransitions`, transitions, 'must be greater than or equal to 0'),
    )
  return causes
}

/** Classes of runtimes. */
export function runtimeClass(object: JsonObject): Cause[] {
  const handler = text(object, 'handler')
  const scheduling = at(object, 'scheduling')
  const overhead = at(at(object, 'overhead'), 'podFixed')
  return [
    ...(handler === '' ? [required('handler')] : formed(handler, dnsLabel, 'handler')),
    ...resourceCauses({ limits: overhead }, 'overhead'),
    ...labels(at(scheduling, 'nodeSelector'), 'scheduling.nodeSelector'),
    ...items(scheduling, 'tolerations').flatMap((each, i) =>
      tolerationCauses(each, `scheduling.tolerations[${i}]`),
    ),
  ]
}

/** What may not be changed of a class of runtimes. */
export function runtimeClassUpdate(next: JsonObject, old: JsonObject): Cause[] {
  return immutable(next['handler'], old['handler'], 'handler')
}
