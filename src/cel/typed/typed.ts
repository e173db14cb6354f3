import type { Environment as Engine } from '@marcbachmann/cel-js'
import { goRegex, parseDuration } from '../../base/index.ts'
import { placedText } from '../words.ts'
import { checkTypes, innerOf, type TypeProblem } from './check.ts'
import { mostCost, type Sized } from './cost.ts'
import { type Expr, lowered } from './lower.ts'
import { optionalOf, type Type, typeText } from './type.ts'

/** What the variables of a rule are, and how big they can get. */
export interface Declared {
  readonly type: Type
  readonly sized: Sized
}

/** What is known of an expression before it runs. */
export interface TypedExpression {
  /** What is wrong, in cel-go's words and form. */
  readonly problem?: string
  /** `bool`, `dyn`, … */
  readonly type: string
  /** The names of the variables that are used. */
  readonly names: ReadonlySet<string>
  /** What one evaluation costs at most; 0 for an expression that is wrong. */
  readonly cost: number
}

/**
 * Checks the types of an expression about `self` and `oldSelf`, and estimates its cost; undefined
 * where it holds something that is only known when it runs.
 * @throws what the engine throws of a text that is no expression
 */
export function typedExpression(
  expression: string,
  engine: Engine,
  { self, optionalOld }: { readonly self: Declared; readonly optionalOld: boolean },
): TypedExpression | undefined {
  const root = lowered(engine.parse(expression).ast, expression)
  if (root === undefined) return undefined
  const old = optionalOld ? optionalOf(self.type) : self.type
  const variables = new Map([
    ['self', self.type],
    ['oldSelf', old],
  ])
  const { problems, names, type } = checkTypes(root, variables)
  const all = problems.length > 0 ? problems : badLiterals(root)
  const problem = all.map((each) => placedText(expression, each)).join('\n')
  if (problem !== '') return { problem, type: typeText(type), names, cost: 0 }
  return { type: typeText(type), names, cost: mostCost(root, self.sized) }
}

/** Texts that are read when an expression runs, and that nobody could read. */
function badLiterals(expr: Expr): TypeProblem[] {
  const inner = innerOf(expr).flatMap(badLiterals)
  if (expr.kind !== 'call') return inner
  const checks: Readonly<Record<string, (text: string) => boolean>> = {
    duration: (text) => parseDuration(text) !== undefined,
    timestamp: (text) => /^\d{4}-/.test(text) && !Number.isNaN(Date.parse(text)),
    matches: isPattern,
  }
  const check = checks[expr.name]
  const arg = expr.args[expr.name === 'matches' && expr.target === undefined ? 1 : 0]
  if (check === undefined || arg?.kind !== 'literal' || typeof arg.value !== 'string') return inner
  if (check(arg.value)) return inner
  return [...inner, { at: arg.at, words: `invalid ${expr.name} argument` }]
}

function isPattern(text: string): boolean {
  try {
    goRegex(text)
    return true
  } catch {
    return false
  }
}
