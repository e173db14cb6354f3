import { rfc3339 } from '../../base/index.ts'
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  type ObjectMeta,
  sameJson,
} from '../../object/index.ts'
import { suffix } from '../writes.ts'
import { type Controller, type Hands, specOf, statusOf } from './hands.ts'
import { parseLabels } from './label-selector.ts'
import { controllerRef } from './owners.ts'
import { isReady, isTerminating, PODS } from './pods.ts'

const SERVICES = 'services'

/** Keeps Endpoints and EndpointSlices of Services that select pods. */
export function endpointController(hands: Hands): Controller {
  return {
    name: 'endpoints',
    tables: [SERVICES, PODS],
    concerns: (event) => {
      if (event.table === SERVICES) return [event.key]
      if (event.table !== PODS) return []
      return selecting(hands, event.object)
    },
    sync: (key) => {
      const [namespace = '', name = ''] = key.split('/')
      const service = hands.get(hands.kind('', 'Service'), namespace, name)
      if (service === undefined) dropEndpoints(hands, namespace, name)
      else if (isObject(specOf(service)['selector'])) writeEndpoints(hands, service)
      return undefined
    },
  }
}

function selecting(hands: Hands, pod: KubeObject): string[] {
  const { namespace = '', labels } = pod.metadata
  return hands.core.store
    .list(SERVICES, `${namespace}/`)
    .filter((service) => parseLabels(specOf(service)['selector'])(labels))
    .map((service) => `${namespace}/${service.metadata.name}`)
}

function dropEndpoints(hands: Hands, namespace: string, name: string): void {
  const kind = hands.kind('', 'Endpoints')
  const live = hands.get(kind, namespace, name)
  if (live !== undefined) hands.remove(kind, live)
}

interface Backend {
  readonly pod: KubeObject
  readonly ip: string
  /** As pods that are not ready are seen by a service: they may be published all the same. */
  readonly ready: boolean
  readonly isGoing: boolean
}

function backendsOf(hands: Hands, service: KubeObject): Backend[] {
  const { selector, publishNotReadyAddresses } = specOf(service)
  const matches = parseLabels(selector)
  const published = publishNotReadyAddresses === true
  return hands
    .list(hands.kind('', 'Pod'), service.metadata.namespace)
    .filter((pod) => matches(pod.metadata.labels) && !hasEnded(pod))
    .flatMap((pod) => {
      const { podIP: ip } = statusOf(pod)
      const isGoing = isTerminating(pod)
      const ready = published || (isReady(pod) && !isGoing)
      return typeof ip === 'string' && ip !== '' ? [{ pod, ip, ready, isGoing }] : []
    })
}

function hasEnded(pod: KubeObject): boolean {
  const { phase } = statusOf(pod)
  return phase === 'Failed' || phase === 'Succeeded'
}

/** The name that a pod asks for below a service. */
function hostnameOf(pod: KubeObject, service: KubeObject): JsonObject {
  const { hostname, subdomain } = specOf(pod)
  return typeof hostname === 'string' && subdomain === service.metadata.name ? { hostname } : {}
}

function nodeOf(pod: KubeObject): JsonObject {
  const { nodeName } = specOf(pod)
  return typeof nodeName === 'string' ? { nodeName } : {}
}

function isHeadless(service: KubeObject): boolean {
  return specOf(service)['clusterIP'] === 'None'
}

function portsOf(service: KubeObject, pods: readonly KubeObject[]): JsonObject[] {
  const ports = specOf(service)['ports']
  if (!isArray(ports)) return []
  return ports.filter(isObject).map((port) => ({
    ...(port['name'] === undefined ? {} : { name: port['name'] }),
    ...(port['appProtocol'] === undefined ? {} : { appProtocol: port['appProtocol'] }),
    port: targetOf(port, pods),
    protocol: port['protocol'] ?? 'TCP',
  }))
}

/** The number behind `targetPort`, which may be the name of a container's port. */
function targetOf(port: JsonObject, pods: readonly KubeObject[]): number {
  const target = port['targetPort'] ?? port['port']
  if (typeof target === 'number') return target
  for (const pod of pods) {
    const containers = specOf(pod)['containers']
    for (const container of isArray(containers) ? containers.filter(isObject) : [])
      for (const each of isArray(container['ports']) ? container['ports'].filter(isObject) : [])
        if (each['name'] === target) return Number(each['containerPort'])
  }
  return Number(port['port'])
}

function writeEndpoints(hands: Hands, service: KubeObject): void {
  const { namespace = '', name = '' } = service.metadata
  const all = backendsOf(hands, service)
  const published = specOf(service)['publishNotReadyAddresses'] === true
  const backends = all.filter(({ isGoing }) => published || !isGoing)
  const ports = portsOf(
    service,
    all.map(({ pod }) => pod),
  )
  const addressOf = ({ pod, ip }: Backend): JsonObject => ({
    ...hostnameOf(pod, service),
    ip,
    ...nodeOf(pod),
    targetRef: targetRef(pod),
  })
  const ready = backends.filter((each) => each.ready).map(addressOf)
  const waiting = backends.filter((each) => !each.ready).map(addressOf)
  const subsets =
    backends.length === 0
      ? []
      : [
          {
            ...(ready.length === 0 ? {} : { addresses: ready }),
            ...(waiting.length === 0 ? {} : { notReadyAddresses: waiting }),
            ...(ports.length === 0 ? {} : { ports }),
          },
        ]
  const body: KubeObject = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name,
      namespace,
      labels: {
        ...service.metadata.labels,
        'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
        ...(isHeadless(service) ? { [HEADLESS]: '' } : {}),
      },
    },
    ...(subsets.length === 0 ? {} : { subsets }),
  }
  put(hands, body)
  put(hands, sliceOf(hands, service, { backends: all, ports }))
}

function targetRef(pod: KubeObject): JsonObject {
  const { name = '', namespace = '', uid = '' } = pod.metadata
  return { kind: 'Pod', name, namespace, uid }
}

const HEADLESS = 'service.kubernetes.io/headless'
const SERVICE_NAME = 'kubernetes.io/service-name'

/** The slice that is there for a service; a new one draws its name. */
function sliceNameOf(hands: Hands, service: KubeObject): string {
  const [had] = hands.dependents(hands.kind('discovery.k8s.io', 'EndpointSlice'), service)
  return had?.metadata.name ?? `${service.metadata.name ?? ''}-${suffix(hands.core)}`
}

function sliceOf(
  hands: Hands,
  service: KubeObject,
  { backends, ports }: { readonly backends: readonly Backend[]; readonly ports: JsonObject[] },
): KubeObject {
  const { namespace = '', name = '' } = service.metadata
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: sliceNameOf(hands, service),
      generateName: `${name}-`,
      namespace,
      labels: {
        ...service.metadata.labels,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        [SERVICE_NAME]: name,
        ...(isHeadless(service) ? { [HEADLESS]: '' } : {}),
      },
      ownerReferences: [controllerRef(service)],
    },
    addressType: 'IPv4',
    // Go writes lists that are not there as null.
    endpoints:
      backends.length === 0
        ? null
        : backends.map(({ pod, ip, ready, isGoing }) => ({
            addresses: [ip],
            conditions: { ready, serving: isReady(pod), terminating: isGoing },
            ...hostnameOf(pod, service),
            ...nodeOf(pod),
            targetRef: targetRef(pod),
          })),
    ports: backends.length === 0 ? null : ports,
  }
}

function put(hands: Hands, body: KubeObject): void {
  const group = body.apiVersion.includes('/') ? (body.apiVersion.split('/')[0] ?? '') : ''
  const kind = hands.kind(group, body.kind)
  const { namespace = '', name = '' } = body.metadata
  const live = hands.get(kind, namespace, name)
  const noted = (object: KubeObject, annotations: ObjectMeta['annotations']): KubeObject => ({
    ...object,
    metadata: {
      ...object.metadata,
      annotations: { ...annotations, [CHANGED]: rfc3339(hands.core.clock.now()) },
    },
  })
  if (live === undefined) {
    hands.create(kind, noted(body, {}))
    return
  }
  const { resourceVersion: _, managedFields: _m, ...metadata } = live.metadata
  const next = { ...body, metadata: { ...metadata, ...body.metadata } }
  const { managedFields: _f, ...bare } = live.metadata
  const isSame = sameJson(
    {
      ...next,
      metadata: { ...next.metadata, resourceVersion: bare.resourceVersion },
    } as unknown as Json,
    { ...live, metadata: bare } as unknown as Json,
  )
  if (!isSame) hands.update(kind, live, noted(next, metadata.annotations))
}

const CHANGED = 'endpoints.kubernetes.io/last-change-trigger-time'
