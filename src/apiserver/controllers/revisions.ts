import type { JsonObject, KubeObject } from '../../object/index.ts'
import { type Hands, specOf } from './hands.ts'
import { controllerOf, controllerRef } from './owners.ts'
import { hashText } from './parts.ts'

/** The label of pods and ControllerRevisions that names the revision of their template. */
export const REVISION = 'controller-revision-hash'

/** The hash of a workload's pod template. */
export function templateHash(owner: KubeObject): string {
  return hashText((specOf(owner)['template'] ?? {}) as JsonObject)
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
  const hash = templateHash(owner)
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
    data: { spec: { template: { ...template, $patch: 'replace' } } },
    revision: last + 1,
  })
  return name
}
