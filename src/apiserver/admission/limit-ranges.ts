import { compareText } from '../../base/index.ts'
import { isObject, type Json, type JsonObject, type KubeObject } from '../../object/index.ts'
import { formatQuantity, parseQuantity } from '../../schema/index.ts'
import type { Core } from '../core.ts'
import { type Attributes, refused } from './attributes.ts'
import { aggregate } from './expressions.ts'
import { objectsOf } from './matching.ts'

const TABLE = 'limitranges'
const ANNOTATION = 'kubernetes.io/limit-ranger'

/** Amounts by resource, as they are written. */
type Amounts = Readonly<Record<string, string>>

function amountsIn(value: Json | undefined): Amounts {
  if (!isObject(value)) return {}
  const given = Object.entries(value).filter(([, each]) => each !== undefined && each !== null)
  return Object.fromEntries(given.map(([key, each]) => [key, String(each)]))
}

function limitsOf(range: KubeObject): readonly JsonObject[] {
  return isObject(range['spec']) ? objectsOf(range['spec']['limits']) : []
}

function specOf(object: KubeObject): JsonObject {
  return isObject(object['spec']) ? object['spec'] : {}
}

/**
 * A pod with the requests and limits that the LimitRanges of its namespace give by default, and an
 * annotation that says so.
 * @see kubernetes plugin/pkg/admission/limitranger/admission.go (v1.36.3)
 */
export function withDefaultResources(core: Core, pod: KubeObject): KubeObject {
  const { namespace = '' } = pod.metadata
  return core.store
    .list(TABLE, `${namespace}/`)
    .reduce((each, range) => withDefaultsOf(range, each), pod)
}

function withDefaultsOf(range: KubeObject, pod: KubeObject): KubeObject {
  const container = limitsOf(range).filter((each) => each['type'] === 'Container')
  const gathered = (key: string): Amounts =>
    Object.assign({}, ...container.map((each) => amountsIn(each[key]))) as Amounts
  const [requests, limits] = [gathered('defaultRequest'), gathered('default')]
  const said: string[] = []
  const filled = (containers: Json | undefined, what: string): Json | undefined =>
    containers === undefined
      ? undefined
      : objectsOf(containers).map((each) => withMissing(each, { requests, limits, what, said }))
  const { containers, initContainers } = specOf(pod)
  const spec = {
    ...specOf(pod),
    ...defined('containers', filled(containers, 'container')),
    ...defined('initContainers', filled(initContainers, 'init container')),
  }
  if (said.length === 0) return pod
  const annotations = {
    ...pod.metadata.annotations,
    [ANNOTATION]: `LimitRanger plugin set: ${said.join('; ')}`,
  }
  return { ...pod, metadata: { ...pod.metadata, annotations }, spec }
}

function defined(key: string, value: Json | undefined): JsonObject {
  return value === undefined ? {} : { [key]: value }
}

function withMissing(
  container: JsonObject,
  of: {
    readonly requests: Amounts
    readonly limits: Amounts
    readonly what: string
    readonly said: string[]
  },
): JsonObject {
  const resources = isObject(container['resources']) ? container['resources'] : {}
  const next: Record<string, Json> = {}
  for (const [key, word] of [
    ['requests', 'request'],
    ['limits', 'limit'],
  ] as const) {
    const had = amountsIn(resources[key])
    const missing = Object.keys(of[key])
      .filter((each) => !(each in had))
      .sort(compareText)
    if (missing.length > 0)
      of.said.push(`${missing.join(', ')} ${word} for ${of.what} ${String(container['name'])}`)
    const amounts = { ...of[key], ...had }
    if (Object.keys(amounts).length > 0) next[key] = amounts
  }
  if (Object.keys(next).length === 0) return container
  return { ...container, resources: { ...resources, ...next } }
}

/**
 * Refuses a pod or a claim that asks for more or less than its namespace allows.
 * @throws StatusFault 403
 */
export function refuseByLimits(core: Core, attributes: Attributes): void {
  const { kind, subresource, object, operation, old } = attributes
  const isPod = kind.table === 'pods' && operation === 'CREATE'
  const isClaim = kind.table === 'persistentvolumeclaims' && operation !== 'DELETE'
  if (subresource !== '' || object === undefined || !(isPod || isClaim)) return
  if (old?.metadata.deletionTimestamp !== undefined) return
  for (const range of core.store.list(TABLE, `${attributes.namespace}/`)) {
    const problems = isPod ? podProblems(range, object) : claimProblems(range, object)
    if (problems.length > 0) throw refused(attributes, aggregate(problems))
  }
}

function claimProblems(range: KubeObject, claim: KubeObject): string[] {
  const resources = specOf(claim)['resources']
  const requests = isObject(resources) ? amountsIn(resources['requests']) : {}
  return limitsOf(range)
    .filter((each) => each['type'] === 'PersistentVolumeClaim')
    .flatMap((each) => [
      ...checked(each['min'], (key, bound) =>
        belowMin('PersistentVolumeClaim', key, bound, { requests, limits: {} }),
      ),
      ...checked(each['max'], (key, bound) =>
        requestAboveMax('PersistentVolumeClaim', key, bound, requests),
      ),
    ])
}

interface Resources {
  readonly requests: Amounts
  readonly limits: Amounts
}

function podProblems(range: KubeObject, pod: KubeObject): string[] {
  const { containers, initContainers } = specOf(pod)
  const plain = objectsOf(containers)
  const first = objectsOf(initContainers)
  return limitsOf(range).flatMap((limit) => {
    if (limit['type'] === 'Container')
      return [...plain, ...first].flatMap((each) => bounds('Container', limit, resourcesOf(each)))
    return limit['type'] === 'Pod' ? bounds('Pod', limit, sumOf(plain, first)) : []
  })
}

function resourcesOf(container: JsonObject): Resources {
  const resources = isObject(container['resources']) ? container['resources'] : {}
  return { requests: amountsIn(resources['requests']), limits: amountsIn(resources['limits']) }
}

/** What a pod asks for: its containers together, or the largest of those that run before them. */
function sumOf(plain: readonly JsonObject[], first: readonly JsonObject[]): Resources {
  const sum = (key: 'requests' | 'limits'): Amounts => {
    const isSidecar = (each: JsonObject): boolean => each['restartPolicy'] === 'Always'
    const total = added(
      [...plain, ...first.filter(isSidecar)].map((each) => resourcesOf(each)[key]),
    )
    let beside: Amounts = {}
    let most = total
    for (const each of first) {
      const own = added([beside, resourcesOf(each)[key]])
      if (isSidecar(each)) beside = own
      most = larger(most, own)
    }
    return most
  }
  return { requests: sum('requests'), limits: sum('limits') }
}

function added(all: readonly Amounts[]): Amounts {
  const out: Record<string, string> = {}
  for (const amounts of all)
    for (const [key, amount] of Object.entries(amounts)) {
      const before = parseQuantity(out[key] ?? '0')
      const quantity = parseQuantity(amount)
      if (before === undefined || quantity === undefined) continue
      const format = out[key] === undefined || before.nanos === 0n ? quantity.format : before.format
      out[key] = formatQuantity({ nanos: before.nanos + quantity.nanos, format })
    }
  return out
}

function larger(a: Amounts, b: Amounts): Amounts {
  const more = Object.entries(b).filter(([key, each]) => !(key in a) || nanos(each) > nanos(a[key]))
  return { ...a, ...Object.fromEntries(more) }
}

function nanos(text: string | undefined): bigint {
  return parseQuantity(text ?? '0')?.nanos ?? 0n
}

function checked(
  given: Json | undefined,
  check: (key: string, bound: string) => string | undefined,
): string[] {
  return Object.entries(amountsIn(given))
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([key, bound]) => check(key, bound) ?? [])
}

function bounds(type: string, limit: JsonObject, of: Resources): string[] {
  return [
    ...checked(limit['min'], (key, bound) => belowMin(type, key, bound, of)),
    ...checked(limit['max'], (key, bound) => aboveMax(type, key, bound, of)),
    ...checked(limit['maxLimitRequestRatio'], (key, bound) => overRatio(type, key, bound, of)),
  ]
}

function belowMin(type: string, key: string, bound: string, of: Resources): string | undefined {
  const { [key]: request } = of.requests
  const { [key]: limit } = of.limits
  const start = `minimum ${key} usage per ${type} is ${bound}`
  if (request === undefined) return `${start}.  No request is specified`
  if (nanos(request) < nanos(bound)) return `${start}, but request is ${request}`
  if (limit !== undefined && nanos(limit) < nanos(bound)) return `${start}, but limit is ${limit}`
  return undefined
}

function requestAboveMax(
  type: string,
  key: string,
  bound: string,
  { [key]: request }: Amounts,
): string | undefined {
  const start = `maximum ${key} usage per ${type} is ${bound}`
  if (request === undefined) return `${start}.  No request is specified`
  return nanos(request) > nanos(bound) ? `${start}, but request is ${request}` : undefined
}

function aboveMax(type: string, key: string, bound: string, of: Resources): string | undefined {
  const { [key]: request } = of.requests
  const { [key]: limit } = of.limits
  const start = `maximum ${key} usage per ${type} is ${bound}`
  if (limit === undefined) return `${start}.  No limit is specified`
  if (nanos(limit) > nanos(bound)) return `${start}, but limit is ${limit}`
  if (request !== undefined && nanos(request) > nanos(bound))
    return `${start}, but request is ${request}`
  return undefined
}

function overRatio(type: string, key: string, bound: string, of: Resources): string | undefined {
  const start = `${key} max limit to request ratio per ${type} is ${bound}`
  const request = nanos(of.requests[key])
  const limit = nanos(of.limits[key])
  if (request === 0n) return `${start}, but no request is specified or request is 0`
  if (limit === 0n) return `${start}, but no limit is specified or limit is 0`
  const ratio = Number(limit) / Number(request)
  return ratio > Number(nanos(bound)) / 1e9
    ? `${start}, but provided ratio is ${ratio.toFixed(6)}`
    : undefined
}
