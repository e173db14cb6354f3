import { type Cluster, fieldAt, type KubeObject } from '../src/object/index.ts'
import { clock } from './clusters.ts'

const EVERY_MS = 300

/**
 * Says of every pod that it runs, and of a Job's that it is done: what kubelets do where there are
 * nodes. The returned function ends that.
 */
export function startPods(cluster: Cluster): () => void {
  const stop = new AbortController()
  const play = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const { items } = await cluster.list({ group: '', kind: 'Pod' })
      const waiting = items.filter((pod) => fieldAt(pod, 'status', 'phase') === 'Pending')
      for (const pod of waiting) await settle(cluster, pod)
      await clock.sleep(EVERY_MS, stop.signal)
    }
  }
  play().catch(() => undefined)
  return () => stop.abort(new Error('over'))
}

async function settle(cluster: Cluster, pod: KubeObject): Promise<void> {
  const { name = '', namespace = '', ownerReferences = [] } = pod.metadata
  const isDone = ownerReferences.some(({ kind }) => kind === 'Job')
  const at = new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z')
  const condition = (type: string, status: string) => ({ type, status, lastTransitionTime: at })
  await cluster
    .patch(
      { group: '', kind: 'Pod', namespace, name },
      {
        type: 'merge',
        value: {
          status: {
            phase: isDone ? 'Succeeded' : 'Running',
            startTime: at,
            conditions: [
              condition('Ready', isDone ? 'False' : 'True'),
              condition('ContainersReady', isDone ? 'False' : 'True'),
              condition('PodScheduled', 'True'),
            ],
          },
        },
      },
      { subresource: 'status' },
    )
    .catch(() => undefined)
}
