import { type Json, type JsonObject, sameJson } from '../../object/index.ts'
import { at, formed, items, text, texts } from './check.ts'
import { podSpec } from './check-apps.ts'
import { forbidden, invalid } from './field-error.ts'
import { goStruct } from './go-struct.ts'
import { qualifiedName } from './names.ts'
import { qosClass } from './qos.ts'
import type { Cause } from './refusal.ts'
import { jsonDiff } from './unified-diff.ts'

const EPHEMERAL = 'spec.ephemeralContainers'

/** Containers for debugging come later, and so does a node while gates are shut. */
export function notYet(pod: JsonObject): Cause[] {
  const spec = at(pod, 'spec')
  const isShut = items(spec, 'schedulingGates').length > 0 && text(spec, 'nodeName') !== ''
  return [
    ...(items(spec, 'ephemeralContainers').length === 0
      ? []
      : [forbidden(EPHEMERAL, 'cannot be set on create')]),
    ...(isShut
      ? [forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared')]
      : []),
  ]
}

/**
 * Containers for debugging are added, and stay as they are.
 * @see k8s.io/kubernetes pkg/apis/core/validation/validation.go ValidatePodEphemeralContainersUpdate (v1.36.3)
 */
export function ephemeralUpdate(next: JsonObject, old: JsonObject): Cause[] {
  const [spec, before] = [at(next, 'spec'), at(old, 'spec')]
  const now = items(spec, 'ephemeralContainers')
  const kept = items(before, 'ephemeralContainers').flatMap((each) => {
    const name = text(each, 'name')
    const found = now.findLast((one) => text(one, 'name') === name)
    const which = `existing ephemeral containers ${JSON.stringify(name)} may not be`
    if (found === undefined) return [forbidden(EPHEMERAL, `${which} removed\n`)]
    if (sameJson(found, each)) return []
    const [a, b] = [goStruct('EphemeralContainer', each), goStruct('EphemeralContainer', found)]
    return [forbidden(EPHEMERAL, `${which} changed\n${jsonDiff(a, b)}`)]
  })
  return [...podSpec(spec, 'spec'), ...kept]
}

/**
 * What containers ask for may be changed while they run, and nothing else by this way.
 * @see k8s.io/kubernetes pkg/apis/core/validation/validation.go ValidatePodResize (v1.36.3)
 */
export function resizeUpdate(next: JsonObject, old: JsonObject): Cause[] {
  const [spec, before] = [at(next, 'spec'), at(old, 'spec')]
  const causes = podSpec(spec, 'spec')
  const had = text(at(old, 'status'), 'qosClass')
  if (had !== '' && had !== qosClass(next as Record<string, Json>)) {
    const shown = text(at(next, 'status'), 'qosClass')
    causes.push(invalid('spec', shown, 'Pod QOS Class may not change as a result of resizing'))
  }
  const order = ['containers', 'initContainers'].flatMap((key) => sameOrder(spec, before, key))
  if (order.length > 0) return [...causes, ...order]
  for (const key of ['initContainers', 'containers'])
    for (const [i, each] of items(before, key).entries())
      if (key === 'containers' || text(each, 'restartPolicy') === 'Always')
        causes.push(...removed(items(spec, key)[i] ?? {}, each, `spec.${key}[${i}].resources`))
  causes.push(...others(spec, before))
  return causes
}

function sameOrder(spec: JsonObject, before: JsonObject, key: string): Cause[] {
  const [now, then] = [items(spec, key), items(before, key)]
  if (now.length !== then.length)
    return [forbidden(`spec.${key}`, `${key} may not be added or removed on resize`)]
  return then.flatMap((each, i) =>
    text(each, 'name') === text(now[i], 'name')
      ? []
      : [forbidden(`spec.${key}[${i}].name`, `${key} may not be renamed or reordered on resize`)],
  )
}

function removed(now: JsonObject, then: JsonObject, path: string): Cause[] {
  return ['requests', 'limits'].flatMap((key) => {
    const given = at(at(now, 'resources'), key)
    const gone = Object.keys(at(at(then, 'resources'), key)).some((name) => !(name in given))
    return gone ? [forbidden(`${path}.${key}`, `resource ${key} cannot be removed`)] : []
  })
}

function others(spec: JsonObject, before: JsonObject): Cause[] {
  const causes: Cause[] = []
  for (const [i, each] of items(spec, 'containers').entries())
    if (!sameButAmounts(each, items(before, 'containers')[i] ?? {}))
      causes.push(forbidden('spec', 'only cpu and memory resources are mutable'))
  for (const [i, each] of items(spec, 'initContainers').entries()) {
    const then = items(before, 'initContainers')[i] ?? {}
    if (text(each, 'restartPolicy') !== 'Always') {
      if (!sameJson(each, then))
        causes.push(forbidden('spec', 'resources for non-sidecar init containers are immutable'))
    } else if (!sameButAmounts(each, then))
      causes.push(
        forbidden(
          `spec.initContainers[${i}]`,
          'only cpu and memory resources for init or sidecar containers are mutable',
        ),
      )
  }
  return causes
}

function sameButAmounts(now: JsonObject, then: JsonObject): boolean {
  const bare = (container: JsonObject): JsonObject => {
    const resources = at(container, 'resources')
    const part = (key: string): JsonObject =>
      Object.fromEntries(
        Object.entries(at(resources, key)).filter(([name]) => name !== 'cpu' && name !== 'memory'),
      )
    return { ...container, resources: { requests: part('requests'), limits: part('limits') } }
  }
  return sameJson(bare(now), bare(then))
}

const STANDARD = ['kubernetes', 'orphan', 'foregroundDeletion']

/** Who keeps a namespace. */
export function namespaceFinalizers(next: JsonObject): Cause[] {
  return texts(at(next, 'spec'), 'finalizers').flatMap((each, i) => {
    const place = `spec.finalizers[${i}]`
    const causes = formed(each, qualifiedName, place)
    if (each.includes('/') || STANDARD.includes(each)) return causes
    const why = 'name is neither a standard finalizer name nor is it fully qualified'
    return [...causes, invalid(place, each, why)]
  })
}
