import { isObject, type JsonObject } from '../../object/index.ts'
import { parseQuantity } from '../../schema/index.ts'
import { items, requiredForm, text } from './check.ts'
import {
  descending,
  fieldRefCauses,
  modeCauses,
  noBacksteps,
  resourceRefCauses,
  VOLUME_FIELDS,
} from './check-env.ts'
import { forbidden, invalid, notSupported, required } from './field-error.ts'
import { dnsLabel } from './names.ts'
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
  if (isObject(source)) causes.push(...sourceCauses(kind, source, `${path}.${kind}`))
  return [...causes, ...requiredForm(text(volume, 'name'), dnsLabel, `${path}.name`)]
}

const ODD_NAMES: Readonly<Record<string, string>> = {
  cephfs: 'cephFS',
  downwardAPI: 'downwarAPI',
}

/** The order in which the API server looks at sources, where it is not that of the type. */
function rank(kind: string): number {
  return ['emptyDir', 'hostPath'].indexOf(kind) + 1 || 3
}

function need(source: JsonObject, path: string, key: string): Cause[] {
  return text(source, key) === '' ? [required(`${path}.${key}`)] : []
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
      return need(source, path, 'driver')
    default:
      return []
  }
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

function nfs(source: JsonObject, path: string): Cause[] {
  const own = text(source, 'path')
  return [
    ...need(source, path, 'server'),
    ...need(source, path, 'path'),
    ...(own.startsWith('/') ? [] : [invalid(`${path}.path`, own, 'must be an absolute path')]),
  ]
}

function files(source: JsonObject, path: string): Cause[] {
  const listed = items(source, 'items').flatMap((item, i) => {
    const place = `${path}.items[${i}]`
    return [
      ...need(item, place, 'key'),
      ...need(item, place, 'path'),
      ...notReserved(text(item, 'path'), `${place}.path`),
      ...modeCauses(item['mode'], `${place}.mode`),
    ]
  })
  return [...modeCauses(source['defaultMode'], `${path}.defaultMode`), ...listed]
}

/** Paths below the volume's folder; names that start with two dots belong to the kubelet. */
function notReserved(value: string, path: string): Cause[] {
  const causes = descending(value, path)
  if (value.startsWith('..') && !value.startsWith('../'))
    causes.push(invalid(path, value, "must not start with '..'"))
  return causes
}

/** The API server names no index here. */
function downward(source: JsonObject, path: string): Cause[] {
  const listed = items(source, 'items').flatMap((item) => {
    const causes = [...need(item, path, 'path'), ...notReserved(text(item, 'path'), `${path}.path`)]
    const field = item['fieldRef']
    const resource = item['resourceFieldRef']
    if (isObject(field)) {
      causes.push(...fieldRefCauses(field, `${path}.fieldRef`, VOLUME_FIELDS))
      if (isObject(resource))
        causes.push(
          invalid(
            path,
            'resource',
            'fieldRef and resourceFieldRef can not be specified simultaneously',
          ),
        )
    } else if (isObject(resource))
      causes.push(...resourceRefCauses(resource, `${path}.resourceFieldRef`, true))
    else causes.push(required(path, 'one of fieldRef and resourceFieldRef is required'))
    return [...causes, ...modeCauses(item['mode'], `${path}.mode`)]
  })
  return [...modeCauses(source['defaultMode'], `${path}.defaultMode`), ...listed]
}
