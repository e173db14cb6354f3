import { compareText } from '../../base/index.ts'
import { isArray, isObject, type JsonObject, type KubeObject } from '../../object/index.ts'
import { alreadyExists, StatusFault } from '../status.ts'
import { type Hands, numberIn, specOf, statusOf } from './hands.ts'
import { controllerOf, controllerRef } from './owners.ts'
import { conditionOf, isTrueOf, podFrom } from './parts.ts'
import { record } from './recorder.ts'

/** The table of pods. */
export const PODS = 'pods'

/** The pods that an owner controls, by name. */
export function podsOf(hands: Hands, owner: KubeObject): KubeObject[] {
  return hands
    .dependents(hands.kind('', 'Pod'), owner)
    .filter((pod) => controllerOf(pod)?.uid === owner.metadata.uid)
}

/** Whether a pod still counts: it has neither ended nor is it going. */
export function isActive(pod: KubeObject): boolean {
  const { phase } = statusOf(pod)
  return phase !== 'Succeeded' && phase !== 'Failed' && pod.metadata.deletionTimestamp === undefined
}

/** Whether a pod is being deleted and has not ended. */
export function isTerminating(pod: KubeObject): boolean {
  return pod.metadata.deletionTimestamp !== undefined
}

/** Whether a pod serves. */
export function isReady(pod: KubeObject): boolean {
  return isTrueOf(pod, 'Ready')
}

/** For how many milliseconds a ready pod is not yet available; 0 when it is, undefined unready. */
export function untilAvailable(
  pod: KubeObject,
  minReadySeconds: number,
  now: number,
): number | undefined {
  if (!isReady(pod)) return undefined
  const since = Date.parse(String(conditionOf(pod, 'Ready')?.['lastTransitionTime']))
  return Math.max(0, since + minReadySeconds * 1000 - now)
}

/** Counters of a set of pods, as ReplicaSets and StatefulSets report them. */
export interface PodCounts {
  readonly ready: number
  readonly available: number
  /** When the next pod becomes available by waiting. */
  readonly again: number | undefined
}

/** Counts ready and available pods. */
export function countPods(
  pods: readonly KubeObject[],
  minReadySeconds: number,
  now: number,
): PodCounts {
  let ready = 0
  let available = 0
  let again: number | undefined
  for (const pod of pods) {
    const left = untilAvailable(pod, minReadySeconds, now)
    if (left === undefined) continue
    ready += 1
    if (left === 0) available += 1
    else again = Math.min(again ?? left, left)
  }
  return { ready, available, again }
}

/**
 * Creates a pod from the template of its owner, and tells of it; of one with a given name `made` tells.
 * @throws AskedWebhooks while webhooks are asked about it
 */
export function createPod(
  hands: Hands,
  owner: KubeObject,
  more: {
    readonly name?: string
    readonly prefix?: string
    readonly metadata?: JsonObject
    readonly spec?: JsonObject
    readonly made?: (pod: KubeObject) => void
  } = {},
): void {
  const template = (specOf(owner)['template'] ?? {}) as JsonObject
  const base = more.prefix ?? `${owner.metadata.name}-`
  const pod = podFrom(owner, template, more.metadata ?? {})
  const name = more.name === undefined ? {} : { name: more.name }
  const { namespace = '' } = owner.metadata
  const body = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...pod.metadata,
      ...name,
      generateName: base,
      namespace,
      ownerReferences: [controllerRef(owner)],
    },
    spec: { ...pod.spec, ...more.spec },
  } as KubeObject
  const isNamed = more.name !== undefined
  // The pod of somebody else is not taken for the one that was to be made.
  if (isNamed && hands.get(hands.kind('', 'Pod'), namespace, more.name) !== undefined)
    throw alreadyExists(hands.kind('', 'Pod'), more.name)
  try {
    hands.createPod(body, (created) => {
      if (!isNamed)
        tellOf(hands, owner, 'SuccessfulCreate', `Created pod: ${created.metadata.name}`)
      more.made?.(created)
    })
  } catch (error) {
    if (error instanceof StatusFault && !isEnding(hands, owner) && !isNamed)
      tellOf(hands, owner, 'FailedCreate', `Error creating: ${error.message}`)
    throw error
  }
}

/** Whether the namespace of an object goes: then nothing can be made in it, and nobody is told. */
export function isEnding(hands: Hands, { metadata }: KubeObject): boolean {
  const namespace = hands.core.store.get('namespaces', metadata.namespace ?? '')
  return namespace === undefined || namespace.metadata.deletionTimestamp !== undefined
}

/** Deletes a pod for its owner, and tells of it. */
export function deletePod(hands: Hands, owner: KubeObject, pod: KubeObject): void {
  hands.remove(hands.kind('', 'Pod'), pod)
  tellOf(hands, owner, 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`)
}

function tellOf(hands: Hands, owner: KubeObject, reason: string, message: string): void {
  const type = reason.startsWith('Failed') ? 'Warning' : 'Normal'
  const component = COMPONENTS[owner.kind] ?? `${owner.kind.toLowerCase()}-controller`
  record(hands, owner, { type, reason, message, component })
}

/** Controllers that are not called after their kind. */
const COMPONENTS: Readonly<Record<string, string>> = {
  ReplicationController: 'replication-controller',
}

const PHASES: readonly unknown[] = ['Pending', 'Unknown', 'Running']

/**
 * Pods in the order in which they are taken away: the least useful first. `related` are the pods of
 * all owners of the same kind below the same Deployment.
 * @see kubernetes pkg/controller/controller_utils.go ActivePodsWithRanks (v1.36.3)
 */
export function leastUseful(
  pods: readonly KubeObject[],
  related: readonly KubeObject[],
  now: number,
): KubeObject[] {
  const onNode = new Map<unknown, number>()
  for (const pod of related)
    onNode.set(specOf(pod)['nodeName'], (onNode.get(specOf(pod)['nodeName']) ?? 0) + 1)
  const ageOf = (since: unknown): number =>
    Math.floor(Math.log2(Math.max(1, (now - Date.parse(String(since))) * 1_000_000)))
  const marks = new Map(
    pods.map((pod) => {
      const ready = isReady(pod)
      const since = String(conditionOf(pod, 'Ready')?.['lastTransitionTime'])
      const { nodeName } = specOf(pod)
      const ranks = [
        nodeName === undefined ? 0 : 1,
        Math.max(0, PHASES.indexOf(statusOf(pod)['phase'])),
        ready ? 1 : 0,
        deletionCost(pod),
        -(onNode.get(nodeName) ?? 0),
        ready ? ageOf(since) : 0,
        -mostRestarts(pod),
        ageOf(pod.metadata.creationTimestamp),
      ]
      return [pod, ranks] as const
    }),
  )
  return [...pods].sort((a, b) => {
    const [left = [], right = []] = [marks.get(a), marks.get(b)]
    const at = left.findIndex((each, i) => each !== right[i])
    if (at >= 0) return (left[at] ?? 0) - (right[at] ?? 0)
    return compareText(a.metadata.uid ?? '', b.metadata.uid ?? '')
  })
}

function deletionCost(pod: KubeObject): number {
  const text = pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? ''
  return /^(?:0|-?[1-9]\d{0,9})$/.test(text) ? Number(text) : 0
}

function mostRestarts(pod: KubeObject): number {
  const { containerStatuses } = statusOf(pod)
  const counts = isArray(containerStatuses)
    ? containerStatuses.filter(isObject).map((each) => numberIn(each, 'restartCount', 0))
    : []
  return Math.max(0, ...counts)
}

/** `minReadySeconds` of a workload. */
export function minReadyOf(owner: KubeObject): number {
  return numberIn(specOf(owner), 'minReadySeconds', 0)
}

/** The one node that the affinity of a pod leaves, as DaemonSets write it; undefined without one. */
export function nodeMeant(pod: KubeObject): string | undefined {
  const { affinity } = specOf(pod) as {
    affinity?: {
      nodeAffinity?: {
        requiredDuringSchedulingIgnoredDuringExecution?: {
          nodeSelectorTerms?: { matchFields?: { key: string; values?: string[] }[] }[]
        }
      }
    }
  }
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const fields = required?.nodeSelectorTerms?.[0]?.matchFields ?? []
  return fields.find((each) => each.key === 'metadata.name')?.values?.[0]
}
