import { isFault } from '../../base/index.ts'
import { type Allowance, isEnoughFor, objectAllowance } from '../../cel/index.ts'
import { isArray, type JsonObject } from '../../object/index.ts'
import type { Core } from '../core.ts'
import { StatusFault, type StatusReason } from '../status.ts'
import { type Attributes, refused } from './attributes.ts'
import { attributesAs, type Invocation, invocationsFor, specIn } from './bindings.ts'
import {
  type Activation,
  activationOf,
  conditionsMatch,
  type Evaluated,
  evaluate,
} from './expressions.ts'
import { objectsOf } from './matching.ts'

const MESSAGE_MAX = 5 * 1024

interface Denial {
  readonly invocation: Invocation
  readonly message: string
  readonly reason: string
}

/**
 * Asks the ValidatingAdmissionPolicies that are bound to what a request does. What a binding only
 * warns of becomes a warning; audit annotations have no log to go to here.
 * @throws StatusFault with the first denial
 * @see k8s.io/apiserver pkg/admission/plugin/policy/validating/dispatcher.go (v0.36.3)
 */
export function refuseByPolicy(core: Core, attributes: Attributes): void {
  const denials = invocationsFor(core, attributes, 'validating').flatMap((invocation) =>
    denialsOf(core, attributes, invocation),
  )
  const [first] = denials
  if (first === undefined) return
  const { policy, binding } = first.invocation
  const by = binding === undefined ? '' : ` with binding '${binding.metadata.name}'`
  const message = `ValidatingAdmissionPolicy '${policy.metadata.name}'${by} denied request: ${first.message}`
  throw denied(attributes, message, first.reason)
}

/** A refusal by a policy, under the reason that the policy gives. */
function denied(attributes: Attributes, message: string, reason: string): StatusFault {
  const fault = refused(attributes, message)
  const status = CODES[reason] ?? 422
  return new StatusFault({
    code: status,
    reason: reason as StatusReason,
    message: fault.message,
    details: { ...fault.details, causes: [{ message }] },
  })
}

const CODES: Readonly<Record<string, number>> = {
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
  Invalid: 422,
}

function denialsOf(core: Core, attributes: Attributes, invocation: Invocation): Denial[] {
  const { policy, binding, error } = invocation
  const spec = specIn(policy)
  const ignores = spec['failurePolicy'] === 'Ignore'
  if (error !== undefined) {
    const part = binding === undefined ? 'policy' : 'binding'
    const message = `failed to configure ${part}: ${error}`
    return ignores ? [] : [{ invocation, message, reason: 'Invalid' }]
  }
  const actions = binding === undefined ? [] : specIn(binding)['validationActions']
  const found = decisionsOf(core, attributes, invocation)
  return found.flatMap(({ message, reason, failed }) => {
    if (failed && ignores) return []
    if (isArray(actions) && actions.includes('Warn'))
      attributes.warnings.push(
        `Validation failed for ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding?.metadata.name}': ${message}`,
      )
    return isArray(actions) && actions.includes('Deny') ? [{ invocation, message, reason }] : []
  })
}

interface Decision {
  readonly message: string
  readonly reason: string
  /** It could not be decided. */
  readonly failed: boolean
}

function decisionsOf(core: Core, attributes: Attributes, invocation: Invocation): Decision[] {
  const spec = specIn(invocation.policy)
  const { params, as } = invocation
  const activation = activationOf(core, attributesAs(attributes, as), {
    as,
    ...(params === undefined ? {} : { params }),
    ...(spec['variables'] === undefined ? {} : { variables: spec['variables'] }),
  })
  const matched = conditionsMatch(spec['matchConditions'], activation)
  if (matched === false) return []
  if (matched !== true) return [{ message: matched.error, reason: 'Invalid', failed: true }]
  return [
    ...validationsOf(spec, activation),
    ...objectsOf(spec['auditAnnotations']).flatMap((each) => annotationOf(each, activation)),
  ]
}

/** Annotations have no log to go to here, but what can not be computed is told. */
function annotationOf(annotation: JsonObject, activation: Activation): Decision[] {
  const result = evaluate(String(annotation['valueExpression']), activation)
  return 'error' in result ? [{ message: result.error, reason: 'Invalid', failed: true }] : []
}

/** What the validations say; where they are too dear together, that alone is told. */
function validationsOf(spec: JsonObject, activation: Activation): Decision[] {
  const allowance = objectAllowance()
  const validations = objectsOf(spec['validations'])
  try {
    const results = validations.map((each) =>
      evaluate(String(each['expression']), activation, { allowance }),
    )
    const messages = messagesOf(validations, results, { activation, allowance })
    return results.flatMap((result, i) => decisionOf(validations[i] ?? {}, result, messages[i]))
  } catch (error) {
    if (!isFault(error, 'CEL_BUDGET')) throw error
    return [{ message: error.message, reason: 'Invalid', failed: true }]
  }
}

/** A message that was computed, or why none of them could be. */
type Message = Evaluated | { readonly failed: string } | undefined

interface Asking {
  readonly activation: Activation
  readonly allowance: Allowance
}

/**
 * The messages of all validations, also of those that hold: together they may be too dear. Where
 * nothing was refused, and they can not be, they are not computed.
 */
function messagesOf(
  validations: readonly JsonObject[],
  results: readonly Evaluated[],
  { activation, allowance }: Asking,
): Message[] {
  const expressions = validations.map(({ messageExpression }) => messageExpression)
  const holds = results.every((result) => 'value' in result && result.value === true)
  if (holds && isEnoughFor(allowance, expressions.filter(Boolean).length)) return []
  try {
    return expressions.map((text) =>
      typeof text !== 'string' || text === ''
        ? undefined
        : evaluate(text, activation, { allowance }),
    )
  } catch (error) {
    if (!isFault(error, 'CEL_BUDGET')) throw error
    return expressions.map(() => ({ failed: `failed messageExpression: ${error.message}` }))
  }
}

function decisionOf(validation: JsonObject, result: Evaluated, message: Message): Decision[] {
  if ('error' in result) return [{ message: result.error, reason: 'Invalid', failed: true }]
  if (message !== undefined && 'failed' in message)
    return [{ message: message.failed, reason: 'Invalid', failed: true }]
  if (result.value === true) return []
  const reason = typeof validation['reason'] === 'string' ? validation['reason'] : 'Invalid'
  return [{ message: messageOf(validation, message), reason, failed: false }]
}

function messageOf({ message, expression }: JsonObject, computed: Evaluated | undefined): string {
  if (computed !== undefined && 'value' in computed && typeof computed.value === 'string') {
    const text = computed.value.trim()
    if (text !== '' && text.length <= MESSAGE_MAX && !text.includes('\n')) return text
  }
  if (typeof message === 'string' && message !== '') return message.trim()
  return `failed expression: ${String(expression).trim()}`
}
