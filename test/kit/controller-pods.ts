import { nodeMeant } from '../../src/apiserver/controllers/pods.ts'
import { compareText, rfc3339 } from '../../src/base/index.ts'
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  type Transport,
} from '../../src/object/index.ts'
import { ask, pathOf, tryTo } from './controller-requests.ts'

/** What is to become of pods, as kubelets and the scheduler write it. */
export interface PodsWanted {
  /** `gone`: those being deleted end now. `evicted`: somebody asks for that, and may be refused. */
  readonly be:
    | 'bound'
    | 'running'
    | 'ready'
    | 'unready'
    | 'failed'
    | 'succeeded'
    | 'gone'
    | 'evicted'
  /** A regular expression for their names. Default: all. */
  readonly name?: string
  /** Labels that they have. */
  readonly labels?: Readonly<Record<string, string>>
  /** So many of them, by name; those of which this is not so yet. */
  readonly take?: number
  /** Of containers of a pod that failed. */
  readonly exitCode?: number
  /** Further conditions. */
  readonly conditions?: readonly JsonObject[]
  /** `own`: the one that the affinity of the pod names. Default: none, or `n1` where it is bound. */
  readonly node?: string
}

interface Side {
  readonly transport: Transport
  now(): number
}

interface At {
  readonly namespace: string
  readonly addresses: Map<string, string>
}

/** Does to pods what was asked for. */
export async function putPods(side: Side, at: At, wanted: PodsWanted): Promise<void> {
  const response = await side.transport.request({
    method: 'GET',
    path: pathOf('Pod', at.namespace),
  })
  const { items } = JSON.parse(await response.text()) as { readonly items: readonly KubeObject[] }
  // In an order that random names have no part in.
  const chosen = items
    .filter((pod) => isMeant(pod, wanted))
    .sort((a, b) => compareText(looks(a), looks(b)))
  for (const pod of chosen.slice(0, wanted.take ?? chosen.length))
    await put(side, at, { pod, wanted })
}

function looks(pod: KubeObject): string {
  const { labels, generateName } = pod.metadata
  const { nodeName, affinity, containers } = pod['spec'] as JsonObject
  return JSON.stringify([labels, generateName ?? pod.metadata.name, nodeName, affinity, containers])
}

function isMeant(pod: KubeObject, wanted: PodsWanted): boolean {
  const { name = '', labels = {}, deletionTimestamp } = pod.metadata
  if (wanted.name !== undefined && !new RegExp(wanted.name).test(name)) return false
  const asked = Object.entries(wanted.labels ?? {})
  if (!asked.every(([key, value]) => labels[key] === value)) return false
  return (deletionTimestamp !== undefined) === (wanted.be === 'gone') && !isAlready(pod, wanted.be)
}

function isAlready(pod: KubeObject, be: PodsWanted['be']): boolean {
  const { phase, conditions } = (pod['status'] ?? {}) as JsonObject
  const list = isArray(conditions) ? conditions.filter(isObject) : []
  const isReady = list.some(({ type, status }) => type === 'Ready' && status === 'True')
  if (be === 'gone' || be === 'evicted') return false
  if (phase === 'Failed' || phase === 'Succeeded') return true
  if (be === 'bound') return (pod['spec'] as JsonObject)['nodeName'] !== undefined
  if (be === 'ready') return isReady
  return be === 'running' && phase === 'Running' && !isReady
}

async function put(
  side: Side,
  at: At,
  { pod, wanted }: { readonly pod: KubeObject; readonly wanted: PodsWanted },
): Promise<void> {
  const { name = '', uid = '' } = pod.metadata
  const path = pathOf('Pod', at.namespace, name)
  if (wanted.be === 'gone') {
    await ask(side, 'DELETE', path, {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      gracePeriodSeconds: 0,
    })
    return
  }
  if (wanted.be === 'evicted') {
    await tryTo(side, `${path}/eviction`, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name },
    })
    return
  }
  const isBound = (pod['spec'] as JsonObject)['nodeName'] !== undefined
  if (!isBound && (wanted.be === 'bound' || wanted.node !== undefined)) {
    const target = { apiVersion: 'v1', kind: 'Node', name: nodeFor(pod, wanted) }
    await ask(side, 'POST', `${path}/binding`, {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name },
      target,
    })
  }
  if (wanted.be === 'bound') return
  const had = at.addresses.get(uid)
  const address = had ?? `10.1.0.${at.addresses.size + 1}`
  at.addresses.set(uid, address)
  const status = statusOf(pod, wanted, { now: rfc3339(side.now()), address })
  await ask(side, 'PATCH', `${path}/status`, { status })
}

function nodeFor(pod: KubeObject, { node = 'n1' }: PodsWanted): string {
  return node === 'own' ? (nodeMeant(pod) ?? 'n1') : node
}

function statusOf(
  pod: KubeObject,
  wanted: PodsWanted,
  { now, address }: { readonly now: string; readonly address: string },
): Json {
  const ready = wanted.be === 'ready'
  const condition = (type: string, is: boolean): JsonObject => ({
    type,
    status: is ? 'True' : 'False',
    lastTransitionTime: now,
  })
  const phase = { failed: 'Failed', succeeded: 'Succeeded' }[wanted.be as string] ?? 'Running'
  const { containers } = pod['spec'] as { readonly containers: readonly JsonObject[] }
  const ended = {
    exitCode: wanted.exitCode ?? (phase === 'Failed' ? 1 : 0),
    finishedAt: now,
    startedAt: now,
  }
  return {
    phase,
    podIP: address,
    podIPs: [{ ip: address }],
    startTime: now,
    conditions: [
      condition('Ready', ready),
      condition('ContainersReady', ready),
      condition('PodScheduled', true),
      ...(wanted.conditions ?? []),
    ],
    containerStatuses: containers.map((each) => ({
      name: each['name'] ?? '',
      image: each['image'] ?? '',
      imageID: '',
      ready,
      restartCount: 0,
      state: phase === 'Running' ? { running: { startedAt: now } } : { terminated: ended },
    })),
  }
}
