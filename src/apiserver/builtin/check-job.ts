import { isObject, type Json, type JsonObject, sameJson } from '../../object/index.ts'
import { at, formed, items, number, text } from './check.ts'
import { duplicate, invalid, notSupported, required, tooLong, tooMany } from './field-error.ts'
import { asStruct } from './go-struct.ts'
import { dnsSubdomain, qualifiedName } from './names.ts'
import type { Cause } from './refusal.ts'

/**
 * What a Job says beyond its counts and its template.
 * @see k8s.io/kubernetes pkg/apis/batch/validation/validation.go (v1.36.3)
 */
export function jobPolicies(spec: JsonObject, path: string): Cause[] {
  return [
    ...managedBy(spec['managedBy'], `${path}.managedBy`),
    ...indexed(spec, path),
    ...failurePolicy(spec, `${path}.podFailurePolicy`),
    ...successPolicy(spec, `${path}.successPolicy`),
    ...replacementPolicy(spec, `${path}.podReplacementPolicy`),
  ]
}

const LONGEST_MANAGER = 63

function managedBy(value: Json | undefined, path: string): Cause[] {
  if (typeof value !== 'string') return []
  const [domain = '', ...rest] = value.split('/')
  const causes: Cause[] = []
  if (value === '') causes.push(required(path))
  else if (rest.length === 0)
    causes.push(invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")'))
  else causes.push(...dnsSubdomain(domain).map((words) => invalid(path, domain, words)))
  if (value.length > LONGEST_MANAGER) causes.push(tooLong(path, LONGEST_MANAGER))
  return causes
}

const MOST_INDEXES = 100_000
const MOST_OF_MANY = 10_000

function indexed(spec: JsonObject, path: string): Cause[] {
  const failed = number(spec, 'maxFailedIndexes')
  const limit = number(spec, 'backoffLimitPerIndex')
  const causes: Cause[] = []
  if (failed !== undefined && limit === undefined)
    causes.push(required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'))
  if (text(spec, 'completionMode') !== 'Indexed') return causes
  const count = number(spec, 'completions')
  const parallelism = number(spec, 'parallelism')
  const most = (key: string, value: number | undefined, limit: number, why: string): void => {
    if (value !== undefined && value > limit)
      causes.push(invalid(`${path}.${key}`, value, `must be less than or equal to ${why}`))
  }
  most('parallelism', parallelism, MOST_INDEXES, `${MOST_INDEXES} when completion mode is Indexed`)
  if (count !== undefined) most('maxFailedIndexes', failed, count, 'completions')
  most('maxFailedIndexes', failed, MOST_INDEXES, String(MOST_INDEXES))
  if (count === undefined || count <= MOST_INDEXES || limit === undefined) return causes
  const many = `${MOST_OF_MANY} when completions are above ${MOST_INDEXES} and used with backoff limit per index`
  if (failed === undefined)
    causes.push(
      required(
        `${path}.maxFailedIndexes`,
        `must be specified when completions is above ${MOST_INDEXES}`,
      ),
    )
  most('parallelism', parallelism, MOST_OF_MANY, many)
  most('maxFailedIndexes', failed, MOST_OF_MANY, many)
  return causes
}

const MOST_RULES = 20
const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const STATUSES = ['False', 'True', 'Unknown']

function quoted(words: readonly string[]): string {
  return `valid values: [${words.map((each) => JSON.stringify(each)).join(' ')}]`
}

/** What may not be changed of the policies of a Job. */
export function policiesUpdate(next: JsonObject, old: JsonObject): Cause[] {
  const same = (key: string): boolean => sameJson(next[key], old[key])
  const causes: Cause[] = []
  const refuse = (key: string, value: Json): void => {
    if (!same(key)) causes.push(invalid(`spec.${key}`, value, 'field is immutable'))
  }
  refuse('podFailurePolicy', goFailurePolicy(next['podFailurePolicy']))
  refuse('successPolicy', goSuccessPolicy(next['successPolicy']))
  return causes
}

function goFailurePolicy(policy: Json | undefined): Json {
  if (!isObject(policy)) return null
  const rules = items(policy, 'rules').map((rule): Json => {
    const codes = rule['onExitCodes']
    const conditions = items(rule, 'onPodConditions')
    return {
      Action: text(rule, 'action'),
      OnExitCodes: isObject(codes)
        ? {
            ContainerName: codes['containerName'] ?? null,
            Operator: text(codes, 'operator'),
            Values: codes['values'] ?? null,
          }
        : null,
      OnPodConditions:
        conditions.length === 0
          ? null
          : conditions.map((each) =>
              asStruct({ Type: text(each, 'type'), Status: text(each, 'status') }),
            ),
    }
  })
  return { Rules: rules.length === 0 ? null : rules }
}

function goSuccessPolicy(policy: Json | undefined): Json {
  if (!isObject(policy)) return null
  const rules = items(policy, 'rules').map((rule) => ({
    SucceededIndexes: rule['succeededIndexes'] ?? null,
    SucceededCount: rule['succeededCount'] ?? null,
  }))
  return { Rules: rules.length === 0 ? null : rules }
}

function failurePolicy(spec: JsonObject, path: string): Cause[] {
  const policy = spec['podFailurePolicy']
  if (!isObject(policy)) return []
  const pod = at(at(spec, 'template'), 'spec')
  const names = [...items(pod, 'containers'), ...items(pod, 'initContainers')]
  const known = new Set(names.map((each) => text(each, 'name')))
  const rules = items(policy, 'rules')
  const place = `${path}.rules`
  return [
    ...(rules.length > MOST_RULES ? [tooMany(place, rules.length, MOST_RULES)] : []),
    ...rules.flatMap((rule, i) => failureRule(spec, rule, { path: `${place}[${i}]`, known })),
  ]
}

function failureRule(
  spec: JsonObject,
  rule: JsonObject,
  { path, known }: { readonly path: string; readonly known: ReadonlySet<string> },
): Cause[] {
  const action = text(rule, 'action')
  const place = `${path}.action`
  const codes = rule['onExitCodes']
  const conditions = items(rule, 'onPodConditions')
  const causes: Cause[] = []
  if (action === '') causes.push(required(place, quoted(ACTIONS)))
  else if (action === 'FailIndex') {
    if (spec['backoffLimitPerIndex'] === undefined)
      causes.push(invalid(place, action, 'requires the backoffLimitPerIndex to be set'))
  } else if (!ACTIONS.includes(action)) causes.push(notSupported(place, action, ACTIONS))
  if (isObject(codes)) causes.push(...exitCodes(codes, `${path}.onExitCodes`, known))
  causes.push(...podConditions(conditions, `${path}.onPodConditions`))
  const valueless = (why: string): Cause => ({
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${why}`,
    field: path,
  })
  if (isObject(codes) && conditions.length > 0)
    causes.push(valueless('specifying both OnExitCodes and OnPodConditions is not supported'))
  if (!isObject(codes) && conditions.length === 0)
    causes.push(valueless('specifying one of OnExitCodes and OnPodConditions is required'))
  return causes
}

function podConditions(conditions: readonly JsonObject[], path: string): Cause[] {
  return [
    ...(conditions.length > MOST_RULES ? [tooMany(path, conditions.length, MOST_RULES)] : []),
    ...conditions.flatMap((each, i) => {
      const status = text(each, 'status')
      const place = `${path}[${i}]`
      const causes = formed(text(each, 'type'), qualifiedName, `${place}.type`)
      if (status === '') causes.push(required(`${place}.status`, quoted(STATUSES)))
      else if (!STATUSES.includes(status))
        causes.push(notSupported(`${place}.status`, status, STATUSES))
      return causes
    }),
  ]
}

const MOST_CODES = 255

function exitCodes(codes: JsonObject, path: string, known: ReadonlySet<string>): Cause[] {
  const operator = text(codes, 'operator')
  const operators = ['In', 'NotIn']
  const causes: Cause[] = []
  if (operator === '') causes.push(required(`${path}.operator`, quoted(operators)))
  else if (!operators.includes(operator))
    causes.push(notSupported(`${path}.operator`, operator, operators))
  const name = codes['containerName']
  if (typeof name === 'string' && !known.has(name))
    causes.push(
      invalid(
        `${path}.containerName`,
        name,
        'must be one of the container or initContainer names in the pod template',
      ),
    )
  const given = Array.isArray(codes['values']) ? (codes['values'] as number[]) : []
  const place = `${path}.values`
  if (given.length === 0)
    causes.push(invalid(place, codes['values'] ?? null, 'at least one value is required'))
  else if (given.length > MOST_CODES) causes.push(tooMany(place, given.length, MOST_CODES))
  for (const [i, code] of given.entries()) {
    if (operator === 'In' && code === 0)
      causes.push(invalid(`${place}[${i}]`, code, 'must not be 0 for the In operator'))
    if (given.indexOf(code) < i) causes.push(duplicate(`${place}[${i}]`, code))
  }
  if (given.some((code, i) => i > 0 && Number(given[i - 1]) > code))
    causes.push(invalid(place, given, 'must be ordered'))
  return causes
}

function successPolicy(spec: JsonObject, path: string): Cause[] {
  const policy = spec['successPolicy']
  if (!isObject(policy)) return []
  const rules = items(policy, 'rules')
  if (text(spec, 'completionMode') !== 'Indexed') {
    return [invalid(path, goSuccessPolicy(policy), 'requires indexed completion mode')]
  }
  const place = `${path}.rules`
  if (rules.length === 0)
    return [
      required(place, 'at least one rules must be specified when the successPolicy is specified'),
    ]
  return [
    ...(rules.length > MOST_RULES ? [tooMany(place, rules.length, MOST_RULES)] : []),
    ...rules.flatMap((rule, i) => successRule(spec, rule, `${place}[${i}]`)),
  ]
}

function successRule(spec: JsonObject, rule: JsonObject, path: string): Cause[] {
  const count = number(rule, 'succeededCount')
  const completions = number(spec, 'completions') ?? 0
  if (count === undefined && rule['succeededIndexes'] === undefined)
    return [required(path, 'at least one of succeededCount or succeededIndexes must be specified')]
  const place = `${path}.succeededCount`
  const causes: Cause[] = []
  if (count !== undefined && count < 0)
    causes.push(invalid(place, count, 'must be greater than or equal to 0'))
  if (count !== undefined && count > completions)
    causes.push(
      invalid(
        place,
        count,
        `must be less than or equal to ${completions} (the number of specified completions)`,
      ),
    )
  return causes
}

function replacementPolicy(spec: JsonObject, path: string): Cause[] {
  const policy = spec['podReplacementPolicy']
  if (typeof policy !== 'string') return []
  const allowed =
    spec['podFailurePolicy'] === undefined ? ['Failed', 'TerminatingOrFailed'] : ['Failed']
  return allowed.includes(policy) ? [] : [notSupported(path, policy, allowed)]
}
