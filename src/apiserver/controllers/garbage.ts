import { type KubeObject, type OwnerReference, parseApiVersion } from '../../object/index.ts'
import { converted } from '../convert/convert.ts'
import { type Kind, keyOf } from '../kind.ts'
import type { Controller, Hands } from './hands.ts'
import { type Owners, ownersIn, ownersOf, type Place } from './owners.ts'
import { record } from './recorder.ts'

/**
 * Collects what its owners left behind, lets foreground deletions wait for their dependents and
 * cuts dependents loose where they are to be orphans.
 * @see kubernetes pkg/controller/garbagecollector
 */
export function garbageCollector(hands: Hands): Controller {
  const owners = ownersIn(hands.core.store)
  const keyOfPlace = (place: Place): string => `${place.table} ${place.key}`
  return {
    name: 'garbage-collector',
    concerns: (event) => {
      const { uid = '' } = event.object.metadata
      const dependents = event.type === 'DELETED' ? owners.dependents(uid) : []
      const foreground = [...ownersOf(event.previous)].flatMap((owner) => {
        const place = owners.find(owner.uid)
        return event.type === 'DELETED' && place !== undefined ? [place] : []
      })
      const own = { table: event.table, key: event.key }
      const self =
        event.type !== 'DELETED' && (isDeleting(event.object) || ownersOf(event.object).length > 0)
      return [...(self ? [own] : []), ...dependents, ...foreground].map(keyOfPlace)
    },
    sync: (key) => {
      const [table = '', name = ''] = key.split(' ')
      const kind = kindOf(hands, table)
      const stored = kind === undefined ? undefined : hands.core.store.get(table, name)
      if (kind === undefined || stored === undefined) return undefined
      // It would be asked for in the version that the server prefers: a webhook may have to give that.
      if (kind.custom?.conversion !== undefined)
        converted(stored, hands.core.registry.byKind(kind.group, kind.kind) ?? kind)
      collect({ hands, owners, kind }, stored)
      return undefined
    },
  }
}

interface Collecting {
  readonly hands: Hands
  readonly owners: Owners
  readonly kind: Kind
}

function kindOf(hands: Hands, table: string): Kind | undefined {
  return hands.core.registry.storage(table)
}

function isDeleting(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined
}

function collect(at: Collecting, object: KubeObject): void {
  const finalizers = object.metadata.finalizers ?? []
  if (isDeleting(object) && finalizers.includes('orphan')) {
    orphan(at, object)
    return
  }
  if (isDeleting(object) && finalizers.includes('foregroundDeletion')) {
    foreground(at, object)
    return
  }
  if (isDeleting(object)) return
  const references = ownersOf(object)
  if (references.length === 0) return
  const alive = references.filter((owner) => mayBeThere(at, object, owner))
  if (alive.length === 0) {
    at.hands.remove(at.kind, object)
    return
  }
  const solid = alive.filter((owner) => !awaits(at, owner.uid))
  if (solid.length === 0) {
    at.hands.remove(at.kind, unblocked(at, object), { propagation: 'Foreground' })
    return
  }
  if (alive.length < references.length || solid.length < alive.length) setOwners(at, object, solid)
}

/**
 * Whether an owner is there, or can not be asked for: of a version that is not served, or in a namespace
 * though its dependent is in none.
 * @see kubernetes pkg/controller/garbagecollector/garbagecollector.go isDangling (v1.36.3)
 */
function mayBeThere(at: Collecting, object: KubeObject, owner: OwnerReference): boolean {
  const { group, version } = parseApiVersion(owner.apiVersion)
  const kind = at.hands.core.registry.byKind(group, owner.kind, version)
  const { namespace } = object.metadata
  if (kind === undefined || (kind.namespaced && namespace === undefined)) return true
  const live = at.hands.core.store.get(kind.table, keyOf(kind, namespace ?? '', owner.name))
  if (live?.metadata.uid === owner.uid) return true
  const place = at.owners.find(owner.uid)
  const found = place === undefined ? undefined : at.hands.core.store.get(place.table, place.key)
  if (found !== undefined && found.metadata.namespace !== namespace)
    tellElsewhere(at, object, owner)
  return false
}

function tellElsewhere({ hands }: Collecting, object: KubeObject, owner: OwnerReference): void {
  const { namespace = '' } = object.metadata
  const { apiVersion, kind, name, uid } = owner
  const which = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`
  record(hands, object, {
    type: 'Warning',
    reason: 'OwnerRefInvalidNamespace',
    message: `ownerRef ${which} does not exist in namespace "${namespace}"`,
    component: 'garbage-collector-controller',
  })
}

/**
 * An object that no longer holds up its owners where these are its own dependents: in a circle each
 * would wait for the other.
 * @see kubernetes pkg/controller/garbagecollector/operations.go unblockOwnerReferencesStrategicMergePatch
 */
function unblocked(at: Collecting, object: KubeObject): KubeObject {
  const { uid = '' } = object.metadata
  const isCircle = at.owners.dependents(uid).some(({ table, key }) => {
    const dependent = at.hands.core.store.get(table, key)
    return dependent !== undefined && isForeground(dependent)
  })
  if (!isCircle) return object
  const references = ownersOf(object).map((owner) =>
    owner.blockOwnerDeletion === true ? { ...owner, blockOwnerDeletion: false } : owner,
  )
  return setOwners(at, object, references)
}

function isForeground(object: KubeObject): boolean {
  return isDeleting(object) && (object.metadata.finalizers ?? []).includes('foregroundDeletion')
}

/** Whether an owner waits for its dependents to go. */
function awaits(at: Collecting, uid: string): boolean {
  const place = at.owners.find(uid)
  const owner = place === undefined ? undefined : at.hands.core.store.get(place.table, place.key)
  return owner !== undefined && isForeground(owner)
}

function setOwners(
  at: Pick<Collecting, 'hands' | 'kind'>,
  object: KubeObject,
  references: KubeObject['metadata']['ownerReferences'],
): KubeObject {
  const { ownerReferences: _, ...metadata } = object.metadata
  const kept = (references ?? []).length === 0 ? {} : { ownerReferences: references }
  return at.hands.update(at.kind, object, {
    ...object,
    metadata: { ...metadata, ...kept },
  } as KubeObject)
}

function orphan(at: Collecting, object: KubeObject): void {
  const { uid = '' } = object.metadata
  for (const place of at.owners.dependents(uid)) {
    const kind = kindOf(at.hands, place.table)
    const dependent = at.hands.core.store.get(place.table, place.key)
    if (kind === undefined || dependent === undefined) continue
    const others = ownersOf(dependent).filter((owner) => owner.uid !== uid)
    setOwners({ hands: at.hands, kind }, dependent, others)
  }
  dropFinalizer(at, object, 'orphan')
}

function foreground(at: Collecting, object: KubeObject): void {
  const { uid = '' } = object.metadata
  for (const place of at.owners.dependents(uid)) {
    const kind = kindOf(at.hands, place.table)
    const dependent = at.hands.core.store.get(place.table, place.key)
    if (kind !== undefined && dependent !== undefined) collect({ ...at, kind }, dependent)
  }
  const blocking = at.owners.dependents(uid).some((place) => {
    const dependent = at.hands.core.store.get(place.table, place.key)
    return ownersOf(dependent).some(
      (owner) => owner.uid === uid && owner.blockOwnerDeletion === true,
    )
  })
  if (!blocking) dropFinalizer(at, object, 'foregroundDeletion')
}

function dropFinalizer(at: Collecting, object: KubeObject, name: string): void {
  const finalizers = (object.metadata.finalizers ?? []).filter((each) => each !== name)
  const { finalizers: _, ...metadata } = object.metadata
  at.hands.update(at.kind, object, {
    ...object,
    metadata: { ...metadata, ...(finalizers.length === 0 ? {} : { finalizers }) },
  })
}
