import { isObject, type Json, type JsonObject } from '../../object/index.ts'
import { at, type Check, formed, requiredForm, text } from './check.ts'
import { invalid, notSupported, required } from './field-error.ts'
import { configMapKey, dnsSubdomain, envVarName, qualifiedName } from './names.ts'
import type { Cause } from './refusal.ts'

const SOURCES = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef']
const NO_SOURCE =
  'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
const TWO_SOURCES = 'may not have more than one field specified at a time'

/** What is wrong with an environment variable. */
export const envCauses: Check = (env, path) => {
  const causes = requiredForm(text(env, 'name'), envVarName, `${path}.name`)
  const from = env['valueFrom']
  if (!isObject(from)) return causes
  const place = `${path}.valueFrom`
  const given = SOURCES.filter((key) => from[key] !== undefined)
  if (isObject(from['fieldRef']))
    causes.push(...fieldRefCauses(from['fieldRef'], `${place}.fieldRef`, ENV_FIELDS))
  if (isObject(from['resourceFieldRef']))
    causes.push(...resourceRefCauses(from['resourceFieldRef'], `${place}.resourceFieldRef`, false))
  for (const key of ['configMapKeyRef', 'secretKeyRef'])
    if (isObject(from[key])) causes.push(...keyRefCauses(from[key], `${place}.${key}`))
  if (given.length === 0) causes.push(invalid(place, '', NO_SOURCE))
  else if (text(env, 'value') !== '')
    causes.push(invalid(place, '', 'may not be specified when `value` is not empty'))
  else if (given.length > 1) causes.push(invalid(place, '', TWO_SOURCES))
  return causes
}

function keyRefCauses(ref: JsonObject, path: string): Cause[] {
  return [
    ...formed(text(ref, 'name'), dnsSubdomain, `${path}.name`),
    ...requiredForm(text(ref, 'key'), configMapKey, `${path}.key`),
  ]
}

/** What is wrong with the things that a container's variables come from; they share one path. */
export function envFromCauses(from: JsonObject, path: string, i: number): Cause[] {
  const given = ['configMapRef', 'secretRef'].filter((key) => isObject(from[key]))
  const causes: Cause[] = []
  const prefix = text(from, 'prefix')
  if (prefix !== '') causes.push(...formed(prefix, envVarName, `${path}[${i}].prefix`))
  for (const key of given)
    causes.push(
      ...requiredForm(text(at(from, key), 'name'), dnsSubdomain, `${path}[${i}].${key}.name`),
    )
  if (given.length === 0)
    causes.push(invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'))
  if (given.length > 1) causes.push(invalid(path, '', TWO_SOURCES))
  return causes
}

const META = ['metadata.name', 'metadata.namespace', 'metadata.uid']
const ENV_FIELDS = [
  ...META,
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]
/** Fields of a pod that can be a file of a volume, in the order in which they are told. */
export const VOLUME_FIELDS: readonly string[] = ['metadata.annotations', 'metadata.labels', ...META]
/** What has a name for the downward API, though not everywhere. */
const LABELS = [
  ...VOLUME_FIELDS,
  ...ENV_FIELDS,
  'spec.host',
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
]

/** What is wrong with a reference to a field of the pod. */
export function fieldRefCauses(ref: JsonObject, path: string, allowed: readonly string[]): Cause[] {
  const field = text(ref, 'fieldPath')
  const place = `${path}.fieldPath`
  if (field === '') return [required(place)]
  const subscript = /^(.+)\['(.*)'\]$/.exec(field)
  if (subscript !== null) {
    const [, base = '', key = ''] = subscript
    if (base === 'metadata.annotations') return formed(key.toLowerCase(), qualifiedName, path)
    if (base === 'metadata.labels') return formed(key, qualifiedName, path)
    const not = `error converting fieldPath: field label does not support subscript: ${field}`
    return [invalid(place, field, not)]
  }
  if (!LABELS.includes(field))
    return [
      invalid(place, field, `error converting fieldPath: field label not supported: ${field}`),
    ]
  const own = field === 'spec.host' ? 'spec.nodeName' : field
  return allowed.includes(own) ? [] : [notSupported(place, own, allowed)]
}

const RESOURCES = ['cpu', 'ephemeral-storage', 'memory']
const RESOURCE_FIELDS = ['limits', 'requests'].flatMap((kind) =>
  RESOURCES.map((name) => `${kind}.${name}`),
)

/** What is wrong with a reference to the resources of a container. */
export function resourceRefCauses(ref: JsonObject, path: string, inVolume: boolean): Cause[] {
  return [...resourceName(ref, path, inVolume), ...divisor(ref, path)]
}

function resourceName(ref: JsonObject, path: string, inVolume: boolean): Cause[] {
  const resource = text(ref, 'resource')
  if (inVolume && text(ref, 'containerName') === '') return [required(`${path}.containerName`)]
  if (resource === '') return [required(`${path}.resource`)]
  if (RESOURCE_FIELDS.includes(resource) || HUGE.test(resource)) return []
  return [notSupported(`${path}.resource`, resource, RESOURCE_FIELDS)]
}

const HUGE = /^(limits|requests)\.hugepages-/
const BYTES = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']

/** What an amount is counted in: `[divisors, what they are for]` by resource. */
function divisorsOf(resource: string): readonly [readonly string[], string] | undefined {
  if (resource.endsWith('.cpu')) return [['1m', '1'], 'cpu']
  if (resource.endsWith('.memory')) return [BYTES, 'memory']
  if (resource.endsWith('.ephemeral-storage')) return [BYTES, 'local ephemeral storage']
  return HUGE.test(resource) ? [BYTES, 'hugepages'] : undefined
}

function divisor(ref: JsonObject, path: string): Cause[] {
  const resource = text(ref, 'resource')
  const given = String(ref['divisor'] ?? '0')
  const known = divisorsOf(resource)
  if (given === '0' || known === undefined || known[0].includes(given)) return []
  const [divisors, what] = known
  const list = divisors.length === 2 ? divisors.join(' and ') : divisors.join(', ')
  const words = `only divisor's values ${list} are supported with the ${what} resource`
  return [invalid(`${path}.divisor`, resource, words)]
}

/** Paths below some folder: relative, and never out of it. */
export function descending(value: string, path: string): Cause[] {
  return [
    ...(value.startsWith('/') ? [invalid(path, value, 'must be a relative path')] : []),
    ...noBacksteps(value, path),
  ]
}

/** Paths that do not climb. */
export function noBacksteps(value: string, path: string): Cause[] {
  return value.split('/').includes('..') ? [invalid(path, value, "must not contain '..'")] : []
}

/** A file's mode. */
export function modeCauses(value: Json | undefined, path: string): Cause[] {
  if (typeof value !== 'number' || (value >= 0 && value <= 0o777)) return []
  return [invalid(path, value, 'must be a number between 0 and 0777 (octal), both inclusive')]
}
