import { isObject, type JsonObject } from '../../object/index.ts'
import {
  at,
  type Check,
  cidr,
  isWithin,
  items,
  labelSelector,
  number,
  portNumber,
  portNumberOrName,
  text,
  texts,
} from './check.ts'
import { forbidden, invalid, notSupported, required } from './field-error.ts'
import type { Cause } from './refusal.ts'

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']

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
    if (end !== undefined && typeof own === 'number') {
      if (end < own)
        causes.push(invalid(`${path}.endPort`, own, 'must be greater than or equal to `port`'))
      causes.push(...portNumber(end, `${path}.endPort`))
    } else if (end !== undefined && typeof own === 'string')
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
