import type { JsonObject, KubeObject } from '../../object/index.ts'
import { groupVersion, inVersion, type Kind } from '../kind.ts'
import { StatusFault } from '../status.ts'
import { listedCustom, rawCustom, readCustom, storedCustom } from './custom.ts'
import { hpaToV1, hpaToV2 } from './hpa.ts'

export { listedAll } from './custom.ts'
export { converting, resuming, type Soon, Unconverted } from './run.ts'

/** Names of fields of an Event: in `v1`, and in `events.k8s.io/v1`. */
const EVENT_FIELDS: readonly (readonly [core: string, events: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['source', 'deprecatedSource'],
  ['reportingComponent', 'reportingController'],
]

/**
 * An object in the version of a kind: as it was stored, or renamed where versions differ, or as the
 * webhook of its definition converts it.
 * @throws Unconverted where that has to be asked; {@link converting} asks it
 */
export function converted(object: KubeObject, kind: Kind): KubeObject {
  return kind.custom === undefined
    ? convertedTo(object, groupVersion(kind), kind)
    : readCustom(object, kind, kind.custom)
}

/** The same in a list or a watch, which ask webhooks once about an object. */
export function listed(object: KubeObject, kind: Kind): KubeObject {
  return kind.custom === undefined
    ? convertedTo(object, groupVersion(kind), kind)
    : listedCustom(object, kind, kind.custom)
}

/**
 * An object in the version of a kind as admission and owners of fields see it: what the schema of the
 * version does not know is still there.
 * @throws Unconverted
 */
export function restated(object: KubeObject, kind: Kind, apiVersion: string): KubeObject {
  return kind.custom === undefined
    ? convertedTo(object, apiVersion, kind)
    : rawCustom(object, apiVersion, kind.custom)
}

/**
 * How what is about to be stored will be read: webhooks are asked before it is stored. What they refuse
 * is told after it.
 */
export function readBack(saved: KubeObject, kind: Kind): (stored: KubeObject) => KubeObject {
  if (kind.custom?.conversion === undefined) return (stored) => converted(stored, kind)
  let read: KubeObject
  try {
    read = converted(unstored(saved), kind)
  } catch (error) {
    if (!(error instanceof StatusFault)) throw error
    return () => {
      throw error
    }
  }
  return (stored) => withRevisionOf(read, stored)
}

/** What a trial answers, which goes through the form of the storage, too. */
export function asTried(prepared: KubeObject, kind: Kind): KubeObject {
  if (kind.custom?.versionsDiffer !== true) return prepared
  const saved = unstored(toStorage(prepared, kind))
  return readBack(saved, kind)(saved)
}

/** The place of a revision that nobody has given yet is not shown. */
function unstored(saved: KubeObject): KubeObject {
  if (saved.metadata.resourceVersion !== '') return saved
  const { resourceVersion: _, ...metadata } = saved.metadata
  return { ...saved, metadata }
}

function withRevisionOf(object: KubeObject, { metadata }: KubeObject): KubeObject {
  const { resourceVersion } = metadata
  if (resourceVersion === undefined) return object
  return { ...object, metadata: { ...object.metadata, resourceVersion } }
}

/** An object in the version that its table is stored in. */
export function toStorage(object: KubeObject, kind: Kind): KubeObject {
  return kind.custom === undefined
    ? convertedTo(object, kind.storedAs, kind)
    : storedCustom(object, kind, kind.custom)
}

function convertedTo(object: KubeObject, apiVersion: string, kind: Kind): KubeObject {
  if (object.apiVersion === apiVersion) return object
  if (kind.table === 'events') return convertedEvent(object, apiVersion)
  if (kind.table === 'horizontalpodautoscalers.autoscaling')
    return apiVersion === 'autoscaling/v1' ? hpaToV1(object) : hpaToV2(object)
  return inVersion(object, apiVersion)
}

function convertedEvent(event: KubeObject, apiVersion: string): KubeObject {
  const toCore = apiVersion === 'v1'
  const names = new Map(EVENT_FIELDS.map(([a, b]) => (toCore ? [b, a] : [a, b])))
  const out: Record<string, unknown> = {}
  // `v1` writes empty texts that `events.k8s.io/v1` leaves out.
  for (const [key, value] of Object.entries(event as unknown as JsonObject))
    if (toCore || value !== '') out[names.get(key) ?? key] = value
  if (toCore) for (const key of ['reportingComponent', 'reportingInstance']) out[key] ??= ''
  return { ...out, apiVersion } as unknown as KubeObject
}
