import type { Condition } from '../api/index.ts'
import type { Clock } from '../base/index.ts'
import { fieldAt, type Json, type JsonObject, type KubeObject, sameJson } from '../object/index.ts'
import { conditionOf, removeConditions, setCondition } from '../plan/index.ts'

/** A status as far as every kind has it. */
export interface WithConditions {
  conditions: readonly Condition[]
}

/** The status of an object as a run works on it; it is written seldom and compared then. */
export class Draft<S extends WithConditions> {
  readonly status: S
  readonly #clock: Clock
  readonly #generation: number
  readonly #owned: ReadonlySet<string>

  /** `owned` are the conditions that are ours; those of others stay as they are. */
  constructor(
    object: KubeObject,
    how: { readonly status: S; readonly clock: Clock; readonly owned: ReadonlySet<string> },
  ) {
    this.status = how.status
    this.#clock = how.clock
    this.#owned = how.owned
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

  /** The merge patch from an object's status to this one; undefined when nothing differs. */
  patchFrom(object: KubeObject): JsonObject | undefined {
    const before = (fieldAt(object, 'status') ?? {}) as JsonObject
    const { conditions = [] } = before as unknown as Partial<WithConditions>
    const after = this.#withForeign(conditions) as unknown as JsonObject
    const patch: Record<string, Json> = {}
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      if (!sameJson(before[key], after[key])) patch[key] = replacing(before[key], after[key])
    // No conditions yet, none now: an expression may ask whether there are any.
    if (before['conditions'] === undefined && sameJson(patch['conditions'], []))
      delete patch['conditions']
    return Object.keys(patch).length === 0 ? undefined : patch
  }

  #withForeign(previous: readonly Condition[]): S {
    const isForeign = ({ type }: Condition): boolean => !this.#owned.has(type)
    const own = this.status.conditions.filter((condition) => !isForeign(condition))
    return { ...this.status, conditions: [...own, ...previous.filter(isForeign)] }
  }
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
