import { compareText } from '../../base/index.ts'
import { isObject, type KubeObject, type LabelMatcher } from '../../object/index.ts'
import { converted } from '../convert/convert.ts'
import type { Kind } from '../kind.ts'
import type { StoreEvent } from '../store/store.ts'
import { type Hands, specOf } from './hands.ts'
import { parseLabels, parseSelectorObject } from './label-selector.ts'
import { controllerOf, controllerRef, ownersIn, ownersOf } from './owners.ts'

/** What decides of a child beside the selector of its owner. */
export interface Claiming {
  readonly mayTake?: (child: KubeObject) => boolean
  /** Kept on the children while they are claimed. */
  readonly finalizer?: string
}

/**
 * The objects of a kind that an owner controls: it lets go of those that its selector does not select
 * any more, and takes those that it does and that nobody controls, as after
 * `kubectl delete --cascade=orphan`.
 * @see kubernetes pkg/controller/controller_ref_manager.go ClaimObject (v1.36.3)
 */
export function childrenOf(
  hands: Hands,
  kind: Kind,
  owner: KubeObject,
  claiming: Claiming = {},
): KubeObject[] {
  const { uid, deletionTimestamp } = owner.metadata
  const own = hands.dependents(kind, owner).filter((each) => controllerOf(each)?.uid === uid)
  const selects = selectorOf(owner)
  const matches = (child: KubeObject): boolean =>
    selects(child.metadata.labels) && claiming.mayTake?.(child) !== false
  const going = deletionTimestamp !== undefined
  const kept = own.filter((child) => {
    const isOurs = matches(child)
    if (!isOurs && !going) release(hands, kind, { owner, child, claiming })
    return isOurs
  })
  if (going) return kept
  const loose = looseOf(hands, kind, owner.metadata.namespace ?? '').filter(
    (each) => each.metadata.deletionTimestamp === undefined && matches(each),
  )
  if (loose.length === 0) return kept
  const taken = loose.map((child) => adopt(hands, kind, { owner, child, claiming }))
  return [...kept, ...taken].sort((a, b) =>
    compareText(a.metadata.name ?? '', b.metadata.name ?? ''),
  )
}

function looseOf(hands: Hands, kind: Kind, namespace: string): KubeObject[] {
  const { store } = hands.core
  return ownersIn(store)
    .loose(kind.table, `${namespace}/`)
    .sort(compareText)
    .flatMap((key) => store.get(kind.table, key) ?? [])
    .map((stored) => converted(stored, kind))
}

interface Claim {
  readonly owner: KubeObject
  readonly child: KubeObject
  readonly claiming: Claiming
}

function adopt(hands: Hands, kind: Kind, { owner, child, claiming }: Claim): KubeObject {
  const { finalizers = [] } = child.metadata
  const { finalizer } = claiming
  const more = finalizer === undefined || finalizers.includes(finalizer) ? [] : [finalizer]
  return hands.update(kind, child, {
    ...child,
    metadata: {
      ...child.metadata,
      ...(more.length === 0 ? {} : { finalizers: [...finalizers, ...more] }),
      ownerReferences: [...ownersOf(child), controllerRef(owner)],
    },
  })
}

function release(hands: Hands, kind: Kind, { owner, child, claiming }: Claim): void {
  const { ownerReferences: _, finalizers = [], ...metadata } = child.metadata
  const others = ownersOf(child).filter((each) => each.uid !== owner.metadata.uid)
  const left = finalizers.filter((each) => each !== claiming.finalizer)
  hands.update(kind, child, {
    ...child,
    metadata: {
      ...metadata,
      ...(left.length === 0 ? {} : { finalizers: left }),
      ...(others.length === 0 ? {} : { ownerReferences: others }),
    },
  })
}

/** What the selector of a workload selects; a ReplicationController has labels in its place. */
export function selectorOf(owner: KubeObject): LabelMatcher {
  const { selector } = specOf(owner)
  if (owner.kind === 'ReplicationController') return parseLabels(selector)
  return parseSelectorObject(isObject(selector) ? selector : {})
}

/**
 * The keys of the owners of a kind that a change of one of their children concerns: who controls it or
 * did so, and where nobody does, those whose selectors select it.
 */
export function ownersConcerned(
  hands: Hands,
  event: StoreEvent,
  of: { readonly kind: string; readonly table: string },
): string[] {
  const { namespace = '', labels } = event.object.metadata
  const now = controllerOf(event.object)
  const before = event.previous === undefined ? undefined : controllerOf(event.previous)
  const names = new Set<string>()
  for (const owner of [now, before]) if (owner?.kind === of.kind) names.add(owner.name)
  const isNew = event.previous === undefined || before !== undefined
  if (
    now === undefined &&
    event.type !== 'DELETED' &&
    (isNew || event.previous?.metadata.labels !== labels)
  )
    for (const owner of hands.core.store.list(of.table, `${namespace}/`))
      if (selectorOf(owner)(labels)) names.add(owner.metadata.name ?? '')
  return [...names].map((name) => `${namespace}/${name}`)
}
