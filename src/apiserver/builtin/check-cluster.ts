import { isObject, type JsonObject, sameJson } from '../../object/index.ts'
import { parseQuantity } from '../../schema/index.ts'
import { at, type Check, formed, immutable, items, labels, number, text, texts } from './check.ts'
import { resourceCauses } from './check-container.ts'
import { nodeSelector, tolerationCauses } from './check-scheduling.ts'
import { allowedTopologies } from './check-storage.ts'
import { hostPath } from './check-volume.ts'
import { forbidden, invalid, notSupported, required, tooLong } from './field-error.ts'
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

/** What the spec of a persistent volume has beside its source. */
const NO_SOURCE = new Set([
  'accessModes',
  'capacity',
  'claimRef',
  'mountOptions',
  'nodeAffinity',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'volumeAttributesClassName',
  'volumeMode',
])

/** Persistent volumes. */
export const volumeSpec: Check = (spec, path) => {
  const modes = texts(spec, 'accessModes')
  const causes: Cause[] = modes.length === 0 ? [required(`${path}.accessModes`)] : []
  for (const mode of modes)
    if (!ACCESS_MODES.includes(mode))
      causes.push(notSupported(`${path}.accessModes`, mode, ACCESS_MODES))
  if (modes.includes('ReadWriteOncePod') && modes.length > 1)
    causes.push(
      forbidden(`${path}.accessModes`, 'may not use ReadWriteOncePod with other access modes'),
    )
  causes.push(...capacity(spec, `${path}.capacity`))
  causes.push(
    ...member(spec, 'persistentVolumeReclaimPolicy', ['Delete', 'Recycle', 'Retain'], path),
  )
  const sources = Object.keys(spec)
    .filter((key) => !NO_SOURCE.has(key) && spec[key] !== undefined)
    .sort((a, b) => Number(b === 'hostPath') - Number(a === 'hostPath'))
  if (sources.length === 0) causes.push(required(path, 'must specify a volume type'))
  const affinity = spec['nodeAffinity']
  if (isObject(affinity)) causes.push(...volumeAffinity(affinity, `${path}.nodeAffinity`))
  const csi = spec['csi']
  if (isObject(csi)) causes.push(...csiSource(csi, `${path}.csi`))
  const host = spec['hostPath']
  if (isObject(host)) causes.push(...hostPath(host, `${path}.hostPath`))
  for (const extra of sources.slice(1))
    causes.push(
      forbidden(
        `${path}.${extra === 'cephfs' ? 'cephFS' : extra}`,
        'may not specify more than 1 volume type',
      ),
    )
  const name = text(spec, 'storageClassName')
  if (name !== '') causes.push(...formed(name, dnsSubdomain, `${path}.storageClassName`))
  return [...causes, ...member(spec, 'volumeMode', ['Block', 'Filesystem'], path)]
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
  const driver = text(csi, 'driver')
  const place = `${path}.driver`
  const causes: Cause[] =
    driver === ''
      ? [required(place)]
      : [
          ...(driver.length > 63 ? [tooLong(place, 63)] : []),
          ...dnsSubdomain(driver.toLowerCase()).map((words) => invalid(place, driver, words)),
        ]
  if (text(csi, 'volumeHandle') === '') causes.push(required(`${path}.volumeHandle`))
  for (const key of SECRETS) {
    const secret = csi[key]
    if (!isObject(secret)) continue
    for (const part of ['name', 'namespace'])
      if (text(secret, part) === '') causes.push(required(`${path}.${key}.${part}`))
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
  const kept =
    old['nodeAffinity'] === undefined || sameJson(next['nodeAffinity'], old['nodeAffinity'])
  const affinity = next['nodeAffinity']
  const printed = isObject(affinity) ? goStruct('VolumeNodeAffinity', affinity) : null
  const why = 'field is immutable, except for updating from beta label to GA'
  return [
    ...source,
    ...immutable(next['volumeMode'], old['volumeMode'], 'volumeMode'),
    ...(kept ? [] : [invalid('nodeAffinity', printed, why)]),
  ]
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
  return causes
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
