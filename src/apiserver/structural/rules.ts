import { isFault, messageOf } from '../../base/index.ts'
import { compile, crdEnvironment, type Program, toCel } from '../../cel/index.ts'
import { isArray, isObject, type Json, sameJson } from '../../object/index.ts'
import { type Cause, forbidden, invalid, required } from '../builtin/index.ts'
import { celHint, celNames } from './cel-names.ts'
import type { Node, Rule } from './node.ts'
import { correlated } from './validate.ts'

/** Rules that were compiled before; `string` says why one can not be. */
const programs = new Map<string, Program | string>()
const MOST_PROGRAMS = 2000

function programOf(expression: string, oldSelf: boolean): Program | string {
  const key = `${oldSelf ? 1 : 0}${expression}`
  const known = programs.get(key)
  if (known !== undefined) return known
  if (programs.size >= MOST_PROGRAMS) programs.clear()
  let made: Program | string
  try {
    made = compile(expression, crdEnvironment({ oldSelf }))
  } catch (error) {
    made = messageOf(error)
  }
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

/**
 * What the rules of a schema (`x-kubernetes-validations`) say of an object. They are not asked about
 * an object whose form is wrong.
 * @see k8s.io/apiextensions-apiserver pkg/apiserver/schema/cel/validation.go (v0.36.3)
 */
export function ruleCauses(
  value: Json,
  root: Node,
  old: Json | undefined,
  before: readonly Cause[],
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
  return walk(value, root, old, '')
}

function walk(value: Json, node: Node | undefined, old: Json | undefined, path: string): Cause[] {
  if (node === undefined || !hasRules(node)) return []
  const causes =
    value === null ? [] : node.rules.flatMap((rule) => check({ value, node, old, path, rule }))
  if (isArray(value)) {
    const find = correlated(node, old)
    for (const [i, item] of value.entries())
      causes.push(...walk(item, node.items, find(item), `${path}[${i}]`))
  } else if (isObject(value)) {
    const before = isObject(old) ? old : {}
    for (const [key, item] of Object.entries(value)) {
      if (item === undefined) continue
      const known = node.properties.get(key)
      const at = path === '' ? key : `${path}.${key}`
      if (known !== undefined) causes.push(...walk(item, known, before[key], at))
      else if (typeof node.additional === 'object')
        causes.push(...walk(item, node.additional, before[key], `${path}[${key}]`))
    }
  }
  return causes
}

interface Spot {
  readonly value: Json
  readonly node: Node
  readonly old: Json | undefined
  readonly path: string
  readonly rule: Rule
}

function check(spot: Spot): Cause[] {
  const { value, node, old, path, rule } = spot
  const usesOld = /\boldSelf\b/.test(withoutTexts(rule.rule))
  if (usesOld && old === undefined && !rule.optionalOldSelf) return []
  const field = path === '' ? '<nil>' : path
  const type = node.types.length === 1 ? (node.types[0] ?? '') : ''
  const program = programOf(rule.rule, true)
  if (typeof program === 'string') return [invalid(field, type, `rule compile error: ${program}`)]
  const hint = celHint(node)
  const variables = {
    self: toCel(celNames(value, node), hint),
    ...(old === undefined ? {} : { oldSelf: toCel(celNames(old, node), hint) }),
  }
  try {
    if (program.run(variables) === true) return []
  } catch (error) {
    if (!isFault(error, 'CEL_EVAL', 'CEL_COST')) throw error
    return [invalid(field, type, `${whyOf(error.message)} evaluating rule: ${ruleText(rule)}`)]
  }
  // What did not change may stay as it is, though a rule that came later would not allow it.
  if (!usesOld && old !== undefined && sameJson(value, old)) return []
  return [refusal(spot, messageFor(rule, variables), field)]
}

function refusal(spot: Spot, detail: string, field: string): Cause {
  const { rule, value, node } = spot
  const at =
    rule.fieldPath === ''
      ? field
      : `${spot.path}${spot.path === '' ? rule.fieldPath.replace(/^\./, '') : rule.fieldPath}`
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

function messageFor(rule: Rule, variables: Readonly<Record<string, unknown>>): string {
  if (rule.messageExpression !== '') {
    const program = programOf(rule.messageExpression, true)
    const text = typeof program === 'string' ? undefined : evaluated(program, variables)
    if (text !== undefined) return text
  }
  return rule.message === '' ? `failed rule: ${ruleText(rule)}` : rule.message.trim()
}

/** A message that can not be made is no message. */
function evaluated(
  program: Program,
  variables: Readonly<Record<string, unknown>>,
): string | undefined {
  try {
    const text = program.run(variables)
    if (typeof text !== 'string') return undefined
    const trimmed = text.trim()
    const fits = trimmed !== '' && trimmed.length <= LONGEST_MESSAGE && !trimmed.includes('\n')
    return fits ? trimmed : undefined
  } catch (error) {
    if (isFault(error, 'CEL_EVAL', 'CEL_COST')) return undefined
    throw error
  }
}

function ruleText(rule: Rule): string {
  return (rule.message === '' ? rule.rule : rule.message).trim()
}

function withoutTexts(expression: string): string {
  return expression.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""')
}

/** The reason alone, without the words about which expression failed. */
function whyOf(message: string): string {
  return message.replace(/^failed to evaluate the CEL expression '[\s\S]*?': (?=[^']*$)/, '')
}
