import type { JsonObject, KubeObject } from '../../object/index.ts'
import { type Controller, type Hands, numberIn, specOf, statusOf } from './hands.ts'
import { controllerOf } from './owners.ts'
import { hashText, withoutEmpty } from './parts.ts'
import { countPods, createPod, isActive, isTerminating, minReadyOf, PODS, podsOf } from './pods.ts'

const DAEMON_SETS = 'daemonsets.apps'
const REVISION = 'controller-revision-hash'
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
      if (set.metadata.deletionTimestamp === undefined) level(hands, set)
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

function hashOf(set: KubeObject): string {
  return hashText((specOf(set)['template'] ?? {}) as JsonObject)
}

function level(hands: Hands, set: KubeObject): void {
  const pods = podsOf(hands, set)
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

function nodeOf(pod: KubeObject): string {
  return String(specOf(pod)['nodeName'] ?? '')
}

function isOutdated(set: KubeObject, pod: KubeObject): boolean {
  const strategy = (specOf(set)['updateStrategy'] ?? {}) as JsonObject
  return strategy['type'] !== 'OnDelete' && pod.metadata.labels?.[REVISION] !== hashOf(set)
}

function startPod(hands: Hands, set: KubeObject, node: string): void {
  const generation = set.metadata.annotations?.['deprecated.daemonset.template.generation'] ?? '1'
  createPod(hands, set, {
    metadata: { labels: { [REVISION]: hashOf(set), [GENERATION]: generation } },
    spec: { nodeName: node },
  })
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
      updatedNumberScheduled: pods.filter((pod) => pod.metadata.labels?.[REVISION] === hashOf(set))
        .length,
      numberAvailable: counts.available,
      numberUnavailable: desired - counts.available,
      conditions: statusOf(set)['conditions'],
    }),
  })
  return counts.again
}
