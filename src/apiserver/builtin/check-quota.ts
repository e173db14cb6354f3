import { isObject, type Json, type JsonObject } from '../../object/index.ts'
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
  const causes: Cause[] = []
  for (const [name, amount] of Object.entries(at(spec, 'hard'))) {
    const place = `${path}.hard[${name}]`
    causes.push(...resourceName(name, place))
    if (!name.includes('/') && !QUOTA.has(name) && !isHuge(name))
      causes.push(invalid(place, name, 'must be a standard resource for quota'))
    const nanos = nanosOf(amount)
    if (nanos < 0n) causes.push(invalid(place, amount, 'must be greater than or equal to 0'))
    if (COUNTED.includes(name) && nanos % 1_000_000_000n !== 0n)
      causes.push(invalid(place, amount, 'must be an integer'))
  }
  const scopes = texts(spec, 'scopes')
  for (const scope of scopes)
    if (!SCOPES.has(scope))
      causes.push(invalid(`${path}.scopes`, scopes as Json, 'unsupported scope'))
  for (const pair of ['BestEffort', 'Terminating'])
    if (scopes.includes(pair) && scopes.includes(`Not${pair}`))
      causes.push(invalid(`${path}.scopes`, scopes as Json, 'conflicting scopes'))
  return causes
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
  const causes = formed(name, qualifiedName, path)
  const known = name.includes('/') || AMOUNTS.includes(name) || isHuge(name)
  if (causes.length > 0 || known) return causes
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
  return causes
}

function nanosOf(amount: Json | undefined): bigint {
  return parseQuantity(String(amount))?.nanos ?? 0n
}
