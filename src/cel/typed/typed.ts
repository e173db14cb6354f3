import { Fault } from '../../base/index.ts'
import { CostExceeded, refill } from '../ast.ts'
import type { CelCode } from '../compile.ts'
import { regex } from '../extensions.ts'
import type { CelValue } from '../value.ts'
import { checkTypes, type Names } from './check.ts'
import { mostCost, type Sized } from './cost.ts'
import { type Expr, innerOf } from './expr.ts'
import { parseExpression } from './parse.ts'
import { CONVERSIONS, evaluated } from './run.ts'
import type { Problem } from './tokens.ts'
import { simple, type Type, typeText } from './type.ts'
import { validated } from './validate.ts'
import { EvalError } from './values.ts'

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
  run(values: Readonly<Record<string, CelValue>>): CelValue
}

/** Steps that one evaluation may take; the limit of Kubernetes for one rule. */
const MAX_STEPS = 1_000_000
/** Longest expression that is read, in letters. */
const MAX_LETTERS = 100_000

/**
 * Reads an expression, and checks its types, in the environment that all of Kubernetes' expressions share.
 * @see k8s.io/apiserver pkg/cel/environment/base.go (v0.36.3)
 */
export function typedExpression(expression: string, names: Names): TypedExpression {
  const letters = Array.from(expression).length
  if (letters > MAX_LETTERS) {
    const words = `expression code point size exceeds limit: size: ${letters}, limit ${MAX_LETTERS}`
    return wrong(`ERROR: <input>:-1:0: ${words}`)
  }
  const { root, problems } = parseExpression(expression)
  if (root === undefined) return wrong(toldAll(expression, problems))
  const checked = checkTypes(root, names)
  const found = checked.problems.length > 0 ? checked.problems : validated(root)
  if (found.length > 0) return wrong(toldAll(expression, found))
  const unmade = unmadeWords(root)
  return {
    ...(unmade === undefined ? {} : { unmade }),
    type: checked.type,
    names: checked.names,
    costFor: (self) => mostCost(root, self),
    run: (values) => run(root, values),
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

const budget = { steps: 0 }

function run(root: Expr, values: Readonly<Record<string, CelValue>>): CelValue {
  refill(budget, MAX_STEPS)
  try {
    return evaluated(root, {
      get: (name) => (Object.hasOwn(values, name) ? values[name] : undefined),
    })
  } catch (error) {
    if (error instanceof CostExceeded)
      throw new Fault<CelCode>({
        code: 'CEL_COST',
        message: 'operation cancelled: actual cost limit exceeded',
        cause: error,
      })
    const message = error instanceof Error ? error.message : String(error)
    throw new Fault<CelCode>({ code: 'CEL_EVAL', message, cause: error })
  }
}

/** What is wrong, place by place; so many at most. */
const MOST_TOLD = 100

function toldAll(expression: string, problems: readonly Problem[]): string {
  return problems
    .slice(0, MOST_TOLD)
    .map((each) => told(expression, each))
    .join('\n')
}

const isWide = (letter: string): boolean => (letter.codePointAt(0) ?? 0) > 0x7f

/** What was found, with the line and a mark under the place. @see google/cel-go common/error.go */
function told(expression: string, { at, words }: Problem): string {
  const letters = Array.from(expression)
  const before = letters.slice(0, at)
  const lines = before.filter((letter) => letter === '\n').length
  const column = before.length - 1 - before.lastIndexOf('\n')
  // A text that is empty has no columns.
  if (letters.length === 0) return `ERROR: <input>:1:0: ${words}`
  const line = (expression.split('\n')[lines] ?? '').replaceAll('\t', ' ')
  const shown = Array.from(line)
  const dots = shown.slice(0, column).map((letter) => (isWide(letter) ? '．' : '.'))
  const mark = isWide(shown[column] ?? ' ') ? '＾' : '^'
  return `ERROR: <input>:${lines + 1}:${column + 1}: ${words}\n | ${line}\n | ${dots.join('')}${mark}`
}

const PATTERNS: Readonly<Record<string, number>> = { matches: 0, find: 0, findAll: 0 }

/**
 * What fails when a program is made: conversions of constants, and patterns that are constant.
 * @see google/cel-go v0.26.0 interpreter/decorators.go
 */
function unmadeWords(expr: Expr): string | undefined {
  for (const inner of innerOf(expr)) {
    const words = unmadeWords(inner)
    if (words !== undefined) return words
  }
  if (expr.kind !== 'call') return undefined
  try {
    if (CONVERSIONS.has(expr.name) && isConstant(expr)) constant(expr)
    const pattern = expr.args[expr.target === undefined && expr.name === 'matches' ? 1 : 0]
    if (!Object.hasOwn(PATTERNS, expr.name) || pattern === undefined || !isConstant(pattern))
      return undefined
    const text = constant(pattern)
    if (typeof text === 'string') regex(text)
    return undefined
  } catch (error) {
    if (error instanceof EvalError || error instanceof SyntaxError) return error.message
    throw error
  }
}

function constant(expr: Expr): unknown {
  refill(budget, MAX_STEPS)
  return evaluated(expr, { get: () => undefined })
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

/** A type as the program tells it: `google.protobuf.Duration`, `null_type`. */
export function typeWords(type: Type): string {
  const words: Readonly<Record<string, string>> = {
    duration: 'google.protobuf.Duration',
    timestamp: 'google.protobuf.Timestamp',
    null: 'null_type',
  }
  const name = words[type.kind] ?? (type.kind === 'error' ? typeText(type) : type.name)
  return type.params.length === 0 ? name : `${name}(${type.params.map(typeWords).join(', ')})`
}
