import type {
  Artifact,
  ArtifactStore,
  Bucket,
  BucketStatus,
  Buckets,
  CloudLogins,
  Condition,
  Fetcher,
  GitRepository,
  GitRepositoryStatus,
  OciRepository,
  OciRepositoryStatus,
  Registry,
  Shares,
  SourceStatus,
} from '../../api/index.ts'
import type { Clock, Log, Metrics, Random, Trace } from '../../base/index.ts'
import type { Cluster, KubeObject } from '../../object/index.ts'
import type { Events } from '../events.ts'
import type { Informer } from '../informer.ts'
import type { Turn, WorkQueue } from '../queue.ts'
import type { Stages } from '../stages.ts'
import type { SourceDraft } from './draft.ts'
import type { Gate } from './gate.ts'

/** How the reconcilers of sources behave; names and defaults are those of Flux's flags. */
export interface SourceOptions {
  readonly concurrent: number
  readonly requeueDependencyMs: number
  readonly minRetryMs: number
  readonly maxRetryMs: number
  readonly intervalJitterPercent: number
  /** Selects the sources that are seen; `''` selects all. */
  readonly watchLabelSelector: string
  /** Absent: all namespaces. */
  readonly watchNamespace?: string
  /** The gate ObjectLevelWorkloadIdentity. */
  readonly objectLevelWorkloadIdentity: boolean
  /** Logs in to clouds for what names no service account; `''`: the controller itself does. */
  readonly defaultServiceAccount: string
  /** No wake-ups beyond Flux's. */
  readonly fluxTiming: boolean
  /** Artifacts of Git say whose commit they are of. */
  readonly keepsCommits: boolean
}

/** What Flux does when no flag is given. */
export const DEFAULT_SOURCE_OPTIONS: SourceOptions = {
  concurrent: 2,
  requeueDependencyMs: 30_000,
  minRetryMs: 750,
  maxRetryMs: 900_000,
  intervalJitterPercent: 5,
  watchLabelSelector: '',
  objectLevelWorkloadIdentity: false,
  defaultServiceAccount: '',
  fluxTiming: false,
  keepsCommits: false,
}

/** What the reconcilers of sources need. */
export interface SourceDeps {
  readonly cluster: Cluster
  readonly fetcher: Fetcher
  /** Absent: OCIRepositories are somebody else's business. */
  readonly registry?: Registry
  /** Absent: Buckets are somebody else's business. */
  readonly buckets?: Buckets
  /** Absent: clouds are not logged in to. */
  readonly logins?: CloudLogins
  readonly store: ArtifactStore
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Metrics
  /** Absent: nobody wants traces. */
  readonly trace?: Trace
  readonly events: Events
  readonly options?: Partial<SourceOptions>
  /** Absent: all sources are this process's own. */
  readonly shares?: Shares
}

/** What all runs of one kind share. */
export interface SourceContext extends Omit<SourceDeps, 'options'> {
  readonly options: SourceOptions
  readonly queue: WorkQueue
  /** Bounds the fetches that are under way; they hold no worker. */
  readonly gate: Gate
  /** Runs that wait at the gate. */
  readonly waiting: Set<AnyRun>
  /** How often in a row a host could not be reached, by `namespace/name`. */
  readonly unreachable: Map<string, number>
}

/** A source of any kind, as far as all kinds are alike. */
export interface AnySource extends KubeObject {
  readonly spec: {
    readonly interval: string
    readonly timeout?: string
    readonly suspend?: boolean
  }
  readonly status?: SourceStatus
}

/** One run of one source, as far as all kinds are alike. */
export interface AnyRun {
  readonly context: SourceContext
  /** As it was when the run began. */
  readonly object: AnySource
  readonly objects: {
    get(namespace: string, name: string): KubeObject | undefined
    put(object: KubeObject): void
  }
  readonly draft: AnyDraft
  readonly log: Log
  readonly stages: Stages
  /** Ends when the controller does. */
  readonly signal: AbortSignal
  /** Waits without holding a worker. */
  readonly parked: Turn['parked']
}

/** The draft of a status, as far as all kinds are alike. */
export type AnyDraft = Pick<
  SourceDraft<SourceStatus>,
  'condition' | 'is' | 'mark' | 'patchFrom' | 'progress' | 'remove' | 'summarise'
> & {
  readonly status: {
    conditions: readonly Condition[]
    artifact?: Artifact | undefined
    observedGeneration?: number | undefined
    lastHandledReconcileAt?: string | undefined
  }
}

/** How a run ended well. */
export interface SourceOutcome {
  /** `unchanged`: the host still has what is published, nothing was looked at. */
  readonly kind: 'stored' | 'unchanged'
  readonly revision: string
  /** Told when the artifact is new, or the first after a failure. */
  readonly message: string
}

/** What makes one kind of source different from the others. */
export interface SourceKind<R extends AnyRun> {
  begin(key: string, turn: Turn): R | undefined
  /** @throws Fault of SourceCode */
  reconcile(run: R): Promise<SourceOutcome>
}

/** A run of a GitRepository. */
export interface GitRun extends AnyRun {
  readonly object: GitRepository
  readonly objects: Informer<GitRepository>
  readonly draft: SourceDraft<GitRepositoryStatus>
}

/** A run of an OCIRepository. */
export interface OciRun extends AnyRun {
  readonly object: OciRepository
  readonly objects: Informer<OciRepository>
  readonly draft: SourceDraft<OciRepositoryStatus>
}

/** A run of a Bucket. */
export interface BucketRun extends AnyRun {
  readonly object: Bucket
  readonly objects: Informer<Bucket>
  readonly draft: SourceDraft<BucketStatus>
}
