import { isObject, type Json, type JsonObject } from '../../object/index.ts'
import { at, formed, ipAddress, items, labels, number, oneOf, text, texts } from './check.ts'
import {
  containerCauses,
  ephemeralCauses,
  initContainerCauses,
  type PodView,
  resourceCauses,
} from './check-container.ts'
import { podClaimCauses, type Volumes } from './check-container-more.ts'
import { annotations } from './check-meta.ts'
import { podResourceCauses } from './check-pod-resources.ts'
import { schedulingCauses } from './check-scheduling.ts'
import { podSecurity } from './check-security.ts'
import { volumeCauses } from './check-volume.ts'
import { duplicate, forbidden, invalid, notSupported, required } from './field-error.ts'
import { dnsLabel, dnsSubdomain, qualifiedName, underscoredSubdomain } from './names.ts'
import type { Cause } from './refusal.ts'

/** What is wrong with a pod template. */
export function templateCauses(template: JsonObject, path: string): Cause[] {
  const meta = at(template, 'metadata')
  const causes = [
    ...labels(at(meta, 'labels'), `${path}.labels`),
    ...annotations(at(meta, 'annotations'), `${path}.annotations`),
    ...podSpecCauses(at(template, 'spec'), `${path}.spec`),
  ]
  if (items(at(template, 'spec'), 'ephemeralContainers').length > 0)
    causes.push(
      forbidden(
        `${path}.spec.ephemeralContainers`,
        'ephemeral containers not allowed in pod template',
      ),
    )
  return causes
}

/**
 * What is wrong with the spec of a pod.
 * @see k8s.io/kubernetes pkg/apis/core/validation/validation.go (v1.36.3)
 */
export function podSpecCauses(spec: JsonObject, path: string): Cause[] {
  const volumes = items(spec, 'volumes')
  const known = new Map<string, JsonObject>()
  const found: Cause[] = []
  for (const [i, volume] of volumes.entries()) {
    const name = text(volume, 'name')
    const causes = volumeCauses(volume, `${path}.volumes[${i}]`)
    if (known.has(name)) causes.push(duplicate(`${path}.volumes[${i}].name`, name))
    // A volume that is wrong can not be mounted either.
    if (causes.length === 0) known.set(name, volume)
    found.push(...causes)
  }
  const view = viewOf(spec, known)
  return [
    ...found,
    ...podClaimCauses(spec, `${path}.resourceClaims`),
    ...containersOf(spec, path, view),
    ...podResourceCauses(spec, `${path}.resources`, view.claims),
    ...oneOfRestart(spec, path),
    ...oneOf(text(spec, 'dnsPolicy'), DNS_POLICIES, `${path}.dnsPolicy`),
    ...labels(at(spec, 'nodeSelector'), `${path}.nodeSelector`),
    ...podSecurity(spec, `${path}.securityContext`),
    ...schedulingCauses(spec, path),
    ...names(spec, path),
    ...networkCauses(spec, path),
    ...deadline(spec, path),
    ...others(spec, path),
  ]
}

/** Gates, the system that a pod is made for, and whom it may displace. */
function others(spec: JsonObject, path: string): Cause[] {
  const gates = items(spec, 'readinessGates').flatMap((gate, i) =>
    formed(
      text(gate, 'conditionType'),
      qualifiedName,
      `${path}.readinessGates[${i}].conditionType`,
    ),
  )
  const { os, preemptionPolicy: policy } = spec
  const name = isObject(os) ? text(os, 'name') : 'linux'
  const causes: Cause[] = []
  if (name === '') causes.push(required(`${path}.os.name`))
  else if (name !== 'linux' && name !== 'windows')
    causes.push(notSupported(`${path}.os`, name, ['linux', 'windows']))
  const place = `${path}.preemptionPolicy`
  if (typeof policy === 'string')
    causes.push(...oneOf(policy, ['PreemptLowerPriority', 'Never'], place))
  for (const [i, gate] of items(spec, 'schedulingGates').entries())
    causes.push(...formed(text(gate, 'name'), qualifiedName, `${path}.schedulingGates[${i}]`))
  if (isObject(spec['overhead']))
    causes.push(...resourceCauses({ limits: spec['overhead'] }, `${path}.overhead`))
  return [...gates, ...causes]
}

const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']

function oneOfRestart(spec: JsonObject, path: string): Cause[] {
  return oneOf(
    text(spec, 'restartPolicy'),
    ['Always', 'OnFailure', 'Never'],
    `${path}.restartPolicy`,
  )
}

function viewOf(spec: JsonObject, volumes: Volumes): PodView {
  return {
    volumes,
    restartPolicy: text(spec, 'restartPolicy'),
    graceSeconds: number(spec, 'terminationGracePeriodSeconds'),
    hostUsers: spec['hostUsers'] !== false,
    claims: new Set(items(spec, 'resourceClaims').map((claim) => text(claim, 'name'))),
  }
}

function containersOf(spec: JsonObject, path: string, pod: PodView): Cause[] {
  const containers = items(spec, 'containers')
  if (containers.length === 0) return [required(`${path}.containers`)]
  const names = new Set<string>()
  const hostPorts = new Set<string>()
  const causes: Cause[] = []
  for (const [i, container] of containers.entries()) {
    const place = `${path}.containers[${i}]`
    causes.push(...containerCauses(container, place, pod))
    const name = text(container, 'name')
    if (names.has(name)) causes.push(duplicate(`${place}.name`, name))
    names.add(name)
    causes.push(...hostPortCauses(container, place, hostPorts))
  }
  for (const [i, container] of items(spec, 'initContainers').entries()) {
    const place = `${path}.initContainers[${i}]`
    causes.push(...initContainerCauses(container, place, pod))
    const name = text(container, 'name')
    if (names.has(name)) causes.push(duplicate(`${place}.name`, name))
    else if (name !== '') names.add(name)
  }
  const others = new Set(names)
  for (const [i, container] of items(spec, 'ephemeralContainers').entries()) {
    const place = `${path}.ephemeralContainers[${i}]`
    causes.push(...ephemeralCauses(container, place, pod, others))
    const name = text(container, 'name')
    if (names.has(name)) causes.push(duplicate(`${place}.name`, name))
    names.add(name)
  }
  return causes
}

function hostPortCauses(container: JsonObject, path: string, seen: Set<string>): Cause[] {
  return items(container, 'ports').flatMap((port, i) => {
    const hostPort = number(port, 'hostPort') ?? 0
    if (hostPort === 0) return []
    const key = `${text(port, 'protocol')}/${text(port, 'hostIP')}/${hostPort}`
    if (seen.has(key)) return [duplicate(`${path}.ports[${i}].hostPort`, key)]
    seen.add(key)
    return []
  })
}

function names(spec: JsonObject, path: string): Cause[] {
  const causes: Cause[] = []
  const forms = {
    serviceAccountName: dnsSubdomain,
    nodeName: dnsSubdomain,
    priorityClassName: dnsSubdomain,
    runtimeClassName: dnsSubdomain,
    hostname: dnsLabel,
    subdomain: dnsLabel,
    hostnameOverride: dnsSubdomain,
  }
  for (const [key, form] of Object.entries(forms)) {
    const value = text(spec, key)
    if (value !== '') causes.push(...formed(value, form, `${path}.${key}`))
  }
  return causes
}

function deadline(spec: JsonObject, path: string): Cause[] {
  const value = number(spec, 'activeDeadlineSeconds')
  if (value === undefined || (value >= 1 && value <= 2_147_483_647)) return []
  return [
    invalid(`${path}.activeDeadlineSeconds`, value, 'must be between 1 and 2147483647, inclusive'),
  ]
}

/** How the pod stands in the network: names it is given, where it asks for names, the host's ports. */
function networkCauses(spec: JsonObject, path: string): Cause[] {
  const causes: Cause[] = []
  for (const [i, alias] of items(spec, 'hostAliases').entries()) {
    const place = `${path}.hostAliases[${i}]`
    causes.push(...ipAddress(text(alias, 'ip'), `${place}.ip`))
    for (const [j, name] of texts(alias, 'hostnames').entries())
      causes.push(...formed(name, dnsSubdomain, `${place}.hostnames[${j}]`))
  }
  causes.push(...dnsCauses(spec, `${path}.dnsConfig`))
  if (spec['hostNetwork'] === true && spec['hostUsers'] === false)
    causes.push(forbidden(`${path}.hostNetwork`, 'when `hostUsers` is false'))
  if (spec['hostNetwork'] === true)
    for (const [i, container] of items(spec, 'containers').entries())
      for (const [j, port] of items(container, 'ports').entries()) {
        const host = number(port, 'hostPort') ?? 0
        if (host !== 0 && host !== number(port, 'containerPort'))
          causes.push(
            invalid(
              `${path}.containers[${i}].ports[${j}].hostPort`,
              host,
              'must match `containerPort` when `hostNetwork` is true',
            ),
          )
      }
  return causes
}

function dnsCauses(spec: JsonObject, path: string): Cause[] {
  const config = spec['dnsConfig']
  const none = text(spec, 'dnsPolicy') === 'None'
  if (!isObject(config))
    return none ? [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')] : []
  const servers = texts(config, 'nameservers')
  const place = `${path}.nameservers`
  if (none && servers.length === 0)
    return [required(place, 'must provide at least one DNS nameserver when `dnsPolicy` is None')]
  const causes: Cause[] = []
  if (servers.length > 3)
    causes.push(invalid(place, servers as Json, 'must not have more than 3 nameservers'))
  for (const [i, each] of servers.entries()) causes.push(...ipAddress(each, `${place}[${i}]`))
  const searches = texts(config, 'searches')
  if (searches.length > 32)
    causes.push(
      invalid(`${path}.searches`, searches as Json, 'must not have more than 32 search paths'),
    )
  for (const [i, each] of searches.entries())
    if (each !== '.')
      causes.push(
        ...formed(each.replace(/\.$/, ''), underscoredSubdomain, `${path}.searches[${i}]`),
      )
  for (const [i, option] of items(config, 'options').entries())
    if (text(option, 'name') === '')
      causes.push(required(`${path}.options[${i}]`, 'must not be empty'))
  return causes
}
