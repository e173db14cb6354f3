import { isObject, type Json, type JsonObject } from '../../object/index.ts'
import { objectsOf } from './matching.ts'
import {
  addedDetail,
  bad,
  badSeccomp,
  type Check,
  contextOf,
  isRelaxed,
  isWindows,
  many,
  named,
  objectAt,
  procMountDetail,
  quoted,
  seccompOf,
  setters,
  sorted,
  textAt,
  textsAt,
} from './pod-security-parts.ts'

const fewCapabilities: Check = (pod, minor) => {
  if (minor < 22 || (minor >= 25 && isWindows(pod))) return undefined
  const missing = bad(pod, (each) => {
    const own = objectAt(contextOf(each), 'capabilities')
    return !textsAt(own, 'drop').includes('ALL')
  })
  const details = [
    ...(missing.length > 0
      ? [`${named(missing)} must set securityContext.capabilities.drop=["ALL"]`]
      : []),
    addedDetail(pod, (name) => name === 'NET_BIND_SERVICE') ?? '',
  ].filter((each) => each !== '')
  if (details.length === 0) return undefined
  return { reason: 'unrestricted capabilities', detail: details.join('; ') }
}

const setSeccomp: Check = (pod, minor) => {
  if (minor < 19 || (minor >= 25 && isWindows(pod))) return undefined
  const explicit = badSeccomp(pod)
  if (explicit !== undefined) return explicit
  if (seccompOf(pod.spec) !== undefined) return undefined
  const containers = bad(pod, (each) => seccompOf(each) === undefined)
  if (containers.length === 0) return undefined
  return {
    reason: 'seccompProfile',
    detail: `pod or ${named(containers)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  }
}

const escalation: Check = (pod, minor) => {
  if (minor < 8 || (minor >= 25 && isWindows(pod))) return undefined
  const containers = bad(pod, (each) => contextOf(each)['allowPrivilegeEscalation'] !== false)
  if (containers.length === 0) return undefined
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${named(containers)} must set securityContext.allowPrivilegeEscalation=false`,
  }
}

const VOLUMES =
  'configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret'.split(
    ' ',
  )
const OTHER_VOLUMES =
  'hostPath gcePersistentDisk awsElasticBlockStore gitRepo nfs iscsi glusterfs rbd flexVolume cinder cephfs flocker fc azureFile vsphereVolume quobyte azureDisk photonPersistentDisk portworxVolume scaleIO storageos'.split(
    ' ',
  )

const volumeTypes: Check = ({ spec }) => {
  const has = (volume: JsonObject, kinds: readonly string[]): string | undefined =>
    kinds.find((kind) => isObject(volume[kind]))
  const volumes = objectsOf(spec['volumes']).filter((each) => has(each, VOLUMES) === undefined)
  if (volumes.length === 0) return undefined
  const kinds = sorted(volumes.map((each) => has(each, OTHER_VOLUMES) ?? 'unknown'))
  const names = volumes.map((each) => textAt(each, 'name'))
  const uses = many(names.length, 'uses', 'use')
  const what = many(kinds.length, 'restricted volume type')
  return {
    reason: 'restricted volume types',
    detail: `${many(names.length, 'volume')} ${quoted(names)} ${uses} ${what} ${quoted(kinds)}`,
  }
}

const nonRoot: Check = (pod, minor) => {
  if (isRelaxed(pod, minor)) return undefined
  const setOf = (part: JsonObject): Json | undefined => contextOf(part)['runAsNonRoot']
  const who = setters(
    setOf(pod.spec) === false,
    bad(pod, (each) => setOf(each) === false),
  )
  const reason = 'runAsNonRoot != true'
  if (who !== '')
    return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` }
  if (setOf(pod.spec) === true) return undefined
  const containers = bad(pod, (each) => setOf(each) === undefined)
  if (containers.length === 0) return undefined
  const detail = `pod or ${named(containers)} must set securityContext.runAsNonRoot=true`
  return { reason, detail }
}

const rootUser: Check = (pod, minor) => {
  if (minor < 23 || isRelaxed(pod, minor)) return undefined
  const is = (part: JsonObject): boolean => contextOf(part)['runAsUser'] === 0
  const who = setters(is(pod.spec), bad(pod, is))
  return who === ''
    ? undefined
    : { reason: 'runAsUser=0', detail: `${who} must not set runAsUser=0` }
}

/** The checks that the restricted level adds, by name. */
export const RESTRICTED: Readonly<Record<string, Check>> = {
  allowPrivilegeEscalation: escalation,
  capabilities_restricted: fewCapabilities,
  procMount_restricted: (pod, minor) => (minor >= 35 ? procMountDetail(pod) : undefined),
  restrictedVolumes: volumeTypes,
  runAsNonRoot: nonRoot,
  runAsUser: rootUser,
  seccompProfile_restricted: setSeccomp,
}
