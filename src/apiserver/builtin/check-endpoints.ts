import type { JsonObject } from '../../object/index.ts'
import { formed, immutable, ipAddress, items, oneOf, portNumber, text, texts } from './check.ts'
import { duplicate, invalid, notSupported, required, tooMany } from './field-error.ts'
import { dnsLabel, dnsSubdomain, qualifiedName } from './names.ts'
import type { Cause } from './refusal.ts'

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']

/** Endpoints, as Services had them first. */
export function endpoints(object: JsonObject): Cause[] {
  return items(object, 'subsets').flatMap((subset, i) => {
    const path = `subsets[${i}]`
    const [ready, waiting] = [items(subset, 'addresses'), items(subset, 'notReadyAddresses')]
    const ports = items(subset, 'ports')
    return [
      ...(ready.length + waiting.length === 0
        ? [required(path, 'must specify `addresses` or `notReadyAddresses`')]
        : []),
      ...ready.flatMap((each, j) => address(each, `${path}.addresses[${j}]`)),
      ...waiting.flatMap((each, j) => address(each, `${path}.notReadyAddresses[${j}]`)),
      ...ports.flatMap((each, j) => port(each, ports.length > 1, `${path}.ports[${j}]`)),
    ]
  })
}

function address(value: JsonObject, path: string): Cause[] {
  const ip = text(value, 'ip')
  const hostname = text(value, 'hostname')
  const node = value['nodeName']
  return [
    ...ipAddress(ip, `${path}.ip`),
    ...(hostname === '' ? [] : formed(hostname, dnsLabel, `${path}.hostname`)),
    ...(typeof node === 'string' ? formed(node, dnsSubdomain, `${path}.nodeName`) : []),
    ...endpointIp(ip, `${path}.ip`),
  ]
}

/** Addresses that name no host that others could reach. */
function endpointIp(ip: string, path: string): Cause[] {
  const wrong = ipAddress(ip, path).some((cause) => cause.message.includes('must be a valid IP'))
  if (wrong) return [invalid(path, ip, 'must be a valid IP address')]
  const causes: Cause[] = []
  if (ip === '0.0.0.0' || /^[0:]+$/.test(ip))
    causes.push(invalid(path, ip, `may not be unspecified (${ip})`))
  if (ip.startsWith('127.') || /^[0:]*:0*1$/.test(ip))
    causes.push(invalid(path, ip, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'))
  if (ip.startsWith('169.254.') || /^fe[89ab]/i.test(ip))
    causes.push(invalid(path, ip, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'))
  if (ip.startsWith('224.0.0.') || /^ff02:/i.test(ip))
    causes.push(
      invalid(path, ip, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'),
    )
  return causes
}

function port(value: JsonObject, isNamed: boolean, path: string): Cause[] {
  const name = text(value, 'name')
  const protocol = value['appProtocol']
  const causes: Cause[] = []
  if (name !== '') causes.push(...formed(name, dnsLabel, `${path}.name`))
  else if (isNamed) causes.push(required(`${path}.name`))
  return [
    ...causes,
    ...portNumber(Number(value['port'] ?? 0), `${path}.port`),
    ...oneOf(text(value, 'protocol'), PROTOCOLS, `${path}.protocol`),
    ...(typeof protocol === 'string' ? formed(protocol, qualifiedName, `${path}.appProtocol`) : []),
  ]
}

const TYPES = ['FQDN', 'IPv4', 'IPv6']
const MOST_ADDRESSES = 100
const MOST_ENDPOINTS = 1000

/** Slices of endpoints. */
export function endpointSlice(object: JsonObject): Cause[] {
  const type = text(object, 'addressType')
  const list = items(object, 'endpoints')
  return [
    ...oneOf(type, TYPES, 'addressType'),
    ...slicePorts(object),
    ...(list.length > MOST_ENDPOINTS
      ? [tooMany('endpoints', list.length, MOST_ENDPOINTS)]
      : list.flatMap((each, i) => endpoint(each, type, `endpoints[${i}]`))),
  ]
}

/** What may not be changed of a slice. */
export function endpointSliceUpdate(next: JsonObject, old: JsonObject): Cause[] {
  return immutable(next['addressType'], old['addressType'], 'addressType')
}

function slicePorts(object: JsonObject): Cause[] {
  const seen = new Set<string>()
  return items(object, 'ports').flatMap((each, i) => {
    const path = `ports[${i}]`
    const name = text(each, 'name')
    const protocol = each['appProtocol']
    const causes = name === '' ? [] : formed(name, dnsLabel, `${path}.name`)
    if (seen.has(name)) causes.push(duplicate(`${path}.name`, name))
    seen.add(name)
    const transport = each['protocol']
    if (transport === undefined) causes.push(required(`${path}.protocol`))
    else if (!PROTOCOLS.includes(String(transport)))
      causes.push(notSupported(`${path}.protocol`, transport, PROTOCOLS))
    if (typeof protocol === 'string')
      causes.push(...formed(protocol, qualifiedName, `${path}.appProtocol`))
    return causes
  })
}

function endpoint(value: JsonObject, type: string, path: string): Cause[] {
  const given = texts(value, 'addresses')
  const place = `${path}.addresses`
  const causes: Cause[] = []
  if (given.length === 0) causes.push(required(place, 'must contain at least 1 address'))
  else if (given.length > MOST_ADDRESSES) causes.push(tooMany(place, given.length, MOST_ADDRESSES))
  for (const [i, each] of given.entries())
    causes.push(...sliceAddress(each, type, { list: place, item: `${place}[${i}]` }))
  const node = value['nodeName']
  if (typeof node === 'string') causes.push(...formed(node, dnsSubdomain, `${path}.nodeName`))
  const hostname = value['hostname']
  if (typeof hostname === 'string') causes.push(...formed(hostname, dnsLabel, `${path}.hostname`))
  return causes
}

function sliceAddress(
  value: string,
  type: string,
  at: { readonly list: string; readonly item: string },
): Cause[] {
  if (type === 'FQDN') return domainName(value, at.item)
  if (type !== 'IPv4' && type !== 'IPv6') return []
  const causes = ipAddress(value, at.item)
  if (causes.length > 0) return causes
  const isSix = value.includes(':')
  return [
    ...(isSix === (type === 'IPv6') ? [] : [invalid(at.list, value, `must be an ${type} address`)]),
    ...endpointIp(value, at.item),
  ]
}

function domainName(value: string, path: string): Cause[] {
  if (value === '') return [required(path)]
  const name = value.endsWith('.') ? value.slice(0, -1) : value
  const words = dnsSubdomain(name)
  if (words.length > 0) return [invalid(path, name, words.join(','))]
  if (name.split('.').length < 2)
    return [invalid(path, name, 'should be a domain with at least two segments separated by dots')]
  return name
    .split('.')
    .flatMap((label) => dnsLabel(label).map((message) => invalid(path, label, message)))
}
