import { type Artifact, SOURCE_GROUP } from '../../api/index.ts'
import type { Cluster, JsonObject, KubeObject } from '../../object/index.ts'
import type { Events } from '../events.ts'
import { newestOf, type OwnObject, patchFinalizer, patchStatus } from '../own-object.ts'

/** Field manager of everything that is written to a source. */
const MANAGER = 'source-controller'

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

/** Writes what the draft has changed; nothing when nothing differs or the object is gone. */
export function writeStatus(run: RecordedRun): Promise<void> {
  return patchStatus(ownOf(run), run.draft)
}

/** Puts on or takes off the finalizer. */
export function writeFinalizer(run: RecordedRun, isWanted: boolean): Promise<void> {
  return patchFinalizer(ownOf(run), isWanted)
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
    involved: newestOf(ownOf(run)) ?? run.object,
    type,
    reason,
    message,
    isTrace,
    ...(metadata === undefined ? {} : { metadata }),
  })
}

function ownOf({ context, object, objects }: RecordedRun): OwnObject {
  return { cluster: context.cluster, manager: MANAGER, object, store: objects }
}
