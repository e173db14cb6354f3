import { isArray, isObject, type Json, type JsonObject } from '../../object/index.ts'
import { at, formed, number, requiredForm, text, texts } from './check.ts'
import { descending } from './check-env.ts'
import { invalid, notSupported, required } from './field-error.ts'
import { dnsLabel } from './names.ts'
import type { Cause } from './refusal.ts'

/**
 * Sources of volumes that are seldom used: disks and file systems of clouds and of storage products.
 * @see k8s.io/kubernetes pkg/apis/core/validation/validation.go (v1.36.3)
 */

type SourceCheck = (source: JsonObject, path: string) => Cause[]

/** Fields that have to be there. */
function needs(...keys: readonly string[]): SourceCheck {
  return (source, path) => {
    const missing = keys.filter((key) => {
      const value = source[key]
      return isArray(value) ? value.length === 0 : text(source, key) === ''
    })
    return missing.map((key) => required(`${path}.${key}`))
  }
}

function all(...checks: readonly SourceCheck[]): SourceCheck {
  return (source, path) => checks.flatMap((check) => check(source, path))
}

function inRange(key: string, max: number): SourceCheck {
  return (source, path) => {
    const value = number(source, key) ?? 0
    return value >= 0 && value <= max
      ? []
      : [invalid(`${path}.${key}`, value, `must be between 0 and ${max}, inclusive`)]
  }
}

const partition: SourceCheck = (source, path) => {
  const value = number(source, 'partition') ?? 0
  return value >= 0 && value <= 255
    ? []
    : [invalid(`${path}.partition`, value, 'must be between 1 and 255, inclusive')]
}

/** A secret that is named has a name. */
const secretName: SourceCheck = (source, path) =>
  isObject(source['secretRef']) && text(source['secretRef'], 'name') === ''
    ? [required(`${path}.secretRef.name`)]
    : []

const IQN = /^iqn\.\d{4}-\d{2}\.([A-Za-z0-9-.]+)(:[^,;*&$|\s]+)$/
const EUI = /^eui.[0-9A-Fa-f]{16}$/
const NAA = /^naa.[0-9A-Fa-f]{32}$/

function initiator(name: string, path: string, start: string): Cause[] {
  const form = name.startsWith('iqn')
    ? IQN
    : name.startsWith('eui')
      ? EUI
      : name.startsWith('naa')
        ? NAA
        : undefined
  if (form === undefined) return [invalid(path, name, start)]
  return form.test(name) ? [] : [invalid(path, name, 'must be valid format')]
}

const IQN_START = 'must be valid format starting with iqn, eui, or naa'

/** Of persistent volumes less is said. */
export const persistentIscsi: SourceCheck = (source, path) =>
  iscsiCauses(source, path, 'must be valid format')

const iscsi: SourceCheck = (source, path) => iscsiCauses(source, path, IQN_START)

function iscsiCauses(source: JsonObject, path: string, start: string): Cause[] {
  const causes = needs('targetPortal')(source, path)
  const iqn = text(source, 'iqn')
  if (iqn === '') causes.push(required(`${path}.iqn`))
  else causes.push(...initiator(iqn, `${path}.iqn`, start))
  causes.push(...inRange('lun', 255)(source, path))
  const asks = source['chapAuthDiscovery'] === true || source['chapAuthSession'] === true
  if (asks && !isObject(source['secretRef'])) causes.push(required(`${path}.secretRef`))
  if (isObject(source['secretRef']))
    causes.push(...needs('name')(at(source, 'secretRef'), `${path}.secretRef`))
  const name = source['initiatorName']
  // The API server writes the field in small letters.
  return typeof name === 'string'
    ? [...causes, ...initiator(name, `${path}.initiatorname`, start)]
    : causes
}

const fibreChannel: SourceCheck = (source, path) => {
  const [targets, wwids] = [texts(source, 'targetWWNs'), texts(source, 'wwids')]
  const place = `${path}.targetWWNs`
  if (targets.length === 0)
    return wwids.length > 0
      ? []
      : [required(place, 'must specify either targetWWNs or wwids, but not both')]
  const causes: Cause[] = []
  if (wwids.length > 0)
    causes.push(
      invalid(place, targets as Json, 'targetWWNs and wwids can not be specified simultaneously'),
    )
  if (source['lun'] === undefined)
    causes.push(required(`${path}.lun`, 'lun is required if targetWWNs is specified'))
  else causes.push(...inRange('lun', 255)(source, path))
  return causes
}

const flocker: SourceCheck = (source, path) => {
  const [name, id] = [text(source, 'datasetName'), text(source, 'datasetUUID')]
  const causes: Cause[] = []
  if (name === '' && id === '')
    causes.push(required(path, 'one of datasetName and datasetUUID is required'))
  if (name !== '' && id !== '')
    causes.push(
      invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'),
    )
  if (name.includes('/')) causes.push(invalid(`${path}.datasetName`, name, "must not contain '/'"))
  return causes
}

const quobyte: SourceCheck = (source, path) => {
  const registry = text(source, 'registry')
  const words = 'must be a host:port pair or multiple pairs separated by commas'
  const causes: Cause[] = []
  if (registry === '') causes.push(required(`${path}.registry`, words))
  else if (text(source, 'tenant').length >= 65)
    causes.push(
      required(`${path}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'),
    )
  else
    for (const pair of registry.split(','))
      if (!/^(?:\[[^\]]*\]|[^:[\]]*):[^:[\]]*$/.test(pair))
        causes.push(invalid(`${path}.registry`, registry, words))
  return [...causes, ...needs('volume')(source, path)]
}

const flexVolume: SourceCheck = (source, path) => [
  ...needs('driver')(source, path),
  ...Object.keys(at(source, 'options')).flatMap((key) =>
    /\.(kubernetes|k8s)\.io$/.test(`.${(key.split('/')[0] ?? '').toLowerCase()}`)
      ? [
          invalid(
            `${path}.options[${key}]`,
            key,
            'kubernetes.io and k8s.io namespaces are reserved',
          ),
        ]
      : [],
  ),
]

const MANAGED =
  '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
const BLOB = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'

const azureDisk: SourceCheck = (source, path) => {
  const causes = needs('diskName', 'diskURI')(source, path)
  const { cachingMode, kind } = source
  const uri = text(source, 'diskURI')
  const modes = ['None', 'ReadOnly', 'ReadWrite']
  if (typeof cachingMode === 'string' && !modes.includes(cachingMode))
    causes.push(notSupported(`${path}.cachingMode`, cachingMode, modes))
  if (typeof kind !== 'string') return causes
  const kinds = ['Dedicated', 'Managed', 'Shared']
  if (!kinds.includes(kind)) causes.push(notSupported(`${path}.kind`, kind, kinds))
  const isManaged = kind === 'Managed'
  if (!uri.startsWith(isManaged ? '/subscriptions/' : 'https://'))
    causes.push(notSupported(`${path}.diskURI`, uri, [isManaged ? MANAGED : BLOB]))
  return causes
}

const storageOs: SourceCheck = (source, path) => {
  const namespace = text(source, 'volumeNamespace')
  return [
    ...requiredForm(text(source, 'volumeName'), dnsLabel, `${path}.volumeName`),
    ...(namespace === '' ? [] : formed(namespace, dnsLabel, `${path}.volumeNamespace`)),
    ...secretName(source, path),
  ]
}

/** What is asked of the sources that are no part of Kubernetes itself. */
export const SELDOM: Readonly<Record<string, SourceCheck>> = {
  gitRepo: all(needs('repository'), (source, path) =>
    descending(text(source, 'directory'), `${path}.directory`),
  ),
  gcePersistentDisk: all(needs('pdName'), partition),
  awsElasticBlockStore: all(needs('volumeID'), partition),
  iscsi,
  glusterfs: needs('endpoints', 'path'),
  flocker,
  rbd: (source, path) => [
    ...(texts(source, 'monitors').length === 0 ? [required(`${path}.monitors`)] : []),
    ...needs('image')(source, path),
  ],
  cinder: all(needs('volumeID'), secretName),
  cephfs: (source, path) =>
    texts(source, 'monitors').length === 0 ? [required(`${path}.monitors`)] : [],
  quobyte,
  fc: fibreChannel,
  flexVolume,
  azureFile: needs('secretName', 'shareName'),
  vsphereVolume: needs('volumePath'),
  photonPersistentDisk: needs('pdID'),
  portworxVolume: needs('volumeID'),
  azureDisk,
  storageos: storageOs,
  scaleIO: needs('gateway', 'system', 'volumeName'),
}

/** The order in which the API server looks at sources; of several the first is the volume. */
export const SOURCE_ORDER: readonly string[] = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'flocker',
  'persistentVolumeClaim',
  'rbd',
  'cinder',
  'cephfs',
  'quobyte',
  'downwardAPI',
  'fc',
  'flexVolume',
  'configMap',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'storageos',
  'projected',
  'scaleIO',
  'csi',
  'ephemeral',
  'image',
]
