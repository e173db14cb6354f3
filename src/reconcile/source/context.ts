import type { ArtifactStore, Fetcher, GitRepository, SourceStatus } from '../../api/index.ts'
import type { Clock, Log, Metrics, Random } from '../../base/index.ts'
import type { Cluster, KubeObject } from '../../object/index.ts'
import type { Events } from '../events.ts'
import type { Informer } from '../informer.ts'
import type { WorkQueue } from '../queue.ts'
import type { SourceDraft } from './draft.ts'

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
  /** No wake-ups beyond Flux's. */
  readonly fluxTiming: boolean
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
  fluxTiming: false,
}

/** What the reconciler of GitRepositories needs. */
export interface SourceDeps {
  readonly cluster: Cluster
  readonly fetcher: Fetcher
  readonly store: ArtifactStore
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Metrics
  readonly events: Events
  readonly options?: Partial<SourceOptions>
}

/** What all runs share. */
export interface SourceContext extends Omit<SourceDeps, 'options'> {
  readonly options: SourceOptions
  readonly objects: Informer<GitRepository>
  readonly queue: WorkQueue
  /** How often in a row a host could not be reached, by `namespace/name`. */
  readonly unreachable: Map<string, number>
}

/** A source of any kind. */
export type SourceObject<S extends SourceStatus = SourceStatus> = KubeObject & {
  readonly status?: S
}

/** One run of one source. */
export interface SourceRun<T extends SourceObject, S extends SourceStatus> {
  readonly context: SourceContext
  readonly objects: Informer<T>
  /** As it was when the run began. */
  readonly object: T
  readonly draft: SourceDraft<S>
  readonly log: Log
  /** Ends when the controller does. */
  readonly signal: AbortSignal
}

/** A run of a GitRepository. */
export type GitRun = SourceRun<GitRepository, import('../../api/index.ts').GitRepositoryStatus>
