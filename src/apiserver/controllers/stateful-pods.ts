import {
  isArray,
  isObject,
  type JsonObject,
  type KubeObject,
  type OwnerReference,
  sameJson,
} from '../../object/index.ts'
import { StatusFault } from '../status.ts'
import { type Hands, numberIn, specOf } from './hands.ts'
import { controllerRef, ownersOf } from './owners.ts'
import { createPod } from './pods.ts'
import { record } from './recorder.ts'
import { REVISION } from './revisions.ts'
import { replicasOf } from './rollout.ts'

const POD_NAME = 'statefulset.kubernetes.io/pod-name'
const POD_INDEX = 'apps.kubernetes.io/pod-index'

/** The number at the end of a pod's name. */
export function ordinalOf(pod: KubeObject): number {
  return Number(/-(\d+)$/.exec(pod.metadata.name ?? '')?.[1] ?? -1)
}

/** The first ordinal of a StatefulSet. */
export function startOf(set: KubeObject): number {
  const { ordinals } = specOf(set)
  return isObject(ordinals) ? numberIn(ordinals, 'start', 0) : 0
}

function podNameOf(set: KubeObject, ordinal: number): string {
  return `${set.metadata.name}-${ordinal}`
}

function tell(hands: Hands, set: KubeObject, reason: string, message: string): void {
  const type = reason.startsWith('Failed') ? 'Warning' : 'Normal'
  record(hands, set, { type, reason, message, component: 'statefulset-controller' })
}

/** Does something for a pod, and tells how it ended: that it went well when it is done. */
function telling(hands: Hands, at: Telling, act: (done: () => void) => void): void {
  const { verb, set, pod } = at
  const what = `${verb} Pod ${pod} in StatefulSet ${set.metadata.name}`
  try {
    act(() => tell(hands, set, `Successful${verb}`, `${what} successful`))
  } catch (error) {
    if (error instanceof StatusFault && error.code !== 'AlreadyExists')
      tell(hands, set, `Failed${verb}`, `${what} failed error: ${error.message}`)
    throw error
  }
}

interface Telling {
  readonly verb: 'Create' | 'Update' | 'Delete'
  readonly set: KubeObject
  readonly pod: string
}

/** Deletes a pod. */
export function removePod(hands: Hands, set: KubeObject, pod: KubeObject): void {
  telling(hands, { verb: 'Delete', set, pod: pod.metadata.name ?? '' }, (done) => {
    hands.remove(hands.kind('', 'Pod'), pod)
    done()
  })
}

/** Creates the pod of an ordinal as a revision has it, and its claims before. */
export function startPod(
  hands: Hands,
  set: KubeObject,
  at: { readonly ordinal: number; readonly revision: KubeObject; readonly template: JsonObject },
): void {
  const { ordinal, revision, template } = at
  const name = podNameOf(set, ordinal)
  const { spec } = template as { readonly spec?: { readonly volumes?: readonly JsonObject[] } }
  const { serviceName } = specOf(set)
  const volumes = volumesOf(set, ordinal, spec?.volumes ?? [])
  telling(hands, { verb: 'Create', set, pod: name }, (done) => {
    addClaims(hands, set, ordinal)
    createPod(hands, { ...set, spec: { ...specOf(set), template } } as KubeObject, {
      name,
      metadata: {
        labels: {
          [POD_INDEX]: String(ordinal),
          [REVISION]: revision.metadata.name ?? '',
          [POD_NAME]: name,
        },
      },
      spec: {
        hostname: name,
        ...(serviceName === undefined ? {} : { subdomain: serviceName }),
        ...(volumes.length === 0 ? {} : { volumes }),
      },
      made: (pod) => {
        keepClaims(hands, set, pod)
        done()
      },
    })
  })
}

interface ClaimTemplate {
  readonly volume: string
  readonly claimName: string
  readonly template: JsonObject
}

function claimsFor(set: KubeObject, ordinal: number): ClaimTemplate[] {
  const templates = specOf(set)['volumeClaimTemplates']
  if (!isArray(templates)) return []
  return templates.filter(isObject).map((template) => {
    const metadata = (template['metadata'] ?? {}) as JsonObject
    const volume = String(metadata['name'])
    return { volume, claimName: `${volume}-${podNameOf(set, ordinal)}`, template }
  })
}

function volumesOf(
  set: KubeObject,
  ordinal: number,
  given: readonly JsonObject[],
): readonly JsonObject[] {
  const claims = claimsFor(set, ordinal)
  const named = new Set(claims.map(({ volume }) => volume))
  return [
    ...claims.map(({ volume, claimName }) => ({
      name: volume,
      persistentVolumeClaim: { claimName },
    })),
    ...given.filter((each) => !named.has(String(each['name']))),
  ]
}

/** Creates the claims of a pod that are not there. */
function addClaims(hands: Hands, set: KubeObject, ordinal: number): void {
  const kind = hands.kind('', 'PersistentVolumeClaim')
  const { namespace = '' } = set.metadata
  for (const { claimName, template } of claimsFor(set, ordinal)) {
    if (hands.get(kind, namespace, claimName) !== undefined) continue
    const metadata = (template['metadata'] ?? {}) as JsonObject
    const selector = (specOf(set)['selector'] ?? {}) as { matchLabels?: Record<string, string> }
    const labels = { ...((metadata['labels'] ?? {}) as JsonObject), ...selector.matchLabels }
    hands.create(kind, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { ...metadata, name: claimName, namespace, labels },
      spec: template['spec'] ?? {},
    } as KubeObject)
    const pod = podNameOf(set, ordinal)
    const message = `Create Claim ${claimName} Pod ${pod} in StatefulSet ${set.metadata.name} success`
    tell(hands, set, 'SuccessfulCreate', message)
  }
}

/** Creates the claims that a waiting pod lacks. */
export function addMissingClaims(hands: Hands, set: KubeObject, pod: KubeObject): void {
  addClaims(hands, set, ordinalOf(pod))
  keepClaims(hands, set, pod)
}

/** Whether a claim still belongs to a pod of the same name that is gone. */
export function isClaimStale(hands: Hands, set: KubeObject, ordinal: number): boolean {
  if (policyOf(set).whenScaled !== 'Delete') return false
  const pod = podNameOf(set, ordinal)
  return liveClaims(hands, set, ordinal).some((claim) =>
    ownersOf(claim).some((owner) => owner.kind === 'Pod' && owner.name === pod),
  )
}

function liveClaims(hands: Hands, set: KubeObject, ordinal: number): KubeObject[] {
  const kind = hands.kind('', 'PersistentVolumeClaim')
  const { namespace = '' } = set.metadata
  return claimsFor(set, ordinal).flatMap(
    ({ claimName }) => hands.get(kind, namespace, claimName) ?? [],
  )
}

function policyOf(set: KubeObject): { readonly whenDeleted: string; readonly whenScaled: string } {
  const policy = specOf(set)['persistentVolumeClaimRetentionPolicy']
  const given = isObject(policy) ? policy : {}
  return {
    whenDeleted: String(given['whenDeleted'] ?? 'Retain'),
    whenScaled: String(given['whenScaled'] ?? 'Retain'),
  }
}

/** Gives the claims of a pod the owners with whom they are to go; says whether that was news. */
export function keepClaims(hands: Hands, set: KubeObject, pod: KubeObject): boolean {
  let isNews = false
  for (const claim of liveClaims(hands, set, ordinalOf(pod))) {
    const owners = ownersFor(claim, set, pod)
    if (sameJson(owners as never, ownersOf(claim) as never)) continue
    const { ownerReferences: _, ...metadata } = claim.metadata
    hands.update(hands.kind('', 'PersistentVolumeClaim'), claim, {
      ...claim,
      metadata: { ...metadata, ...(owners.length === 0 ? {} : { ownerReferences: owners }) },
    })
    isNews = true
  }
  return isNews
}

function ownersFor(claim: KubeObject, set: KubeObject, pod: KubeObject): OwnerReference[] {
  const ours = [set.metadata.uid, pod.metadata.uid]
  const others = ownersOf(claim).filter((owner) => !ours.includes(owner.uid))
  if (others.some((owner) => owner.controller === true)) return others
  const { whenDeleted, whenScaled } = policyOf(set)
  const ordinal = ordinalOf(pod) - startOf(set)
  const isKept = ordinal >= 0 && ordinal < replicasOf(set)
  if (!isKept && whenScaled === 'Delete') return [...others, controllerRef(pod)]
  if (whenDeleted === 'Delete' && (isKept || whenScaled !== 'Delete'))
    return [...others, controllerRef(set)]
  return others
}

/** Sets a pod's identity, its volumes and the owners of its claims right again. */
export function repairPod(hands: Hands, set: KubeObject, pod: KubeObject): void {
  const ordinal = ordinalOf(pod)
  const { name = '', labels } = pod.metadata
  const given = (specOf(pod)['volumes'] ?? []) as readonly JsonObject[]
  const isNamed = labels?.[POD_NAME] === name && labels?.[POD_INDEX] === String(ordinal)
  const hasVolumes = claimsFor(set, ordinal).every(({ volume, claimName }) =>
    given.some((each) => {
      const claim = each['persistentVolumeClaim']
      return each['name'] === volume && isObject(claim) && claim['claimName'] === claimName
    }),
  )
  if (!hasVolumes) addClaims(hands, set, ordinal)
  const isNews = keepClaims(hands, set, pod)
  if (isNamed && hasVolumes && !isNews) return
  telling(hands, { verb: 'Update', set, pod: name }, (done) => {
    hands.update(hands.kind('', 'Pod'), pod, {
      ...pod,
      metadata: {
        ...pod.metadata,
        labels: { ...labels, [POD_NAME]: name, [POD_INDEX]: String(ordinal) },
      },
      ...(hasVolumes ? {} : { spec: { ...specOf(pod), volumes: volumesOf(set, ordinal, given) } }),
    } as KubeObject)
    done()
  })
}
