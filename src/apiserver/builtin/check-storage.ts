import { type Json, type JsonObject, sameJson } from '../../object/index.ts'
import { at, cidr, formed, immutable, items, number, portNumber, text, texts } from './check.ts'
import { amountCauses } from './check-quota.ts'
import { duplicate, forbidden, invalid, notSupported, required } from './field-error.ts'
import { asStruct } from './go-struct.ts'
import { dns1035Label, dnsSubdomain, labelValue, qualifiedName } from './names.ts'
import type { Cause } from './refusal.ts'

/** Drivers of storage. */
export function csiDriver(object: JsonObject): Cause[] {
  const spec = at(object, 'spec')
  const policies = ['File', 'None', 'ReadWriteOnceWithFSType']
  const policy = spec['fsGroupPolicy']
  const period = number(spec, 'nodeAllocatableUpdatePeriodSeconds')
  const inSecrets = spec['serviceAccountTokenInSecrets']
  return [
    ...(typeof policy === 'string' && !policies.includes(policy)
      ? [notSupported('spec.fsGroupPolicy', policy, policies)]
      : []),
    ...tokenRequests(spec),
    ...(typeof inSecrets === 'boolean' && items(spec, 'tokenRequests').length === 0
      ? [
          invalid(
            'spec.serviceAccountTokenInSecrets',
            inSecrets,
            'serviceAccountTokenInSecrets is set but no tokenRequests are specified',
          ),
        ]
      : []),
    ...texts(spec, 'volumeLifecycleModes')
      .filter((mode) => mode !== 'Persistent' && mode !== 'Ephemeral')
      .map((mode) => notSupported('spec.volumeLifecycleModes', mode, ['Persistent', 'Ephemeral'])),
    ...(period !== undefined && period < 10
      ? [
          invalid(
            'spec.nodeAllocatableUpdatePeriodSeconds',
            period,
            'must be greater than or equal to 10 seconds',
          ),
        ]
      : []),
  ]
}

const SHORTEST_SECONDS = 600

function tokenRequests(spec: JsonObject): Cause[] {
  const seen = new Set<string>()
  return items(spec, 'tokenRequests').flatMap((each, i) => {
    const path = `spec.tokenRequests[${i}]`
    const audience = text(each, 'audience')
    if (seen.has(audience)) return [duplicate(`${path}.audience`, audience)]
    seen.add(audience)
    const seconds = number(each, 'expirationSeconds')
    const place = `${path}.expirationSeconds`
    if (seconds === undefined) return []
    if (seconds < SHORTEST_SECONDS)
      return [invalid(place, seconds, 'may not specify a duration less than 10 minutes')]
    return seconds > 2 ** 32
      ? [invalid(place, seconds, 'may not specify a duration larger than 2^32 seconds')]
      : []
  })
}

/** What may not be changed of a driver. */
export function csiDriverUpdate(next: JsonObject, old: JsonObject): Cause[] {
  const [spec, before] = [at(next, 'spec'), at(old, 'spec')]
  const modes = 'volumeLifecycleModes'
  return [
    ...immutable(spec['attachRequired'], before['attachRequired'], 'spec.attachedRequired'),
    ...immutable(spec[modes], before[modes], `spec.${modes}`),
  ]
}

/** Topologies in which volumes of a class may be made. */
export function allowedTopologies(object: JsonObject): Cause[] {
  const terms = items(object, 'allowedTopologies')
  return terms.flatMap((term, i) => {
    const path = `allowedTopologies[${i}].matchLabelExpressions`
    const causes = items(term, 'matchLabelExpressions').flatMap((each, j, all) => {
      const place = `${path}[${j}]`
      const key = text(each, 'key')
      const first = all.findIndex((other) => text(other, 'key') === key)
      return [
        ...topologyRequirement(each, place),
        ...(first < j ? [duplicate(`${place}.key`, key)] : []),
      ]
    })
    // An empty term counts as one that was there before, once for each term.
    const same = terms.slice(0, i).filter((other) => sameTerm(other, term)).length
    const empty = items(term, 'matchLabelExpressions').length === 0 ? terms.length : 0
    for (let n = same + empty; n > 0; n -= 1) causes.push(duplicate(path, ''))
    return causes
  })
}

function sameTerm(a: JsonObject, b: JsonObject): boolean {
  const keyed = (term: JsonObject): JsonObject =>
    Object.fromEntries(
      items(term, 'matchLabelExpressions').map((each) => [
        text(each, 'key'),
        [...texts(each, 'values')].sort(),
      ]),
    )
  return sameJson(keyed(a), keyed(b))
}

function topologyRequirement(value: JsonObject, path: string): Cause[] {
  const values = texts(value, 'values')
  return [
    ...(values.length === 0 ? [required(`${path}.values`)] : []),
    ...values.flatMap((each, i) =>
      values.indexOf(each) < i ? [duplicate(`${path}.values[${i}]`, each)] : [],
    ),
    ...formed(text(value, 'key'), qualifiedName, `${path}.key`),
  ]
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

/** Nodes: the taints. They are told where the real server looks for them. */
export function node(object: JsonObject): Cause[] {
  return [...taintCauses(at(object, 'spec')), ...amounts(at(object, 'status'))]
}

/** What a node has, and may give away. */
function amounts(status: JsonObject): Cause[] {
  return ['capacity', 'allocatable'].flatMap((key) =>
    Object.entries(at(status, key)).flatMap(([name, amount]) =>
      amountCauses(name, amount, `status.${key}.${name}`),
    ),
  )
}

const LONGEST_FEATURE = 253

/** What a node says that it can do. */
function features(status: JsonObject): Cause[] {
  const names = texts(status, 'declaredFeatures')
  return names.flatMap((name, i) => {
    const place = `status.declaredFeatures[${i}]`
    const start = `invalid feature name ${JSON.stringify(name)}: `
    const causes: Cause[] = []
    if (name.length > LONGEST_FEATURE)
      causes.push(
        invalid(place, name, `${start}must be no more than ${LONGEST_FEATURE} characters`),
      )
    else if (!/^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/.test(name))
      causes.push(
        invalid(
          place,
          name,
          `${start}must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes`,
        ),
      )
    const before = names[i - 1]
    if (before === name) causes.push(duplicate(place, name))
    else if (before !== undefined && before > name)
      causes.push(invalid(place, name, 'list must be sorted alphabetically'))
    return causes
  })
}

/** The status of a Node. */
export function nodeStatus(next: JsonObject): Cause[] {
  const status = at(next, 'status')
  const seen = new Set<string>()
  const doubled = items(status, 'addresses').flatMap((each, i) => {
    const [type, address] = [text(each, 'type'), text(each, 'address')]
    const key = JSON.stringify([type, address])
    if (!seen.has(key)) {
      seen.add(key)
      return []
    }
    const shown = asStruct({ Type: type, Address: address })
    return [duplicate(`status.addresses[${i}]`, shown)]
  })
  return [...amounts(status), ...features(status), ...doubled]
}

/** The addresses that a node gives to its pods. */
export function podRanges(object: JsonObject): Cause[] {
  const spec = at(object, 'spec')
  const ranges = texts(spec, 'podCIDRs')
  const path = 'spec.podCIDRs'
  const causes = ranges.flatMap((each, i) => cidr(each, `${path}[${i}]`))
  if (ranges.length < 2) return causes
  const families = new Set(ranges.map((each) => each.includes(':')))
  const bad = ranges.find((each) => cidr(each, path).length > 0)
  if (bad !== undefined) {
    const why = `invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR address: ${bad}`
    causes.push({ reason: 'InternalError', field: path, message: `Internal error: ${why}` })
  }
  if (bad !== undefined || families.size < 2 || ranges.length > 2)
    causes.push(
      invalid(path, ranges as Json, 'may specify no more than one CIDR for each IP family'),
    )
  return causes
}

/** A node keeps the ranges and the name at its provider that it once has. */
export function nodeUpdate(next: JsonObject, old: JsonObject): Cause[] {
  const [spec, before] = [at(next, 'spec'), at(old, 'spec')]
  const causes = podRanges(next)
  const [ranges, had] = [texts(spec, 'podCIDRs'), texts(before, 'podCIDRs')]
  const fixed = 'node updates may not change podCIDR except from "" to valid'
  if (had.length > 0 && had.length !== ranges.length) causes.push(forbidden('spec.podCIDRs', fixed))
  else
    for (const [i, each] of had.entries())
      if (each !== ranges[i]) causes.push(forbidden('spec.podCIDRs', fixed))
  const id = text(before, 'providerID')
  if (id !== '' && id !== text(spec, 'providerID'))
    causes.push(
      forbidden(
        'spec.providerID',
        'node updates may not change providerID except from "" to valid',
      ),
    )
  if (text(spec, 'externalID') !== text(before, 'externalID'))
    causes.push(forbidden('spec.externalID', 'may not be updated'))
  return causes
}

function taintCauses(spec: JsonObject): Cause[] {
  const taints = items(spec, 'taints')
  const seen = new Set<string>()
  return taints.flatMap((taint, i) => {
    const path = `metadata.taints[${i}]`
    const [key, effect, value] = [text(taint, 'key'), text(taint, 'effect'), text(taint, 'value')]
    const causes = formed(key, qualifiedName, `${path}.key`)
    const words = labelValue(value)
    if (words.length > 0) causes.push(invalid(`${path}.value`, value, words.join(';')))
    if (effect === '') causes.push(required(`${path}.effect`))
    else if (!EFFECTS.includes(effect)) causes.push(notSupported(`${path}.effect`, effect, EFFECTS))
    const id = `${effect} ${key}`
    if (seen.has(id)) {
      const printed = { Key: key, Value: value, Effect: effect, TimeAdded: null }
      const { message, ...cause } = duplicate(path, printed)
      const why = 'taints must be unique by key and effect pair'
      causes.push({ ...cause, message: `${message}: ${why}` })
    }
    seen.add(id)
    return causes
  })
}

/** API servers that serve a group beside this one. */
export function apiService(object: JsonObject): Cause[] {
  const spec = at(object, 'spec')
  const [group, version] = [text(spec, 'group'), text(spec, 'version')]
  const name = text(at(object, 'metadata'), 'name')
  const wanted = `${version}.${group}`
  const causes: Cause[] =
    name === wanted
      ? []
      : [
          invalid(
            'metadata.name',
            name,
            `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`,
          ),
        ]
  if (group === '' && version !== 'v1')
    causes.push(
      required('spec.group', 'only v1 may have an empty group and it better be legacy kube'),
    )
  if (group !== '') causes.push(...formed(group, dnsSubdomain, 'spec.group'))
  causes.push(...formed(version, dns1035Label, 'spec.version'))
  for (const [key, most] of [
    ['groupPriorityMinimum', 20000],
    ['versionPriority', 1000],
  ] as const) {
    const value = number(spec, key) ?? 0
    if (value <= 0 || value > most)
      causes.push(invalid(`spec.${key}`, value, `must be positive and less than ${most}`))
  }
  return [...causes, ...serviceOf(spec)]
}

function serviceOf(spec: JsonObject): Cause[] {
  const { service } = spec
  const insecure = spec['insecureSkipTLSVerify'] === true
  const bundle = Buffer.from(text(spec, 'caBundle'), 'base64').length
  const causes: Cause[] = []
  if (service === undefined || service === null) {
    if (bundle > 0)
      causes.push(
        invalid('spec.caBundle', `${bundle} bytes`, 'local APIServices may not have a caBundle'),
      )
    if (insecure)
      causes.push(
        invalid(
          'spec.insecureSkipTLSVerify',
          true,
          'local APIServices may not have insecureSkipTLSVerify',
        ),
      )
    return causes
  }
  const given = at(spec, 'service')
  for (const key of ['namespace', 'name'])
    if (text(given, key) === '') causes.push(required(`spec.service.${key}`))
  const port = number(given, 'port') ?? 0
  for (const { message } of portNumber(port, '')) {
    const [, , words = ''] = message.split(': ')
    causes.push(invalid('spec.service.port', port, `port is not valid: ${words}`))
  }
  if (insecure && bundle > 0)
    causes.push(
      invalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present'),
    )
  return causes
}
