import type { Condition, HistoryEntry, InventoryEntry, Kustomization } from '../../api/index.ts'
import type { Clock } from '../../base/index.ts'
import { Draft } from '../draft.ts'

/** The fields of a status that a run may change. */
export interface DraftStatus {
  observedGeneration?: number | undefined
  conditions: readonly Condition[]
  lastAppliedRevision?: string | undefined
  lastAppliedOriginRevision?: string | undefined
  lastAttemptedRevision?: string | undefined
  lastHandledReconcileAt?: string | undefined
  inventory?: { readonly entries: readonly InventoryEntry[] } | undefined
  history?: readonly HistoryEntry[] | undefined
}

const OWNED: ReadonlySet<string> = new Set(['Ready', 'Healthy', 'Reconciling', 'Stalled'])

/** The status of a Kustomization as a run works on it. */
export class StatusDraft extends Draft<DraftStatus> {
  #writing: Promise<void> = Promise.resolve()

  constructor(object: Kustomization, clock: Clock) {
    const status = { ...object.status, conditions: object.status?.conditions ?? [] }
    super(object, { status, clock, owned: OWNED })
  }

  /**
   * Runs writes one after another: each compares with what the one before it left, and none that is
   * on its way may arrive after a later one.
   */
  inTurn(write: () => Promise<void>): Promise<void> {
    const written = this.#writing.then(write)
    this.#writing = written.catch(() => undefined)
    return written
  }

  /** Reason of the Ready condition: the reason of every event. */
  get reason(): string | undefined {
    return this.condition('Ready')?.reason
  }
}
