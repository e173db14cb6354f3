import { isObject, type JsonObject } from '../../object/index.ts'
import { items, requiredForm, text } from './check.ts'
import { forbidden, required } from './field-error.ts'
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
    causes.push(forbidden(`${path}.${extra}`, 'may not specify more than 1 volume type'))
  const [kind = ''] = sources
  const source = volume[kind]
  if (isObject(source)) causes.push(...sourceCauses(kind, source, `${path}.${kind}`))
  return [...causes, ...requiredForm(text(volume, 'name'), dnsLabel, `${path}.name`)]
}

/** The order in which the API server looks at sources, where it is not that of the type. */
function rank(kind: string): number {
  return ['emptyDir', 'hostPath'].indexOf(kind) + 1 || 3
}

function sourceCauses(kind: string, source: JsonObject, path: string): Cause[] {
  const need = (key: string): Cause[] =>
    text(source, key) === '' ? [required(`${path}.${key}`)] : []
  switch (kind) {
    case 'secret':
      return [...need('secretName'), ...keyPaths(source, path)]
    case 'configMap':
      return [...need('name'), ...keyPaths(source, path)]
    case 'persistentVolumeClaim':
      return need('claimName')
    case 'hostPath':
      return need('path')
    case 'nfs':
      return [...need('server'), ...need('path')]
    case 'csi':
      return need('driver')
    default:
      return []
  }
}

function keyPaths(source: JsonObject, path: string): Cause[] {
  return items(source, 'items').flatMap((item, i) => [
    ...(text(item, 'key') === '' ? [required(`${path}.items[${i}].key`)] : []),
    ...(text(item, 'path') === '' ? [required(`${path}.items[${i}].path`)] : []),
  ])
}
