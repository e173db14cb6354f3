import { messageOf } from '../../../base/index.ts'
import {
  compile,
  crdEnvironment,
  type Declared,
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
  const text = textAt(rule, 'rule')
  const optionalOld = rule['optionalOldSelf'] === true
  const found = expression(text, types, { optionalOld, wanted: 'bool' })
  const none = { usesOld: false, cost: 0 }
  if (found.problem !== undefined)
    return { ...none, problem: `compilation failed: ${found.problem}` }
  if (found.type !== 'bool') return { ...none, problem: 'cel expression must evaluate to a bool' }
  const compiled = { usesOld: found.names.has('oldSelf'), cost: found.cost }
  const message = textAt(rule, 'messageExpression')
  if (message === '') return compiled
  const said = expression(message, types, { optionalOld, wanted: 'string' })
  if (said.problem !== undefined)
    return { ...compiled, messageProblem: `messageExpression compilation failed: ${said.problem}` }
  return said.type === 'string'
    ? { ...compiled, messageCost: said.cost }
    : { ...compiled, messageProblem: 'messageExpression must evaluate to a string' }
}

const PARSING = /^failed to parse the CEL expression '[\s\S]*?': (?=ERROR)/

function expression(
  text: string,
  { self }: RuleTypes,
  { optionalOld, wanted }: { readonly optionalOld: boolean; readonly wanted: string },
): TypedExpression {
  const environment = crdEnvironment({ oldSelf: true })
  try {
    const typed = typedExpression(text, environment.engine, { self, optionalOld })
    if (typed !== undefined) return typed
  } catch {
    // What can not be read is told in the words of the reader, below.
  }
  const names = new Set(/\boldSelf\b/.test(text) ? ['oldSelf'] : [])
  try {
    compile(text, environment)
    return { type: wanted, names, cost: 0 }
  } catch (error) {
    return { problem: messageOf(error).replace(PARSING, ''), type: 'error', names, cost: 0 }
  }
}
