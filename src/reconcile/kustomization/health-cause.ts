import { rootCause } from '../../health/index.ts'
import {
  type Cluster,
  idText,
  isApiFault,
  type JsonObject,
  type KubeObject,
  type ObjectId,
  valueAt,
} from '../../object/index.ts'

/** Kinds whose pods say more than they do themselves. */
const OWNERS_OF_PODS: ReadonlySet<string> = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Job',
])

/** Says whether the pods of an object say more than it does itself. */
export function ownsPods({ kind }: { readonly kind: string }): boolean {
  return OWNERS_OF_PODS.has(kind)
}

/** The label selector of a workload's pods; undefined for what has none. */
export function podSelector(object: KubeObject): string | undefined {
  const labels = valueAt(object as unknown as JsonObject, 'spec', 'selector', 'matchLabels')
  if (!ownsPods(object) || typeof labels !== 'object' || labels === null) return undefined
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',')
}

/** The pods of a workload, by its selector; undefined for what has none. */
export async function podsOf(
  cluster: Cluster,
  object: KubeObject,
): Promise<readonly KubeObject[] | undefined> {
  const labelSelector = podSelector(object)
  if (labelSelector === undefined) return undefined
  const namespace = object.metadata.namespace ?? ''
  const kind = { group: '', kind: 'Pod', version: 'v1' }
  return (await cluster.list(kind, { namespace, labelSelector })).items
}

/** Why an object is not well, as `Kind/namespace/name: cause`; undefined when nothing tells. */
export async function causeOf(cluster: Cluster, id: ObjectId): Promise<string | undefined> {
  try {
    const object = await cluster.get(id)
    const children = (await podsOf(cluster, object)) ?? []
    const events = await cluster.list(
      { group: '', kind: 'Event', version: 'v1' },
      { namespace: id.namespace === '' ? 'default' : id.namespace },
    )
    const cause = rootCause(object, { children, events: events.items })
    return cause === undefined ? undefined : `${idText(id)}: ${cause}`
  } catch (error) {
    // A cause that can not be looked up must not hide the fault itself.
    if (isApiFault(error)) return undefined
    throw error
  }
}
