import type { KubeObject, OwnerReference } from '../../object/index.ts'
import type { Store, StoreEvent } from '../store/store.ts'
import { followStore } from './follow-store.ts'

/** Where an object lies. */
export interface Place {
  readonly table: string
  readonly key: string
}

/** Tables of which workloads claim what nobody controls. */
const CLAIMED = ['pods', 'replicasets.apps', 'controllerrevisions.apps']

/** Who owns whom, by uid, kept up with the store. */
export class Owners {
  readonly #places = new Map<string, Place>()
  readonly #dependents = new Map<string, Map<string, Place>>()
  readonly #loose = new Map<string, Set<string>>(CLAIMED.map((table) => [table, new Set()]))

  /** Takes in a change. */
  note(event: StoreEvent): void {
    const place = { table: event.table, key: event.key }
    const { uid } = event.object.metadata
    if (uid !== undefined) {
      if (event.type === 'DELETED') this.#places.delete(uid)
      else this.#places.set(uid, place)
    }
    const loose = this.#loose.get(event.table)
    if (loose !== undefined) {
      if (event.type === 'DELETED' || controllerOf(event.object) !== undefined)
        loose.delete(event.key)
      else loose.add(event.key)
    }
    const before = ownersOf(event.previous)
    const after = event.type === 'DELETED' ? [] : ownersOf(event.object)
    if (before.length + after.length === 0) return
    const id = `${event.table} ${event.key}`
    for (const owner of before) {
      const dependents = this.#dependents.get(owner.uid)
      dependents?.delete(id)
      if (dependents?.size === 0) this.#dependents.delete(owner.uid)
    }
    for (const owner of after) {
      const dependents = this.#dependents.get(owner.uid)
      if (dependents === undefined) this.#dependents.set(owner.uid, new Map([[id, place]]))
      else dependents.set(id, place)
    }
  }

  /** Where the object with a uid lies; undefined when there is none. */
  find(uid: string): Place | undefined {
    return this.#places.get(uid)
  }

  /** Keys of objects that nobody controls, in tables of what workloads claim. */
  loose(table: string, prefix: string): string[] {
    const found: string[] = []
    for (const key of this.#loose.get(table) ?? []) if (key.startsWith(prefix)) found.push(key)
    return found
  }

  /** What an owner owns. */
  dependents(uid: string): Place[] {
    return [...(this.#dependents.get(uid)?.values() ?? [])]
  }
}

const known = new WeakMap<Store, Owners>()

/** Who owns whom in a store: read once, and kept up with its changes from then on. */
export function ownersIn(store: Store): Owners {
  const there = known.get(store)
  if (there !== undefined) return there
  const owners = new Owners()
  followStore(store, store.tables(), (event) => owners.note(event))
  known.set(store, owners)
  return owners
}

/** The owner references of an object. */
export function ownersOf(object: KubeObject | undefined): readonly OwnerReference[] {
  return object?.metadata.ownerReferences ?? []
}

/** The reference to the controller of an object. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return ownersOf(object).find((owner) => owner.controller === true)
}

/** The reference that makes an object the controller of another. */
export function controllerRef(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name ?? '',
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  }
}
