import { Fault } from '../base/index.ts'
import { checkTypes, type Names } from './check.ts'
import { fluxDialect } from './dialect.ts'
import type { Expr } from './expr.ts'
import { parseExpression } from './parse.ts'
import { planFor } from './plan.ts'
import { type CelCode, runOf, tooBig, tooLong } from './program.ts'
import { resolveNames } from './resolve.ts'
import { toldAll } from './told.ts'
import { typeWords } from './type.ts'
import { unmadeWords } from './unmade.ts'
import { validated } from './validate.ts'
import type { CelValue } from './value.ts'

/** What an expression of Flux may name, and whether its types are checked before it runs. */
export interface Environment {
  /** Undefined: nothing is checked, an unknown name is found when evaluating. */
  readonly names?: Names
  /** The static type that a checked expression must have. */
  readonly output?: string
}

/** A compiled expression. */
export interface Program {
  readonly expression: string
  /** Variables are plain JSON. @throws Fault CEL_EVAL, CEL_COST */
  evaluate(variables: Readonly<Record<string, unknown>>): CelValue
  /** @throws Fault CEL_EVAL, also when the result is no bool; CEL_COST */
  evaluateBool(variables: Readonly<Record<string, unknown>>): boolean
}

/**
 * Compiles an expression of Flux.
 * @throws Fault CEL_SYNTAX, CEL_TYPE, in Flux's words
 * @see fluxcd/pkg runtime v0.110.1 cel/expression.go
 */
export function compile(expression: string, environment: Environment): Program {
  const root = parsed(expression)
  const unresolved =
    environment.names === undefined
      ? resolveNames(root, fluxDialect())
      : check(root, expression, { ...environment, names: environment.names })
  const plan = planFor(fluxDialect(), true)
  const unmade = unresolved ?? unmadeWords(root, plan)
  if (unmade !== undefined) throw fault('CEL_SYNTAX', `failed to create CEL program: ${unmade}`)
  const run = runOf(root, plan)
  const evaluate: Program['evaluate'] = (variables) => {
    try {
      return run(variables)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      const message = `failed to evaluate the CEL expression '${expression}': ${error.message}`
      throw fault(error.code as CelCode, message, error)
    }
  }
  return {
    expression,
    evaluate,
    evaluateBool: (variables) => {
      const value = evaluate(variables)
      if (typeof value === 'boolean') return value
      throw fault('CEL_EVAL', `failed to evaluate CEL expression as boolean: '${expression}'`)
    },
  }
}

function parsed(expression: string): Expr {
  const long = tooLong(expression)
  if (long !== undefined) throw unread('CEL_SYNTAX', expression, long)
  const { root, problems } = parseExpression(expression, fluxDialect())
  if (root === undefined) throw unread('CEL_SYNTAX', expression, toldAll(expression, problems))
  const deep = tooBig(root)
  if (deep !== undefined) throw unread('CEL_SYNTAX', expression, deep)
  return root
}

function check(
  root: Expr,
  expression: string,
  { names, output }: Environment & { readonly names: Names },
): undefined {
  const checked = checkTypes(root, names)
  const found = checked.problems.length > 0 ? checked.problems : validated(root, names.dialect)
  if (found.length > 0) throw unread('CEL_TYPE', expression, toldAll(expression, found))
  const type = typeWords(checked.type)
  if (output !== undefined && type !== output)
    throw fault('CEL_TYPE', `CEL expression output type mismatch: expected ${output}, got ${type}`)
  return undefined
}

function unread(code: CelCode, expression: string, words: string): Fault<CelCode> {
  return fault(code, `failed to parse the CEL expression '${expression}': ${words}`)
}

function fault(code: CelCode, message: string, cause?: unknown): Fault<CelCode> {
  return new Fault<CelCode>({ code, message, cause })
}
