import { isObject, type JsonObject } from '../../object/index.ts'
import { selectorText } from './label-selector.ts'

/** Why a metric of an autoscaler is not to be had. */
export interface MetricFailure {
  /** The reason of the Event and of the condition. */
  readonly reason: string
  readonly message: string
  /** As it stands in what is said of all metrics. */
  readonly error: string
}

const NOT_SERVED = 'the server could not find the requested resource'
const RESOURCES = `unable to fetch metrics from resource metrics API: ${NOT_SERVED} (get pods.metrics.k8s.io)`
const CUSTOM =
  'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered'

/**
 * Why a metric is not there where nobody serves metrics, in the words of the real controller.
 * @see kubernetes pkg/controller/podautoscaler (v1.36.3)
 */
export function failureOf(metric: JsonObject, namespace: string): MetricFailure {
  const part = (name: string): JsonObject => (isObject(metric[name]) ? metric[name] : {})
  switch (metric['type']) {
    case 'Resource':
      return ofResource(part('resource'), 'FailedGetResourceMetric', (name) => `${name} resource`)
    case 'ContainerResource': {
      const of = part('containerResource')
      const container = `${String(of['container'])} container`
      return ofResource(of, 'FailedGetContainerResourceMetric', () => container)
    }
    case 'Pods': {
      const message = `unable to get metric ${metricName(part('pods'))}: ${CUSTOM}`
      return failed('FailedGetPodsMetric', message, 'pods')
    }
    case 'Object': {
      const of = part('object')
      const about = isObject(of['describedObject']) ? of['describedObject'] : {}
      const what = `${String(about['kind'])} on ${namespace} ${String(about['name'])}`
      const message = `unable to get metric ${metricName(of)}: ${what}/${CUSTOM}`
      return failed('FailedGetObjectMetric', message, 'object')
    }
    case 'External':
      return ofExternal(part('external'), namespace)
    default:
      return failed(
        'InvalidMetricSourceType',
        `unknown metric source type "${String(metric['type'])}"`,
        '',
      )
  }
}

function failed(reason: string, message: string, what: string): MetricFailure {
  const error = what === '' ? message : `failed to get ${what} metric value: ${message}`
  return { reason, message, error }
}

function ofResource(of: JsonObject, reason: string, call: (name: string) => string): MetricFailure {
  const name = String(of['name'])
  const target = isObject(of['target']) ? of['target'] : {}
  const how = target['averageValue'] === undefined ? 'utilization' : 'usage'
  const message = `failed to get ${name} ${how}: unable to get metrics for resource ${name}: ${RESOURCES}`
  return failed(reason, message, call(name))
}

function ofExternal(of: JsonObject, namespace: string): MetricFailure {
  const name = metricName(of)
  const metric = isObject(of['metric']) ? of['metric'] : {}
  const target = isObject(of['target']) ? of['target'] : {}
  const where = `${namespace}/${name}/${selectorText(metric['selector'])}`
  const message = `unable to get external metric ${where}: unable to fetch metrics from external metrics API: ${NOT_SERVED} (get ${name}.external.metrics.k8s.io)`
  const inner =
    target['averageValue'] === undefined
      ? `failed to get external metric ${name}: ${message}`
      : `failed to get ${name} external metric: ${message}`
  const error = `failed to get ${name} external metric value: ${inner}`
  return { reason: 'FailedGetExternalMetric', message, error }
}

function metricName(of: JsonObject): string {
  const metric = isObject(of['metric']) ? of['metric'] : {}
  return String(metric['name'])
}
