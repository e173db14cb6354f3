import type { Json, JsonObject } from '../../object/index.ts'
import { at, formed, items, labels, nonNegative, number, oneOf, text } from './check.ts'
import { containerCauses, initContainerCauses } from './check-container.ts'
import { annotations } from './check-meta.ts'
import { volumeCauses } from './check-volume.ts'
import { duplicate, forbidden, invalid, notSupported, required } from './field-error.ts'
import { dnsLabel, dnsSubdomain } from './names.ts'
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
  const known = new Set<string>()
  const found: Cause[] = []
  for (const [i, volume] of volumes.entries()) {
    const name = text(volume, 'name')
    const causes = volumeCauses(volume, `${path}.volumes[${i}]`)
    if (known.has(name)) causes.push(duplicate(`${path}.volumes[${i}].name`, name))
    // A volume that is wrong can not be mounted either.
    if (causes.length === 0) known.add(name)
    found.push(...causes)
  }
  return [
    ...found,
    ...containersOf(spec, path, known),
    ...oneOfRestart(spec, path),
    ...oneOf(text(spec, 'dnsPolicy'), DNS_POLICIES, `${path}.dnsPolicy`),
    ...labels(at(spec, 'nodeSelector'), `${path}.nodeSelector`),
    ...items(spec, 'tolerations').flatMap((each, i) =>
      tolerationCauses(each, `${path}.tolerations[${i}]`),
    ),
    ...names(spec, path),
    ...items(spec, 'topologySpreadConstraints').flatMap((each, i) =>
      spreadCauses(each, `${path}.topologySpreadConstraints[${i}]`),
    ),
    ...deadline(spec, path),
    ...nonNegative(spec, path, 'terminationGracePeriodSeconds'),
  ]
}

const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']

function oneOfRestart(spec: JsonObject, path: string): Cause[] {
  return oneOf(
    text(spec, 'restartPolicy'),
    ['Always', 'OnFailure', 'Never'],
    `${path}.restartPolicy`,
  )
}

function containersOf(spec: JsonObject, path: string, volumes: ReadonlySet<string>): Cause[] {
  const containers = items(spec, 'containers')
  if (containers.length === 0) return [required(`${path}.containers`)]
  const names = new Set<string>()
  const hostPorts = new Set<string>()
  const causes: Cause[] = []
  for (const [i, container] of containers.entries()) {
    const place = `${path}.containers[${i}]`
    causes.push(...containerCauses(container, place, volumes))
    const name = text(container, 'name')
    if (names.has(name)) causes.push(duplicate(`${place}.name`, name))
    names.add(name)
    causes.push(...hostPortCauses(container, place, hostPorts))
  }
  for (const [i, container] of items(spec, 'initContainers').entries()) {
    const place = `${path}.initContainers[${i}]`
    causes.push(...initContainerCauses(container, place, volumes))
    const name = text(container, 'name')
    if (names.has(name)) causes.push(duplicate(`${place}.name`, name))
    else if (name !== '') names.add(name)
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

function tolerationCauses(value: JsonObject, path: string): Cause[] {
  const operator = text(value, 'operator')
  const key = text(value, 'key')
  const causes: Cause[] = []
  if (key === '' && operator !== 'Exists')
    causes.push(
      invalid(
        `${path}.operator`,
        operator,
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ),
    )
  if (value['tolerationSeconds'] !== undefined && text(value, 'effect') !== 'NoExecute')
    causes.push(
      invalid(
        `${path}.effect`,
        text(value, 'effect'),
        "effect must be 'NoExecute' when `tolerationSeconds` is set",
      ),
    )
  if (operator === 'Exists' && text(value, 'value') !== '')
    causes.push(
      invalid(`${path}.operator`, value as Json, "value must be empty when `operator` is 'Exists'"),
    )
  if (!['', 'Exists', 'Equal'].includes(operator))
    causes.push(notSupported(`${path}.operator`, operator, ['Equal', 'Exists']))
  const effect = text(value, 'effect')
  if (effect !== '' && !EFFECTS.includes(effect))
    causes.push(notSupported(`${path}.effect`, effect, EFFECTS))
  return causes
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

function spreadCauses(value: JsonObject, path: string): Cause[] {
  const causes: Cause[] = []
  const skew = number(value, 'maxSkew') ?? 0
  if (skew <= 0) causes.push(invalid(`${path}.maxSkew`, skew, 'must be greater than zero'))
  if (text(value, 'topologyKey') === '')
    causes.push(required(`${path}.topologyKey`, 'can not be empty'))
  const action = text(value, 'whenUnsatisfiable')
  if (!['DoNotSchedule', 'ScheduleAnyway'].includes(action))
    causes.push(
      notSupported(`${path}.whenUnsatisfiable`, action, ['DoNotSchedule', 'ScheduleAnyway']),
    )
  return causes
}
