import { isFault } from '../../base/index.ts'
import {
  type Allowance,
  exhausted,
  objectAllowance,
  optionalValue,
  simpleType,
  spending,
  type TypedExpression,
  toCel,
  variablesOf,
} from '../../cel/index.ts'
import { isArray, isObject, type Json, ownAt, sameJson } from '../../object/index.ts'
import { type Cause, forbidden, invalid, required } from '../builtin/index.ts'
import { celHint, celNames } from './cel-names.ts'
import { fieldAt } from './definition/field-path.ts'
import { compileRule, expressionOf, typesOf } from './definition/rule-types.ts'
import type { Node, Rule } from './node.ts'
import { correlated } from './validate.ts'

/** Expressions that were read before. */
const programs = new Map<string, TypedExpression>()
const MOST_PROGRAMS = 2000

/** An expression to be run: its types were checked when the definition was made. */
function programOf(expression: string, optionalOld: boolean): TypedExpression {
  const key = `${optionalOld ? 1 : 0}${expression}`
  const known = programs.get(key)
  if (known !== undefined) return known
  if (programs.size >= MOST_PROGRAMS) programs.clear()
  const made = expressionOf(expression, simpleType('dyn'), optionalOld)
  programs.set(key, made)
  return made
}

const withRules = new WeakMap<Node, boolean>()

/** Says whether there is a rule somewhere in a schema. */
export function hasRules(node: Node | undefined): boolean {
  if (node === undefined) return false
  const known = withRules.get(node)
  if (known !== undefined) return known
  const { additional } = node
  const has =
    node.rules.length > 0 ||
    hasRules(node.items) ||
    (typeof additional === 'object' && hasRules(additional)) ||
    [...node.properties.values()].some(hasRules)
  withRules.set(node, has)
  return has
}

const BLOCKING = [
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]

/** What is known of a value that rules are asked about. */
export interface RuleCheck {
  readonly old: Json | undefined
  /** What is wrong with the value already. */
  readonly before?: readonly Cause[]
  /** The value is a default of a definition whose rules nobody has checked yet. */
  readonly isDefault?: boolean
}

/**
 * What the rules of a schema (`x-kubernetes-validations`) say of an object. They are not asked about
 * an object whose form is wrong.
 * @see k8s.io/apiextensions-apiserver pkg/apiserver/schema/cel/validation.go (v0.36.3)
 */
export function ruleCauses(
  value: Json,
  root: Node,
  { old, before = [], isDefault = false }: RuleCheck,
): Cause[] {
  if (!hasRules(root)) return []
  if (before.some((cause) => BLOCKING.includes(cause.reason)))
    return [
      invalid(
        '<nil>',
        null,
        'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
      ),
    ]
  return walk(value, root, { old, path: '', isDefault, allowance: objectAllowance() })
}

interface At {
  readonly old: Json | undefined
  readonly path: string
  readonly isDefault: boolean
  /** Shared by all rules of the object. */
  readonly allowance: Allowance
}

function walk(value: Json, node: Node | undefined, at: At): Cause[] {
  if (node === undefined || !hasRules(node) || at.allowance.left < 0) return []
  const { old, path } = at
  const causes = value === null ? [] : rulesOf(value, node, at)
  if (isArray(value)) {
    const find = correlated(node, old)
    for (const [i, item] of value.entries())
      causes.push(...walk(item, node.items, { ...at, old: find(item), path: `${path}[${i}]` }))
  } else if (isObject(value)) {
    const before = isObject(old) ? old : {}
    for (const [key, item] of Object.entries(value)) {
      if (item === undefined) continue
      const known = node.properties.get(key)
      const place = known === undefined ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`
      const inner = known ?? (typeof node.additional === 'object' ? node.additional : undefined)
      causes.push(...walk(item, inner, { ...at, old: ownAt(before, key), path: place }))
    }
  }
  return causes
}

/** What the rules of one place say, until there is nothing left to ask them with. */
function rulesOf(value: Json, node: Node, at: At): Cause[] {
  const causes: Cause[] = []
  for (const rule of node.rules) {
    const spot = { value, node, ...at, rule }
    try {
      if (at.allowance.left <= 0) exhausted()
      causes.push(...check(spot))
    } catch (error) {
      if (!isFault(error, 'CEL_BUDGET')) throw error
      at.allowance.left = -1
      return [...causes, invalid(fieldOf(spot), typeOf(node), error.message)]
    }
    if (at.allowance.left < 0) return causes
  }
  return causes
}

interface Spot extends At {
  readonly value: Json
  readonly node: Node
  readonly rule: Rule
}

function fieldOf({ path }: Spot): string {
  return path === '' ? '<nil>' : path
}

function typeOf({ source }: Node): string {
  return typeof source['type'] === 'string' ? source['type'] : ''
}

/** Why a rule of a schema that nobody has checked can not be asked. */
function problemOf(node: Node, rule: Rule): string | undefined {
  const types = typesOf(node.source, node.embedded)
  const given = {
    rule: rule.rule,
    ...(rule.optionalOldSelf ? { optionalOldSelf: true } : {}),
  }
  return types === undefined ? undefined : compileRule(given, types).problem
}

function check(spot: Spot): Cause[] {
  const { value, node, old, rule, isDefault, allowance } = spot
  if (rule.rule.trim() === '') return []
  const usesOld = /\boldSelf\b/.test(withoutTexts(rule.rule))
  const field = fieldOf(spot)
  const type = typeOf(node)
  const problem = isDefault ? problemOf(node, rule) : undefined
  if (problem !== undefined) return [invalid(field, type, `rule compile error: ${problem}`)]
  if (usesOld && old === undefined && !rule.optionalOldSelf) return []
  const program = programOf(rule.rule, rule.optionalOldSelf)
  const bad = program.problem ?? program.unmade
  if (bad !== undefined) return [invalid(field, type, `rule compile error: ${bad}`)]
  const hint = celHint(node)
  const before = old === undefined ? undefined : toCel(celNames(old, node), hint)
  const optional = rule.optionalOldSelf ? optionalValue(before) : before
  const variables = variablesOf({
    self: toCel(celNames(value, node), hint),
    ...(optional === undefined ? {} : { oldSelf: optional }),
  })
  try {
    if (spending(allowance, () => program.run(variables)) === true) return []
  } catch (error) {
    if (!isFault(error, 'CEL_EVAL', 'CEL_COST')) throw error
    // After a rule that is too dear no other is asked.
    if (isFault(error, 'CEL_COST')) allowance.left = -1
    return [invalid(field, type, failure(error.message, rule))]
  }
  // What did not change may stay as it is, though a rule that came later would not allow it.
  if (!isDefault && !usesOld && old !== undefined && sameJson(value, old)) return []
  return [refusal(spot, messageFor(spot, variables), field)]
}

function refusal(spot: Spot, detail: string, field: string): Cause {
  const { rule, value, node } = spot
  const found = rule.fieldPath === '' ? '' : fieldAt(rule.fieldPath, node.source, { arrays: true })
  // A path that leads nowhere is not followed.
  const below = typeof found === 'string' ? '' : found.place
  const at = below === '' ? field : spot.path === '' ? below : `${spot.path}.${below}`
  const isWhole = node.types.includes('object') || node.types.includes('array')
  if (rule.reason === 'FieldValueForbidden') return forbidden(at, detail)
  if (rule.reason === 'FieldValueRequired') return required(at, detail)
  if (rule.reason === 'FieldValueDuplicate')
    return {
      reason: rule.reason,
      field: at,
      message: isWhole ? 'Duplicate value' : `Duplicate value: ${JSON.stringify(value)}`,
    }
  if (!isWhole) return invalid(at, value, detail)
  return { reason: 'FieldValueInvalid', field: at, message: `Invalid value: ${detail}` }
}

const LONGEST_MESSAGE = 5 * 1024

function messageFor(
  { rule, allowance }: Spot,
  variables: Readonly<Record<string, unknown>>,
): string {
  if (rule.messageExpression !== '') {
    const program = programOf(rule.messageExpression, rule.optionalOldSelf)
    const text = evaluated(() => spending(allowance, () => program.run(variables)))
    if (text !== undefined) return text
  }
  return rule.message === '' ? `failed rule: ${ruleText(rule)}` : rule.message.trim()
}

/** A message that can not be made is no message. */
function evaluated(run: () => unknown): string | undefined {
  try {
    const text = run()
    if (typeof text !== 'string') return undefined
    const trimmed = text.trim()
    const fits = trimmed !== '' && trimmed.length <= LONGEST_MESSAGE && !trimmed.includes('\n')
    return fits ? trimmed : undefined
  } catch (error) {
    if (isFault(error, 'CEL_EVAL', 'CEL_COST', 'CEL_TYPE', 'CEL_BUDGET')) return undefined
    throw error
  }
}

function ruleText(rule: Rule): string {
  return (rule.message === '' ? rule.rule : rule.message).trim()
}

function withoutTexts(expression: string): string {
  return expression.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""')
}

/** Why a rule could not be asked, without the words about which expression failed. */
function failure(why: string, rule: Rule): string {
  if (why.startsWith('no such overload'))
    return `'${why}': call arguments did not match a supported operator, function or macro signature for rule: ${ruleText(rule)}`
  if (why.startsWith('operation cancelled'))
    return `'${why}': no further validation rules will be run due to call cost exceeds limit for rule: ${ruleText(rule)}`
  return `${why} evaluating rule: ${ruleText(rule)}`
}
