import { compareText } from '../base/index.ts'
import { isObject, type Json, type JsonObject, type KubeObject, valueAt } from '../object/index.ts'
import type { Ask } from './ask.ts'
import { readJsonPath } from './jsonpath.ts'
import type { Kind } from './kind.ts'
import { badRequest, invalid } from './status.ts'

/** An object as the Scale that its `scale` subresource speaks. */
export function scaleOf(kind: Kind, object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const metadata = { name, namespace, uid, resourceVersion, creationTimestamp }
  const plain = object as unknown as JsonObject
  const { scale } = kind.custom ?? {}
  const replicas =
    scale === undefined ? valueAt(plain, 'spec', 'replicas') : at(plain, scale.specReplicasPath)
  const actual =
    scale === undefined ? valueAt(plain, 'status', 'replicas') : at(plain, scale.statusReplicasPath)
  const selector =
    scale === undefined
      ? selectorText(valueAt(plain, 'spec', 'selector'))
      : scale.labelSelectorPath === undefined
        ? undefined
        : at(plain, scale.labelSelectorPath)
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: metadata as KubeObject['metadata'],
    spec: typeof replicas === 'number' && replicas !== 0 ? { replicas } : {},
    status: {
      replicas: typeof actual === 'number' ? actual : 0,
      ...(typeof selector === 'string' && selector !== '' ? { selector } : {}),
    },
  }
}

function at(value: Json, path: string): Json | undefined {
  return readJsonPath(value, path)[0]
}

/** The object with the replicas that a Scale asks for. */
export function withScale(ask: Ask, live: KubeObject, scale: KubeObject): KubeObject {
  const spec = scale['spec']
  const wanted = isObject(spec) ? (spec['replicas'] ?? 0) : 0
  if (typeof wanted !== 'number') throw badRequest('spec.replicas must be a number')
  if (wanted < 0)
    throw invalid({ group: 'autoscaling', kind: 'Scale' }, live.metadata.name ?? '', [
      {
        reason: 'FieldValueInvalid',
        message: `Invalid value: ${wanted}: must be greater than or equal to 0`,
        field: 'spec.replicas',
      },
    ])
  const next = put(live as unknown as JsonObject, pathOf(ask.kind), wanted) as unknown as KubeObject
  const { resourceVersion } = scale.metadata
  const metadata = {
    ...next.metadata,
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  }
  return { ...next, metadata }
}

/** What an applied Scale is for the object that it stands for: its replicas, and nothing else. */
export function appliedScale(kind: Kind, scale: JsonObject): JsonObject {
  const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`
  const spec = scale['spec']
  const replicas = isObject(spec) ? spec['replicas'] : undefined
  const whole = { apiVersion, kind: kind.kind, metadata: scale['metadata'] ?? {} }
  return replicas === undefined ? whole : put(whole, pathOf(kind), replicas)
}

/** The object after admission changed the Scale that stands for it. */
export function scaled(
  kind: Kind,
  object: KubeObject,
  shown: KubeObject,
  next: KubeObject,
): KubeObject {
  const spec = next['spec']
  const wanted = isObject(spec) ? (spec['replicas'] ?? 0) : 0
  if (next === shown || typeof wanted !== 'number') return object
  return put(object as unknown as JsonObject, pathOf(kind), wanted) as unknown as KubeObject
}

function pathOf(kind: Kind): string[] {
  return (kind.custom?.scale?.specReplicasPath ?? '.spec.replicas').split('.').slice(1)
}

function put(value: JsonObject, path: readonly string[], leaf: Json): JsonObject {
  const [head = '', ...rest] = path
  if (rest.length === 0) return { ...value, [head]: leaf }
  const child = value[head]
  return { ...value, [head]: put(isObject(child) ? child : {}, rest, leaf) }
}

/** A label selector object in its text form. */
export function selectorText(selector: Json | undefined): string {
  if (!isObject(selector)) return ''
  const labels = isObject(selector['matchLabels']) ? selector['matchLabels'] : {}
  const plain =
    selector['matchLabels'] === undefined && selector['matchExpressions'] === undefined
      ? selector
      : labels
  const parts = Object.entries(plain).map(([key, value]): readonly [string, string] => [
    key,
    `${key}=${String(value)}`,
  ])
  const expressions = selector['matchExpressions']
  for (const each of Array.isArray(expressions) ? (expressions as JsonObject[]) : [])
    parts.push([String(each['key']), expressionText(each)])
  return parts
    .sort(([a], [b]) => compareText(a, b))
    .map(([, text]) => text)
    .join(',')
}

function expressionText(expression: JsonObject): string {
  const key = String(expression['key'])
  const values = Array.isArray(expression['values'])
    ? expression['values'].map(String).sort(compareText)
    : []
  switch (expression['operator']) {
    case 'In':
      return `${key} in (${values.join(',')})`
    case 'NotIn':
      return `${key} notin (${values.join(',')})`
    case 'Exists':
      return key
    default:
      return `!${key}`
  }
}
