import { compareText } from '../../base/index.ts'
import type { JsonObject, KubeObject } from '../../object/index.ts'
import { suffix } from '../writes.ts'
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

/** Creates a pod from the template of its owner. */
export function createPod(
  hands: Hands,
  owner: KubeObject,
  more: { readonly name?: string; readonly metadata?: JsonObject; readonly spec?: JsonObject } = {},
): KubeObject {
  const template = (specOf(owner)['template'] ?? {}) as JsonObject
  const base = `${owner.metadata.name}-`
  const pod = podFrom(owner, template, more.metadata ?? {})
  const name =
    more.name === undefined
      ? { name: base.slice(0, 58) + suffix(hands.core), generateName: base }
      : { name: more.name, generateName: base }
  const created = hands.create(hands.kind('', 'Pod'), {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...pod.metadata,
      ...name,
      namespace: owner.metadata.namespace ?? '',
      ownerReferences: [controllerRef(owner)],
    },
    spec: { ...pod.spec, ...more.spec },
  } as KubeObject)
  const made = created.metadata.name
  record(hands, owner, {
    type: 'Normal',
    reason: 'SuccessfulCreate',
    message:
      owner.kind === 'StatefulSet'
        ? `Create Pod ${made} in StatefulSet ${owner.metadata.name} successful`
        : `Created pod: ${made}`,
    component: COMPONENTS[owner.kind] ?? `${owner.kind.toLowerCase()}-controller`,
  })
  return created
}

/** Controllers that are not called after their kind. */
const COMPONENTS: Readonly<Record<string, string>> = {
  ReplicationController: 'replication-controller',
}

/** Pods in the order in which they are taken away: the least useful first. */
export function leastUseful(pods: readonly KubeObject[]): KubeObject[] {
  const rank = (pod: KubeObject): number => {
    if (specOf(pod)['nodeName'] === undefined) return 0
    const phase = statusOf(pod)['phase']
    if (phase === 'Pending') return 1
    return isReady(pod) ? 3 : 2
  }
  return [...pods].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      compareText(b.metadata.creationTimestamp ?? '', a.metadata.creationTimestamp ?? '') ||
      compareText(b.metadata.name ?? '', a.metadata.name ?? ''),
  )
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
