import { compareText } from '../../base/index.ts'
import { isArray, isObject, type JsonObject, type KubeObject } from '../../object/index.ts'
import { childrenOf } from './adoption.ts'
import { type Controller, type Hands, numberIn, specOf, statusOf } from './hands.ts'
import { controllerOf } from './owners.ts'
import { withoutEmpty } from './parts.ts'
import { countPods, createPod, isReady, isTerminating, minReadyOf, PODS, podsOf } from './pods.ts'
import { record } from './recorder.ts'
import { REVISION, revisionOf } from './revisions.ts'
import { replicasOf } from './rollout.ts'

const STATEFUL_SETS = 'statefulsets.apps'

/**
 * Keeps the pods of StatefulSets, one after another by their ordinals.
 * @see kubernetes pkg/controller/statefulset (v1.36)
 */
export function statefulSetController(hands: Hands): Controller {
  return {
    name: 'statefulset',
    concerns: (event) => {
      if (event.table === STATEFUL_SETS) return event.type === 'DELETED' ? [] : [event.key]
      if (event.table !== PODS) return []
      const owner = controllerOf(event.object)
      return owner?.kind === 'StatefulSet'
        ? [`${event.object.metadata.namespace}/${owner.name}`]
        : []
    },
    sync: (key) => {
      const [namespace = '', name = ''] = key.split('/')
      const set = hands.get(hands.kind('apps', 'StatefulSet'), namespace, name)
      if (set === undefined) return undefined
      const revision = revisionOf(hands, set, 'controller.kubernetes.io/hash')
      if (set.metadata.deletionTimestamp === undefined) level(hands, set, revision)
      return report(hands, set, revision)
    },
  }
}

function ordinalOf(pod: KubeObject): number {
  return Number(/-(\d+)$/.exec(pod.metadata.name ?? '')?.[1] ?? -1)
}

function startOf(set: KubeObject): number {
  const ordinals = specOf(set)['ordinals']
  return isObject(ordinals) ? numberIn(ordinals, 'start', 0) : 0
}

function level(hands: Hands, set: KubeObject, revision: string): void {
  const inTurn = specOf(set)['podManagementPolicy'] !== 'Parallel'
  const prefix = `${set.metadata.name}-`
  const own = childrenOf(
    hands,
    hands.kind('', 'Pod'),
    set,
    ({ metadata: { name = '' } }) =>
      name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)),
  )
  const pods = new Map(own.map((pod) => [ordinalOf(pod), pod]))
  const first = startOf(set)
  const end = first + replicasOf(set)
  for (let ordinal = first; ordinal < end; ordinal += 1) {
    const pod = pods.get(ordinal)
    const { phase } = pod === undefined ? { phase: '' } : statusOf(pod)
    if (pod === undefined) startPod(hands, set, { ordinal, revision })
    else if (phase === 'Failed' || phase === 'Succeeded') hands.remove(hands.kind('', 'Pod'), pod)
    else if (isReady(pod) && !isTerminating(pod)) continue
    if (inTurn) return
  }
  const surplus = [...pods.entries()]
    .filter(([ordinal]) => ordinal >= end || ordinal < first)
    .sort(([a], [b]) => b - a)
  for (const [, pod] of surplus) {
    if (!isTerminating(pod)) hands.remove(hands.kind('', 'Pod'), pod)
    if (inTurn) return
  }
  update(hands, set, { pods, revision, end })
}

/** Takes the last pod of an older revision away, so that it comes back as a new one. */
function update(
  hands: Hands,
  set: KubeObject,
  at: {
    readonly pods: ReadonlyMap<number, KubeObject>
    readonly revision: string
    readonly end: number
  },
): void {
  const strategy = (specOf(set)['updateStrategy'] ?? {}) as JsonObject
  if (strategy['type'] === 'OnDelete') return
  const rolling = (strategy['rollingUpdate'] ?? {}) as JsonObject
  const partition = numberIn(rolling, 'partition', 0)
  for (let ordinal = at.end - 1; ordinal >= Math.max(startOf(set), partition); ordinal -= 1) {
    const pod = at.pods.get(ordinal)
    if (pod === undefined || !isReady(pod) || isTerminating(pod)) return
    if (pod.metadata.labels?.[REVISION] === at.revision) continue
    hands.remove(hands.kind('', 'Pod'), pod)
    return
  }
}

function startPod(
  hands: Hands,
  set: KubeObject,
  { ordinal, revision }: { readonly ordinal: number; readonly revision: string },
): void {
  const name = `${set.metadata.name}-${ordinal}`
  const claims = claimsOf(hands, set, name)
  const template = (specOf(set)['template'] ?? {}) as { spec?: { volumes?: unknown } }
  const given = (isArray(template.spec?.volumes) ? template.spec.volumes : []) as JsonObject[]
  const named = new Set(claims.map((claim) => claim['name']))
  const volumes = [...claims, ...given.filter((each) => !named.has(each['name'] ?? null))]
  createPod(hands, set, {
    name,
    metadata: {
      labels: {
        'apps.kubernetes.io/pod-index': String(ordinal),
        [REVISION]: revision,
        'statefulset.kubernetes.io/pod-name': name,
      },
    },
    spec: {
      hostname: name,
      ...(specOf(set)['serviceName'] === undefined
        ? {}
        : { subdomain: specOf(set)['serviceName'] }),
      ...(volumes.length === 0 ? {} : { volumes }),
    },
  })
}

/** Creates the claims of a pod; answers its volumes on them. */
function claimsOf(hands: Hands, set: KubeObject, pod: string): JsonObject[] {
  const templates = specOf(set)['volumeClaimTemplates']
  if (!isArray(templates)) return []
  const kind = hands.kind('', 'PersistentVolumeClaim')
  return templates.filter(isObject).map((template) => {
    const metadata = (template['metadata'] ?? {}) as JsonObject
    const volume = String(metadata['name'])
    const claimName = `${volume}-${pod}`
    const { namespace = '' } = set.metadata
    if (hands.get(kind, namespace, claimName) === undefined) {
      const selector = (specOf(set)['selector'] ?? {}) as { matchLabels?: Record<string, string> }
      hands.create(kind, {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
          ...metadata,
          name: claimName,
          namespace,
          labels: {
            ...((metadata['labels'] ?? {}) as Record<string, string>),
            ...selector.matchLabels,
          },
        },
        spec: template['spec'] ?? {},
      })
      record(hands, set, {
        type: 'Normal',
        reason: 'SuccessfulCreate',
        message: `Create Claim ${claimName} Pod ${pod} in StatefulSet ${set.metadata.name} success`,
        component: 'statefulset-controller',
      })
    }
    return { name: volume, persistentVolumeClaim: { claimName } }
  })
}

function report(hands: Hands, set: KubeObject, update: string): number | undefined {
  const pods = podsOf(hands, set).sort((a, b) =>
    compareText(a.metadata.name ?? '', b.metadata.name ?? ''),
  )
  const counts = countPods(
    pods.filter((pod) => !isTerminating(pod)),
    minReadyOf(set),
    hands.core.clock.now(),
  )
  const had = statusOf(set)
  const updated = pods.filter((pod) => pod.metadata.labels?.[REVISION] === update).length
  const done = updated === pods.length && counts.ready === pods.length
  const complete = done && pods.length === replicasOf(set)
  const before = typeof had['currentRevision'] === 'string' ? had['currentRevision'] : update
  const current = complete ? update : before
  const on = pods.filter((pod) => pod.metadata.labels?.[REVISION] === current).length
  hands.setStatus(hands.kind('apps', 'StatefulSet'), set, {
    ...withoutEmpty({
      observedGeneration: set.metadata.generation,
      readyReplicas: counts.ready,
      currentReplicas: on,
      updatedReplicas: updated,
      currentRevision: current,
      updateRevision: update,
      conditions: had['conditions'],
    }),
    replicas: pods.length,
    collisionCount: 0,
    availableReplicas: counts.available,
  })
  return counts.again
}
