import type { JsonObject, KubeObject } from '../../object/index.ts'
import { StatusFault } from '../status.ts'
import { childrenOf, ownersConcerned } from './adoption.ts'
import { type Controller, type Hands, numberIn, specOf, statusOf } from './hands.ts'
import { withoutEmpty } from './parts.ts'
import { isTerminating, minReadyOf, PODS, podsOf, untilAvailable } from './pods.ts'
import { type History, historyOf, REVISION, templateIn, truncate } from './revisions.ts'
import { replicasOf } from './rollout.ts'
import {
  addMissingClaims,
  isClaimStale,
  keepClaims,
  ordinalOf,
  removePod,
  repairPod,
  startOf,
  startPod,
} from './stateful-pods.ts'

const STATEFUL_SETS = 'statefulsets.apps'
const HASH_LABEL = 'controller.kubernetes.io/hash'

/**
 * Keeps the pods of StatefulSets, one after another by their ordinals.
 * @see kubernetes pkg/controller/statefulset (v1.36)
 */
export function statefulSetController(hands: Hands): Controller {
  return {
    name: 'statefulset',
    tables: [STATEFUL_SETS, PODS],
    concerns: (event) => {
      if (event.table === STATEFUL_SETS) return event.type === 'DELETED' ? [] : [event.key]
      return ownersConcerned(hands, event, { kind: 'StatefulSet', table: STATEFUL_SETS })
    },
    sync: (key) => {
      const [namespace = '', name = ''] = key.split('/')
      const set = hands.get(hands.kind('apps', 'StatefulSet'), namespace, name)
      return set === undefined ? undefined : look(hands, set)
    },
  }
}

/** What is looked at of a StatefulSet. */
interface Look {
  readonly set: KubeObject
  readonly history: History
  /** The revision that most pods had before an update began. */
  readonly current: KubeObject
  readonly pods: ReadonlyMap<number, KubeObject>
  readonly now: number
}

function look(hands: Hands, set: KubeObject): number | undefined {
  // What belongs to one that goes is being collected: nothing is made for it any more.
  if (set.metadata.deletionTimestamp !== undefined) return undefined
  const own = podsClaimed(hands, set)
  const history = historyOf(hands, set, HASH_LABEL)
  const { currentRevision } = statusOf(set)
  const current =
    history.all.find((each) => each.metadata.name === currentRevision) ?? history.update
  const pods = new Map(own.map((pod) => [ordinalOf(pod), pod]))
  const at: Look = { set, history, current, pods, now: hands.core.clock.now() }
  const refusal = refusedIn(() => level(hands, at))
  const again = report(hands, at)
  const names = new Set(podsOf(hands, set).map((pod) => pod.metadata.labels?.[REVISION]))
  const live = new Set(
    history.all.filter(
      (each) => each === current || each === history.update || names.has(each.metadata.name ?? ''),
    ),
  )
  truncate(hands, set, { all: history.all, live })
  if (refusal !== undefined) throw refusal
  return again
}

/** What kept pods from being brought nearer; the status is written all the same. */
function refusedIn(act: () => void): StatusFault | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    if (error instanceof StatusFault) return error
    throw error
  }
}

function podsClaimed(hands: Hands, set: KubeObject): KubeObject[] {
  const prefix = `${set.metadata.name}-`
  const mayTake = ({ metadata: { name = '' } }: KubeObject): boolean =>
    name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length))
  return childrenOf(hands, hands.kind('', 'Pod'), set, { mayTake })
}

function isRunning(pod: KubeObject): boolean {
  return statusOf(pod)['phase'] === 'Running'
}

function isAvailable({ set, now }: Look, pod: KubeObject | undefined): boolean {
  return pod !== undefined && isRunning(pod) && untilAvailable(pod, minReadyOf(set), now) === 0
}

function isUnavailable(at: Look, pod: KubeObject | undefined): boolean {
  return pod === undefined || isTerminating(pod) || !isAvailable(at, pod)
}

/** Brings pods nearer to what they should be, as far as that goes at once. */
function level(hands: Hands, at: Look): void {
  const { set, pods } = at
  const first = startOf(set)
  const end = first + replicasOf(set)
  const inTurn = specOf(set)['podManagementPolicy'] !== 'Parallel'
  for (let ordinal = first; ordinal < end; ordinal += 1)
    if (!keep(hands, at, ordinal) && inTurn) return
  const surplus = [...pods]
    .filter(([ordinal]) => ordinal >= end || ordinal < first)
    .sort(([a], [b]) => b - a)
    .map(([, pod]) => pod)
  for (const pod of surplus) keepClaims(hands, set, pod)
  const within = [...pods].filter(([ordinal]) => ordinal >= first && ordinal < end)
  const inOrder = [
    ...within.sort(([a], [b]) => a - b).map(([, pod]) => pod),
    ...surplus.toReversed(),
  ]
  const sick = inOrder.find((pod) => isUnavailable(at, pod))
  for (const pod of surplus) {
    const isHeld = !isAvailable(at, pod) && pod !== sick
    if (!isTerminating(pod) && !(inTurn && isHeld)) removePod(hands, set, pod)
    if (inTurn) return
  }
  update(hands, at, { first, end })
}

/** Looks after the pod of an ordinal; false when the next one has to wait for it. */
function keep(hands: Hands, at: Look, ordinal: number): boolean {
  const { set, history, current, pods } = at
  const pod = pods.get(ordinal)
  const phase = pod === undefined ? undefined : statusOf(pod)['phase']
  if (pod !== undefined && (phase === 'Failed' || phase === 'Succeeded')) {
    if (!isTerminating(pod)) removePod(hands, set, pod)
    return false
  }
  if (pod === undefined) {
    if (isClaimStale(hands, set, ordinal)) return false
    const revision = ordinal < heldBelow(set) ? current : history.update
    startPod(hands, set, { ordinal, revision, template: templateIn(revision) })
    return false
  }
  if (phase === 'Pending') addMissingClaims(hands, set, pod)
  if (isTerminating(pod) || !isAvailable(at, pod)) return false
  repairPod(hands, set, pod)
  return true
}

/** Ordinals below this one keep the current revision. */
function heldBelow(set: KubeObject): number {
  const strategy = (specOf(set)['updateStrategy'] ?? {}) as JsonObject
  if (strategy['type'] === 'OnDelete') return startOf(set)
  const rolling = strategy['rollingUpdate'] as JsonObject | undefined
  const held =
    rolling === undefined
      ? numberIn(statusOf(set), 'currentReplicas', 0)
      : numberIn(rolling, 'partition', 0)
  return startOf(set) + held
}

/** Takes the last pod of an older revision away, so that it comes back as a new one. */
function update(
  hands: Hands,
  at: Look,
  { first, end }: { readonly first: number; readonly end: number },
): void {
  const { set, history, pods } = at
  const strategy = (specOf(set)['updateStrategy'] ?? {}) as JsonObject
  if (strategy['type'] === 'OnDelete') return
  const rolling = (strategy['rollingUpdate'] ?? {}) as JsonObject
  const from = first + numberIn(rolling, 'partition', 0)
  for (let ordinal = end - 1; ordinal >= from; ordinal -= 1) {
    const pod = pods.get(ordinal)
    const isOld =
      pod !== undefined && pod.metadata.labels?.[REVISION] !== history.update.metadata.name
    if (isOld && !isTerminating(pod)) removePod(hands, set, pod)
    if (isOld && !isTerminating(pod)) return
    if (isUnavailable(at, pod)) return
  }
}

function report(hands: Hands, at: Look): number | undefined {
  const { set, history, current } = at
  const pods = podsClaimed(hands, set)
  const names = { update: history.update.metadata.name, current: current.metadata.name }
  const ready = pods.filter((pod) => isRunning(pod) && untilAvailable(pod, 0, at.now) !== undefined)
  const available = ready.filter((pod) => isAvailable(at, pod)).length
  const on = (name: string | undefined): number =>
    pods.filter((pod) => !isTerminating(pod) && pod.metadata.labels?.[REVISION] === name).length
  const strategy = (specOf(set)['updateStrategy'] ?? {}) as JsonObject
  const wanted = replicasOf(set)
  const updated = on(names.update)
  const isComplete =
    strategy['type'] !== 'OnDelete' &&
    [updated, ready.length, pods.length].every((each) => each === wanted)
  hands.setStatus(hands.kind('apps', 'StatefulSet'), set, {
    ...withoutEmpty({
      observedGeneration: set.metadata.generation,
      readyReplicas: ready.length,
      currentReplicas: isComplete ? updated : on(names.current),
      updatedReplicas: updated,
      currentRevision: isComplete ? names.update : names.current,
      updateRevision: names.update,
      conditions: statusOf(set)['conditions'],
    }),
    replicas: pods.length,
    collisionCount: history.collisions,
    availableReplicas: available,
  })
  const waits = ready.map((pod) => untilAvailable(pod, minReadyOf(set), at.now) ?? 0)
  const longer = waits.filter((each) => each > 0)
  return longer.length === 0 ? undefined : Math.min(...longer)
}
