import { rfc3339 } from '../../base/index.ts'
import type { KubeObject } from '../../object/index.ts'
import { type Controller, type Hands, specOf, statusOf } from './hands.ts'
import { conditionsOf, isTrueOf, withCondition } from './parts.ts'
import { listOf } from './placement.ts'
import { isTerminating, PODS } from './pods.ts'

const NODES = 'nodes'
/** How long a node has to be gone before its pods go. */
const QUARANTINE_MS = 40_000
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service'

/**
 * Collects pods that no kubelet ends: those of nodes that are gone or out of service, and those that
 * are being deleted and never came to a node.
 * @see kubernetes pkg/controller/podgc/gc_controller.go (v1.36.3)
 */
export function podCollector(hands: Hands): Controller {
  const missing = new Map<string, number>()
  const { store } = hands.core
  return {
    name: 'pod-garbage-collector',
    tables: [PODS, NODES],
    concerns: ({ type, table, key, object }) => {
      if (table === NODES) return type === 'DELETED' || isOut(object) ? [`node ${key}`] : []
      if (type === 'DELETED') return []
      const { nodeName } = specOf(object)
      if (typeof nodeName !== 'string' || nodeName === '')
        return isTerminating(object) ? [`pod ${key}`] : []
      const node = store.get(NODES, nodeName)
      if (node === undefined) return [`node ${nodeName}`]
      return isTerminating(object) && isOut(node) ? [`pod ${key}`] : []
    },
    sync: (key) => {
      const [what, name = ''] = key.split(' ')
      if (what === 'pod') {
        const pod = store.get(PODS, name)
        if (pod !== undefined && isTerminating(pod)) end(hands, pod)
        return undefined
      }
      const node = store.get(NODES, name)
      if (node !== undefined) {
        missing.delete(name)
        for (const pod of isOut(node) ? podsOn(hands, name) : [])
          if (isTerminating(pod)) end(hands, pod)
        return undefined
      }
      const now = hands.core.clock.now()
      const due = missing.get(name) ?? now + QUARANTINE_MS
      missing.set(name, due)
      if (now < due) return due - now
      missing.delete(name)
      for (const pod of podsOn(hands, name)) end(hands, pod, GONE)
      return undefined
    },
  }
}

const GONE = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByPodGC',
  message: 'PodGC: node no longer exists',
} as const

/** Whether somebody said that a node that is not ready will not come back. */
function isOut(node: KubeObject): boolean {
  const taints = listOf(specOf(node)['taints'])
  return taints.some((each) => each['key'] === OUT_OF_SERVICE) && !isTrueOf(node, 'Ready')
}

function podsOn(hands: Hands, node: string): KubeObject[] {
  return hands.list(hands.kind('', 'Pod')).filter((pod) => specOf(pod)['nodeName'] === node)
}

/** Lets a pod have failed unless it has ended, and deletes it at once. */
function end(hands: Hands, pod: KubeObject, condition?: typeof GONE): void {
  const kind = hands.kind('', 'Pod')
  const status = statusOf(pod)
  const hasEnded = status['phase'] === 'Succeeded' || status['phase'] === 'Failed'
  const generation = pod.metadata.generation ?? 1
  const options = { now: rfc3339(hands.core.clock.now()), touch: 'lastProbeTime' } as const
  const conditions =
    condition === undefined
      ? undefined
      : withCondition(conditionsOf(pod), condition, options).map((each) =>
          each['type'] === condition.type ? { ...each, observedGeneration: generation } : each,
        )
  const marked = hasEnded
    ? pod
    : hands.setStatus(kind, pod, {
        ...status,
        ...(conditions === undefined ? {} : { conditions }),
        observedGeneration: generation,
        phase: 'Failed',
      })
  hands.remove(kind, marked, { gracePeriodSeconds: 0 })
}
