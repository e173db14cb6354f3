import { isFault, messageOf } from '../../base/index.ts'
import {
  type AccessQuestion,
  Authorizer,
  admissionEnvironment,
  type CelValue,
  compile,
  type Program,
  toCel,
} from '../../cel/index.ts'
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../../object/index.ts'
import { reasonToAllow } from '../auth/rbac.ts'
import type { Core } from '../core.ts'
import type { Kind } from '../kind.ts'
import { type Attributes, isNamespace, namespaceOf, requestOf } from './attributes.ts'
import { objectsOf } from './matching.ts'
import { withPlainMaps } from './object-literals.ts'

const PROGRAMS_MAX = 2000
const programs = new Map<string, Program | string>()

/** A compiled expression of a policy, or why it is none; `mutates` allows object literals. */
export function programOf(expression: string, mutates = false): Program | string {
  const key = `${mutates ? 1 : 0}${expression}`
  const known = programs.get(key)
  if (known !== undefined) return known
  if (programs.size >= PROGRAMS_MAX) programs.clear()
  let made: Program | string
  try {
    const text = mutates ? withPlainMaps(expression) : expression
    made = compile(text, admissionEnvironment({ mutates }))
  } catch (error) {
    made = messageOf(error).replace(PARSING, '')
  }
  programs.set(key, made)
  return made
}

const PARSING = /^failed to parse the CEL expression '[\s\S]*?': (?=ERROR)/

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
    authorizer: authorizerOf(core, attributes),
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
        throw new Error(`composited variable ${JSON.stringify(name)} fails to ${found.error}`)
      },
    })
  }
  return out
}

function computed(expression: string, activation: Activation, mutates: boolean): Evaluated {
  const program = programOf(expression, mutates)
  if (typeof program === 'string') return { error: `compile: ${program}` }
  try {
    return { value: program.run(activation) }
  } catch (error) {
    if (!isFault(error, 'CEL_EVAL', 'CEL_COST')) throw error
    return { error: `evaluate: ${whyOf(error.message)}` }
  }
}

/** Evaluates an expression on what a request shows. */
export function evaluate(expression: string, activation: Activation, mutates = false): Evaluated {
  const program = programOf(expression, mutates)
  if (typeof program === 'string')
    return { error: `compilation error: compilation failed: ${program}` }
  try {
    return { value: program.run(activation) }
  } catch (error) {
    if (!isFault(error, 'CEL_EVAL', 'CEL_COST')) throw error
    if (error.code === 'CEL_COST')
      return {
        error:
          'validation failed due to running out of cost budget, no further validation rules will be run',
      }
    const text = expression.trim()
    return { error: `expression '${text}' resulted in error: ${whyOf(error.message)}` }
  }
}

/** The reason alone, without the words about which expression failed. */
function whyOf(message: string): string {
  return message.replace(/^failed to evaluate the CEL expression '[\s\S]*?': (?=[^']*$)/, '')
}

/** What match conditions say: yes, no (by the condition of a name), or that one failed. */
export function conditionsMatch(
  conditions: Json | undefined,
  activation: Activation,
): boolean | { readonly error: string } {
  const errors: string[] = []
  for (const each of objectsOf(conditions)) {
    const result = evaluate(String(each['expression']), activation)
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

function authorizerOf(core: Core, attributes: Attributes): Authorizer {
  const { kind, subresource, namespace, name, user } = attributes
  const nothing: AccessQuestion = {
    group: '',
    resource: '',
    subresource: '',
    namespace: '',
    name: '',
    verb: '',
  }
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
  const own = { group: kind.group, resource: kind.plural, subresource, namespace, name, verb: '' }
  return new Authorizer(ask, nothing, own)
}

/** A value of an expression as JSON; undefined where it is none. */
export function jsonOf(value: CelValue): Json | undefined {
  if (typeof value === 'bigint') return Number(value)
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value as Json
  if (isArray(value as Json)) {
    const items = (value as readonly CelValue[]).map(jsonOf)
    return items.some((each) => each === undefined) ? undefined : (items as Json[])
  }
  if (value instanceof Map) return mapOf([...value.entries()])
  if (!isObject(value as Json)) return undefined
  return mapOf(Object.entries(value as Record<string, CelValue>))
}

function mapOf(entries: readonly (readonly [unknown, CelValue])[]): JsonObject | undefined {
  const out: Record<string, Json> = {}
  for (const [key, each] of entries) {
    const item = jsonOf(each)
    if (item === undefined) return undefined
    out[String(key)] = item
  }
  return out
}
