import {
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  sameJson,
} from '../../object/index.ts'
import { StatusFault } from '../status.ts'
import type { StoreEvent } from '../store/store.ts'
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
import { type Controller, type Hands, specOf, statusOf } from './hands.ts'
import { labelIndexOf } from './label-index.ts'
import { isReady, isTerminating, PODS } from './pods.ts'
import { record } from './recorder.ts'

const SERVICES = 'services'
const ENDPOINTS = 'endpoints'
const MANAGED_BY = 'endpoints.kubernetes.io/managed-by'

/**
 * Keeps Endpoints of Services that select pods.
 * @see kubernetes pkg/controller/endpoint/endpoints_controller.go (v1.36.3)
 */
export function endpointsController(hands: Hands): Controller {
  const times = new TriggerTimes()
  return {
    name: 'endpoints',
    tables: [SERVICES, PODS, ENDPOINTS],
    concerns: (event) => {
      if (event.table !== ENDPOINTS) return servicesConcerned(hands, event)
      return event.type === 'DELETED' ? [event.key] : []
    },
    sync: (key) => {
      const [namespace = '', name = ''] = key.split('/')
      const service = hands.get(hands.kind('', 'Service'), namespace, name)
      if (service === undefined) {
        times.forget(key)
        drop(hands, namespace, name)
      } else if (hasEndpoints(service)) write(hands, service, times)
      return undefined
    },
  }
}

/** Whether the endpoints of a service are looked after here, and not by its users. */
export function hasEndpoints(service: KubeObject): boolean {
  return isObject(specOf(service)['selector']) && specOf(service)['type'] !== 'ExternalName'
}

/** Keys of the services whose endpoints a change of a service or a pod may be about. */
export function servicesConcerned(hands: Hands, event: StoreEvent): string[] {
  if (event.table === SERVICES) return [event.key]
  const { namespace = '', labels } = event.object.metadata
  const index = labelIndexOf(hands.core.store)
  const now = index.services(namespace, labels)
  const before = event.previous?.metadata.labels
  if (before === undefined || before === labels) return now
  return [...new Set([...now, ...index.services(namespace, before)])]
}

function drop(hands: Hands, namespace: string, name: string): void {
  const kind = hands.kind('', 'Endpoints')
  const live = hands.get(kind, namespace, name)
  if (live !== undefined) hands.remove(kind, live)
}

function write(hands: Hands, service: KubeObject, times: TriggerTimes): void {
  const { namespace = '', name = '', labels = {} } = service.metadata
  const kind = hands.kind('', 'Endpoints')
  const pods = labelIndexOf(hands.core.store).pods(namespace, specOf(service)['selector'])
  const changed = times.next(`${namespace}/${name}`, service, pods)
  const subsets = subsetsOf(service, pods)
  const live = hands.get(kind, namespace, name)
  if (live !== undefined && isUpToDate(live, service, subsets)) return
  const { [CHANGED]: _, ...notes } = live?.metadata.annotations ?? {}
  const annotations = { ...notes, ...(changed === undefined ? {} : { [CHANGED]: changed }) }
  const { [HEADLESS]: _h, ...plain } = labels
  const headless = isHeadless(service) ? { [HEADLESS]: '' } : {}
  const { labels: _l, annotations: _a, ...metadata } = live?.metadata ?? { name, namespace }
  const next = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      ...metadata,
      labels: { ...plain, [MANAGED_BY]: 'endpoint-controller', ...headless },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    ...(subsets.length === 0 ? {} : { subsets }),
  } as KubeObject
  if (live === undefined) {
    hands.create(kind, next)
    return
  }
  try {
    hands.update(kind, live, next)
  } catch (error) {
    if (error instanceof StatusFault) refused(hands, live, error)
    throw error
  }
}

function refused(hands: Hands, live: KubeObject, { message }: StatusFault): void {
  const { namespace = '', name = '' } = live.metadata
  record(hands, live, {
    type: 'Warning',
    reason: 'FailedToUpdateEndpoint',
    message: `Failed to update endpoint ${namespace}/${name}: ${message}`,
    component: 'endpoint-controller',
  })
}

function isUpToDate(
  live: KubeObject,
  service: KubeObject,
  subsets: readonly JsonObject[],
): boolean {
  const { [HEADLESS]: _, [MANAGED_BY]: by, ...labels } = live.metadata.labels ?? {}
  return (
    by === 'endpoint-controller' &&
    sameJson(labels, service.metadata.labels ?? {}) &&
    sameJson((live['subsets'] ?? []) as Json, subsets as Json)
  )
}

/** Addresses by the ports that they serve; those that serve the same ones are together. */
function subsetsOf(service: KubeObject, pods: readonly KubeObject[]): JsonObject[] {
  const published = specOf(service)['publishNotReadyAddresses'] === true
  const byPort = new Map<string, Group>()
  for (const pod of pods) {
    if (!isEndpoint(pod) || (!published && isTerminating(pod))) continue
    const at: Place = { address: addressOf(pod, service), ready: published || isReady(pod) }
    const hasPorts = objectsIn(specOf(service)['ports']).length > 0
    if (!hasPorts && specOf(service)['clusterIP'] !== 'None') continue
    const ports: (JsonObject | undefined)[] = hasPorts ? portsOf(service, pod) : [undefined]
    for (const port of ports) {
      const key = JSON.stringify(port ?? null)
      const group = byPort.get(key) ?? { port, places: [] }
      group.places.push(at)
      byPort.set(key, group)
    }
  }
  const byPlaces = new Map<string, { ports: JsonObject[]; places: readonly Place[] }>()
  for (const { port, places } of byPort.values()) {
    const key = JSON.stringify(places.map(({ address, ready }) => [address['targetRef'], ready]))
    const joined = byPlaces.get(key) ?? { ports: [], places }
    if (port !== undefined) joined.ports.push(port)
    byPlaces.set(key, joined)
  }
  return [...byPlaces.values()].map(subsetOf)
}

interface Place {
  readonly address: JsonObject
  readonly ready: boolean
}

interface Group {
  readonly port: JsonObject | undefined
  readonly places: Place[]
}

function subsetOf(of: {
  readonly ports: readonly JsonObject[]
  readonly places: readonly Place[]
}): JsonObject {
  const sorted = [...of.places].sort((a, b) => (ipOf(a) < ipOf(b) ? -1 : 1))
  const ready = sorted.filter((each) => each.ready).map(({ address }) => address)
  const waiting = sorted.filter((each) => !each.ready).map(({ address }) => address)
  return {
    ...(ready.length === 0 ? {} : { addresses: ready }),
    ...(waiting.length === 0 ? {} : { notReadyAddresses: waiting }),
    ...(of.ports.length === 0 ? {} : { ports: sortedPorts(of.ports, 'Endpoints') }),
  }
}

function ipOf({ address }: Place): string {
  return String(address['ip'])
}

function addressOf(pod: KubeObject, service: KubeObject): JsonObject {
  const { podIP, podIPs } = statusOf(pod)
  const [first] = objectsIn(podIPs)
  const ip = first?.['ip'] ?? podIP ?? ''
  // A pod that is on no node is refused, as by the real one.
  const nodeName = specOf(pod)['nodeName'] ?? ''
  return { ...hostnameOf(pod, service), ip, nodeName, targetRef: targetRef(pod) }
}
