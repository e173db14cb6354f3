import { hash } from 'node:crypto'
import type { KubeObject } from '../object/index.ts'
import { type Ask, managerOf } from './ask.ts'
import type { Kind } from './kind.ts'

/** Applies remembered of one state of an object: as many as managers usually share it. */
const APPLIES_MAX = 4

/**
 * Applies that changed nothing, by the very state of the object that they changed nothing of: a new
 * state knows none, and what is gone takes them along. An apply depends on nothing but that state, the
 * request and the schema of the kind, so that the same one once more needs no second look.
 */
const idle = new WeakMap<KubeObject, Map<string, Kind>>()

/** Whether this apply is known to change nothing of a stored object. */
export function isIdleApply(stored: KubeObject, ask: Ask): boolean {
  // A kind whose CRD was changed is another one.
  return idle.get(stored)?.get(digestOf(ask)) === ask.kind
}

/** Remembers that an apply changed nothing of a stored object. */
export function noteIdleApply(stored: KubeObject, ask: Ask): void {
  const known = idle.get(stored) ?? new Map<string, Kind>()
  const [oldest] = known.keys()
  if (known.size >= APPLIES_MAX && oldest !== undefined) known.delete(oldest)
  known.set(digestOf(ask), ask.kind)
  idle.set(stored, known)
}

function digestOf(ask: Ask): string {
  const about = [ask.subresource, managerOf(ask), ask.query.toString()]
  return hash('sha256', `${JSON.stringify(about)}${ask.body}`, 'base64')
}
