import { isObject, type JsonObject } from '../../object/index.ts'
import { text } from './check.ts'
import {
  descending,
  fieldRefCauses,
  modeCauses,
  resourceRefCauses,
  VOLUME_FIELDS,
} from './check-env.ts'
import { invalid, required, tooLong } from './field-error.ts'
import { dnsSubdomain } from './names.ts'
import type { Cause } from './refusal.ts'

/** A field that has to be there. */
export function need(source: JsonObject, path: string, key: string): Cause[] {
  return text(source, key) === '' ? [required(`${path}.${key}`)] : []
}

const LONGEST_DRIVER = 63

/** The name of a driver of storage, which may be in capitals. */
export function driverCauses(name: string, path: string): Cause[] {
  if (name === '') return [required(path)]
  return [
    ...(name.length > LONGEST_DRIVER ? [tooLong(path, LONGEST_DRIVER)] : []),
    ...dnsSubdomain(name.toLowerCase()).map((words) => invalid(path, name, words)),
  ]
}

/** A key of a Secret or ConfigMap as a file. */
export function keyToPath(item: JsonObject, path: string): Cause[] {
  return [
    ...need(item, path, 'key'),
    ...need(item, path, 'path'),
    ...notReserved(text(item, 'path'), `${path}.path`),
    ...modeCauses(item['mode'], `${path}.mode`),
  ]
}

/** Paths below the volume's folder; names that start with two dots belong to the kubelet. */
export function notReserved(value: string, path: string): Cause[] {
  const causes = descending(value, path)
  if (value.startsWith('..') && !value.startsWith('../'))
    causes.push(invalid(path, value, "must not start with '..'"))
  return causes
}

/** What a pod knows of itself as a file; the API server names no index. */
export function downwardFile(item: JsonObject, path: string): Cause[] {
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
}
