import { isObject, type KubeObject } from '../../object/index.ts'
import { withInternedFields } from '../fields/index.ts'
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
  /** What was saved before, oldest first. Read once. */
  readonly entries: Iterable<unknown>
  append(change: SavedChange): void
  /**
   * Puts these changes in place of all others, whole or not at all: at once, or by and by, asking for
   * a few at a time. What is appended meanwhile must come after what was asked for before it.
   */
  rewrite(changes: Iterable<SavedChange>): void | Promise<void>
}

/** A journal is rewritten when it has this many lines more than there are objects, or twice as many. */
const SURPLUS_MIN = 20_000

/**
 * Puts a store back as its journal has it, and saves each further change in it before anybody is
 * told. Must be called before anything is written to the store.
 */
export function keepIn(journal: Journal, store: Store): void {
  let lines = 0
  for (const entry of journal.entries) {
    lines += 1
    if (isSaved(entry)) restore(store, entry)
  }
  let objects = countOf(store)
  const compactWhenLong = (): void => {
    if (lines <= objects + Math.max(SURPLUS_MIN, objects)) return
    lines = objects
    void journal.rewrite(snapshot(store))
  }
  compactWhenLong()
  store.subscribeAll(({ type, table, key, object, revision }) => {
    journal.append({ table, key, revision, object: type === 'DELETED' ? null : object })
    lines += 1
    if (type !== 'MODIFIED') objects += type === 'ADDED' ? 1 : -1
    compactWhenLong()
  })
}

function isSaved(entry: unknown): entry is SavedChange {
  return isObject(entry) && typeof entry['table'] === 'string' && typeof entry['key'] === 'string'
}

function restore(store: Store, { table, key, object, revision }: SavedChange): void {
  if (object === null) store.forget(table, key, revision)
  else store.restore(table, key, withInternedFields(object), revision)
}

/**
 * Every object, one after another. The store may change meanwhile: what is not told yet is told as it
 * is then, and what comes in later is appended anyway.
 */
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
