import { isArray, isObject, type JsonObject, type KubeObject } from '../../object/index.ts'

/** What is aimed at where nobody says. */
const DEFAULT_CPU = 80

/** A HorizontalPodAutoscaler of `autoscaling/v1` as one of `v2`. */
export function hpaToV2(object: KubeObject): KubeObject {
  const spec = (object['spec'] ?? {}) as JsonObject
  const { targetCPUUtilizationPercentage: cpu, ...rest } = spec
  const metrics = { metrics: [cpuMetric(typeof cpu === 'number' ? cpu : DEFAULT_CPU)] }
  const status = (object['status'] ?? {}) as JsonObject
  const { currentCPUUtilizationPercentage: current, currentReplicas, ...kept } = status
  const replicas = currentReplicas === 0 ? {} : { currentReplicas }
  return {
    ...object,
    apiVersion: 'autoscaling/v2',
    spec: { ...rest, ...metrics },
    ...(object['status'] === undefined
      ? {}
      : {
          status: {
            desiredReplicas: 0,
            ...(currentReplicas === undefined ? {} : replicas),
            ...kept,
            currentMetrics: typeof current === 'number' ? [cpuStatus(current)] : null,
          },
        }),
  }
}

/** The other way; metrics that `v1` has no field for are left out. */
export function hpaToV1(object: KubeObject): KubeObject {
  const spec = (object['spec'] ?? {}) as JsonObject
  const { metrics, behavior: _, ...rest } = spec
  const status = (object['status'] ?? {}) as JsonObject
  const { currentMetrics, conditions: _c, ...kept } = status
  const cpu = utilization(metrics, 'target')
  const current = utilization(currentMetrics, 'current')
  return {
    ...object,
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
  for (const metric of isArray(metrics) ? metrics.filter(isObject) : []) {
    const resource = metric['resource']
    if (!isObject(resource) || resource['name'] !== 'cpu') continue
    const target = resource[key]
    const value = isObject(target) ? target['averageUtilization'] : undefined
    if (typeof value === 'number') return value
  }
  return undefined
}
