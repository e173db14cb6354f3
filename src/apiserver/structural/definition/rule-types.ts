import { isFault, messageOf } from '../../../base/index.ts'
import {
  checkFields,
  compile,
  crdEnvironment,
  type Program,
  type SchemaHint,
} from '../../../cel/index.ts'
import type { JsonObject } from '../../../object/index.ts'
import { celHint } from '../cel-names.ts'
import { readNode } from '../node.ts'
import { textAt } from './parts.ts'

/** What the rules of a schema may name, and how big it can get. */
export interface RuleTypes {
  readonly self: SchemaHint
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

const TEXT: SchemaHint = { type: 'string' }

/** The types of a schema for its rules; undefined where there are none for it. */
export function typesOf(schema: JsonObject, isRoot: boolean): RuleTypes | undefined {
  const hint = celHint(readNode(schema))
  if (!isRoot) return { self: hint, mostValues: 1 }
  const metadata: SchemaHint = { type: 'object', properties: { name: TEXT, generateName: TEXT } }
  const properties = { ...hint.properties, apiVersion: TEXT, kind: TEXT, metadata }
  return { self: { ...hint, properties }, mostValues: 1 }
}

/** Compiles one rule. */
export function compileRule(rule: JsonObject, types: RuleTypes): Compiled {
  const text = textAt(rule, 'rule')
  const problem = problemOf(text, types.self)
  if (problem !== undefined)
    return { problem: `compilation failed: ${problem}`, usesOld: false, cost: 0 }
  return { usesOld: /\boldSelf\b/.test(text), cost: 0 }
}

function programOf(expression: string): Program | string {
  try {
    return compile(expression, crdEnvironment({ oldSelf: true }))
  } catch (error) {
    return messageOf(error)
  }
}

const PARSING = /^failed to parse the CEL expression '[\s\S]*?': (?=ERROR)/

function problemOf(expression: string, hint: SchemaHint): string | undefined {
  const program = programOf(expression)
  if (typeof program === 'string') return program.replace(PARSING, '')
  try {
    checkFields(expression, crdEnvironment({ oldSelf: true }), { self: hint, oldSelf: hint })
    return undefined
  } catch (error) {
    if (!isFault(error, 'CEL_TYPE')) throw error
    return error.message.replace(PARSING, '')
  }
}
