import type { HookHandler, IssuerKeys, Receiver, Shares } from '../../api/index.ts'
import type { Clock, Log, Metrics, Random } from '../../base/index.ts'
import type { Cluster } from '../../object/index.ts'
import type { Events } from '../events.ts'
import type { Informer } from '../informer.ts'

/** How Receivers are handled; names and defaults are those of Flux's flags. */
export interface ReceiverOptions {
  readonly concurrent: number
  readonly minRetryMs: number
  readonly maxRetryMs: number
  /** Selects the Receivers that are seen; `''` selects all. */
  readonly watchLabelSelector: string
  /** Absent: all namespaces. */
  readonly watchNamespace?: string
  readonly noCrossNamespaceRefs: boolean
}

/** What Flux does when no flag is given. */
export const DEFAULT_RECEIVER_OPTIONS: ReceiverOptions = {
  concurrent: 4,
  minRetryMs: 750,
  maxRetryMs: 900_000,
  watchLabelSelector: '',
  noCrossNamespaceRefs: false,
}

/** What Receivers need. */
export interface ReceiverDeps {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Metrics
  readonly events: Events
  readonly keys: IssuerKeys
  readonly options?: Partial<ReceiverOptions>
  /** Absent: all Receivers are this process's own. */
  readonly shares?: Shares
}

/** What all runs and calls share. */
export interface ReceiverContext extends Omit<ReceiverDeps, 'options'> {
  readonly options: ReceiverOptions
  readonly receivers: Informer<Receiver>
}

/** Receivers at work. */
export interface ReceiverController {
  /** Works until the signal ends it. */
  run(signal: AbortSignal): Promise<void>
  /** Answers calls of webhooks. */
  readonly handle: HookHandler
}
