import { createHash } from 'node:crypto'
import {
  type Clock,
  type Log,
  type MetricDefinition,
  type Metrics,
  messageOf,
  rfc3339,
} from '../base/index.ts'
import { type Cluster, isApiFault, type KubeObject } from '../object/index.ts'
import { cutText } from '../plan/index.ts'
import { createOutbox, type Outbox } from './outbox.ts'

/** Something that has happened to an object. */
export interface EventRecord {
  /** The object that it happened to, as it was last seen: its annotations are read. */
  readonly involved: KubeObject
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  /** Full keys with their prefix, `kustomize.toolkit.fluxcd.io/revision`. */
  readonly metadata?: Readonly<Record<string, string>>
  /** Written to the cluster, but not sent on: Flux's trace events. */
  readonly isTrace?: boolean
}

/** Takes events. Never throws, never waits: an event that gets lost must not fail a run. */
export interface Events {
  emit(event: EventRecord): void
  /** Resolves when all that was emitted is written or given up, or after a moment. */
  flush(): Promise<void>
}

/** An event as Flux's notification-controller takes it (`event.toolkit.fluxcd.io/v1beta1`). */
export interface EventPayload {
  readonly involvedObject: Readonly<Record<string, string>>
  readonly severity: 'info' | 'error'
  readonly timestamp: string
  readonly message: string
  readonly reason: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly reportingController: string
  readonly reportingInstance: string
}

/** What a recorder needs. */
export interface EventsDeps {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly log: Log
  /** Absent: what is dropped is not counted. */
  readonly metrics?: Metrics
  /** `kustomize-controller`, `source-controller`. */
  readonly component: string
  /** The host name. */
  readonly instance: string
  /** Sends an event to `--events-addr`; absent without the flag. */
  readonly post?: (payload: EventPayload) => Promise<void>
}

const MESSAGE_BYTES_MAX = 39_000
/** The API server refuses longer ones. */
const NOTE_BYTES_MAX = 1024 * 63
const REMEMBERED_MAX = 4096
/** Events that wait; a cluster or an address that takes none must not eat the memory. */
const WAITING_MAX = 10_000
const POSTS_WAITING_MAX = 1_000
const WRITES_PARALLEL = 8
const POSTS_PARALLEL = 4
/** How long the end of the process waits for events. */
const FLUSH_MS = 5_000
const DROPPED: MetricDefinition = {
  name: 'tidegate_events_dropped_total',
  help: 'Events that were dropped because too many were waiting, by where they were to go.',
  type: 'counter',
  labels: ['controller', 'target'],
}
/** Events of one object that are written at once, and how long until there may be one more. */
const BURST = 25
const REFILL_MS = 300_000
const OBJECT_PREFIX = 'event.toolkit.fluxcd.io/'

interface Remembered {
  readonly name: string
  readonly namespace: string
  count: number
}

/** How many more events an object may have written. */
interface Allowance {
  left: number
  atMs: number
}

/** Says whether one more event of an object is written: who is asked again and again fills no store. */
function allowing(clock: Clock): (object: string) => boolean {
  const allowances = new Map<string, Allowance>()
  return (object) => {
    const nowMs = clock.now()
    const known = allowances.get(object) ?? { left: BURST, atMs: nowMs }
    const left = Math.min(BURST, known.left + (nowMs - known.atMs) / REFILL_MS)
    allowances.delete(object)
    allowances.set(object, { left: left >= 1 ? left - 1 : left, atMs: nowMs })
    const oldest = allowances.keys().next().value
    if (allowances.size > REMEMBERED_MAX && oldest !== undefined) allowances.delete(oldest)
    return left >= 1
  }
}

/**
 * Records events as core/v1 Events and sends them on. An event that repeats is counted up in place,
 * and of one object there are 25 at once and then one in five minutes, as client-go's recorder does it;
 * what is sent on is not bounded so.
 * @see k8s.io/client-go/tools/record and fluxcd/pkg/runtime/events/recorder.go
 */
export function createEvents(deps: EventsDeps): Events {
  const remembered = new Map<string, Remembered>()
  const writes = outbox(deps, 'cluster', { most: WAITING_MAX, parallel: WRITES_PARALLEL })
  const posts = outbox(deps, 'address', { most: POSTS_WAITING_MAX, parallel: POSTS_PARALLEL })
  const isAllowed = allowing(deps.clock)
  let serial = 0

  const write = async (event: EventRecord, annotations: Record<string, string>): Promise<void> => {
    const key = eventKey(event)
    const known = remembered.get(key)
    const lastTimestamp = rfc3339(deps.clock.now())
    if (known !== undefined) {
      known.count += 1
      try {
        await deps.cluster.patch(
          { group: '', version: 'v1', kind: 'Event', ...known },
          { type: 'merge', value: { count: known.count, lastTimestamp } },
        )
        return
      } catch (error) {
        if (!isApiFault(error, 'NOT_FOUND')) throw error
      }
    }
    serial += 1
    const name = `${event.involved.metadata.name ?? ''}.${stamp(deps.clock.now(), serial)}`
    const object = coreEvent(event, annotations, { name, at: lastTimestamp, deps })
    await deps.cluster.create(object)
    remembered.set(key, { name, namespace: object.metadata.namespace ?? '', count: 1 })
    const oldest = remembered.keys().next().value
    if (remembered.size > REMEMBERED_MAX && oldest !== undefined) remembered.delete(oldest)
  }

  return {
    emit: (event) => {
      const annotations = { ...objectMetadata(event.involved), ...event.metadata }
      const lane = event.involved.metadata.uid ?? ''
      const guarded = async (what: string, send: () => Promise<void>): Promise<void> => {
        try {
          await send()
        } catch (error) {
          deps.log.error(what, { error: messageOf(error) })
        }
      }
      if (isAllowed(lane))
        writes.put(lane, () => guarded('unable to record event', () => write(event, annotations)))
      const { post } = deps
      if (post === undefined || event.isTrace) return
      const payload = payloadOf(event, annotations, deps)
      posts.put(lane, () => guarded('unable to post event', () => post(payload)))
    },
    flush: async () => {
      await Promise.all([writes, posts].map((each) => each.flush(deps.clock, FLUSH_MS)))
    },
  }
}

function outbox(
  deps: EventsDeps,
  target: string,
  bounds: { readonly most: number; readonly parallel: number },
): Outbox {
  let dropped = 0
  return createOutbox({
    ...bounds,
    onDrop: () => {
      dropped += 1
      deps.metrics?.add(DROPPED, { controller: deps.component, target })
      // The first, and then ever fewer: the log must not be what eats the disk.
      if (Number.isInteger(Math.log10(dropped)))
        deps.log.error('events are dropped: too many are waiting', { target, dropped })
    },
  })
}

function objectMetadata(object: KubeObject): Record<string, string> {
  const entries = Object.entries(object.metadata.annotations ?? {})
  return Object.fromEntries(entries.filter(([key]) => key.startsWith(OBJECT_PREFIX)))
}

/** Nanoseconds since the epoch in hex, made unique: the form of client-go's event names. */
function stamp(nowMs: number, serial: number): string {
  return (BigInt(Math.floor(nowMs)) * 1_000_000n + BigInt(serial % 1_000_000)).toString(16)
}

/** As client-go has it: the annotations of the first of equal events stay. */
function eventKey(event: EventRecord): string {
  const { involved, type, reason, message } = event
  const parts = [involved.metadata.uid, involved.kind, type, reason, message]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

function coreEvent(
  event: EventRecord,
  annotations: Record<string, string>,
  made: { readonly name: string; readonly at: string; readonly deps: EventsDeps },
): KubeObject {
  const namespace = event.involved.metadata.namespace ?? 'default'
  const hasAnnotations = Object.keys(annotations).length > 0
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: made.name, namespace, ...(hasAnnotations ? { annotations } : {}) },
    involvedObject: reference(event.involved),
    type: event.type,
    reason: event.reason,
    message: cutText(event.message, NOTE_BYTES_MAX),
    count: 1,
    firstTimestamp: made.at,
    lastTimestamp: made.at,
    source: { component: made.deps.component },
    reportingComponent: made.deps.component,
    reportingInstance: '',
  }
}

function reference(object: KubeObject): Record<string, string> {
  const { name = '', namespace = '', uid = '', resourceVersion = '' } = object.metadata
  const { apiVersion, kind } = object
  return { kind, namespace, name, uid, apiVersion, resourceVersion }
}

function payloadOf(
  event: EventRecord,
  metadata: Record<string, string>,
  deps: EventsDeps,
): EventPayload {
  return {
    involvedObject: reference(event.involved),
    severity: event.type === 'Warning' ? 'error' : 'info',
    timestamp: rfc3339(deps.clock.now()),
    message: cutText(event.message, MESSAGE_BYTES_MAX),
    reason: event.reason,
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
    reportingController: deps.component,
    reportingInstance: deps.instance,
  }
}
