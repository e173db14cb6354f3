import type { KubeObject } from '../../object/index.ts'
import {
  annotationNumber,
  DESIRED,
  grown,
  MAX,
  revisionOf,
  scaleMarks,
  setsOf,
  tell,
  withCurrent,
} from './deployment-sets.ts'
import { deploymentStatus } from './deployment-status.ts'
import { type Hands, numberIn, specOf, statusOf } from './hands.ts'
import { podsOf } from './pods.ts'
import { isComplete, replicasOf, type Sets, surgeOf, unavailableMax } from './rollout.ts'

/** One step of a rollout by which new pods come as old ones go. */
export function roll(
  hands: Hands,
  sets: Sets & { readonly current: KubeObject },
): number | undefined {
  const { deployment, current, old } = sets
  const [wanted, mine] = [replicasOf(deployment), replicasOf(current)]
  const total = [current, ...old].reduce((sum, set) => sum + replicasOf(set), 0)
  const next = mine > wanted ? wanted : grown(deployment, mine, total)
  if (scale(hands, deployment, current, next)) return report(hands, setsOf(hands, deployment))
  if (!shrink(hands, sets, total) && isComplete(deployment, statusOf(deployment)))
    cleanUp(hands, sets)
  return report(hands, setsOf(hands, deployment))
}

/** One step of a rollout by which old pods go before new ones come. */
export function recreate(hands: Hands, sets: Sets): number | undefined {
  const { deployment, old } = sets
  const gone = old.filter((set) => scale(hands, deployment, set, 0))
  const remain = old.some(
    (set) => numberIn(statusOf(set), 'replicas', 0) > 0 || hasPods(hands, set),
  )
  if (gone.length > 0 || remain) return report(hands, setsOf(hands, deployment))
  const next = withCurrent(hands, sets)
  scale(hands, next.deployment, next.current, replicasOf(next.deployment))
  if (isComplete(next.deployment, statusOf(next.deployment))) cleanUp(hands, next)
  return report(hands, setsOf(hands, next.deployment))
}

function hasPods(hands: Hands, set: KubeObject): boolean {
  return podsOf(hands, set).some((pod) => {
    const { phase } = statusOf(pod)
    return phase !== 'Failed' && phase !== 'Succeeded'
  })
}

/** Scales a set, if that is not its scale already, and tells of it. */
function scale(
  hands: Hands,
  deployment: KubeObject,
  set: KubeObject,
  replicas: number,
  marks = false,
): boolean {
  const from = replicasOf(set)
  const annotations = { ...set.metadata.annotations, ...scaleMarks(deployment) }
  const isMarked = [DESIRED, MAX].every(
    (key) => set.metadata.annotations?.[key] === annotations[key],
  )
  if (from === replicas && (!marks || isMarked)) return false
  hands.update(hands.kind('apps', 'ReplicaSet'), set, {
    ...set,
    metadata: { ...set.metadata, annotations },
    spec: { ...specOf(set), replicas },
  })
  if (from === replicas) return false
  const way = replicas > from ? 'up' : 'down'
  const message = `Scaled ${way} replica set ${set.metadata.name} from ${from} to ${replicas}`
  tell(hands, deployment, { message })
  return true
}

/** Takes old replicas away: the unavailable ones first, then as many as availability allows. */
function shrink(
  hands: Hands,
  { deployment, current, old }: Sets & { readonly current: KubeObject },
  total: number,
): boolean {
  const keep = replicasOf(deployment) - unavailableMax(deployment)
  const late = replicasOf(current) - availableOf(current)
  const room = total - keep - late
  const active = old.filter((set) => replicasOf(set) > 0)
  if (room <= 0 || active.length === 0) return false
  const left = new Map(active.map((set) => [set, replicasOf(set)]))
  let cleaned = 0
  for (const set of active) {
    const sick = Math.min(room - cleaned, Math.max(0, replicasOf(set) - availableOf(set)))
    left.set(set, replicasOf(set) - sick)
    cleaned += sick
  }
  let spare = [current, ...active].reduce((sum, set) => sum + availableOf(set), 0) - keep
  const before = new Map(left)
  for (const set of active) {
    const has = left.get(set) ?? 0
    const gone = Math.max(0, Math.min(has, spare))
    left.set(set, has - gone)
    spare -= gone
  }
  // In two steps, as they are told: first all the sick ones, then those that can be spared.
  for (const set of active) scale(hands, deployment, set, before.get(set) ?? 0)
  const kind = hands.kind('apps', 'ReplicaSet')
  for (const set of active) {
    const { namespace = '', name = '' } = set.metadata
    const live = hands.get(kind, namespace, name)
    if (live !== undefined) scale(hands, deployment, live, left.get(set) ?? 0)
  }
  return [...left].some(([set, count]) => count !== replicasOf(set))
}

function availableOf(set: KubeObject): number {
  return numberIn(statusOf(set), 'availableReplicas', 0)
}

/**
 * Shares replicas that were added or taken among all sets with pods, by their sizes; the largest takes
 * what remains.
 * @see kubernetes pkg/controller/deployment/sync.go scale (v1.36.3)
 */
export function scaleInProportion(hands: Hands, { deployment, current, old }: Sets): void {
  const wanted = replicasOf(deployment)
  const all = [...old, ...(current === undefined ? [] : [current])]
  const active = all.filter((set) => replicasOf(set) > 0)
  const [only] = active
  if (active.length <= 1) {
    const target = only ?? current ?? old.at(-1)
    if (target !== undefined) scale(hands, deployment, target, wanted)
    return
  }
  if (current !== undefined && isSaturated(deployment, current)) {
    for (const set of old) if (replicasOf(set) > 0) scale(hands, deployment, set, 0)
    return
  }
  const strategy = specOf(deployment)['strategy'] as { readonly type?: string } | undefined
  if (strategy?.type === 'Recreate') return
  const allowed = wanted > 0 ? wanted + surgeOf(deployment) : 0
  const more = allowed - active.reduce((sum, set) => sum + replicasOf(set), 0)
  // Of equal size the newer one grows first, and the older one shrinks first.
  const ordered = more > 0 ? active.reverse() : active
  ordered.sort((a, b) => replicasOf(b) - replicasOf(a))
  let added = 0
  const sizes = ordered.map((set) => {
    const part = more === 0 || more === added ? 0 : shareOf(deployment, set, more)
    const bounded = more > 0 ? Math.min(part, more - added) : Math.max(part, more - added)
    added += bounded
    return replicasOf(set) + bounded
  })
  for (const [i, set] of ordered.entries()) {
    const rest = i === 0 ? more - added : 0
    scale(hands, deployment, set, Math.max(0, (sizes[i] ?? 0) + rest), true)
  }
}

function isSaturated(deployment: KubeObject, set: KubeObject): boolean {
  const wanted = replicasOf(deployment)
  return (
    replicasOf(set) === wanted &&
    annotationNumber(set, DESIRED) === wanted &&
    availableOf(set) === wanted
  )
}

/** By how much a set grows or shrinks when it keeps its share. */
function shareOf(deployment: KubeObject, set: KubeObject, more: number): number {
  const mine = replicasOf(set)
  if (more === 0) return 0
  if (replicasOf(deployment) === 0) return -mine
  const before = annotationNumber(set, MAX) ?? 0
  const base = before === 0 ? numberIn(statusOf(deployment), 'replicas', 0) : before
  if (base === 0) return 0
  return Math.round((mine * (replicasOf(deployment) + surgeOf(deployment))) / base) - mine
}

/** Deletes old sets beyond the limit of the history. */
export function cleanUp(hands: Hands, { deployment, old }: Sets): void {
  const limit = numberIn(specOf(deployment), 'revisionHistoryLimit', 10)
  const alive = old.filter((set) => set.metadata.deletionTimestamp === undefined)
  const surplus = [...alive].sort((a, b) => revisionOf(a) - revisionOf(b))
  for (const set of surplus.slice(0, Math.max(0, alive.length - limit))) {
    const seen = numberIn(statusOf(set), 'observedGeneration', 0)
    const isIdle = replicasOf(set) === 0 && numberIn(statusOf(set), 'replicas', 0) === 0
    if (isIdle && seen >= (set.metadata.generation ?? 0))
      hands.remove(hands.kind('apps', 'ReplicaSet'), set)
  }
}

/** Writes the status; of a Deployment that is paused or scaled only what is counted. */
export function report(
  hands: Hands,
  sets: Sets,
  what: 'counts' | 'progress' = 'progress',
): number | undefined {
  const { status, again } = deploymentStatus(hands.core.clock.now(), sets, what)
  hands.setStatus(hands.kind('apps', 'Deployment'), sets.deployment, status)
  return again
}
