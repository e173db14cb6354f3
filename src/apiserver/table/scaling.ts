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

/** What Go prints for a quantity that nobody gave. */
const NIL = '<nil>'

function metricText(spec: Json, status: Json | undefined): string {
  const place = PLACES[text(spec, 'type')]
  if (place === undefined) return '<unknown type>'
  const target = valueAt(spec, place, 'target')
  const current = valueAt(status, place, 'current')
  // A status of this kind of metric that says nothing is another thing than none.
  const missing = valueAt(status, place) === undefined ? UNKNOWN : NIL
  const average = textOr('', target, 'averageValue')
  if (place === 'resource' || place === 'containerResource') {
    const now =
      average === ''
        ? `${percentText(current, UNKNOWN)}/${percentText(target, '<auto>')}`
        : `${textOr(missing, current, 'averageValue')}/${average}`
    return `${text(spec, place, 'name')}: ${now}`
  }
  if (place === 'pods') return `${textOr(missing, current, 'averageValue')}/${average || NIL}`
  if (average !== '') return `${textOr(UNKNOWN, current, 'averageValue')}/${average} (avg)`
  return `${textOr(missing, current, 'value')}/${textOr(NIL, target, 'value')}`
}

function percentText(of: Json | undefined, missing: string): string {
  const percent = valueAt(of, 'averageUtilization')
  return typeof percent === 'number' ? `${percent}%` : missing
}
