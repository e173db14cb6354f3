import { isObject, type Json, type JsonObject, sameJson } from '../../object/index.ts'
import {
  at,
  atMost100,
  type Check,
  countOf,
  formed,
  immutable,
  intOrPercent,
  isEmptySelector,
  items,
  labelSelector,
  nonNegative,
  number,
  selects,
  text,
} from './check.ts'
import { claimSpecCauses } from './check-config.ts'
import { podSpecCauses, templateCauses } from './check-pod.ts'
import { forbidden, invalid, notSupported, required } from './field-error.ts'
import { goStruct } from './go-struct.ts'
import { dnsLabel } from './names.ts'
import type { Cause } from './refusal.ts'
import { jsonDiff } from './unified-diff.ts'

function selectorCauses(spec: JsonObject, path: string, kind: string): Cause[] {
  const selector = spec['selector']
  if (!isObject(selector)) return [required(`${path}.selector`)]
  const causes = labelSelector(selector, `${path}.selector`)
  if (isEmptySelector(selector))
    causes.push(invalid(`${path}.selector`, selector, `empty selector is invalid for ${kind}`))
  return causes
}

/**
 * The labels of a template must be those that the selector asks for. No selector selects nothing;
 * one that can not be read (`undefined`) is for the caller to name.
 */
export function matchCauses(spec: JsonObject, path: string): Cause[] {
  const meta = at(at(spec, 'template'), 'metadata')
  const selector = spec['selector']
  const matches = isObject(selector) ? selects(selector, at(meta, 'labels')) : false
  if (matches !== false) return []
  const given = isObject(meta['labels']) ? meta['labels'] : null
  const words = '`selector` does not match template `labels`'
  return [invalid(`${path}.template.metadata.labels`, given, words)]
}

/** The template of what is selected; it is not looked at while its selector can not be read. */
function selectedTemplate(
  spec: JsonObject,
  path: string,
  unreadable: string,
  check: () => Cause[],
): Cause[] {
  const selector = spec['selector']
  if (isObject(selector) && labelSelector(selector, '').length > 0)
    return [invalid(`${path}.selector`, selector, unreadable)]
  return [...matchCauses(spec, path), ...check()]
}

function alwaysCauses(spec: JsonObject, path: string, kind: string): Cause[] {
  const pod = at(at(spec, 'template'), 'spec')
  const causes: Cause[] = []
  const policy = text(pod, 'restartPolicy')
  if (policy !== 'Always')
    causes.push(notSupported(`${path}.template.spec.restartPolicy`, policy, ['Always']))
  if (pod['activeDeadlineSeconds'] !== undefined)
    causes.push(
      forbidden(
        `${path}.template.spec.activeDeadlineSeconds`,
        `activeDeadlineSeconds in ${kind} is not Supported`,
      ),
    )
  return causes
}

/** Deployments. */
export const deploymentSpec: Check = (spec, path) => {
  const deadline = number(spec, 'progressDeadlineSeconds')
  const causes = [
    ...nonNegative(spec, path, 'replicas'),
    ...selectorCauses(spec, path, 'deployment'),
    ...replicaTemplate(spec, path),
    ...deploymentStrategy(at(spec, 'strategy'), `${path}.strategy`),
    ...nonNegative(
      spec,
      path,
      'minReadySeconds',
      'revisionHistoryLimit',
      'progressDeadlineSeconds',
    ),
  ]
  if (deadline !== undefined && deadline <= (number(spec, 'minReadySeconds') ?? 0))
    causes.push(
      invalid(`${path}.progressDeadlineSeconds`, deadline, 'must be greater than minReadySeconds'),
    )
  return causes
}

function deploymentStrategy(strategy: JsonObject, path: string): Cause[] {
  const type = text(strategy, 'type')
  const rolling = strategy['rollingUpdate']
  if (type === 'Recreate')
    return rolling === undefined
      ? []
      : [
          forbidden(
            `${path}.rollingUpdate`,
            "may not be specified when strategy `type` is 'Recreate'",
          ),
        ]
  if (type !== 'RollingUpdate')
    return [notSupported(path, goStrategy(strategy), ['Recreate', 'RollingUpdate'])]
  if (!isObject(rolling)) return []
  const place = `${path}.rollingUpdate`
  const { maxUnavailable, maxSurge } = rolling
  const causes = [
    ...intOrPercent(maxUnavailable, `${place}.maxUnavailable`),
    ...intOrPercent(maxSurge, `${place}.maxSurge`),
  ]
  if (countOf(maxUnavailable) === 0 && countOf(maxSurge) === 0)
    causes.push(
      invalid(`${place}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'),
    )
  return [...causes, ...atMost100(maxUnavailable, `${place}.maxUnavailable`)]
}

/** ReplicaSets. */
export const replicaSetSpec: Check = (spec, path) => [
  ...nonNegative(spec, path, 'replicas', 'minReadySeconds'),
  ...selectorCauses(spec, path, 'deployment'),
  ...replicaTemplate(spec, path),
]

function replicaTemplate(spec: JsonObject, path: string): Cause[] {
  return selectedTemplate(spec, path, 'invalid label selector', () => [
    ...templateCauses(at(spec, 'template'), `${path}.template`),
    ...alwaysCauses(spec, path, 'ReplicaSet'),
  ])
}

/** ReplicationControllers. */
export const replicationSpec: Check = (spec, path) => {
  const selector = at(spec, 'selector')
  const template = spec['template']
  const causes = nonNegative(spec, path, 'minReadySeconds', 'replicas')
  if (Object.keys(selector).length === 0) causes.push(required(`${path}.selector`))
  if (!isObject(template)) return [...causes, required(`${path}.template`)]
  const wanted = { ...spec, selector: { matchLabels: selector } }
  return [
    ...causes,
    ...(Object.keys(selector).length === 0 ? [] : matchCauses(wanted, path)),
    ...templateCauses(template, `${path}.template`),
    ...alwaysCauses(spec, path, 'ReplicationController'),
  ]
}

/** DaemonSets. */
export const daemonSetSpec: Check = (spec, path) => {
  const selector = at(spec, 'selector')
  const causes = [...labelSelector(selector, `${path}.selector`), ...matchCauses(spec, path)]
  if (isObject(spec['selector']) && isEmptySelector(selector))
    causes.push(invalid(`${path}.selector`, selector, 'empty selector is invalid for daemonset'))
  return [
    ...causes,
    ...templateCauses(at(spec, 'template'), `${path}.template`),
    ...alwaysCauses(spec, path, 'DaemonSet'),
    ...nonNegative(spec, path, 'minReadySeconds'),
    ...daemonSetStrategy(at(spec, 'updateStrategy'), `${path}.updateStrategy`),
    ...nonNegative(spec, path, 'revisionHistoryLimit'),
  ]
}

function daemonSetStrategy(strategy: JsonObject, path: string): Cause[] {
  const rolling = strategy['rollingUpdate']
  const type = text(strategy, 'type')
  const place = `${path}.rollingUpdate`
  if (type === 'OnDelete') return []
  if (type !== 'RollingUpdate')
    return [notSupported(path, goDaemons(strategy), ['RollingUpdate', 'OnDelete'])]
  if (!isObject(rolling)) return [required(place)]
  const { maxUnavailable, maxSurge } = rolling
  const causes = [
    ...intOrPercent(maxUnavailable, `${place}.maxUnavailable`),
    ...intOrPercent(maxSurge, `${place}.maxSurge`),
    ...atMost100(maxUnavailable, `${place}.maxUnavailable`),
    ...atMost100(maxSurge, `${place}.maxSurge`),
  ]
  const unavailable = countOf(maxUnavailable) !== 0
  const surge = countOf(maxSurge) !== 0
  if (unavailable && surge)
    causes.push(
      invalid(`${place}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'),
    )
  if (!unavailable && !surge)
    causes.push(required(`${place}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'))
  return causes
}

/** StatefulSets. */
export function statefulSetSpec(spec: JsonObject, path: string, isUpdate: boolean): Cause[] {
  const policy = text(spec, 'podManagementPolicy')
  const causes: Cause[] = []
  if (!['OrderedReady', 'Parallel'].includes(policy))
    causes.push(
      invalid(`${path}.podManagementPolicy`, policy, "must be 'OrderedReady' or 'Parallel'"),
    )
  causes.push(...statefulSetStrategy(at(spec, 'updateStrategy'), `${path}.updateStrategy`))
  if (!isUpdate)
    for (const [i, claim] of items(spec, 'volumeClaimTemplates').entries())
      causes.push(...claimSpecCauses(at(claim, 'spec'), `${path}.volumeClaimTemplates[${i}].spec`))
  const service = text(spec, 'serviceName')
  if (!isUpdate && service !== '') causes.push(...formed(service, dnsLabel, `${path}.serviceName`))
  const retention = at(spec, 'persistentVolumeClaimRetentionPolicy')
  for (const key of ['whenDeleted', 'whenScaled']) {
    const place = `${path}.persistentVolumeClaimRetentionPolicy.${key}`
    const value = text(retention, key)
    if (value !== '' && value !== 'Retain' && value !== 'Delete')
      causes.push(notSupported(place, value, ['Retain', 'Delete']))
  }
  return [
    ...causes,
    ...nonNegative(at(spec, 'ordinals'), `${path}.ordinals`, 'start'),
    ...nonNegative(spec, path, 'replicas', 'minReadySeconds'),
    ...selectorCauses(spec, path, 'statefulset'),
    ...selectedTemplate(spec, path, '', () => statefulTemplate(spec, path)),
    ...alwaysCauses(spec, path, 'StatefulSet'),
  ]
}

/** The claims' volumes are there, though the template does not say so. */
function statefulTemplate(spec: JsonObject, path: string): Cause[] {
  const template = at(spec, 'template')
  const pod = at(template, 'spec')
  const claims = items(spec, 'volumeClaimTemplates').map((claim) =>
    text(at(claim, 'metadata'), 'name'),
  )
  const volumes = [
    ...claims.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
    ...items(pod, 'volumes').filter((volume) => !claims.includes(text(volume, 'name'))),
  ]
  const { subdomain: _s, hostname: _h, ...rest } = pod
  return templateCauses({ ...template, spec: { ...rest, volumes } }, `${path}.template`)
}

function statefulSetStrategy(strategy: JsonObject, path: string): Cause[] {
  const type = text(strategy, 'type')
  const rolling = strategy['rollingUpdate']
  if (type === 'OnDelete')
    return rolling === undefined
      ? []
      : [
          invalid(
            `${path}.rollingUpdate`,
            goPartition(rolling),
            "only allowed for updateStrategy 'RollingUpdate'",
          ),
        ]
  if (type !== 'RollingUpdate')
    return [invalid(path, goUpdate(strategy), "must be 'RollingUpdate' or 'OnDelete'")]
  return isObject(rolling) ? nonNegative(rolling, `${path}.rollingUpdate`, 'partition') : []
}

const CHANGEABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
]

/** What may not be changed of a StatefulSet. */
export function statefulSetUpdate(next: JsonObject, old: JsonObject): Cause[] {
  const fixed = (spec: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(spec).filter(([key]) => !CHANGEABLE.includes(key)))
  if (sameJson(fixed(next), fixed(old))) return []
  return [
    forbidden(
      'spec',
      "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ),
  ]
}

/** A selector that may not be changed. */
export function fixedSelector(next: JsonObject, old: JsonObject): Cause[] {
  return immutable(next['selector'], old['selector'], 'spec.selector')
}

const UPDATABLE =
  '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

/** Pods: the images may be changed, and little else. */
export function podUpdate(next: JsonObject, old: JsonObject): Cause[] {
  const count = (spec: JsonObject, key: string): number => items(spec, key).length
  for (const key of ['containers', 'initContainers'])
    if (count(next, key) !== count(old, key))
      return [forbidden(`spec.${key}`, 'pod updates may not add or remove containers')]
  const munged = mungedPod(next, old)
  if (sameJson(munged, old)) return []
  const diff = jsonDiff(goStruct('PodSpec', old), goStruct('PodSpec', munged))
  return [forbidden('spec', `pod updates may not change fields other than ${UPDATABLE}\n${diff}`)]
}

/** The next spec with what may be changed taken from the old one. */
function mungedPod(next: JsonObject, old: JsonObject): JsonObject {
  const munged: Record<string, Json> = { ...next } as Record<string, Json>
  for (const key of ['containers', 'initContainers']) {
    const before = items(old, key)
    if (next[key] === undefined) continue
    munged[key] = items(next, key).map((each, i) => {
      const { image: _, ...rest } = each
      const image = before[i]?.['image']
      return (image === undefined ? rest : { ...each, image }) as Json
    })
  }
  for (const key of ['activeDeadlineSeconds', 'tolerations', 'schedulingGates']) {
    const value = old[key]
    if (value === undefined) delete munged[key]
    else munged[key] = value
  }
  const before = old['terminationGracePeriodSeconds']
  const isMended = Number(before) < 0 && next['terminationGracePeriodSeconds'] === 1
  return isMended ? { ...munged, terminationGracePeriodSeconds: before ?? null } : munged
}

/** Pods. */
export const podSpec: Check = (spec, path) => podSpecCauses(spec, path)

/** The strategy of a DaemonSet as Go prints its own struct. */
function goDaemons(strategy: JsonObject): Json {
  const rolling = strategy['rollingUpdate']
  const counts = (of: JsonObject): Json => ({
    MaxUnavailable: of['maxUnavailable'] ?? 0,
    MaxSurge: of['maxSurge'] ?? 0,
  })
  return { Type: text(strategy, 'type'), RollingUpdate: isObject(rolling) ? counts(rolling) : null }
}

/** A strategy as Go prints its own struct. */
function goStrategy(strategy: JsonObject): Json {
  const rolling = strategy['rollingUpdate']
  return {
    Type: text(strategy, 'type'),
    RollingUpdate: isObject(rolling)
      ? {
          MaxUnavailable: rolling['maxUnavailable'] ?? null,
          MaxSurge: rolling['maxSurge'] ?? null,
        }
      : null,
  }
}

function goPartition(rolling: Json | undefined): Json {
  if (!isObject(rolling)) return null
  return {
    Partition: rolling['partition'] ?? 0,
    MaxUnavailable: rolling['maxUnavailable'] ?? null,
  }
}

/** The strategy of a StatefulSet as Go prints its own struct. */
function goUpdate(strategy: JsonObject): Json {
  const rolling = strategy['rollingUpdate']
  return {
    Type: text(strategy, 'type'),
    RollingUpdate: isObject(rolling) ? goPartition(rolling) : null,
  }
}
