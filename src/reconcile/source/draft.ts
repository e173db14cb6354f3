import type { Condition, SourceStatus } from '../../api/index.ts'
import type { Clock } from '../../base/index.ts'
import type { KubeObject } from '../../object/index.ts'
import { Draft } from '../draft.ts'

/** Conditions of a source, in the order in which they count for Ready. */
const SUMMARISED: readonly string[] = [
  'StorageOperationFailed',
  'FetchFailed',
  'IncludeUnavailable',
  'ArtifactOutdated',
  'ArtifactInStorage',
  'SourceVerified',
  'Stalled',
  'Reconciling',
]
/** Those that are good when they are True; the others are bad then. */
const POSITIVE: ReadonlySet<string> = new Set(['ArtifactInStorage', 'SourceVerified'])
const OWNED: ReadonlySet<string> = new Set([...SUMMARISED, 'Ready'])

type Mutable<T> = { -readonly [K in keyof T]: T[K] | undefined }

/** The fields of a status that a run may change. */
export type SourceDraftStatus<S> = Mutable<S> & { conditions: readonly Condition[] }

/** The status of a source as a run works on it. */
export class SourceDraft<S extends SourceStatus> extends Draft<SourceDraftStatus<S>> {
  constructor(object: KubeObject & { readonly status?: S }, clock: Clock) {
    const conditions = object.status?.conditions ?? []
    const status = { ...object.status, conditions } as SourceDraftStatus<S>
    super(object, { status, clock, owned: OWNED })
  }

  is(type: string, status: Condition['status']): boolean {
    return this.condition(type)?.status === status
  }

  /** Says what is going on. Ready is touched only where it says nothing better. */
  progress(message: string, hasDrift = false): void {
    this.mark('Reconciling', 'True', 'Progressing', message)
    const ready = this.condition('Ready')
    if (hasDrift || ready === undefined || ready.status === 'Unknown')
      this.mark('Ready', 'Unknown', 'Progressing', message)
  }

  /**
   * Makes Ready of the other conditions: what is bad and True first, then what is good and False,
   * then what is good and True. A verification that failed beats all of them.
   * @see fluxcd/pkg runtime/conditions/merge.go and source-controller internal/reconcile/summarize
   */
  summarise(): void {
    const known = SUMMARISED.flatMap((type) => this.condition(type) ?? [])
    const group = ([0, 1, 2, 3, 4] as const)
      .map((rank) => known.filter((condition) => rankOf(condition) === rank))
      .find((conditions) => conditions.length > 0)
    const [first] = group ?? []
    if (first !== undefined)
      this.mark('Ready', READY_BY_RANK[rankOf(first)] ?? 'Unknown', first.reason, first.message)
    const verified = this.condition('SourceVerified')
    if (verified?.status === 'False') this.mark('Ready', 'False', verified.reason, verified.message)
  }
}

const READY_BY_RANK: readonly Condition['status'][] = ['False', 'False', 'True', 'True', 'Unknown']

function rankOf(condition: Condition): number {
  if (condition.status === 'Unknown') return 4
  if (POSITIVE.has(condition.type)) return condition.status === 'True' ? 2 : 1
  return condition.status === 'True' ? 0 : 3
}
