import { type Artifact, SOURCE_GROUP } from '../../api/index.ts'
import {
  type Cluster,
  isApiFault,
  type JsonObject,
  type KubeObject,
  type ObjectRef,
} from '../../object/index.ts'
import type { Events } from '../events.ts'

/** Field manager of everything that is written to a source. */
const MANAGER = 'source-controller'
export const FINALIZER = 'finalizers.fluxcd.io'

/** A run of any kind of source, as far as what it has found out is written down. */
export interface RecordedRun {
  readonly context: { readonly cluster: Cluster; readonly events: Events }
  readonly object: KubeObject
  readonly objects: {
    get(namespace: string, name: string): KubeObject | undefined
    put(object: KubeObject): void
  }
  readonly draft: {
    readonly status: { readonly artifact?: Artifact | undefined }
    patchFrom(previous: KubeObject): JsonObject | undefined
  }
}

/** The newest state of the run's object that is known; undefined when it is gone. */
function newest(run: RecordedRun): KubeObject | undefined {
  const { namespace = '', name = '', uid } = run.object.metadata
  const object = run.objects.get(namespace, name)
  return object?.metadata.uid === uid ? object : undefined
}

/** Writes what the draft has changed; nothing when nothing differs or the object is gone. */
export async function writeStatus(run: RecordedRun): Promise<void> {
  const current = newest(run)
  const patch = current === undefined ? undefined : run.draft.patchFrom(current)
  if (patch === undefined) return
  try {
    const answer = await run.context.cluster.patch(
      refOf(run.object),
      { type: 'merge', value: { status: patch } },
      { fieldManager: MANAGER, subresource: 'status' },
    )
    run.objects.put(answer)
  } catch (error) {
    // Deleted meanwhile: there is nobody left to be told.
    if (!isApiFault(error, 'NOT_FOUND')) throw error
  }
}

/** Puts on or takes off the finalizer. */
export async function writeFinalizer(run: RecordedRun, isWanted: boolean): Promise<void> {
  const { finalizers = [], resourceVersion } = (newest(run) ?? run.object).metadata
  if (finalizers.includes(FINALIZER) === isWanted) return
  const next = isWanted
    ? [...finalizers, FINALIZER]
    : finalizers.filter((finalizer) => finalizer !== FINALIZER)
  const version = resourceVersion === undefined ? {} : { resourceVersion }
  try {
    const answer = await run.context.cluster.patch(
      refOf(run.object),
      { type: 'merge', value: { metadata: { finalizers: next, ...version } } },
      { fieldManager: MANAGER },
    )
    run.objects.put(answer)
  } catch (error) {
    if (!isApiFault(error, 'NOT_FOUND')) throw error
  }
}

/** An event about the run's object. */
export interface SourceEvent {
  readonly type?: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  /** Revision and digest of the artifact go with it. */
  readonly withArtifact?: boolean
  /** For the cluster alone, not sent on. */
  readonly isTrace?: boolean
}

/** Emits an event about the run's object. */
export function emit(run: RecordedRun, event: SourceEvent): void {
  const { type = 'Normal', reason, message, isTrace = false } = event
  const artifact = run.draft.status.artifact
  const metadata =
    event.withArtifact && artifact !== undefined
      ? {
          [`${SOURCE_GROUP}/revision`]: artifact.revision,
          [`${SOURCE_GROUP}/digest`]: artifact.digest ?? '',
        }
      : undefined
  run.context.events.emit({
    involved: newest(run) ?? run.object,
    type,
    reason,
    message,
    isTrace,
    ...(metadata === undefined ? {} : { metadata }),
  })
}

function refOf(object: KubeObject): ObjectRef {
  const { namespace = '', name = '' } = object.metadata
  return { group: SOURCE_GROUP, version: 'v1', kind: object.kind, namespace, name }
}
