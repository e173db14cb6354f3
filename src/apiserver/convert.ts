import type { JsonObject, KubeObject } from '../object/index.ts'
import { groupVersion, inVersion, type Kind } from './kind.ts'

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

/** An object in the version of a kind: as it was stored, or renamed where versions differ. */
export function converted(object: KubeObject, kind: Kind): KubeObject {
  return convertedTo(object, groupVersion(kind), kind)
}

/** An object in the version that its table is stored in. */
export function toStorage(object: KubeObject, kind: Kind): KubeObject {
  return convertedTo(object, kind.storedAs, kind)
}

function convertedTo(object: KubeObject, apiVersion: string, kind: Kind): KubeObject {
  if (object.apiVersion === apiVersion) return object
  if (kind.table === 'events') return convertedEvent(object, apiVersion)
  return inVersion(object, apiVersion)
}

function convertedEvent(event: KubeObject, apiVersion: string): KubeObject {
  const toCore = apiVersion === 'v1'
  const names = new Map(EVENT_FIELDS.map(([a, b]) => (toCore ? [b, a] : [a, b])))
  const out: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(event as unknown as JsonObject))
    out[names.get(key) ?? key] = value
  return { ...out, apiVersion } as unknown as KubeObject
}
