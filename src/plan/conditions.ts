import type { Condition } from '../api/index.ts'
import { compareText, rfc3339 } from '../base/index.ts'

const MESSAGE_BYTES_MAX = 32_768

/** A condition as it is set; time and generation are filled in. */
export interface NewCondition {
  readonly type: string
  readonly status: Condition['status']
  readonly reason: string
  readonly message: string
}

/** What a condition is set with. */
export interface ConditionContext {
  readonly nowMs: number
  readonly generation: number
}

/**
 * Sets a condition in a list. The transition time moves when status, reason or message change.
 * Reconciling and Stalled exclude each other when they are True.
 * @see fluxcd/pkg runtime/conditions/setter.go
 */
export function setCondition(
  conditions: readonly Condition[],
  condition: NewCondition,
  context: ConditionContext,
): readonly Condition[] {
  const message = cutMessage(condition.message)
  const known = conditions.find(({ type }) => type === condition.type)
  const isSame =
    known !== undefined &&
    known.status === condition.status &&
    known.reason === condition.reason &&
    known.message === message
  const next: Condition = {
    type: condition.type,
    status: condition.status,
    reason: condition.reason,
    message,
    lastTransitionTime: isSame ? known.lastTransitionTime : rfc3339(context.nowMs),
    observedGeneration: context.generation,
  }
  const opposite = condition.status === 'True' ? OPPOSITES[condition.type] : undefined
  const others = conditions.filter(({ type }) => type !== condition.type && type !== opposite)
  return [...others, next].sort(compareConditions)
}

/** A list of conditions without those of the given types. */
export function removeConditions(
  conditions: readonly Condition[],
  ...types: readonly string[]
): readonly Condition[] {
  return conditions.filter(({ type }) => !types.includes(type))
}

/** The condition of a type. */
export function conditionOf(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type)
}

const OPPOSITES: Readonly<Record<string, string>> = {
  Reconciling: 'Stalled',
  Stalled: 'Reconciling',
}
const RANKS: readonly string[] = ['Stalled', 'Reconciling', 'Ready']

function compareConditions(a: Condition, b: Condition): number {
  return (
    rank(a) - rank(b) ||
    (b.observedGeneration ?? 0) - (a.observedGeneration ?? 0) ||
    compareText(a.type, b.type)
  )
}

function rank(condition: Condition): number {
  const at = RANKS.indexOf(condition.type)
  return at < 0 ? RANKS.length : at
}

function cutMessage(message: string): string {
  return cutText(message, MESSAGE_BYTES_MAX)
}

/** A text of at most so many bytes of UTF-8; one that was cut ends with three dots. */
export function cutText(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= bytesMax) return text
  return `${bytes
    .subarray(0, bytesMax - 3)
    .toString()
    .replace(/\uFFFD$/, '')}...`
}
