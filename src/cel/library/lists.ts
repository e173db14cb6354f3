import { charge } from '../budget.ts'
import { compareValues, Duration, EvalError, equalValues, noOverload, Uint } from '../values.ts'
import type { Forms } from './forms.ts'
import { int, uint } from './operators.ts'
import { spanOf } from './times.ts'

type List = readonly unknown[]

/** Longest list that `lists.range` makes. */
const RANGE_MAX = 1_000_000

function sum(list: List): unknown {
  charge(list.length)
  return (
    list.reduce<unknown>((total, item) => {
      if (total === undefined) return item
      if (typeof total === 'bigint' && typeof item === 'bigint') return int(total + item)
      if (typeof total === 'number' && typeof item === 'number') return total + item
      if (total instanceof Uint && item instanceof Uint) return uint(total.value + item.value)
      if (total instanceof Duration && item instanceof Duration) return spanOf(total.ns + item.ns)
      throw noOverload()
    }, undefined) ?? 0n
  )
}

function order(a: unknown, b: unknown): number {
  const found = compareValues(a, b)
  if (found === undefined) throw noOverload()
  return found
}

function extreme(list: List, which: 'min' | 'max'): unknown {
  if (list.length === 0) throw new EvalError(`${which} called on empty list`)
  charge(list.length)
  return list.reduce((best, item) => {
    const difference = order(item, best)
    return (which === 'min' ? difference < 0 : difference > 0) ? item : best
  })
}

function slice(list: List, start: bigint, end: bigint): List {
  const fail = (why: string): never => {
    throw new EvalError(`cannot slice(${start}, ${end}), ${why}`)
  }
  if (start < 0n || end < 0n) fail('negative indexes not supported')
  if (start > end) fail('start index must be less than or equal to end index')
  if (end > BigInt(list.length)) fail(`list is length ${list.length}`)
  return list.slice(Number(start), Number(end))
}

function flat(list: List, depth: bigint): unknown[] {
  if (depth < 0n) throw new EvalError('level must be non-negative')
  const items = list.flatMap((item): unknown[] =>
    Array.isArray(item) && depth > 0n ? flat(item, depth - 1n) : [item],
  )
  charge(items.length)
  return items
}

function range(size: bigint): List {
  if (size > RANGE_MAX) throw new EvalError('range is too long')
  charge(Math.max(0, Number(size)))
  return Array.from({ length: Math.max(0, Number(size)) }, (_, i) => BigInt(i))
}

/** A list in the order of the keys of its items. */
function sorted(list: List, keys: List): List {
  charge(list.length * Math.log2(list.length + 1))
  const [first] = keys
  if (keys.length > 0 && compareValues(first, first) === undefined)
    throw new EvalError('list elements must be comparable')
  const pairs = list.map((item, i) => ({ item, key: keys[i] }))
  pairs.sort((a, b) => {
    const found = typeof a.key === typeof b.key ? compareValues(a.key, b.key) : undefined
    if (found === undefined) throw new EvalError('list elements must have the same type')
    return found
  })
  return pairs.map(({ item }) => item)
}

function distinct(list: List): List {
  charge((list.length * list.length) / 2)
  return list.filter((item, i) => list.findIndex((other) => equalValues(other, item)) === i)
}

/**
 * Functions on lists that Kubernetes adds.
 * @see google/cel-go v0.26.0 ext/lists.go; k8s.io/apiserver pkg/cel/library/lists.go
 */
export const listFunctions: Forms = {
  'isSorted list': (list: List) => {
    charge(list.length)
    return list.every((item, i) => i === 0 || order(list[i - 1], item) <= 0)
  },
  'sum list': sum,
  'min list': (list: List) => extreme(list, 'min'),
  'max list': (list: List) => extreme(list, 'max'),
  'indexOf list *': (list: List, item: unknown) =>
    BigInt(list.findIndex((other) => equalValues(other, item))),
  'lastIndexOf list *': (list: List, item: unknown) =>
    BigInt(list.findLastIndex((other) => equalValues(other, item))),
  'slice list int int': slice,
  'flatten list': (list: List) => flat(list, 1n),
  'flatten list int': flat,
  'lists.range int': range,
  'distinct list': distinct,
  'reverse list': (list: List) => list.toReversed(),
  'sort list': (list: List) => sorted(list, list),
  '@sortByAssociatedKeys list list': sorted,
}
