import type { Store, StoreEvent } from '../store/store.ts'

/** Tells of all that is in some tables of a store, as added, and of every change from then on. */
export function followStore(
  store: Store,
  tables: Iterable<string>,
  note: (event: StoreEvent) => void,
): void {
  for (const table of tables)
    for (const key of store.keys(table)) {
      const object = store.get(table, key)
      if (object !== undefined)
        note({ type: 'ADDED', table, key, object, revision: store.revision })
    }
  store.subscribeAll(note)
}
