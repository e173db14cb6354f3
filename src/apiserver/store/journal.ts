import { isObject, type KubeObject } from '../../object/index.ts'
import type { Store } from './store.ts'

/** One change of the store, as it is saved. */
export interface SavedChange {
  readonly table: string
  readonly key: string
  readonly revision: number
  /** The new state; null when the object is gone. */
  readonly object: KubeObject | null
}

/** Where changes are saved. */
export interface Journal {
  /** What was saved before, oldest first. */
  readonly entries: readonly unknown[]
  append(change: SavedChange): void
  /** Puts these changes in place of all others, whole or not at all. */
  rewrite(changes: Iterable<SavedChange>): void
}

/** A journal is rewritten when it has this many lines more than there are objects, or more. */
const SURPLUS_MAX = 20_000

/**
 * Puts a store back as its journal has it, and saves each further change in it before anybody is
 * told. Must be called before anything is written to the store.
 */
export function keepIn(journal: Journal, store: Store): void {
  let lines = journal.entries.length
  for (const entry of journal.entries) if (isSaved(entry)) restore(store, entry)
  const compact = (): void => {
    const saved = [...snapshot(store)]
    journal.rewrite(saved)
    lines = saved.length
  }
  if (lines > 0) compact()
  store.subscribeAll(({ type, table, key, object, revision }) => {
    journal.append({ table, key, revision, object: type === 'DELETED' ? null : object })
    lines += 1
    if (lines > countOf(store) + SURPLUS_MAX) compact()
  })
}

function isSaved(entry: unknown): entry is SavedChange {
  return isObject(entry) && typeof entry['table'] === 'string' && typeof entry['key'] === 'string'
}

function restore(store: Store, { table, key, object, revision }: SavedChange): void {
  if (object === null) store.forget(table, key, revision)
  else store.restore(table, key, object, revision)
}

function* snapshot(store: Store): Iterable<SavedChange> {
  for (const table of store.tables())
    for (const key of store.keys(table)) {
      const object = store.get(table, key)
      if (object !== undefined) yield { table, key, revision: revisionOf(object), object }
    }
  // The last revision may be a deletion's, which no object carries.
  yield { table: '', key: '', revision: store.revision, object: null }
}

function revisionOf(object: KubeObject): number {
  return Number(object.metadata.resourceVersion ?? 0)
}

function countOf(store: Store): number {
  return store.tables().reduce((sum, table) => sum + store.count(table), 0)
}
