import { isObject, type JsonObject } from '../../object/index.ts'
import {
  at,
  type Check,
  formed,
  items,
  number,
  portNumber,
  requiredForm,
  text,
  texts,
} from './check.ts'
import { invalid, notSupported, required } from './field-error.ts'
import { dnsLabel, dnsSubdomain, pathSegment, portName, wildcardSubdomain } from './names.ts'
import type { Cause } from './refusal.ts'

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
  const resource = backend['resource']
  if (isObject(resource)) return resourceBackend(resource, `${path}.resource`)
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

function resourceBackend(resource: JsonObject, path: string): Cause[] {
  const group = text(resource, 'apiGroup')
  return [
    ...(group === '' ? [] : formed(group, dnsSubdomain, `${path}.apiGroup`)),
    ...['kind', 'name'].flatMap((key) =>
      requiredForm(text(resource, key), pathSegment, `${path}.${key}`),
    ),
  ]
}

function tlsCauses(tls: JsonObject, path: string): Cause[] {
  const causes = texts(tls, 'hosts').flatMap((host, i) =>
    formed(host, host.includes('*') ? wildcardSubdomain : dnsSubdomain, `${path}.hosts[${i}]`),
  )
  const secret = text(tls, 'secretName')
  return secret === '' ? causes : [...causes, ...formed(secret, dnsSubdomain, `${path}.secretName`)]
}
