import { compareText } from '../../base/index.ts'
import type { Json, JsonObject, KubeObject, ObjectMeta } from '../../object/index.ts'
import { shared } from './share.ts'
import { SortedKeys } from './sorted-keys.ts'
import { weightBeside } from './weight.ts'

/** A change of one object, in the order in which it happened. */
export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly table: string
  readonly key: string
  /** The new state; of a deletion the last state, with the revision of the deletion. */
  readonly object: KubeObject
  readonly previous?: KubeObject
  readonly revision: number
}

/** Tells a change right after it was made. */
export type StoreListener = (event: StoreEvent) => void

/** A change that is about to be made. What it throws, the change is not made for. */
export type StoreKeeper = (change: {
  readonly table: string
  readonly key: string
  readonly revision: number
  /** Null when the object goes. */
  readonly object: KubeObject | null
}) => void

interface Table {
  readonly objects: Map<string, KubeObject>
  readonly keys: SortedKeys
  readonly listeners: Set<StoreListener>
}

/** Characters that history may keep: some 64 MiB. */
const WEIGHT_MAX = 64 * 1024 * 1024
/** So many changes are kept whatever they weigh: watches that begin anew need the last ones. */
const EVENTS_MIN = 100

/**
 * All objects, by table and key, with one revision counted up by every write, and a history of
 * bounded length and weight that watches are fed from. Objects are never changed, only replaced.
 */
export class Store {
  #revision = 1
  readonly #tables = new Map<string, Table>()
  readonly #listeners = new Set<StoreListener>()
  readonly #history: StoreEvent[] = []
  /** What each event of the history keeps in memory that is nowhere else, in characters. */
  readonly #weights: number[] = []
  #weight = 0
  readonly #historyMax: number
  readonly #weightMax: number
  /** The revision up to which history was thrown away. */
  #compacted = 0
  #size = 0
  #keeper: StoreKeeper | undefined

  constructor(options: { readonly historyMax?: number; readonly weightMax?: number } = {}) {
    this.#historyMax = options.historyMax ?? 20_000
    this.#weightMax = options.weightMax ?? WEIGHT_MAX
  }

  /** The revision of the last write. */
  get revision(): number {
    return this.#revision
  }

  /** The oldest revision that a watch may start after. */
  get compacted(): number {
    return this.#compacted
  }

  get(table: string, key: string): KubeObject | undefined {
    return this.#tables.get(table)?.objects.get(key)
  }

  /** Keys of a table in order, those of one namespace where a prefix is given. */
  keys(table: string, prefix = ''): readonly string[] {
    return this.#tables.get(table)?.keys.under(prefix) ?? []
  }

  /** Objects of a table in order of their keys. */
  list(table: string, prefix = ''): KubeObject[] {
    const found = this.#tables.get(table)
    const listed: KubeObject[] = []
    for (const key of found?.keys.under(prefix) ?? []) {
      const object = found?.objects.get(key)
      if (object !== undefined) listed.push(object)
    }
    return listed
  }

  count(table: string): number {
    return this.#tables.get(table)?.objects.size ?? 0
  }

  /** How many objects there are in all. */
  get size(): number {
    return this.#size
  }

  tables(): string[] {
    return [...this.#tables.keys()].sort(compareText)
  }

  /** Writes an object under the next revision, which it gets as its resourceVersion. */
  put(table: string, key: string, object: KubeObject): KubeObject {
    const found = this.#table(table)
    const previous = found.objects.get(key)
    const revision = this.#revision + 1
    const stored = stamped(previous === undefined ? object : shared(object, previous), revision)
    this.#keeper?.({ table, key, revision, object: stored })
    this.#revision = revision
    found.objects.set(key, stored)
    if (previous === undefined) {
      found.keys.add(key)
      this.#size += 1
    }
    this.#tell({
      type: previous === undefined ? 'ADDED' : 'MODIFIED',
      table,
      key,
      object: stored,
      ...(previous === undefined ? {} : { previous }),
      revision,
    })
    return stored
  }

  /** Removes an object; answers its last state with the revision of the removal. */
  remove(table: string, key: string): KubeObject | undefined {
    const found = this.#table(table)
    const previous = found.objects.get(key)
    if (previous === undefined) return undefined
    const revision = this.#revision + 1
    this.#keeper?.({ table, key, revision, object: null })
    this.#revision = revision
    found.objects.delete(key)
    found.keys.delete(key)
    this.#size -= 1
    const object = stamped(previous, revision)
    this.#tell({ type: 'DELETED', table, key, object, previous, revision })
    return object
  }

  /** Changes of a table after a revision; undefined when history does not reach back so far. */
  since(table: string, revision: number): StoreEvent[] | undefined {
    if (revision < this.#compacted) return undefined
    const found: StoreEvent[] = []
    // From the end: most watches begin where the last one ended.
    for (let i = this.#history.length - 1; i >= 0; i -= 1) {
      const event = this.#history[i]
      if (event === undefined || event.revision <= revision) break
      if (event.table === table) found.push(event)
    }
    return found.reverse()
  }

  /**
   * The objects of a table as they were at a revision, by key in order; undefined when history does
   * not reach back so far.
   */
  at(
    table: string,
    revision: number,
    prefix = '',
  ): readonly (readonly [string, KubeObject])[] | undefined {
    const events = revision === this.#revision ? [] : this.since(table, revision)
    if (events === undefined) return undefined
    const before = new Map<string, KubeObject | undefined>()
    for (const event of events)
      if (event.key.startsWith(prefix) && !before.has(event.key))
        before.set(event.key, event.previous)
    const objects = this.#tables.get(table)?.objects ?? new Map<string, KubeObject>()
    const keys =
      before.size === 0
        ? this.keys(table, prefix)
        : [...new Set([...this.keys(table, prefix), ...before.keys()])].sort(compareText)
    return keys.flatMap((key) => {
      const object = before.has(key) ? before.get(key) : objects.get(key)
      return object === undefined ? [] : [[key, object] as const]
    })
  }

  /** Tells every later change of a table; the returned function ends it. */
  subscribe(table: string, listener: StoreListener): () => void {
    const { listeners } = this.#table(table)
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  /** Tells every later change of all tables. */
  subscribeAll(listener: StoreListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Has each later change kept before it is made. */
  keep(keeper: StoreKeeper): void {
    this.#keeper = keeper
  }

  /** Puts back what was saved, without telling anybody. */
  restore(table: string, key: string, object: KubeObject, revision: number): void {
    const found = this.#table(table)
    const previous = found.objects.get(key)
    if (previous === undefined) {
      found.keys.add(key)
      this.#size += 1
    }
    const stored = previous === undefined ? object : shared(object, previous)
    found.objects.set(key, stored)
    this.#recall(revision, {
      type: previous === undefined ? 'ADDED' : 'MODIFIED',
      table,
      key,
      object: stored,
      ...(previous === undefined ? {} : { previous }),
      revision,
    })
  }

  /** Leaves revisions out. */
  skip(count: number): void {
    this.#revision += count
    this.#compacted = this.#revision
  }

  /** Lets go of all changes so far: what is there now is the beginning. */
  compact(): void {
    this.#history.length = 0
    this.#weights.length = 0
    this.#weight = 0
    this.#compacted = this.#revision
  }

  /** Takes out what was saved and removed again, without telling anybody. */
  forget(table: string, key: string, revision: number): void {
    const found = this.#tables.get(table)
    const previous = found?.objects.get(key)
    if (found === undefined || previous === undefined) {
      this.#recall(revision, undefined)
      return
    }
    found.objects.delete(key)
    found.keys.delete(key)
    this.#size -= 1
    const object = stamped(previous, revision)
    this.#recall(revision, { type: 'DELETED', table, key, object, previous, revision })
  }

  /**
   * History goes on over a restart as long as what was saved is one change after another; what stands in
   * place of many changes is a beginning.
   */
  #recall(revision: number, event: StoreEvent | undefined): void {
    const isNext = revision === this.#revision + 1
    this.#revision = Math.max(this.#revision, revision)
    if (isNext && event !== undefined) this.#remember(event)
    else this.compact()
  }

  #table(name: string): Table {
    let found = this.#tables.get(name)
    if (found === undefined) {
      found = { objects: new Map(), keys: new SortedKeys(), listeners: new Set() }
      this.#tables.set(name, found)
    }
    return found
  }

  #tell(event: StoreEvent): void {
    this.#remember(event)
    for (const listener of this.#listeners) listener(event)
    for (const listener of this.#tables.get(event.table)?.listeners ?? []) listener(event)
  }

  #remember(event: StoreEvent): void {
    // A new state is kept in any case; what history keeps is the one before.
    const beside = event.type === 'DELETED' ? undefined : event.object
    const weight = weightBeside(event.previous, beside)
    this.#history.push(event)
    this.#weights.push(weight)
    this.#weight += weight
    if (this.#history.length > this.#historyMax * 1.25 || this.#weight > this.#weightMax)
      this.#forget()
  }

  /** Lets go of the oldest changes, some more than must be, so that it is not done each time. */
  #forget(): void {
    let count = Math.max(0, this.#history.length - this.#historyMax)
    let left = this.#weight
    for (let i = 0; i < count; i += 1) left -= this.#weights[i] ?? 0
    const most = Math.max(0, this.#history.length - EVENTS_MIN)
    for (; left > this.#weightMax * 0.75 && count < most; count += 1)
      left -= this.#weights[count] ?? 0
    if (count === 0) return
    this.#weights.splice(0, count)
    this.#weight = left
    this.#compacted = this.#history.splice(0, count).at(-1)?.revision ?? this.#compacted
  }
}

function stamped(object: KubeObject, revision: number): KubeObject {
  const { metadata } = object
  const resourceVersion = String(revision)
  return metadata.resourceVersion === undefined && metadata.uid !== undefined
    ? { ...object, metadata: behindUid(metadata, resourceVersion) }
    : { ...object, metadata: { ...metadata, resourceVersion } }
}

/** Metadata with the first revision where Go writes it. */
function behindUid(metadata: ObjectMeta, resourceVersion: string): ObjectMeta {
  const given = metadata as unknown as JsonObject
  const result: Record<string, Json | undefined> = {}
  Object.keys(given).forEach((key) => {
    result[key] = given[key]
    if (key === 'uid') result['resourceVersion'] = resourceVersion
  })
  return result as unknown as ObjectMeta
}
