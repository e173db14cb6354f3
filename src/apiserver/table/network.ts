import { compareText } from '../../base/index.ts'
import { type Json, type JsonObject, valueAt } from '../../object/index.ts'
import {
  age,
  type Cells,
  count,
  firstOf,
  items,
  labelsText,
  nameOf,
  selectorText,
  size,
  text,
  textOr,
} from './read.ts'

/** Cells of Services, Ingresses and what belongs to them, by resource. */
export const NETWORK: Readonly<Record<string, Cells>> = {
  services: (o, now) => [
    nameOf(o),
    text(o, 'spec', 'type'),
    textOr('<none>', o, 'spec', 'clusterIPs', 0),
    externalText(o),
    items(o, 'spec', 'ports').map(portText).join(',') || '<none>',
    age(o, now),
    labelsText(o, 'spec', 'selector'),
  ],
  endpoints: (o, now) => [nameOf(o), endpointsText(o), age(o, now)],
  'endpointslices.discovery.k8s.io': (o, now) => [
    nameOf(o),
    text(o, 'addressType'),
    firstOf(
      items(o, 'ports').map((port) => textOr(textOr('*', port, 'name'), port, 'port')),
      '<unset>',
    ),
    firstOf(
      items(o, 'endpoints').flatMap((each) => items(each, 'addresses').map(String)),
      '<unset>',
    ),
    age(o, now),
  ],
  'ingresses.networking.k8s.io': (o, now) => [
    nameOf(o),
    textOr('<none>', o, 'spec', 'ingressClassName'),
    hostsText(items(o, 'spec', 'rules')),
    balancersOf(o).join(','),
    items(o, 'spec', 'tls').length > 0 ? '80, 443' : '80',
    age(o, now),
  ],
  'ingressclasses.networking.k8s.io': (o, now) => [
    isDefaultClass(o) ? `${nameOf(o)} (default)` : nameOf(o),
    text(o, 'spec', 'controller'),
    parametersText(valueAt(o, 'spec', 'parameters')),
    age(o, now),
  ],
  'networkpolicies.networking.k8s.io': (o, now) => [
    nameOf(o),
    selectorText(o, 'spec', 'podSelector') || '<none>',
    age(o, now),
  ],
  'servicecidrs.networking.k8s.io': (o, now) => [
    nameOf(o),
    items(o, 'spec', 'cidrs').join(','),
    age(o, now),
  ],
  // Three cells under two columns: so it is in Kubernetes 1.36.
  'ipaddresses.networking.k8s.io': (o, now) => [nameOf(o), parentText(o), age(o, now)],
}

function portText(port: Json): string {
  const node = count(port, 'nodePort')
  const outside = node > 0 ? `:${node}` : ''
  return `${count(port, 'port')}${outside}/${text(port, 'protocol')}`
}

function externalText(service: JsonObject): string {
  const external = items(service, 'spec', 'externalIPs').map(String)
  switch (text(service, 'spec', 'type')) {
    case 'ClusterIP':
    case 'NodePort':
      return external.join(',') || '<none>'
    case 'LoadBalancer':
      return [...balancersOf(service), ...external].join(',') || '<pending>'
    case 'ExternalName':
      return text(service, 'spec', 'externalName')
    default:
      return '<unknown>'
  }
}

/** Addresses that the load balancer gave, each once, sorted. */
function balancersOf(object: JsonObject): string[] {
  const ingress = items(object, 'status', 'loadBalancer', 'ingress')
  const found = ingress.map((each) => text(each, 'ip') || text(each, 'hostname'))
  return [...new Set(found.filter((each) => each !== ''))].sort(compareText)
}

function endpointsText(object: JsonObject): string {
  const subsets = items(object, 'subsets')
  if (subsets.length === 0) return '<none>'
  const found = subsets.flatMap((subset) => {
    const ips = items(subset, 'addresses').map((each) => text(each, 'ip'))
    const ports = items(subset, 'ports')
    if (ports.length === 0) return ips
    return ports.flatMap((port) => ips.map((ip) => `${bracketed(ip)}:${count(port, 'port')}`))
  })
  return firstOf(found, '')
}

function bracketed(ip: string): string {
  return ip.includes(':') ? `[${ip}]` : ip
}

const HOSTS_MAX = 3

/** Rules without a host count towards what is left out, as they do in Kubernetes. */
function hostsText(rules: readonly Json[]): string {
  const hosts: string[] = []
  let more = false
  for (const rule of rules) {
    if (hosts.length === HOSTS_MAX) more = true
    const host = text(rule, 'host')
    if (!more && host !== '') hosts.push(host)
  }
  if (hosts.length === 0) return '*'
  return more ? `${hosts.join(',')} + ${rules.length - HOSTS_MAX} more...` : hosts.join(',')
}

function isDefaultClass(object: JsonObject): boolean {
  const annotation = 'ingressclass.kubernetes.io/is-default-class'
  return text(object, 'metadata', 'annotations', annotation) === 'true'
}

function parametersText(parameters: Json | undefined): string {
  if (size(parameters) === 0) return '<none>'
  const group = valueAt(parameters, 'apiGroup')
  const kind = typeof group === 'string' ? `.${group}` : ''
  return `${text(parameters, 'kind')}${kind}/${text(parameters, 'name')}`
}

function parentText(object: JsonObject): string {
  const parent = valueAt(object, 'spec', 'parentRef')
  if (parent === undefined) return '<none>'
  const group = text(parent, 'group')
  const resource = text(parent, 'resource')
  const place = (group === '' ? resource : `${resource}.${group}`).toLowerCase()
  const namespace = text(parent, 'namespace')
  return [place, ...(namespace === '' ? [] : [namespace]), text(parent, 'name')].join('/')
}
