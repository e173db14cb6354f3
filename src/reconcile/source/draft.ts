import type { Condition, SourceStatus } from '../../api/index.ts'
import type { Clock } from '../../base/index.ts'
import {
  fieldAt,
  type Json,
  type JsonObject,
  type KubeObject,
  sameJson,
} from '../../object/index.ts'
import { conditionOf, removeConditions, setCondition } from '../../plan/index.ts'

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

/** The status of a source as a run works on it; it is written seldom and compared then. */
export class SourceDraft<S extends SourceStatus> {
  readonly status: Mutable<S> & { conditions: readonly Condition[] }
  readonly #clock: Clock
  readonly #generation: number

  constructor(object: KubeObject & { readonly status?: S }, clock: Clock) {
    const conditions = object.status?.conditions ?? []
    this.status = { ...object.status, conditions } as Mutable<S> & {
      conditions: readonly Condition[]
    }
    this.#clock = clock
    this.#generation = object.metadata.generation ?? 0
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

  /** The merge patch from a status to this one; undefined when nothing differs. */
  patchFrom(previous: KubeObject): JsonObject | undefined {
    const before = (fieldAt(previous, 'status') ?? {}) as JsonObject
    const after = this.#withForeign(before as unknown as SourceStatus) as unknown as JsonObject
    const patch: Record<string, Json> = {}
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      if (!sameJson(before[key], after[key])) patch[key] = replacing(before[key], after[key])
    return Object.keys(patch).length === 0 ? undefined : patch
  }

  /** Conditions of other owners stay as they are now. */
  #withForeign(previous: SourceStatus): Mutable<S> {
    const isForeign = ({ type }: Condition): boolean => !OWNED.has(type)
    const own = this.status.conditions.filter((condition) => !isForeign(condition))
    const foreign = (previous.conditions ?? []).filter(isForeign)
    return { ...this.status, conditions: [...own, ...foreign] }
  }
}

const READY_BY_RANK: readonly Condition['status'][] = ['False', 'False', 'True', 'True', 'Unknown']

function rankOf(condition: Condition): number {
  if (condition.status === 'Unknown') return 4
  if (POSITIVE.has(condition.type)) return condition.status === 'True' ? 2 : 1
  return condition.status === 'True' ? 0 : 3
}

/** A merge patch keeps the keys of an object that the new one does not name, so those become null. */
function replacing(before: Json | undefined, after: Json | undefined): Json {
  if (after === undefined) return null
  if (!isRecord(before) || !isRecord(after)) return after
  const keys = [...Object.keys(after), ...Object.keys(before).filter((key) => !(key in after))]
  return Object.fromEntries(keys.map((key) => [key, replacing(before[key], after[key])]))
}

function isRecord(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
