import {
  branchCost,
  type CallCost,
  type Given,
  LIST_COST,
  libraryCost,
  MAP_COST,
  ownCost,
  STRUCT_COST,
  shortCost,
} from './call-cost.ts'
import type { Expr, ExprOf } from './expr.ts'
import { either, fixed, MOST, NONE, ONE, plus, product, type Range, UNKNOWN } from './range.ts'
import { simple, type Type } from './type.ts'

/** How big a value can get, by where it stands below `self`. */
export interface Sized {
  /** Items of a list or map, letters of a text. */
  readonly most: number
  readonly fields?: ReadonlyMap<string, Sized>
  readonly element?: Sized
  readonly key?: Sized
}

/** The sizes of the keys and of the values of a list or map. */
interface EntrySize {
  readonly container: 'list' | 'map'
  readonly key: Range
  readonly value: Range
}

interface Local {
  readonly path: readonly string[]
  readonly size: Range | undefined
  readonly entry: EntrySize | undefined
}

/**
 * What one evaluation of a checked expression costs at most.
 * @see google/cel-go v0.26.0 checker/cost.go
 */
export function mostCost(root: Expr, self: Sized): number {
  return new Coster(self).cost(root).max
}

const SCALARS = ['bool', 'double', 'duration', 'int', 'timestamp', 'uint']

class Coster {
  readonly #self: Sized
  readonly #paths = new Map<Expr, readonly string[]>()
  readonly #sizes = new Map<Expr, Range>()
  readonly #entries = new Map<Expr, EntrySize>()
  #locals: ReadonlyMap<string, Local> = new Map()

  constructor(self: Sized) {
    this.#self = self
  }

  cost(expr: Expr): Range {
    switch (expr.kind) {
      case 'literal':
        return NONE
      case 'ident':
        this.#paths.set(expr, this.#locals.get(expr.name)?.path ?? [expr.name])
        return ONE
      case 'select':
        return this.#select(expr)
      case 'call':
        return this.#call(expr)
      case 'list':
        return this.#list(expr)
      case 'map':
        return this.#map(expr)
      case 'struct':
        return plus(STRUCT_COST, ...expr.fields.map(({ value }) => this.cost(value)))
      case 'loop':
        return this.#loop(expr)
    }
  }

  #select(expr: ExprOf<'select'>): Range {
    if (expr.resolved !== undefined) {
      this.#paths.set(expr, [expr.resolved])
      return ONE
    }
    const operand = this.cost(expr.operand)
    if (expr.how === 'test') return operand
    // A selection of what may be absent is a call for cel-go.
    if (expr.how === 'optional') return plus(operand, ONE)
    this.#paths.set(expr, [...this.#path(expr.operand), expr.field])
    const kind = expr.operand.type?.kind ?? 'dyn'
    return ['map', 'struct', 'param'].includes(kind) ? plus(operand, ONE) : operand
  }

  #list(expr: ExprOf<'list'>): Range {
    let sum: Range = LIST_COST
    let value: Range = { min: expr.items.length === 0 ? 0 : MOST, max: 0 }
    for (const item of expr.items) {
      sum = plus(sum, this.cost(item))
      value = either(value, this.#size(item) ?? UNKNOWN)
    }
    this.#entries.set(expr, { container: 'list', key: fixed(1), value })
    return sum
  }

  #map(expr: ExprOf<'map'>): Range {
    let sum: Range = MAP_COST
    const start: Range = { min: expr.entries.length === 0 ? 0 : MOST, max: 0 }
    let [key, value] = [start, start]
    for (const [name, item] of expr.entries) {
      sum = plus(sum, this.cost(name), this.cost(item))
      key = either(key, this.#size(name) ?? UNKNOWN)
      value = either(value, this.#size(item) ?? UNKNOWN)
    }
    this.#entries.set(expr, { container: 'map', key, value })
    return sum
  }

  #call(expr: ExprOf<'call'>): Range {
    const [first] = expr.args
    if (expr.name === 'dyn' && first !== undefined) {
      const cost = plus(ONE, this.cost(first))
      this.#copy(expr, first)
      return cost
    }
    const argCosts = expr.args.map((arg) => this.cost(arg))
    const args = expr.args.map((arg) => this.#given(arg))
    if (expr.overloads.length === 0) return NONE
    const targetCost = expr.target === undefined ? NONE : this.cost(expr.target)
    const target = expr.target === undefined ? undefined : this.#given(expr.target)
    let cost: Range = { min: MOST, max: 0 }
    let size: Range | undefined
    for (const id of expr.overloads) {
      const one = this.#form(expr, id, { target, args, argCosts })
      cost = either(cost, one.cost)
      if (one.size !== undefined) size = size === undefined ? one.size : either(size, one.size)
      if (first !== undefined && (id === 'index_list' || id === 'index_map')) {
        size = this.#entry(first)?.value
        const step = id === 'index_list' ? '@items' : '@values'
        this.#paths.set(expr, [...this.#path(first), step])
      }
      size ??= this.#size(expr)
    }
    if (size !== undefined) this.#sizes.set(expr, size)
    return plus(targetCost, cost)
  }

  #form(
    expr: ExprOf<'call'>,
    id: string,
    {
      target,
      args,
      argCosts,
    }: {
      readonly target: Given | undefined
      readonly args: readonly Given[]
      readonly argCosts: readonly Range[]
    },
  ): CallCost {
    const [a = NONE, b = NONE, c = NONE] = argCosts
    const library = libraryCost(expr.name, id, { target, args })
    if (library !== undefined) return { ...library, cost: plus(library.cost, ...argCosts) }
    if (id === 'logical') return { cost: shortCost(a, b) }
    if (id === 'conditional') {
      const [, left, right] = expr.args
      this.#joinEntries(expr, left, right)
      const size = either(args[1]?.size ?? UNKNOWN, args[2]?.size ?? UNKNOWN)
      return { cost: branchCost(a, b, c), size }
    }
    if (id === 'add_list' || id === 'add_text') this.#joinEntries(expr, expr.args[0], expr.args[1])
    const own = ownCost(id, { target, args })
    return { ...own, cost: plus(own.cost, ...argCosts) }
  }

  #joinEntries(expr: Expr, a: Expr | undefined, b: Expr | undefined): void {
    const left = a === undefined ? undefined : this.#entry(a)
    const right = b === undefined ? undefined : this.#entry(b)
    if (left === undefined || right === undefined) return
    this.#entries.set(expr, {
      container: left.container,
      key: either(left.key, right.key),
      value: either(left.value, right.value),
    })
  }

  #loop(expr: ExprOf<'loop'>): Range {
    const before = plus(this.cost(expr.range), this.cost(expr.start))
    const outer = this.#locals
    const accu: Local = {
      path: this.#path(expr.start),
      size: this.#size(expr.start),
      entry: this.#entry(expr.start),
    }
    this.#locals = new Map([...outer, [expr.accu, accu], ...this.#loopNames(expr)])
    const condition = this.cost(expr.condition)
    const step = this.cost(expr.step)
    this.#locals = new Map([...outer, [expr.accu, accu]])
    const result = this.cost(expr.result)
    this.#locals = outer
    const count = this.#size(expr.range) ?? UNKNOWN
    if (expr.start.kind === 'literal') {
      const size = this.#size(expr.start)
      if (size !== undefined) this.#sizes.set(expr, size)
    } else {
      this.#sizes.set(expr, count)
      const entry = this.#entry(expr.step)
      if (entry !== undefined) this.#entries.set(expr, entry)
    }
    return plus(before, result, product(count, plus(step, condition)))
  }

  #loopNames({ range, names }: ExprOf<'loop'>): [string, Local][] {
    const entry = this.#entry(range)
    const container = entry?.container ?? range.type?.kind
    const path = this.#path(range)
    const local = (step: string, size: Range | undefined): Local => ({
      path: [...path, step],
      size,
      entry: undefined,
    })
    const isList = container === 'list'
    const value = local(isList ? '@items' : '@values', entry?.value)
    const [first = '', second] = names
    if (second !== undefined) {
      const key = local(isList ? '@indices' : '@keys', entry?.key)
      return [
        [first, key],
        [second, value],
      ]
    }
    return [[first, isList ? value : local('@keys', entry?.key)]]
  }

  #given(expr: Expr): Given {
    const path = this.#path(expr)
    // What is gathered in a loop stands nowhere.
    const own = (path[0] ?? '').startsWith('@result') ? [] : path
    const type = expr.type ?? simple('dyn')
    const [element] = type.params
    const item =
      element === undefined
        ? undefined
        : (): Given => ({
            type: element,
            size: this.#below(own.length === 0 ? [] : [...own, '@items']),
            expr: undefined,
            item: undefined,
          })
    return { type, size: this.#size(expr), expr, item }
  }

  #path(expr: Expr): readonly string[] {
    if (expr.kind === 'ident') {
      const local = this.#locals.get(expr.name)
      if (local !== undefined) return local.path
    }
    return this.#paths.get(expr) ?? []
  }

  #copy(to: Expr, from: Expr): void {
    const size = this.#size(from)
    if (size !== undefined) this.#sizes.set(to, size)
    const entry = this.#entry(from)
    if (entry !== undefined) this.#entries.set(to, entry)
  }

  #entry(expr: Expr): EntrySize | undefined {
    const known = this.#entries.get(expr)
    if (known !== undefined) return known
    return expr.kind === 'ident' ? this.#locals.get(expr.name)?.entry : undefined
  }

  #size(expr: Expr): Range | undefined {
    const known = this.#sizes.get(expr) ?? literalSize(expr)
    if (known !== undefined) return known
    const told = this.#below(this.#path(expr))
    if (told !== undefined) {
      this.#sizes.set(expr, told)
      return told
    }
    if (isScalar(expr.type)) return ONE
    return expr.kind === 'ident' ? this.#locals.get(expr.name)?.size : undefined
  }

  /** What the schema says of the size at a path; the first step is the name of the variable. */
  #below(path: readonly string[]): Range | undefined {
    if (path.length === 0) return undefined
    let at: Sized | undefined = this.#self
    for (const step of path.slice(1)) {
      if (step === '@items' || step === '@values') at = at?.element
      else if (step === '@keys') at = at?.key
      else at = at?.fields?.get(step)
      if (at === undefined) return undefined
    }
    return { min: 0, max: at.most }
  }
}

function isScalar(type: Type | undefined): boolean {
  if (type === undefined) return false
  if (SCALARS.includes(type.kind)) return true
  return type.name === 'optional_type' && isScalar(type.params[0])
}

function literalSize(expr: Expr): Range | undefined {
  if (expr.kind === 'list') return fixed(expr.items.length)
  if (expr.kind === 'map') return fixed(expr.entries.length)
  if (expr.kind !== 'literal') return undefined
  const { value } = expr
  if (typeof value === 'string') return fixed(Array.from(value).length)
  return fixed(value instanceof Uint8Array ? value.length : 1)
}
