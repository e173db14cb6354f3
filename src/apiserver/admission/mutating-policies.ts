import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../../object/index.ts'
import { conform } from '../../schema/index.ts'
import type { Core } from '../core.ts'
import { applyPatch } from '../fields/index.ts'
import type { Kind } from '../kind.ts'
import { jsonPatch } from '../patch/index.ts'
import { conformTo, typeOf, withDefaults } from '../pipeline.ts'
import { StatusFault } from '../status.ts'
import { type Attributes, refused } from './attributes.ts'
import { type Invocation, invocationsFor, specIn } from './bindings.ts'
import { activationOf, conditionsMatch, evaluate, jsonOf } from './expressions.ts'
import { objectsOf } from './matching.ts'

/**
 * Lets the MutatingAdmissionPolicies that are bound to what a request does change its object, in the
 * order of their names; those with `reinvocationPolicy: IfNeeded` once more when a later one changed it.
 * @throws StatusFault when one fails that must not
 * @see k8s.io/apiserver pkg/admission/plugin/policy/mutating/dispatcher.go (v0.36.3)
 */
export function mutatedByPolicies(
  core: Core,
  attributes: Attributes,
  object: KubeObject,
): KubeObject {
  const invocations = invocationsFor(core, { ...attributes, object }, 'mutating')
  if (invocations.length === 0) return object
  const first = round(core, attributes, object, invocations)
  const again = invocations.filter(
    (each) =>
      specIn(each.policy)['reinvocationPolicy'] === 'IfNeeded' &&
      first.changedBy.some((other) => invocations.indexOf(other) > invocations.indexOf(each)),
  )
  return again.length === 0 ? first.object : round(core, attributes, first.object, again).object
}

interface Round {
  readonly object: KubeObject
  readonly changedBy: readonly Invocation[]
}

function round(
  core: Core,
  attributes: Attributes,
  start: KubeObject,
  invocations: readonly Invocation[],
): Round {
  let object = start
  const errors: string[] = []
  const changedBy: Invocation[] = []
  for (const invocation of invocations) {
    const result = invoked(core, { ...attributes, object }, object, invocation)
    if ('error' in result) {
      if (specIn(invocation.policy)['failurePolicy'] !== 'Ignore') errors.push(result.error)
      continue
    }
    if (result.object !== object) changedBy.push(invocation)
    object = result.object
  }
  if (errors.length > 0) throw failure(attributes, errors)
  return { object, changedBy }
}

function failure(attributes: Attributes, errors: readonly string[]): StatusFault {
  const fault = refused(attributes, '')
  return new StatusFault({
    code: 403,
    reason: 'Invalid',
    message: errors[0] ?? '',
    details: { ...fault.details, causes: errors.map((message) => ({ message })) },
  })
}

type Result = { readonly object: KubeObject } | { readonly error: string }

function invoked(
  core: Core,
  attributes: Attributes,
  start: KubeObject,
  invocation: Invocation,
): Result {
  const { policy, binding, params } = invocation
  const spec = specIn(policy)
  const name = policy.metadata.name ?? ''
  const fail = (why: string): Result => ({
    error:
      binding === undefined
        ? `policy ${JSON.stringify(name)} denied request: ${why}`
        : `policy '${name}' with binding '${binding.metadata.name}' denied request: ${why}`,
  })
  if (invocation.error !== undefined)
    return fail(
      `failed to configure ${binding === undefined ? 'policy' : 'binding'}: ${invocation.error}`,
    )
  let object = start
  for (const mutation of objectsOf(spec['mutations'])) {
    const activation = activationOf(
      core,
      { ...attributes, object },
      {
        mutates: true,
        ...(params === undefined ? {} : { params }),
        ...(spec['variables'] === undefined ? {} : { variables: spec['variables'] }),
      },
    )
    const matched = object === start ? conditionsMatch(spec['matchConditions'], activation) : true
    if (matched === false) return { object }
    if (matched !== true) return fail(matched.error)
    const result = mutated(attributes.kind, object, mutation, activation)
    if ('error' in result) return fail(result.error)
    object = result.object
  }
  return { object }
}

function mutated(
  kind: Kind,
  object: KubeObject,
  mutation: JsonObject,
  activation: Parameters<typeof evaluate>[1],
): Result {
  const isApply = mutation['patchType'] === 'ApplyConfiguration'
  const part = mutation[isApply ? 'applyConfiguration' : 'jsonPatch']
  const expression = isObject(part) ? String(part['expression']) : ''
  const result = evaluate(expression, activation, true)
  if ('error' in result) return result
  const value = jsonOf(result.value)
  return isApply ? merged(kind, object, value) : patched(kind, object, value)
}

function merged(kind: Kind, object: KubeObject, value: Json | undefined): Result {
  if (!isObject(value)) return { error: 'type mismatch: unsupported return type' }
  const { managedFields: _, ...metadata } = object.metadata
  const live = { ...object, metadata } as KubeObject
  const given = isObject(value['metadata']) ? value['metadata'] : {}
  const applied = {
    ...value,
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { ...given, name: metadata.name },
  } as unknown as KubeObject
  const result = applyPatch({
    type: typeOf(kind),
    live,
    apiVersion: object.apiVersion,
    force: true,
    reset: [],
    typeOf: () => typeOf(kind),
    applied,
    manager: 'mutating-admission-policy',
    now: 0,
  })
  if ('refusal' in result) return { error: `error applying patch: ${result.refusal.message}` }
  return formed(kind, object, result.object)
}

function patched(kind: Kind, object: KubeObject, value: Json | undefined): Result {
  const operations = (isArray(value) ? value : []).map((each) =>
    isObject(each) ? { ...each, path: String(each['path'] ?? '') } : each,
  )
  const result = jsonPatch(object as unknown as JsonObject, operations)
  if ('object' in result) return formed(kind, object, result.object as unknown as KubeObject)
  // A test that fails leaves the object as it is.
  return /test/i.test(result.refusal.message)
    ? { object }
    : { error: `JSON Patch: ${result.refusal.message}` }
}

/** Who owns what does not change by a policy. */
function formed(kind: Kind, before: KubeObject, after: KubeObject): Result {
  const { managedFields } = before.metadata
  const { managedFields: _, ...metadata } = after.metadata
  const whole = {
    ...after,
    metadata: { ...metadata, ...(managedFields === undefined ? {} : { managedFields }) },
  } as KubeObject
  const mismatch =
    kind.custom === undefined
      ? conform(whole as unknown as JsonObject, typeOf(kind)).mismatches[0]
      : undefined
  if (mismatch !== undefined) return { error: mismatch.message }
  return { object: withDefaults(kind, conformTo(kind, whole).object) }
}
