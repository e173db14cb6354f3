import { isObject, type JsonObject } from '../../object/index.ts'
import { parseQuantity } from '../../schema/index.ts'
import { formed, items, oneOf, requiredForm, text } from './check.ts'
import { claimSpecCauses } from './check-config.ts'
import { modeCauses, noBacksteps } from './check-env.ts'
import { downwardFile, driverCauses, keyToPath, need } from './check-files.ts'
import { ephemeral, projected } from './check-projected.ts'
import { SELDOM, SOURCE_ORDER } from './check-volume-kinds.ts'
import { forbidden, invalid, notSupported, required } from './field-error.ts'
import { dnsLabel, dnsSubdomain } from './names.ts'
import type { Cause } from './refusal.ts'

/** What is wrong with a volume of a pod. */
export function volumeCauses(volume: JsonObject, path: string): Cause[] {
  const sources = Object.keys(volume)
    .filter((key) => key !== 'name' && volume[key] !== undefined)
    .sort((a, b) => rank(a) - rank(b))
  const causes: Cause[] = []
  if (sources.length === 0) causes.push(required(path, 'must specify a volume type'))
  for (const extra of sources.slice(1))
    causes.push(
      forbidden(
        // So it is written there.
        `${path}.${ODD_NAMES[extra] ?? extra}`,
        'may not specify more than 1 volume type',
      ),
    )
  const [kind = ''] = sources
  const source = volume[kind]
  const place = `${path}.${kind === 'gcePersistentDisk' ? 'persistentDisk' : kind}`
  if (isObject(source)) causes.push(...sourceCauses(kind, source, place))
  return [...causes, ...requiredForm(text(volume, 'name'), dnsLabel, `${path}.name`)]
}

const ODD_NAMES: Readonly<Record<string, string>> = {
  cephfs: 'cephFS',
  downwardAPI: 'downwarAPI',
}

function rank(kind: string): number {
  return SOURCE_ORDER.indexOf(kind)
}

function sourceCauses(kind: string, source: JsonObject, path: string): Cause[] {
  switch (kind) {
    case 'emptyDir':
      return sizeLimit(source, path)
    case 'secret':
      return [...need(source, path, 'secretName'), ...files(source, path)]
    case 'configMap':
      return [...need(source, path, 'name'), ...files(source, path)]
    case 'downwardAPI':
      return downward(source, path)
    case 'persistentVolumeClaim':
      return need(source, path, 'claimName')
    case 'hostPath':
      return hostPath(source, path)
    case 'nfs':
      return nfs(source, path)
    case 'csi':
      return csi(source, path)
    case 'projected':
      return projected(source, path)
    case 'ephemeral':
      return ephemeral(source, path, claimSpecCauses)
    case 'image':
      return oneOf(
        text(source, 'pullPolicy'),
        ['Always', 'IfNotPresent', 'Never'],
        `${path}.pullPolicy`,
      )
    default:
      return SELDOM[kind]?.(source, path) ?? []
  }
}

function csi(source: JsonObject, path: string): Cause[] {
  const secret = source['nodePublishSecretRef']
  const causes = driverCauses(text(source, 'driver'), `${path}.driver`)
  if (!isObject(secret)) return causes
  const name = text(secret, 'name')
  if (name === '') return [...causes, required(`${path}.nodePublishSecretRef.name`)]
  return [...causes, ...formed(name, dnsSubdomain, `${path}.name`)]
}

function sizeLimit(source: JsonObject, path: string): Cause[] {
  const limit = source['sizeLimit']
  const nanos = limit === undefined ? 0n : (parseQuantity(String(limit))?.nanos ?? 0n)
  return nanos < 0n
    ? [forbidden(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
    : []
}

const HOST_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]

/** A folder or file of the node. */
export function hostPath(source: JsonObject, path: string): Cause[] {
  const own = text(source, 'path')
  if (own === '') return [required(`${path}.path`)]
  const type = text(source, 'type')
  return [
    ...noBacksteps(own, `${path}.path`),
    ...(HOST_TYPES.includes(type) ? [] : [notSupported(`${path}.type`, type, HOST_TYPES)]),
  ]
}

/** A folder of another host. */
export function nfs(source: JsonObject, path: string): Cause[] {
  const own = text(source, 'path')
  return [
    ...need(source, path, 'server'),
    ...need(source, path, 'path'),
    ...(own.startsWith('/') ? [] : [invalid(`${path}.path`, own, 'must be an absolute path')]),
  ]
}

function files(source: JsonObject, path: string): Cause[] {
  return [
    ...modeCauses(source['defaultMode'], `${path}.defaultMode`),
    ...items(source, 'items').flatMap((item, i) => keyToPath(item, `${path}.items[${i}]`)),
  ]
}

/** The API server names no index here. */
function downward(source: JsonObject, path: string): Cause[] {
  return [
    ...modeCauses(source['defaultMode'], `${path}.defaultMode`),
    ...items(source, 'items').flatMap((item) => downwardFile(item, path)),
  ]
}
