import {
  type FieldType,
  type MapType,
  objectMetaType,
  type SchemaType,
  untypedAtomic,
  untypedDeduced,
} from '../../schema/index.ts'
import type { Node } from './node.ts'

const STRING: SchemaType = { scalar: 'string' }

/**
 * How objects of a CRD's version are merged.
 * @see k8s.io/kube-openapi pkg/schemaconv/openapi.go, k8s.io/apiextensions-apiserver
 * pkg/controller/openapi/builder (v0.36.3)
 */
export function resourceType(root: Node | undefined, preserveUnknown: boolean): SchemaType {
  if (root === undefined)
    return { map: { ...objectFields(new Map()), element: untypedDeduced, atomic: false } }
  const type = typeOf(root, preserveUnknown)
  const map: MapType = type.map ?? { fields: new Map(), atomic: false }
  return { ...type, map: { ...map, ...objectFields(map.fields) } }
}

function objectFields(own: ReadonlyMap<string, FieldType>): Pick<MapType, 'fields'> {
  return {
    fields: new Map([
      ['apiVersion', plain(STRING)],
      ['kind', plain(STRING)],
      ['metadata', plain(objectMetaType())],
      ...[...own].filter(([name]) => !RESOURCE_FIELDS.includes(name)),
    ]),
  }
}

const RESOURCE_FIELDS = ['apiVersion', 'kind', 'metadata']

function plain(type: SchemaType): FieldType {
  return { type, required: false, emit: 'set', patchStrategies: [] }
}

function typeOf(node: Node, inherited: boolean): SchemaType {
  const preserve = inherited || node.preserveUnknown
  const type = node.intOrString ? '' : (node.types[0] ?? '')
  switch (type) {
    case 'object':
      return { map: mapOf(node, preserve) }
    case 'array':
      return { list: listOf(node, preserve) }
    case 'integer':
    case 'number':
      return { scalar: 'numeric' }
    case 'boolean':
      return { scalar: 'boolean' }
    case 'string':
      return { scalar: node.format === '' || node.format === 'byte' ? 'string' : 'untyped' }
    default:
      return { scalar: 'untyped', list: listOf(node, preserve), map: mapOf(node, preserve) }
  }
}

function mapOf(node: Node, preserve: boolean): MapType {
  const own = new Map(
    [...node.properties].map(([name, inner]) => [name, fieldOf(inner, preserve)] as const),
  )
  const fields = node.embedded ? objectFields(own).fields : own
  const { additional } = node
  const isOpen = additional === true || preserve || fields.size === 0
  const element =
    typeof additional === 'object'
      ? typeOf(additional, preserve)
      : isOpen && additional !== false
        ? untypedDeduced
        : undefined
  return {
    fields,
    ...(element === undefined ? {} : { element }),
    atomic: node.mapType === 'atomic',
  }
}

function fieldOf(node: Node, preserve: boolean): FieldType {
  const field = plain(typeOf(node, preserve))
  return node.default === undefined ? field : { ...field, default: node.default }
}

function listOf(node: Node, preserve: boolean): NonNullable<SchemaType['list']> {
  const element = node.items === undefined ? untypedAtomic : typeOf(node.items, preserve)
  const associative = node.listType === 'set' || node.listType === 'map'
  return { element, associative, keys: node.listType === 'map' ? node.mapKeys : [] }
}
