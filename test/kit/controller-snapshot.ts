import {
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  sameJson,
} from '../../src/object/index.ts'

/**
 * What a case has made, made comparable: objects by kind and name, Events by what they say. Random ends
 * of names are `*`, uids the objects that they are of, times and versions placeholders.
 */
export function snapshotOf(
  all: readonly KubeObject[],
  namespace: string,
  known: Known,
): JsonObject {
  const own = all.filter(({ metadata: { name = '', namespace: of } }) =>
    of === undefined ? name === namespace || name.startsWith(`${namespace}--`) : of === namespace,
  )
  const blurred = blur(own, known)
  const byKey = new Map<string, JsonObject[]>()
  for (const each of blurred) {
    const [key, value] = each.kind === 'Event' ? eventOf(each) : objectOf(each)
    // How often something was refused is chance.
    const had = byKey.get(key) ?? []
    if (!(had.length > 0 && key.includes(' FailedCreate'))) byKey.set(key, [...had, value])
  }
  const out: Record<string, Json> = {}
  for (const key of [...byKey.keys()].sort()) {
    const values = (byKey.get(key) ?? []).sort((a, b) =>
      JSON.stringify(a) < JSON.stringify(b) ? -1 : 1,
    )
    for (const [i, value] of values.entries())
      out[values.length === 1 && !key.includes('*') ? key : `${key} ${i}`] = value
  }
  return out
}

/** What is known of the names of a case, of objects that went too. */
export interface Known {
  /** What names begin with of which the end is random. */
  readonly generated: Set<string>
  /** The objects that uids are of. */
  readonly uids: Map<string, string>
}

function blur(objects: readonly KubeObject[], known: Known): KubeObject[] {
  for (const { metadata } of objects)
    if (metadata.generateName !== undefined) known.generated.add(metadata.generateName)
  const withoutRandom = (text: string): string =>
    [...known.generated].reduce(
      (sum, each) => sum.replaceAll(new RegExp(`${each}[a-z0-9]{5}(?![a-z0-9-])`, 'g'), `${each}*`),
      text,
    )
  for (const { kind, metadata } of objects)
    known.uids.set(metadata.uid ?? '', `uid of ${kind} ${withoutRandom(metadata.name ?? '')}`)
  const text = withoutRandom(JSON.stringify(objects))
    .replaceAll(UID, (uid) => known.uids.get(uid) ?? 'uid')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'time')
    .replaceAll(/"resourceVersion":"\d+"/g, '"resourceVersion":"1"')
    .replaceAll(/"10\.(0|96)\.\d+\.\d+"/g, '"address"')
    .replaceAll(/"10\.1\.0\.\d+"/g, '"pod address"')
    .replaceAll(/-2\d{7}(?=\D)/g, '-minute')
  return JSON.parse(text) as KubeObject[]
}

const UID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

/** Whether a failure or progress is told first is chance. */
function failing(object: KubeObject): KubeObject {
  const { status } = object
  const conditions = isObject(status as Json) ? (status as JsonObject)['conditions'] : undefined
  if (!Array.isArray(conditions)) return object
  if (!conditions.some((each) => isObject(each) && each['type'] === 'ReplicaFailure')) return object
  const sorted = [...conditions].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  return { ...object, status: { ...(status as JsonObject), conditions: sorted } } as KubeObject
}

/** In which order endpoints are told is chance. */
function unordered(object: KubeObject): KubeObject {
  if (object.kind !== 'EndpointSlice' && object.kind !== 'Endpoints') return object
  const sorted = (value: unknown): Json =>
    Array.isArray(value)
      ? [...value].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1))
      : ((value ?? null) as Json)
  const what = object.kind === 'Endpoints' ? 'subsets' : 'endpoints'
  return what in object ? { ...object, [what]: sorted(object[what]) } : object
}

function textOf(value: Json): string {
  return JSON.stringify(ordered(value))
}

function objectOf(object: KubeObject): [string, JsonObject] {
  const { managedFields = [], name = '', ...metadata } = object.metadata
  const managers = managedFields.map(({ manager, operation, subresource }) =>
    [manager, operation, subresource].filter(Boolean).join(' '),
  )
  const whole = {
    ...unordered(failing(object)),
    metadata: { ...metadata, name, managers: managers.sort() },
  }
  return [`${object.kind} ${name}`, withoutSecrets(ordered(whole as unknown as Json)) as JsonObject]
}

/** Tokens and certificates are of each server its own. */
function withoutSecrets(value: Json): Json {
  if (!isObject(value) || !isObject(value['data'])) return value
  const data = Object.fromEntries(
    Object.entries(value['data']).map(([key, each]) => [
      key,
      ['token', 'ca.crt'].includes(key) ? 'its own' : each,
    ]),
  )
  return { ...value, data }
}

const REPEATED = [
  'FailedBinding',
  'ProvisioningFailed',
  'ExternalProvisioning',
  'WaitForFirstConsumer',
  'FailedCreate',
  'CalculateExpectedPodCountFailed',
  'UnmanagedPods',
  'NoPods',
  'FailedToUpdateEndpoint',
  'FailedToUpdateEndpointSlices',
  'FailedGetScale',
  'FailedGetResourceMetric',
  'FailedGetContainerResourceMetric',
  'FailedGetPodsMetric',
  'FailedGetObjectMetric',
  'FailedGetExternalMetric',
  'FailedComputeMetricsReplicas',
]

function eventOf(event: KubeObject): [string, JsonObject] {
  const { involvedObject, reason, message, count, type, source, reportingComponent } =
    event as unknown as Readonly<Record<string, Json>>
  const of = isObject(involvedObject) ? involvedObject : {}
  const { kind, name, resourceVersion: _, ...rest } = of
  const key = `Event ${String(kind)} ${String(name)} ${String(reason)}: ${String(message)}`
  // What is told again and again is told more often the longer one looks.
  const often = REPEATED.includes(String(reason)) ? 'some' : count
  const value = { involvedObject: rest, count: often, type, source, reportingComponent }
  return [key, ordered(value as Json) as JsonObject]
}

function ordered(value: Json): Json {
  if (Array.isArray(value)) return value.map(ordered)
  if (!isObject(value)) return value
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, each]) => [key, ordered(each ?? null)]))
}

/** The merge patch that makes one state of the other. */
export function delta(before: JsonObject, after: JsonObject): JsonObject {
  const out: Record<string, Json> = {}
  for (const key of Object.keys(before)) if (!(key in after)) out[key] = null
  for (const [key, value] of Object.entries(after)) {
    const had = before[key]
    if (value === undefined || (had !== undefined && sameJson(had, value))) continue
    out[key] = isObject(had) && isObject(value) ? delta(had, value) : value
  }
  return out
}
