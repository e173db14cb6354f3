import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../../object/index.ts'
import { specOf } from './hands.ts'

/** What a node is tainted with that was cordoned. */
export const CORDONED: JsonObject = {
  key: 'node.kubernetes.io/unschedulable',
  effect: 'NoSchedule',
}

/** The objects in a list. */
export function listOf(value: Json | undefined): JsonObject[] {
  return isArray(value) ? value.filter(isObject) : []
}

/** Whether one of some tolerations is of a taint. */
export function isTolerated(tolerations: Json | undefined, taint: JsonObject): boolean {
  return listOf(tolerations).some(({ key, operator, value, effect }) => {
    if (effect !== undefined && effect !== '' && effect !== taint['effect']) return false
    if (operator === 'Exists') return key === undefined || key === '' || key === taint['key']
    return key === taint['key'] && (value ?? '') === (taint['value'] ?? '')
  })
}

/** The first taint of a node with one of some effects that a pod's spec does not tolerate. */
export function untolerated(
  spec: JsonObject,
  node: KubeObject,
  effects: readonly string[],
): JsonObject | undefined {
  return listOf(specOf(node)['taints']).find(
    (taint) =>
      effects.includes(String(taint['effect'])) && !isTolerated(spec['tolerations'], taint),
  )
}

/** Whether a pod's `nodeName`, `nodeSelector` and required node affinity allow a node. */
export function allowsNode(spec: JsonObject, node: KubeObject): boolean {
  const { name = '', labels = {} } = node.metadata
  const { nodeName, nodeSelector, affinity } = spec
  if (nodeName !== undefined && nodeName !== '' && nodeName !== name) return false
  const wanted = Object.entries(isObject(nodeSelector) ? nodeSelector : {})
  if (!wanted.every(([key, value]) => labels[key] === value)) return false
  const { nodeAffinity } = isObject(affinity) ? affinity : {}
  const required = isObject(nodeAffinity)
    ? nodeAffinity['requiredDuringSchedulingIgnoredDuringExecution']
    : undefined
  if (!isObject(required)) return true
  return listOf(required['nodeSelectorTerms']).some((term) => {
    const expressions = listOf(term['matchExpressions'])
    const fields = listOf(term['matchFields'])
    return (
      expressions.length + fields.length > 0 &&
      expressions.every((each) => holds(each, labels)) &&
      fields.every((each) => holds(each, { 'metadata.name': name }))
    )
  })
}

function holds(
  { key, operator, values }: JsonObject,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = labels[String(key)]
  const given = isArray(values) ? values : []
  switch (operator) {
    case 'In':
      return value !== undefined && given.includes(value)
    case 'NotIn':
      return value === undefined || !given.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return value !== undefined && Number(value) > Number(given[0])
    case 'Lt':
      return value !== undefined && Number(value) < Number(given[0])
    default:
      return false
  }
}

/** Labels of a node that a pod gets when it is bound to it. */
const TOPOLOGY = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region']

/**
 * The labels that tell a pod where it is.
 * @see kubernetes plugin/pkg/admission/podtopologylabels (v1.36.3)
 */
export function topologyOf(node: KubeObject | undefined): Record<string, string> {
  const labels = node?.metadata.labels ?? {}
  return Object.fromEntries(
    TOPOLOGY.flatMap((name) => (labels[name] === undefined ? [] : [[name, labels[name]]])),
  )
}
