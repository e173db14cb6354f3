import { compareText } from '../../base/index.ts'
import type { JsonObject, KubeObject } from '../../object/index.ts'
import { type Hands, specOf, statusOf } from './hands.ts'
import { createPod, isReady, isTerminating, minReadyOf, untilAvailable } from './pods.ts'
import { record } from './recorder.ts'
import { REVISION } from './revisions.ts'

/** What is looked at of a DaemonSet. */
export interface DaemonLook {
  readonly set: KubeObject
  /** Of the revision that pods are to have. */
  readonly hash: string
  /** Its pods, by the node that they run on or are meant for. */
  readonly on: ReadonlyMap<string, readonly KubeObject[]>
  /** For each node whether it is to have a pod, and whether one that is there may stay. */
  readonly may: ReadonlyMap<string, { readonly start: boolean; readonly stay: boolean }>
  readonly now: number
}

/** What is to be done about pods. */
export interface DaemonStep {
  /** Nodes that get a pod. */
  readonly starting: readonly string[]
  readonly ending: readonly KubeObject[]
}

const BACKOFF_FIRST_MS = 1000
const BACKOFF_MAX_MS = 15 * 60_000

/** How long pods that fail on a node again and again are left to lie before they are replaced. */
export class DaemonBackoff {
  readonly #waits = new Map<string, { ms: number; since: number }>()

  /** How long the next one has to wait still; 0: it is replaced now, and the one after it waits longer. */
  next(key: string, now: number): number {
    const had = this.#waits.get(key)
    if (had !== undefined && now - had.since < had.ms) return had.ms
    const isOld = had === undefined || now - had.since > 2 * BACKOFF_MAX_MS
    const ms = isOld ? BACKOFF_FIRST_MS : Math.min(BACKOFF_MAX_MS, had.ms * 2)
    this.#waits.set(key, { ms, since: now })
    return 0
  }
}

const GENERATION = 'pod-template-generation'

/** Whether a DaemonSet brings new pods before it takes old ones away. */
export function hasSurge(set: KubeObject): boolean {
  const { rollingUpdate } = (specOf(set)['updateStrategy'] ?? {}) as { rollingUpdate?: JsonObject }
  const surge = rollingUpdate?.['maxSurge']
  return surge !== undefined && surge !== 0 && surge !== '0' && surge !== '0%'
}

/** Which nodes lack a pod, and which pods there is no reason for. */
export function manage(
  hands: Hands,
  at: DaemonLook,
  backoff: DaemonBackoff,
): DaemonStep & { readonly again: number | undefined } {
  const starting: string[] = []
  const ending: KubeObject[] = []
  let again: number | undefined
  for (const [node, { start, stay }] of at.may) {
    const pods = at.on.get(node)
    if (start && pods === undefined) starting.push(node)
    else if (!stay) ending.push(...(pods ?? []).filter((pod) => !isTerminating(pod)))
    else {
      const found = sift(hands, at, { node, pods: pods ?? [], backoff })
      again = Math.min(again ?? Number.POSITIVE_INFINITY, found.again ?? Number.POSITIVE_INFINITY)
      ending.push(...found.ended, ...surplus(at, found.running))
      if (hasSurge(at.set) && found.running.length === 0 && start) starting.push(node)
    }
  }
  for (const [node, pods] of at.on)
    if (!at.may.has(node))
      ending.push(
        ...pods.filter((pod) => specOf(pod)['nodeName'] === undefined && !isTerminating(pod)),
      )
  return { starting, ending, again: Number.isFinite(again) ? again : undefined }
}

/** Tells the pods of a node that run from those that ended. */
function sift(
  hands: Hands,
  { set, now }: DaemonLook,
  on: {
    readonly node: string
    readonly pods: readonly KubeObject[]
    readonly backoff: DaemonBackoff
  },
): { readonly running: KubeObject[]; readonly ended: KubeObject[]; readonly again?: number } {
  const [running, ended]: [KubeObject[], KubeObject[]] = [[], []]
  let again: number | undefined
  for (const pod of on.pods) {
    if (isTerminating(pod)) continue
    const { phase } = statusOf(pod)
    const which = `${pod.metadata.namespace}/${pod.metadata.name} on node ${on.node}`
    const component = 'daemonset-controller'
    if (phase === 'Failed') {
      const wait = on.backoff.next(`${set.metadata.uid} ${on.node}`, now)
      again = wait === 0 ? again : Math.min(again ?? wait, wait)
      if (wait > 0) continue
      const message = `Found failed daemon pod ${which}, will try to kill it`
      record(hands, set, { type: 'Warning', reason: 'FailedDaemonPod', message, component })
      ended.push(pod)
    } else if (phase === 'Succeeded') {
      const message = `Found succeeded daemon pod ${which}, will try to delete it`
      record(hands, set, { type: 'Normal', reason: 'SucceededDaemonPod', message, component })
      ended.push(pod)
    } else running.push(pod)
  }
  return { running, ended, ...(again === undefined ? {} : { again }) }
}

/** Pods of which one node has too many: the oldest stays, with surge the oldest of each revision. */
function surplus(at: DaemonLook, running: readonly KubeObject[]): readonly KubeObject[] {
  const ordered = [...running].sort(byScheduleAndAge)
  if (!hasSurge(at.set) || ordered.length <= 1) return ordered.slice(1)
  const isNew = (pod: KubeObject): boolean => pod.metadata.labels?.[REVISION] === at.hash
  const newest = ordered.find(isNew)
  const oldest = ordered.find((pod) => !isNew(pod))
  const gone = ordered.filter((pod) => pod !== newest && pod !== oldest)
  if (newest === undefined || oldest === undefined) return gone
  const isDone = untilAvailable(newest, minReadyOf(at.set), at.now) === 0
  return !isReady(oldest) || isDone ? [...gone, oldest] : gone
}

function byScheduleAndAge(a: KubeObject, b: KubeObject): number {
  const placed = (pod: KubeObject): number => (specOf(pod)['nodeName'] === undefined ? 1 : 0)
  return (
    placed(a) - placed(b) ||
    compareText(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '')
  )
}

/** Creates the pod of a node. */
export function startDaemon(
  hands: Hands,
  set: KubeObject,
  { node, hash }: { readonly node: string; readonly hash: string },
): void {
  const generation = set.metadata.annotations?.['deprecated.daemonset.template.generation']
  createPod(hands, set, {
    metadata: {
      labels: {
        [REVISION]: hash,
        ...(generation === undefined ? {} : { [GENERATION]: generation }),
      },
    },
    spec: { affinity: affinityTo(set, node), tolerations: tolerationsOf(set) },
  })
}

const TOLERATED: readonly (readonly [string, string])[] = [
  ['NoExecute', 'not-ready'],
  ['NoExecute', 'unreachable'],
  ['NoSchedule', 'disk-pressure'],
  ['NoSchedule', 'memory-pressure'],
  ['NoSchedule', 'pid-pressure'],
  ['NoSchedule', 'unschedulable'],
]

/** The tolerations of a DaemonSet's pods: those of the template, and those that all of them have. */
export function tolerationsOf(set: KubeObject): JsonObject[] {
  const template = (specOf(set)['template'] ?? {}) as {
    spec?: { tolerations?: JsonObject[]; hostNetwork?: boolean }
  }
  const more = template.spec?.hostNetwork === true ? [['NoSchedule', 'network-unavailable']] : []
  const own = template.spec?.tolerations ?? []
  const added = [...TOLERATED, ...more].map(([effect = '', name = '']) => ({
    key: `node.kubernetes.io/${name}`,
    operator: 'Exists',
    effect,
  }))
  const isThere = (each: JsonObject): boolean =>
    own.some(
      ({ key, operator, effect }) =>
        key === each['key'] && operator === 'Exists' && effect === each['effect'],
    )
  return [...own, ...added.filter((each) => !isThere(each))]
}

/** The affinity of the template, to one node only. */
function affinityTo(set: KubeObject, node: string): JsonObject {
  const template = (specOf(set)['template'] ?? {}) as { spec?: { affinity?: JsonObject } }
  const fields = [{ key: 'metadata.name', operator: 'In', values: [node] }]
  const { affinity } = template.spec ?? {}
  return {
    ...affinity,
    nodeAffinity: {
      ...((affinity?.['nodeAffinity'] ?? {}) as JsonObject),
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: fields }],
      },
    },
  }
}
