import type { ManagedFieldsEntry } from '../../object/index.ts'
import { difference, isEmptySet, sameSet, setOf } from './field-set.ts'
import { decodeManaged, encodeManaged, type Managed } from './managers.ts'
import { fieldElement } from './path-element.ts'

type Entries = readonly ManagedFieldsEntry[]

/** The version in which Scales are spoken. */
export const SCALE_VERSION = 'autoscaling/v1'
const IN_SCALE = setOf([fieldElement('spec'), fieldElement('replicas')])

/** Where a version keeps its replicas; `none`: it can not be scaled; `unknown`: there is no such one. */
export type ReplicasIn = (apiVersion: string) => readonly string[] | 'none' | 'unknown'

/** Who owns the replicas of an object, as its Scale says it: each for those alone. */
export function entriesOfScale(
  entries: Entries | undefined,
  replicasIn: ReplicasIn,
): Entries | undefined {
  const managed = decodeManaged(entries)
  if (managed === undefined) return undefined
  const shown: Managed = { fields: new Map(), times: new Map() }
  for (const [id, owned] of managed.fields) {
    const path = replicasIn(owned.apiVersion)
    if (typeof path === 'string') continue
    const replicas = setOf(path.map(fieldElement))
    if (sameSet(difference(owned.set, replicas), owned.set)) continue
    shown.fields.set(id, { ...owned, set: IN_SCALE, apiVersion: SCALE_VERSION })
    const time = managed.times.get(id)
    if (time !== undefined) shown.times.set(id, time)
  }
  return encodeManaged(shown)
}

/**
 * The entries of an object after its Scale was written. Who updates is known by version too, and that
 * of a Scale is another one: so even where nothing changed, the replicas of updaters become entries of
 * their own, without a time; and two entries of one owner are one, the last.
 * @see k8s.io/apimachinery pkg/util/managedfields/scalehandler.go ToParent (v0.36.3)
 */
export function entriesOfParent(
  before: Entries | undefined,
  after: Entries | undefined,
  of: {
    readonly path: readonly string[]
    readonly apiVersion: string
    readonly replicasIn: ReplicasIn
  },
): Entries | undefined {
  const managed = decodeManaged(before)
  const inScale = decodeManaged(after)
  if (managed === undefined || inScale === undefined) return before
  const replicas = setOf(of.path.map(fieldElement))
  const next: Managed = { fields: new Map(), times: managed.times }
  for (const [id, owned] of managed.fields) {
    const path = of.replicasIn(owned.apiVersion)
    if (path === 'unknown') continue
    const rest = path === 'none' ? owned.set : difference(owned.set, setOf(path.map(fieldElement)))
    const isKept = sameSet(rest, owned.set) || inScale.fields.delete(id)
    if (isKept) next.fields.set(id, owned)
    else if (!isEmptySet(rest)) next.fields.set(id, { ...owned, set: rest })
  }
  for (const [id, owned] of inScale.fields)
    if (!sameSet(difference(owned.set, IN_SCALE), owned.set))
      next.fields.set(id, { ...owned, set: replicas, apiVersion: of.apiVersion })
  return encodeManaged(next)
}
