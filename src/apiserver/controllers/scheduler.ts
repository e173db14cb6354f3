import { rfc3339 } from '../../base/index.ts'
import type { KubeObject } from '../../object/index.ts'
import { type Controller, type Hands, specOf, statusOf } from './hands.ts'
import { conditionsOf, withCondition } from './parts.ts'
import { allowsNode, CORDONED, isTolerated, topologyOf, untolerated } from './placement.ts'
import { PODS } from './pods.ts'
import { record } from './recorder.ts'

/** Gives every pod a node: the first that its nodeSelector allows, and that takes it. */
export function scheduler(hands: Hands): Controller {
  return {
    name: 'scheduler',
    tables: [PODS, 'nodes'],
    concerns: (event) => {
      if (event.table === 'nodes' && event.type !== 'DELETED') return hands.core.store.keys(PODS)
      return event.table === PODS && event.type !== 'DELETED' ? [event.key] : []
    },
    sync: (key) => {
      const pod = hands.core.store.get(PODS, key)
      if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return undefined
      const nodeName = specOf(pod)['nodeName']
      const gated = specOf(pod)['schedulingGates'] !== undefined
      if (nodeName === undefined && !gated) place(hands, pod)
      else if (nodeName !== undefined && conditionsOf(pod).length === 0) scheduled(hands, pod)
      return undefined
    },
  }
}

function place(hands: Hands, pod: KubeObject): void {
  const fitting = hands.list(hands.kind('', 'Node')).filter((each) => allowsNode(specOf(pod), each))
  const node = fitting.find((each) => objection(each, pod) === undefined)
  if (node === undefined) {
    const [first] = fitting
    const why = first === undefined ? undefined : objection(first, pod)
    unschedulable(hands, pod, why ?? "didn't match Pod's node affinity/selector")
    return
  }
  const kind = hands.kind('', 'Pod')
  const spec = { ...specOf(pod), nodeName: node.metadata.name ?? '' }
  const topology = topologyOf(node)
  const labels = { ...pod.metadata.labels, ...topology }
  const metadata = Object.keys(topology).length === 0 ? pod.metadata : { ...pod.metadata, labels }
  scheduled(hands, hands.update(kind, pod, { ...pod, metadata, spec }, 'binding'))
  record(hands, pod, {
    type: 'Normal',
    reason: 'Scheduled',
    message: `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${node.metadata.name}`,
    component: 'default-scheduler',
  })
}

function scheduled(hands: Hands, pod: KubeObject): void {
  const now = rfc3339(hands.core.clock.now())
  const conditions = withCondition(
    conditionsOf(pod),
    { type: 'PodScheduled', status: 'True' },
    { now, touch: 'lastProbeTime' },
  )
  hands.setStatus(hands.kind('', 'Pod'), pod, { ...statusOf(pod), phase: 'Pending', conditions })
}

/** Why a node takes no new pods, or none like this; undefined when it does. */
function objection(node: KubeObject, pod: KubeObject): string | undefined {
  const spec = specOf(pod)
  if (specOf(node)['unschedulable'] === true && !isTolerated(spec['tolerations'], CORDONED))
    return 'were unschedulable'
  const bad = untolerated(spec, node, ['NoSchedule', 'NoExecute'])
  return bad === undefined ? undefined : 'had untolerated taint(s)'
}

function unschedulable(hands: Hands, pod: KubeObject, why: string): void {
  const now = rfc3339(hands.core.clock.now())
  const conditions = withCondition(
    conditionsOf(pod),
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message: `0/1 nodes are available: 1 node(s) ${why}. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.`,
    },
    { now, touch: 'lastProbeTime' },
  )
  hands.setStatus(hands.kind('', 'Pod'), pod, { ...statusOf(pod), phase: 'Pending', conditions })
}
