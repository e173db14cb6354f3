import { isObject, type Json, type JsonObject } from '../../object/index.ts'
import { parseQuantity } from '../../schema/index.ts'
import { at, type Check, formed, items, number, requiredForm, text } from './check.ts'
import { forbidden, invalid, notSupported, required } from './field-error.ts'
import { dnsLabel, pathSegment } from './names.ts'
import type { Cause } from './refusal.ts'

/** Horizontal pod autoscalers. */
export const autoscalerSpec: Check = (spec, path) => {
  const causes: Cause[] = []
  const min = number(spec, 'minReplicas')
  const max = number(spec, 'maxReplicas') ?? 0
  if (min !== undefined && min < 1)
    causes.push(invalid(`${path}.minReplicas`, min, 'must be greater than or equal to 1'))
  if (max === 0) causes.push(required(`${path}.maxReplicas`, 'must be set and greater than 0'))
  else if (max < 0)
    causes.push(invalid(`${path}.maxReplicas`, max, 'must be greater than or equal to 1'))
  if (min !== undefined && max < min)
    causes.push(
      invalid(`${path}.maxReplicas`, max, 'must be greater than or equal to `minReplicas`'),
    )
  const share = number(spec, 'targetCPUUtilizationPercentage')
  // The first version has one metric, which is told as the second tells it.
  if (share !== undefined && share < 1)
    causes.push(
      invalid(
        `${path}.metrics[0].resource.target.averageUtilization`,
        share,
        'must be greater than 0',
      ),
    )
  const target = at(spec, 'scaleTargetRef')
  for (const key of ['kind', 'name'])
    causes.push(...requiredForm(text(target, key), pathSegment, `${path}.scaleTargetRef.${key}`))
  const version = text(target, 'apiVersion')
  const wrong = groupProblem(version)
  if (wrong !== '') causes.push(invalid(`${path}.scaleTargetRef.apiVersion`, version, wrong))
  return [
    ...causes,
    ...metricsCauses(spec, `${path}.metrics`),
    ...['scaleUp', 'scaleDown'].flatMap((key) =>
      rulesCauses(at(spec, 'behavior')[key], `${path}.behavior.${key}`),
    ),
  ]
}

function groupProblem(version: string): string {
  const [group, ...rest] = version.split('/')
  if (rest.length > 1) return `unexpected GroupVersion string: ${version}`
  return rest.length === 0 || group === '' ? 'apiVersion must specify API group' : ''
}

function metricsCauses(spec: JsonObject, path: string): Cause[] {
  const metrics = items(spec, 'metrics')
  const causes = metrics.flatMap((each, i) => metricCauses(each, `${path}[${i}]`))
  const isOutside = metrics.some((each) => ['Object', 'External'].includes(text(each, 'type')))
  if (number(spec, 'minReplicas') === 0 && !isOutside)
    causes.push(
      forbidden(
        path,
        'must specify at least one Object or External metric to support scaling to zero replicas',
      ),
    )
  return causes
}

const TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']
/** The order in which the API server looks at them. */
const SOURCES = ['object', 'external', 'pods', 'resource', 'containerResource'] as const

function metricCauses(metric: JsonObject, path: string): Cause[] {
  const type = text(metric, 'type')
  const causes: Cause[] = []
  if (type === '') causes.push(required(`${path}.type`, 'must specify a metric source type'))
  if (!TYPES.includes(type)) causes.push(notSupported(`${path}.type`, type, TYPES))
  const given = SOURCES.filter((key) => isObject(metric[key]))
  const [first] = given
  if (first !== undefined) causes.push(...sourceCauses(first, metric, `${path}.${first}`))
  const own = type === '' ? '' : `${type.charAt(0).toLowerCase()}${type.slice(1)}`
  // It is looked at twice.
  if (!TYPES.includes(type)) causes.push(notSupported(`${path}.type`, type, TYPES))
  else if (!isObject(metric[own]))
    causes.push(required(`${path}.${own}`, 'must populate information for the given metric source'))
  if (given.length > 1)
    for (const key of given)
      if (key !== own)
        causes.push(forbidden(`${path}.${key}`, 'must populate the given metric source only'))
  return causes
}

function sourceCauses(kind: (typeof SOURCES)[number], metric: JsonObject, path: string): Cause[] {
  const source = at(metric, kind)
  const target = at(source, 'target')
  const isResource = kind === 'resource' || kind === 'containerResource'
  const causes = isResource ? [] : nameCauses(at(source, 'metric'), `${path}.metric.name`)
  if (isResource && text(source, 'name') === '')
    causes.push(required(`${path}.name`, 'must specify a resource name'))
  if (kind === 'containerResource') {
    const container = text(source, 'container')
    if (container === '') causes.push(required(`${path}.container`, 'must specify a container'))
    else causes.push(...formed(container, dnsLabel, `${path}.container`))
  }
  return [
    ...causes,
    ...targetCauses(target, `${path}.target`),
    ...amountCauses(kind, target, `${path}.target`),
  ]
}

function nameCauses(metric: JsonObject, path: string): Cause[] {
  const name = text(metric, 'name')
  return name === ''
    ? [required(path, 'must specify a metric name')]
    : formed(name, pathSegment, path)
}

function targetCauses(target: JsonObject, path: string): Cause[] {
  const type = text(target, 'type')
  const causes: Cause[] = []
  if (type === '') causes.push(required(`${path}.type`, 'must specify a metric target type'))
  if (!['Utilization', 'Value', 'AverageValue'].includes(type))
    causes.push(invalid(`${path}.type`, type, 'must be either Utilization, Value, or AverageValue'))
  for (const key of ['value', 'averageValue']) {
    const amount = target[key]
    if (amount !== undefined && (parseQuantity(String(amount))?.nanos ?? 0n) <= 0n)
      causes.push(invalid(`${path}.${key}`, amount, 'must be positive'))
  }
  const utilization = number(target, 'averageUtilization')
  if (utilization !== undefined && utilization < 1)
    causes.push(invalid(`${path}.averageUtilization`, utilization, 'must be greater than 0'))
  return causes
}

/** Which amounts a source asks for, and which exclude each other. */
function amountCauses(kind: (typeof SOURCES)[number], target: JsonObject, path: string): Cause[] {
  const has = (key: string): boolean => target[key] !== undefined
  const average = `${path}.averageValue`
  switch (kind) {
    case 'resource':
    case 'containerResource':
      if (!has('averageUtilization') && !has('averageValue'))
        return [
          required(
            `${path}.averageUtilization`,
            'must set either a target raw value or a target utilization',
          ),
        ]
      return has('averageUtilization') && has('averageValue')
        ? [forbidden(average, 'may not set both a target raw value and a target utilization')]
        : []
    case 'pods':
      return has('averageValue')
        ? []
        : [required(average, 'must specify a positive target averageValue')]
    case 'object':
      return has('value') || has('averageValue')
        ? []
        : [required(average, 'must set either a target value or averageValue')]
    case 'external':
      if (!has('value') && !has('averageValue'))
        return [required(average, 'must set either a target value for metric or a per-pod target')]
      return has('value') && has('averageValue')
        ? [
            forbidden(
              `${path}.value`,
              'may not set both a target value for metric and a per-pod target',
            ),
          ]
        : []
  }
}

const SELECT = ['Disabled', 'Max', 'Min']

function rulesCauses(rules: Json | undefined, path: string): Cause[] {
  if (!isObject(rules)) return []
  const causes: Cause[] = []
  const window = number(rules, 'stabilizationWindowSeconds')
  const place = `${path}.stabilizationWindowSeconds`
  if (window !== undefined && window < 0)
    causes.push(invalid(place, window, 'must be greater than or equal to zero'))
  if (window !== undefined && window > 3600)
    causes.push(invalid(place, window, 'must be less than or equal to 3600'))
  const select = rules['selectPolicy']
  if (typeof select === 'string' && !SELECT.includes(select))
    causes.push(notSupported(`${path}.selectPolicy`, select, SELECT))
  const policies = items(rules, 'policies')
  if (policies.length === 0)
    causes.push(required(`${path}.policies`, 'must specify at least one Policy'))
  return [...causes, ...policies.flatMap((each, i) => policyCauses(each, `${path}.policies[${i}]`))]
}

function policyCauses(policy: JsonObject, path: string): Cause[] {
  const type = text(policy, 'type')
  const causes: Cause[] = []
  if (type !== 'Pods' && type !== 'Percent')
    causes.push(notSupported(`${path}.type`, type, ['Percent', 'Pods']))
  for (const key of ['value', 'periodSeconds']) {
    const amount = number(policy, key) ?? 0
    if (amount <= 0) causes.push(invalid(`${path}.${key}`, amount, 'must be greater than zero'))
  }
  const period = number(policy, 'periodSeconds') ?? 0
  if (period > 1800)
    causes.push(invalid(`${path}.periodSeconds`, period, 'must be less than or equal to 1800'))
  return causes
}
