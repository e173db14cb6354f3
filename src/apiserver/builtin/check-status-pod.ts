import { isObject, type Json, type JsonObject } from '../../object/index.ts'
import { at, formed, immutable, ipAddress, items, number, text } from './check.ts'
import { duplicate, forbidden, invalid, notSupported, required, tooLong } from './field-error.ts'
import { dnsLabel, dnsSubdomain, qualifiedName } from './names.ts'
import type { Cause } from './refusal.ts'

/**
 * The status of a Pod.
 * @see k8s.io/kubernetes pkg/apis/core/validation/validation.go ValidatePodStatusUpdate (v1.36.3)
 */
export function podStatus(next: JsonObject, old: JsonObject): Cause[] {
  const [status, before] = [at(next, 'status'), at(old, 'status')]
  const spec = at(next, 'spec')
  const generation = number(status, 'observedGeneration') ?? 0
  const causes = conditionCauses(status)
  causes.push(...nominated(status, before, at(old, 'spec')))
  if (generation < 0)
    causes.push(invalid('status.observedGeneration', generation, 'must be a non-negative integer'))
  return [
    ...causes,
    ...immutable(status['qosClass'] ?? '', before['qosClass'] ?? '', 'status.qosClass'),
    ...transitions(status, before, spec),
    ...claimStatuses(status, spec),
    ...extendedClaim(status['extendedResourceClaimStatus'], spec),
    ...addressCauses(status),
    ...LISTS.flatMap((key) => containerStatuses(status, spec, key)),
  ]
}

const LISTS = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const
const SYSTEM = ['PodScheduled', 'Ready', 'Initialized']

function conditionCauses(status: JsonObject): Cause[] {
  return items(status, 'conditions').flatMap((each, i) => {
    const place = `status.conditions[${i}]`
    const generation = number(each, 'observedGeneration') ?? 0
    const type = text(each, 'type')
    return [
      ...(generation < 0
        ? [invalid(`${place}.observedGeneration`, generation, 'must be a non-negative integer')]
        : []),
      ...(SYSTEM.includes(type) ? [] : formed(type, qualifiedName, `${place}.Type`)),
    ]
  })
}

function nominated(status: JsonObject, before: JsonObject, spec: JsonObject): Cause[] {
  const key = 'nominatedNodeName'
  const name = text(status, key)
  if (name === '' || name === text(before, key)) return []
  const causes = formed(name, dnsSubdomain, `status.${key}`)
  if (text(spec, 'nodeName') !== '')
    causes.push(
      forbidden(`status.${key}`, 'may not be set on pods that are already bound to a node'),
    )
  return causes
}

/** What has ended does not run again where it is not to be restarted. */
function transitions(status: JsonObject, before: JsonObject, spec: JsonObject): Cause[] {
  return LISTS.flatMap((key) =>
    items(before, key).flatMap((old, i) => {
      const ended = at(old, 'state')['terminated']
      if (!isObject(ended)) return []
      const now = items(status, key).find((each) => text(each, 'name') === text(old, 'name'))
      if (now === undefined || isObject(at(now, 'state')['terminated'])) return []
      const list = key === 'initContainerStatuses' ? 'initContainers' : 'containers'
      const own = items(spec, list).find((each) => text(each, 'name') === text(old, 'name'))
      if (key !== 'ephemeralContainerStatuses' && own !== undefined && restarts(own, spec, ended))
        return []
      const words = 'may not be transitioned to non-terminated state'
      return [forbidden(`status.${key}[${i}].state`, words)]
    }),
  )
}

function restarts(container: JsonObject, spec: JsonObject, ended: JsonObject): boolean {
  const policy = text(container, 'restartPolicy') || text(spec, 'restartPolicy')
  return policy === 'Always' || (policy === 'OnFailure' && (number(ended, 'exitCode') ?? 0) !== 0)
}

function claimStatuses(status: JsonObject, spec: JsonObject): Cause[] {
  const known = items(spec, 'resourceClaims').map((each) => text(each, 'name'))
  const seen = new Set<string>()
  return items(status, 'resourceClaimStatuses').flatMap((each, i) => {
    const place = `status.resourceClaimStatuses[${i}]`
    const name = text(each, 'name')
    const causes: Cause[] = []
    if (!known.includes(name))
      causes.push(
        invalid(`${place}.name`, name, 'must match the name of an entry in `spec.resourceClaims`'),
      )
    if (seen.has(name)) causes.push(duplicate(`${place}.name`, name))
    seen.add(name)
    const claim = each['resourceClaimName']
    if (typeof claim === 'string')
      causes.push(...formed(claim, dnsSubdomain, `${place}.resourceClaimName`))
    return causes
  })
}

function extendedClaim(status: Json | undefined, spec: JsonObject): Cause[] {
  if (!isObject(status)) return []
  const path = 'status.extendedResourceClaimStatus'
  const mappings = items(status, 'requestMappings')
  const causes: Cause[] =
    mappings.length === 0
      ? [required(`${path}.requestMappings`, 'at least one request mapping is required')]
      : []
  const seen = new Set<string>()
  for (const [i, each] of mappings.entries())
    causes.push(...mapping(each, `${path}.requestMappings[${i}]`, { path, spec, seen }))
  const claim = text(status, 'resourceClaimName')
  const place = `${path}.resourceClaimName`
  return [...causes, ...(claim === '' ? [required(place)] : formed(claim, dnsSubdomain, place))]
}

function mapping(
  each: JsonObject,
  place: string,
  of: { readonly path: string; readonly spec: JsonObject; readonly seen: Set<string> },
): Cause[] {
  const [container, resource, request] = [
    text(each, 'containerName'),
    text(each, 'resourceName'),
    text(each, 'requestName'),
  ]
  const all = [...items(of.spec, 'initContainers'), ...items(of.spec, 'containers')]
  const found = all.find((one) => text(one, 'name') === container)
  const causes: Cause[] = []
  if (found === undefined)
    causes.push(
      invalid(
        `${place}.containerName`,
        container,
        'must match the name of an entry in spec.initContainers.name or spec.containers.name',
      ),
    )
  else if (at(at(found, 'resources'), 'requests')[resource] === undefined)
    causes.push(
      invalid(
        `${place}.resourceName`,
        resource,
        'must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests',
      ),
    )
  causes.push(...formed(request, dnsLabel, `${of.path}.requestName`))
  const key = JSON.stringify([container, resource, request])
  if (of.seen.has(key))
    causes.push(
      duplicate(`${place}.containerName`, container),
      duplicate(`${place}.resourceName`, resource),
      duplicate(`${place}.requestName`, request),
    )
  of.seen.add(key)
  return causes
}

function addressCauses(status: JsonObject): Cause[] {
  const causes: Cause[] = []
  for (const key of ['podIPs', 'hostIPs']) {
    const ips = items(status, key).map((each) => text(each, 'ip'))
    const [first] = ips
    if (key === 'hostIPs' && first !== undefined && first !== text(status, 'hostIP'))
      causes.push(invalid('status.hostIPs[0].ip', first, 'must be equal to `hostIP`'))
    for (const [i, ip] of ips.entries()) causes.push(...ipAddress(ip, `status.${key}[${i}]`))
    if (ips.length > 1) causes.push(...families(ips, `status.${key}`, status[key]))
  }
  return causes
}

function families(ips: readonly string[], path: string, value: Json | undefined): Cause[] {
  const causes: Cause[] = []
  const bad = ips.findIndex((ip) => ipAddress(ip, '').length > 0)
  if (bad >= 0)
    causes.push({
      reason: 'InternalError',
      field: path,
      message: `Internal error: failed to check for dual stack with error:invalid IP[${bad}]: ${ips[bad]}`,
    })
  const both = new Set(ips.map((ip) => ip.includes(':'))).size === 2
  if (bad >= 0 || !both || ips.length > 2) {
    const shown = Array.isArray(value)
      ? (value as JsonObject[]).map((each) => ({ IP: each['ip'] ?? '' }))
      : null
    causes.push(invalid(path, shown, 'may specify no more than one IP for each IP family'))
  }
  return causes
}

const MOST_ID = 2_147_483_647
const LONGEST_REF = 256
const LONGEST_HEALTH = 4096

function containerStatuses(
  status: JsonObject,
  spec: JsonObject,
  key: (typeof LISTS)[number],
): Cause[] {
  return items(status, key).flatMap((each, i) => {
    const place = `status.${key}[${i}]`
    const causes = userCauses(at(each, 'user'), `${place}.user.linux`, spec)
    const given = items(each, 'allocatedResourcesStatus')
    if (key === 'ephemeralContainerStatuses' && given.length > 0)
      causes.push(
        forbidden(`${place}.allocatedResourcesStatus`, 'must not be specified in container status'),
      )
    if (key !== 'ephemeralContainerStatuses') {
      const list = key === 'containerStatuses' ? 'containers' : 'initContainers'
      const own = items(spec, list).find((one) => text(one, 'name') === text(each, 'name'))
      for (const [j, one] of given.entries())
        causes.push(...allocatedCauses(one, `${place}.allocatedResourcesStatus[${j}]`, own))
    }
    for (const [j, mount] of items(each, 'volumeMounts').entries()) {
      const image = at(mount, 'volumeStatus')['image']
      const path = `${place}.volumeMounts[${j}].volumeStatus.imageVolumeStatus.imageRef`
      if (!isObject(image)) continue
      const ref = text(image, 'imageRef')
      if (ref === '') causes.push(required(path, 'imageRef must not be empty'))
      if (Buffer.byteLength(ref) > LONGEST_REF) causes.push(tooLong(path, LONGEST_REF))
    }
    return causes
  })
}

function userCauses(user: JsonObject, path: string, spec: JsonObject): Cause[] {
  const { linux } = user
  if (!isObject(linux)) return []
  if (text(at(spec, 'os'), 'name') === 'windows')
    return [forbidden(path, 'cannot be set for a windows pod')]
  const idCauses = (value: Json | undefined, place: string): Cause[] => {
    const id = typeof value === 'number' ? value : 0
    if (id >= 0 && id <= MOST_ID) return []
    return [invalid(place, id, `must be between 0 and ${MOST_ID}, inclusive`)]
  }
  const groups = Array.isArray(linux['supplementalGroups'])
    ? (linux['supplementalGroups'] as Json[])
    : []
  return [
    ...idCauses(linux['uid'], `${path}.uid`),
    ...idCauses(linux['gid'], `${path}.gid`),
    ...groups.flatMap((each, i) => idCauses(each, `${path}.supplementalGroups[${i}]`)),
  ]
}

const HEALTH = ['Healthy', 'Unhealthy', 'Unknown']

function allocatedCauses(one: JsonObject, path: string, own: JsonObject | undefined): Cause[] {
  const name = text(one, 'name')
  const causes: Cause[] = []
  if (own !== undefined && !isAsked(name, at(own, 'resources')))
    causes.push(
      invalid(
        `${path}.name`,
        name,
        name.startsWith('claim:')
          ? "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty"
          : "must match one of the container's resource requests",
      ),
    )
  const seen = new Set<string>()
  for (const [i, each] of items(one, 'resources').entries()) {
    const place = `${path}.resources[${i}]`
    const [health, message, id] = [text(each, 'health'), each['message'], text(each, 'resourceID')]
    if (!HEALTH.includes(health)) causes.push(notSupported(`${place}.health`, health, HEALTH))
    if (message === '') causes.push(required(`${place}.message`, 'must be non-empty if specified'))
    if (typeof message === 'string' && Buffer.byteLength(message) > LONGEST_HEALTH)
      causes.push(tooLong(`${place}.message`, LONGEST_HEALTH))
    if (seen.has(id)) causes.push(duplicate(`${place}.resourceID`, id))
    seen.add(id)
  }
  return causes
}

function isAsked(name: string, resources: JsonObject): boolean {
  if (!name.startsWith('claim:')) return at(resources, 'requests')[name] !== undefined
  return items(resources, 'claims').some((claim) => {
    const request = text(claim, 'request')
    return `claim:${text(claim, 'name')}${request === '' ? '' : `/${request}`}` === name
  })
}
