import { compareText, rfc3339 } from '../../base/index.ts'
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../../object/index.ts'
import { specOf, statusOf } from './hands.ts'
import { conditionOf } from './parts.ts'

/** What says when a service or one of its pods last changed. */
export const CHANGED = 'endpoints.kubernetes.io/last-change-trigger-time'
/** The label of what belongs to a service without an address. */
export const HEADLESS = 'service.kubernetes.io/headless'

/** Objects in a list that may not be there. */
export function objectsIn(value: Json | undefined): JsonObject[] {
  return isArray(value) ? value.filter(isObject) : []
}

/** Whether a pod may be an endpoint: it has an address, and has not ended. */
export function isEndpoint(pod: KubeObject): boolean {
  const { phase, podIP, podIPs } = statusOf(pod)
  const hasAddress = (typeof podIP === 'string' && podIP !== '') || objectsIn(podIPs).length > 0
  return phase !== 'Failed' && phase !== 'Succeeded' && hasAddress
}

/** The name that a pod asks for below a service. */
export function hostnameOf(pod: KubeObject, service: KubeObject): JsonObject {
  const { hostname, subdomain } = specOf(pod)
  const isAsked = typeof hostname === 'string' && hostname !== ''
  return isAsked && subdomain === service.metadata.name ? { hostname } : {}
}

/** What an endpoint says of its pod. */
export function targetRef(pod: KubeObject): JsonObject {
  const { name = '', namespace = '', uid = '' } = pod.metadata
  return { kind: 'Pod', name, namespace, uid }
}

/** Whether a service has no address of its own. */
export function isHeadless(service: KubeObject): boolean {
  const { clusterIP = '' } = specOf(service)
  return clusterIP === 'None' || clusterIP === ''
}

/** Ports of a service as one pod serves them; those that it has no port for are left out. */
export function portsOf(service: KubeObject, pod: KubeObject): JsonObject[] {
  return objectsIn(specOf(service)['ports']).flatMap((port) => {
    const number = targetOf(port, pod)
    if (number === undefined) return []
    const { name, appProtocol } = port
    return [
      {
        ...(name === undefined ? {} : { name }),
        ...(appProtocol === undefined ? {} : { appProtocol }),
        port: number,
        protocol: port['protocol'] ?? 'TCP',
      },
    ]
  })
}

/** The number behind `targetPort`, which may be the name of a container's port. */
function targetOf(port: JsonObject, pod: KubeObject): number | undefined {
  const target = port['targetPort'] ?? port['port']
  if (typeof target === 'number') return target
  const { containers, initContainers } = specOf(pod)
  const sidecars = objectsIn(initContainers).filter((each) => each['restartPolicy'] === 'Always')
  for (const container of [...objectsIn(containers), ...sidecars])
    for (const each of objectsIn(container['ports']))
      if (each['name'] === target && (each['protocol'] ?? 'TCP') === (port['protocol'] ?? 'TCP'))
        return Number(each['containerPort'])
  return undefined
}

/** Ports in the order in which they are kept: by a hash of what Go prints. */
export function sortedPorts(ports: readonly JsonObject[], of: 'Endpoints' | 'slice'): JsonObject[] {
  if (ports.length < 2) return [...ports]
  const print = of === 'slice' ? slicePortText : portText
  const hashes = new Map(ports.map((port) => [port, fnv128a(print(port))]))
  return [...ports].sort((a, b) => compareText(hashes.get(a) ?? '', hashes.get(b) ?? ''))
}

function portText(port: JsonObject): string {
  const { name = '', appProtocol = '<nil>' } = port
  return `(v1.EndpointPort){Name:(string)${String(name)} Port:(int32)${String(port['port'])} Protocol:(v1.Protocol)${String(port['protocol'])} AppProtocol:(*string)${String(appProtocol)}}`
}

function slicePortText(port: JsonObject): string {
  const { name = '', appProtocol = '<nil>' } = port
  return `(v1.EndpointPort){Name:(*string)${String(name)} Protocol:(*v1.Protocol)${String(port['protocol'])} Port:(*int32)${String(port['port'])} AppProtocol:(*string)${String(appProtocol)}}`
}

const OFFSET = 0x6c62272e07bb014262b821756295c58dn
const PRIME = 0x0000000001000000000000000000013bn
const MASK = (1n << 128n) - 1n

function fnv128a(text: string): string {
  let hash = OFFSET
  for (const byte of Buffer.from(text)) hash = ((hash ^ BigInt(byte)) * PRIME) & MASK
  return hash.toString(16).padStart(32, '0')
}

interface Seen {
  readonly service: number
  readonly pods: ReadonlyMap<string, number>
}

/** Remembers what was seen of services and their pods, to say since when their endpoints are old. */
export class TriggerTimes {
  readonly #seen = new Map<string, Seen>()

  /** The earliest change that was not seen before; undefined when there is none. */
  next(key: string, service: KubeObject, pods: readonly KubeObject[]): string | undefined {
    const had = this.#seen.get(key)
    const created = Date.parse(String(service.metadata.creationTimestamp))
    const now = new Map(pods.map((pod) => [pod.metadata.name ?? '', readyTime(pod)] as const))
    this.#seen.set(key, { service: created, pods: now })
    if (had === undefined) return rfc3339(created)
    const news = [...now].filter(([name, at]) => at > (had.pods.get(name) ?? 0)).map(([, at]) => at)
    if (created > had.service) news.push(created)
    return news.length === 0 ? undefined : rfc3339(Math.min(...news))
  }

  forget(key: string): void {
    this.#seen.delete(key)
  }
}

function readyTime(pod: KubeObject): number {
  const at = Date.parse(String(conditionOf(pod, 'Ready')?.['lastTransitionTime']))
  return Number.isNaN(at) ? 0 : at
}
