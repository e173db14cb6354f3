import { TOKEN_CACHE_EVENT_TYPES, TOKEN_CACHE_EVENTS } from '../../api/index.ts'
import { messageOf } from '../../base/index.ts'
import { type Cluster, idText, isApiFault } from '../../object/index.ts'
import { inDeletionOrder, type TrackedObject, trackedObjects } from '../../plan/index.ts'
import { refTo } from '../own-object.ts'
import { clusterOf } from './clusters.ts'
import type { Run } from './context.ts'
import { TOKEN_OPERATIONS, tokenUseOf } from './identity.ts'
import { deleteObjects } from './prune.ts'
import { emit, writeFinalizer } from './record.ts'

const GONE_WAIT_MS = 250

/** Carries out what the deletion of a Kustomization means for its objects, then lets it go. */
export async function finalize(run: Run): Promise<void> {
  if (!(await isStillThere(run))) return
  const objects = inDeletionOrder(trackedObjects(run.draft.status.inventory?.entries ?? []))
  if (objects.length > 0 && deletesObjects(run)) await removeObjects(run, objects)
  await writeFinalizer(run, false)
  forgetTokens(run)
}

/** What was counted for a Kustomization that is gone is of no more use. */
function forgetTokens({ object, context }: Run): void {
  for (const operation of TOKEN_OPERATIONS)
    for (const type of TOKEN_CACHE_EVENT_TYPES)
      context.metrics.remove(TOKEN_CACHE_EVENTS, {
        event_type: type,
        ...tokenUseOf(object, operation),
      })
}

/**
 * The watch may be late: where this object is gone already, and another of its name is there, the
 * objects of that one are not to be touched.
 */
async function isStillThere(run: Run): Promise<boolean> {
  try {
    const live = await run.context.cluster.get(refTo(run.object), { metadataOnly: true })
    return live.metadata.uid === run.object.metadata.uid
  } catch (error) {
    if (isApiFault(error, 'NOT_FOUND')) return false
    throw error
  }
}

function deletesObjects(run: Run): boolean {
  const { suspend, deletionPolicy, prune } = run.object.spec
  if (suspend === true) return false
  if (deletionPolicy === undefined || deletionPolicy === 'MirrorPrune') return prune
  return deletionPolicy !== 'Orphan'
}

async function removeObjects(run: Run, objects: readonly TrackedObject[]): Promise<void> {
  if (!(await hasAccount(run))) {
    const list = [...objects].reverse().map(idText).join('\n')
    const message = `unable to prune objects: \n${list}`
    run.log.error(message, { error: 'skiping pruning, failed to find account to impersonate' })
    emit(run, 'error', message, lastRevisions(run))
    return
  }
  const cluster = await clusterOf(run)
  const pruned = await deleteObjects(run, cluster, objects)
  if (pruned.fault !== undefined) {
    emit(run, 'error', 'pruning for deleted resource failed', lastRevisions(run))
    throw new Error(pruned.fault)
  }
  if (pruned.lines.length > 0) emit(run, 'info', pruned.lines.join('\n'), lastRevisions(run))
  if (run.object.spec.deletionPolicy === 'WaitForTermination')
    await waitUntilGone(run, cluster, pruned.deleted)
}

/** The account to act as must be there, in this cluster; else the objects are left behind. */
async function hasAccount(run: Run): Promise<boolean> {
  const account = run.object.spec.serviceAccountName || run.context.options.defaultServiceAccount
  if (account === '') return true
  const namespace = run.object.metadata.namespace ?? ''
  try {
    await run.context.cluster.get(
      { group: '', version: 'v1', kind: 'ServiceAccount', namespace, name: account },
      { metadataOnly: true },
    )
    return true
  } catch (error) {
    if (isApiFault(error)) return false
    throw error
  }
}

async function waitUntilGone(
  run: Run,
  cluster: Cluster,
  objects: readonly TrackedObject[],
): Promise<void> {
  const { clock } = run.context
  const deadline = clock.now() + run.timeoutMs
  await run.turn.parked(async () => {
    let waitMs = GONE_WAIT_MS
    for (const object of objects) {
      while (await isThere(cluster, object)) {
        if (clock.now() >= deadline) {
          const message = 'failed to wait for resources termination'
          run.log.error(message, {
            error: `${idText(object)} termination timeout: context deadline exceeded`,
          })
          emit(run, 'error', message, lastRevisions(run))
          return
        }
        await clock.sleep(waitMs, run.turn.signal)
        waitMs = Math.min(2000, waitMs * 2)
      }
    }
  })
}

async function isThere(cluster: Cluster, object: TrackedObject): Promise<boolean> {
  try {
    await cluster.get(object, { metadataOnly: true })
    return true
  } catch (error) {
    if (isApiFault(error, 'NOT_FOUND', 'NO_MATCH')) return false
    throw new Error(messageOf(error), { cause: error })
  }
}

function lastRevisions(run: Run): { readonly revision: string; readonly originRevision: string } {
  const { lastAppliedRevision = '', lastAppliedOriginRevision = '' } = run.draft.status
  return { revision: lastAppliedRevision, originRevision: lastAppliedOriginRevision }
}
