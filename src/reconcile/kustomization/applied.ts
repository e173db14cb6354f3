import { KUSTOMIZE_GROUP } from '../../api/index.ts'
import { type Clock, type Log, messageOf } from '../../base/index.ts'
import type { Health } from '../../health/index.ts'
import {
  type Cluster,
  type Gvk,
  idKey,
  idOf,
  isApiFault,
  type KubeObject,
  type ObjectId,
} from '../../object/index.ts'
import { isMetadataKind, isOlder, isSameState, plainHealth, type Seen, seenOf } from './seen.ts'

/** What was applied, or found to be as if it had been. */
interface Applied {
  readonly owner: string
  readonly desired: string
  readonly seen: Seen
}

interface KindWatch {
  readonly end: AbortController
  isSynced: boolean
}

/** What a run asks about, and tells, of what it applied. */
export type AppliedObjects = Pick<
  AppliedView,
  | 'record'
  | 'isAsApplied'
  | 'plainDrift'
  | 'shapeAt'
  | 'needsNoMore'
  | 'isWatched'
  | 'healthOf'
  | 'forget'
  | 'onChange'
>

/** Knows nothing: for clusters that are not watched. */
export const NOTHING_KNOWN: AppliedObjects = {
  record: () => undefined,
  isAsApplied: () => false,
  plainDrift: () => undefined,
  shapeAt: () => undefined,
  needsNoMore: () => false,
  isWatched: () => false,
  healthOf: () => undefined,
  forget: () => undefined,
  onChange: () => () => undefined,
}

/** What the view asks and tells about the Kustomizations that own objects. */
export interface Owners {
  /** An object of this owner was changed by somebody else. */
  onDrift(owner: string): void
  exists(owner: string): boolean
}

/** What the view needs. */
export interface AppliedDeps {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly log: Log
}

/**
 * What the cluster holds of the objects that were applied, known by watches and not by asking: one
 * watch per kind, on the owner label. Own writes are recognised by the resource version that they
 * returned; a change of the status alone is no drift.
 */
export class AppliedView {
  readonly #deps: AppliedDeps
  readonly #signal: AbortSignal
  readonly #kinds = new Map<string, KindWatch>()
  readonly #seen = new Map<string, Seen>()
  readonly #applied = new Map<string, Applied>()
  readonly #owners = new Map<string, Set<string>>()
  readonly #listeners = new Set<(id: string) => void>()
  readonly #ownership: Owners

  constructor(deps: AppliedDeps, signal: AbortSignal, owners: Owners) {
    this.#deps = deps
    this.#signal = signal
    this.#ownership = owners
  }

  /** Notes that an object is in the cluster as desired, in the state given. */
  record(owner: string, desired: string, live: KubeObject): void {
    this.#watchKind({ ...idOf(live), version: live.apiVersion.split('/').at(-1) ?? 'v1' })
    const id = idKey(idOf(live))
    this.#applied.set(id, { owner, desired, seen: seenOf(live, this.#healthIn(live)) })
    const ids = this.#owners.get(owner) ?? new Set<string>()
    this.#owners.set(owner, ids.add(id))
  }

  /** Says whether an object is known to be in the cluster as it was applied from `desired`. */
  isAsApplied(owner: string, id: ObjectId, desired: string): boolean {
    const key = idKey(id)
    const applied = this.#applied.get(key)
    if (applied === undefined || applied.owner !== owner || applied.desired !== desired)
      return false
    return this.#isSynced(id) && isSameState(applied.seen, this.#seen.get(key))
  }

  /**
   * The resource version of an object that was applied from `desired` and changed by somebody else
   * since, where applying it again is all that is needed; undefined when that is not known.
   */
  plainDrift(owner: string, id: ObjectId, desired: string): string | undefined {
    const key = idKey(id)
    const applied = this.#applied.get(key)
    const seen = this.#seen.get(key)
    if (applied?.owner !== owner || applied.desired !== desired || seen === undefined)
      return undefined
    const isOurs = seen.isPlain && seen.owner === owner
    return isOurs && this.#isForeign(key) ? seen.resourceVersion : undefined
  }

  /**
   * Digest of the compared parts of an object at exactly this version; undefined when that is not
   * known, or more than an apply may be due.
   */
  shapeAt(id: ObjectId, resourceVersion: string | undefined): string | undefined {
    const key = idKey(id)
    if (resourceVersion === undefined || !this.#isSynced(id)) return undefined
    for (const known of [this.#seen.get(key), this.#applied.get(key)?.seen])
      if (known?.resourceVersion === resourceVersion && known.isPlain && known.shape !== undefined)
        return known.shape
    return undefined
  }

  /** Says whether an object that was applied is known to need nothing but an apply, if anything. */
  needsNoMore(id: ObjectId): boolean {
    const key = idKey(id)
    if (!this.#isSynced(id) || !this.#applied.has(key)) return false
    return this.#seen.get(key)?.isPlain ?? true
  }

  /** Says whether changes of this very object are told. */
  isWatched(id: ObjectId): boolean {
    const key = idKey(id)
    return this.#isSynced(id) && (this.#seen.has(key) || this.#applied.has(key))
  }

  /**
   * The health of an object as the watch saw it last, or as it was when we wrote it, whichever is
   * newer; undefined when neither is known.
   */
  healthOf(id: ObjectId): Health | undefined {
    const key = idKey(id)
    if (!this.#isSynced(id)) return undefined
    const seen = this.#seen.get(key)
    const written = this.#applied.get(key)?.seen
    if (seen === undefined || isOlder(seen, written)) return written?.health
    return seen.health
  }

  /** Forgets an object that was deleted, or is no longer ours. */
  forget(id: ObjectId): void {
    const key = idKey(id)
    const applied = this.#applied.get(key)
    if (applied !== undefined) this.#owners.get(applied.owner)?.delete(key)
    this.#applied.delete(key)
  }

  /** Forgets all objects of a Kustomization that is gone. */
  forgetOwner(owner: string): void {
    for (const key of this.#owners.get(owner) ?? []) this.#applied.delete(key)
    this.#owners.delete(owner)
  }

  /** Says whether a foreign change of one of its objects came in and was not dealt with. */
  hasDrift(owner: string): boolean {
    for (const key of this.#owners.get(owner) ?? []) if (this.#isForeign(key)) return true
    return false
  }

  /** Calls `listener` with the key of each object that changed; the returned function ends that. */
  onChange(listener: (id: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #isSynced(id: { readonly group: string; readonly kind: string }): boolean {
    return this.#kinds.get(`${id.group}/${id.kind}`)?.isSynced === true
  }

  #watchKind(kind: Gvk): void {
    const key = `${kind.group}/${kind.kind}`
    if (this.#kinds.has(key) || this.#signal.aborted) return
    const watch: KindWatch = { end: new AbortController(), isSynced: false }
    this.#kinds.set(key, watch)
    const signal = AbortSignal.any([this.#signal, watch.end.signal])
    void this.#follow(kind, watch, signal)
      .catch((error: unknown) => {
        if (!signal.aborted && !isApiFault(error, 'NO_MATCH'))
          this.#deps.log.error('watch failed', { kind: kind.kind, error: messageOf(error) })
      })
      .finally(() => {
        // Without a watch nothing is known: the next apply of the kind tries again.
        this.#kinds.delete(key)
        for (const id of this.#seen.keys()) if (id.startsWith(`${key}/`)) this.#seen.delete(id)
      })
  }

  async #follow(kind: Gvk, watch: KindWatch, signal: AbortSignal): Promise<void> {
    const metadataOnly = isMetadataKind(kind)
    const events = this.#deps.cluster.watch(
      { group: kind.group, kind: kind.kind, version: kind.version },
      {
        labelSelector: `${KUSTOMIZE_GROUP}/name`,
        metadataOnly,
        signal,
      },
    )
    for await (const event of events) {
      if (event.type === 'synced') {
        watch.isSynced = true
        for (const key of this.#applied.keys())
          if (key.startsWith(`${kind.group}/${kind.kind}/`)) this.#changed(key)
        continue
      }
      const key = idKey({ ...idOf(event.object), group: kind.group, kind: kind.kind })
      if (event.type === 'upsert') {
        const { object } = event
        this.#seen.set(key, seenOf(object, this.#healthIn(object), metadataOnly))
      } else this.#seen.delete(key)
      if (watch.isSynced) this.#changed(key)
    }
  }

  #healthIn(object: KubeObject): Health {
    return plainHealth(object, this.#deps.clock.now())
  }

  #changed(key: string): void {
    for (const listener of this.#listeners) listener(key)
    const applied = this.#applied.get(key)
    if (applied !== undefined && this.#isForeign(key)) this.#ownership.onDrift(applied.owner)
  }

  #isForeign(key: string): boolean {
    const applied = this.#applied.get(key)
    if (applied === undefined) return false
    const [group = '', kind = ''] = key.split('/')
    if (!this.#isSynced({ group, kind })) return false
    const seen = this.#seen.get(key)
    if (seen === undefined) return true
    // Two that want the same object would take it from each other for ever.
    if (seen.owner !== applied.owner && this.#ownership.exists(seen.owner)) return false
    return !isOlder(seen, applied.seen) && !isSameState(applied.seen, seen)
  }
}
