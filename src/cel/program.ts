import { Fault } from '../base/index.ts'
import { budgeted, CostExceeded } from './budget.ts'
import { type Expr, sizeOf } from './expr.ts'
import { Frame, type Plan, type Step } from './frame.ts'
import type { CelValue } from './value.ts'

/** Codes of faults in expressions. */
export type CelCode =
  /** The expression cannot be read. */
  | 'CEL_SYNTAX'
  /** The expression names what is not there, or its types do not fit. */
  | 'CEL_TYPE'
  /** The expression failed on the values it was given. */
  | 'CEL_EVAL'
  /** The expression took more steps than one evaluation may. */
  | 'CEL_COST'
  /** All expressions about an object together took more steps than they may. */
  | 'CEL_BUDGET'

/** Longest expression that is read, in letters. */
const MAX_LETTERS = 100_000
/** How deep the parts of an expression may nest, also where no bracket shows it: `a + a + a …`. */
const MAX_DEPTH = 251
/** The same where macros are, which become several levels each. */
const MAX_LOOP_DEPTH = 1000
/** Parts of an expression; macros that repeat what they are called on make many of few letters. */
const MAX_PARTS = 100_000

/** Why an expression is too big to be read. @see google/cel-go v0.26.0 parser/parser.go Parse */
export function tooLong(expression: string): string | undefined {
  if (expression.length <= MAX_LETTERS) return undefined
  const letters = Array.from(expression).length
  if (letters <= MAX_LETTERS) return undefined
  const words = `expression code point size exceeds limit: size: ${letters}, limit ${MAX_LETTERS}`
  return `ERROR: <input>:-1:0: ${words}`
}

/** Why an expression has more parts, or deeper ones, than are looked at. */
export function tooBig(root: Expr): string | undefined {
  const { depth, parts, hasLoop } = sizeOf(root, { depth: MAX_LOOP_DEPTH, parts: MAX_PARTS })
  if (parts > MAX_PARTS)
    return `ERROR: <input>:-1:0: expression size limit exceeded: ${MAX_PARTS} parts`
  if (depth <= (hasLoop ? MAX_LOOP_DEPTH : MAX_DEPTH)) return undefined
  return `ERROR: <input>:-1:0: max recursion depth exceeded`
}

/** Evaluates an expression with what its variables are. @throws Fault CEL_EVAL, CEL_COST */
export type Run = (values: Readonly<Record<string, CelValue>>) => CelValue

/** Readies an expression; its faults are told with the reason alone. */
export function runOf(root: Expr, plan: Plan): Run {
  let step: Step | undefined
  return (values) => {
    try {
      const ready = (step ??= plan.step(root, plan))
      return budgeted(() => ready(new Frame(values)))
    } catch (error) {
      if (error instanceof CostExceeded)
        throw new Fault<CelCode>({
          code: 'CEL_COST',
          message: 'operation cancelled: actual cost limit exceeded',
          cause: error,
        })
      if (!(error instanceof Error) || error instanceof TypeError) throw error
      throw new Fault<CelCode>({ code: 'CEL_EVAL', message: error.message, cause: error })
    }
  }
}
