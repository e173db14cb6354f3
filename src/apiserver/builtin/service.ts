import { fieldAt, type Json, type KubeObject } from '../../object/index.ts'
import { type Draft, draftAt, draftOf, draftsAt, madeAt } from './mutable.ts'

/** Where a service gets what is unique in the cluster. */
export interface ServiceAllocator {
  /** The next free cluster IP. */
  clusterIp(): string
  /** The next free node port. */
  nodePort(): number
}

/**
 * What the server allocates for a Service: cluster IPs, families, node ports. What the old object
 * has and the new one left out is kept; what its type does not need any more is taken away.
 * @see k8s.io/kubernetes pkg/registry/core/service/storage (v1.36.3)
 */
export function allocateService(
  service: KubeObject,
  old: KubeObject | undefined,
  allocator: ServiceAllocator,
): KubeObject {
  const draft = draftOf(service)
  const spec = madeAt(draft, 'spec')
  const before = draftAt(old as unknown as Draft | undefined, 'spec')
  if (before !== undefined) keepAllocated(spec, before)
  if (spec['type'] === 'ExternalName') return draft as unknown as KubeObject
  allocateIps(spec, allocator)
  if (needsNodePorts(spec)) {
    if (before === undefined) shareNodePorts(spec, allocator)
    for (const port of draftsAt(spec, 'ports')) port['nodePort'] ||= allocator.nodePort()
  }
  if (needsHealthPort(spec)) spec['healthCheckNodePort'] ||= allocator.nodePort()
  return draft as unknown as KubeObject
}

/** The node ports and IPs that a service holds. */
export function allocationsOf(service: KubeObject): {
  readonly ips: readonly string[]
  readonly ports: readonly number[]
} {
  const ips = fieldAt(service, 'spec', 'clusterIPs')
  const spec = draftAt(service as unknown as Draft, 'spec')
  const ports = draftsAt(spec, 'ports').map((port) => port['nodePort'])
  return {
    ips: (Array.isArray(ips) ? (ips as Json[]) : []).filter(
      (ip): ip is string => typeof ip === 'string' && ip !== 'None',
    ),
    ports: [...ports, spec?.['healthCheckNodePort']].filter(
      (port): port is number => typeof port === 'number' && port > 0,
    ),
  }
}

function allocateIps(spec: Draft, allocator: ServiceAllocator): void {
  if (!spec['clusterIP']) {
    const given = spec['clusterIPs']
    const first = Array.isArray(given) ? (given as Json[])[0] : undefined
    spec['clusterIP'] = typeof first === 'string' && first !== '' ? first : allocator.clusterIp()
  }
  const headless = spec['clusterIP'] === 'None'
  if (!Array.isArray(spec['clusterIPs']) || spec['clusterIPs'].length === 0)
    spec['clusterIPs'] = [spec['clusterIP']]
  const selector = draftAt(spec, 'selector')
  const isOpen = headless && (selector === undefined || Object.keys(selector).length === 0)
  const families = spec['ipFamilies']
  if (!spec['ipFamilyPolicy']) spec['ipFamilyPolicy'] = isOpen ? 'RequireDualStack' : 'SingleStack'
  if (!Array.isArray(families) || families.length === 0)
    spec['ipFamilies'] = isOpen ? ['IPv4', 'IPv6'] : ['IPv4']
}

/** A new service has one node port for each number, whatever the protocols: what is asked for first. */
function shareNodePorts(spec: Draft, allocator: ServiceAllocator): void {
  const ports = draftsAt(spec, 'ports')
  const shared = new Map<Json | undefined, Json>()
  for (const port of ports) {
    const number = port['port']
    const asked = ports.find((each) => each['port'] === number && each['nodePort'])?.['nodePort']
    const given = shared.get(number) ?? asked ?? allocator.nodePort()
    shared.set(number, given as Json)
    port['nodePort'] ||= given as Json
  }
}

function needsHealthPort(spec: Draft): boolean {
  return spec['type'] === 'LoadBalancer' && spec['externalTrafficPolicy'] === 'Local'
}

function needsNodePorts(spec: Draft): boolean {
  if (spec['type'] === 'NodePort') return true
  return spec['type'] === 'LoadBalancer' && spec['allocateLoadBalancerNodePorts'] !== false
}

function keepAllocated(spec: Draft, before: Draft): void {
  const needsIp = spec['type'] !== 'ExternalName'
  const hadIp = before['type'] !== 'ExternalName'
  if (needsIp && hadIp) {
    const changed = spec['clusterIP'] && spec['clusterIP'] !== before['clusterIP']
    const sameIps = JSON.stringify(spec['clusterIPs']) === JSON.stringify(before['clusterIPs'])
    if (changed && sameIps) spec['clusterIPs'] = [spec['clusterIP'] as Json]
    if (!spec['clusterIP'] && before['clusterIP'] !== undefined) {
      spec['clusterIP'] = before['clusterIP']
      if (!Array.isArray(spec['clusterIPs']) && before['clusterIPs'] !== undefined)
        spec['clusterIPs'] = before['clusterIPs']
    }
    for (const key of ['ipFamilies', 'ipFamilyPolicy'])
      if (spec[key] === undefined && before[key] !== undefined) spec[key] = before[key] as Json
  } else if (hadIp && !needsIp)
    for (const key of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'])
      if (JSON.stringify(spec[key]) === JSON.stringify(before[key])) delete spec[key]
  keepPorts(spec, before)
  const policy = 'externalTrafficPolicy'
  if (isExternal(before) && !isExternal(spec) && spec[policy] === before[policy])
    delete spec[policy]
}

function keepPorts(spec: Draft, before: Draft): void {
  const ports = draftsAt(spec, 'ports')
  const portKey = (port: Draft): string => `${port['protocol']}/${port['port']}`
  const old = new Map(draftsAt(before, 'ports').map((port) => [portKey(port), port['nodePort']]))
  if (needsHealthPort(spec) && needsHealthPort(before) && before['healthCheckNodePort'])
    spec['healthCheckNodePort'] ||= before['healthCheckNodePort']
  if (needsNodePorts(spec) && needsNodePorts(before))
    keepNodePorts(ports, draftsAt(before, 'ports'))
  else if (needsNodePorts(before) && spec['type'] !== 'LoadBalancer') {
    if (ports.every((port) => port['nodePort'] === old.get(portKey(port))))
      for (const port of ports) delete port['nodePort']
  }
  const wasBalanced = before['type'] === 'LoadBalancer' && spec['type'] !== 'LoadBalancer'
  if (!wasBalanced) return
  for (const key of ['allocateLoadBalancerNodePorts', 'loadBalancerClass', 'healthCheckNodePort'])
    if (JSON.stringify(spec[key]) === JSON.stringify(before[key])) delete spec[key]
}

/** Ports are known by their names, and none takes what another says to have. */
function keepNodePorts(ports: readonly Draft[], before: readonly Draft[]): void {
  const had = new Map(before.map((port) => [port['name'] ?? '', port['nodePort']]))
  const given = new Set(ports.map((port) => port['nodePort']))
  const used = new Set(before.map((port) => port['nodePort']).filter((port) => given.has(port)))
  for (const port of ports) {
    const known = had.get(port['name'] ?? '')
    if (!port['nodePort'] && known && !used.has(known)) port['nodePort'] = known
  }
}

/** Whether traffic from outside may reach the service. */
function isExternal(spec: Draft): boolean {
  const ips = spec['externalIPs']
  const hasIps = Array.isArray(ips) && ips.length > 0
  return (
    spec['type'] === 'LoadBalancer' ||
    spec['type'] === 'NodePort' ||
    (spec['type'] === 'ClusterIP' && hasIps)
  )
}
