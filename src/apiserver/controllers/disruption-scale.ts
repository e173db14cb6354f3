import type { KubeObject } from '../../object/index.ts'
import { scaleOf } from '../scale.ts'
import { type Hands, numberIn, specOf } from './hands.ts'
import { controllerOf } from './owners.ts'

/** A scale that can not be known. */
class UnknownScale extends Error {}

/**
 * How many pods the controllers of these pods want in all, and how many pods have none.
 * @throws UnknownScale where a controller has no scale
 * @see kubernetes pkg/controller/disruption/disruption.go getExpectedScale (v1.36.3)
 */
export function scaleOfOwners(
  hands: Hands,
  pods: readonly KubeObject[],
): { readonly expected: number; readonly unmanaged: number } {
  const scales = new Map<string, number>()
  const seen = new Set<string>()
  let unmanaged = 0
  for (const pod of pods) {
    const owner = controllerOf(pod)
    if (owner === undefined) unmanaged += 1
    if (owner === undefined || seen.has(owner.uid)) continue
    seen.add(owner.uid)
    const { namespace = '' } = pod.metadata
    const found = scaleOfOwner(hands, { ...owner, namespace })
    if (found === undefined)
      throw new UnknownScale(`found no controllers for pod "${pod.metadata.name}"`)
    scales.set(found.uid, found.replicas)
  }
  return { expected: [...scales.values()].reduce((sum, each) => sum + each, 0), unmanaged }
}

interface Named {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly namespace: string
}

function scaleOfOwner(
  hands: Hands,
  of: Named,
): { readonly uid: string; readonly replicas: number } | undefined {
  const group = of.apiVersion.includes('/') ? (of.apiVersion.split('/')[0] ?? '') : ''
  const kind = hands.core.registry.byKind(group, of.kind)
  if (kind === undefined) return undefined
  const live = hands.get(kind, of.namespace, of.name)
  if (live !== undefined && live.metadata.uid !== of.uid) return undefined
  const above = live === undefined ? undefined : controllerOf(live)
  // The Deployment behind a ReplicaSet is what is scaled.
  if (live !== undefined && of.kind === 'ReplicaSet' && above?.kind === 'Deployment') {
    const deployment = hands.get(hands.kind('apps', 'Deployment'), of.namespace, above.name)
    if (deployment?.metadata.uid !== above.uid) return undefined
    return { uid: above.uid, replicas: numberIn(specOf(deployment), 'replicas', 1) }
  }
  const isScaled = kind.subresources.some(({ name }) => name === 'scale')
  if (!isScaled)
    throw new UnknownScale(`${kind.plural}.${kind.group} does not implement the scale subresource`)
  if (live === undefined) return undefined
  return { uid: of.uid, replicas: numberIn(specOf(scaleOf(kind, live)), 'replicas', 0) }
}
