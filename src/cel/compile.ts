import type { Environment as Engine, ParseResult } from '@marcbachmann/cel-js'
import { Fault } from '../base/index.ts'
import { type Budget, CostExceeded, type Node, prepare, refill } from './ast.ts'
import { foldConstants } from './constants.ts'
import { BadHasArgument } from './has.ts'
import { type CelValue, toCel } from './value.ts'
import { evaluationText, sourceText, typeWords } from './words.ts'

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

/** Steps that one evaluation may take; the limit of Kubernetes for one rule. */
const MAX_STEPS = 1_000_000
/** Longest expression that is read. */
const MAX_EXPRESSION_LENGTH = 32_768

/** What expressions may name, and whether their types are checked before they run. */
export interface Environment {
  readonly engine: Engine
  /** Types are checked when compiling; else an unknown name is found when evaluating. */
  readonly checked: boolean
  /** The static type that a checked expression must have. */
  readonly output?: string
}

/** A compiled expression. */
export interface Program {
  readonly expression: string
  /** @throws Fault CEL_EVAL, CEL_COST */
  evaluate(variables: Readonly<Record<string, unknown>>): CelValue
  /** @throws Fault CEL_EVAL, also when the result is no bool; CEL_COST */
  evaluateBool(variables: Readonly<Record<string, unknown>>): boolean
  /** As `evaluate`, on values that were converted by `toCel`. */
  run(values: Readonly<Record<string, CelValue>>): CelValue
}

/**
 * Compiles an expression.
 * @throws Fault CEL_SYNTAX, CEL_TYPE, in Flux's words
 * @see fluxcd/pkg runtime v0.110.1 cel/expression.go
 */
export function compile(expression: string, environment: Environment): Program {
  const parsed = parse(expression, environment)
  const budget: Budget = { steps: MAX_STEPS }
  const parents = ready(parsed, expression, { budget, environment })
  const run = (values: Readonly<Record<string, CelValue>>): CelValue => {
    refill(budget, MAX_STEPS)
    try {
      return parsed(values as Record<string, unknown>) as CelValue
    } catch (error) {
      throw evaluationFault(expression, error, { parents, engine: environment.engine })
    }
  }
  const evaluate: Program['evaluate'] = (variables) => run(convert(variables))
  return {
    expression,
    run,
    evaluate,
    evaluateBool: (variables) => {
      const value = evaluate(variables)
      if (typeof value === 'boolean') return value
      throw fault('CEL_EVAL', `failed to evaluate CEL expression as boolean: '${expression}'`)
    },
  }
}

function ready(
  parsed: ParseResult,
  expression: string,
  { budget, environment }: { readonly budget: Budget; readonly environment: Environment },
): ReadonlyMap<Node, Node> {
  try {
    const parents = prepare(parsed.ast, budget)
    if (environment.checked) check(parsed, expression, environment)
    foldConstants(parsed.ast)
    return parents
  } catch (error) {
    if (error instanceof BadHasArgument)
      throw sourceFault('CEL_SYNTAX', expression, { error, environment })
    if (error instanceof Fault) throw error
    throw fault(
      'CEL_SYNTAX',
      `failed to create CEL program: ${evaluationText(error, new Map(), () => true)}`,
      error,
    )
  }
}

function convert(variables: Readonly<Record<string, unknown>>): Record<string, CelValue> {
  const out: Record<string, CelValue> = {}
  for (const [name, value] of Object.entries(variables))
    if (value !== undefined) out[name] = toCel(value)
  return out
}

function parse(expression: string, environment: Environment): ParseResult {
  if (expression.length > MAX_EXPRESSION_LENGTH)
    throw fault(
      'CEL_SYNTAX',
      `failed to parse the CEL expression: longer than ${MAX_EXPRESSION_LENGTH} characters`,
    )
  try {
    return environment.engine.parse(expression)
  } catch (error) {
    throw sourceFault('CEL_SYNTAX', expression, { error, environment })
  }
}

function check(parsed: ParseResult, expression: string, environment: Environment): void {
  const result = parsed.check()
  if (!result.valid) throw sourceFault('CEL_TYPE', expression, { error: result.error, environment })
  const type = typeText(result.type ?? 'dyn')
  if (environment.output !== undefined && type !== environment.output)
    throw fault(
      'CEL_TYPE',
      `CEL expression output type mismatch: expected ${environment.output}, got ${type}`,
    )
}

function typeText(type: string): string {
  if (type === 'list') return 'list(dyn)'
  return typeWords(type === 'map' ? 'map<dyn, dyn>' : type)
}

function sourceFault(
  code: CelCode,
  expression: string,
  { error, environment }: { readonly error: unknown; readonly environment: Environment },
): Fault<CelCode> {
  const text = sourceText(expression, error, (name) => isFunction(environment.engine, name))
  return fault(code, `failed to parse the CEL expression '${expression}': ${text}`, error)
}

function isFunction(engine: Engine, name: string): boolean {
  return engine
    .getDefinitions()
    .functions.some((known) => known.name === name || known.name === `${name}_`)
}

function evaluationFault(
  expression: string,
  error: unknown,
  { parents, engine }: { readonly parents: ReadonlyMap<Node, Node>; readonly engine: Engine },
): Fault<CelCode> {
  const tooDear = error instanceof CostExceeded
  const why = tooDear
    ? 'operation cancelled: actual cost limit exceeded'
    : evaluationText(error, parents, (name) => isFunction(engine, name))
  return fault(
    tooDear ? 'CEL_COST' : 'CEL_EVAL',
    `failed to evaluate the CEL expression '${expression}': ${why}`,
    error,
  )
}

function fault(code: CelCode, message: string, cause?: unknown): Fault<CelCode> {
  return new Fault<CelCode>({ code, message, cause })
}
