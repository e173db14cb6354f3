import { compareText } from '../base/index.ts'
import {
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  parseApiVersion,
  valueAt,
} from '../object/index.ts'
import type { Ask } from './ask.ts'
import { entriesOfScale, type ReplicasIn } from './fields/index.ts'
import { readJsonPath } from './jsonpath.ts'
import type { Kind } from './kind.ts'
import { printGo } from './patch/index.ts'
import { badRequest, invalid, StatusFault } from './status.ts'
import { goType } from './wire/go-json.ts'

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

/** What stands in a Scale where the object has no replicas: whoever leaves it so is refused. */
const UNSET = -2147483648

/**
 * The Scale that is read of an object.
 * @throws StatusFault where a custom object has nothing that could be scaled
 * @see k8s.io/apiextensions-apiserver pkg/registry/customresource/etcd.go (v0.36.3)
 */
export function readScale(kind: Kind, object: KubeObject): KubeObject {
  const { scale } = kind.custom ?? {}
  if (scale === undefined) return scaleOf(kind, object)
  const wrong = wrongInScale(scale, object)
  if (wrong !== undefined) throw badRequest(wrong)
  if (isSet(object, scale.specReplicasPath)) return scaleOf(kind, object)
  const why = `the spec replicas field ${JSON.stringify(scale.specReplicasPath)} does not exist`
  throw new StatusFault({
    code: 500,
    reason: 'InternalError',
    message: `Internal error occurred: ${why}`,
    details: { causes: [{ message: why }] },
  })
}

/**
 * The Scale that is changed.
 * @throws StatusFault where a custom object has something else in its place
 */
export function scaleToChange(kind: Kind, object: KubeObject): KubeObject {
  const { scale } = kind.custom ?? {}
  if (scale === undefined) return shownOwners(kind, object, scaleOf(kind, object))
  const wrong = wrongInScale(scale, object)
  if (wrong !== undefined) throw new StatusFault({ code: 500, reason: '', message: wrong })
  const shown = shownOwners(kind, object, scaleOf(kind, object))
  return isSet(object, scale.specReplicasPath) ? shown : { ...shown, spec: { replicas: UNSET } }
}

/** A Scale that says who owns the replicas, as patches have it before them. */
export function shownOwners(kind: Kind, object: KubeObject, scale: KubeObject): KubeObject {
  const managedFields = entriesOfScale(object.metadata.managedFields, replicasIn(kind))
  return managedFields === undefined
    ? scale
    : { ...scale, metadata: { ...scale.metadata, managedFields } }
}

type ScalePaths = NonNullable<NonNullable<Kind['custom']>['scale']>

function isSet(object: KubeObject, path: string): boolean {
  return readJsonPath(object as unknown as JsonObject, path)[0] !== undefined
}

/** The first value of a custom object that a Scale can not show. */
function wrongInScale(scale: ScalePaths, object: KubeObject): string | undefined {
  const plain = object as unknown as JsonObject
  return (
    wrongAt(plain, scale.specReplicasPath, 'int64') ??
    wrongAt(plain, scale.statusReplicasPath, 'int64') ??
    (scale.labelSelectorPath === undefined
      ? undefined
      : wrongAt(plain, scale.labelSelectorPath, 'string'))
  )
}

/**
 * Why what stands at a path is not what is wanted; undefined where it is, or nothing is there.
 * @see k8s.io/apimachinery pkg/apis/meta/v1/unstructured/helpers.go (v0.36.3)
 */
export function wrongAt(
  object: JsonObject,
  path: string,
  want: 'int64' | 'string',
): string | undefined {
  const steps = path.replace(/^\./, '').split('.')
  let value: Json = object
  for (const [i, step] of steps.entries()) {
    if (value === null) return undefined
    const at = steps.slice(0, i + 1)
    if (!isObject(value)) return accessor(at, value, 'map[string]interface{}')
    const child: Json | undefined = value[step]
    if (child === undefined) return undefined
    value = child
  }
  return goType(value) === want ? undefined : accessor(steps, value, want)
}

function accessor(path: readonly string[], value: Json, want: string): string {
  return `.${path.join('.')} accessor error: ${printGo(value)} is of the type ${goType(value)}, expected ${want}`
}

function at(value: Json, path: string): Json | undefined {
  return readJsonPath(value, path)[0]
}

/** The object with the replicas that a Scale asks for. */
export function withScale(ask: Ask, live: KubeObject, scale: KubeObject): KubeObject {
  const spec = scale['spec']
  const wanted = isObject(spec) ? (spec['replicas'] ?? 0) : 0
  if (typeof wanted !== 'number') throw badRequest('spec.replicas must be a number')
  const path = ask.kind.custom?.scale?.specReplicasPath
  if (path !== undefined && wanted === UNSET)
    throw badRequest(`the spec replicas field ${JSON.stringify(path)} cannot be empty`)
  // What is wrong with a custom object is found with it.
  if (wanted < 0 && path === undefined)
    throw invalid({ group: 'autoscaling', kind: 'Scale' }, live.metadata.name ?? '', [
      {
        reason: 'FieldValueInvalid',
        message: `Invalid value: ${wanted}: must be greater than or equal to 0`,
        field: 'spec.replicas',
      },
    ])
  const next = put(
    live as unknown as JsonObject,
    replicasPath(ask.kind),
    wanted,
  ) as unknown as KubeObject
  const { resourceVersion } = scale.metadata
  const metadata = {
    ...next.metadata,
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  }
  return { ...next, metadata }
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
  return put(object as unknown as JsonObject, replicasPath(kind), wanted) as unknown as KubeObject
}

/** Where each version of a kind keeps its replicas. */
export function replicasIn({ custom }: Kind): ReplicasIn {
  if (custom === undefined) return () => ['spec', 'replicas']
  return (apiVersion) => {
    const { version } = parseApiVersion(apiVersion)
    return custom.replicasPaths.get(version) ?? (custom.schemas.has(version) ? 'none' : 'unknown')
  }
}

/** Where a kind keeps its replicas. */
export function replicasPath(kind: Kind): readonly string[] {
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
