import { type JsonObject, sameJson } from '../../object/index.ts'
import { at, formed, immutable, isZeroTime, number, text } from './check.ts'
import { invalid, required } from './field-error.ts'
import { dnsSubdomain, qualifiedName } from './names.ts'
import type { Cause } from './refusal.ts'

/**
 * Events, of the core group and of their own: one kind, whose fields have other names there.
 * @see k8s.io/kubernetes pkg/apis/core/validation/events.go (v1.36.3)
 */

const LONGEST = 128
const LONGEST_MESSAGE = 1024

interface Read {
  readonly about: JsonObject
  readonly controller: string
  readonly controllerField: string
  readonly message: string
}

/** An event of the core group. */
export function coreEvent(object: JsonObject): Cause[] {
  return common(object, {
    about: at(object, 'involvedObject'),
    controller: text(object, 'reportingComponent'),
    controllerField: 'reportingComponent',
    message: text(object, 'message'),
  })
}

function common(object: JsonObject, read: Read): Cause[] {
  const namespace = text(at(object, 'metadata'), 'namespace')
  const causes = isZeroTime(object['eventTime'])
    ? placed(namespace, read.about)
    : reported(object, namespace, read)
  return [...causes, ...formed(namespace, dnsSubdomain, 'namespace')]
}

function placed(namespace: string, about: JsonObject): Cause[] {
  const there = text(about, 'namespace')
  const fits = there === '' ? ['', 'default'].includes(namespace) : namespace === there
  return fits ? [] : [elsewhere(there)]
}

function elsewhere(namespace: string): Cause {
  return invalid('involvedObject.namespace', namespace, 'does not match event.namespace')
}

function reported(object: JsonObject, namespace: string, read: Read): Cause[] {
  const causes: Cause[] = []
  const there = text(read.about, 'namespace')
  if (there === '' && !['default', 'kube-system'].includes(namespace)) causes.push(elsewhere(there))
  const { controller, controllerField } = read
  if (controller === '') causes.push(required(controllerField))
  causes.push(...formed(controller, qualifiedName, controllerField))
  causes.push(
    ...sized(text(object, 'reportingInstance'), 'reportingInstance', LONGEST),
    ...sized(text(object, 'action'), 'action', LONGEST),
    ...sized(text(object, 'reason'), 'reason', LONGEST),
  )
  if (Buffer.byteLength(read.message) > LONGEST_MESSAGE)
    causes.push(invalid('message', '', `can have at most ${LONGEST_MESSAGE} characters`))
  return causes
}

function sized(value: string, path: string, max: number): Cause[] {
  if (value === '') return [required(path)]
  return Buffer.byteLength(value) > max
    ? [invalid(path, '', `can have at most ${max} characters`)]
    : []
}

function ofGroup(object: JsonObject): Cause[] {
  return common(object, {
    about: at(object, 'regarding'),
    controller: text(object, 'reportingController'),
    controllerField: 'reportingController',
    message: text(object, 'note'),
  })
}

/** A new event of its own group, of which more is asked. */
export function event(object: JsonObject): Cause[] {
  const causes = [...ofGroup(object), ...series(object)]
  if (isZeroTime(object['eventTime'])) causes.push(required('eventTime'))
  const type = text(object, 'type')
  if (type !== 'Normal' && type !== 'Warning')
    causes.push(invalid('type', '', `has invalid value: ${type}`))
  const unset = 'needs to be unset'
  for (const [key, path] of [
    ['deprecatedFirstTimestamp', 'firstTimestamp'],
    ['deprecatedLastTimestamp', 'lastTimestamp'],
  ] as const)
    if (!isZeroTime(object[key])) causes.push(invalid(path, '', unset))
  if ((number(object, 'deprecatedCount') ?? 0) !== 0) causes.push(invalid('count', '', unset))
  const source = at(object, 'deprecatedSource')
  if (text(source, 'component') !== '' || text(source, 'host') !== '')
    causes.push(invalid('source', '', unset))
  return causes
}

function series(object: JsonObject): Cause[] {
  if (object['series'] === undefined) return []
  const found = at(object, 'series')
  return [
    ...((number(found, 'count') ?? 0) < 2
      ? [invalid('series.count', '', 'should be at least 2')]
      : []),
    ...(isZeroTime(found['lastObservedTime']) ? [required('series.lastObservedTime')] : []),
  ]
}

const FIXED = [
  ['regarding', 'involvedObject'],
  ['reason', 'reason'],
  ['note', 'message'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
  ['reason', 'reason'],
  ['type', 'type'],
  ['eventTime', 'eventTime'],
  ['action', 'action'],
  ['related', 'related'],
  ['reportingController', 'reportingController'],
  ['reportingInstance', 'reportingInstance'],
] as const

/** What has happened does not change; only how often. */
export function eventUpdate(next: JsonObject, old: JsonObject): Cause[] {
  return [
    ...(sameJson(next['series'], old['series']) ? [] : series(next)),
    ...FIXED.flatMap(([key, path]) => immutable(next[key], old[key], path)),
  ]
}
