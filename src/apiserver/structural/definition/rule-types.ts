import {
  type CelType,
  type Declared,
  ruleNames,
  type TypedExpression,
  typedExpression,
} from '../../../cel/index.ts'
import type { JsonObject } from '../../../object/index.ts'
import { declare, REQUEST_BYTES } from './declare.ts'
import { textAt } from './parts.ts'

/** What the rules of a schema may name, and how big it can get. */
export interface RuleTypes {
  readonly self: Declared
  /** How many values of the schema fit into one request. */
  readonly mostValues: number
}

/** What compiling a rule tells. */
export interface Compiled {
  readonly problem?: string
  readonly messageProblem?: string
  readonly usesOld: boolean
  /** What one evaluation costs at most. */
  readonly cost: number
  readonly messageCost?: number
}

/** The real server draws the digits, so that nobody relies on the name. */
const SELF = 'selfType000000001'

/** The types of a schema for its rules; undefined where there are none for it. */
export function typesOf(schema: JsonObject, isRoot: boolean): RuleTypes | undefined {
  const self = declare(schema, { name: SELF, isRoot })
  if (self === undefined) return undefined
  return { self, mostValues: Math.floor(REQUEST_BYTES / (self.leastBytes + 1)) }
}

/** Compiles one rule. */
export function compileRule(rule: JsonObject, types: RuleTypes): Compiled {
  const { self } = types
  const optionalOld = rule['optionalOldSelf'] === true
  const found = expressionOf(textAt(rule, 'rule'), self.type, optionalOld)
  const problem = problemOf(found, 'bool')
  if (problem !== undefined) return { problem, usesOld: false, cost: 0 }
  const compiled = { usesOld: found.names.has('oldSelf'), cost: found.costFor(self.sized) }
  const message = textAt(rule, 'messageExpression')
  if (message === '') return compiled
  const said = expressionOf(message, self.type, optionalOld)
  const messageProblem = problemOf(said, 'string')
  return messageProblem === undefined
    ? { ...compiled, messageCost: said.costFor(self.sized) }
    : { ...compiled, messageProblem }
}

/** An expression about a value of a type. */
export function expressionOf(text: string, self: CelType, optionalOld: boolean): TypedExpression {
  return typedExpression(text, ruleNames(self, optionalOld))
}

/** Why an expression is none that gives a type. */
export function problemOf(
  { problem, unmade, type }: TypedExpression,
  wanted: 'bool' | 'string',
): string | undefined {
  const isMessage = wanted === 'string'
  const prefix = isMessage ? 'messageExpression ' : ''
  if (problem !== undefined) return `${prefix}compilation failed: ${problem}`
  if (type.kind !== wanted)
    return isMessage
      ? 'messageExpression must evaluate to a string'
      : 'cel expression must evaluate to a bool'
  return unmade === undefined ? undefined : `${prefix}program instantiation failed: ${unmade}`
}
