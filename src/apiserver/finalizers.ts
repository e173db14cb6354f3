import type { KubeObject } from '../object/index.ts'
import type { Propagation } from './delete-options.ts'
import { groupResource, type Kind } from './kind.ts'

const ORPHAN = 'orphan'
const FOREGROUND = 'foregroundDeletion'

/** Kinds whose dependents stay when nothing is said about them, by the version that is spoken. */
const ORPHANING: ReadonlySet<string> = new Set(['replicationcontrollers', 'jobs.batch'])
/** Kinds that have no dependents. */
const CHILDLESS: ReadonlySet<string> = new Set(['events', 'events.events.k8s.io'])

/** Whether dependents of a kind stay when nothing is said about them. */
export function orphansByDefault(kind: Kind): boolean {
  return ORPHANING.has(groupResource(kind))
}

/**
 * The finalizers that an object has when its deletion begins: its own, and the one by which its
 * dependents are treated as was asked.
 * @see k8s.io/apiserver pkg/registry/generic/registry/store.go deletionFinalizersForGarbageCollection
 *   (v0.36.3)
 */
export function finalizersFor(
  kind: Kind,
  live: KubeObject,
  propagation: Propagation | undefined,
): readonly string[] {
  const had = live.metadata.finalizers ?? []
  const means = CHILDLESS.has(groupResource(kind))
    ? 'Background'
    : (propagation ?? meant(kind, had))
  const wanted = had.filter((each) => each !== ORPHAN && each !== FOREGROUND)
  if (means === 'Orphan') wanted.push(ORPHAN)
  if (means === 'Foreground') wanted.push(FOREGROUND)
  const isSame = had.length === wanted.length && wanted.every((each) => had.includes(each))
  return isSame ? had : wanted
}

/** What a deletion means that does not say: what the object says, else what is usual for its kind. */
function meant(kind: Kind, had: readonly string[]): Propagation {
  const said = had.find((each) => each === ORPHAN || each === FOREGROUND)
  if (said !== undefined) return said === ORPHAN ? 'Orphan' : 'Foreground'
  return orphansByDefault(kind) ? 'Orphan' : 'Background'
}
