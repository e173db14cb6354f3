import { type Environment as Engine, Optional } from '@marcbachmann/cel-js'
import { charge } from './ast.ts'
import { sameValue } from './extensions.ts'
import { register } from './k8s-values.ts'

type List = readonly unknown[]

/** Longest list that `lists.range` makes. */
const RANGE_MAX = 1_000_000

/**
 * cel-go's functions on lists: parts, orders, neighbours.
 * @see google/cel-go v0.26.1 ext/lists.go
 */
export function addMoreLists(engine: Engine): void {
  class ListsNamespace {}
  engine.registerType('ListsNamespace', ListsNamespace)
  engine.registerConstant('lists', 'ListsNamespace', new ListsNamespace())
  register(engine, 'ListsNamespace.range(int): list<int>', (_: ListsNamespace, size: bigint) => {
    charge(Number(size))
    if (size > RANGE_MAX) throw new Error('range is too long')
    return Array.from({ length: Math.max(0, Number(size)) }, (__, i) => BigInt(i))
  })
  register(engine, 'list<dyn>.flatten(): list<dyn>', (list: List) => flat(list, 1))
  register(engine, 'list<dyn>.flatten(int): list<dyn>', (list: List, depth: bigint) => {
    if (depth < 0n) throw new Error('level must be non-negative')
    return flat(list, Number(depth))
  })
  register(engine, 'list<dyn>.sort(): list<dyn>', sorted)
  register(engine, 'list<dyn>.reverse(): list<dyn>', (list: List) => list.toReversed())
  register(engine, 'list<dyn>.distinct(): list<dyn>', (list: List) => {
    charge((list.length * list.length) / 2)
    return list.filter((item, i) => list.findIndex((other) => sameValue(other, item)) === i)
  })
  register(engine, 'list<dyn>.slice(int, int): list<dyn>', slice)
  register(engine, 'list<dyn>.first(): optional<dyn>', (list: List) => at(list, 0))
  register(engine, 'list<dyn>.last(): optional<dyn>', (list: List) => at(list, list.length - 1))
}

function at(list: List, index: number): unknown {
  return index in list ? Optional.of(list[index]) : Optional.none()
}

function flat(list: List, depth: number): unknown[] {
  const items = list.flatMap((item): unknown[] => {
    return Array.isArray(item) && depth > 0 ? flat(item, depth - 1) : [item]
  })
  charge(items.length)
  return items
}

function slice(list: List, start: bigint, end: bigint): unknown[] {
  const fail = (why: string): never => {
    throw new Error(`cannot slice(${start}, ${end}), ${why}`)
  }
  if (start < 0n || end < 0n) fail('negative indexes not supported')
  if (start > end) fail('start index must be less than or equal to end index')
  if (end > BigInt(list.length)) fail(`list is length ${list.length}`)
  return list.slice(Number(start), Number(end))
}

function sorted(list: List): unknown[] {
  const [first] = list
  const type = typeof first
  if (list.some((item) => typeof item !== type))
    throw new Error('list elements must have the same type')
  charge(list.length * Math.log2(list.length + 1))
  return list.toSorted((a, b) => (less(a, b) ? -1 : less(b, a) ? 1 : 0))
}

function less(a: unknown, b: unknown): boolean {
  return (a as bigint) < (b as bigint)
}
