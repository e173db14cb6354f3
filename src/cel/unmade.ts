import { budgeted } from './budget.ts'
import { CONVERSIONS } from './calls.ts'
import { type Expr, innerOf } from './expr.ts'
import { Frame, type Plan } from './frame.ts'
import { regex } from './patterns.ts'
import { EvalError } from './values.ts'

const PATTERNS: Readonly<Record<string, number>> = { matches: 0, find: 0, findAll: 0 }

/**
 * What fails when a program is made: conversions of constants, and patterns that are constant.
 * @see google/cel-go v0.26.0 interpreter/decorators.go
 */
export function unmadeWords(expr: Expr, plan: Plan): string | undefined {
  for (const inner of innerOf(expr)) {
    const words = unmadeWords(inner, plan)
    if (words !== undefined) return words
  }
  if (expr.kind !== 'call') return undefined
  try {
    if (CONVERSIONS.has(expr.name) && isConstant(expr)) constant(expr, plan)
    const pattern = expr.args[expr.target === undefined && expr.name === 'matches' ? 1 : 0]
    if (
      !Object.hasOwn(PATTERNS, expr.name) ||
      !plan.forms.has(expr.name) ||
      pattern === undefined ||
      !isConstant(pattern)
    )
      return undefined
    const text = constant(pattern, plan)
    if (typeof text === 'string') regex(text)
    return undefined
  } catch (error) {
    if (error instanceof EvalError || error instanceof SyntaxError) return error.message
    throw error
  }
}

function constant(expr: Expr, plan: Plan): unknown {
  return budgeted(() => plan.step(expr, plan)(new Frame({})))
}

function isConstant(expr: Expr): boolean {
  if (expr.kind === 'literal') return true
  if (expr.kind === 'list' || expr.kind === 'map') return innerOf(expr).every(isConstant)
  const [only] = expr.kind === 'call' ? expr.args : []
  return (
    expr.kind === 'call' &&
    expr.target === undefined &&
    expr.args.length === 1 &&
    CONVERSIONS.has(expr.name) &&
    only !== undefined &&
    isConstant(only)
  )
}
