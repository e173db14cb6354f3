import { isIP } from 'node:net'
import {
  isArray,
  type Json,
  type JsonObject,
  type KubeObject,
  sameJson,
} from '../../object/index.ts'
import { suffix } from '../writes.ts'
import {
  CHANGED,
  HEADLESS,
  hostnameOf,
  isEndpoint,
  isHeadless,
  objectsIn,
  portsOf,
  sortedPorts,
  TriggerTimes,
  targetRef,
} from './endpoint-parts.ts'
import { hasEndpoints, servicesConcerned } from './endpoints.ts'
import { type Controller, type Hands, specOf, statusOf } from './hands.ts'
import { labelIndexOf } from './label-index.ts'
import { controllerRef } from './owners.ts'
import { isReady, isTerminating, PODS } from './pods.ts'
import { record } from './recorder.ts'

const SERVICES = 'services'
export const SLICES = 'endpointslices.discovery.k8s.io'
export const SERVICE_NAME = 'kubernetes.io/service-name'
export const SLICE_MANAGER = 'endpointslice.kubernetes.io/managed-by'
const OURS = 'endpointslice-controller.k8s.io'
const RESERVED = [SERVICE_NAME, SLICE_MANAGER, HEADLESS]
/** Endpoints in one slice. */
const ENDPOINTS_MAX = 100

/**
 * Keeps EndpointSlices of Services that select pods: one set of slices for each set of ports.
 * @see k8s.io/endpointslice reconciler.go (v0.36.3)
 */
export function sliceController(hands: Hands): Controller {
  const times = new TriggerTimes()
  return {
    name: 'endpoint-slices',
    tables: [SERVICES, PODS, SLICES],
    concerns: (event) => {
      if (event.table !== SLICES) return servicesConcerned(hands, event)
      const { namespace, labels } = event.object.metadata
      return labels?.[SLICE_MANAGER] === OURS ? [`${namespace}/${labels[SERVICE_NAME]}`] : []
    },
    sync: (key) => {
      const [namespace = '', name = ''] = key.split('/')
      const service = hands.get(hands.kind('', 'Service'), namespace, name)
      if (service === undefined) times.forget(key)
      else if (hasEndpoints(service)) reconcile(hands, service, times)
      return undefined
    },
  }
}

/** What is to become of the slices of a service. */
interface Changes {
  readonly create: KubeObject[]
  readonly update: KubeObject[]
  readonly remove: KubeObject[]
}

interface Wanted {
  readonly ports: readonly JsonObject[]
  readonly endpoints: JsonObject[]
}

function reconcile(hands: Hands, service: KubeObject, times: TriggerTimes): void {
  const { namespace = '', name = '' } = service.metadata
  const pods = labelIndexOf(hands.core.store).pods(namespace, specOf(service)['selector'])
  const changed = times.next(`${namespace}/${name}`, service, pods)
  const skipped: string[] = []
  const families = specOf(service)['ipFamilies']
  const types = isArray(families) && families.length > 0 ? families : ['IPv4']
  const there = slicesOf(hands, service)
  const changes: Changes = {
    create: [],
    update: [],
    remove: there.filter((slice) => !types.includes(String(slice['addressType']))),
  }
  for (const type of types) {
    const wanted = wantedOf(hands, service, { pods, type: String(type), skipped })
    const own = there.filter((slice) => slice['addressType'] === type)
    const more = changesOf(service, own, { wanted, type: String(type) })
    changes.create.push(...more.create)
    changes.update.push(...more.update)
    changes.remove.push(...more.remove)
  }
  carryOut(hands, changes, changed)
  if (skipped.length > 0) tellSkipped(hands, service, skipped)
}

function slicesOf(hands: Hands, service: KubeObject): KubeObject[] {
  return hands
    .dependents(hands.kind('discovery.k8s.io', 'EndpointSlice'), service)
    .filter(({ metadata }) => metadata.labels?.[SLICE_MANAGER] === OURS)
}

/** The endpoints of a family that there are to be, by their ports. */
function wantedOf(
  hands: Hands,
  service: KubeObject,
  from: {
    readonly pods: readonly KubeObject[]
    readonly type: string
    readonly skipped: string[]
  },
): Map<string, Wanted> {
  const { namespace = '', name = '' } = service.metadata
  const published = specOf(service)['publishNotReadyAddresses'] === true
  const wanted = new Map<string, Wanted>()
  for (const pod of from.pods) {
    if (!isEndpoint(pod)) continue
    const ports = sortedPorts(slicePorts(service, pod), 'slice')
    const key = portsKey(ports)
    const group = wanted.get(key) ?? { ports, endpoints: [] }
    wanted.set(key, group)
    const nodeName = String(specOf(pod)['nodeName'] ?? '')
    const node = hands.core.store.get('nodes', nodeName)
    if (node === undefined && !published) {
      const what = `skipping Pod ${pod.metadata.name} for Service ${namespace}/${name}: Node ${nodeName} Not Found`
      from.skipped.push(what)
      continue
    }
    const addresses = addressesOf(pod, from.type)
    if (addresses.length > 0)
      group.endpoints.push(endpointOf(pod, service, { addresses, node, published }))
  }
  return wanted
}

function portsKey(ports: readonly JsonObject[]): string {
  return JSON.stringify(
    ports.map(({ name, port, protocol, appProtocol }) => [name, port, protocol, appProtocol]),
  )
}

function slicePorts(service: KubeObject, pod: KubeObject): JsonObject[] {
  return portsOf(service, pod).map((port) => ({ name: '', ...port }))
}

function addressesOf(pod: KubeObject, type: string): string[] {
  return objectsIn(statusOf(pod)['podIPs'])
    .map((each) => String(each['ip']))
    .filter((ip) => isIP(ip) === (type === 'IPv6' ? 6 : 4))
}

function endpointOf(
  pod: KubeObject,
  service: KubeObject,
  of: {
    readonly addresses: string[]
    readonly node: KubeObject | undefined
    readonly published: boolean
  },
): JsonObject {
  const { nodeName } = specOf(pod)
  const terminating = isTerminating(pod)
  const serving = isReady(pod)
  const ready = of.published || (serving && !terminating)
  const zone = of.node?.metadata.labels?.['topology.kubernetes.io/zone'] ?? ''
  const hints = ready ? hintsFor(service, zone, nodeName) : {}
  return {
    addresses: of.addresses,
    conditions: { ready, serving, terminating },
    ...(Object.keys(hints).length === 0 ? {} : { hints }),
    ...hostnameOf(pod, service),
    ...(typeof nodeName === 'string' && nodeName !== '' ? { nodeName } : {}),
    targetRef: targetRef(pod),
    ...(zone === '' ? {} : { zone }),
  }
}

const CLOSE = ['PreferClose', 'PreferSameZone', 'PreferSameNode']

/** Which zone and node are told to prefer an endpoint. */
function hintsFor(service: KubeObject, zone: string, nodeName: Json | undefined): JsonObject {
  const distribution = String(specOf(service)['trafficDistribution'] ?? '')
  if (!CLOSE.includes(distribution)) return {}
  const isNear = distribution === 'PreferSameNode' && typeof nodeName === 'string'
  return {
    ...(isNear ? { forNodes: [{ name: nodeName }] } : {}),
    ...(zone === '' ? {} : { forZones: [{ name: zone }] }),
  }
}

function changesOf(
  service: KubeObject,
  there: readonly KubeObject[],
  of: { readonly wanted: ReadonlyMap<string, Wanted>; readonly type: string },
): Changes {
  const changes: Changes = { create: [], update: [], remove: [] }
  const byPorts = new Map<string, KubeObject[]>()
  for (const slice of there) {
    const key = portsKey(sortedPorts(objectsIn(slice['ports'] as Json), 'slice'))
    byPorts.set(key, [...(byPorts.get(key) ?? []), slice])
  }
  for (const [key, wanted] of of.wanted)
    fill(changes, { service, type: of.type, wanted, slices: byPorts.get(key) ?? [] })
  for (const [key, slices] of byPorts) if (!of.wanted.has(key)) changes.remove.push(...slices)
  if (there.length !== changes.remove.length || changes.create.length > 0) return changes
  // A service without endpoints has a slice that says so.
  const empty = newSlice(service, { type: of.type, ports: [], endpoints: [] })
  const [only] = changes.remove
  const isThere =
    changes.remove.length === 1 &&
    only !== undefined &&
    objectsIn(only['endpoints'] as Json).length === 0 &&
    objectsIn(only['ports'] as Json).length === 0 &&
    sameJson(only.metadata.labels ?? {}, empty.metadata.labels ?? {})
  if (isThere) changes.remove.length = 0
  else changes.create.push(empty)
  return changes
}

/** Puts the endpoints of one set of ports into slices: where they were, then where there is room. */
function fill(
  changes: Changes,
  of: {
    readonly service: KubeObject
    readonly type: string
    readonly wanted: Wanted
    readonly slices: readonly KubeObject[]
  },
): void {
  const left = new Map(of.wanted.endpoints.map((each) => [identity(each), each]))
  const labels = sliceLabels(of.service)
  const kept: { slice: KubeObject; endpoints: JsonObject[]; isChanged: boolean }[] = []
  for (const slice of of.slices) {
    const had = objectsIn(slice['endpoints'] as Json)
    const endpoints = had
      .map((each) => take(left, identity(each)))
      .filter((each) => each !== undefined)
    if (had.length > 0 && endpoints.length === 0) {
      changes.remove.push(slice)
      continue
    }
    const isChanged = !sameJson(had, endpoints) || !sameJson(slice.metadata.labels ?? {}, labels)
    kept.push({ slice, endpoints, isChanged })
  }
  const rest = [...left.values()]
  const roomy = kept
    .filter(({ isChanged }) => isChanged)
    .sort((a, b) => b.endpoints.length - a.endpoints.length)
  for (const each of roomy)
    each.endpoints.push(...rest.splice(0, Math.max(0, ENDPOINTS_MAX - each.endpoints.length)))
  while (rest.length > 0) {
    const [best] = kept
      .filter((each) => !each.isChanged && each.endpoints.length + rest.length <= ENDPOINTS_MAX)
      .sort((a, b) => b.endpoints.length - a.endpoints.length)
    if (best !== undefined && rest.length < ENDPOINTS_MAX) {
      best.endpoints.push(...rest.splice(0))
      best.isChanged = true
    } else {
      const endpoints = rest.splice(0, ENDPOINTS_MAX)
      const { ports } = of.wanted
      changes.create.push(newSlice(of.service, { type: of.type, ports, endpoints }))
    }
  }
  for (const { slice, endpoints, isChanged } of kept)
    if (isChanged)
      changes.update.push({ ...slice, metadata: { ...slice.metadata, labels }, endpoints })
}

function take(left: Map<string, JsonObject>, key: string): JsonObject | undefined {
  const found = left.get(key)
  left.delete(key)
  return found
}

/** By what an endpoint is known again. */
function identity(endpoint: JsonObject): string {
  const { addresses, hostname, targetRef: of } = endpoint
  const { uid } = (of ?? {}) as JsonObject
  return JSON.stringify([addresses, hostname ?? null, uid ?? null])
}

function sliceLabels(service: KubeObject): Record<string, string> {
  const own = Object.entries(service.metadata.labels ?? {}).filter(
    ([name]) => !RESERVED.includes(name),
  )
  return {
    ...Object.fromEntries(own),
    ...(isHeadless(service) ? { [HEADLESS]: '' } : {}),
    [SERVICE_NAME]: service.metadata.name ?? '',
    [SLICE_MANAGER]: OURS,
  }
}

function newSlice(
  service: KubeObject,
  of: {
    readonly type: string
    readonly ports: readonly JsonObject[]
    readonly endpoints: JsonObject[]
  },
): KubeObject {
  const { namespace = '', name = '' } = service.metadata
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: sliceLabels(service),
      ownerReferences: [controllerRef(service)],
    },
    addressType: of.type,
    endpoints: of.endpoints,
    ports: of.ports,
  } as KubeObject
}

/** What is to be made takes the place of what is to go. */
function carryOut(hands: Hands, changes: Changes, changed: string | undefined): void {
  const kind = hands.kind('discovery.k8s.io', 'EndpointSlice')
  const { create, update, remove } = changes
  const gone: KubeObject[] = []
  for (const old of remove) {
    const next = create.at(-1)
    if (next === undefined || old['addressType'] !== next['addressType']) {
      gone.push(old)
      continue
    }
    create.pop()
    const { annotations = {}, ...metadata } = old.metadata
    update.push({ ...next, metadata: { ...metadata, ...next.metadata, annotations } })
  }
  for (const slice of create) hands.create(kind, named(hands, annotated(withNulls(slice), changed)))
  for (const slice of update) {
    const { namespace = '', name = '' } = slice.metadata
    const live = hands.get(kind, namespace, name)
    if (live !== undefined) hands.update(kind, live, annotated(withNulls(slice), changed))
  }
  for (const slice of gone) hands.remove(kind, slice)
}

/** A slice that draws its name. */
export function named(hands: Hands, slice: KubeObject): KubeObject {
  const { generateName = '' } = slice.metadata
  return { ...slice, metadata: { ...slice.metadata, name: generateName + suffix(hands.core) } }
}

/** Go writes lists that are empty here as null. */
export function withNulls(slice: KubeObject): KubeObject {
  const orNull = (value: unknown): Json =>
    objectsIn(value as Json).length === 0 ? null : (value as Json)
  return { ...slice, endpoints: orNull(slice['endpoints']), ports: orNull(slice['ports']) }
}

function annotated(slice: KubeObject, changed: string | undefined): KubeObject {
  const { annotations: had = {}, ...metadata } = slice.metadata
  const { [CHANGED]: _, ...notes } = had
  const annotations = { ...notes, ...(changed === undefined ? {} : { [CHANGED]: changed }) }
  const kept = Object.keys(annotations).length === 0 ? {} : { annotations }
  return { ...slice, metadata: { ...metadata, ...kept } }
}

function tellSkipped(hands: Hands, service: KubeObject, skipped: readonly string[]): void {
  const { namespace = '', name = '' } = service.metadata
  const text = skipped.length === 1 ? skipped[0] : `[${skipped.join(', ')}]`
  record(hands, service, {
    type: 'Warning',
    reason: 'FailedToUpdateEndpointSlices',
    message: `Error updating Endpoint Slices for Service ${namespace}/${name}: ${text}`,
    component: 'endpoint-slice-controller',
  })
}
