import { isArray, isObject, type KubeObject } from '../../object/index.ts'
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
  /** What was saved before, oldest first: what was appended. Read once. */
  readonly entries: Iterable<unknown>
  /** How much there is; absent: nobody counts. */
  readonly sizeBytes?: number
  /** Whether changes that were appended last may be gone. Default: none ever is. */
  readonly mayLack?: boolean
  /** Saves a change, or several that are to be there together or not at all; or throws and saves none. */
  append(change: SavedChange | readonly SavedChange[]): void
  /**
   * Puts these changes in place of all others, whole or not at all: at once, or by and by, asking for
   * a few at a time. What is appended meanwhile must come after what was asked for before it.
   */
  rewrite(changes: Iterable<SavedChange>): void | Promise<void>
}

/** A journal is rewritten when it has this many changes more than there are objects, or twice as many. */
const SURPLUS_MIN = 20_000
/** Or when it has grown by so much more than it had at first. */
const GROWTH_MIN_BYTES = 64 * 1024 * 1024
/** Revisions that a second of writes does not use up. */
const LACK_MAX = 100_000

/**
 * Puts a store back as its journal has it, and saves each further change in it before it is made.
 * Must be called before anything is written to the store. What is written until `open` is called is
 * saved then, as one: a server is set up whole or not at all.
 */
export function keepIn(journal: Journal, store: Store): { open(): void } {
  let changes = 0
  for (const entry of journal.entries) {
    const together = isArray(entry) ? entry : [entry]
    for (const each of together) {
      if (!isSaved(each)) throw new Error('the journal has an entry that is no change of an object')
      changes += 1
      restore(store, each)
    }
  }
  if (journal.mayLack === true && changes > 0) {
    // Others may know of changes that are gone: what comes now must not have their revisions.
    store.skip(LACK_MAX)
    journal.append(revisionAlone(store))
  }
  let first: SavedChange[] | undefined = []
  let bytes = (journal.sizeBytes ?? 0) * Math.min(1, store.size / Math.max(1, changes))
  const compactWhenLong = (): void => {
    if (first !== undefined) return
    const objects = store.size
    const size = journal.sizeBytes ?? 0
    const isLong = changes > objects + Math.max(SURPLUS_MIN, objects)
    if (!isLong && size <= 2 * bytes + GROWTH_MIN_BYTES) return
    changes = objects
    bytes = size
    void Promise.resolve(journal.rewrite(snapshot(store))).then(() => {
      bytes = journal.sizeBytes ?? 0
    })
  }
  store.keep((change) => {
    if (first === undefined) journal.append(change)
    else first.push(change)
    changes += 1
  })
  // Not before the change is made: a snapshot begins at once.
  store.subscribeAll(compactWhenLong)
  return {
    open: () => {
      if (first !== undefined && first.length > 0) journal.append(first)
      first = undefined
      compactWhenLong()
    },
  }
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
  yield revisionAlone(store)
}

/** The last revision, which no object carries when it was a deletion's. */
function revisionAlone({ revision }: Store): SavedChange {
  return { table: '', key: '', revision, object: null }
}

function revisionOf(object: KubeObject): number {
  return Number(object.metadata.resourceVersion ?? 0)
}
