import { type Clock, type Log, messageOf } from '../base/index.ts'
import {
  type Cluster,
  type GroupKind,
  isApiFault,
  type KubeObject,
  type ListOptions,
} from '../object/index.ts'

/** What has changed in a store. `previous` is absent for an object that is new. */
export interface Change<T extends KubeObject> {
  readonly type: 'upsert' | 'delete'
  readonly object: T
  readonly previous: T | undefined
}

/** What an informer watches. */
export interface InformerOptions
  extends Pick<ListOptions, 'namespace' | 'labelSelector' | 'metadataOnly'> {
  readonly kind: GroupKind & { readonly version?: string }
  /** What is kept of an object; all of it unless given. */
  readonly keep?: (object: KubeObject) => KubeObject
}

/** What an informer needs. */
export interface InformerDeps {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly log: Log
}

const ABSENT_RETRY_MIN_MS = 1000
const ABSENT_RETRY_MAX_MS = 30_000

/**
 * A copy of the objects of one kind, kept up to date by a watch. Own writes may be put in, so that a
 * run that follows sees them; an older version never replaces a newer one. A kind that the server
 * does not serve counts as empty until it appears.
 */
export class Informer<T extends KubeObject> {
  readonly #deps: InformerDeps
  readonly #options: InformerOptions
  readonly #objects = new Map<string, T>()
  readonly #listeners = new Set<(change: Change<T>) => void>()
  readonly #synced: Promise<void>
  #settle: () => void = () => undefined
  #isSynced = false

  constructor(deps: InformerDeps, options: InformerOptions) {
    this.#deps = deps
    this.#options = options
    this.#synced = new Promise((resolve) => {
      this.#settle = () => {
        this.#isSynced = true
        resolve()
      }
    })
  }

  /** Resolves when all that existed is in the store. */
  synced(): Promise<void> {
    return this.#synced
  }

  /** Says whether all that existed at the start has been told. */
  get isSynced(): boolean {
    return this.#isSynced
  }

  get(namespace: string, name: string): T | undefined {
    return this.#objects.get(`${namespace}/${name}`)
  }

  list(): Iterable<T> {
    return this.#objects.values()
  }

  /** Calls `listener` on each change; the returned function ends that. */
  onChange(listener: (change: Change<T>) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Takes in what a write of our own answered, unless the watch has told meanwhile that it is gone. */
  put(object: KubeObject): void {
    const known = this.#objects.get(keyOf(object))
    if (known?.metadata.uid === object.metadata.uid) this.#upsert(object as T)
  }

  /**
   * Reads everything from the server anew, once the watch has begun: afterwards nothing that was
   * written before is unknown here, however late the watch is.
   */
  async refresh(signal: AbortSignal): Promise<void> {
    const { kind, keep, ...options } = this.#options
    await this.#synced
    try {
      const { items } = await this.#deps.cluster.list(kind, { ...options, signal })
      for (const item of items) this.#upsert((keep?.(item) ?? item) as T)
    } catch (error) {
      if (!isApiFault(error, 'NO_MATCH')) throw error
    }
  }

  /** Watches until the signal ends it. */
  async run(signal: AbortSignal): Promise<void> {
    const { cluster, clock, log } = this.#deps
    const { kind, keep, ...options } = this.#options
    for (let waitMs = ABSENT_RETRY_MIN_MS; !signal.aborted; ) {
      try {
        for await (const event of cluster.watch(kind, { ...options, signal })) {
          waitMs = ABSENT_RETRY_MIN_MS
          if (event.type === 'synced') this.#settle()
          else if (event.type === 'upsert')
            this.#upsert((keep?.(event.object) ?? event.object) as T)
          else this.#remove(event.object as T)
        }
      } catch (error) {
        if (signal.aborted) return
        if (!isApiFault(error, 'NO_MATCH'))
          log.error('watch failed', { kind: kind.kind, error: messageOf(error) })
      }
      this.#settle()
      await clock.sleep(waitMs, signal).catch(() => undefined)
      waitMs = Math.min(ABSENT_RETRY_MAX_MS, waitMs * 2)
    }
  }

  #upsert(object: T): void {
    const key = keyOf(object)
    const previous = this.#objects.get(key)
    if (previous !== undefined && previous.metadata.uid === object.metadata.uid) {
      const order = compareVersions(previous, object)
      if (order >= 0) return
    }
    this.#objects.set(key, object)
    this.#tell({ type: 'upsert', object, previous })
  }

  #remove(object: T): void {
    const key = keyOf(object)
    const previous = this.#objects.get(key)
    if (previous === undefined) return
    this.#objects.delete(key)
    this.#tell({ type: 'delete', object, previous })
  }

  #tell(change: Change<T>): void {
    for (const listener of this.#listeners) listener(change)
  }
}

/** `namespace/name` of an object. */
export function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`
}

/** Which of two states of one object is newer; 0 for the same, negative when `a` is older. */
function compareVersions(a: KubeObject, b: KubeObject): number {
  return versionNumber(a.metadata.resourceVersion) - versionNumber(b.metadata.resourceVersion)
}

/**
 * A resource version as a number. Kubernetes has promised since 1.35 that they may be compared; what
 * is no number counts as the newest.
 */
export function versionNumber(resourceVersion: string | undefined): number {
  return resourceVersion !== undefined && /^\d+$/.test(resourceVersion)
    ? Number(resourceVersion)
    : Number.POSITIVE_INFINITY
}
