import { type Cluster, idText, isApiFault } from '../../object/index.ts'
import { isOwnedBy, isPruneDisabled, type TrackedObject } from '../../plan/index.ts'
import { auditDelete } from './audit-writes.ts'
import type { Run } from './context.ts'

/** What became of the objects that were to be deleted. */
export interface Pruned {
  /** `Kind/namespace/name deleted` or `… skipped`, in the order of deletion. */
  readonly lines: readonly string[]
  readonly deleted: readonly TrackedObject[]
  readonly survivors: readonly TrackedObject[]
  /** Flux's words for what went wrong; undefined when nothing did. */
  readonly fault: string | undefined
}

/**
 * Deletes objects that are still this Kustomization's, one after another in the order given, without
 * waiting for them to be gone. What is not there, or of a kind that is gone, counts as deleted.
 */
export async function deleteObjects(
  run: Run,
  cluster: Cluster,
  objects: readonly TrackedObject[],
): Promise<Pruned> {
  const lines: string[] = []
  const deleted: TrackedObject[] = []
  const survivors: TrackedObject[] = []
  let faults = ''
  for (const object of objects) {
    const subject = idText(object)
    try {
      const action = await deleteOne(run, cluster, object)
      lines.push(`${subject} ${action}`)
      if (action === 'deleted') deleted.push(object)
      run.applied.forget(object)
    } catch (error) {
      if (!isApiFault(error)) throw error
      survivors.push(object)
      faults += `${subject} delete failed: ${error.message};`
    }
  }
  const fault = faults === '' ? undefined : `delete failed, errors: ${faults}`
  return { lines, deleted, survivors, fault }
}

async function deleteOne(
  run: Run,
  cluster: Cluster,
  object: TrackedObject,
): Promise<'deleted' | 'skipped'> {
  const { name = '', namespace = '' } = run.object.metadata
  try {
    const live = await cluster.get(object, { metadataOnly: true, signal: run.turn.signal })
    if (!isOwnedBy(live, { name, namespace }) || isPruneDisabled(live)) return 'skipped'
    const { uid } = live.metadata
    await cluster.delete(object, {
      propagation: 'Background',
      ...(uid === undefined ? {} : { uid }),
    })
    auditDelete(run, object)
    return 'deleted'
  } catch (error) {
    if (isApiFault(error, 'NOT_FOUND', 'NO_MATCH')) return 'deleted'
    throw error
  }
}
