import { rfc3339 } from '../../base/index.ts'
import { type JsonObject, type KubeObject, sameJson } from '../../object/index.ts'
import { type Controller, type Hands, specOf, statusOf } from './hands.ts'
import { conditionsOf, withCondition } from './parts.ts'
import { listOf, untolerated } from './placement.ts'
import { PODS } from './pods.ts'
import { record } from './recorder.ts'

const NODES = 'nodes'
const TTL = 'node.alpha.kubernetes.io/ttl'
const PREFIX = 'node.kubernetes.io/'
/** How long secrets and ConfigMaps may be kept by kubelets, by the number of nodes. */
const TTLS: readonly (readonly [number, number])[] = [
  [100, 0],
  [500, 15],
  [1000, 30],
  [2000, 60],
]
const TTL_MAX = 300

/** What a condition taints a node with. */
const TAINTS: readonly (readonly [type: string, status: string, taint: string])[] = [
  ['Ready', 'False', 'not-ready'],
  ['Ready', 'Unknown', 'unreachable'],
  ['MemoryPressure', 'True', 'memory-pressure'],
  ['DiskPressure', 'True', 'disk-pressure'],
  ['NetworkUnavailable', 'True', 'network-unavailable'],
  ['PIDPressure', 'True', 'pid-pressure'],
]
const OURS = [...TAINTS.map(([, , name]) => name), 'unschedulable']

/**
 * Taints nodes by their conditions, and says for how long kubelets may keep what they read.
 * @see kubernetes pkg/controller/nodelifecycle, pkg/controller/ttl (v1.36.3)
 */
export function nodeController(hands: Hands): Controller {
  return {
    name: 'node',
    tables: [NODES],
    concerns: (event) => (event.type === 'DELETED' ? [] : [event.key]),
    sync: (name) => {
      const kind = hands.kind('', 'Node')
      const node = hands.get(kind, '', name)
      if (node === undefined) return undefined
      const taints = taintsOf(node, rfc3339(hands.core.clock.now()))
      const count = hands.core.store.count(NODES)
      const ttl = String(TTLS.find(([most]) => count <= most)?.[1] ?? TTL_MAX)
      const isSame =
        sameJson(taints, listOf(specOf(node)['taints'])) && node.metadata.annotations?.[TTL] === ttl
      if (isSame) return undefined
      const { taints: _, ...spec } = specOf(node)
      hands.update(kind, node, {
        ...node,
        metadata: { ...node.metadata, annotations: { ...node.metadata.annotations, [TTL]: ttl } },
        spec: { ...spec, ...(taints.length === 0 ? {} : { taints }) },
      })
      return undefined
    },
  }
}

/** The taints of a node: those that its conditions ask for, and those of others. */
function taintsOf(node: KubeObject, now: string): JsonObject[] {
  const conditions = conditionsOf(node)
  const is = (type: string, status: string): boolean =>
    conditions.some((each) => each['type'] === type && each['status'] === status)
  const wanted = TAINTS.filter(([type, status]) => is(type, status)).map(([, , name]) => name)
  if (specOf(node)['unschedulable'] === true) wanted.push('unschedulable')
  const had = listOf(specOf(node)['taints'])
  const evicting = TAINTS.filter(([type]) => type === 'Ready')
    .filter(([type, status]) => is(type, status))
    .map(([, , name]) => name)
  const ask = [
    ...wanted.map((name) => ({ key: PREFIX + name, effect: 'NoSchedule' })),
    ...evicting.map((name) => ({ key: PREFIX + name, effect: 'NoExecute' })),
  ]
  const same = (a: JsonObject, b: JsonObject): boolean =>
    a['key'] === b['key'] && a['effect'] === b['effect']
  const isOurs = (taint: JsonObject): boolean =>
    OURS.some((name) => taint['key'] === PREFIX + name) && taint['effect'] !== 'PreferNoSchedule'
  const kept = had.filter((taint) => !isOurs(taint) || ask.some((each) => same(each, taint)))
  const more = ask.filter((each) => !kept.some((taint) => same(each, taint)))
  return [...kept, ...more.map((taint) => ({ ...taint, timeAdded: now }))]
}

/**
 * Deletes pods that do not tolerate what their node is tainted with, at once or after the time that
 * they tolerate it for; and those of nodes that are gone.
 * @see kubernetes pkg/controller/tainteviction (v1.36.3)
 */
export function evictionController(hands: Hands): Controller {
  return {
    name: 'taint-eviction',
    tables: [NODES, PODS],
    concerns: (event) => {
      if (event.table === PODS)
        return event.type !== 'DELETED' && specOf(event.object)['nodeName'] !== undefined
          ? [event.key]
          : []
      const [now, before] = [event.object, event.previous]
      if (event.type === 'ADDED') return []
      if (before !== undefined && specOf(now)['taints'] === specOf(before)['taints']) return []
      return hands.core.store
        .list(PODS)
        .filter((pod) => specOf(pod)['nodeName'] === event.key)
        .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
    },
    sync: (key) => {
      const [namespace = '', name = ''] = key.split('/')
      const pod = hands.get(hands.kind('', 'Pod'), namespace, name)
      if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return undefined
      const node = hands.core.store.get(NODES, String(specOf(pod)['nodeName'] ?? ''))
      return node === undefined ? undefined : judge(hands, pod, node)
    },
  }
}

/** Deletes a pod whose time on its node is over; answers how long it may stay. */
function judge(hands: Hands, pod: KubeObject, node: KubeObject): number | undefined {
  const now = hands.core.clock.now()
  if (untolerated(specOf(pod), node, ['NoExecute']) !== undefined) {
    evict(hands, pod)
    return undefined
  }
  const taints = listOf(specOf(node)['taints']).filter(({ effect }) => effect === 'NoExecute')
  const waits = taints.flatMap((taint) =>
    listOf(specOf(pod)['tolerations'])
      .filter(({ key, effect }) => key === taint['key'] && (effect ?? 'NoExecute') === 'NoExecute')
      .flatMap(({ tolerationSeconds }) =>
        typeof tolerationSeconds === 'number'
          ? [Date.parse(String(taint['timeAdded'])) + tolerationSeconds * 1000 - now]
          : [],
      ),
  )
  const left = Math.min(...waits)
  if (!Number.isFinite(left)) return undefined
  if (left > 0) return left
  evict(hands, pod)
  return undefined
}

function evict(hands: Hands, pod: KubeObject): void {
  const kind = hands.kind('', 'Pod')
  const { uid: _, ...about } = pod.metadata
  record(hands, { ...pod, metadata: about } as KubeObject, {
    type: 'Normal',
    reason: 'TaintManagerEviction',
    message: `Marking for deletion Pod ${pod.metadata.namespace}/${pod.metadata.name}`,
    component: 'taint-eviction-controller',
  })
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
  } as const
  const options = { now: rfc3339(hands.core.clock.now()), touch: 'lastProbeTime' } as const
  const generation = pod.metadata.generation ?? 1
  const conditions = withCondition(conditionsOf(pod), condition, options).map((each) =>
    each['type'] === 'DisruptionTarget' ? { ...each, observedGeneration: generation } : each,
  )
  const marked = hands.setStatus(kind, pod, { ...statusOf(pod), conditions })
  hands.remove(kind, marked)
}
