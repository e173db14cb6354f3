import type {
  Condition,
  HistoryEntry,
  InventoryEntry,
  Kustomization,
  KustomizationStatus,
} from '../../api/index.ts'
import type { Clock } from '../../base/index.ts'
import type { Json, JsonObject } from '../../object/index.ts'
import { sameJson } from '../../object/index.ts'
import { conditionOf, removeConditions, setCondition } from '../../plan/index.ts'

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

/** The status of a Kustomization as a run works on it; it is written seldom and compared then. */
export class StatusDraft {
  readonly status: DraftStatus
  readonly #clock: Clock
  readonly #generation: number
  #writing: Promise<void> = Promise.resolve()

  constructor(object: Kustomization, clock: Clock) {
    this.status = { ...object.status, conditions: object.status?.conditions ?? [] }
    this.#clock = clock
    this.#generation = object.metadata.generation ?? 0
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

  /** Sets a condition. */
  mark(type: string, status: Condition['status'], reason: string, message: string): void {
    this.status.conditions = setCondition(
      this.status.conditions,
      { type, status, reason, message },
      { nowMs: this.#clock.now(), generation: this.#generation },
    )
  }

  /** Takes conditions away. */
  remove(...types: readonly string[]): void {
    this.status.conditions = removeConditions(this.status.conditions, ...types)
  }

  condition(type: string): Condition | undefined {
    return conditionOf(this.status.conditions, type)
  }

  /** Reason of the Ready condition: the reason of every event. */
  get reason(): string | undefined {
    return this.condition('Ready')?.reason
  }

  /** The merge patch from a status to this one; undefined when nothing differs. */
  patchFrom(previous: KustomizationStatus | undefined): JsonObject | undefined {
    const before = (previous ?? {}) as unknown as JsonObject
    const after = this.#withForeign(previous) as unknown as JsonObject
    const patch: Record<string, Json> = {}
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      if (!sameJson(before[key], after[key])) patch[key] = after[key] ?? null
    // No conditions yet, none now: an expression may ask whether there are any.
    if (before['conditions'] === undefined && sameJson(patch['conditions'], []))
      delete patch['conditions']
    return Object.keys(patch).length === 0 ? undefined : patch
  }

  /** Conditions of other owners stay as they are now. */
  #withForeign(previous: KustomizationStatus | undefined): DraftStatus {
    const isForeign = ({ type }: Condition): boolean => !OWNED.has(type)
    const own = this.status.conditions.filter((condition) => !isForeign(condition))
    const foreign = (previous?.conditions ?? []).filter(isForeign)
    return { ...this.status, conditions: [...own, ...foreign] }
  }
}

const OWNED: ReadonlySet<string> = new Set(['Ready', 'Healthy', 'Reconciling', 'Stalled'])
