import { type JsonObject, type KubeObject, sameJson } from '../../object/index.ts'
import { type CustomKind, groupVersion, inVersion, type Kind } from '../kind.ts'
import { compileStructural, type StructuralSchema } from '../structural/index.ts'
import { hpaToV1, hpaToV2 } from './hpa.ts'

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
  const read = kind.custom === undefined ? object : readAgain(object, kind.custom)
  return convertedTo(read, groupVersion(kind), kind)
}

const again = new WeakMap<CustomKind, WeakMap<KubeObject, KubeObject>>()
const schemas = new WeakMap<JsonObject, StructuralSchema>()

/**
 * A custom object as its storage gives it: by the schema of the version that it is stored in, without
 * what that does not know and with its defaults. Objects that were written by that very schema are so.
 */
function readAgain(object: KubeObject, custom: CustomKind): KubeObject {
  const isNewer = Number(object.metadata.resourceVersion) > custom.revision
  const source = custom.storageSchema ?? custom.schema
  if ((isNewer && custom.storageSchema === undefined) || source === undefined) return object
  if (custom.preserveUnknownFields) return object
  const known = again.get(custom) ?? new WeakMap<KubeObject, KubeObject>()
  again.set(custom, known)
  const before = known.get(object)
  if (before !== undefined) return before
  const schema = schemas.get(source) ?? compileStructural(source)
  schemas.set(source, schema)
  const next = schema.applyDefaults(schema.prune(object).object)
  const read = sameJson(next as never, object as never) ? object : next
  known.set(object, read)
  return read
}

/** An object in the version that its table is stored in. */
export function toStorage(object: KubeObject, kind: Kind): KubeObject {
  return convertedTo(object, kind.storedAs, kind)
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
