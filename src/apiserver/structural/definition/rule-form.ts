import type { JsonObject } from '../../../object/index.ts'
import { type Cause, forbidden, invalid, notSupported, required } from '../../builtin/index.ts'
import { fieldAt } from './field-path.ts'
import { goRule } from './go-schema.ts'
import { objectsAt, textAt } from './parts.ts'
import { type Compiled, compileRule, type RuleTypes, typesOf } from './rule-types.ts'
import { unreadable } from './structural-form.ts'

/** What holds for a schema because of where it stands. */
export interface Within {
  /** Why there may be no default; undefined where there may be one. */
  readonly noDefault?: string
  readonly insideMeta?: boolean
  /** The first schema above by whose values old and new items can not be told to belong together. */
  readonly uncorrelated?: string
}

/** What rules need to know of the place of their schema. */
export interface CelPlace {
  /** How many values of the schema an object can hold; undefined: nobody says. */
  readonly most: number | undefined
  /** The costs of the whole schema. */
  readonly total: TotalCost
  /** The costs of rules that did not change count together only. */
  readonly isOld: boolean
}

/** What the rules of one schema of a kind cost in all, at most. */
export interface TotalCost {
  sum: number
  readonly dearest: { readonly path: string; readonly cost: number }[]
}

/** The cost that the rules of a whole schema may have, and that of one rule. */
const MOST_TOTAL = 100_000_000
const MOST_COST = 10_000_000
const MOST_NAMED = 4

/** The place of the root of a schema. */
export function rootPlace(isOld: boolean): CelPlace {
  return { most: 1, total: { sum: 0, dearest: [] }, isOld }
}

/** The place of a schema directly below another. */
export function childPlace(place: CelPlace | undefined, outer: JsonObject): CelPlace | undefined {
  if (place === undefined) return undefined
  const factor = mostElements(outer)
  const { most } = place
  return { ...place, most: most === undefined || factor === undefined ? undefined : most * factor }
}

function mostElements(schema: JsonObject): number | undefined {
  const limit = (key: string): number | undefined => {
    const value = schema[key]
    return typeof value === 'number' ? Math.max(0, value) : undefined
  }
  if (schema['type'] === 'array') return limit('maxItems')
  if (schema['type'] !== 'object' || schema['additionalProperties'] === undefined) return 1
  return limit('maxProperties')
}

const REASONS = [
  'FieldValueDuplicate',
  'FieldValueForbidden',
  'FieldValueInvalid',
  'FieldValueRequired',
]

/** What is wrong with the texts of the rules of one schema. */
export function ruleTexts(schema: JsonObject, path: string): Cause[] {
  return objectsAt(schema, 'x-kubernetes-validations').flatMap((rule, i) =>
    textCauses(schema, rule, `${path}.x-kubernetes-validations[${i}]`),
  )
}

const BREAK = /[\n\r]/

function textCauses(schema: JsonObject, rule: JsonObject, place: string): Cause[] {
  const causes: Cause[] = []
  const given = textAt(rule, 'message')
  const [text, message] = [textAt(rule, 'rule').trim(), given.trim()]
  if (text === '') causes.push(required(`${place}.rule`, 'rule is not specified'))
  else if (given !== '' && message === '')
    causes.push(invalid(`${place}.message`, given, 'must be non-empty if specified'))
  else if (BREAK.test(message))
    causes.push(invalid(`${place}.message`, given, 'must not contain line breaks'))
  else if (BREAK.test(text) && message === '')
    causes.push(
      required(`${place}.message`, 'message must be specified if rule contains line breaks'),
    )
  const expression = textAt(rule, 'messageExpression')
  if (expression !== '' && expression.trim() === '')
    causes.push(
      required(`${place}.messageExpression`, 'messageExpression must be non-empty if specified'),
    )
  const { reason } = rule
  if (typeof reason === 'string' && !REASONS.includes(reason))
    causes.push(notSupported(`${place}.reason`, reason, REASONS))
  return [...causes, ...pathCauses(schema, textAt(rule, 'fieldPath'), `${place}.fieldPath`)]
}

function pathCauses(schema: JsonObject, path: string, place: string): Cause[] {
  if (path === '') return []
  const causes: Cause[] = []
  if (path.trim() === '') causes.push(invalid(place, path, 'must be non-empty if specified'))
  if (BREAK.test(path)) causes.push(invalid(place, path, 'must not contain line breaks'))
  if (
    unreadable(schema) === undefined &&
    typeof fieldAt(path, schema, { arrays: true }) === 'string'
  )
    causes.push(invalid(place, path, 'must be a valid path'))
  return causes
}

/** What is wrong with the rules of one schema whose form is right: their types and what they cost. */
export function ruleCauses(
  schema: JsonObject,
  path: string,
  at: { readonly cel: CelPlace; readonly within: Within },
): Cause[] {
  const rules = objectsAt(schema, 'x-kubernetes-validations')
  if (rules.length === 0) return []
  const isRoot =
    path.endsWith('.openAPIV3Schema') || schema['x-kubernetes-embedded-resource'] === true
  const types = typesOf(schema, isRoot)
  if (types === undefined) {
    const words =
      'internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations'
    return [
      {
        reason: 'InternalError',
        field: `${path}.x-kubernetes-validations`,
        message: `Internal error: ${words}`,
      },
    ]
  }
  return rules.flatMap((rule, i) =>
    oneRule(rule, `${path}.x-kubernetes-validations[${i}]`, { ...at, types }),
  )
}

function oneRule(
  rule: JsonObject,
  place: string,
  at: { readonly cel: CelPlace; readonly within: Within; readonly types: RuleTypes },
): Cause[] {
  const { cel, within, types } = at
  const compiled = compileRule(rule, types)
  const causes: Cause[] = []
  const observe = (name: string, words: string, cost: number): void => {
    if (!cel.isOld && cost > MOST_COST)
      causes.push(forbidden(`${place}.${name}`, overBudget(words, cost / MOST_COST)))
    count(cel.total, `${place}.${name}`, cost)
  }
  observe('rule', 'estimated rule cost', times(compiled.cost, cel.most ?? types.mostValues))
  if (compiled.problem !== undefined)
    causes.push(invalid(`${place}.rule`, goRule(rule), compiled.problem))
  if (compiled.messageProblem !== undefined)
    causes.push(invalid(`${place}.messageExpression`, goRule(rule), compiled.messageProblem))
  else if (compiled.messageCost !== undefined)
    observe('messageExpression', 'estimated messageExpression cost', compiled.messageCost)
  return [...causes, ...oldCauses(rule, place, { compiled, within })]
}

function oldCauses(
  rule: JsonObject,
  place: string,
  { compiled, within }: { readonly compiled: Compiled; readonly within: Within },
): Cause[] {
  const optional = rule['optionalOldSelf']
  if (compiled.usesOld) {
    if (within.uncorrelated === undefined) return []
    const words = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${within.uncorrelated}`
    return [invalid(`${place}.rule`, textAt(rule, 'rule'), words)]
  }
  if (optional === undefined || optional === null) return []
  return [
    invalid(`${place}.optionalOldSelf`, optional, 'may not be set if oldSelf is not used in rule'),
  ]
}

/** The most that Go's numbers of costs can hold. */
const MOST = 2 ** 64

function times(cost: number, count: number): number {
  return Math.min(MOST, cost * count)
}

function count(total: TotalCost, path: string, cost: number): void {
  total.sum = Math.min(MOST, total.sum + cost)
  if (cost < MOST_TOTAL / 100) return
  total.dearest.push({ path, cost })
  total.dearest.sort((a, b) => b.cost - a.cost)
  if (total.dearest.length > MOST_NAMED) total.dearest.length = MOST_NAMED
}

/** What is said where all rules of a schema together cost too much. */
export function totalCauses({ sum, dearest }: TotalCost, path: string): Cause[] {
  if (sum <= MOST_TOTAL) return []
  const words =
    'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'
  const whole = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema'
  return [
    ...dearest.map((each) => forbidden(each.path, words)),
    forbidden(path, overBudget(whole, sum / MOST_TOTAL)),
  ]
}

function overBudget(what: string, factor: number): string {
  const by =
    factor > 100
      ? 'more than 100x'
      : factor < 1.5
        ? `${factor.toFixed(6)}x`
        : `${factor.toFixed(1)}x`
  return `${what} exceeds budget by factor of ${by} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`
}
