import type { JsonObject, KubeObject } from '../../object/index.ts'
import { childrenOf } from './adoption.ts'
import { type Controller, type Hands, numberIn, specOf, statusOf } from './hands.ts'
import { controllerOf } from './owners.ts'
import { withoutEmpty } from './parts.ts'
import {
  countPods,
  createPod,
  isActive,
  isTerminating,
  minReadyOf,
  nodeMeant,
  PODS,
  podsOf,
} from './pods.ts'
import { REVISION, revisionHash, revisionOf } from './revisions.ts'

const DAEMON_SETS = 'daemonsets.apps'
const GENERATION = 'pod-template-generation'

/**
 * Keeps one pod of each DaemonSet on every node.
 * @see kubernetes pkg/controller/daemon (v1.36)
 */
export function daemonSetController(hands: Hands): Controller {
  return {
    name: 'daemonset',
    concerns: (event) => {
      if (event.table === DAEMON_SETS) return event.type === 'DELETED' ? [] : [event.key]
      if (event.table === 'nodes' && event.type !== 'MODIFIED')
        return hands.core.store.keys(DAEMON_SETS)
      if (event.table !== PODS) return []
      const owner = controllerOf(event.object)
      return owner?.kind === 'DaemonSet' ? [`${event.object.metadata.namespace}/${owner.name}`] : []
    },
    sync: (key) => {
      const [namespace = '', name = ''] = key.split('/')
      const set = hands.get(hands.kind('apps', 'DaemonSet'), namespace, name)
      if (set === undefined) return undefined
      if (set.metadata.deletionTimestamp === undefined) {
        revisionOf(hands, set, REVISION)
        level(hands, set)
      }
      return report(hands, set)
    },
  }
}

function nodesFor(hands: Hands, set: KubeObject): string[] {
  const template = (specOf(set)['template'] ?? {}) as { spec?: { nodeSelector?: JsonObject } }
  const wanted = Object.entries(template.spec?.nodeSelector ?? {})
  return hands
    .list(hands.kind('', 'Node'))
    .filter((node) => wanted.every(([key, value]) => node.metadata.labels?.[key] === value))
    .map((node) => node.metadata.name ?? '')
}

function level(hands: Hands, set: KubeObject): void {
  const pods = childrenOf(hands, hands.kind('', 'Pod'), set)
  const nodes = nodesFor(hands, set)
  const kind = hands.kind('', 'Pod')
  for (const node of nodes) {
    const [pod, ...surplus] = pods.filter((each) => nodeOf(each) === node)
    for (const each of surplus) if (!isTerminating(each)) hands.remove(kind, each)
    if (pod === undefined) startPod(hands, set, node)
    else if (!isTerminating(pod) && (!isActive(pod) || isOutdated(set, pod)))
      hands.remove(kind, pod)
  }
  for (const pod of pods)
    if (!nodes.includes(nodeOf(pod)) && !isTerminating(pod)) hands.remove(kind, pod)
}

/** The node that a pod runs on, or is meant for. */
function nodeOf(pod: KubeObject): string {
  return String(specOf(pod)['nodeName'] ?? nodeMeant(pod) ?? '')
}

function isOutdated(set: KubeObject, pod: KubeObject): boolean {
  const strategy = (specOf(set)['updateStrategy'] ?? {}) as JsonObject
  return strategy['type'] !== 'OnDelete' && pod.metadata.labels?.[REVISION] !== revisionHash(set)
}

function startPod(hands: Hands, set: KubeObject, node: string): void {
  const generation = set.metadata.annotations?.['deprecated.daemonset.template.generation'] ?? '1'
  createPod(hands, set, {
    metadata: { labels: { [REVISION]: revisionHash(set), [GENERATION]: generation } },
    spec: { affinity: affinityTo(set, node), tolerations: tolerationsOf(set) },
  })
}

/** The affinity of the template, to one node only. */
function affinityTo(set: KubeObject, node: string): JsonObject {
  const template = (specOf(set)['template'] ?? {}) as { spec?: { affinity?: JsonObject } }
  const terms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }]
  return {
    ...template.spec?.affinity,
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
  }
}

const TOLERATED: readonly (readonly [string, string])[] = [
  ['NoExecute', 'not-ready'],
  ['NoExecute', 'unreachable'],
  ['NoSchedule', 'disk-pressure'],
  ['NoSchedule', 'memory-pressure'],
  ['NoSchedule', 'pid-pressure'],
  ['NoSchedule', 'unschedulable'],
]

function tolerationsOf(set: KubeObject): JsonObject[] {
  const template = (specOf(set)['template'] ?? {}) as {
    spec?: { tolerations?: JsonObject[]; hostNetwork?: boolean }
  }
  const more = template.spec?.hostNetwork === true ? [['NoSchedule', 'network-unavailable']] : []
  return [
    ...(template.spec?.tolerations ?? []),
    ...[...TOLERATED, ...more].map(([effect = '', name = '']) => ({
      key: `node.kubernetes.io/${name}`,
      operator: 'Exists',
      effect,
    })),
  ]
}

function report(hands: Hands, set: KubeObject): number | undefined {
  const nodes = nodesFor(hands, set)
  const pods = podsOf(hands, set).filter((pod) => !isTerminating(pod))
  const counts = countPods(pods, minReadyOf(set), hands.core.clock.now())
  const desired = nodes.length
  const current = pods.filter((pod) => nodes.includes(nodeOf(pod))).length
  hands.setStatus(hands.kind('apps', 'DaemonSet'), set, {
    currentNumberScheduled: current,
    numberMisscheduled: pods.length - current,
    desiredNumberScheduled: desired,
    numberReady: counts.ready,
    ...withoutEmpty({
      observedGeneration: numberIn(set.metadata as JsonObject, 'generation', 0),
      updatedNumberScheduled: pods.filter(
        (pod) => pod.metadata.labels?.[REVISION] === revisionHash(set),
      ).length,
      numberAvailable: counts.available,
      numberUnavailable: desired - counts.available,
      conditions: statusOf(set)['conditions'],
    }),
  })
  return counts.again
}
