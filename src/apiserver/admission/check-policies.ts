import { type AdmissionOptions, type CelType, simpleType, variableType } from '../../cel/index.ts'
import { isArray, isObject, type JsonObject, type KubeObject } from '../../object/index.ts'
import {
  type Cause,
  dns1035Label,
  dnsSubdomain,
  duplicate,
  forbidden,
  invalid,
  labelSelector,
  notSupported,
  pathSegment,
  qualifiedName,
  required,
} from '../builtin/index.ts'
import type { Kind } from '../kind.ts'
import { ADMISSION_GROUP } from './attributes.ts'
import { checkedExpression, conditionProblems, expressionProblems } from './check-expressions.ts'
import { matchProblems, member, textOf } from './check-rules.ts'
import { webhookProblems } from './check-webhooks.ts'
import { objectsOf } from './matching.ts'

/**
 * What is wrong with a policy or a binding of one.
 * @see kubernetes pkg/apis/admissionregistration/validation/validation.go (v1.36.3)
 */
export function policyProblems(kind: Kind, object: KubeObject): Cause[] {
  if (kind.group !== ADMISSION_GROUP) return []
  const spec = isObject(object['spec']) ? object['spec'] : {}
  switch (kind.kind) {
    case 'ValidatingAdmissionPolicy':
      return validatingProblems(object, spec)
    case 'MutatingAdmissionPolicy':
      return mutatingProblems(spec)
    case 'ValidatingAdmissionPolicyBinding':
      return [...bindingProblems(spec), ...actionProblems(spec)]
    case 'MutatingAdmissionPolicyBinding':
      return bindingProblems(spec)
    case 'ValidatingWebhookConfiguration':
      return webhookProblems(object, false)
    case 'MutatingWebhookConfiguration':
      return webhookProblems(object, true)
    default:
      return []
  }
}

/** The kind of objects that parameterize a policy. */
function paramKindProblems(kind: JsonObject, path: string): Cause[] {
  const version = textOf(kind, 'apiVersion')
  const causes: Cause[] = []
  if (version === '') causes.push(required(`${path}.apiVersion`))
  else causes.push(...versionProblems(version, `${path}.apiVersion`))
  const name = textOf(kind, 'kind')
  if (name === '') return [...causes, required(`${path}.kind`)]
  const words = dns1035Label(name.toLowerCase())
  if (words.length === 0) return causes
  const why = `may have mixed case, but should otherwise match: ${words.join(',')}`
  return [...causes, invalid(`${path}.kind`, name, why)]
}

function versionProblems(text: string, path: string): Cause[] {
  const parts = text.split('/')
  if (parts.length > 2) return [invalid(path, text, `unexpected GroupVersion string: ${text}`)]
  const [version = '', group = ''] = [...parts].reverse()
  const causes: Cause[] = []
  const ofGroup = group === '' ? [] : dnsSubdomain(group)
  if (ofGroup.length > 0) causes.push(invalid(path, group, ofGroup.join(',')))
  if (version === '') return [...causes, invalid(path, text, 'version must be specified')]
  const words = dns1035Label(version)
  return words.length === 0 ? causes : [...causes, invalid(path, version, words.join(','))]
}

function commonProblems(spec: JsonObject): Cause[] {
  const causes = member(spec, 'failurePolicy', ['Fail', 'Ignore'], 'spec.failurePolicy')
  const { paramKind, matchConstraints } = spec
  if (isObject(paramKind)) causes.push(...paramKindProblems(paramKind, 'spec.paramKind'))
  if (isObject(matchConstraints)) {
    const at = 'spec.matchConstraints'
    if (objectsOf(matchConstraints['resourceRules']).length === 0)
      causes.push(required(`${at}.resourceRules`))
    causes.push(...matchProblems(matchConstraints, at))
  } else causes.push(required('spec.matchConstraints'))
  causes.push(...conditionProblems(spec, 'spec.matchConditions', namesIn(spec)))
  return causes
}

/** What expressions of a policy may name, but for its variables. */
function namesIn(spec: JsonObject): AdmissionOptions {
  const params = isObject(spec['paramKind']) ? simpleType('dyn') : undefined
  return { authorizer: true, params }
}

function validatingProblems(object: KubeObject, spec: JsonObject): Cause[] {
  const causes = commonProblems(spec)
  const hasVariables = objectsOf(spec['variables']).length > 0
  const variables = new Map<string, CelType>()
  const options = { ...namesIn(spec), ...(hasVariables ? { variables } : {}) }
  causes.push(...allVariables(spec, options, variables))
  return [...causes, ...validationProblems(object, spec, options)]
}

function mutatingProblems(spec: JsonObject): Cause[] {
  const causes = commonProblems(spec)
  const variables = new Map<string, CelType>()
  const options = { ...namesIn(spec), variables }
  causes.push(...allVariables(spec, options, variables))
  return [...causes, ...mutationProblems(spec, { ...options, mutates: true })]
}

/** What is wrong with variables; each knows those before it. */
function allVariables(
  spec: JsonObject,
  options: AdmissionOptions,
  known: Map<string, CelType>,
): Cause[] {
  return objectsOf(spec['variables']).flatMap((each, i) => {
    const place = `spec.variables[${i}]`
    const { causes, type } = checkedExpression(each, 'expression', place, { options })
    known.set(textOf(each, 'name'), type === undefined ? simpleType('dyn') : variableType(type))
    return [...nameProblems(each, place), ...causes]
  })
}

const IDENTIFIER = /^[_a-zA-Z][_a-zA-Z0-9]*$/

function nameProblems(variable: JsonObject, at: string): Cause[] {
  const name = textOf(variable, 'name')
  const causes: Cause[] = []
  if (name === '') causes.push(required(`${at}.name`, 'name is not specified'))
  else if (!IDENTIFIER.test(name))
    causes.push(invalid(`${at}.name`, name, 'must be a valid CEL identifier'))
  return causes
}

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge']

function validationProblems(
  object: KubeObject,
  spec: JsonObject,
  options: AdmissionOptions,
): Cause[] {
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
        ...expressionProblems(each, 'expression', at, { types: ['bool'], options }),
        ...messageProblems(each, at, options),
        ...(reason !== '' && !REASONS.includes(reason)
          ? [notSupported(`${at}.reason`, reason, REASONS)]
          : []),
      ]
    }),
    ...annotations.flatMap((each, i) => {
      const at = `spec.auditAnnotations[${i}]`
      const types = ['string', 'null_type']
      return [
        ...keyProblems(object, textOf(each, 'key'), `${at}.key`),
        ...expressionProblems(each, 'valueExpression', at, { types, options }),
      ]
    }),
  ]
}

function keyProblems(object: KubeObject, key: string, at: string): Cause[] {
  const { name = '' } = object.metadata
  if (name === '') return [invalid(at, key, 'requires metadata.name be non-empty')]
  return qualifiedName(`${name}/${key}`).map((words) => invalid(at, `${name}/${key}`, words))
}

/** What is wrong with how a refusal is told. */
function messageProblems(validation: JsonObject, at: string, options: AdmissionOptions): Cause[] {
  const causes: Cause[] = []
  const [expression, message] = ['messageExpression', 'message'].map((key) =>
    textOf(validation, key),
  ) as [string, string]
  const empty = 'must be non-empty if specified'
  if (expression !== '' && expression.trim() === '')
    causes.push(invalid(`${at}.messageExpression`, expression, empty))
  else if (expression !== '')
    causes.push(
      ...expressionProblems(validation, 'messageExpression', at, {
        types: ['string'],
        options: { ...options, authorizer: false },
      }),
    )
  if (message !== '' && message.trim() === '') causes.push(invalid(`${at}.message`, message, empty))
  else if (/[\n\r]/.test(message.trim()))
    causes.push(invalid(`${at}.message`, message, 'must not contain line breaks'))
  return causes
}

const PATCH_TYPES = ['ApplyConfiguration', 'JSONPatch']

function mutationProblems(spec: JsonObject, options: AdmissionOptions): Cause[] {
  const mutations = objectsOf(spec['mutations'])
  const causes =
    mutations.length === 0
      ? [required('spec.mutations', 'mutations must contain at least one item')]
      : []
  for (const [i, each] of mutations.entries())
    causes.push(...oneMutation(each, `spec.mutations[${i}]`, options))
  if (textOf(spec, 'reinvocationPolicy') === '') causes.push(required('spec.reinvocationPolicy'))
  const allowed = ['IfNeeded', 'Never']
  return [...causes, ...member(spec, 'reinvocationPolicy', allowed, 'spec.reinvocationPolicy')]
}

function oneMutation(mutation: JsonObject, at: string, options: AdmissionOptions): Cause[] {
  const type = textOf(mutation, 'patchType')
  if (type === '') return [required(`${at}.patchType`)]
  if (!PATCH_TYPES.includes(type)) return [notSupported(`${at}.patchType`, type, PATCH_TYPES)]
  const own = type === 'JSONPatch' ? 'jsonPatch' : 'applyConfiguration'
  const other = type === 'JSONPatch' ? 'applyConfiguration' : 'jsonPatch'
  const part = mutation[own]
  const causes: Cause[] = []
  if (isObject(part))
    causes.push(
      ...expressionProblems(part, 'expression', `${at}.${own}`, {
        types: [type === 'JSONPatch' ? 'list(JSONPatch)' : 'Object'],
        missing: '',
        options,
      }),
    )
  else causes.push(required(`${at}.${own}`, `must be specified when patchType is ${type}`))
  if (mutation[other] !== undefined)
    causes.push(
      invalid(`${at}.${other}`, `{${other}}`, `must not be specified when patchType is ${type}`),
    )
  return causes
}

function bindingProblems(spec: JsonObject): Cause[] {
  const policy = textOf(spec, 'policyName')
  const place = 'spec.policyName'
  const causes: Cause[] =
    policy === ''
      ? [required(place)]
      : dnsSubdomain(policy).map((message) => invalid(place, policy, message))
  const { paramRef, matchResources } = spec
  if (isObject(paramRef)) causes.push(...paramProblems(paramRef, 'spec.paramRef'))
  if (isObject(matchResources)) causes.push(...matchProblems(matchResources, 'spec.matchResources'))
  return causes
}

function paramProblems(ref: JsonObject, at: string): Cause[] {
  const causes: Cause[] = []
  const name = textOf(ref, 'name')
  const named = name !== ''
  for (const message of named ? pathSegment(name) : [])
    causes.push(invalid(`${at}.name`, name, message))
  if (isObject(ref['selector'])) causes.push(...labelSelector(ref['selector'], `${at}.selector`))
  if (named && ref['selector'] !== undefined)
    for (const key of ['name', 'selector'])
      causes.push(forbidden(`${at}.${key}`, 'name and selector are mutually exclusive'))
  if (!named && ref['selector'] === undefined)
    causes.push(required(at, 'one of name or selector must be specified'))
  if (textOf(ref, 'parameterNotFoundAction') === '')
    causes.push(required(`${at}.parameterNotFoundAction`))
  const allowed = ['Deny', 'Allow']
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
  const causes =
    actions.length === 0 ? [required(at, 'at least one validation action is required')] : []
  for (const [i, each] of actions.entries()) {
    if (!ACTIONS.includes(each)) causes.push(notSupported(`${at}[${i}]`, each, ACTIONS))
    if (actions.indexOf(each) < i) causes.push(duplicate(`${at}[${i}]`, each))
  }
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
