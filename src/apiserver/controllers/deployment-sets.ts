import { compareText, rfc3339 } from '../../base/index.ts'
import { type JsonObject, type KubeObject, sameJson } from '../../object/index.ts'
import { StatusFault } from '../status.ts'
import { childrenOf } from './adoption.ts'
import { type Hands, specOf, statusOf } from './hands.ts'
import { controllerOf, controllerRef } from './owners.ts'
import { type Condition, conditionOf, conditionsOf, withCondition } from './parts.ts'
import { isEnding } from './pods.ts'
import { record } from './recorder.ts'
import { hasDeadline, replicasOf, type Sets, surgeOf } from './rollout.ts'
import { templateHash } from './template-hash.ts'

const REVISION = 'deployment.kubernetes.io/revision'
const HISTORY = 'deployment.kubernetes.io/revision-history'
/** The annotation that says how many replicas the Deployment had for which a set was scaled. */
export const DESIRED = 'deployment.kubernetes.io/desired-replicas'
/** The annotation that says how many replicas there could be then, with the surge. */
export const MAX = 'deployment.kubernetes.io/max-replicas'
const HASH = 'pod-template-hash'
/** Annotations of a Deployment that its ReplicaSets do not get. */
const NOT_COPIED = [
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  HISTORY,
  DESIRED,
  MAX,
  'deprecated.deployment.rollback.to',
]
/** Characters of the history of revisions in an annotation. */
const HISTORY_MAX = 2000

/** The ReplicaSets of a Deployment, as they are now. */
export function setsOf(hands: Hands, given: KubeObject): Sets {
  const { namespace = '', name = '' } = given.metadata
  const deployment = hands.get(hands.kind('apps', 'Deployment'), namespace, name) ?? given
  const owned = childrenOf(hands, hands.kind('apps', 'ReplicaSet'), deployment).sort(byAge)
  const current = owned.find((set) => isSameTemplate(set, deployment))
  return { deployment, current, old: owned.filter((set) => set !== current) }
}

function byAge(a: KubeObject, b: KubeObject): number {
  return (
    compareText(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') ||
    compareText(a.metadata.name ?? '', b.metadata.name ?? '')
  )
}

/** The revision of a ReplicaSet; 0 without one. */
export function revisionOf(set: KubeObject): number {
  return annotationNumber(set, REVISION) ?? 0
}

/** A whole number in an annotation. */
export function annotationNumber(set: KubeObject, name: string): number | undefined {
  const text = set.metadata.annotations?.[name]
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** Whether pod templates are the same but for the label that the ReplicaSet added. */
function isSameTemplate(a: KubeObject, b: KubeObject): boolean {
  return sameJson(bare(a), bare(b))
}

function bare(owner: KubeObject): JsonObject {
  const template = (specOf(owner)['template'] ?? {}) as JsonObject
  const metadata = (template['metadata'] ?? {}) as JsonObject
  const { [HASH]: _, ...labels } = (metadata['labels'] ?? {}) as JsonObject
  return { ...template, metadata: { ...metadata, labels } }
}

/** Brings the set of the template of now up to date, if it is there. */
export function withKnown(hands: Hands, sets: Sets): Sets {
  const { deployment, current, old } = sets
  if (current === undefined) return sets
  const revision = Math.max(0, ...old.map(revisionOf)) + 1
  const annotations = annotationsFor(current, deployment, revision)
  const ready = specOf(deployment)['minReadySeconds'] ?? 0
  const isSame = sameJson(annotations, current.metadata.annotations ?? {})
  const next =
    isSame && (specOf(current)['minReadySeconds'] ?? 0) === ready
      ? current
      : hands.update(hands.kind('apps', 'ReplicaSet'), current, {
          ...current,
          metadata: { ...current.metadata, annotations },
          spec: { ...specOf(current), minReadySeconds: ready },
        })
  const found: Condition = {
    type: 'Progressing',
    status: 'True',
    reason: 'FoundNewReplicaSet',
    message: `Found new replica set ${JSON.stringify(next.metadata.name)}`,
  }
  const isSeen = conditionOf(deployment, 'Progressing') !== undefined
  const told = noted(hands, deployment, {
    revision: String(revisionOf(next)),
    ...(isSeen ? {} : { condition: found }),
  })
  return { deployment: told, current: next, old }
}

/** Writes a revision and a condition into a Deployment, by way of its status. */
function noted(
  hands: Hands,
  deployment: KubeObject,
  { revision, condition }: { readonly revision: string; readonly condition?: Condition },
): KubeObject {
  const says = condition !== undefined && hasDeadline(deployment)
  if (deployment.metadata.annotations?.[REVISION] === revision && !says) return deployment
  const options = { now: rfc3339(hands.core.clock.now()), touch: 'lastUpdateTime' } as const
  const status = statusOf(deployment)
  const conditions = says
    ? { conditions: withCondition(conditionsOf(deployment), condition, options) }
    : {}
  const annotations = { ...deployment.metadata.annotations, [REVISION]: revision }
  // By way of the status, as the real controller does it: elsewise annotations make a generation.
  const next = {
    ...deployment,
    metadata: { ...deployment.metadata, annotations },
    ...(says ? { status: { ...status, ...conditions } } : {}),
  }
  return hands.update(hands.kind('apps', 'Deployment'), deployment, next, 'status')
}

function annotationsFor(
  set: KubeObject,
  deployment: KubeObject,
  revision: number,
): Record<string, string> {
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(
    ([key]) => !NOT_COPIED.includes(key),
  )
  const annotations = { ...set.metadata.annotations, ...Object.fromEntries(copied) }
  const old = annotations[REVISION]
  if (Number(old ?? 0) >= revision) return annotations
  annotations[REVISION] = String(revision)
  if (old === undefined) return annotations
  const history = [...(annotations[HISTORY]?.split(',') ?? []), old]
  while (history.join(',').length > HISTORY_MAX) history.shift()
  annotations[HISTORY] = history.join(',')
  return annotations
}

/**
 * The same with the set of the template of now, which is created where it is missing.
 * @throws StatusFault what refused it; the Deployment says so then
 */
export function withCurrent(hands: Hands, sets: Sets): Sets & { readonly current: KubeObject } {
  if (sets.current !== undefined) return { ...sets, current: sets.current }
  const { deployment, old } = sets
  const revision = Math.max(0, ...old.map(revisionOf)) + 1
  const body = newSet(sets, revision)
  const current = created(hands, deployment, body)
  const name = JSON.stringify(current.metadata.name)
  if (replicasOf(current) > 0)
    tell(hands, deployment, {
      message: `Scaled up replica set ${current.metadata.name} from 0 to ${replicasOf(current)}`,
    })
  const told = noted(hands, deployment, {
    revision: String(revision),
    condition: {
      type: 'Progressing',
      status: 'True',
      reason: 'NewReplicaSetCreated',
      message: `Created new replica set ${name}`,
    },
  })
  return { deployment: told, current, old }
}

/** Records an Event of a Deployment. */
export function tell(
  hands: Hands,
  deployment: KubeObject,
  { reason = 'ScalingReplicaSet', message }: { readonly reason?: string; readonly message: string },
): void {
  const type = reason === 'ScalingReplicaSet' ? 'Normal' : 'Warning'
  record(hands, deployment, { type, reason, message, component: 'deployment-controller' })
}

function created(hands: Hands, deployment: KubeObject, body: KubeObject): KubeObject {
  const kind = hands.kind('apps', 'ReplicaSet')
  const { namespace = '', name = '' } = body.metadata
  const there = hands.get(kind, namespace, name)
  if (there !== undefined) {
    if (controllerOf(there)?.uid === deployment.metadata.uid && isSameTemplate(there, deployment))
      return there
    const { collisionCount } = statusOf(deployment)
    const count = typeof collisionCount === 'number' ? collisionCount : 0
    const status = { ...statusOf(deployment), collisionCount: count + 1 }
    const next = hands.setStatus(hands.kind('apps', 'Deployment'), deployment, status)
    const sets = setsOf(hands, next)
    return created(hands, next, newSet(sets, Math.max(0, ...sets.old.map(revisionOf)) + 1))
  }
  try {
    return hands.create(kind, body)
  } catch (error) {
    if (error instanceof StatusFault && !isEnding(hands, deployment))
      refused(hands, deployment, `Failed to create new replica set "${name}": ${error.message}`)
    throw error
  }
}

function refused(hands: Hands, deployment: KubeObject, message: string): void {
  const reason = 'ReplicaSetCreateError'
  if (hasDeadline(deployment)) {
    const condition = { type: 'Progressing', status: 'False', reason, message } as const
    const options = { now: rfc3339(hands.core.clock.now()), touch: 'lastUpdateTime' } as const
    const conditions = withCondition(conditionsOf(deployment), condition, options)
    const status = { ...statusOf(deployment), conditions }
    hands.setStatus(hands.kind('apps', 'Deployment'), deployment, status)
  }
  tell(hands, deployment, { reason, message })
}

function newSet({ deployment, old }: Sets, revision: number): KubeObject {
  const spec = specOf(deployment)
  const template = (spec['template'] ?? {}) as JsonObject
  const metadata = (template['metadata'] ?? {}) as JsonObject
  const { collisionCount } = statusOf(deployment)
  const collisions = typeof collisionCount === 'number' ? collisionCount : undefined
  const hash = templateHash(template, collisions)
  const labels = { ...((metadata['labels'] ?? {}) as Record<string, string>), [HASH]: hash }
  const selector = (spec['selector'] ?? {}) as JsonObject
  const matchLabels = { ...((selector['matchLabels'] ?? {}) as JsonObject), [HASH]: hash }
  const total = old.reduce((sum, set) => sum + replicasOf(set), 0)
  const body: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${(deployment.metadata.name ?? '').slice(0, 252 - hash.length)}-${hash}`,
      namespace: deployment.metadata.namespace ?? '',
      labels,
      ownerReferences: [controllerRef(deployment)],
    },
    spec: {
      replicas: grown(deployment, 0, total),
      selector: { ...selector, matchLabels },
      template: { ...template, metadata: { ...metadata, labels } },
      ...(spec['minReadySeconds'] === undefined
        ? {}
        : { minReadySeconds: spec['minReadySeconds'] }),
    },
  }
  const annotations = { ...annotationsFor(body, deployment, revision), ...scaleMarks(deployment) }
  return { ...body, metadata: { ...body.metadata, annotations } }
}

/** What a set is annotated with when it is scaled for a Deployment. */
export function scaleMarks(deployment: KubeObject): Record<string, string> {
  return {
    [DESIRED]: String(replicasOf(deployment)),
    [MAX]: String(replicasOf(deployment) + surgeOf(deployment)),
  }
}

/** How many replicas the new set may have when there are so many in all. */
export function grown(deployment: KubeObject, now: number, total: number): number {
  const wanted = replicasOf(deployment)
  const strategy = (specOf(deployment)['strategy'] ?? {}) as JsonObject
  if (strategy['type'] === 'Recreate') return wanted
  const room = wanted + surgeOf(deployment) - total
  return room <= 0 ? now : now + Math.min(room, wanted - now)
}
