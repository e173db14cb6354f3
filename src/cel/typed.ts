import { Fault } from '../base/index.ts'
import { checkTypes, type Names } from './check.ts'
import { mostCost, type Sized } from './cost.ts'
import { parseExpression } from './parse.ts'
import { planFor } from './plan.ts'
import { type CelCode, type Run, runOf, tooBig, tooLong } from './program.ts'
import { toldAll } from './told.ts'
import { simple, type Type } from './type.ts'
import { unmadeWords } from './unmade.ts'
import { validated } from './validate.ts'

/** What the variables of a rule are, and how big they can get. */
export interface Declared {
  readonly type: Type
  readonly sized: Sized
}

/** An expression that was read and checked. */
export interface TypedExpression {
  /** What is wrong, in cel-go's words and form. */
  readonly problem?: string
  /** Why there is no program for it. */
  readonly unmade?: string
  readonly type: Type
  /** The names of the variables that are used. */
  readonly names: ReadonlySet<string>
  /** What one evaluation costs at most, by the size of `self`; 0 for an expression that is wrong. */
  costFor(self: Sized): number
  /** @throws Fault CEL_EVAL, CEL_COST, with the reason alone */
  readonly run: Run
}

/**
 * Reads an expression, and checks its types.
 * @see k8s.io/apiserver pkg/cel/environment/base.go (v0.36.3)
 */
export function typedExpression(expression: string, names: Names): TypedExpression {
  const long = tooLong(expression)
  if (long !== undefined) return wrong(long)
  const { root, problems } = parseExpression(expression, names.dialect)
  if (root === undefined) return wrong(toldAll(expression, problems))
  const deep = tooBig(root)
  if (deep !== undefined) return wrong(deep)
  const checked = checkTypes(root, names)
  const found = checked.problems.length > 0 ? checked.problems : validated(root, names.dialect)
  if (found.length > 0) return wrong(toldAll(expression, found))
  const plan = planFor(names.dialect, false)
  const unmade = unmadeWords(root, plan)
  return {
    ...(unmade === undefined ? {} : { unmade }),
    type: checked.type,
    names: checked.names,
    costFor: (self) => mostCost(root, self),
    run: runOf(root, plan),
  }
}

function wrong(problem: string): TypedExpression {
  return {
    problem,
    type: simple('error'),
    names: new Set(),
    costFor: () => 0,
    run: () => {
      throw new Fault<CelCode>({ code: 'CEL_TYPE', message: problem })
    },
  }
}
