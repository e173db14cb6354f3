import type { Type } from './type.ts'

/** An expression without macros, as cel-go checks it; its type is put there when it is checked. */
export type Expr = {
  /** Where messages point at: letters before it. */
  readonly at: number
  type: Type | undefined
  overloads: readonly string[]
} & (
  | { readonly kind: 'literal'; readonly value: unknown; readonly literal: Type['kind'] }
  | {
      readonly kind: 'ident'
      readonly name: string
      /** What is told of it where there is no such variable. */
      told?: string
    }
  | {
      readonly kind: 'select'
      readonly operand: Expr
      readonly field: string
      readonly how: 'value' | 'test' | 'optional'
      /** The type or variable that the whole names. */
      resolved?: string
    }
  | {
      readonly kind: 'call'
      name: string
      target: Expr | undefined
      readonly args: readonly Expr[]
    }
  | {
      readonly kind: 'list'
      readonly items: readonly Expr[]
      readonly optional: ReadonlySet<number>
    }
  | {
      readonly kind: 'map'
      readonly entries: readonly (readonly [Expr, Expr])[]
      readonly optional: ReadonlySet<number>
    }
  | {
      readonly kind: 'struct'
      readonly name: string
      readonly fields: readonly StructField[]
    }
  | Comprehension
)

/** A field of a message that is written out. */
export interface StructField {
  readonly at: number
  readonly name: string
  readonly value: Expr
  readonly isOptional: boolean
}

/** A loop that macros become. */
export interface Comprehension {
  readonly kind: 'loop'
  readonly range: Expr
  /** One name: of items or keys; two: of indexes or keys, and of values. */
  readonly names: readonly string[]
  readonly accu: string
  readonly start: Expr
  readonly condition: Expr
  readonly step: Expr
  readonly result: Expr
}

/** An expression of a kind. */
export type ExprOf<K extends Expr['kind']> = Extract<Expr, { kind: K }>

type Bare<T> = T extends unknown ? Omit<T, 'at' | 'type' | 'overloads'> : never

/** An expression that nobody has checked. */
export function makeExpr(at: number, expr: Bare<Expr>): Expr {
  return { ...expr, at, type: undefined, overloads: [] } as Expr
}

/** A call of a function or operator. */
export function callOf(at: number, name: string, args: readonly Expr[], target?: Expr): Expr {
  return makeExpr(at, { kind: 'call', name, args, target })
}

/** A variable. */
export function identOf(at: number, name: string): Expr {
  return makeExpr(at, { kind: 'ident', name })
}

/** A list that is written out. */
export function listExpr(at: number, items: readonly Expr[]): Expr {
  return makeExpr(at, { kind: 'list', items, optional: new Set() })
}

/** A truth or a whole number. */
export function literalOf(at: number, value: boolean | bigint): Expr {
  const literal = typeof value === 'boolean' ? 'bool' : 'int'
  return makeExpr(at, { kind: 'literal', value, literal })
}

/** The parts of an expression. */
export function innerOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'select':
      return [expr.operand]
    case 'call':
      return expr.target === undefined ? expr.args : [expr.target, ...expr.args]
    case 'list':
      return expr.items
    case 'map':
      return expr.entries.flat()
    case 'struct':
      return expr.fields.map(({ value }) => value)
    case 'loop':
      return [expr.range, expr.start, expr.condition, expr.step, expr.result]
    default:
      return []
  }
}

/** How big an expression is. */
export interface Size {
  readonly depth: number
  readonly parts: number
  readonly hasLoop: boolean
}

/** How many levels of parts an expression has, and how many parts; counting ends beyond the most. */
export function sizeOf(root: Expr, most: Omit<Size, 'hasLoop'>): Size {
  let level: readonly Expr[] = [root]
  let [depth, parts, hasLoop] = [0, 0, false]
  while (level.length > 0 && depth <= most.depth && parts <= most.parts) {
    depth += 1
    parts += level.length
    hasLoop ||= level.some(({ kind }) => kind === 'loop')
    level = level.flatMap(innerOf)
  }
  return { depth, parts, hasLoop }
}
