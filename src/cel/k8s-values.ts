import type { Environment as Engine } from '@marcbachmann/cel-js'
import { charge } from './ast.ts'
import { regex, sameValue } from './extensions.ts'
import { approximate, parseQuantity, Quantity, wholeOf } from './quantity.ts'

type Handler = (...args: never[]) => unknown

/** Registers a function that never waits. */
export function register(engine: Engine, signature: string, handler: Handler): void {
  engine.registerFunction(signature, handler as (...args: unknown[]) => unknown, { async: false })
}

/** Kubernetes' functions on lists. @see k8s.io/apiserver v0.36 cel/library/lists.go */
export function addLists(engine: Engine): void {
  register(engine, 'list<dyn>.isSorted(): bool', (list: readonly Comparable[]) =>
    list.every((item, i) => i === 0 || !less(item, list[i - 1] as Comparable)),
  )
  register(engine, 'list<dyn>.sum(): dyn', (list: readonly (bigint | number)[]) =>
    list.reduce<bigint | number>(
      (sum, item) =>
        typeof sum === 'bigint' && typeof item === 'bigint'
          ? sum + item
          : Number(sum) + Number(item),
      0n,
    ),
  )
  register(engine, 'list<dyn>.min(): dyn', (list: readonly Comparable[]) => extreme(list, 'min'))
  register(engine, 'list<dyn>.max(): dyn', (list: readonly Comparable[]) => extreme(list, 'max'))
  register(engine, 'list<dyn>.indexOf_(dyn): int', (list: readonly unknown[], item: unknown) =>
    BigInt(list.findIndex((other) => sameValue(other, item))),
  )
  register(engine, 'list<dyn>.lastIndexOf_(dyn): int', (list: readonly unknown[], item: unknown) =>
    BigInt(list.findLastIndex((other) => sameValue(other, item))),
  )
}

type Comparable = bigint | number | string | boolean | Date

function less(a: Comparable, b: Comparable): boolean {
  return a < b
}

function extreme(list: readonly Comparable[], which: 'min' | 'max'): Comparable {
  const [first, ...rest] = list
  if (first === undefined) throw new Error(`${which} called on empty list`)
  return rest.reduce((best, item) => {
    const better = which === 'min' ? less(item, best) : less(best, item)
    return better ? item : best
  }, first)
}

/** `find` and `findAll`. @see k8s.io/apiserver v0.36 cel/library/regex.go */
export function addRegexFind(engine: Engine): void {
  const all = (text: string, pattern: string, limit: bigint): string[] => {
    charge((text.length * (1 + pattern.length / 4)) / 10)
    const most = limit < 0n ? Number.POSITIVE_INFINITY : Number(limit)
    return regex(pattern).findAll(text, most)
  }
  register(engine, 'string.find(string): string', (text: string, pattern: string) =>
    all(text, pattern, 1n).join(''),
  )
  register(engine, 'string.findAll(string): list<string>', (text: string, pattern: string) =>
    all(text, pattern, -1n),
  )
  register(engine, 'string.findAll(string, int): list<string>', all)
}

/** Quantities. @see k8s.io/apiserver v0.36 cel/library/quantity.go */
export function addQuantity(engine: Engine): void {
  engine.registerType('Quantity', Quantity)
  const read = (text: string): Quantity => {
    const quantity = parseQuantity(text)
    if (quantity === undefined)
      throw new Error(
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
      )
    return quantity
  }
  const make = (nano: bigint): Quantity => new Quantity(nano, `${nano}n`)
  const whole = (quantity: Quantity): bigint => {
    const value = wholeOf(quantity)
    if (value === undefined) throw new Error('cannot convert value to integer')
    return value
  }
  const compare = (a: Quantity, b: Quantity): bigint =>
    a.nano === b.nano ? 0n : a.nano < b.nano ? -1n : 1n
  register(engine, 'isQuantity(string): bool', (text: string) => parseQuantity(text) !== undefined)
  register(engine, 'quantity(string): Quantity', read)
  register(engine, 'Quantity.isInteger(): bool', (q: Quantity) => wholeOf(q) !== undefined)
  register(engine, 'Quantity.asInteger(): int', whole)
  register(engine, 'Quantity.asApproximateFloat(): double', approximate)
  register(engine, 'Quantity.sign(): int', (q: Quantity) => compare(q, make(0n)))
  register(engine, 'Quantity.compareTo(Quantity): int', compare)
  register(
    engine,
    'Quantity.isGreaterThan(Quantity): bool',
    (a: Quantity, b: Quantity) => a.nano > b.nano,
  )
  register(
    engine,
    'Quantity.isLessThan(Quantity): bool',
    (a: Quantity, b: Quantity) => a.nano < b.nano,
  )
  register(engine, 'Quantity.add(Quantity): Quantity', (a: Quantity, b: Quantity) =>
    make(a.nano + b.nano),
  )
  register(engine, 'Quantity.sub(Quantity): Quantity', (a: Quantity, b: Quantity) =>
    make(a.nano - b.nano),
  )
  const NANO = 1_000_000_000n
  register(engine, 'Quantity.add(int): Quantity', (a: Quantity, b: bigint) =>
    make(a.nano + b * NANO),
  )
  register(engine, 'Quantity.sub(int): Quantity', (a: Quantity, b: bigint) =>
    make(a.nano - b * NANO),
  )
  engine.registerOperator('Quantity == Quantity', (a: Quantity, b: Quantity) => a.nano === b.nano)
}
