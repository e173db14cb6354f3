import { KUSTOMIZE_GROUP, type Kustomization } from '../../api/index.ts'
import { isApiFault, type KubeObject } from '../../object/index.ts'
import type { Run } from './context.ts'

/** Field manager of everything that is written to a Kustomization itself. */
const STATUS_MANAGER = 'gotk-kustomize-controller'
export const FINALIZER = 'finalizers.fluxcd.io'

/** The newest state of the run's object that is known; undefined when it is gone. */
export function newest(run: Run): Kustomization | undefined {
  const { namespace = '', name = '' } = run.object.metadata
  const object = run.context.store.get(namespace, name)
  return object?.metadata.uid === run.object.metadata.uid ? object : undefined
}

/** Writes what the draft has changed; nothing when nothing differs or the object is gone. */
export function writeStatus(run: Run): Promise<void> {
  return run.draft.inTurn(() => writeNow(run))
}

async function writeNow(run: Run): Promise<void> {
  const current = newest(run)
  const patch = current === undefined ? undefined : run.draft.patchFrom(current)
  if (patch === undefined) return
  try {
    const answer = await run.context.cluster.patch(
      refOf(run.object),
      { type: 'merge', value: { status: patch } },
      { fieldManager: STATUS_MANAGER, subresource: 'status' },
    )
    run.context.store.put(answer)
  } catch (error) {
    // Deleted meanwhile: there is nobody left to be told.
    if (!isApiFault(error, 'NOT_FOUND')) throw error
  }
}

/** Puts on or takes off the finalizer. */
export async function writeFinalizer(run: Run, isWanted: boolean): Promise<void> {
  const current = newest(run) ?? run.object
  const finalizers = current.metadata.finalizers ?? []
  if (finalizers.includes(FINALIZER) === isWanted) return
  const next = isWanted
    ? [...finalizers, FINALIZER]
    : finalizers.filter((finalizer) => finalizer !== FINALIZER)
  const { resourceVersion } = current.metadata
  try {
    const answer = await run.context.cluster.patch(
      refOf(run.object),
      {
        type: 'merge',
        value: {
          metadata: {
            finalizers: next,
            ...(resourceVersion === undefined ? {} : { resourceVersion }),
          },
        },
      },
      { fieldManager: STATUS_MANAGER },
    )
    run.context.store.put(answer)
  } catch (error) {
    if (!isApiFault(error, 'NOT_FOUND')) throw error
  }
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

/** Names a Kustomization for the API. */
export function refOf(object: KubeObject): {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
} {
  const { namespace = '', name = '' } = object.metadata
  return { group: KUSTOMIZE_GROUP, version: 'v1', kind: 'Kustomization', namespace, name }
}
