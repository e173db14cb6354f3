import { hash } from 'node:crypto'
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  type ObjectMeta,
  ownAt,
  sameJson,
} from '../object/index.ts'
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
  if (ask.subresource !== '') return false
  // A kind whose CRD was changed is another one.
  return idle.get(stored)?.get(digestOf(ask)) === ask.kind
}

/** Remembers that an apply of a whole object would change nothing of it as it is stored. */
export function noteIdleApply(stored: KubeObject, ask: Ask): void {
  if (ask.subresource !== '') return
  const known = idle.get(stored) ?? new Map<string, Kind>()
  const [oldest] = known.keys()
  if (known.size >= APPLIES_MAX && oldest !== undefined) known.delete(oldest)
  known.set(digestOf(ask), ask.kind)
  idle.set(stored, known)
}

/** The metadata that an apply may give when it is to mean the same at each later state. */
const LASTING = new Set<string>([
  'name',
  'namespace',
  'labels',
  'annotations',
  'finalizers',
  'ownerReferences',
])

/** Whether a body says nothing that is true of one state only, such as a resourceVersion. */
export function isRepeatable({ metadata }: KubeObject): boolean {
  return Object.keys(metadata).every((key) => LASTING.has(key))
}

/**
 * Whether all that a merge gave stands in what became of it, and has its manager. Defaults may have
 * been added; where anything was changed or left out, merging once more could be a change.
 */
export function isHeldBy(stored: KubeObject, merged: KubeObject, manager: string): boolean {
  const { metadata: is, ...rest } = stored
  const { metadata: asked, ...others } = merged
  return (
    isManager(asked, manager) &&
    sameJson(managersOf(asked), managersOf(is)) &&
    holds(lastingOf(is), lastingOf(asked)) &&
    holds(rest as JsonObject, others as JsonObject)
  )
}

/** Who owns nothing has no entry, and an object without any gets one by the next apply. */
function isManager({ managedFields = [] }: ObjectMeta, manager: string): boolean {
  return managedFields.some((each) => each.operation === 'Apply' && each.manager === manager)
}

function managersOf({ managedFields = [] }: ObjectMeta): Json {
  return managedFields as unknown as Json
}

function lastingOf(metadata: ObjectMeta): JsonObject {
  const entries = Object.entries(metadata as JsonObject)
  return Object.fromEntries(entries.filter(([key]) => LASTING.has(key)))
}

function holds(stored: Json | undefined, asked: Json | undefined): boolean {
  if (asked === undefined || stored === asked) return true
  if (isArray(asked)) return isArray(stored) && holdsItems(stored, asked)
  if (!isObject(asked) || !isObject(stored)) return false
  for (const key of Object.keys(asked)) if (!holds(ownAt(stored, key), asked[key])) return false
  return true
}

function holdsItems(stored: readonly Json[], asked: readonly Json[]): boolean {
  return stored.length === asked.length && asked.every((item, i) => holds(stored[i], item))
}

/**
 * Takes what is known of an object over to its next state where that differs only in what no known
 * apply is about: labels and annotations that came, who updated what, and the status where that was
 * written by itself, since an apply of the whole does not touch it then.
 */
export function keepIdleApplies(before: KubeObject, after: KubeObject, subresource: string): void {
  const known = idle.get(before)
  // Where nobody owned anything, the next apply says who came first.
  if (known === undefined || (before.metadata.managedFields ?? []).length === 0) return
  const { metadata: was, status: oldStatus, ...oldRest } = before
  const { metadata: is, status, ...rest } = after
  if (subresource !== 'status' && !sameJson(oldStatus as Json, status as Json)) return
  if (!sameJson(oldRest as JsonObject, rest as JsonObject)) return
  if (!sameJson(settledOf(was), settledOf(is))) return
  if (holds(is.labels, was.labels) && holds(is.annotations, was.annotations)) idle.set(after, known)
}

/** What has to stay in metadata for an apply to stay idle. */
function settledOf(metadata: ObjectMeta): JsonObject {
  const { resourceVersion: _r, labels: _l, annotations: _a, managedFields = [], ...rest } = metadata
  const appliers = managedFields.filter(
    ({ operation, subresource }) => operation === 'Apply' && subresource === undefined,
  )
  return { rest, appliers } as unknown as JsonObject
}

function digestOf(ask: Ask): string {
  const about = [managerOf(ask), ask.query.toString()]
  return hash('sha256', `${JSON.stringify(about)}${ask.body}`, 'base64')
}
