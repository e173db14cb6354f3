import { messageOf } from '../../base/index.ts'
import { admissionEnvironment, compile } from '../../cel/index.ts'
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../../object/index.ts'
import { type Cause, forbidden, invalid, notSupported, required } from '../builtin/index.ts'
import type { Kind } from '../kind.ts'
import { ADMISSION_GROUP } from './attributes.ts'
import { objectsOf } from './matching.ts'
import { withPlainMaps } from './object-literals.ts'

/**
 * What is wrong with a policy or a binding of one.
 * @see kubernetes pkg/apis/admissionregistration/validation/validation.go (v1.36.3)
 */
export function policyProblems(kind: Kind, object: KubeObject): Cause[] {
  if (kind.group !== ADMISSION_GROUP) return []
  const spec = isObject(object['spec']) ? object['spec'] : {}
  switch (kind.kind) {
    case 'ValidatingAdmissionPolicy':
      return [...commonProblems(spec), ...validationProblems(spec)]
    case 'MutatingAdmissionPolicy':
      return [...commonProblems(spec), ...mutationProblems(spec)]
    case 'ValidatingAdmissionPolicyBinding':
      return [...bindingProblems(spec), ...actionProblems(spec)]
    case 'MutatingAdmissionPolicyBinding':
      return bindingProblems(spec)
    default:
      return []
  }
}

function textOf(value: JsonObject, key: string): string {
  const found = value[key]
  return typeof found === 'string' ? found : ''
}

function member(value: JsonObject, key: string, allowed: readonly string[], at: string): Cause[] {
  const found = textOf(value, key)
  return found === '' || allowed.includes(found) ? [] : [notSupported(at, found, allowed)]
}

function commonProblems(spec: JsonObject): Cause[] {
  const causes = member(spec, 'failurePolicy', ['Fail', 'Ignore'], 'spec.failurePolicy')
  const { paramKind, matchConstraints } = spec
  if (isObject(paramKind))
    for (const key of ['apiVersion', 'kind'])
      if (textOf(paramKind, key) === '') causes.push(required(`spec.paramKind.${key}`))
  if (isObject(matchConstraints)) {
    const at = 'spec.matchConstraints'
    if (objectsOf(matchConstraints['resourceRules']).length === 0)
      causes.push(required(`${at}.resourceRules`))
    causes.push(...rulesProblems(matchConstraints, at))
  } else causes.push(required('spec.matchConstraints'))
  for (const [i, each] of objectsOf(spec['matchConditions']).entries()) {
    const at = `spec.matchConditions[${i}]`
    causes.push(...expressionProblems(each, 'expression', at, 'bool', ''))
    if (textOf(each, 'name') === '') causes.push(required(`${at}.name`))
  }
  for (const [i, each] of objectsOf(spec['variables']).entries())
    causes.push(...variableProblems(each, `spec.variables[${i}]`))
  return causes
}

const IDENTIFIER = /^[_a-zA-Z][_a-zA-Z0-9]*$/

function variableProblems(variable: JsonObject, at: string): Cause[] {
  const name = textOf(variable, 'name')
  const causes: Cause[] = []
  if (name === '') causes.push(required(`${at}.name`, 'name is not specified'))
  else if (!IDENTIFIER.test(name))
    causes.push(invalid(`${at}.name`, name, 'must be a valid CEL identifier'))
  return [...causes, ...expressionProblems(variable, 'expression', at, undefined)]
}

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']

function rulesProblems(constraints: JsonObject, path: string): Cause[] {
  return ['resourceRules', 'excludeResourceRules'].flatMap((list) =>
    objectsOf(constraints[list]).flatMap((rule, i) => ruleProblems(rule, `${path}.${list}[${i}]`)),
  )
}

function ruleProblems(rule: JsonObject, at: string): Cause[] {
  const causes: Cause[] = []
  const texts = (key: string): string[] => {
    const list = rule[key]
    return isArray(list) ? list.map(String) : []
  }
  for (const key of ['apiGroups', 'apiVersions', 'resources', 'operations']) {
    const list = texts(key)
    if (list.length === 0) causes.push(required(`${at}.${key}`))
    if (key !== 'resources' && list.includes('*') && list.length > 1)
      causes.push(invalid(`${at}.${key}`, list, "if '*' is present, must not specify other values"))
    if (key === 'apiVersions' || key === 'resources')
      for (const [i, each] of list.entries())
        if (each === '') causes.push(required(`${at}.${key}[${i}]`))
  }
  for (const [i, each] of texts('operations').entries())
    if (!OPERATIONS.includes(each))
      causes.push(notSupported(`${at}.operations[${i}]`, each, OPERATIONS))
  const plain = texts('resources').filter((each) => !each.includes('/'))
  if (plain.includes('*') && plain.length > 1)
    causes.push(
      invalid(
        `${at}.resources`,
        texts('resources'),
        "if '*' is present, must not specify other resources without subresources",
      ),
    )
  return causes
}

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge']

function validationProblems(spec: JsonObject): Cause[] {
  const validations = objectsOf(spec['validations'])
  const annotations = objectsOf(spec['auditAnnotations'])
  const why = 'validations or auditAnnotations must contain at least one item'
  const none =
    validations.length + annotations.length === 0
      ? [required('spec.validations', why), required('spec.auditAnnotations', why)]
      : []
  return [
    ...none,
    ...validations.flatMap((each, i) => {
      const at = `spec.validations[${i}]`
      const reason = textOf(each, 'reason')
      return [
        ...expressionProblems(each, 'expression', at, 'bool'),
        ...(textOf(each, 'messageExpression') === ''
          ? []
          : expressionProblems(each, 'messageExpression', at, 'string')),
        ...(reason !== '' && !REASONS.includes(reason)
          ? [notSupported(`${at}.reason`, reason, REASONS)]
          : []),
      ]
    }),
    ...annotations.flatMap((each, i) => {
      const at = `spec.auditAnnotations[${i}]`
      return [
        ...(textOf(each, 'key') === '' ? [required(`${at}.key`)] : []),
        ...expressionProblems(each, 'valueExpression', at, undefined),
      ]
    }),
  ]
}

const PATCH_TYPES = ['ApplyConfiguration', 'JSONPatch']

function mutationProblems(spec: JsonObject): Cause[] {
  const mutations = objectsOf(spec['mutations'])
  const causes = mutations.length === 0 ? [required('spec.mutations')] : []
  for (const [i, each] of mutations.entries())
    causes.push(...oneMutation(each, `spec.mutations[${i}]`))
  if (textOf(spec, 'reinvocationPolicy') === '') causes.push(required('spec.reinvocationPolicy'))
  const allowed = ['IfNeeded', 'Never']
  return [...causes, ...member(spec, 'reinvocationPolicy', allowed, 'spec.reinvocationPolicy')]
}

function oneMutation(mutation: JsonObject, at: string): Cause[] {
  const type = textOf(mutation, 'patchType')
  if (type === '') return [required(`${at}.patchType`)]
  if (!PATCH_TYPES.includes(type)) return [notSupported(`${at}.patchType`, type, PATCH_TYPES)]
  const own = type === 'JSONPatch' ? 'jsonPatch' : 'applyConfiguration'
  const other = type === 'JSONPatch' ? 'applyConfiguration' : 'jsonPatch'
  const part = mutation[own]
  const causes: Cause[] = []
  if (isObject(part))
    causes.push(
      ...expressionProblems(part, 'expression', `${at}.${own}`, undefined, undefined, true),
    )
  else causes.push(required(`${at}.${own}`, `must be specified when patchType is ${type}`))
  if (mutation[other] !== undefined)
    causes.push(
      invalid(`${at}.${other}`, `{${other}}`, `must not be specified when patchType is ${type}`),
    )
  return causes
}

function bindingProblems(spec: JsonObject): Cause[] {
  const causes: Cause[] = []
  if (textOf(spec, 'policyName') === '') causes.push(required('spec.policyName'))
  const { paramRef, matchResources } = spec
  if (isObject(paramRef)) causes.push(...paramProblems(paramRef, 'spec.paramRef'))
  if (isObject(matchResources)) causes.push(...rulesProblems(matchResources, 'spec.matchResources'))
  return causes
}

function paramProblems(ref: JsonObject, at: string): Cause[] {
  const causes: Cause[] = []
  const named = textOf(ref, 'name') !== ''
  if (named && ref['selector'] !== undefined)
    for (const key of ['name', 'selector'])
      causes.push(forbidden(`${at}.${key}`, 'name and selector are mutually exclusive'))
  if (!named && ref['selector'] === undefined)
    causes.push(required(at, 'one of name or selector must be specified'))
  if (textOf(ref, 'parameterNotFoundAction') === '')
    causes.push(required(`${at}.parameterNotFoundAction`))
  const allowed = ['Allow', 'Deny']
  return [
    ...causes,
    ...member(ref, 'parameterNotFoundAction', allowed, `${at}.parameterNotFoundAction`),
  ]
}

const ACTIONS = ['Audit', 'Deny', 'Warn']

function actionProblems(spec: JsonObject): Cause[] {
  const { validationActions } = spec
  const actions = isArray(validationActions) ? validationActions.map(String) : []
  const at = 'spec.validationActions'
  const causes = actions.length === 0 ? [required(at)] : []
  for (const [i, each] of actions.entries())
    if (!ACTIONS.includes(each)) causes.push(notSupported(`${at}[${i}]`, each, ACTIONS))
  if (actions.includes('Deny') && actions.includes('Warn'))
    causes.push(
      invalid(
        at,
        actions,
        'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
      ),
    )
  return causes
}

/** What is wrong with one expression; `type` is what it has to give. */
function expressionProblems(
  value: JsonObject,
  key: string,
  path: string,
  type: 'bool' | 'string' | undefined,
  missing = `${key === 'valueExpression' ? 'valueExpression' : 'expression'} is not specified`,
  mutates = false,
): Cause[] {
  const at = `${path}.${key}`
  const expression = textOf(value, key).trim()
  if (expression === '') return [required(at, missing)]
  try {
    const text = mutates ? withPlainMaps(expression) : expression
    const environment = admissionEnvironment({ mutates })
    compile(text, type === undefined ? environment : { ...environment, output: type })
    return []
  } catch (error) {
    const message = messageOf(error)
    const mismatch = /output type mismatch: expected (\S+), got (.*)$/s.exec(message)
    const why =
      mismatch === null
        ? `compilation failed: ${message.replace(PARSING, '')}`
        : `must evaluate to ${mismatch[1]} but got ${mismatch[2]}`
    return [invalid(at, value[key] as Json, why)]
  }
}

const PARSING = /^failed to parse the CEL expression '[\s\S]*?': (?=ERROR)/
