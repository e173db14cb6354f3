import { type Cluster, idText, isApiFault } from '../../object/index.ts'
import { isOwnedBy, isPruneDisabled, type TrackedObject } from '../../plan/index.ts'
import { auditDelete } from './audit-writes.ts'
import type { Run } from './context.ts'

/** An object that changes all the time is left for the next run. */
const LOOKS_MAX = 5

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

/**
 * What is deleted is what was seen to be ours: who gives the object away, or protects it, while the
 * deletion is on its way makes us look again.
 */
async function deleteOne(
  run: Run,
  cluster: Cluster,
  object: TrackedObject,
): Promise<'deleted' | 'skipped'> {
  const { name = '', namespace = '' } = run.object.metadata
  for (let tries = 1; ; tries += 1)
    try {
      const live = await cluster.get(object, { metadataOnly: true, signal: run.turn.signal })
      if (!isOwnedBy(live, { name, namespace }) || isPruneDisabled(live)) return 'skipped'
      const { uid, resourceVersion } = live.metadata
      await cluster.delete(object, {
        propagation: 'Background',
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      })
      auditDelete(run, object)
      return 'deleted'
    } catch (error) {
      if (isApiFault(error, 'NOT_FOUND', 'NO_MATCH')) return 'deleted'
      if (!isApiFault(error, 'CONFLICT') || tries >= LOOKS_MAX) throw error
    }
}
