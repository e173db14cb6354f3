import type { JsonObject, KubeObject } from '../object/index.ts'
import { type Allocations, allocationsIn } from './allocations.ts'
import { allocateService, allocationsOf } from './builtin/index.ts'
import type { Core } from './core.ts'
import { type Kind, keyOf } from './kind.ts'
import { invalid, type StatusCause, StatusFault } from './status.ts'

const SERVICES = 'services'
const PORT_FIRST = 30_000
const PORT_LAST = 32_767
/** Cluster addresses are 10.96.0.0/16; the first is the API server's own. */
const IP_PREFIX = '10.96.'
const IPS = 65_534

/**
 * Gives an object what is unique in the cluster: addresses and ports of Services.
 * @throws StatusFault 422 for an address or a port that is taken or out of range
 */
export function allocated(
  core: Core,
  kind: Kind,
  object: KubeObject,
  old?: KubeObject,
): KubeObject {
  return kind.table === SERVICES ? allocatedService(core, kind, object, old) : object
}

function allocatedService(
  core: Core,
  kind: Kind,
  service: KubeObject,
  old: KubeObject | undefined,
): KubeObject {
  const name = service.metadata.name ?? ''
  const taken = takenBut(core, keyOf(kind, service.metadata.namespace ?? '', name))
  const mine = old === undefined ? { ips: [], ports: [] } : allocationsOf(old)
  const problems = [...problemsOf(service, { taken, mine }), ...healthPortProblems(service, old)]
  if (problems.length > 0) throw invalid(kind, name, problems)
  return allocateService(service, old, {
    clusterIp: () => nextIp(core, taken),
    nodePort: () => nextPort(core, taken),
  })
}

/** The port at which a service is asked about its health is given once. */
function healthPortProblems(service: KubeObject, old: KubeObject | undefined): StatusCause[] {
  const [had, has] = [healthPort(old), healthPort(service)]
  if (had === 0 || has === 0 || had === has) return []
  return [
    {
      reason: 'FieldValueForbidden',
      message: 'Forbidden: field is immutable',
      field: 'spec.healthCheckNodePort',
    },
  ]
}

function healthPort(service: KubeObject | undefined): number {
  const spec = (service?.['spec'] ?? {}) as JsonObject
  const isAsked = spec['type'] === 'LoadBalancer' && spec['externalTrafficPolicy'] === 'Local'
  return isAsked ? Number(spec['healthCheckNodePort'] ?? 0) : 0
}

/** What others hold, and what was given in this request. */
interface Taken {
  ip(ip: string): boolean
  port(port: number): boolean
  readonly given: Set<string | number>
}

function takenBut(core: Core, key: string): Taken {
  const held: Allocations = allocationsIn(core.store)
  const given = new Set<string | number>()
  const byOther = (holder: string | undefined): boolean => holder !== undefined && holder !== key
  return {
    ip: (ip) => given.has(ip) || byOther(held.ips.get(ip)),
    port: (port) => given.has(port) || byOther(held.ports.get(port)),
    given,
  }
}

function nextIp(core: Core, taken: Taken): string {
  const start = Math.floor(core.random.next() * IPS)
  for (let i = 0; i < IPS; i += 1) {
    const number = ((start + i) % IPS) + 1
    const ip = `${IP_PREFIX}${number >> 8}.${number & 255}`
    if (taken.ip(ip)) continue
    taken.given.add(ip)
    return ip
  }
  throw exhausted('range is full')
}

function nextPort(core: Core, taken: Taken): number {
  const count = PORT_LAST - PORT_FIRST + 1
  const start = Math.floor(core.random.next() * count)
  for (let i = 0; i < count; i += 1) {
    const port = PORT_FIRST + ((start + i) % count)
    if (taken.port(port)) continue
    taken.given.add(port)
    return port
  }
  throw exhausted('range is full')
}

function exhausted(why: string): StatusFault {
  return new StatusFault({
    code: 500,
    reason: 'InternalError',
    message: `Internal error occurred: failed to allocate: ${why}`,
  })
}

function problemsOf(
  service: KubeObject,
  { taken, mine }: { readonly taken: Taken; readonly mine: ReturnType<typeof allocationsOf> },
): StatusCause[] {
  const causes: StatusCause[] = []
  const spec = (service['spec'] ?? {}) as JsonObject
  const asked = allocationsOf(service)
  if (spec['type'] === 'ExternalName') return causes
  const [ip] = asked.ips.filter((each) => !mine.ips.includes(each) && taken.ip(each))
  if (ip !== undefined) {
    const value = JSON.stringify(asked.ips)
    causes.push({
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${value}: failed to allocate IP ${ip}: provided IP is already allocated`,
      field: 'spec.clusterIPs',
    })
  }
  const hasPorts = spec['type'] === 'NodePort' || spec['type'] === 'LoadBalancer'
  const ports = hasPorts && Array.isArray(spec['ports']) ? (spec['ports'] as JsonObject[]) : []
  for (const [i, { nodePort }] of ports.entries()) {
    if (typeof nodePort !== 'number' || nodePort === 0 || mine.ports.includes(nodePort)) continue
    const why =
      nodePort < PORT_FIRST || nodePort > PORT_LAST
        ? `provided port is not in the valid range. The range of valid ports is ${PORT_FIRST}-${PORT_LAST}`
        : taken.port(nodePort)
          ? 'provided port is already allocated'
          : undefined
    if (why !== undefined)
      causes.push({
        reason: 'FieldValueInvalid',
        message: `Invalid value: ${nodePort}: ${why}`,
        field: `spec.ports[${i}].nodePort`,
      })
  }
  return causes
}
