import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../../object/index.ts'
import {
  behaviorFromGo,
  behaviorToGo,
  currentToV1,
  currentToV2,
  metricToV1,
  metricToV2,
} from './hpa-metrics.ts'

/** What is aimed at where nobody says. */
const DEFAULT_CPU = 80

const PREFIX = 'autoscaling.alpha.kubernetes.io/'
const METRICS = `${PREFIX}metrics`
const CURRENT = `${PREFIX}current-metrics`
const BEHAVIOR = `${PREFIX}behavior`
const CONDITIONS = `${PREFIX}conditions`
const CARRIED: readonly string[] = [
  METRICS,
  CURRENT,
  BEHAVIOR,
  CONDITIONS,
  `${PREFIX}scale-down-tolerance`,
  `${PREFIX}scale-up-tolerance`,
]

/**
 * A HorizontalPodAutoscaler of `autoscaling/v1` as one of `v2`; what `v1` has no fields for comes in
 * annotations.
 * @see k8s.io/kubernetes pkg/apis/autoscaling/v1/conversion.go (v1.36.3)
 */
export function hpaToV2(object: KubeObject): KubeObject {
  const { targetCPUUtilizationPercentage: cpu, ...rest } = partOf(object, 'spec')
  const own = typeof cpu === 'number' ? [cpuMetric(cpu)] : []
  const others = listIn(object, METRICS)?.map(metricToV2) ?? []
  const all = [...others, ...own]
  const metrics = all.length === 0 ? [cpuMetric(DEFAULT_CPU)] : all
  const behavior = jsonIn(object, BEHAVIOR)
  const read = isObject(behavior) ? behaviorFromGo(behavior) : {}
  const isSaid = Object.keys(read).length > 0
  return {
    ...withAnnotations(object, {}),
    apiVersion: 'autoscaling/v2',
    spec: { ...rest, metrics, ...(isSaid ? { behavior: read } : {}) },
    ...(object['status'] === undefined ? {} : { status: statusToV2(object) }),
  }
}

function statusToV2(object: KubeObject): JsonObject {
  const status = partOf(object, 'status')
  const { currentCPUUtilizationPercentage: current, currentReplicas, ...kept } = status
  const replicas = currentReplicas === 0 ? {} : { currentReplicas }
  const own = typeof current === 'number' ? [cpuStatus(current)] : null
  const conditions = listIn(object, CONDITIONS)
  return {
    desiredReplicas: 0,
    ...(currentReplicas === undefined ? {} : replicas),
    ...kept,
    currentMetrics: listIn(object, CURRENT)?.map(currentToV2) ?? own,
    ...(conditions === undefined ? {} : { conditions }),
  } as JsonObject
}

/** The other way; metrics that `v1` has no field for become annotations. */
export function hpaToV1(object: KubeObject): KubeObject {
  const { metrics, behavior, ...rest } = partOf(object, 'spec')
  const { currentMetrics, conditions, ...kept } = partOf(object, 'status')
  const cpu = utilization(metrics, 'target')
  const current = utilization(currentMetrics, 'current')
  const others = objects(metrics).filter((metric) => cpuOf(metric, 'target') === undefined)
  const carried: Record<string, string> = {}
  if (others.length > 0) carried[METRICS] = goJson(others.map(metricToV1))
  if (objects(currentMetrics).length > 0)
    carried[CURRENT] = goJson(objects(currentMetrics).map(currentToV1))
  if (isObject(behavior)) carried[BEHAVIOR] = goJson(behaviorToGo(behavior))
  if (objects(conditions).length > 0)
    carried[CONDITIONS] = goJson(objects(conditions).map(condition))
  return {
    ...withAnnotations(object, carried),
    apiVersion: 'autoscaling/v1',
    spec: { ...rest, ...(cpu === undefined ? {} : { targetCPUUtilizationPercentage: cpu }) },
    status: {
      currentReplicas: 0,
      desiredReplicas: 0,
      ...kept,
      ...(current === undefined ? {} : { currentCPUUtilizationPercentage: current }),
    },
  }
}

function partOf(object: KubeObject, key: 'spec' | 'status'): JsonObject {
  const part = object[key]
  return isObject(part) ? part : {}
}

function objects(value: unknown): readonly JsonObject[] {
  return isArray(value) ? value.filter(isObject) : []
}

/** Go writes what HTML gives a meaning to as escapes. */
function goJson(value: Json): string {
  return JSON.stringify(value).replaceAll(
    /[<>&]/g,
    (char) => `\\u00${char.charCodeAt(0).toString(16)}`,
  )
}

function jsonIn(object: KubeObject, annotation: string): Json | undefined {
  const text = object.metadata.annotations?.[annotation]
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

function listIn(object: KubeObject, annotation: string): readonly JsonObject[] | undefined {
  const value = jsonIn(object, annotation)
  return isArray(value) ? value.filter(isObject) : undefined
}

/** What was carried in annotations before is not carried on. */
function withAnnotations(
  object: KubeObject,
  carried: Readonly<Record<string, string>>,
): KubeObject {
  const { annotations, ...metadata } = object.metadata
  const had = annotations !== undefined && CARRIED.some((key) => annotations[key] !== undefined)
  const isNew = Object.keys(carried).length > 0
  if (!had && !isNew) return object
  const kept = Object.entries(annotations ?? {}).filter(([key]) => !CARRIED.includes(key))
  const next = { ...Object.fromEntries(kept), ...carried }
  if (Object.keys(next).length === 0) return { ...object, metadata }
  return { ...object, metadata: { ...metadata, annotations: next } }
}

function condition(each: JsonObject): JsonObject {
  const { type = '', status = '', lastTransitionTime = null, reason = '', message = '' } = each
  return {
    type,
    status,
    lastTransitionTime,
    ...(reason === '' ? {} : { reason }),
    ...(message === '' ? {} : { message }),
  }
}

function cpuMetric(averageUtilization: number): JsonObject {
  return {
    type: 'Resource',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
  }
}

function cpuStatus(averageUtilization: number): JsonObject {
  return { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization } } }
}

function utilization(metrics: unknown, key: 'target' | 'current'): number | undefined {
  const found = objects(metrics).find((metric) => cpuOf(metric, key) !== undefined)
  return found === undefined ? undefined : cpuOf(found, key)
}

function cpuOf(metric: JsonObject, key: 'target' | 'current'): number | undefined {
  const resource = metric['resource']
  if (!isObject(resource) || resource['name'] !== 'cpu') return undefined
  const target = resource[key]
  const value = isObject(target) ? target['averageUtilization'] : undefined
  return typeof value === 'number' ? value : undefined
}
