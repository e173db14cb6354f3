import { isFault } from '../../base/index.ts'
import { jsonOf } from '../../cel/index.ts'
import {
  applyJsonPatch,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../../object/index.ts'
import { conform, type SchemaType } from '../../schema/index.ts'
import { converted } from '../convert/convert.ts'
import type { Core } from '../core.ts'
import { applyPatch } from '../fields/index.ts'
import type { Kind } from '../kind.ts'
import { conformTo, typeOf, withDefaults } from '../pipeline.ts'
import { StatusFault } from '../status.ts'
import { type Attributes, refused } from './attributes.ts'
import { attributesAs, type Invocation, invocationsFor, specIn } from './bindings.ts'
import { activationOf, conditionsMatch, evaluate } from './expressions.ts'
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
  { again: isAgain = false }: { readonly again?: boolean } = {},
): KubeObject {
  const all = invocationsFor(core, { ...attributes, object }, 'mutating')
  // After webhooks only those have their turn that ask for it.
  const invocations = isAgain ? all.filter(isAsking) : all
  if (invocations.length === 0) return object
  const first = round(core, attributes, object, invocations)
  const again = invocations.filter(
    (each) =>
      isAsking(each) &&
      first.changedBy.some((other) => invocations.indexOf(other) > invocations.indexOf(each)),
  )
  return again.length === 0 ? first.object : round(core, attributes, first.object, again).object
}

function isAsking({ policy }: Invocation): boolean {
  return specIn(policy)['reinvocationPolicy'] === 'IfNeeded'
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
  const errors: Failure[] = []
  const changedBy: Invocation[] = []
  for (const invocation of invocations) {
    const result = invoked(core, { ...attributes, object }, object, invocation)
    if ('error' in result) {
      if (specIn(invocation.policy)['failurePolicy'] !== 'Ignore') errors.push(result)
      continue
    }
    if (result.object !== object) changedBy.push(invocation)
    object = result.object
  }
  if (errors.length > 0) throw failure(attributes, errors)
  return { object, changedBy }
}

function failure(attributes: Attributes, errors: readonly Failure[]): StatusFault {
  const fault = refused(attributes, '')
  const [first] = errors
  return new StatusFault({
    code: 403,
    reason: first?.reason ?? 'Invalid',
    message: first?.error ?? '',
    details: { ...fault.details, causes: errors.map(({ error }) => ({ message: error })) },
  })
}

/** Why a policy could not do what it is there for. */
interface Failure {
  readonly error: string
  readonly reason?: 'Forbidden'
}

type Result = { readonly object: KubeObject } | Failure

function invoked(
  core: Core,
  attributes: Attributes,
  start: KubeObject,
  invocation: Invocation,
): Result {
  const { policy, binding, as } = invocation
  const name = policy.metadata.name ?? ''
  const fail = (why: string): Failure => ({
    error:
      binding === undefined
        ? `policy ${JSON.stringify(name)} denied request: ${why}`
        : `policy '${name}' with binding '${binding.metadata.name}' denied request: ${why}`,
  })
  if (invocation.error !== undefined) {
    const part = binding === undefined ? 'policy' : 'binding'
    return { ...fail(`failed to configure ${part}: ${invocation.error}`), reason: 'Forbidden' }
  }
  const seen = attributesAs(attributes, as)
  const result = changed(core, seen, seen.object ?? start, invocation)
  if ('error' in result) return fail(result.error)
  if (result.object === seen.object || seen === attributes) return result
  return { object: converted(result.object, attributes.kind) }
}

function changed(
  core: Core,
  attributes: Attributes,
  start: KubeObject,
  { policy, params, as }: Invocation,
): Result {
  const spec = specIn(policy)
  let object = start
  for (const mutation of objectsOf(spec['mutations'])) {
    const activation = activationOf(
      core,
      { ...attributes, object },
      {
        as,
        mutates: true,
        ...(params === undefined ? {} : { params }),
        ...(spec['variables'] === undefined ? {} : { variables: spec['variables'] }),
      },
    )
    const matched = object === start ? conditionsMatch(spec['matchConditions'], activation) : true
    if (matched === false) return { object }
    if (matched !== true) return matched
    const result = mutated(as, object, mutation, activation)
    if ('error' in result) return result
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
  const result = evaluate(expression, activation, { mutates: true })
  if ('error' in result) return result
  const value = jsonOf(result.value)
  return isApply ? merged(kind, object, value) : patched(kind, object, value)
}

function merged(kind: Kind, object: KubeObject, value: Json | undefined): Result {
  if (!isObject(value)) return { error: 'type mismatch: unsupported return type' }
  const { managedFields: _, ...metadata } = object.metadata
  const live = { ...object, metadata } as KubeObject
  const given = isObject(value['metadata']) ? value['metadata'] : {}
  const named = metadata.name === undefined ? {} : { name: metadata.name }
  const applied = {
    ...value,
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { ...named, ...given },
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
  if ('refusal' in result)
    return { error: `error applying patch: ${untold(result.refusal.message)}` }
  const atoms = atomicPlaces(value, typeOf(kind))
  if (atoms.length > 0)
    return {
      error: `error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atoms.join(', ')}`,
    }
  return formed(kind, object, result.object)
}

function untold(message: string): string {
  return message.replace(
    /^failed to create typed patch object \([^)]*\): /,
    'failed to convert patch object to typed object: ',
  )
}

/** Where a value has lists, maps or structs that are only ever taken whole: what they held would go. */
function atomicPlaces(value: Json, type: SchemaType, path = ''): string[] {
  if (isArray(value) && type.list !== undefined) {
    const { associative, element } = type.list
    const inner = value.flatMap((item, i) => atomicPlaces(item, element, `${path}[${i}]`))
    return associative ? inner : [path, ...inner]
  }
  if (!isObject(value) || type.map === undefined) return []
  const { fields, atomic } = type.map
  const inner = Object.entries(value).flatMap(([key, item]) => {
    const field = fields.get(key)
    return field === undefined ? [] : atomicPlaces(item ?? null, field.type, `${path}.${key}`)
  })
  return atomic ? [path, ...inner] : inner
}

function patched(kind: Kind, object: KubeObject, value: Json | undefined): Result {
  const operations = (isArray(value) ? value : []).filter(isObject)
  try {
    const next = applyJsonPatch(object as unknown as Json, operations as never)
    return formed(kind, object, next as unknown as KubeObject)
  } catch (error) {
    if (!isFault(error, 'JSON_PATCH')) throw error
    // A test that fails leaves the object as it is.
    if (error.message.endsWith('test failed')) return { object }
    return { error: `JSON Patch: ${error.message}` }
  }
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
  if (mismatch !== undefined)
    throw new StatusFault({
      code: 500,
      reason: 'InternalError',
      message: `Internal error occurred: ${mismatch.message}`,
      details: { causes: [{ message: mismatch.message }] },
    })
  return { object: withDefaults(kind, conformTo(kind, whole).object) }
}
