import { isObject, type JsonObject, type KubeObject } from '../../object/index.ts'
import type { Kind } from '../kind.ts'
import { type Hands, specOf } from './hands.ts'
import { parseSelectorObject } from './label-selector.ts'
import { controllerOf, controllerRef, ownersOf } from './owners.ts'

/**
 * The objects of a kind that an owner controls. One that controls none takes those that nobody does and
 * that its selector selects, as after `kubectl delete --cascade=orphan`.
 * @see kubernetes pkg/controller/controller_ref_manager.go ClaimObject (v1.36.3)
 */
export function childrenOf(
  hands: Hands,
  kind: Kind,
  owner: KubeObject,
  mayTake: (child: KubeObject) => boolean = () => true,
): KubeObject[] {
  const { uid, namespace = '', deletionTimestamp } = owner.metadata
  const own = hands.dependents(kind, owner).filter((each) => controllerOf(each)?.uid === uid)
  if (own.length > 0 || deletionTimestamp !== undefined) return own
  const matches = parseSelectorObject(selectorOf(owner))
  return hands
    .list(kind, namespace)
    .filter(
      (each) =>
        controllerOf(each) === undefined &&
        each.metadata.deletionTimestamp === undefined &&
        matches(each.metadata.labels) &&
        mayTake(each),
    )
    .map((each) =>
      hands.update(kind, each, {
        ...each,
        metadata: {
          ...each.metadata,
          ownerReferences: [...ownersOf(each), controllerRef(owner)],
        },
      }),
    )
}

/** A ReplicationController has labels in place of a selector. */
function selectorOf(owner: KubeObject): JsonObject {
  const selector = isObject(specOf(owner)['selector']) ? specOf(owner)['selector'] : {}
  const plain = selector as JsonObject
  return owner.kind === 'ReplicationController' ? { matchLabels: plain } : plain
}
