import { type Json, type JsonObject, valueAt } from '../../object/index.ts'
import { age, type Cells, count, items, nameOf, text, textOr } from './read.ts'

/** Cells of a HorizontalPodAutoscaler. */
export const autoscalerCells: Cells = (o, now) => [
  nameOf(o),
  `${text(o, 'spec', 'scaleTargetRef', 'kind')}/${text(o, 'spec', 'scaleTargetRef', 'name')}`,
  metricsText(o),
  textOr('<unset>', o, 'spec', 'minReplicas'),
  count(o, 'spec', 'maxReplicas'),
  count(o, 'status', 'currentReplicas'),
  age(o, now),
]

const UNKNOWN = '<unknown>'
const SHOWN_MAX = 2

function metricsText(object: JsonObject): string {
  const metrics = metricsOf(object)
  if (metrics.length === 0) return '<none>'
  const list = metrics.slice(0, SHOWN_MAX).join(', ')
  const more = metrics.length - SHOWN_MAX
  return more > 0 ? `${list} + ${more} more...` : list
}

function metricsOf(object: JsonObject): string[] {
  // autoscaling/v1 has one metric, in fields of its own.
  const percent = valueAt(object, 'spec', 'targetCPUUtilizationPercentage')
  if (typeof percent === 'number') {
    const now = valueAt(object, 'status', 'currentCPUUtilizationPercentage')
    return [`cpu: ${typeof now === 'number' ? `${now}%` : UNKNOWN}/${percent}%`]
  }
  const current = items(object, 'status', 'currentMetrics')
  return items(object, 'spec', 'metrics').map((spec, i) => metricText(spec, current[i]))
}

const PLACES: Readonly<Record<string, string>> = {
  External: 'external',
  Pods: 'pods',
  Object: 'object',
  Resource: 'resource',
  ContainerResource: 'containerResource',
}

function metricText(spec: Json, status: Json | undefined): string {
  const place = PLACES[text(spec, 'type')]
  if (place === undefined) return '<unknown type>'
  const target = valueAt(spec, place, 'target')
  const current = valueAt(status, place, 'current')
  const average = textOr('', target, 'averageValue')
  if (place === 'resource' || place === 'containerResource')
    return `${text(spec, place, 'name')}: ${resourceText(current, target, average)}`
  if (place === 'pods') return `${textOr(UNKNOWN, current, 'averageValue')}/${average || '0'}`
  if (average !== '') return `${textOr(UNKNOWN, current, 'averageValue')}/${average} (avg)`
  const value = current === undefined ? UNKNOWN : textOr('0', current, 'value')
  return `${value}/${textOr('0', target, 'value')}`
}

function resourceText(
  current: Json | undefined,
  target: Json | undefined,
  average: string,
): string {
  if (average !== '') return `${textOr(UNKNOWN, current, 'averageValue')}/${average}`
  return `${percentText(current, UNKNOWN)}/${percentText(target, '<auto>')}`
}

function percentText(of: Json | undefined, missing: string): string {
  const percent = valueAt(of, 'averageUtilization')
  return typeof percent === 'number' ? `${percent}%` : missing
}
