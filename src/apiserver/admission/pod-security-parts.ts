import { compareText } from '../../base/index.ts'
import { isArray, isObject, type JsonObject } from '../../object/index.ts'
import { objectsOf } from './matching.ts'

/** What a pod is against, and where. */
export interface Violation {
  readonly reason: string
  readonly detail: string
}

/** A pod, or the template of one. */
export interface PodParts {
  readonly annotations: JsonObject
  readonly spec: JsonObject
}

/** One check; `minor` is the version of Kubernetes 1.x whose rules hold. */
export type Check = (pod: PodParts, minor: number) => Violation | undefined

/** The object under a key; `{}` when there is none. */
export function objectAt(value: JsonObject | undefined, key: string): JsonObject {
  const found = value?.[key]
  return isObject(found) ? found : {}
}

/** The text under a key; `''` when there is none. */
export function textAt(value: JsonObject, key: string): string {
  const found = value[key]
  return typeof found === 'string' ? found : ''
}

/** The texts of a list under a key. */
export function textsAt(value: JsonObject, key: string): readonly string[] {
  const found = value[key]
  return isArray(found) ? found.map(String) : []
}

/** All containers of a pod. */
export function containersOf({ spec }: PodParts): readonly JsonObject[] {
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((key) =>
    objectsOf(spec[key]),
  )
}

/** The security context of a pod or container. */
export function contextOf(part: JsonObject): JsonObject {
  return objectAt(part, 'securityContext')
}

/** Names in quotation marks. */
export function quoted(items: readonly string[]): string {
  return items.map((each) => `"${each}"`).join(', ')
}

/** Each name once, in order. */
export function sorted(items: Iterable<string>): string[] {
  return [...new Set(items)].sort(compareText)
}

/** One or several, in words. */
export function many(count: number, one: string, more = `${one}s`): string {
  return count === 1 ? one : more
}

/** Containers by name. */
export function named(containers: readonly string[]): string {
  return `${many(containers.length, 'container')} ${quoted(containers)}`
}

/** Who sets something that is not allowed: the pod, or containers by name. */
export function setters(isPod: boolean, containers: readonly string[]): string {
  return [...(isPod ? ['pod'] : []), ...(containers.length > 0 ? [named(containers)] : [])].join(
    ' and ',
  )
}

/** Names of the containers that something holds of. */
export function bad(pod: PodParts, is: (container: JsonObject) => boolean): string[] {
  return containersOf(pod)
    .filter(is)
    .map((each) => textAt(each, 'name'))
}

/** Whether a pod is for Windows. */
export function isWindows({ spec }: PodParts): boolean {
  return objectAt(spec, 'os')['name'] === 'windows'
}

/** Pods with users of their own may do more with them. */
export function isRelaxed({ spec }: PodParts, minor: number): boolean {
  return minor >= 35 && spec['hostUsers'] === false
}

function added(container: JsonObject, isAllowed: (name: string) => boolean): string[] {
  const capabilities = objectAt(contextOf(container), 'capabilities')
  return textsAt(capabilities, 'add').filter((name) => !isAllowed(name))
}

/** Capabilities that containers add and may not. */
export function addedDetail(
  pod: PodParts,
  isAllowed: (name: string) => boolean,
): string | undefined {
  const containers = bad(pod, (each) => added(each, isAllowed).length > 0)
  if (containers.length === 0) return undefined
  const names = sorted(containersOf(pod).flatMap((each) => added(each, isAllowed)))
  return `${named(containers)} must not include ${quoted(names)} in securityContext.capabilities.add`
}

/** Mounts of /proc that are not the usual ones. */
export function procMountDetail(pod: PodParts): Violation | undefined {
  const typeOf = (container: JsonObject): string => {
    const type = textAt(contextOf(container), 'procMount')
    return type === 'Default' ? '' : type
  }
  const containers = bad(pod, (each) => typeOf(each) !== '')
  if (containers.length === 0) return undefined
  const types = sorted(containersOf(pod).map(typeOf)).filter((each) => each !== '')
  const detail = `${named(containers)} must not set securityContext.procMount to ${quoted(types)}`
  return { reason: 'procMount', detail }
}

/** The type of a seccomp profile; undefined where none is set. */
export function seccompOf(part: JsonObject): string | undefined {
  const profile = contextOf(part)['seccompProfile']
  return isObject(profile) ? textAt(profile, 'type') : undefined
}

function isBadSeccomp(type: string | undefined): type is string {
  return type !== undefined && type !== 'Localhost' && type !== 'RuntimeDefault'
}

/** Seccomp profiles that are not allowed. */
export function badSeccomp(pod: PodParts): Violation | undefined {
  const own = seccompOf(pod.spec)
  const containers = bad(pod, (each) => isBadSeccomp(seccompOf(each)))
  const who = setters(isBadSeccomp(own), containers)
  if (who === '') return undefined
  const types = sorted([own, ...containersOf(pod).map(seccompOf)].filter(isBadSeccomp))
  const detail = `${who} must not set securityContext.seccompProfile.type to ${quoted(types)}`
  return { reason: 'seccompProfile', detail }
}
