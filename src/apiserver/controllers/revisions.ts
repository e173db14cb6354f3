import type { JsonObject, KubeObject } from '../../object/index.ts'
import { goJson } from '../wire/go-json.ts'
import { type Hands, specOf } from './hands.ts'
import { controllerOf, controllerRef } from './owners.ts'
import { templateHash, textHash } from './template-hash.ts'

/** The label of pods and ControllerRevisions that names the revision of their template. */
export const REVISION = 'controller-revision-hash'

/** The hash of a workload's pod template: of a DaemonSet's own, of a StatefulSet's revision. */
export function revisionHash(owner: KubeObject): string {
  const template = (specOf(owner)['template'] ?? {}) as JsonObject
  const { collisionCount } = (owner['status'] ?? {}) as JsonObject
  const collisions = typeof collisionCount === 'number' ? collisionCount : undefined
  return owner.kind === 'DaemonSet'
    ? templateHash(template, collisions)
    : textHash(`${goJson(dataOf(template))}${collisions ?? 0}`)
}

function dataOf(template: JsonObject): JsonObject {
  return { spec: { template: { ...template, $patch: 'replace' } } }
}

/**
 * The name of the ControllerRevision of a workload's pod template as it is now; it is created when it
 * is missing, and counted up to the last one when the template came back. `label` says its hash, under
 * a name that DaemonSets and StatefulSets have differently.
 */
export function revisionOf(hands: Hands, owner: KubeObject, label: string): string {
  const kind = hands.kind('apps', 'ControllerRevision')
  const { namespace = '', name: ownerName = '', uid } = owner.metadata
  const template = (specOf(owner)['template'] ?? {}) as JsonObject
  const hash = revisionHash(owner)
  const name = `${ownerName}-${hash}`
  const siblings = hands.dependents(kind, owner).filter((each) => controllerOf(each)?.uid === uid)
  const last = Math.max(0, ...siblings.map((each) => Number(each['revision'] ?? 0)))
  const had = hands.get(kind, namespace, name)
  if (had !== undefined) {
    if (Number(had['revision']) < last) hands.update(kind, had, { ...had, revision: last + 1 })
    return name
  }
  const own = (template['metadata'] ?? {}) as JsonObject
  const { annotations } = owner.metadata
  hands.create(kind, {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name,
      namespace,
      labels: {
        ...((own['labels'] ?? {}) as Record<string, string>),
        [label]: hash,
      },
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [controllerRef(owner)],
    },
    data: dataOf(template),
    revision: last + 1,
  })
  return name
}
