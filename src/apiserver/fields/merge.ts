import { isArray, isObject, type Json, ownAt, setKey } from '../../object/index.ts'
import type { ListType, MapType, SchemaType } from '../../schema/index.ts'
import { atomOf, keyType } from './atom.ts'
import { fieldElement, itemElement, type PathElement } from './path-element.ts'

/**
 * Lays the applied value over the live one: leaves of the applied value win, maps and associative
 * lists are merged. Items keep the live order, except where the applied value orders them.
 * @see sigs.k8s.io/structured-merge-diff/v6 typed/merge.go (v6.3.3)
 */
export function mergeTyped(
  live: Json | undefined,
  applied: Json | undefined,
  type: SchemaType,
): Json | undefined {
  const atom = applied === undefined ? atomOf(type, live) : atomOf(type, applied)
  if (atom === 'map' && type.map !== undefined) return mergeMaps(live, applied, type.map)
  if (atom === 'list' && type.list !== undefined) return mergeLists(live, applied, type.list)
  return applied === undefined ? live : applied
}

function mergeMaps(
  live: Json | undefined,
  applied: Json | undefined,
  type: MapType,
): Json | undefined {
  const left = isObject(live) ? live : {}
  const right = isObject(applied) ? applied : {}
  const bothEmpty = Object.keys(left).length === 0 && Object.keys(right).length === 0
  if (type.atomic || bothEmpty) return applied === undefined ? live : applied
  const result: Record<string, Json> = {}
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const inner = keyType(type, key)
    if (inner === undefined) continue
    const [l, r] = [ownAt(left, key), ownAt(right, key)]
    if (l === undefined && r === undefined) continue
    const merged = mergeTyped(l, r, inner)
    if (merged !== undefined) setKey(result, key, merged)
  }
  return Object.keys(result).length === 0 ? undefined : result
}

function mergeLists(
  live: Json | undefined,
  applied: Json | undefined,
  type: ListType,
): Json | undefined {
  const left = isArray(live) ? live : []
  const right = isArray(applied) ? applied : []
  if (!type.associative || (left.length === 0 && right.length === 0))
    return applied === undefined ? live : applied
  const merged = new ListMerge(left, right, type).run()
  return merged.length === 0 ? undefined : merged
}

/** Merges two associative lists in the order that structured-merge-diff gives them. */
class ListMerge {
  private readonly leftAt: readonly PathElement[]
  private readonly rightAt: readonly PathElement[]
  private readonly leftItems: ReadonlyMap<PathElement, Json>
  private readonly rightItems: ReadonlyMap<PathElement, Json>
  private readonly shared: PathElement[]
  private readonly done = new Set<PathElement>()
  private readonly out: Json[] = []
  private readonly left: readonly Json[]
  private readonly type: ListType

  constructor(left: readonly Json[], right: readonly Json[], type: ListType) {
    this.left = left
    this.type = type
    this.leftAt = left.map((item) => elementOf(type, item))
    this.rightAt = right.map((item) => elementOf(type, item))
    this.leftItems = index(this.leftAt, left)
    this.rightItems = index(this.rightAt, right)
    this.shared = this.rightAt.filter((element) => this.leftItems.has(element))
  }

  run(): Json[] {
    let l = 0
    let r = 0
    while (l < this.leftAt.length || r < this.rightAt.length) {
      const left = this.leftAt[l]
      const right = this.rightAt[r]
      if (left !== undefined && right !== undefined) {
        if (left === right) {
          this.take(left)
          this.shared.shift()
          l++
          r++
          continue
        }
        const next = this.shared[0]
        if (this.rightItems.has(left) && next !== undefined && next !== left) {
          // Both have it, but the applied list wants another item of both first.
          l++
          continue
        }
      }
      if (left !== undefined) {
        if (!this.rightItems.has(left)) {
          this.push(mergeTyped(this.left[l], undefined, this.type.element))
          l++
          continue
        }
        if (this.done.has(left)) l++
      }
      if (right !== undefined) {
        this.take(right)
        r++
        if (this.shared[0] === right) this.shared.shift()
      }
    }
    return this.out
  }

  private take(element: PathElement): void {
    this.done.add(element)
    const { leftItems, rightItems, type } = this
    this.push(mergeTyped(leftItems.get(element), rightItems.get(element), type.element))
  }

  private push(item: Json | undefined): void {
    if (item !== undefined) this.out.push(item)
  }
}

function elementOf(type: ListType, item: Json): PathElement {
  const at = itemElement(type, item)
  // Both lists were validated before; an item without a key can only be a null that came from elsewhere.
  return 'element' in at ? at.element : fieldElement(at.problem)
}

function index(at: readonly PathElement[], items: readonly Json[]): Map<PathElement, Json> {
  const map = new Map<PathElement, Json>()
  // Items that share a key are not merged with anything.
  for (const [i, element] of at.entries())
    map.set(element, map.has(element) ? null : (items[i] ?? null))
  return map
}
