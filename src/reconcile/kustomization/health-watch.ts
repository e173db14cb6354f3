import { setMaxListeners } from 'node:events'
import {
  type Cluster,
  idKey,
  isApiFault,
  type ListOptions,
  type ObjectId,
} from '../../object/index.ts'
import type { AppliedObjects } from './applied.ts'

/** Watches that one wait opens for objects that no watch of ours covers, and for pods. */
const WATCHES_MAX = 20

type Watched = Pick<ListOptions, 'namespace' | 'fieldSelector' | 'labelSelector'>

/**
 * Tells a wait which of its objects are worth another look, by watches: those of what was applied,
 * and for what they do not cover, and for the pods of workloads, watches of its own.
 */
export class HealthWatch {
  readonly #cluster: Cluster
  readonly #applied: AppliedObjects
  readonly #end = new AbortController()
  readonly #changed = new Set<string>()
  readonly #open = new Set<string>()
  /** Objects that nobody tells of: the watch is forbidden, or there are too many. */
  readonly #silent = new Set<string>()
  readonly #stopListening: () => void
  #ring: () => void = () => undefined

  constructor(cluster: Cluster, applied: AppliedObjects, ids: readonly ObjectId[]) {
    this.#cluster = cluster
    this.#applied = applied
    // Every watch listens to it; Node takes more than ten listeners for a leak, and says so on stderr.
    setMaxListeners(0, this.#end.signal)
    const keys = new Set(ids.map(idKey))
    this.#stopListening = applied.onChange((key) => {
      if (keys.has(key)) this.#tell(key)
    })
  }

  /** Calls `ring` when something has changed; at once when it has already. */
  onChange(ring: () => void): void {
    this.#ring = ring
    if (this.#changed.size > 0) ring()
  }

  /** The keys of what has changed since the last call. */
  take(): ReadonlySet<string> {
    const changed = new Set(this.#changed)
    this.#changed.clear()
    return changed
  }

  /** Says whether an object has to be asked for, since nobody tells of it. */
  isSilent(id: ObjectId): boolean {
    return this.#silent.has(idKey(id)) && !this.#applied.isWatched(id)
  }

  /** Makes sure that changes of an object are told. */
  follow(id: ObjectId): void {
    if (this.#applied.isWatched(id)) return
    const where = id.namespace === '' ? {} : { namespace: id.namespace }
    const only = { ...where, fieldSelector: `metadata.name=${id.name}` }
    this.#watch(`object ${idKey(id)}`, id, { kind: id, only })
  }

  /** Makes sure that changes of the pods of a workload are told as changes of the workload. */
  followPods(id: ObjectId, labelSelector: string): void {
    const kind = { group: '', version: 'v1', kind: 'Pod' }
    const only = { namespace: id.namespace, labelSelector }
    this.#watch(`pods ${idKey(id)}`, id, { kind, only })
  }

  stop(): void {
    this.#stopListening()
    this.#end.abort(new Error('the wait is over'))
  }

  #tell(key: string): void {
    this.#changed.add(key)
    this.#ring()
  }

  #watch(
    name: string,
    id: ObjectId,
    what: { readonly kind: { group: string; kind: string }; readonly only: Watched },
  ): void {
    if (this.#open.has(name)) return
    this.#open.add(name)
    if (this.#open.size > WATCHES_MAX) this.#silent.add(idKey(id))
    else void this.#run(id, what.kind, what.only)
  }

  async #run(id: ObjectId, { group, kind }: ObjectKind, only: Watched): Promise<void> {
    const { signal } = this.#end
    try {
      const events = this.#cluster.watch({ group, kind }, { ...only, metadataOnly: true, signal })
      for await (const _ of events) this.#tell(idKey(id))
    } catch (error) {
      if (signal.aborted) return
      if (!isApiFault(error)) throw error
      this.#silent.add(idKey(id))
      this.#tell(idKey(id))
    }
  }
}

type ObjectKind = { readonly group: string; readonly kind: string }
