import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  valueAt,
} from '../object/index.ts'

/** What health can be. `NotFound` and `Unknown` keep waiting, as `InProgress` does. */
export type HealthStatus =
  | 'Current'
  | 'InProgress'
  | 'Failed'
  | 'Terminating'
  | 'NotFound'
  | 'Unknown'

/** The health of one object, with kstatus' words for why. */
export interface Health {
  readonly status: HealthStatus
  readonly message: string
}

/** How the health of one kind is told. `now` is in milliseconds since the epoch. */
export type Rule = (object: KubeObject, context: { readonly now: number }) => Health

/** Ready. */
export function current(message: string): Health {
  return { status: 'Current', message }
}

/** Not there yet. */
export function inProgress(message: string): Health {
  return { status: 'InProgress', message }
}

/** Will not get there by itself. */
export function failed(message: string): Health {
  return { status: 'Failed', message }
}

/** A condition as any controller may have written it. */
export interface AnyCondition {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
  readonly observedGeneration?: number
}

/** Conditions under `status`; entries that are none are left out. */
export function conditionsOf(object: KubeObject): AnyCondition[] {
  return readConditions(valueAt(object as unknown as JsonObject, 'status', 'conditions'))
}

/** Conditions in a list that may be none. */
export function readConditions(list: Json | undefined): AnyCondition[] {
  if (!isArray(list)) return []
  return list.filter(isObject).map((entry) => ({
    type: text(entry['type']),
    status: text(entry['status']),
    reason: text(entry['reason']),
    message: text(entry['message']),
    ...(typeof entry['observedGeneration'] === 'number'
      ? { observedGeneration: entry['observedGeneration'] }
      : {}),
  }))
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The whole number at a path; `fallback` where there is none. */
export function intAt(object: KubeObject, path: readonly string[], fallback: number): number {
  const value = valueAt(object as unknown as JsonObject, ...path)
  return typeof value === 'number' && Number.isInteger(value) ? value : fallback
}

/** The string at a path; `fallback` where there is none. */
export function textAt(object: KubeObject, path: readonly string[], fallback: string): string {
  const value = valueAt(object as unknown as JsonObject, ...path)
  return typeof value === 'string' ? value : fallback
}
