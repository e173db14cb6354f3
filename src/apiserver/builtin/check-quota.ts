import { isObject, type Json, type JsonObject, sameJson } from '../../object/index.ts'
import { parseQuantity } from '../../schema/index.ts'
import { at, type Check, formed, items, text, texts } from './check.ts'
import { duplicate, forbidden, invalid, required } from './field-error.ts'
import { qualifiedName } from './names.ts'
import type { Cause } from './refusal.ts'

/** Things that are counted, one by one. */
const COUNTED = [
  'configmaps',
  'persistentvolumeclaims',
  'pods',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
  'services.loadbalancers',
  'services.nodeports',
]
const AMOUNTS = ['cpu', 'memory', 'ephemeral-storage']
const QUOTA = new Set([
  ...COUNTED,
  ...AMOUNTS,
  ...AMOUNTS.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  'requests.storage',
])
const SCOPES = new Set([
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'PriorityClass',
  'Terminating',
  'VolumeAttributesClass',
])

/** Quotas of resources. */
export const quotaSpec: Check = (spec, path) => {
  return [
    ...quotaAmounts(at(spec, 'hard'), `${path}.hard`),
    ...scopeCauses(spec, `${path}.scopes`),
    ...selectedScopes(spec, path),
  ]
}

/** Amounts by the names of resources that a quota can count. */
export function quotaAmounts(amounts: JsonObject, path: string): Cause[] {
  return Object.entries(amounts).flatMap(([name, amount]) => {
    const place = `${path}[${name}]`
    const causes = resourceName(name, place)
    if (!name.includes('/') && !QUOTA.has(name) && !isHuge(name))
      causes.push(invalid(place, name, 'must be a standard resource for quota'))
    return [...causes, ...amountCauses(name, amount, place)]
  })
}

/** An amount of a resource: not less than nothing, and whole where things are counted. */
export function amountCauses(name: string, amount: Json | undefined, place: string): Cause[] {
  const causes: Cause[] = []
  const nanos = nanosOf(amount)
  if (nanos < 0n) causes.push(invalid(place, amount, 'must be greater than or equal to 0'))
  const isCounted = COUNTED.includes(name) || isExtended(name)
  if (isCounted && nanos % 1_000_000_000n !== 0n)
    causes.push(invalid(place, amount, 'must be an integer'))
  return causes
}

/** Whether nobody but its users knows what a resource is. */
function isExtended(name: string): boolean {
  if (!name.includes('/') || name.includes('kubernetes.io/')) return false
  return !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0
}

const COMPUTE = new Set([
  'cpu',
  'memory',
  'limits.cpu',
  'limits.memory',
  'requests.cpu',
  'requests.memory',
])
const CLAIMS = new Set(['persistentvolumeclaims', 'requests.storage'])

/** Whether a scope says anything of a resource. */
function concerns(scope: string, name: string): boolean {
  if (scope === 'BestEffort') return name === 'pods'
  if (scope === 'VolumeAttributesClass') return CLAIMS.has(name)
  return !SCOPES.has(scope) || name === 'pods' || COMPUTE.has(name)
}

function scopeCauses(spec: JsonObject, path: string): Cause[] {
  const scopes = texts(spec, 'scopes')
  const given: Json = [...scopes]
  const causes: Cause[] = []
  for (const scope of scopes) {
    if (!SCOPES.has(scope)) causes.push(invalid(path, given, 'unsupported scope'))
    for (const name of Object.keys(at(spec, 'hard')))
      if (QUOTA.has(name) && !concerns(scope, name))
        causes.push(invalid(path, given, 'unsupported scope applied to resource'))
  }
  return [...causes, ...conflicts(scopes, path, given)]
}

function conflicts(scopes: readonly string[], path: string, given: Json): Cause[] {
  return ['BestEffort', 'Terminating'].flatMap((scope) =>
    scopes.includes(scope) && scopes.includes(`Not${scope}`)
      ? [invalid(path, given, 'conflicting scopes')]
      : [],
  )
}

const EXISTING = new Set([
  'BestEffort',
  'NotBestEffort',
  'Terminating',
  'NotTerminating',
  'CrossNamespacePodAffinity',
])

function selectedScopes(spec: JsonObject, path: string): Cause[] {
  const selector = spec['scopeSelector']
  if (!isObject(selector)) return []
  const place = `${path}.scopeSelector.matchExpressions`
  const requirements = items(selector, 'matchExpressions')
  const causes = requirements.flatMap((each) => selectedScope(spec, selector, each, place))
  const names = requirements.map((each) => text(each, 'scopeName'))
  return [...causes, ...conflicts(names, place, (spec['scopes'] as Json | undefined) ?? null)]
}

function selectedScope(
  spec: JsonObject,
  selector: JsonObject,
  each: JsonObject,
  path: string,
): Cause[] {
  const scope = text(each, 'scopeName')
  const operator = text(each, 'operator')
  const values = texts(each, 'values')
  const causes: Cause[] = []
  if (!SCOPES.has(scope)) causes.push(invalid(`${path}.scopeName`, scope, 'unsupported scope'))
  for (const name of Object.keys(at(spec, 'hard')))
    if (QUOTA.has(name) && !concerns(scope, name))
      causes.push(invalid(path, goSelector(selector), 'unsupported scope applied to resource'))
  if (EXISTING.has(scope) && operator !== 'Exists')
    causes.push(
      invalid(
        `${path}.operator`,
        operator,
        "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity",
      ),
    )
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0)
      causes.push(
        required(
          `${path}.values`,
          "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
        ),
      )
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0)
      causes.push(
        invalid(
          `${path}.values`,
          [...values],
          "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
        ),
      )
  } else causes.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'))
  return causes
}

/** The selector as Go prints its own struct. */
function goSelector(selector: JsonObject): Json {
  return {
    MatchExpressions: items(selector, 'matchExpressions').map((each) => ({
      ScopeName: text(each, 'scopeName'),
      Operator: text(each, 'operator'),
      Values: each['values'] ?? null,
    })),
  }
}

/** What may not be changed of a quota: its scopes, in whatever order. */
export function scopesUpdate(next: JsonObject, old: JsonObject): Cause[] {
  const sorted = (spec: JsonObject): Json => [...new Set(texts(spec, 'scopes'))].sort()
  return sameJson(sorted(next), sorted(old))
    ? []
    : [invalid('spec.scopes', next['scopes'] ?? null, 'field is immutable')]
}

function isHuge(name: string): boolean {
  return name.startsWith('hugepages-') || name.startsWith('requests.hugepages-')
}

function resourceName(name: string, path: string): Cause[] {
  const causes = formed(name, qualifiedName, path)
  const known = name.includes('/') || QUOTA.has(name) || name === 'storage' || isHuge(name)
  if (causes.length > 0 || known) return causes
  return [invalid(path, name, 'must be a standard resource type or fully qualified')]
}

const LIMIT_TYPES = ['Pod', 'Container', 'PersistentVolumeClaim']
const KINDS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio']

/** Ranges of limits. */
export const limitRangeSpec: Check = (spec, path) => {
  const seen = new Set<string>()
  return items(spec, 'limits').flatMap((limit, i) => {
    const place = `${path}.limits[${i}]`
    const type = text(limit, 'type')
    const causes = typeCauses(type, `${place}.type`)
    if (seen.has(type)) causes.push(duplicate(`${place}.type`, type))
    seen.add(type)
    return [...causes, ...limitCauses(limit, type, place)]
  })
}

function typeCauses(type: string, path: string): Cause[] {
  const causes = formed(type, qualifiedName, path)
  if (causes.length > 0 || type.includes('/') || LIMIT_TYPES.includes(type)) return causes
  return [invalid(path, type, 'must be a standard limit type or fully qualified')]
}

function limitCauses(limit: JsonObject, type: string, path: string): Cause[] {
  const causes: Cause[] = []
  const isPod = type === 'Pod'
  for (const kind of KINDS) {
    const given = limit[kind]
    if (!isObject(given)) continue
    if (isPod && kind.startsWith('default')) {
      causes.push(forbidden(`${path}.${kind}`, "may not be specified when `type` is 'Pod'"))
      continue
    }
    for (const name of Object.keys(given))
      causes.push(...limitName(type, name, `${path}.${kind}[${name}]`))
  }
  const has = (kind: string): boolean => at(limit, kind)['storage'] !== undefined
  if (type === 'PersistentVolumeClaim' && !has('min') && !has('max'))
    causes.push(
      required(
        `${path}.limits`,
        'either minimum or maximum storage value is required, but neither was provided',
      ),
    )
  const used = KINDS.filter((kind) => !isPod || !kind.startsWith('default'))
  const names = new Set(used.flatMap((kind) => Object.keys(at(limit, kind))))
  for (const name of names) causes.push(...rangeCauses(limit, isPod, name, path))
  return causes
}

function limitName(type: string, name: string, path: string): Cause[] {
  if (type !== 'Pod' && type !== 'Container') return resourceName(name, path)
  const known = name.includes('/') || AMOUNTS.includes(name) || isHuge(name)
  if (known) return formed(name, qualifiedName, path)
  return [
    ...resourceName(name, path),
    invalid(path, name, 'must be a standard resource for containers'),
  ]
}

/** Where a smaller amount may not be greater than another: the field told of, the pair, their words. */
const ORDERS = [
  { field: 'min', low: 'min', high: 'max', words: ['min value', 'max value'] },
  {
    field: 'defaultRequest',
    low: 'min',
    high: 'defaultRequest',
    words: ['min value', 'default request value'],
  },
  {
    field: 'defaultRequest',
    low: 'defaultRequest',
    high: 'max',
    words: ['default request value', 'max value'],
  },
  {
    field: 'defaultRequest',
    low: 'defaultRequest',
    high: 'default',
    words: ['default request value', 'default limit value'],
  },
  { field: 'default', low: 'min', high: 'default', words: ['min value', 'default value'] },
  { field: 'default', low: 'default', high: 'max', words: ['default value', 'max value'] },
] as const

function rangeCauses(limit: JsonObject, isPod: boolean, name: string, path: string): Cause[] {
  const causes: Cause[] = []
  const amount = (kind: string): Json | undefined =>
    isPod && kind.startsWith('default') ? undefined : at(limit, kind)[name]
  for (const { field, low, high, words } of ORDERS) {
    const small = amount(low)
    const big = amount(high)
    if (small === undefined || big === undefined || nanosOf(small) <= nanosOf(big)) continue
    // Of a default that is too great or too small the API server shows the bound.
    const shown = field === 'default' ? (low === 'min' ? small : big) : amount(field)
    causes.push(
      invalid(
        `${path}.${field}[${name}]`,
        shown,
        `${words[0]} ${small} is greater than ${words[1]} ${big}`,
      ),
    )
  }
  const ratio = amount('maxLimitRequestRatio')
  if (ratio !== undefined && nanosOf(ratio) < 1_000_000_000n)
    causes.push(
      invalid(`${path}.maxLimitRequestRatio[${name}]`, ratio, `ratio ${ratio} is less than 1`),
    )
  const [min, max] = [amount('min'), amount('max')]
  if (ratio === undefined || min === undefined || max === undefined) return causes
  const most = Number(nanosOf(max)) / Number(nanosOf(min))
  if (Number(nanosOf(ratio)) / 1e9 > most)
    causes.push(
      invalid(
        `${path}.maxLimitRequestRatio[${name}]`,
        ratio,
        `ratio ${ratio} is greater than max/min = ${most === Infinity ? '+Inf' : most.toFixed(6)}`,
      ),
    )
  return causes
}

function nanosOf(amount: Json | undefined): bigint {
  return parseQuantity(String(amount))?.nanos ?? 0n
}
