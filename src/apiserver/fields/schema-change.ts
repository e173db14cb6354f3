import { type SchemaType, untypedDeduced } from '../../schema/index.ts'
import {
  type FieldSet,
  insert,
  isEmptySet,
  newSet,
  recursiveDifference,
  typeAt,
  union,
} from './field-set.ts'
import type { PathElement } from './path-element.ts'

/**
 * Brings a set up to date with a schema that has changed since it was written: who owned parts of
 * what is now one leaf owns the leaf. Parts of a leaf that is no leaf any more stay as they are.
 * @see sigs.k8s.io/structured-merge-diff/v6 typed/reconcile_schema.go (v6.3.3)
 */
export function reconcileWithSchema(set: FieldSet, type: SchemaType): FieldSet {
  if (upToDate.get(set) === type) return set
  const leaves = newSet()
  visit({ set, type, path: [], isLeaf: false }, (path) => insert(leaves, path))
  const next = isEmptySet(leaves) ? set : union(recursiveDifference(set, leaves), leaves)
  upToDate.set(next, type)
  return next
}

/** Sets that were found to fit a type: the sets of stored objects are looked at at every write. */
const upToDate = new WeakMap<FieldSet, SchemaType>()

interface Spot {
  readonly set: FieldSet | undefined
  readonly type: SchemaType
  readonly path: readonly PathElement[]
  readonly isLeaf: boolean
}

function visit(at: Spot, found: (path: readonly PathElement[]) => void): void {
  const { set, type, path, isLeaf } = at
  const { map, list } = type
  if (map !== undefined) {
    const isOpen = map.fields.size === 0 && map.element === untypedDeduced
    if (isOpen) return
    if (map.atomic && !isLeaf) {
      if (set !== undefined && !isEmptySet(set)) found(path)
      return
    }
  } else if (type.scalar !== undefined || list === undefined) return
  else if (!list.associative && !isLeaf) {
    found(path)
    return
  }
  if (set === undefined) return
  for (const [element, child] of set.children) {
    const inner = typeAt(type, element)
    if (inner !== undefined)
      visit({ set: child, type: inner, path: [...path, element], isLeaf: false }, found)
  }
  for (const element of set.members) {
    const inner = set.children.has(element) ? undefined : typeAt(type, element)
    if (inner !== undefined)
      visit({ set: undefined, type: inner, path: [...path, element], isLeaf: true }, found)
  }
}
