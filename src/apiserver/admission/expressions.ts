import { isFault } from '../../base/index.ts'
import {
  type Access,
  type AccessQuestion,
  type Allowance,
  admissionNames,
  authorizer,
  type CelValue,
  conditionAllowance,
  EvalError,
  objectAllowance,
  simpleType,
  spending,
  type TypedExpression,
  toCel,
  typedExpression,
} from '../../cel/index.ts'
import type { Json, KubeObject } from '../../object/index.ts'
import { reasonToAllow } from '../auth/rbac.ts'
import type { Core } from '../core.ts'
import type { Kind } from '../kind.ts'
import { type Attributes, isNamespace, namespaceOf, requestOf } from './attributes.ts'
import { objectsOf } from './matching.ts'

const PROGRAMS_MAX = 2000
const programs = new Map<string, TypedExpression>()

/** An expression of a policy, to be run; `mutates` allows that objects are written out. */
function programOf(expression: string, mutates: boolean): TypedExpression {
  const key = `${mutates ? 1 : 0}${expression}`
  const known = programs.get(key)
  if (known !== undefined) return known
  if (programs.size >= PROGRAMS_MAX) programs.clear()
  const params = simpleType('dyn')
  const names = admissionNames({ authorizer: true, params, variables: 'any', mutates })
  const made = typedExpression(expression, names)
  programs.set(key, made)
  return made
}

/** Why an expression can not be run. */
function unrunnable({ problem, unmade }: TypedExpression): string | undefined {
  if (problem !== undefined) return `compilation failed: ${problem}`
  return unmade === undefined ? undefined : `program instantiation failed: ${unmade}`
}

/** What an expression gave, or what went wrong, in the words of kube-apiserver. */
export type Evaluated = { readonly value: CelValue } | { readonly error: string }

/** What expressions of one policy see of one request. */
export type Activation = Readonly<Record<string, CelValue>>

/** What expressions see of a request; `variables` are computed when they are first asked for. */
export function activationOf(
  core: Core,
  attributes: Attributes,
  policy: {
    readonly params?: KubeObject
    readonly variables?: Json
    readonly mutates?: boolean
    readonly as?: Kind
  },
): Activation {
  const { object, old } = attributes
  const namespace = isNamespace(attributes) ? undefined : namespaceOf(core, attributes)
  const activation: Record<string, CelValue> = {
    object: toCel(object ?? null),
    oldObject: toCel(old ?? null),
    request: toCel(requestOf(attributes, policy.as)),
    params: toCel(policy.params ?? null),
    namespaceObject: toCel(namespace ?? null),
    ...authorizersOf(core, attributes),
  }
  activation['variables'] = variablesOf(activation, policy)
  return activation
}

function variablesOf(
  activation: Activation,
  { variables, mutates }: { readonly variables?: Json; readonly mutates?: boolean },
): CelValue {
  const out = Object.create(null) as Record<string, CelValue>
  for (const each of objectsOf(variables)) {
    const name = String(each['name'])
    let found: Evaluated | undefined
    Object.defineProperty(out, name, {
      enumerable: true,
      get: () => {
        found ??= computed(String(each['expression']), activation, mutates ?? false)
        if ('value' in found) return found.value
        throw new EvalError(`composited variable ${JSON.stringify(name)} fails to ${found.error}`)
      },
    })
  }
  return out
}

function computed(expression: string, activation: Activation, mutates: boolean): Evaluated {
  const program = programOf(expression, mutates)
  const bad = unrunnable(program)
  if (bad !== undefined) return { error: `compile: ${bad}` }
  try {
    return { value: program.run(activation) }
  } catch (error) {
    if (!isFault(error, 'CEL_EVAL', 'CEL_COST')) throw error
    return { error: `evaluate: ${error.message}` }
  }
}

/** How an expression is evaluated. */
interface Evaluating {
  readonly mutates?: boolean
  /** What several expressions may take together. */
  readonly allowance?: Allowance
}

/** Evaluates an expression on what a request shows. @throws Fault CEL_BUDGET, where it shares one */
export function evaluate(
  expression: string,
  activation: Activation,
  { mutates = false, allowance }: Evaluating = {},
): Evaluated {
  const program = programOf(expression, mutates)
  const bad = unrunnable(program)
  if (bad !== undefined) return { error: `compilation error: ${bad}` }
  try {
    return { value: spending(allowance ?? objectAllowance(), () => program.run(activation)) }
  } catch (error) {
    if (isFault(error, 'CEL_BUDGET') && allowance === undefined) return { error: error.message }
    if (!isFault(error, 'CEL_EVAL', 'CEL_COST')) throw error
    const text = expression.trim()
    return { error: `expression '${text}' resulted in error: ${error.message}` }
  }
}

/** What match conditions say: yes, no (by the condition of a name), or that one failed. */
export function conditionsMatch(
  conditions: Json | undefined,
  activation: Activation,
): boolean | { readonly error: string } {
  try {
    return allMatch(conditions, activation)
  } catch (error) {
    if (!isFault(error, 'CEL_BUDGET')) throw error
    return { error: error.message }
  }
}

function allMatch(
  conditions: Json | undefined,
  activation: Activation,
): boolean | { readonly error: string } {
  const errors: string[] = []
  const allowance = conditionAllowance()
  for (const each of objectsOf(conditions)) {
    const result = evaluate(String(each['expression']), activation, { allowance })
    if ('error' in result) errors.push(result.error)
    else if (result.value !== true) return false
  }
  return errors.length === 0 ? true : { error: aggregate(errors) }
}

/** Several errors as one. @see k8s.io/apimachinery pkg/util/errors Aggregate */
export function aggregate(errors: readonly string[]): string {
  const different = [...new Set(errors)]
  return different.length === 1 ? (different[0] ?? '') : `[${different.join(', ')}]`
}

function authorizersOf(core: Core, attributes: Attributes): Record<string, Access> {
  const { kind, subresource, namespace, name, user } = attributes
  const ask = (question: AccessQuestion): { allowed: boolean; reason: string } => {
    const account = question.serviceAccount
    const who =
      account === undefined
        ? user
        : {
            name: `system:serviceaccount:${account.namespace}:${account.name}`,
            groups: [
              'system:serviceaccounts',
              `system:serviceaccounts:${account.namespace}`,
              'system:authenticated',
            ],
          }
    const reason = reasonToAllow(core, who, {
      ...question,
      resource:
        question.subresource === ''
          ? question.resource
          : `${question.resource}/${question.subresource}`,
    })
    return { allowed: reason !== undefined, reason: reason ?? '' }
  }
  const whole = authorizer(ask)
  const own = { group: kind.group, resource: kind.plural, subresource, namespace, name }
  return {
    authorizer: whole,
    'authorizer.requestResource': whole.with('ResourceCheck', own),
  }
}
