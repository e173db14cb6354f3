import { isObject, type Json, type JsonObject } from '../../object/index.ts'
import { at, formed, items, text } from './check.ts'
import { noBacksteps } from './check-env.ts'
import {
  duplicate,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
  tooMany,
} from './field-error.ts'
import { asStruct } from './go-struct.ts'
import { dnsLabel, dnsSubdomain } from './names.ts'
import type { Cause } from './refusal.ts'

/**
 * Parts of containers that few use: restarts, resizing, block devices, claims of devices.
 * @see k8s.io/kubernetes pkg/apis/core/validation/validation.go (v1.36.3)
 */

const POLICIES = ['Always', 'Never', 'OnFailure']
const ACTIONS = ['Restart', 'RestartAllContainers']
const OPERATORS = ['In', 'NotIn']
const MOST_RULES = 20
const MOST_CODES = 255

/** When an init container is started again: without a policy its rules are not looked at. */
export function initRestartCauses(container: JsonObject, path: string): Cause[] {
  const hasNone = container['restartPolicy'] === undefined
  const causes = restartCauses(container, path)
  return hasNone ? causes.slice(0, 1) : causes
}

/** When a container is started again. */
export function restartCauses(container: JsonObject, path: string): Cause[] {
  const policy = container['restartPolicy']
  const rules = items(container, 'restartPolicyRules')
  const place = `${path}.restartPolicy`
  const causes: Cause[] = []
  if (typeof policy !== 'string') {
    if (rules.length === 0) return []
    causes.push(required(place, 'must specify restartPolicy when restart rules are used'))
  } else if (!POLICIES.includes(policy)) causes.push(notSupported(place, policy, POLICIES))
  if (rules.length > MOST_RULES)
    causes.push(tooMany(`${path}.restartPolicyRules`, rules.length, MOST_RULES))
  for (const [i, rule] of rules.entries())
    causes.push(...ruleCauses(rule, `${path}.restartPolicyRules[${i}]`))
  return causes
}

function ruleCauses(rule: JsonObject, path: string): Cause[] {
  const action = text(rule, 'action')
  const causes = ACTIONS.includes(action) ? [] : [notSupported(`${path}.action`, action, ACTIONS)]
  const codes = rule['exitCodes']
  const place = `${path}.exitCodes`
  if (!isObject(codes)) return [...causes, required(place, 'must be specified')]
  const operator = text(codes, 'operator')
  if (!OPERATORS.includes(operator))
    causes.push(notSupported(`${place}.operator`, operator, OPERATORS))
  const values = codes['values']
  const count = Array.isArray(values) ? values.length : 0
  if (count > MOST_CODES) causes.push(tooMany(`${place}.values`, count, MOST_CODES))
  return causes
}

const RESIZED = ['cpu', 'memory']
const RESIZES = ['NotRequired', 'RestartContainer']

/** What a change of resources does to a container; the API server names no index. */
export function resizeCauses(container: JsonObject, path: string, podPolicy: string): Cause[] {
  const seen = new Set<string>()
  return items(container, 'resizePolicy').flatMap((each, i) => {
    const [name, policy] = [text(each, 'resourceName'), text(each, 'restartPolicy')]
    const causes = seen.has(name) ? [duplicate(`${path}[${i}]`, name)] : []
    seen.add(name)
    if (name === '') causes.push(required(path))
    else if (!RESIZED.includes(name)) causes.push(notSupported(path, name, RESIZED))
    if (policy === '') causes.push(required(path))
    else if (!RESIZES.includes(policy)) causes.push(notSupported(path, policy, RESIZES))
    if (podPolicy === 'Never' && policy !== 'NotRequired')
      causes.push(
        invalid(path, policy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"),
      )
    return causes
  })
}

/** Init containers that end are not restarted by a change of their resources. */
export function initResizeCauses(container: JsonObject, path: string): Cause[] {
  return items(container, 'resizePolicy').flatMap((each, i) =>
    text(each, 'restartPolicy') === 'RestartContainer'
      ? [
          invalid(
            `${path}[${i}].restartPolicy`,
            'RestartContainer',
            "must not be set to 'RestartContainer' for non-sidecar initContainers",
          ),
        ]
      : [],
  )
}

/** Volumes of a pod as its containers see them: what each is. */
export type Volumes = ReadonlyMap<string, JsonObject>

/** Volumes that a container has as block devices. */
export function deviceCauses(container: JsonObject, path: string, volumes: Volumes): Cause[] {
  const mounts = items(container, 'volumeMounts')
  const mounted = new Map(mounts.map((each) => [text(each, 'name'), text(each, 'mountPath')]))
  const targets = new Set(mounted.values())
  const names = new Set<string>()
  const paths = new Set<string>()
  return items(container, 'volumeDevices').flatMap((device, i) => {
    const [name, target] = [text(device, 'name'), text(device, 'devicePath')]
    const [own, place] = [`${path}[${i}].name`, `${path}[${i}].devicePath`]
    const volume = volumes.get(name)
    const causes: Cause[] = name === '' ? [required(own)] : []
    if (names.has(name)) causes.push(invalid(own, name, 'must be unique'))
    if (volume === undefined) causes.push(notFound(own, name))
    else if (volume['persistentVolumeClaim'] === undefined && volume['ephemeral'] === undefined)
      causes.push(
        invalid(
          own,
          name,
          'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
        ),
      )
    if (target === '') causes.push(required(place))
    if (paths.has(target)) causes.push(invalid(place, target, 'must be unique'))
    if (target !== '' && noBacksteps(target, place).length > 0)
      causes.push(invalid(place, target, "can not contain backsteps ('..')"))
    else paths.add(target)
    if (mounted.has(name)) causes.push(invalid(own, name, 'must not already exist in volumeMounts'))
    if (targets.has(target))
      causes.push(invalid(place, target, 'must not already exist as a path in volumeMounts'))
    if (name !== '') names.add(name)
    return causes
  })
}

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None']
const RECURSIVE = ['Disabled', 'Enabled', 'IfPossible']

/** How a mount is shared with the host, and what lies below it; the API server names no index. */
export function propagationCauses(container: JsonObject, mount: JsonObject, path: string): Cause[] {
  const { mountPropagation: propagation, recursiveReadOnly: recursive } = mount
  const causes: Cause[] = []
  const place = `${path}.mountPropagation`
  if (typeof propagation === 'string' && !PROPAGATIONS.includes(propagation))
    causes.push(notSupported(place, propagation, PROPAGATIONS))
  const privileged = at(container, 'securityContext')['privileged'] === true
  if (propagation === 'Bidirectional' && !privileged)
    causes.push(
      forbidden(
        place,
        'Bidirectional mount propagation is available only to privileged containers',
      ),
    )
  if (typeof recursive !== 'string' || recursive === 'Disabled') return causes
  const own = `${path}.recursiveReadOnly`
  if (!RECURSIVE.includes(recursive)) return [...causes, notSupported(own, recursive, RECURSIVE)]
  if (mount['readOnly'] !== true)
    causes.push(forbidden(own, 'may only be specified when readOnly is true'))
  if (typeof propagation === 'string' && propagation !== 'None')
    causes.push(
      forbidden(own, 'may only be specified when mountPropagation is None or not specified'),
    )
  return causes
}

/** Claims of devices of a pod. */
export function podClaimCauses(spec: JsonObject, path: string): Cause[] {
  const names = new Set<string>()
  return items(spec, 'resourceClaims').flatMap((claim, i) => {
    const place = `${path}[${i}]`
    const name = text(claim, 'name')
    const causes: Cause[] = []
    if (name === '') causes.push(required(`${place}.name`))
    else if (names.has(name)) causes.push(duplicate(`${place}.name`, name))
    else {
      causes.push(...formed(name, dnsLabel, `${place}.name`))
      names.add(name)
    }
    return [...causes, ...claimSource(claim, place)]
  })
}

function claimSource(claim: JsonObject, path: string): Cause[] {
  const keys = ['resourceClaimName', 'resourceClaimTemplateName']
  const given = keys.filter((key) => typeof claim[key] === 'string')
  const causes: Cause[] = []
  if (given.length > 1)
    causes.push(
      invalid(
        path,
        goClaim(claim),
        'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified',
      ),
    )
  if (given.length === 0)
    causes.push(
      invalid(
        path,
        goClaim(claim),
        'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
      ),
    )
  return [
    ...causes,
    ...given.flatMap((key) => formed(text(claim, key), dnsSubdomain, `${path}.${key}`)),
  ]
}

function goClaim(claim: JsonObject): Json {
  return asStruct({
    Name: text(claim, 'name'),
    ResourceClaimName: claim['resourceClaimName'] ?? null,
    ResourceClaimTemplateName: claim['resourceClaimTemplateName'] ?? null,
  })
}
