import { isObject, type Json, type JsonObject, sameJson } from '../../object/index.ts'
import {
  at,
  type Check,
  cidr,
  formed,
  ipAddress,
  isWithin,
  items,
  labelSelector,
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
import { dnsLabel, dnsSubdomain, portName, qualifiedName, wildcardSubdomain } from './names.ts'
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
  causes.push(...balancerClass(spec, path))
  return [...causes, ...policyCauses(spec, path, type)]
}

function timeoutCauses(seconds: number, path: string): Cause[] {
  return seconds > 0 && seconds <= 86_400
    ? []
    : [invalid(path, seconds, 'must be greater than 0 and less than 86400')]
}

const FAMILY_POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack']
const DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode']

/** Addresses: those of the cluster, those from outside, and how traffic is spread over them. */
function addressCauses(spec: JsonObject, path: string): Cause[] {
  const causes: Cause[] = []
  for (const [i, each] of texts(spec, 'externalIPs').entries())
    causes.push(...outsideAddress(each, `${path}.externalIPs[${i}]`))
  if (text(spec, 'type') === 'LoadBalancer')
    for (const [i, each] of texts(spec, 'loadBalancerSourceRanges').entries())
      causes.push(...cidr(each.trim(), `${path}.LoadBalancerSourceRanges[${i}]`))
  const distribution = text(spec, 'trafficDistribution')
  return [...causes, ...optionOf(distribution, DISTRIBUTIONS, `${path}.trafficDistribution`)]
}

function clusterIpCauses(spec: JsonObject, path: string): Cause[] {
  const families = texts(spec, 'ipFamilies')
  const ips = texts(spec, 'clusterIPs')
  return [
    ...families.flatMap((each, i) => optionOf(each, ['IPv4', 'IPv6'], `${path}.ipFamilies[${i}]`)),
    ...optionOf(text(spec, 'ipFamilyPolicy'), FAMILY_POLICIES, `${path}.ipFamilyPolicy`),
    ...ips.flatMap((each, i) =>
      each === 'None' || each === '' ? [] : ipAddress(each, `${path}.clusterIPs[${i}]`),
    ),
  ]
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

function balancerClass(spec: JsonObject, path: string): Cause[] {
  const name = spec['loadBalancerClass']
  return typeof name === 'string' && text(spec, 'type') === 'LoadBalancer'
    ? formed(name, qualifiedName, `${path}.loadBalancerClass`)
    : []
}

function balancerClassUpdate(next: JsonObject, old: JsonObject): Cause[] {
  const isBoth = [next, old].every((spec) => text(spec, 'type') === 'LoadBalancer')
  const [now, before] = [next['loadBalancerClass'], old['loadBalancerClass']]
  if (!isBoth || sameJson(now, before)) return []
  return [invalid('spec.loadBalancerClass', now ?? null, 'may not change once set')]
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

/** Ingresses. */
export const ingressSpec: Check = (spec, path) => {
  const rules = items(spec, 'rules')
  const causes: Cause[] = []
  const backend = spec['defaultBackend']
  if (rules.length === 0 && !isObject(backend))
    causes.push(invalid(path, null, 'either `defaultBackend` or `rules` must be specified'))
  if (isObject(backend)) causes.push(...backendCauses(backend, `${path}.defaultBackend`))
  for (const [i, rule] of rules.entries()) causes.push(...ruleCauses(rule, `${path}.rules[${i}]`))
  for (const [i, tls] of items(spec, 'tls').entries())
    causes.push(...tlsCauses(tls, `${path}.tls[${i}]`))
  const name = text(spec, 'ingressClassName')
  return name === ''
    ? causes
    : [...causes, ...formed(name, dnsSubdomain, `${path}.ingressClassName`)]
}

const IP = /^\d+\.\d+\.\d+\.\d+$/

function ruleCauses(rule: JsonObject, path: string): Cause[] {
  const host = text(rule, 'host')
  const causes: Cause[] = []
  if (IP.test(host))
    causes.push(invalid(`${path}.host`, host, 'must be a DNS name, not an IP address'))
  if (host !== '')
    causes.push(
      ...formed(host, host.includes('*') ? wildcardSubdomain : dnsSubdomain, `${path}.host`),
    )
  const http = rule['http']
  if (!isObject(http)) return causes
  const paths = items(http, 'paths')
  if (paths.length === 0) causes.push(required(`${path}.http.paths`))
  return [...causes, ...paths.flatMap((each, i) => pathCauses(each, `${path}.http.paths[${i}]`))]
}

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix']

function pathCauses(value: JsonObject, path: string): Cause[] {
  const type = text(value, 'pathType')
  if (type === '') return [required(`${path}.pathType`, 'pathType must be specified')]
  const own = text(value, 'path')
  const place = `${path}.path`
  const causes: Cause[] = []
  if (!PATH_TYPES.includes(type)) causes.push(notSupported(`${path}.pathType`, type, PATH_TYPES))
  else if (!own.startsWith('/') && (own !== '' || type !== 'ImplementationSpecific'))
    causes.push(invalid(place, own, 'must be an absolute path'))
  if (type === 'Exact' || type === 'Prefix') {
    for (const part of ['//', '/./', '/../', '%2f', '%2F'])
      if (own.includes(part)) causes.push(invalid(place, own, `must not contain '${part}'`))
    for (const end of ['/..', '/.'])
      if (own.endsWith(end)) causes.push(invalid(place, own, `cannot end with '${end}'`))
  }
  return [...causes, ...backendCauses(at(value, 'backend'), `${path}.backend`)]
}

function backendCauses(backend: JsonObject, path: string): Cause[] {
  const service = backend['service']
  if (backend['resource'] !== undefined && service !== undefined)
    return [invalid(path, '', 'cannot set both resource and service backends')]
  if (backend['resource'] !== undefined) return []
  if (!isObject(service)) return [invalid(path, '', 'resource or service backend is required')]
  const port = at(service, 'port')
  const name = text(port, 'name')
  const own = number(port, 'number') ?? 0
  const causes = requiredForm(text(service, 'name'), dnsLabel, `${path}.service.name`)
  if (name !== '' && own !== 0)
    causes.push(invalid(path, '', 'cannot set both port name & port number'))
  else if (name !== '') causes.push(...formed(name, portName, `${path}.service.port.name`))
  else if (own !== 0) causes.push(...portNumber(own, `${path}.service.port.number`))
  else causes.push(required(path, 'port name or number is required'))
  return causes
}

function tlsCauses(tls: JsonObject, path: string): Cause[] {
  const causes = texts(tls, 'hosts').flatMap((host, i) =>
    formed(host, host.includes('*') ? wildcardSubdomain : dnsSubdomain, `${path}.hosts[${i}]`),
  )
  const secret = text(tls, 'secretName')
  return secret === '' ? causes : [...causes, ...formed(secret, dnsSubdomain, `${path}.secretName`)]
}

/** Network policies. */
export const networkPolicySpec: Check = (spec, path) => {
  const causes = labelSelector(at(spec, 'podSelector'), `${path}.podSelector`)
  for (const [way, peers] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const)
    for (const [i, rule] of items(spec, way).entries()) {
      const place = `${path}.${way}[${i}]`
      for (const [j, port] of items(rule, 'ports').entries())
        causes.push(...policyPort(port, `${place}.ports[${j}]`))
      for (const [j, peer] of items(rule, peers).entries())
        causes.push(...policyPeer(peer, `${place}.${peers}[${j}]`))
    }
  for (const [i, type] of texts(spec, 'policyTypes').entries())
    if (type !== 'Ingress' && type !== 'Egress')
      causes.push(notSupported(`${path}.policyTypes[${i}]`, type, ['Ingress', 'Egress']))
  return causes
}

function policyPort(port: JsonObject, path: string): Cause[] {
  const protocol = text(port, 'protocol')
  const causes: Cause[] = []
  if (protocol !== '' && !PROTOCOLS.includes(protocol))
    causes.push(notSupported(`${path}.protocol`, protocol, ['TCP', 'UDP', 'SCTP']))
  const end = number(port, 'endPort')
  if (port['port'] !== undefined) {
    causes.push(...portNumberOrName(port['port'], `${path}.port`))
    const own = port['port']
    if (end !== undefined && typeof own === 'number' && end < own)
      causes.push(invalid(`${path}.endPort`, own, 'must be greater than or equal to `port`'))
    else if (end !== undefined && typeof own === 'string')
      causes.push(
        invalid(`${path}.endPort`, end, 'may not be specified when `port` is non-numeric'),
      )
  } else if (port['endPort'] !== undefined)
    causes.push(
      invalid(
        `${path}.endPort`,
        port['endPort'],
        'may not be specified when `port` is not specified',
      ),
    )
  return causes
}

function blockCauses(block: JsonObject, path: string): Cause[] {
  const own = text(block, 'cidr')
  if (own === '') return [required(`${path}.cidr`)]
  const causes = cidr(own, `${path}.cidr`)
  if (causes.length > 0) return causes
  return texts(block, 'except').flatMap((each, i) => {
    const place = `${path}.except[${i}]`
    const wrong = cidr(each, place)
    // One in an odd form can still be compared, unless it is of the other kind.
    const odd = wrong.some((cause) => cause.message.includes('must be a valid CIDR'))
    if (!odd && !isWithin(each, own))
      wrong.push(invalid(place, each, 'must be a strict subset of `cidr`'))
    return wrong
  })
}

function policyPeer(peer: JsonObject, path: string): Cause[] {
  const causes: Cause[] = []
  for (const key of ['podSelector', 'namespaceSelector'])
    if (isObject(peer[key])) causes.push(...labelSelector(peer[key], `${path}.${key}`))
  const count = ['podSelector', 'namespaceSelector'].filter((key) => isObject(peer[key])).length
  if (isObject(peer['ipBlock'])) {
    causes.push(...blockCauses(peer['ipBlock'], `${path}.ipBlock`))
    if (count > 0) causes.push(forbidden(path, 'may not specify both ipBlock and another peer'))
  } else if (count === 0) causes.push(required(path, 'must specify a peer'))
  return causes
}
