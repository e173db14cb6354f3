import type {
  ArtifactReader,
  CloudClusters,
  CloudKeys,
  ClusterAccess,
  Fetcher,
  Kustomization,
  Shares,
} from '../../api/index.ts'
import type { Audit, Clock, Log, Metrics, Random, Trace } from '../../base/index.ts'
import type { BuildAnswer, BuildRequest } from '../../build/index.ts'
import type { Cluster } from '../../object/index.ts'
import type { Events } from '../events.ts'
import type { Informer } from '../informer.ts'
import type { Turn } from '../queue.ts'
import type { Stages } from '../stages.ts'
import type { AppliedObjects, AppliedView } from './applied.ts'
import type { BuildCache } from './build-cache.ts'
import type { Configs } from './configs.ts'
import type { StatusDraft } from './draft.ts'
import type { DriftPace } from './drift-pace.ts'
import type { KustomizationOptions } from './options.ts'
import type { Troubles } from './troubles.ts'

/**
 * Builds; in this thread, or in another one when the build is big. `key` is the Kustomization's
 * `namespace/name`: namespaces share what threads there are.
 * @throws Fault BUILD; BUILD_LIMIT for what takes too much memory or time
 */
export type Builder = (
  request: BuildRequest & { readonly key: string; readonly signal: AbortSignal },
) => Promise<BuildAnswer>

/** Reads plain files over HTTP. */
export type RemoteFiles = (url: string, signal: AbortSignal) => Promise<Uint8Array>

/**
 * Opens the cluster that the text of a kubeconfig names (equal texts may give the same one), or one
 * whose address and tokens are known.
 * @throws Fault KUBECONFIG
 */
export type RemoteClusters = (target: string | ClusterAccess) => Promise<Cluster>

/** What the reconciler of Kustomizations needs. */
export interface KustomizationDeps {
  readonly cluster: Cluster
  readonly artifacts: ArtifactReader
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Metrics
  /** Absent: nobody wants traces. */
  readonly trace?: Trace
  readonly events: Events
  /** Absent: no audit trail is kept. */
  readonly audit?: Audit
  /** The machine that this runs on, by name. */
  readonly instance?: string
  readonly options?: Partial<KustomizationOptions>
  /** Absent: builds run in this thread. */
  readonly build?: Builder
  /** Absent: remote bases are refused. */
  readonly fetcher?: Pick<Fetcher, 'git'>
  /** Absent: remote bases that are plain files are refused. */
  readonly remoteFiles?: RemoteFiles
  /** Absent: SOPS keys across the network open nothing. */
  readonly cloudKeys?: CloudKeys
  /** Absent: ConfigMaps of `spec.kubeConfig` may name the generic provider alone. */
  readonly cloudClusters?: CloudClusters
  /** Absent: `spec.kubeConfig` is refused. */
  readonly remoteClusters?: RemoteClusters
  /** Absent: all Kustomizations are this process's own. */
  readonly shares?: Shares
}

/** What all runs share. */
export interface Context extends Omit<KustomizationDeps, 'options' | 'build'> {
  readonly options: KustomizationOptions
  readonly build: Builder
  readonly store: Informer<Kustomization>
  readonly sources: ReadonlyMap<string, Informer<SourceObject>>
  readonly applied: AppliedView
  readonly builds: BuildCache
  readonly configs: Configs
  readonly pace: DriftPace
  /** Plural names by `apiVersion/Kind` of kinds that were applied: a kind that goes away is still spoken of by it. */
  readonly plurals: Map<string, string>
  readonly troubles: Troubles
  /** Runs that wait for something to appear, and what it is. */
  readonly blocked: Map<string, Blocker>
}

/** What keeps a Kustomization waiting, beside time. */
export interface Blocker {
  /** `namespace/name` of the dependency that is not ready. */
  readonly dependency?: string
  /** In which words. */
  readonly message?: string
  /** Something in the cluster is missing: a kind, a namespace, a ConfigMap. */
  readonly missing?: string
  /** The server, or a webhook of it, could not answer: in its words. */
  readonly trouble?: string
}

/** Any source kind, as far as a Kustomization looks at it. */
export type SourceObject = import('../../api/index.ts').GitRepository

/** One run of one Kustomization. */
export interface Run {
  readonly context: Context
  readonly key: string
  readonly turn: Turn
  /** As it was when the run began. */
  readonly object: Kustomization
  readonly draft: StatusDraft
  /** What is known of the cluster that the run applies to. */
  readonly applied: AppliedObjects
  readonly log: Log
  readonly stages: Stages
  readonly startedMs: number
  readonly timeoutMs: number
  readonly retryMs: number
  /** Values that no message may quote; asked for when a run fails. */
  readonly secrets: (() => Iterable<string>)[]
  /** Set as they become known. */
  revision: string
  originRevision: string
  artifactMetadata: Readonly<Record<string, string>>
  /** Something was created, configured or deleted. */
  hasChanged: boolean
}
