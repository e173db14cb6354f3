import type { JsonObject, KubeObject } from '../../object/index.ts'
import { childrenOf, ownersConcerned } from './adoption.ts'
import {
  DaemonBackoff,
  type DaemonLook,
  manage,
  startDaemon,
  tolerationsOf,
} from './daemon-pods.ts'
import { replaceOld } from './daemon-rollout.ts'
import { type Controller, type Hands, numberIn, specOf, statusOf } from './hands.ts'
import { withoutEmpty } from './parts.ts'
import { allowsNode, untolerated } from './placement.ts'
import {
  deletePod,
  isReady,
  isTerminating,
  minReadyOf,
  nodeMeant,
  PODS,
  untilAvailable,
} from './pods.ts'
import { hashIn, historyOf, REVISION } from './revisions.ts'

const DAEMON_SETS = 'daemonsets.apps'

/**
 * Keeps one pod of each DaemonSet on every node.
 * @see kubernetes pkg/controller/daemon (v1.36)
 */
export function daemonSetController(hands: Hands): Controller {
  const backoff = new DaemonBackoff()
  return {
    name: 'daemonset',
    tables: [DAEMON_SETS, 'nodes', PODS],
    concerns: (event) => {
      if (event.table === DAEMON_SETS) return event.type === 'DELETED' ? [] : [event.key]
      if (event.table === PODS)
        return ownersConcerned(hands, event, { kind: 'DaemonSet', table: DAEMON_SETS })
      const { object, previous } = event
      const isNews =
        event.type !== 'MODIFIED' ||
        object.metadata.labels !== previous?.metadata.labels ||
        specOf(object)['taints'] !==
          (previous === undefined ? undefined : specOf(previous)['taints'])
      // Pods of a node that is gone are collected first.
      if (event.type === 'DELETED' || !isNews) return []
      return hands.core.store
        .list(DAEMON_SETS)
        .filter((set) => isConcerned(hands, set, event.object))
        .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
    },
    sync: (key) => {
      const [namespace = '', name = ''] = key.split('/')
      const set = hands.get(hands.kind('apps', 'DaemonSet'), namespace, name)
      return set === undefined ? undefined : look(hands, set, backoff)
    },
  }
}

/**
 * Whether a set has something to do about a node that is another one now.
 * @see kubernetes pkg/controller/daemon/daemon_controller.go syncNodeUpdate (v1.36.3)
 */
function isConcerned(hands: Hands, set: KubeObject, node: KubeObject): boolean {
  const { start, stay } = mayRun(daemonSpec(set), node)
  const isThere = hands
    .dependents(hands.kind('', 'Pod'), set)
    .some((pod) => specOf(pod)['nodeName'] === node.metadata.name)
  if (!isThere) return start
  return !stay || numberIn(statusOf(set), 'numberMisscheduled', 0) > 0
}

/** The spec of the pods of a set, with what they tolerate. */
function daemonSpec(set: KubeObject): JsonObject {
  const { spec = {} } = (specOf(set)['template'] ?? {}) as { readonly spec?: JsonObject }
  return { ...spec, tolerations: tolerationsOf(set) }
}

function look(hands: Hands, set: KubeObject, backoff: DaemonBackoff): number | undefined {
  if (set.metadata.deletionTimestamp !== undefined) return undefined
  const history = historyOf(hands, set, REVISION)
  const hash = hashIn(history.update, REVISION)
  const before = lookOf(hands, set, hash)
  const step = manage(hands, before, backoff)
  for (const name of step.starting) startDaemon(hands, set, { node: name, hash })
  for (const pod of step.ending) deletePod(hands, set, pod)
  const isQuiet = step.starting.length + step.ending.length === 0
  if (isQuiet) {
    const next = replaceOld(before)
    for (const name of next.starting) startDaemon(hands, set, { node: name, hash })
    for (const pod of next.ending) deletePod(hands, set, pod)
  }
  forgetOld(
    hands,
    before,
    history.all.filter((each) => each !== history.update),
  )
  return earliest(step.again, report(hands, lookOf(hands, set, hash)))
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b)
}

function lookOf(hands: Hands, set: KubeObject, hash: string): DaemonLook {
  const pods = childrenOf(hands, hands.kind('', 'Pod'), set).filter((pod) => {
    const { phase } = statusOf(pod)
    return !(isTerminating(pod) && (phase === 'Failed' || phase === 'Succeeded'))
  })
  const nodes = hands.list(hands.kind('', 'Node'))
  const on = new Map<string, KubeObject[]>()
  for (const pod of pods) {
    const node = String(specOf(pod)['nodeName'] ?? nodeMeant(pod) ?? '')
    on.set(node, [...(on.get(node) ?? []), pod])
  }
  const daemon = daemonSpec(set)
  const may = new Map(
    nodes.map((node) => [node.metadata.name ?? '', mayRun(daemon, node)] as const),
  )
  return { set, hash, on, may, now: hands.core.clock.now() }
}

/** Whether a node is to have a pod, and whether one that is there may stay. */
function mayRun(
  spec: JsonObject,
  node: KubeObject,
): DaemonLook['may'] extends ReadonlyMap<string, infer May> ? May : never {
  if (!allowsNode(spec, node)) return { start: false, stay: false }
  const start = untolerated(spec, node, ['NoSchedule', 'NoExecute']) === undefined
  return { start, stay: start || untolerated(spec, node, ['NoExecute']) === undefined }
}

/** Deletes revisions beyond the limit that no pod has. */
function forgetOld(hands: Hands, { set, on }: DaemonLook, old: readonly KubeObject[]): void {
  const hashes = new Set([...on.values()].flat().map((pod) => pod.metadata.labels?.[REVISION]))
  const surplus = old.length - numberIn(specOf(set), 'revisionHistoryLimit', 10)
  const idle = old.filter((each) => !hashes.has(hashIn(each, REVISION)))
  for (const each of idle.slice(0, Math.max(0, surplus)))
    if (each.metadata.deletionTimestamp === undefined)
      hands.remove(hands.kind('apps', 'ControllerRevision'), each)
}

function report(hands: Hands, at: DaemonLook): number | undefined {
  const { set, on, may, now } = at
  const count = { desired: 0, current: 0, misplaced: 0, ready: 0, available: 0, updated: 0 }
  let again: number | undefined
  for (const [node, { start }] of may) {
    const [pod] = [...(on.get(node) ?? [])].sort(byAge)
    if (!start) count.misplaced += pod === undefined ? 0 : 1
    if (!start) continue
    count.desired += 1
    if (pod === undefined) continue
    count.current += 1
    const left = untilAvailable(pod, minReadyOf(set), now)
    if (isReady(pod)) count.ready += 1
    if (left === 0) count.available += 1
    else again = earliest(again, left)
    if (isUpdated(at, pod)) count.updated += 1
  }
  hands.setStatus(hands.kind('apps', 'DaemonSet'), set, {
    currentNumberScheduled: count.current,
    numberMisscheduled: count.misplaced,
    desiredNumberScheduled: count.desired,
    numberReady: count.ready,
    ...withoutEmpty({
      observedGeneration: set.metadata.generation,
      updatedNumberScheduled: count.updated,
      numberAvailable: count.available,
      numberUnavailable: count.desired - count.available,
      conditions: statusOf(set)['conditions'],
      collisionCount: statusOf(set)['collisionCount'],
    }),
  })
  return again
}

function isUpdated({ hash }: DaemonLook, pod: KubeObject): boolean {
  return pod.metadata.labels?.[REVISION] === hash
}

function byAge(a: KubeObject, b: KubeObject): number {
  const [left, right] = [a, b].map((pod) => pod.metadata.creationTimestamp ?? '') as [
    string,
    string,
  ]
  return left < right ? -1 : left > right ? 1 : 0
}
