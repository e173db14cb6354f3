import { KUSTOMIZE_GROUP, type Kustomization } from '../../api/index.ts'
import { newestOf, type OwnObject, patchFinalizer, patchStatus } from '../own-object.ts'
import type { Run } from './context.ts'

const MANAGER = 'gotk-kustomize-controller'

/** The newest state of the run's object that is known; undefined when it is gone. */
export function newest(run: Run): Kustomization | undefined {
  return newestOf(ownOf(run))
}

/** Writes what the draft has changed; nothing when nothing differs or the object is gone. */
export function writeStatus(run: Run): Promise<void> {
  return run.draft.inTurn(() => patchStatus(ownOf(run), run.draft))
}

/** Puts on or takes off the finalizer. */
export function writeFinalizer(run: Run, isWanted: boolean): Promise<void> {
  return patchFinalizer(ownOf(run), isWanted)
}

/** Emits an event about the run's object; its reason is that of the Ready condition. */
export function emit(
  run: Run,
  severity: 'info' | 'error',
  message: string,
  revisions: {
    readonly revision: string
    readonly originRevision: string
    readonly isCommitStatus?: boolean
  } = run,
): void {
  const { revision, originRevision, isCommitStatus } = revisions
  run.context.events.emit({
    involved: newest(run) ?? run.object,
    type: severity === 'error' ? 'Warning' : 'Normal',
    reason: run.draft.reason ?? severity,
    message,
    metadata: {
      ...(revision === '' ? {} : { [`${KUSTOMIZE_GROUP}/revision`]: revision }),
      ...(originRevision === '' ? {} : { [`${KUSTOMIZE_GROUP}/originRevision`]: originRevision }),
      ...(isCommitStatus === true ? { [`${KUSTOMIZE_GROUP}/commit_status`]: 'update' } : {}),
    },
  })
}

function ownOf({ context, object }: Run): OwnObject<Kustomization> {
  return { cluster: context.cluster, manager: MANAGER, object, store: context.store }
}
