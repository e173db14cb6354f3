import { isArray, isObject, type Json, type JsonObject } from '../../object/index.ts'

/**
 * What `autoscaling/v1` keeps in annotations, in its own words for metrics.
 * @see k8s.io/kubernetes pkg/apis/autoscaling/v1/conversion.go (v1.36.3)
 */

function at(value: JsonObject | undefined, key: string): JsonObject {
  const found = value?.[key]
  return isObject(found) ? found : {}
}

/** The fields of which something is known, in the order given. */
function known(fields: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null),
  ) as JsonObject
}

function reference(value: JsonObject): JsonObject {
  const { kind = '', name = '', apiVersion = '' } = value
  return { kind, name, ...(apiVersion === '' ? {} : { apiVersion }) }
}

/** A metric that is aimed at, of `v2`, as `v1` writes it. */
export function metricToV1(metric: JsonObject): JsonObject {
  const own = (key: string, make: (source: JsonObject) => JsonObject): JsonObject =>
    isObject(metric[key]) ? { [key]: make(at(metric, key)) } : {}
  const target = (source: JsonObject): JsonObject => at(source, 'target')
  const amounts = (source: JsonObject): JsonObject => ({
    targetAverageUtilization: target(source)['averageUtilization'] ?? null,
    targetAverageValue: target(source)['averageValue'] ?? null,
  })
  const named = (source: JsonObject): JsonObject => at(source, 'metric')
  return {
    type: metric['type'] ?? '',
    ...own('object', (source) =>
      known({
        target: reference(at(source, 'describedObject')),
        metricName: named(source)['name'] ?? '',
        targetValue: target(source)['value'] ?? '0',
        selector: named(source)['selector'],
        averageValue: target(source)['averageValue'],
      }),
    ),
    ...own('pods', (source) =>
      known({
        metricName: named(source)['name'] ?? '',
        targetAverageValue: target(source)['averageValue'] ?? '0',
        selector: named(source)['selector'],
      }),
    ),
    ...own('resource', (source) => known({ name: source['name'] ?? '', ...amounts(source) })),
    ...own('containerResource', (source) =>
      known({
        name: source['name'] ?? '',
        ...amounts(source),
        container: source['container'] ?? '',
      }),
    ),
    ...own('external', (source) =>
      known({
        metricName: named(source)['name'] ?? '',
        metricSelector: named(source)['selector'],
        targetValue: target(source)['value'],
        targetAverageValue: target(source)['averageValue'],
      }),
    ),
  }
}

/** The other way. */
export function metricToV2(metric: JsonObject): JsonObject {
  const own = (key: string, make: (source: JsonObject) => JsonObject): JsonObject =>
    isObject(metric[key]) ? { [key]: make(at(metric, key)) } : {}
  const named = (name: Json | undefined, selector: Json | undefined): JsonObject =>
    known({ name: name ?? '', selector })
  const amounts = (source: JsonObject): JsonObject => {
    const { targetAverageUtilization: averageUtilization, targetAverageValue } = source
    const type = averageUtilization === undefined ? 'AverageValue' : 'Utilization'
    return known({ type, averageValue: targetAverageValue, averageUtilization })
  }
  return {
    type: metric['type'] ?? '',
    ...own('object', (source) => {
      const { averageValue, targetValue = '0' } = source
      const isAverage = averageValue !== undefined
      return {
        describedObject: reference(at(source, 'target')),
        target: known({
          type: isAverage ? 'AverageValue' : 'Value',
          value: isAverage && targetValue === '0' ? undefined : targetValue,
          averageValue,
        }),
        metric: named(source['metricName'], source['selector']),
      }
    }),
    ...own('pods', (source) => ({
      metric: named(source['metricName'], source['selector']),
      target: { type: 'AverageValue', averageValue: source['targetAverageValue'] ?? '0' },
    })),
    ...own('resource', (source) => ({ name: source['name'] ?? '', target: amounts(source) })),
    ...own('containerResource', (source) => ({
      name: source['name'] ?? '',
      target: amounts(source),
      container: source['container'] ?? '',
    })),
    ...own('external', (source) => {
      const { targetValue: value, targetAverageValue: averageValue } = source
      const type = value === undefined ? 'AverageValue' : 'Value'
      return {
        metric: named(source['metricName'], source['metricSelector']),
        target: known({ type, value, averageValue }),
      }
    }),
  }
}

/** A metric as it is, of `v2`, as `v1` writes it. */
export function currentToV1(metric: JsonObject): JsonObject {
  const own = (key: string, make: (source: JsonObject) => JsonObject): JsonObject =>
    isObject(metric[key]) ? { [key]: known(make(at(metric, key))) } : {}
  const current = (source: JsonObject, key: string): Json => at(source, 'current')[key] ?? null
  const named = (source: JsonObject, key: string): Json => at(source, 'metric')[key] ?? null
  return {
    type: metric['type'] ?? '',
    ...own('object', (source) => ({
      target: reference(at(source, 'describedObject')),
      metricName: named(source, 'name') ?? '',
      currentValue: current(source, 'value') ?? '0',
      selector: named(source, 'selector'),
      averageValue: current(source, 'averageValue'),
    })),
    ...own('pods', (source) => ({
      metricName: named(source, 'name') ?? '',
      currentAverageValue: current(source, 'averageValue') ?? '0',
      selector: named(source, 'selector'),
    })),
    ...own('resource', (source) => ({
      name: source['name'] ?? '',
      currentAverageUtilization: current(source, 'averageUtilization'),
      currentAverageValue: current(source, 'averageValue') ?? '0',
    })),
    ...own('containerResource', (source) => ({
      name: source['name'] ?? '',
      currentAverageUtilization: current(source, 'averageUtilization'),
      currentAverageValue: current(source, 'averageValue') ?? '0',
      container: source['container'] ?? '',
    })),
    ...own('external', (source) => ({
      metricName: named(source, 'name') ?? '',
      metricSelector: named(source, 'selector'),
      currentValue: current(source, 'value') ?? '0',
      currentAverageValue: current(source, 'averageValue'),
    })),
  }
}

/** The other way. */
export function currentToV2(metric: JsonObject): JsonObject {
  const own = (key: string, make: (source: JsonObject) => JsonObject): JsonObject =>
    isObject(metric[key]) ? { [key]: make(at(metric, key)) } : {}
  const named = (source: JsonObject, selector = 'selector'): JsonObject =>
    known({ name: source['metricName'] ?? '', selector: source[selector] })
  const average = (source: JsonObject): JsonObject =>
    known({
      averageValue: source['currentAverageValue'] ?? '0',
      averageUtilization: source['currentAverageUtilization'],
    })
  return {
    type: metric['type'] ?? '',
    ...own('object', (source) => ({
      metric: named(source),
      current: known({ value: source['currentValue'], averageValue: source['averageValue'] }),
      describedObject: reference(at(source, 'target')),
    })),
    ...own('pods', (source) => ({ metric: named(source), current: average(source) })),
    ...own('resource', (source) => ({ name: source['name'] ?? '', current: average(source) })),
    ...own('containerResource', (source) => ({
      name: source['name'] ?? '',
      current: average(source),
      container: source['container'] ?? '',
    })),
    ...own('external', (source) => ({
      metric: named(source, 'metricSelector'),
      current: known({
        value: source['currentValue'],
        averageValue: source['currentAverageValue'],
      }),
    })),
  }
}

const RULES = [
  ['scaleUp', 'ScaleUp'],
  ['scaleDown', 'ScaleDown'],
] as const

/** How fast to scale, as Go prints its own struct. */
export function behaviorToGo(behavior: JsonObject): JsonObject {
  const rules = ([name, goName]: (typeof RULES)[number]): [string, Json] => {
    const given = behavior[name]
    if (!isObject(given)) return [goName, null]
    const policies = given['policies']
    return [
      goName,
      {
        StabilizationWindowSeconds: given['stabilizationWindowSeconds'] ?? null,
        SelectPolicy: given['selectPolicy'] ?? null,
        Policies: isArray(policies)
          ? policies.filter(isObject).map(({ type = '', value = 0, periodSeconds = 0 }) => ({
              Type: type,
              Value: value,
              PeriodSeconds: periodSeconds,
            }))
          : null,
        Tolerance: given['tolerance'] ?? null,
      },
    ]
  }
  return Object.fromEntries(RULES.map(rules))
}

/** The other way. */
export function behaviorFromGo(behavior: JsonObject): JsonObject {
  const rules = ([name, goName]: (typeof RULES)[number]): [string, Json][] => {
    const given = behavior[goName]
    if (!isObject(given)) return []
    const policies = given['Policies']
    const own = known({
      stabilizationWindowSeconds: given['StabilizationWindowSeconds'],
      selectPolicy: given['SelectPolicy'],
      policies: isArray(policies)
        ? policies.filter(isObject).map((each) => ({
            type: each['Type'] ?? '',
            value: each['Value'] ?? 0,
            periodSeconds: each['PeriodSeconds'] ?? 0,
          }))
        : undefined,
      tolerance: given['Tolerance'],
    })
    return [[name, own]]
  }
  return Object.fromEntries(RULES.flatMap(rules))
}
