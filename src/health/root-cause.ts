import {
  fieldAt,
  idOf,
  idText,
  isArray,
  isObject,
  type JsonObject,
  type KubeObject,
  stringAt,
} from '../object/index.ts'
import { conditionsOf } from './status.ts'

/** What lies around an object that is not well. */
export interface CauseContext {
  /** Everything that it owns, directly or not: ReplicaSets, Pods, Jobs … */
  readonly children: readonly KubeObject[]
  /** core/v1 Events about it or its children. */
  readonly events: readonly KubeObject[]
}

/** Longest cause, so that a message stays one that can be read. */
const MAX_LENGTH = 512

/** Conditions whose truth is a fault, and those whose falsehood is one. */
const BAD_WHEN_TRUE = new Set(['Failed', 'ReplicaFailure', 'Stalled', 'FailureTarget'])
const BAD_WHEN_FALSE = new Set(['Ready', 'Available', 'Progressing', 'PodScheduled', 'Established'])

/**
 * Why an object is not well, in one line: the deepest child that says why (a container's waiting
 * reason, a Pod that fits on no node, a condition), else the last Warning about any of them.
 * Undefined when nothing tells.
 */
export function rootCause(object: KubeObject, context: CauseContext): string | undefined {
  const pods = context.children.filter((child) => child.kind === 'Pod')
  const others = context.children.filter((child) => child.kind !== 'Pod')
  const cause =
    first(pods, podCause) ??
    first(others, conditionCause) ??
    lastWarning([object, ...context.children], context.events) ??
    conditionCause(object)
  return cause === undefined ? undefined : oneLine(cause)
}

function first(
  objects: readonly KubeObject[],
  find: (object: KubeObject) => string | undefined,
): string | undefined {
  for (const object of objects) {
    const found = find(object)
    if (found !== undefined) return found
  }
  return undefined
}

/** A container that waits or died tells more than a condition. */
function podCause(pod: KubeObject): string | undefined {
  if ((pod.metadata.deletionTimestamp ?? '') !== '') return undefined
  const name = `pod ${pod.metadata.name ?? ''}`
  for (const list of ['initContainerStatuses', 'containerStatuses']) {
    const statuses = fieldAt(pod, 'status', list)
    if (!isArray(statuses)) continue
    for (const status of statuses.filter(isObject)) {
      const found = containerCause(status)
      if (found !== undefined)
        return `${name}: container ${stringAt(status, 'name') ?? ''}: ${found}`
    }
  }
  for (const condition of conditionsOf(pod)) {
    if (condition.type === 'PodScheduled' && condition.status === 'False')
      return `${name}: ${words(condition.reason, condition.message)}`
  }
  return undefined
}

function containerCause(status: JsonObject): string | undefined {
  const reason = stringAt(status, 'state', 'waiting', 'reason')
  if (reason !== undefined && reason !== 'ContainerCreating' && reason !== 'PodInitializing') {
    const last = stringAt(status, 'lastState', 'terminated', 'reason')
    const message = stringAt(status, 'state', 'waiting', 'message') ?? ''
    return words(last === undefined ? reason : `${reason} (last: ${last})`, message)
  }
  const ended = stringAt(status, 'state', 'terminated', 'reason')
  if (ended === undefined || ended === 'Completed') return undefined
  return words(ended, stringAt(status, 'state', 'terminated', 'message') ?? '')
}

function conditionCause(object: KubeObject): string | undefined {
  for (const { type, status, reason, message } of conditionsOf(object)) {
    const bad =
      (status === 'True' && BAD_WHEN_TRUE.has(type)) ||
      (status === 'False' && BAD_WHEN_FALSE.has(type))
    if (bad && message !== '') return `${idText(idOf(object))}: ${words(reason, message)}`
  }
  return undefined
}

function lastWarning(
  objects: readonly KubeObject[],
  events: readonly KubeObject[],
): string | undefined {
  const names = new Set(objects.map((object) => `${object.kind}/${object.metadata.name ?? ''}`))
  const about = events.filter(
    (event) =>
      event['type'] === 'Warning' &&
      names.has(
        `${text(event, 'involvedObject', 'kind')}/${text(event, 'involvedObject', 'name')}`,
      ),
  )
  const last = about.toSorted((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1))[0]
  if (last === undefined) return undefined
  const kind = text(last, 'involvedObject', 'kind').toLowerCase()
  const name = text(last, 'involvedObject', 'name')
  return `${kind} ${name}: ${words(text(last, 'reason'), text(last, 'message'))}`
}

function timeOf(event: KubeObject): string {
  return (
    text(event, 'series', 'lastObservedTime') ||
    text(event, 'lastTimestamp') ||
    text(event, 'eventTime') ||
    (event.metadata.creationTimestamp ?? '')
  )
}

function text(object: KubeObject, ...path: readonly string[]): string {
  return stringAt(object as unknown as JsonObject, ...path) ?? ''
}

function words(reason: string, message: string): string {
  if (reason === '') return message
  return message === '' ? reason : `${reason}: ${message}`
}

function oneLine(line: string): string {
  const flat = line.replaceAll(/\s+/g, ' ').trim()
  return flat.length > MAX_LENGTH ? `${flat.slice(0, MAX_LENGTH - 3)}...` : flat
}
