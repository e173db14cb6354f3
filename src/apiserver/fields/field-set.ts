import type { SchemaType } from '../../schema/index.ts'
import { compareElements, type PathElement } from './path-element.ts'

/**
 * A set of paths into an object, as a tree. A child is no member because it has members below.
 * @see sigs.k8s.io/structured-merge-diff/v6 fieldpath/set.go (v6.3.3)
 */
export interface FieldSet {
  readonly members: ReadonlySet<PathElement>
  readonly children: ReadonlyMap<PathElement, FieldSet>
}

/** A set while it is being made. */
export interface MutableFieldSet extends FieldSet {
  readonly members: Set<PathElement>
  readonly children: Map<PathElement, MutableFieldSet>
}

/** The set without paths. */
export const emptySet: FieldSet = { members: new Set(), children: new Map() }

/** A new set to fill. */
export function newSet(): MutableFieldSet {
  return { members: new Set(), children: new Map() }
}

/** Adds a path; the empty path (the object itself) is not tracked. */
export function insert(set: MutableFieldSet, path: readonly PathElement[]): void {
  const last = path.at(-1)
  if (last !== undefined) setAbove(set, path).members.add(last)
}

/** The set that holds the last step of a path, made where it is missing. */
export function setAbove(set: MutableFieldSet, path: readonly PathElement[]): MutableFieldSet {
  let at = set
  for (let i = 0; i < path.length - 1; i += 1) {
    const element = path[i] ?? ''
    let child = at.children.get(element)
    if (child === undefined) {
      child = newSet()
      at.children.set(element, child)
    }
    at = child
  }
  return at
}

/** Puts what was found below a step there, unless that is nothing. */
export function attach(above: MutableFieldSet, step: PathElement, below: MutableFieldSet): void {
  if (below.members.size + below.children.size > 0) above.children.set(step, below)
}

/** The set of the paths given. */
export function setOf(...paths: readonly (readonly PathElement[])[]): FieldSet {
  const set = newSet()
  for (const path of paths) insert(set, path)
  return set
}

/** Says whether there is no path in the set. */
export function isEmptySet(set: FieldSet): boolean {
  if (set.members.size > 0) return false
  for (const child of set.children.values()) if (!isEmptySet(child)) return false
  return true
}

/** Paths of either set. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a.members.size === 0 && a.children.size === 0) return b
  if (b.members.size === 0 && b.children.size === 0) return a
  const children = new Map(a.children)
  for (const [element, child] of b.children) {
    const other = children.get(element)
    children.set(element, other === undefined ? child : union(other, child))
  }
  return { members: new Set([...a.members, ...b.members]), children }
}

/** Paths of both sets. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map<PathElement, FieldSet>()
  for (const [element, child] of a.children) {
    const other = b.children.get(element)
    if (other === undefined) continue
    const both = intersection(child, other)
    if (!isEmptySet(both)) children.set(element, both)
  }
  return { members: new Set([...a.members].filter((m) => b.members.has(m))), children }
}

/** Paths of the first set that are not in the second. A parent does not take its children along. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, false)
}

/** As {@link difference}, but a path of the second set takes along all that is below it. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, true)
}

function subtract(a: FieldSet, b: FieldSet, recursive: boolean): FieldSet {
  if (b.members.size === 0 && b.children.size === 0) return a
  const children = new Map<PathElement, FieldSet>()
  for (const [element, child] of a.children) {
    if (recursive && b.members.has(element)) continue
    const other = b.children.get(element)
    const rest = other === undefined ? child : subtract(child, other, recursive)
    if (!isEmptySet(rest)) children.set(element, rest)
  }
  return { members: new Set([...a.members].filter((m) => !b.members.has(m))), children }
}

/** Says whether two sets hold the same paths. */
export function sameSet(a: FieldSet, b: FieldSet): boolean {
  return isEmptySet(difference(a, b)) && isEmptySet(difference(b, a))
}

/**
 * The set with every named field on the way to a path as a member too: owning `spec.replicas` means
 * to own `spec`, where spec is a field of the type; a key of a map or an item of a list is not added.
 */
export function withNamedFields(set: FieldSet, type: SchemaType | undefined): FieldSet {
  const members = new Set(set.members)
  const children = new Map<PathElement, FieldSet>()
  for (const [element, child] of set.children) {
    const name = element.startsWith('f:') ? element.slice(2) : undefined
    if (name !== undefined && type?.map?.fields.has(name)) members.add(element)
    children.set(element, withNamedFields(child, typeAt(type, element)))
  }
  return { members, children }
}

/** The type that a step leads to. */
export function typeAt(type: SchemaType | undefined, element: PathElement): SchemaType | undefined {
  if (element.startsWith('f:') && type?.map !== undefined)
    return type.map.fields.get(element.slice(2))?.type ?? type.map.element
  return type?.list?.element
}

/** All paths, members before what is below, in the order of steps. */
export function* paths(
  set: FieldSet,
  prefix: readonly PathElement[] = [],
): Generator<readonly PathElement[]> {
  for (const element of [...set.members].sort(compareElements)) yield [...prefix, element]
  for (const element of [...set.children.keys()].sort(compareElements))
    yield* paths(set.children.get(element) ?? emptySet, [...prefix, element])
}
