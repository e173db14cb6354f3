import { type Json, type JsonObject, sameJson } from '../../object/index.ts'
import {
  at,
  type Check,
  cidr,
  formed,
  ipAddress,
  items,
  labels,
  number,
  oneOf,
  portNumber,
  portNumberOrName,
  requiredForm,
  text,
  texts,
} from './check.ts'
import { duplicate, forbidden, invalid, notSupported, required } from './field-error.ts'
import { dnsLabel, dnsSubdomain, qualifiedName } from './names.ts'
import type { Cause } from './refusal.ts'

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']

/** Services. */
export const serviceSpec: Check = (spec, path) => {
  const type = text(spec, 'type')
  const headless = text(spec, 'clusterIP') === 'None'
  const ports = items(spec, 'ports')
  // Addresses are given out before the rest is looked at, which then is not.
  const addresses = type === 'ExternalName' ? [] : clusterIpCauses(spec, path)
  if (addresses.length > 0) return addresses
  const causes: Cause[] = []
  if (ports.length === 0 && !headless && type !== 'ExternalName')
    causes.push(required(`${path}.ports`))
  if (headless && (type === 'LoadBalancer' || type === 'NodePort'))
    causes.push(
      invalid(`${path}.clusterIPs[0]`, 'None', `may not be set to 'None' for ${type} services`),
    )
  if (type === 'ExternalName') causes.push(...externalName(spec, path))
  const names = new Set<string>()
  for (const [i, port] of ports.entries())
    causes.push(...portCauses(port, `${path}.ports[${i}]`, names, ports.length > 1))
  causes.push(...labels(at(spec, 'selector'), `${path}.selector`))
  causes.push(
    ...oneOf(text(spec, 'sessionAffinity'), ['ClientIP', 'None'], `${path}.sessionAffinity`),
  )
  const timeout = number(at(at(spec, 'sessionAffinityConfig'), 'clientIP'), 'timeoutSeconds')
  if (text(spec, 'sessionAffinity') === 'ClientIP' && timeout !== undefined)
    causes.push(...timeoutCauses(timeout, `${path}.sessionAffinityConfig.clientIP.timeoutSeconds`))
  causes.push(...addressCauses(spec, path))
  causes.push(...oneOf(type, TYPES, `${path}.type`))
  causes.push(...portPairs(ports, path, type))
  if (!TYPES.slice(2, 3).includes(type)) causes.push(...balancerOnly(spec, path))
  causes.push(...balancerClass(spec, path), ...trafficCauses(spec, path))
  return [...causes, ...policyCauses(spec, path, type)]
}

function timeoutCauses(seconds: number, path: string): Cause[] {
  return seconds > 0 && seconds <= 86_400
    ? []
    : [invalid(path, seconds, 'must be greater than 0 and less than 86400')]
}

const FAMILY_POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack']
/** Addresses from outside, and who may come from where. */
function addressCauses(spec: JsonObject, path: string): Cause[] {
  const causes: Cause[] = []
  for (const [i, each] of texts(spec, 'externalIPs').entries())
    causes.push(...outsideAddress(each, `${path}.externalIPs[${i}]`))
  for (const [i, each] of texts(spec, 'loadBalancerSourceRanges').entries())
    causes.push(...cidr(each.trim(), `${path}.LoadBalancerSourceRanges[${i}]`))
  return causes
}

function clusterIpCauses(spec: JsonObject, path: string): Cause[] {
  const families = texts(spec, 'ipFamilies')
  const ips = texts(spec, 'clusterIPs')
  return [
    ...families.flatMap((each, i) =>
      FAMILIES.includes(each) ? [] : [notSupported(`${path}.ipFamilies[${i}]`, each, FAMILIES)],
    ),
    ...dualStack(spec, `${path}.ipFamilyPolicy`),
    ...optionOf(text(spec, 'ipFamilyPolicy'), FAMILY_POLICIES, `${path}.ipFamilyPolicy`),
    ...ips.flatMap((each, i) =>
      each === 'None' || each === '' ? [] : ipAddress(each, `${path}.clusterIPs[${i}]`),
    ),
  ]
}

const FAMILIES = ['IPv4', 'IPv6']

/** The cluster has addresses of one family; what nobody gives out addresses for may want both. */
function dualStack(spec: JsonObject, path: string): Cause[] {
  const policy = text(spec, 'ipFamilyPolicy')
  const isOpen =
    text(spec, 'clusterIP') === 'None' && Object.keys(at(spec, 'selector')).length === 0
  return policy === 'RequireDualStack' && !isOpen
    ? [invalid(path, policy, 'this cluster is not configured for dual-stack services')]
    : []
}

function optionOf(value: string, supported: readonly string[], path: string): Cause[] {
  return value === '' || supported.includes(value) ? [] : [notSupported(path, value, supported)]
}

function outsideAddress(value: string, path: string): Cause[] {
  const causes = ipAddress(value, path)
  if (causes.length > 0) return causes
  if (value === '0.0.0.0' || value === '::')
    return [invalid(path, value, `may not be unspecified (${value})`)]
  if (value.startsWith('127.') || value === '::1')
    return [invalid(path, value, 'may not be in the loopback range (127.0.0.0/8, ::1/128)')]
  if (value.startsWith('169.254.') || /^fe[89ab][0-9a-f]:/i.test(value))
    return [invalid(path, value, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)')]
  return []
}

function externalName(spec: JsonObject, path: string): Cause[] {
  const not = 'may not be set for ExternalName services'
  const causes: Cause[] = []
  for (const key of ['clusterIPs', 'ipFamilies'])
    if (texts(spec, key).length > 0 || (key === 'clusterIPs' && text(spec, 'clusterIP') !== ''))
      causes.push(forbidden(`${path}.${key}`, not))
  if (spec['ipFamilyPolicy'] !== undefined) causes.push(forbidden(`${path}.ipFamilyPolicy`, not))
  const name = text(spec, 'externalName').replace(/\.$/, '')
  return [...causes, ...requiredForm(name, dnsSubdomain, `${path}.externalName`)]
}

function portCauses(
  port: JsonObject,
  path: string,
  names: Set<string>,
  needsName: boolean,
): Cause[] {
  const causes: Cause[] = []
  const name = text(port, 'name')
  if (needsName && name === '') causes.push(required(`${path}.name`))
  else if (name !== '') {
    causes.push(...formed(name, dnsLabel, `${path}.name`))
    if (names.has(name)) causes.push(duplicate(`${path}.name`, name))
    names.add(name)
  }
  causes.push(...portNumber(number(port, 'port') ?? 0, `${path}.port`))
  causes.push(...oneOf(text(port, 'protocol'), PROTOCOLS, `${path}.protocol`))
  causes.push(...portNumberOrName(port['targetPort'], `${path}.targetPort`))
  const app = text(port, 'appProtocol')
  return app === '' ? causes : [...causes, ...formed(app, qualifiedName, `${path}.appProtocol`)]
}

function portPairs(ports: readonly JsonObject[], path: string, type: string): Cause[] {
  const causes: Cause[] = []
  const seen = new Set<string>()
  const nodePorts = new Set<string>()
  for (const [i, port] of ports.entries()) {
    const node = number(port, 'nodePort') ?? 0
    const protocol = text(port, 'protocol')
    if (node !== 0 && type === 'ClusterIP')
      causes.push(
        forbidden(`${path}.ports[${i}].nodePort`, "may not be used when `type` is 'ClusterIP'"),
      )
    if (node !== 0 && nodePorts.has(`${protocol}/${node}`))
      causes.push(duplicate(`${path}.ports[${i}].nodePort`, node))
    if (node !== 0) nodePorts.add(`${protocol}/${node}`)
    const key = `${protocol}/${number(port, 'port')}`
    // The value is printed as Go prints its own struct: no JSON names, all fields.
    if (seen.has(key)) causes.push(duplicate(`${path}.ports[${i}]`, goPort(port)))
    seen.add(key)
  }
  return causes
}

function goPort(port: JsonObject): Json {
  return {
    Name: '',
    Protocol: text(port, 'protocol'),
    AppProtocol: null,
    Port: number(port, 'port') ?? 0,
    TargetPort: 0,
    NodePort: 0,
  }
}

function balancerOnly(spec: JsonObject, path: string): Cause[] {
  const not = "may only be used when `type` is 'LoadBalancer'"
  const causes: Cause[] = []
  if (texts(spec, 'loadBalancerSourceRanges').length > 0)
    causes.push(forbidden(`${path}.LoadBalancerSourceRanges`, not))
  if (spec['allocateLoadBalancerNodePorts'] !== undefined)
    causes.push(forbidden(`${path}.allocateLoadBalancerNodePorts`, not))
  if (spec['loadBalancerClass'] !== undefined)
    causes.push(forbidden(`${path}.loadBalancerClass`, not))
  return causes
}

function policyCauses(spec: JsonObject, path: string, type: string): Cause[] {
  const policy = text(spec, 'externalTrafficPolicy')
  const ips = texts(spec, 'externalIPs').length > 0
  const external = type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && ips)
  const place = `${path}.externalTrafficPolicy`
  if (external) return oneOf(policy, ['Cluster', 'Local'], place)
  return policy === ''
    ? []
    : [invalid(place, policy, 'may only be set for externally-accessible services')]
}

const DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode']

function trafficCauses(spec: JsonObject, path: string): Cause[] {
  const inside = spec['internalTrafficPolicy']
  const policies = ['Cluster', 'Local']
  if (typeof inside === 'string' && !policies.includes(inside))
    return [notSupported(`${path}.internalTrafficPolicy`, inside, policies)]
  const distribution = spec['trafficDistribution']
  return typeof distribution !== 'string' || DISTRIBUTIONS.includes(distribution)
    ? []
    : [notSupported(`${path}.trafficDistribution`, distribution, DISTRIBUTIONS)]
}

function balancerClass(spec: JsonObject, path: string): Cause[] {
  const name = spec['loadBalancerClass']
  return typeof name === 'string' && text(spec, 'type') === 'LoadBalancer'
    ? formed(name, qualifiedName, `${path}.loadBalancerClass`)
    : []
}

function balancerClassUpdate(next: JsonObject, old: JsonObject): Cause[] {
  const isBoth = [next, old].every((spec) => text(spec, 'type') === 'LoadBalancer')
  const [now, before] = [next['loadBalancerClass'], old['loadBalancerClass']]
  // What every Service is asked is asked again.
  const again =
    text(next, 'type') === 'LoadBalancer' || now === undefined
      ? balancerClass(next, 'spec')
      : [forbidden('spec.loadBalancerClass', "may only be used when `type` is 'LoadBalancer'")]
  if (!isBoth || sameJson(now, before)) return again
  return [invalid('spec.loadBalancerClass', now ?? null, 'may not change once set'), ...again]
}

/** What may not be changed of a Service. */
export function serviceUpdate(next: JsonObject, old: JsonObject): Cause[] {
  const needsIp = (spec: JsonObject): boolean => text(spec, 'type') !== 'ExternalName'
  const before = text(old, 'clusterIP')
  const causes = balancerClassUpdate(next, old)
  const now = text(next, 'clusterIP')
  if (!needsIp(next) || !needsIp(old) || before === '' || now === before) return causes
  // An address that is none is told as that alone.
  if (now !== '' && now !== 'None' && ipAddress(now, '').length > 0) return causes
  return [
    ...causes,
    invalid('spec.clusterIPs[0]', texts(next, 'clusterIPs') as Json, 'may not change once set'),
  ]
}
