import { compareText } from '../../base/index.ts'
import type { JsonObject, KubeObject } from '../../object/index.ts'
import { childrenOf } from './adoption.ts'
import { deploymentStatus } from './deployment-status.ts'
import { type Controller, type Hands, numberIn, specOf } from './hands.ts'
import { controllerOf, controllerRef } from './owners.ts'
import { sortedText } from './parts.ts'
import { record } from './recorder.ts'
import { replicasOf, type Sets, surgeOf, unavailableMax } from './rollout.ts'
import { templateHash } from './template-hash.ts'

const DEPLOYMENTS = 'deployments.apps'
const REPLICA_SETS = 'replicasets.apps'
const REVISION = 'deployment.kubernetes.io/revision'
const DESIRED = 'deployment.kubernetes.io/desired-replicas'
const MAX = 'deployment.kubernetes.io/max-replicas'
const HASH = 'pod-template-hash'
/** Annotations of a Deployment that its ReplicaSets do not get. */
const NOT_COPIED = ['kubectl.kubernetes.io/last-applied-configuration', REVISION, DESIRED, MAX]

/**
 * Rolls Deployments out through ReplicaSets.
 * @see kubernetes pkg/controller/deployment (v1.36)
 */
export function deploymentController(hands: Hands): Controller {
  return {
    name: 'deployment',
    concerns: (event) => {
      if (event.table === DEPLOYMENTS) return event.type === 'DELETED' ? [] : [event.key]
      if (event.table !== REPLICA_SETS) return []
      const owner = controllerOf(event.object)
      return owner?.kind === 'Deployment'
        ? [`${event.object.metadata.namespace}/${owner.name}`]
        : []
    },
    sync: (key) => {
      const [namespace = '', name = ''] = key.split('/')
      const deployment = hands.get(hands.kind('apps', 'Deployment'), namespace, name)
      return deployment === undefined ? undefined : rollout(hands, deployment)
    },
  }
}

function rollout(hands: Hands, given: KubeObject): number | undefined {
  const found = setsOf(hands, given)
  if (given.metadata.deletionTimestamp !== undefined) return report(hands, found)
  if (specOf(given)['paused'] === true) {
    scalePaused(hands, found)
    return report(hands, setsOf(hands, given))
  }
  const strategy = (specOf(given)['strategy'] ?? {}) as JsonObject
  const recreate = strategy['type'] === 'Recreate'
  if (recreate && found.old.some((set) => replicasOf(set) > 0)) {
    for (const set of found.old) scale(hands, found.deployment, set, 0)
    return report(hands, setsOf(hands, given))
  }
  if (recreate && found.current === undefined && found.old.some(hasPods))
    return report(hands, found)
  const sets = withCurrent(hands, found)
  if (recreate) scale(hands, sets.deployment, sets.current, replicasOf(given))
  else roll(hands, sets)
  return finish(hands, setsOf(hands, given))
}

function finish(hands: Hands, sets: Sets): number | undefined {
  const limit = numberIn(specOf(sets.deployment), 'revisionHistoryLimit', 10)
  const unused = sets.old.filter((set) => replicasOf(set) === 0 && !hasPods(set))
  for (const set of unused.slice(0, Math.max(0, unused.length - limit)))
    if (set.metadata.deletionTimestamp === undefined)
      hands.remove(hands.kind('apps', 'ReplicaSet'), set)
  return report(hands, sets)
}

function hasPods(set: KubeObject): boolean {
  return numberIn((set['status'] ?? {}) as JsonObject, 'replicas', 0) > 0
}

function setsOf(hands: Hands, given: KubeObject): Sets {
  const kind = hands.kind('apps', 'ReplicaSet')
  const { namespace = '', name = '' } = given.metadata
  const deployment = hands.get(hands.kind('apps', 'Deployment'), namespace, name) ?? given
  const owned = childrenOf(hands, kind, given).sort(
    (a, b) => revisionOf(a) - revisionOf(b) || compareText(nameOf(a), nameOf(b)),
  )
  const wanted = templateText(deployment)
  const current = owned.find((set) => templateText(set) === wanted)
  return { deployment, current, old: owned.filter((set) => set !== current) }
}

function nameOf(object: KubeObject): string {
  return object.metadata.name ?? ''
}

function revisionOf(set: KubeObject): number {
  return Number(set.metadata.annotations?.[REVISION] ?? 0)
}

/** The pod template without the label that the ReplicaSet added. */
function templateText(owner: KubeObject): string {
  const template = (specOf(owner)['template'] ?? {}) as JsonObject
  const metadata = (template['metadata'] ?? {}) as JsonObject
  const labels = Object.entries((metadata['labels'] ?? {}) as JsonObject)
    .filter(([key]) => key !== HASH)
    .sort(([a], [b]) => compareText(a, b))
  return sortedText({ ...template, metadata: { ...metadata, labels: Object.fromEntries(labels) } })
}

function withCurrent(hands: Hands, sets: Sets): Sets & { readonly current: KubeObject } {
  const revision = String(Math.max(0, ...sets.old.map(revisionOf)) + 1)
  const current =
    sets.current === undefined
      ? createSet(hands, sets, revision)
      : annotated(hands, sets, sets.current, revision)
  const deployment = withRevision(hands, sets.deployment, current)
  return { deployment, current, old: sets.old }
}

function copied(deployment: KubeObject): Record<string, string> {
  const all = Object.entries(deployment.metadata.annotations ?? {})
  return Object.fromEntries(all.filter(([key]) => !NOT_COPIED.includes(key)))
}

function annotationsOf(deployment: KubeObject, revision: string): Record<string, string> {
  return {
    ...copied(deployment),
    [DESIRED]: String(replicasOf(deployment)),
    [MAX]: String(replicasOf(deployment) + surgeOf(deployment)),
    [REVISION]: revision,
  }
}

function createSet(hands: Hands, sets: Sets, revision: string): KubeObject {
  const { deployment } = sets
  const spec = specOf(deployment)
  const template = (spec['template'] ?? {}) as JsonObject
  const metadata = (template['metadata'] ?? {}) as JsonObject
  const { collisionCount } = (deployment['status'] ?? {}) as JsonObject
  const hash = templateHash(
    template,
    typeof collisionCount === 'number' ? collisionCount : undefined,
  )
  const labels = { ...((metadata['labels'] ?? {}) as Record<string, string>), [HASH]: hash }
  const selector = (spec['selector'] ?? {}) as JsonObject
  const matchLabels = { ...((selector['matchLabels'] ?? {}) as JsonObject), [HASH]: hash }
  const total = sets.old.reduce((sum, set) => sum + replicasOf(set), 0)
  const replicas = grown(deployment, 0, total)
  const setName = `${nameOf(deployment)}-${hash}`
  if (replicas > 0)
    scaled(hands, deployment, `Scaled up replica set ${setName} from 0 to ${replicas}`)
  return hands.create(hands.kind('apps', 'ReplicaSet'), {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: setName,
      namespace: deployment.metadata.namespace ?? '',
      labels,
      annotations: annotationsOf(deployment, revision),
      ownerReferences: [controllerRef(deployment)],
    },
    spec: {
      replicas,
      selector: { ...selector, matchLabels },
      template: { ...template, metadata: { ...metadata, labels } },
      ...(spec['minReadySeconds'] === undefined
        ? {}
        : { minReadySeconds: spec['minReadySeconds'] }),
    },
  })
}

/** How many replicas the new set may have beside those of the old ones. */
function grown(deployment: KubeObject, now: number, total: number): number {
  const wanted = replicasOf(deployment)
  const strategy = (specOf(deployment)['strategy'] ?? {}) as JsonObject
  if (strategy['type'] === 'Recreate') return wanted
  const room = wanted + surgeOf(deployment) - total
  return room <= 0 ? now : now + Math.min(room, wanted - now)
}

function annotated(hands: Hands, sets: Sets, set: KubeObject, wanted: string): KubeObject {
  const old = revisionOf(set)
  const revision = Number(wanted) > old ? wanted : String(old)
  const annotations = { ...set.metadata.annotations, ...annotationsOf(sets.deployment, revision) }
  if (JSON.stringify(annotations) === JSON.stringify(set.metadata.annotations)) return set
  return hands.update(hands.kind('apps', 'ReplicaSet'), set, {
    ...set,
    metadata: { ...set.metadata, annotations },
  })
}

function withRevision(hands: Hands, deployment: KubeObject, set: KubeObject): KubeObject {
  const revision = set.metadata.annotations?.[REVISION] ?? '1'
  if (deployment.metadata.annotations?.[REVISION] === revision) return deployment
  const annotations = { ...deployment.metadata.annotations, [REVISION]: revision }
  // By way of the status, as the real controller does it: elsewise annotations make a generation.
  const next = { ...deployment, metadata: { ...deployment.metadata, annotations } }
  return hands.update(hands.kind('apps', 'Deployment'), deployment, next, 'status')
}

function scale(
  hands: Hands,
  deployment: KubeObject,
  set: KubeObject | undefined,
  replicas: number,
): void {
  if (set === undefined || replicasOf(set) === replicas) return
  const live = hands.get(
    hands.kind('apps', 'ReplicaSet'),
    set.metadata.namespace ?? '',
    nameOf(set),
  )
  if (live === undefined) return
  const [way, from] = [replicas > replicasOf(live) ? 'up' : 'down', replicasOf(live)]
  scaled(hands, deployment, `Scaled ${way} replica set ${nameOf(live)} from ${from} to ${replicas}`)
  const annotations = {
    ...live.metadata.annotations,
    [DESIRED]: String(replicasOf(deployment)),
    [MAX]: String(replicasOf(deployment) + surgeOf(deployment)),
  }
  hands.update(hands.kind('apps', 'ReplicaSet'), live, {
    ...live,
    metadata: { ...live.metadata, annotations },
    spec: { ...specOf(live), replicas },
  })
}

function scaled(hands: Hands, deployment: KubeObject, message: string): void {
  const component = 'deployment-controller'
  record(hands, deployment, { type: 'Normal', reason: 'ScalingReplicaSet', message, component })
}

function roll(hands: Hands, sets: Sets & { readonly current: KubeObject }): void {
  const { deployment, current, old } = sets
  const wanted = replicasOf(deployment)
  const mine = replicasOf(current)
  const total = [current, ...old].reduce((sum, set) => sum + replicasOf(set), 0)
  if (mine > wanted) {
    scale(hands, deployment, current, wanted)
    return
  }
  const next = mine === wanted ? mine : grown(deployment, mine, total)
  if (next !== mine) {
    scale(hands, deployment, current, next)
    return
  }
  shrink(hands, sets, total)
}

/** Takes old replicas away: the unavailable ones first, then as many as availability allows. */
function shrink(
  hands: Hands,
  { deployment, current, old }: Sets & { readonly current: KubeObject },
  total: number,
): void {
  const keep = replicasOf(deployment) - unavailableMax(deployment)
  const late = replicasOf(current) - availableOf(current)
  let room = total - keep - late
  if (room <= 0 || old.every((set) => replicasOf(set) === 0)) return
  const left = new Map(old.map((set) => [set, replicasOf(set)]))
  for (const set of old) {
    const sick = Math.min(room, Math.max(0, replicasOf(set) - availableOf(set)))
    left.set(set, replicasOf(set) - sick)
    room -= sick
  }
  let spare = [current, ...old].reduce((sum, set) => sum + availableOf(set), 0) - keep
  for (const set of old) {
    const has = left.get(set) ?? 0
    const gone = Math.max(0, Math.min(has, spare))
    left.set(set, has - gone)
    spare -= gone
  }
  for (const [set, replicas] of left) scale(hands, deployment, set, replicas)
}

function availableOf(set: KubeObject): number {
  return numberIn((set['status'] ?? {}) as JsonObject, 'availableReplicas', 0)
}

function scalePaused(hands: Hands, sets: Sets): void {
  const active = [...sets.old, ...(sets.current === undefined ? [] : [sets.current])]
  const [only, ...more] = active.filter((set) => replicasOf(set) > 0)
  const target = more.length === 0 ? (only ?? sets.current) : undefined
  scale(hands, sets.deployment, target, replicasOf(sets.deployment))
}

function report(hands: Hands, sets: Sets): number | undefined {
  const { status, again } = deploymentStatus(hands.core.clock.now(), sets)
  hands.setStatus(hands.kind('apps', 'Deployment'), sets.deployment, status)
  return again
}
