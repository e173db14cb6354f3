import { isArray, isObject, type Json, type JsonObject, type KubeObject } from '../object/index.ts'
import { formatQuantity, parseQuantity } from '../schema/index.ts'
import type { Core } from './core.ts'
import { groupResource, type Kind } from './kind.ts'
import { forbidden } from './status.ts'

const QUOTAS = 'resourcequotas'
const ONE = 1_000_000_000n

/** Amounts by what is limited, in billionths. */
type Amounts = Readonly<Record<string, bigint>>

/** Resources that quotas count by their plain name; all others by `count/RESOURCE.GROUP`. */
const PLAIN = [
  'configmaps',
  'persistentvolumeclaims',
  'pods',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
]

/**
 * Refuses what would take a namespace over one of its quotas.
 * @throws StatusFault 403
 * @see k8s.io/apiserver pkg/admission/plugin/resourcequota (v0.36.3)
 */
export function refuseOverQuota(core: Core, kind: Kind, object: KubeObject): void {
  const { namespace, name = '' } = object.metadata
  if (namespace === undefined || core.store.count(QUOTAS) === 0 || kind.table === QUOTAS) return
  const wanted = amountsOf(kind, object)
  for (const quota of core.store.list(QUOTAS, `${namespace}/`)) {
    const hard = hardOf(quota)
    if (!isInScope(quota, kind, object)) continue
    const limited = Object.keys(hard)
      .filter((key) => key in wanted)
      .sort()
    refuseUnstated(kind, object, quota, hard)
    if (limited.length === 0) continue
    const used = usageOf(core, namespace, { quota, hard })
    const over = limited.filter(
      (key) => (used[key] ?? 0n) + (wanted[key] ?? 0n) > (hard[key] ?? 0n),
    )
    if (over.length === 0) continue
    const text = (amounts: Amounts): string =>
      over.map((key) => `${key}=${textOf(amounts[key] ?? 0n, key)}`).join(',')
    throw forbidden(
      kind,
      name,
      `exceeded quota: ${quota.metadata.name}, requested: ${text(wanted)}, used: ${text(used)}, limited: ${text(hard)}`,
    )
  }
}

/** A pod under a quota on what its containers ask for must say what they ask for. */
function refuseUnstated(kind: Kind, pod: KubeObject, quota: KubeObject, hard: Amounts): void {
  if (kind.table !== 'pods') return
  const missing = Object.keys(hard)
    .filter((key) => /^(?:requests\.|limits\.)?(?:cpu|memory)$/.test(key))
    .sort()
    .flatMap((key) => {
      const names = containersOf(pod).filter((each) => amountIn(each, key) === undefined)
      const list = names.map((each) => String(each['name'])).join(',')
      return list === '' ? [] : [`${key} for: ${list}`]
    })
  if (missing.length > 0)
    throw forbidden(
      kind,
      pod.metadata.name ?? '',
      `failed quota: ${quota.metadata.name}: must specify ${missing.join('; ')}`,
    )
}

/** What a namespace uses of what a quota limits; without kinds that are not known. */
export function usageOf(
  core: Core,
  namespace: string,
  { quota, hard }: { readonly quota: KubeObject; readonly hard: Amounts },
): Amounts {
  const storages = core.registry.storages()
  const known = new Set(storages.map((kind) => `count/${groupResource(kind)}`))
  const counted = Object.keys(hard).filter((key) => !key.startsWith('count/') || known.has(key))
  const used: Record<string, bigint> = Object.fromEntries(counted.map((key) => [key, 0n]))
  for (const kind of storages) {
    if (!kind.namespaced || !isLimited(kind, hard)) continue
    for (const object of core.store.list(kind.table, `${namespace}/`)) {
      if (!isInScope(quota, kind, object)) continue
      for (const [key, amount] of Object.entries(amountsOf(kind, object)))
        if (key in used) used[key] = (used[key] ?? 0n) + amount
    }
  }
  return used
}

/**
 * Whether a quota with scopes is about an object: those are about pods alone.
 * @see kubernetes pkg/quota/v1/evaluator/core/pods.go podMatchesScopeFunc (v1.36.3)
 */
function isInScope(quota: KubeObject, kind: Kind, object: KubeObject): boolean {
  const { scopes, scopeSelector } = (quota['spec'] ?? {}) as JsonObject
  const plain = isArray(scopes)
    ? scopes.map((scopeName) => ({ scopeName, operator: 'Exists' }))
    : []
  const expressions = isObject(scopeSelector) ? scopeSelector['matchExpressions'] : []
  const all = [...plain, ...(isArray(expressions) ? expressions.filter(isObject) : [])]
  if (all.length === 0) return true
  return kind.table === 'pods' && all.every((each) => isOfScope(each as JsonObject, object))
}

function isOfScope({ scopeName, operator, values }: JsonObject, pod: KubeObject): boolean {
  const spec = (isObject(pod['spec']) ? pod['spec'] : {}) as JsonObject
  const { activeDeadlineSeconds, priorityClassName = '' } = spec
  const hasDeadline = typeof activeDeadlineSeconds === 'number' && activeDeadlineSeconds >= 0
  switch (scopeName) {
    case 'Terminating':
      return hasDeadline
    case 'NotTerminating':
      return !hasDeadline
    case 'BestEffort':
      return isBestEffort(pod)
    case 'NotBestEffort':
      return !isBestEffort(pod)
    case 'PriorityClass': {
      const given = isArray(values) ? values : []
      if (operator === 'Exists') return priorityClassName !== ''
      if (operator === 'DoesNotExist') return priorityClassName === ''
      if (operator === 'In') return given.includes(priorityClassName)
      return !given.includes(priorityClassName)
    }
    case 'CrossNamespacePodAffinity':
      return JSON.stringify(spec['affinity'] ?? {}).includes('"namespace')
    default:
      return false
  }
}

function isBestEffort(pod: KubeObject): boolean {
  return [...containersOf(pod), ...containersOf(pod, 'initContainers')].every((each) => {
    const resources = isObject(each['resources']) ? each['resources'] : {}
    return ['requests', 'limits'].every((part) => {
      const amounts = resources[part]
      return !isObject(amounts) || (amounts['cpu'] ?? amounts['memory']) === undefined
    })
  })
}

function isLimited(kind: Kind, hard: Amounts): boolean {
  const keys = Object.keys(hard)
  if (kind.table === 'pods') return true
  return keys.some(
    (key) =>
      key === `count/${groupResource(kind)}` ||
      (kind.group === '' && key.split('.')[0] === kind.plural) ||
      (kind.plural === 'persistentvolumeclaims' && /(?:^|\/)requests\.storage$/.test(key)) ||
      (kind.plural === 'persistentvolumeclaims' && key.endsWith('/persistentvolumeclaims')),
  )
}

/** `spec.hard` of a quota. */
export function hardOf(quota: KubeObject): Amounts {
  const spec = quota['spec']
  const hard = isObject(spec) && isObject(spec['hard']) ? spec['hard'] : {}
  const found = Object.entries(hard).flatMap(([key, value]) => {
    const amount = nanos(value)
    return amount === undefined ? [] : [[key, amount] as const]
  })
  return Object.fromEntries(found)
}

const KIBI = 1024n * ONE

/** An amount as quotas show it: of memory and storage in powers of 1024 where it is whole in those. */
export function textOf(amount: bigint, key: string): string {
  const isBytes = /(?:memory|storage)$/.test(key) && amount % KIBI === 0n
  return formatQuantity({ nanos: amount, format: isBytes ? 'BinarySI' : 'DecimalSI' })
}

function nanos(value: Json | undefined): bigint | undefined {
  return value === undefined || value === null ? undefined : parseQuantity(String(value))?.nanos
}

function containersOf(
  pod: KubeObject,
  part: 'containers' | 'initContainers' = 'containers',
): JsonObject[] {
  const spec = pod['spec']
  const containers = isObject(spec) ? spec[part] : undefined
  return isArray(containers) ? containers.filter(isObject) : []
}

/** What a container asks for: `cpu` and `requests.cpu` are the same. */
function amountIn(container: JsonObject, key: string): bigint | undefined {
  const [, part = 'requests', name = key] = /^(requests|limits)\.(.+)$/.exec(key) ?? []
  const resources = container['resources']
  const amounts = isObject(resources) ? resources[part] : undefined
  return isObject(amounts) ? nanos(amounts[name]) : undefined
}

function amountsOf(kind: Kind, object: KubeObject): Amounts {
  const amounts: Record<string, bigint> = { [`count/${groupResource(kind)}`]: ONE }
  if (kind.group !== '') return amounts
  if (PLAIN.includes(kind.plural)) amounts[kind.plural] = ONE
  const spec = isObject(object['spec']) ? object['spec'] : {}
  if (kind.plural === 'services') {
    const ports = isArray(spec['ports']) ? spec['ports'].filter(isObject) : []
    const open = ports.filter((port) => Number(port['nodePort'] ?? 0) > 0)
    if (spec['type'] === 'LoadBalancer') {
      amounts['services.loadbalancers'] = ONE
      amounts['services.nodeports'] = ONE * BigInt(open.length)
    }
    if (spec['type'] === 'NodePort') amounts['services.nodeports'] = ONE * BigInt(ports.length)
  }
  if (kind.plural === 'persistentvolumeclaims') {
    const resources = isObject(spec['resources']) ? spec['resources'] : {}
    const requests = isObject(resources['requests']) ? resources['requests'] : {}
    const size = nanos(requests['storage']) ?? 0n
    amounts['requests.storage'] = size
    const ofClass = `${String(spec['storageClassName'] ?? '')}.storageclass.storage.k8s.io`
    amounts[`${ofClass}/requests.storage`] = size
    amounts[`${ofClass}/persistentvolumeclaims`] = ONE
  }
  return kind.plural === 'pods' ? podAmounts(object, amounts) : amounts
}

function podAmounts(pod: KubeObject, plain: Readonly<Record<string, bigint>>): Amounts {
  const status = isObject(pod['status']) ? pod['status'] : {}
  // What has ended uses nothing any more.
  if (status['phase'] === 'Succeeded' || status['phase'] === 'Failed') return { 'count/pods': ONE }
  const amounts: Record<string, bigint> = { ...plain }
  for (const key of keysOf(pod)) {
    const sum = containersOf(pod).reduce((all, each) => all + (amountIn(each, key) ?? 0n), 0n)
    amounts[key] = withInits(pod, key, sum)
  }
  return amounts
}

/** What the containers of a pod ask for, by the names that quotas have for it. */
function keysOf(pod: KubeObject): ReadonlySet<string> {
  const keys = new Set<string>(['cpu', 'memory', 'requests.cpu', 'requests.memory'])
  for (const key of ['limits.cpu', 'limits.memory']) keys.add(key)
  for (const each of [...containersOf(pod), ...containersOf(pod, 'initContainers')])
    for (const part of ['requests', 'limits']) {
      const resources = isObject(each['resources']) ? each['resources'] : {}
      const amounts = resources[part]
      for (const name of Object.keys(isObject(amounts) ? amounts : {})) {
        // Of what nodes have beside their own resources, only requests can be limited.
        if (part === 'requests' || !name.includes('/')) keys.add(`${part}.${name}`)
        if (part === 'requests' && !name.includes('/')) keys.add(name)
      }
    }
  return keys
}

/** The most that a pod needs at once: its init containers run one after another, but for those that stay. */
function withInits(pod: KubeObject, key: string, sum: bigint): bigint {
  let [staying, most] = [0n, 0n]
  for (const each of containersOf(pod, 'initContainers')) {
    const amount = amountIn(each, key) ?? 0n
    if (each['restartPolicy'] === 'Always') staying += amount
    const needed = staying + (each['restartPolicy'] === 'Always' ? 0n : amount)
    if (needed > most) most = needed
  }
  const running = sum + staying
  return running > most ? running : most
}
