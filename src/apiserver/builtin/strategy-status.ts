import { rfc3339 } from '../../base/index.ts'
import { fieldAt, type Json, type JsonObject, type KubeObject } from '../../object/index.ts'
import { at, items, text } from './check.ts'

/** What one kind makes of a status that is written. */
export function kindStatus(next: KubeObject, old: KubeObject, now: number): KubeObject {
  switch (next.kind) {
    case 'PersistentVolume':
      return withPhaseTime(next, old, now)
    case 'Pod':
      return podStatus(next, old)
    case 'Node':
      return withoutConfig(next, old)
    case 'CertificateSigningRequest':
      return withDecisions(next, old, now)
    case 'ResourceClaim':
      return withoutGone(next, old)
    default:
      return next
  }
}

function statusOf(object: KubeObject): JsonObject {
  return at(object as unknown as JsonObject, 'status')
}

function withStatus(object: KubeObject, status: JsonObject): KubeObject {
  return { ...object, status } as KubeObject
}

/** A volume tells when its phase last changed. */
function withPhaseTime(next: KubeObject, old: KubeObject, now: number): KubeObject {
  const key = 'lastPhaseTransitionTime'
  const [given, before] = [fieldAt(next, 'status', key), fieldAt(old, 'status', key)]
  const isSame =
    (fieldAt(next, 'status', 'phase') ?? '') === (fieldAt(old, 'status', 'phase') ?? '')
  const isGiven = given !== undefined && given !== null
  if (isGiven && (isSame || given !== before)) return next
  const time = isSame ? before : rfc3339(now)
  if (time === undefined) return next
  return withStatus(next, { ...statusOf(next), [key]: time as Json })
}

/** A pod keeps its class and the generations that were observed; one address stands for all. */
function podStatus(next: KubeObject, old: KubeObject): KubeObject {
  const [status, before] = [statusOf(next), statusOf(old)]
  const out: Record<string, Json> = { ...status } as Record<string, Json>
  for (const key of ['qosClass', 'observedGeneration'])
    if (!status[key] && before[key] !== undefined) out[key] = before[key]
  const ip = text(status, 'podIP')
  if (ip !== '' && text(items(status, 'podIPs')[0] ?? {}, 'ip') !== ip) out['podIPs'] = [{ ip }]
  const had = [...items(before, 'conditions')]
  const conditions = items(status, 'conditions').map((each): JsonObject => {
    const i = had.findIndex((one) => text(one, 'type') === text(each, 'type'))
    const [one] = i < 0 ? [] : had.splice(i, 1)
    const generation = one?.['observedGeneration']
    if (each['observedGeneration'] || !generation) return each
    return { ...each, observedGeneration: generation }
  })
  if (conditions.length > 0) out['conditions'] = conditions
  return withStatus(next, out)
}

/** Dynamic configuration of nodes is gone; what an old node has of it is kept. */
function withoutConfig(next: KubeObject, old: KubeObject): KubeObject {
  const { config, ...status } = statusOf(next)
  if (config === undefined || statusOf(old)['config'] !== undefined) return next
  return withStatus(next, status as JsonObject)
}

/** What devices say that a claim does not have any more goes with them. */
function withoutGone(next: KubeObject, old: KubeObject): KubeObject {
  const status = statusOf(next)
  const devices = items(status, 'devices')
  if (devices.length === 0) return next
  const idOf = (each: JsonObject): string =>
    JSON.stringify(['driver', 'pool', 'device', 'shareID'].map((key) => text(each, key)))
  const given = (of: JsonObject): string[] =>
    items(at(at(of, 'allocation'), 'devices'), 'results').map(idOf)
  const now = given(status)
  const gone = new Set(given(statusOf(old)).filter((id) => !now.includes(id)))
  if (gone.size === 0) return next
  const { devices: _, ...rest } = status
  const kept = devices.filter((each) => !gone.has(idOf(each)))
  return withStatus(next, (kept.length === 0 ? rest : { ...rest, devices: kept }) as JsonObject)
}

/** Whether a request was approved is not for its status to say. */
function withDecisions(next: KubeObject, old: KubeObject, now: number): KubeObject {
  let conditions = [...items(statusOf(next), 'conditions')]
  for (const type of ['Approved', 'Denied']) {
    const of = (some: readonly JsonObject[]): readonly JsonObject[] =>
      some.filter((each) => text(each, 'type') === type)
    const before = of(items(statusOf(old), 'conditions'))
    if (of(conditions).length !== before.length) continue
    const kept = [...before]
    conditions = conditions.map((each) =>
      text(each, 'type') === type ? (kept.shift() ?? each) : each,
    )
  }
  return withConditions(next, statusOf(next), timed(conditions, old, now))
}

/** By way of its approval nothing but the conditions of a request can be written. */
export function withApproval(next: KubeObject, old: KubeObject, now: number): KubeObject {
  const conditions = timed(items(statusOf(next), 'conditions'), old, now)
  const spec = old['spec'] === undefined ? {} : { spec: old['spec'] }
  return withConditions({ ...next, ...spec } as KubeObject, statusOf(old), conditions)
}

function withConditions(
  object: KubeObject,
  status: JsonObject,
  conditions: readonly JsonObject[],
): KubeObject {
  const { conditions: _, ...rest } = status
  return withStatus(
    object,
    conditions.length === 0 ? (rest as JsonObject) : { ...rest, conditions },
  )
}

/** Conditions have the times that they were given, or had, or get the time that it is. */
function timed(conditions: readonly JsonObject[], old: KubeObject, now: number): JsonObject[] {
  return conditions.map((each) => {
    const same = items(statusOf(old), 'conditions').find(
      (one) =>
        one['type'] === each['type'] &&
        one['status'] === each['status'] &&
        one['lastTransitionTime'],
    )
    return {
      ...each,
      lastUpdateTime: each['lastUpdateTime'] || rfc3339(now),
      lastTransitionTime:
        each['lastTransitionTime'] || (same?.['lastTransitionTime'] ?? rfc3339(now)),
    }
  })
}
