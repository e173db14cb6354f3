import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../../object/index.ts'
import {
  type Cause,
  dns1035Label,
  invalid,
  metaCauses,
  pathSegment,
  required,
} from '../builtin/index.ts'
import { type Node } from './node.ts'
import { keyNode } from './walk.ts'

const KIND_FORM = 'may have mixed case, but should otherwise match: '

/**
 * What is wrong with apiVersion, kind and metadata of embedded resources.
 * @see k8s.io/apiextensions-apiserver pkg/apiserver/schema/objectmeta/validation.go (v0.36.3)
 */
export function embeddedCauses(value: Json, node: Node | undefined, path: string): Cause[] {
  if (node === undefined) return []
  if (isArray(value))
    return value.flatMap((item, i) => embeddedCauses(item, node.items, `${path}[${i}]`))
  if (!isObject(value)) return []
  const own = node.embedded ? resourceCauses(value, path) : []
  const inner = Object.entries(value).flatMap(([key, item]) =>
    embeddedCauses(item ?? null, keyNode(node, key), path === '' ? key : `${path}.${key}`),
  )
  return [...own, ...inner]
}

function resourceCauses(value: JsonObject, path: string): Cause[] {
  const causes: Cause[] = []
  for (const key of ['apiVersion', 'kind']) {
    const item = value[key]
    const at = `${path}.${key}`
    if (item === undefined) causes.push(required(at))
    else if (typeof item !== 'string') causes.push(invalid(at, item, 'must be a string'))
    else if (item === '') causes.push(invalid(at, item, 'must not be empty'))
    else if (key === 'apiVersion' && item.split('/').length > 2)
      causes.push(invalid(at, item, `unexpected GroupVersion string: ${item}`))
    else if (key === 'kind') causes.push(...kindCauses(at, item))
  }
  const metadata = value['metadata']
  return isObject(metadata) ? [...causes, ...metadataCauses(metadata, path)] : causes
}

function kindCauses(at: string, kind: string): Cause[] {
  const wrong = dns1035Label(kind.toLowerCase())
  return wrong.length === 0 ? [] : [invalid(at, kind, KIND_FORM + wrong.join(','))]
}

/** A name is not asked for, only that one has its form. */
function metadataCauses(metadata: JsonObject, path: string): Cause[] {
  const named = { name: 'fakename', ...metadata }
  const object = { metadata: { ...named, name: named.name === '' ? 'fakename' : named.name } }
  const namespaced = (metadata['namespace'] ?? '') !== ''
  const rules = { namespaced, name: pathSegment, custom: true }
  return metaCauses(object as unknown as KubeObject, rules).map((cause) => ({
    ...cause,
    // The namespace of an embedded resource is measured by another function of Go's.
    message: cause.field === 'metadata.namespace' ? inCharacters(cause.message) : cause.message,
    field: `${path}.${cause.field}`,
  }))
}

function inCharacters(message: string): string {
  return message.replace(/(must be no more than \d+) bytes$/, '$1 characters')
}
