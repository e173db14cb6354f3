import { isArray, type JsonObject } from '../../object/index.ts'
import type { Core } from '../core.ts'
import { StatusFault, type StatusReason } from '../status.ts'
import { type Attributes, refused } from './attributes.ts'
import { attributesAs, type Invocation, invocationsFor, specIn } from './bindings.ts'
import { type Activation, activationOf, conditionsMatch, evaluate } from './expressions.ts'
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
    ...objectsOf(spec['validations']).flatMap((each) => decisionOf(each, activation)),
    ...objectsOf(spec['auditAnnotations']).flatMap((each) => annotationOf(each, activation)),
  ]
}

/** Annotations have no log to go to here, but what can not be computed is told. */
function annotationOf(annotation: JsonObject, activation: Activation): Decision[] {
  const result = evaluate(String(annotation['valueExpression']), activation)
  return 'error' in result ? [{ message: result.error, reason: 'Invalid', failed: true }] : []
}

function decisionOf(validation: JsonObject, activation: Activation): Decision[] {
  const expression = String(validation['expression'])
  const result = evaluate(expression, activation)
  if ('error' in result) return [{ message: result.error, reason: 'Invalid', failed: true }]
  if (result.value === true) return []
  const reason = typeof validation['reason'] === 'string' ? validation['reason'] : 'Invalid'
  return [{ message: messageOf(validation, activation), reason, failed: false }]
}

function messageOf(validation: JsonObject, activation: Activation): string {
  const { messageExpression, message, expression } = validation
  if (typeof messageExpression === 'string' && messageExpression !== '') {
    const result = evaluate(messageExpression, activation)
    const text = 'value' in result && typeof result.value === 'string' ? result.value.trim() : ''
    if (text !== '' && text.length <= MESSAGE_MAX && !text.includes('\n')) return text
  }
  if (typeof message === 'string' && message !== '') return message.trim()
  return `failed expression: ${String(expression).trim()}`
}
