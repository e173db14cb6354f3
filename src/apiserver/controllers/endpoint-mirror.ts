import { isIP } from 'node:net'
import {
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  sameJson,
} from '../../object/index.ts'
import { CHANGED, objectsIn, sortedPorts } from './endpoint-parts.ts'
import { named, SERVICE_NAME, SLICE_MANAGER, SLICES, withNulls } from './endpoint-slices.ts'
import { type Controller, type Hands, specOf } from './hands.ts'
import { controllerRef } from './owners.ts'

const SERVICES = 'services'
const ENDPOINTS = 'endpoints'
const OURS = 'endpointslicemirroring-controller.k8s.io'
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
const LEADER = 'control-plane.alpha.kubernetes.io/leader'
/** Addresses of one subset that are mirrored. */
const ADDRESSES_MAX = 1000

/**
 * Mirrors Endpoints that users write for Services without a selector into EndpointSlices.
 * @see kubernetes pkg/controller/endpointslicemirroring (v1.36.3)
 */
export function mirrorController(hands: Hands): Controller {
  return {
    name: 'endpoint-slice-mirroring',
    tables: [SERVICES, ENDPOINTS, SLICES],
    concerns: ({ table, key, object, previous }) => {
      if (table === ENDPOINTS) return isAutomatic(object) ? [] : [key]
      if (table === SERVICES) return selects(object) && selects(previous ?? object) ? [] : [key]
      const { namespace, labels } = object.metadata
      return labels?.[SLICE_MANAGER] === OURS ? [`${namespace}/${labels[SERVICE_NAME]}`] : []
    },
    sync: (key) => {
      const [namespace = '', name = ''] = key.split('/')
      const endpoints = hands.get(hands.kind('', 'Endpoints'), namespace, name)
      const service = hands.get(hands.kind('', 'Service'), namespace, name)
      const isMirrored =
        endpoints !== undefined &&
        service !== undefined &&
        !selects(service) &&
        endpoints.metadata.labels?.['endpointslice.kubernetes.io/skip-mirror'] !== 'true' &&
        endpoints.metadata.annotations?.[LEADER] === undefined
      mirror(hands, `${namespace}/${name}`, isMirrored ? endpoints : undefined)
      return undefined
    },
  }
}

function selects(service: KubeObject): boolean {
  return isObject(specOf(service)['selector'])
}

/** Whether Endpoints are the work of the controller of those: of a service with a selector. */
function isAutomatic({ metadata }: KubeObject): boolean {
  const by = metadata.labels?.['endpoints.kubernetes.io/managed-by']
  return by === 'endpoint-controller'
}

function mirror(hands: Hands, key: string, endpoints: KubeObject | undefined): void {
  const kind = hands.kind('discovery.k8s.io', 'EndpointSlice')
  const [namespace = '', name = ''] = key.split('/')
  const there = slicesFor(hands, namespace, name)
  const wanted = endpoints === undefined ? [] : slicesOf(endpoints)
  const create: KubeObject[] = []
  const left = new Set(there)
  for (const slice of wanted) {
    const had = there.find((each) => left.has(each) && sameKind(each, slice))
    if (had === undefined) create.push(slice)
    else {
      left.delete(had)
      renew(hands, had, slice)
    }
  }
  for (const slice of create) {
    const old = [...left].find((each) => each['addressType'] === slice['addressType'])
    if (old === undefined) hands.create(kind, named(hands, withNulls(slice)))
    else {
      left.delete(old)
      const metadata = { ...bare(old), ...slice.metadata }
      hands.update(kind, old, withNulls({ ...slice, metadata }))
    }
  }
  for (const old of left) hands.remove(kind, old)
}

function slicesFor(hands: Hands, namespace: string, name: string): KubeObject[] {
  const kind = hands.kind('discovery.k8s.io', 'EndpointSlice')
  return hands
    .list(kind, namespace)
    .filter(
      ({ metadata: { labels } }) =>
        labels?.[SERVICE_NAME] === name && labels[SLICE_MANAGER] === OURS,
    )
}

function sameKind(a: KubeObject, b: KubeObject): boolean {
  const portsOf = (slice: KubeObject): JsonObject[] =>
    sortedPorts(objectsIn(slice['ports'] as Json), 'slice')
  return a['addressType'] === b['addressType'] && sameJson(portsOf(a), portsOf(b))
}

function renew(hands: Hands, had: KubeObject, slice: KubeObject): void {
  const isSame =
    sameJson(objectsIn(had['endpoints'] as Json), objectsIn(slice['endpoints'] as Json)) &&
    sameJson(had.metadata.labels ?? {}, slice.metadata.labels ?? {}) &&
    sameJson(had.metadata.annotations ?? {}, slice.metadata.annotations ?? {})
  if (isSame) return
  // As the real one does it: what is written anew has a name, and none that was generated.
  const { generateName: _, ...metadata } = { ...bare(had), ...slice.metadata }
  hands.update(
    hands.kind('discovery.k8s.io', 'EndpointSlice'),
    had,
    withNulls({ ...slice, metadata }),
  )
}

function bare({ metadata }: KubeObject): KubeObject['metadata'] {
  const { labels: _, annotations: _a, ownerReferences: _o, ...rest } = metadata
  return rest
}

/** The slices that mirror Endpoints: one for each subset and family. */
function slicesOf(endpoints: KubeObject): KubeObject[] {
  const slices: KubeObject[] = []
  for (const subset of objectsIn(endpoints['subsets'] as Json)) {
    const ports = objectsIn(subset['ports']).map((port) => ({ name: '', ...port }))
    const all = [
      ...objectsIn(subset['addresses']).map((each) => endpointOf(each, true)),
      ...objectsIn(subset['notReadyAddresses']).map((each) => endpointOf(each, false)),
    ].slice(0, ADDRESSES_MAX)
    for (const [type, family] of FAMILIES) {
      const own = all.filter((each) => isIP(String((each['addresses'] as string[])[0])) === family)
      if (own.length > 0)
        slices.push(
          sliceOf(endpoints, { type, ports: sortedPorts(ports, 'slice'), endpoints: own }),
        )
    }
  }
  return slices
}

const FAMILIES = [
  ['IPv4', 4],
  ['IPv6', 6],
] as const

function endpointOf(address: JsonObject, ready: boolean): JsonObject {
  const { ip = '', hostname, nodeName, targetRef } = address
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(targetRef === undefined ? {} : { targetRef }),
  }
}

function sliceOf(
  endpoints: KubeObject,
  of: {
    readonly type: string
    readonly ports: JsonObject[]
    readonly endpoints: JsonObject[]
  },
): KubeObject {
  const { namespace = '', name = '', labels = {}, annotations = {} } = endpoints.metadata
  const { [CHANGED]: _, [LAST_APPLIED]: _l, ...notes } = annotations
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: { ...labels, [SERVICE_NAME]: name, [SLICE_MANAGER]: OURS },
      ...(Object.keys(notes).length === 0 ? {} : { annotations: notes }),
      ownerReferences: [controllerRef(endpoints)],
    },
    addressType: of.type,
    endpoints: of.endpoints,
    ports: of.ports,
  } as KubeObject
}
