import { isObject, type JsonObject } from '../../object/index.ts'
import { at, formed, items, number, oneOf, text, texts } from './check.ts'
import { forbidden, invalid, notSupported, required } from './field-error.ts'
import { dnsLabel, dnsSubdomain } from './names.ts'
import type { Cause } from './refusal.ts'

/**
 * Flow schemas and priority levels.
 * @see k8s.io/kubernetes pkg/apis/flowcontrol/validation/validation.go (v1.36.3)
 */

const MOST_PRECEDENCE = 10_000

/** Flow schemas. */
export function flowSchema(object: JsonObject): Cause[] {
  const spec = at(object, 'spec')
  const name = text(at(object, 'metadata'), 'name')
  return [
    ...precedence(number(spec, 'matchingPrecedence') ?? 0, name),
    ...distinguisher(spec),
    ...levelName(text(at(spec, 'priorityLevelConfiguration'), 'name')),
    ...items(spec, 'rules').flatMap((rule, i) => ruleCauses(rule, `spec.rules[${i}]`)),
  ]
}

function precedence(value: number, name: string): Cause[] {
  const path = 'spec.matchingPrecedence'
  if (value <= 0) return [invalid(path, value, 'must be a positive value')]
  if (value > MOST_PRECEDENCE)
    return [invalid(path, value, `must not be greater than ${MOST_PRECEDENCE}`)]
  if (value !== 1 || name === 'exempt') return []
  return [invalid(path, value, "only the schema named 'exempt' may have matchingPrecedence 1")]
}

function distinguisher(spec: JsonObject): Cause[] {
  const method = spec['distinguisherMethod']
  if (!isObject(method) || ['ByNamespace', 'ByUser'].includes(text(method, 'type'))) return []
  const value = { Type: text(method, 'type') }
  return [notSupported('spec.distinguisherMethod.type', value, ['ByNamespace', 'ByUser'])]
}

function levelName(name: string): Cause[] {
  const path = 'spec.priorityLevelConfiguration.name'
  return name === ''
    ? [required(path, 'must reference a priority level')]
    : formed(name, dnsSubdomain, path)
}

function ruleCauses(rule: JsonObject, path: string): Cause[] {
  const subjects = items(rule, 'subjects')
  const [resources, others] = [items(rule, 'resourceRules'), items(rule, 'nonResourceRules')]
  const causes = subjects.flatMap((each, i) => subjectCauses(each, `${path}.subjects[${i}]`))
  if (subjects.length === 0)
    causes.push(required(`${path}.subjects`, 'subjects must contain at least one value'))
  if (resources.length + others.length === 0)
    causes.push(
      required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty'),
    )
  return [
    ...causes,
    ...resources.flatMap((each, i) => resourceRule(each, `${path}.resourceRules[${i}]`)),
    ...others.flatMap((each, i) => pathRule(each, `${path}.nonResourceRules[${i}]`)),
  ]
}

const SUBJECTS: Readonly<Record<string, string>> = {
  ServiceAccount: 'serviceAccount',
  User: 'user',
  Group: 'group',
}

function subjectCauses(subject: JsonObject, path: string): Cause[] {
  const kind = text(subject, 'kind')
  const own = SUBJECTS[kind]
  if (own === undefined) return [notSupported(`${path}.kind`, kind, Object.keys(SUBJECTS).sort())]
  const causes = namedSubject(subject[own], kind, `${path}.${own}`)
  for (const [other, key] of Object.entries(SUBJECTS))
    if (key !== own && subject[key] !== undefined)
      causes.push(
        forbidden(`${path}.${key}`, `${key} is forbidden when subject kind is not '${other}'`),
      )
  return causes
}

function namedSubject(value: unknown, kind: string, path: string): Cause[] {
  const key = SUBJECTS[kind] ?? ''
  if (!isObject(value as JsonObject))
    return [required(path, `${key} is required when subject kind is '${kind}'`)]
  const subject = value as JsonObject
  const name = text(subject, 'name')
  const causes: Cause[] = name === '' ? [required(`${path}.name`)] : []
  if (kind !== 'ServiceAccount') return causes
  if (name !== '' && name !== '*') causes.push(...formed(name, dnsSubdomain, `${path}.name`))
  const namespace = text(subject, 'namespace')
  return namespace === ''
    ? [...causes, required(`${path}.namespace`, 'must specify namespace for service account')]
    : [...causes, ...formed(namespace, dnsLabel, `${path}.namespace`)]
}

const VERBS: readonly string[] =
  'create delete deletecollection get list patch proxy update watch'.split(' ')

function verbs(rule: JsonObject, path: string): Cause[] {
  const given = texts(rule, 'verbs')
  const place = `${path}.verbs`
  if (given.length === 0) return [required(place, 'verbs must contain at least one value')]
  if (given.includes('*')) return alone(given, place, 'verbs')
  return given.every((each) => VERBS.includes(each)) ? [] : [notSupported(place, [...given], VERBS)]
}

/** `*` says everything, so nothing else may stand beside it. */
function alone(given: readonly string[], path: string, what: string): Cause[] {
  return given.length > 1 && given.includes('*')
    ? [invalid(path, [...given], `if '*' is present, must not specify other ${what}`)]
    : []
}

function resourceRule(rule: JsonObject, path: string): Cause[] {
  const causes = verbs(rule, path)
  for (const [key, one, many] of [
    ['apiGroups', 'api group', 'api groups'],
    ['resources', 'resource', 'resources'],
  ] as const) {
    const given = texts(rule, key)
    if (given.length === 0)
      causes.push(required(`${path}.${key}`, `resource rules must supply at least one ${one}`))
    else causes.push(...alone(given, `${path}.${key}`, many))
  }
  return [...causes, ...namespaces(rule, `${path}.namespaces`)]
}

function namespaces(rule: JsonObject, path: string): Cause[] {
  const given = texts(rule, 'namespaces')
  if (given.length === 0 && rule['clusterScope'] !== true)
    return [
      required(
        path,
        'resource rules that are not cluster scoped must supply at least one namespace',
      ),
    ]
  if (given.includes('*')) return alone(given, path, 'namespaces')
  return given.flatMap((each, i) =>
    dnsLabel(each).map((message) =>
      invalid(
        `${path}[${i}]`,
        each,
        `each member of this list must be '*' or a DNS-1123 label; ${message}`,
      ),
    ),
  )
}

function pathRule(rule: JsonObject, path: string): Cause[] {
  const given = texts(rule, 'nonResourceURLs')
  const place = `${path}.nonResourceURLs`
  const causes = verbs(rule, path)
  if (given.length === 0)
    causes.push(required(place, 'nonResourceURLs must contain at least one value'))
  else if (given.includes('*')) causes.push(...alone(given, place, 'non-resource URLs'))
  else for (const [i, each] of given.entries()) causes.push(...urlPath(each, `${place}[${i}]`))
  return causes
}

function urlPath(value: string, path: string): Cause[] {
  if (value === '') return [invalid(path, value, 'must not be empty')]
  if (value === '/') return []
  if (!value.startsWith('/')) return [invalid(path, value, 'must start with slash')]
  if (value.includes(' ')) return [invalid(path, value, 'must not contain white-space')]
  if (value.includes('//')) return [invalid(path, value, 'must not contain double slash')]
  const wild = value.indexOf('*')
  if (wild < 0 || (wild === value.length - 1 && value.endsWith('/*'))) return []
  return [invalid(path, value, 'wildcard can only do suffix matching')]
}

/** Priority levels. */
export function priorityLevel(object: JsonObject): Cause[] {
  const spec = at(object, 'spec')
  const type = text(spec, 'type')
  const isExempt = text(at(object, 'metadata'), 'name') === 'exempt'
  const causes: Cause[] =
    isExempt === (type === 'Exempt')
      ? []
      : [invalid('spec.type', type, "must be 'Exempt' if and only if `name` is 'exempt'")]
  if (type === 'Exempt') {
    if (spec['limited'] !== undefined)
      causes.push(forbidden('spec.limited', 'must be nil if the type is not Limited'))
    return [...causes, ...shares(at(spec, 'exempt'), 'spec.exempt')]
  }
  if (type !== 'Limited') return [...causes, ...oneOf(type, ['Exempt', 'Limited'], 'spec.type')]
  if (spec['exempt'] !== undefined)
    causes.push(forbidden('spec.exempt', 'must be nil if the type is Limited'))
  const limited = spec['limited']
  return isObject(limited)
    ? [...causes, ...limitedCauses(limited, 'spec.limited')]
    : [...causes, required('spec.limited', 'must not be empty when type is Limited')]
}

function shares(level: JsonObject, path: string): Cause[] {
  const causes: Cause[] = []
  const nominal = number(level, 'nominalConcurrencyShares')
  if (nominal !== undefined && nominal < 0)
    causes.push(
      invalid(`${path}.nominalConcurrencyShares`, nominal, 'must be a non-negative integer'),
    )
  const lendable = number(level, 'lendablePercent')
  if (lendable !== undefined && (lendable < 0 || lendable > 100))
    causes.push(
      invalid(`${path}.lendablePercent`, lendable, 'must be between 0 and 100, inclusive'),
    )
  return causes
}

function limitedCauses(limited: JsonObject, path: string): Cause[] {
  const causes = [
    ...shares(limited, path),
    ...limitResponse(at(limited, 'limitResponse'), `${path}.limitResponse`),
  ]
  const borrowing = number(limited, 'borrowingLimitPercent')
  if (borrowing !== undefined && borrowing < 0)
    causes.push(
      invalid(
        `${path}.borrowingLimitPercent`,
        borrowing,
        'if specified, must be a non-negative integer',
      ),
    )
  return causes
}

function limitResponse(response: JsonObject, path: string): Cause[] {
  const type = text(response, 'type')
  const { queuing } = response
  if (type === 'Reject')
    return queuing === undefined
      ? []
      : [forbidden(`${path}.queuing`, 'must be nil if limited.limitResponse.type is not Limited')]
  if (type !== 'Queue') return oneOf(type, ['Queue', 'Reject'], `${path}.type`)
  if (isObject(queuing)) return queues(queuing, `${path}.queuing`)
  return [required(`${path}.queuing`, 'must not be empty if limited.limitResponse.type is Limited')]
}

const MOST_QUEUES = 10_000_000
const MOST_BITS = 60

function queues(queuing: JsonObject, path: string): Cause[] {
  const causes: Cause[] = []
  const length = number(queuing, 'queueLengthLimit') ?? 0
  if (length <= 0) causes.push(invalid(`${path}.queueLengthLimit`, length, 'must be positive'))
  const count = number(queuing, 'queues') ?? 0
  if (count <= 0) causes.push(invalid(`${path}.queues`, count, 'must be positive'))
  else if (count > MOST_QUEUES)
    causes.push(invalid(`${path}.queues`, count, `must not be greater than ${MOST_QUEUES}`))
  const hand = number(queuing, 'handSize') ?? 0
  const place = `${path}.handSize`
  if (hand <= 0) causes.push(invalid(place, hand, 'must be positive'))
  else if (hand > count)
    causes.push(invalid(place, hand, `should not be greater than queues (${count})`))
  else if (Math.ceil(Math.log2(count) * hand) > MOST_BITS)
    causes.push(
      invalid(
        place,
        hand,
        `required entropy bits of deckSize ${count} and handSize ${hand} should not be greater than ${MOST_BITS}`,
      ),
    )
  return causes
}
