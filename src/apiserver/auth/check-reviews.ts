import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../../object/index.ts'
import type { Ask } from '../ask.ts'
import {
  type Cause,
  forbidden,
  goMetadata,
  invalid,
  labelValue,
  qualifiedName,
  required,
} from '../builtin/index.ts'
import type { Core } from '../core.ts'
import type { Kind } from '../kind.ts'
import { badRequest, conflict, notFound, StatusFault } from '../status.ts'

const AUTHORIZATION = 'authorization.k8s.io'

function specOf(body: KubeObject): JsonObject {
  return isObject(body['spec']) ? body['spec'] : {}
}

/**
 * Refuses reviews of access that ask for nothing, or for two things.
 * @throws StatusFault 422
 * @see kubernetes pkg/apis/authorization/validation/validation.go (v1.36.3)
 */
export function refuseReview(ask: Ask, body: KubeObject): void {
  const { plural } = ask.kind
  const causes = [
    ...metadataOf(body, plural === 'localsubjectaccessreviews'),
    ...attributesOf(specOf(body)),
    ...selectorsOf(specOf(body)),
    ...(plural === 'selfsubjectaccessreviews' ? [] : subjectOf(specOf(body))),
    ...(plural === 'localsubjectaccessreviews' ? localOf(specOf(body), ask.namespace) : []),
  ]
  if (causes.length > 0) throw nameless(AUTHORIZATION, '', causes)
}

function metadataOf(body: KubeObject, isLocal: boolean): Cause[] {
  // What belongs to no namespace has lost the one that it was given.
  const { namespace: _n, ...given } = body.metadata
  const { managedFields: _, ...rest } = given
  if (Object.values(rest).every((each) => each === undefined || each === '')) return []
  const why = `must be empty${isLocal ? ' except for namespace' : ''}`
  const shown = isLocal ? body.metadata : given
  return [invalid('metadata', goMetadata(shown as unknown as JsonObject), why)]
}

function selectorsOf(spec: JsonObject): Cause[] {
  const thing = spec['resourceAttributes']
  if (!isObject(thing)) return []
  return ['fieldSelector', 'labelSelector'].flatMap((key) => {
    const selector = thing[key]
    const path = `spec.resourceAttributes.${key}`
    return isObject(selector) ? selectorCauses(selector, path) : []
  })
}

function selectorCauses(selector: JsonObject, path: string): Cause[] {
  const { rawSelector: raw = '', requirements } = selector
  const given = (isArray(requirements) ? requirements : []).filter(isObject)
  const causes: Cause[] = []
  if (raw !== '' && given.length > 0)
    causes.push(
      invalid(`${path}.rawSelector`, raw, 'may not specified at the same time as requirements'),
    )
  if (raw === '' && given.length === 0)
    causes.push(
      required(
        `${path}.requirements`,
        `when ${path} is specified, requirements or rawSelector is required`,
      ),
    )
  const isLabels = path.endsWith('labelSelector')
  for (const [i, each] of given.entries())
    causes.push(...requirementCauses(each, `${path}.requirements[${i}]`, isLabels))
  return causes
}

/** Operators that nobody knows yet are let pass. */
function requirementCauses(each: JsonObject, path: string, isLabels: boolean): Cause[] {
  const { key = '', operator } = each
  const values = (isArray(each['values']) ? each['values'] : []).map(String)
  const causes: Cause[] = []
  const place = `${path}.values`
  if (!isLabels && key === '') causes.push(required(`${path}.key`, 'must be specified'))
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0)
    causes.push(required(place, "must be specified when `operator` is 'In' or 'NotIn'"))
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0)
    causes.push(
      forbidden(place, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
    )
  if (!isLabels) return causes
  for (const why of qualifiedName(String(key))) causes.push(invalid(`${path}.key`, key, why))
  for (const [i, value] of values.entries())
    for (const why of labelValue(value)) causes.push(invalid(`${place}[${i}]`, value, why))
  return causes
}

function attributesOf(spec: JsonObject): Cause[] {
  const { resourceAttributes: thing, nonResourceAttributes: path } = spec
  if (isObject(thing) && isObject(path))
    return [
      invalid(
        'spec.nonResourceAttributes',
        goPath(path),
        'cannot be specified in combination with resourceAttributes',
      ),
    ]
  if (isObject(thing) || isObject(path)) return []
  return [
    invalid(
      'spec.resourceAttributes',
      null,
      'exactly one of nonResourceAttributes or resourceAttributes must be specified',
    ),
  ]
}

function goPath({ path, verb }: JsonObject): Json {
  return { Path: path ?? '', Verb: verb ?? '' }
}

function subjectOf({ user, groups }: JsonObject): Cause[] {
  if ((user ?? '') !== '' || (isArray(groups) && groups.length > 0)) return []
  return [invalid('spec.user', '', 'at least one of user or group must be specified')]
}

function localOf(spec: JsonObject, namespace: string): Cause[] {
  const { resourceAttributes: thing, nonResourceAttributes: path } = spec
  const causes: Cause[] = []
  const given = isObject(thing) ? String(thing['namespace'] ?? '') : namespace
  const place = 'spec.resourceAttributes.namespace'
  if (given !== namespace) causes.push(invalid(place, given, 'must match metadata.namespace'))
  if (isObject(path))
    causes.push(
      invalid('spec.nonResourceAttributes', goPath(path), 'disallowed on this kind of request'),
    )
  return causes
}

/** A refusal of something that has no name, and whose kind is told only here and there. */
function nameless(group: string, kind: string, causes: readonly Cause[]): StatusFault {
  const texts = [...new Set(causes.map((each) => `${each.field}: ${each.message}`))]
  const all = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  return new StatusFault({
    code: 422,
    reason: 'Invalid',
    message: `${kind}.${group} "" is invalid: ${all}`,
    details: { group, ...(kind === '' ? {} : { kind }), causes },
  })
}

/** @throws StatusFault 400 for a review of rules of no namespace */
export function refuseRulesReview(body: KubeObject): void {
  if ((specOf(body)['namespace'] ?? '') === '') throw badRequest('no namespace on request')
}

/** @throws StatusFault 400 for a review of no token */
export function refuseTokenReview(body: KubeObject): void {
  if ((specOf(body)['token'] ?? '') === '')
    throw badRequest('token is required for TokenReview in authentication')
}

const SHORTEST_S = 600
const LONGEST_S = 2 ** 32

/**
 * The account that a token is asked for. Refuses tokens that would hold too shortly or too long, or be bound to what is not there.
 * @throws StatusFault
 * @see kubernetes pkg/registry/core/serviceaccount/storage/token.go (v1.36.3)
 */
export function refuseTokenRequest(core: Core, ask: Ask, body: KubeObject): KubeObject {
  const { name, namespace, uid } = body.metadata
  const differs = (field: string, value: string | undefined, wanted: string): void => {
    if (value === undefined || value === '' || value === wanted) return
    const why = `must match the service account ${field} if specified`
    const fault = nameless('authentication.k8s.io', 'TokenRequest', [
      invalid(`metadata.${field}`, value, why),
    ])
    throw new StatusFault({
      code: 422,
      reason: 'Invalid',
      message: fault.message.replace(' "" ', ` ${JSON.stringify(ask.name)} `),
      details: { name: ask.name, ...fault.details },
    })
  }
  differs('name', name, ask.name)
  differs('namespace', namespace, ask.namespace)
  const account = core.store.get('serviceaccounts', `${ask.namespace}/${ask.name}`)
  if (account === undefined) throw notFound(ask.kind, ask.name)
  const requests = { group: 'authentication.k8s.io', plural: 'TokenRequest' }
  if ((uid ?? '') !== '' && uid !== account.metadata.uid)
    throw conflict(
      requests,
      ask.name,
      `the UID in the token request (${uid}) does not match the UID of the service account (${account.metadata.uid})`,
    )
  const seconds = specOf(body)['expirationSeconds']
  if (typeof seconds === 'number') refuseDuration(seconds)
  const bound = specOf(body)['boundObjectRef']
  if (isObject(bound)) refuseBound(core, ask, bound)
  return account
}

function refuseDuration(seconds: number): void {
  const path = 'spec.expirationSeconds'
  const refuse = (why: string): never => {
    throw nameless('authentication.k8s.io', 'TokenRequest', [
      invalid(path, seconds, `may not specify a duration ${why}`),
    ])
  }
  if (seconds < SHORTEST_S) refuse('less than 10 minutes')
  if (seconds > LONGEST_S) refuse('larger than 2^32 seconds')
}

const TABLES: Readonly<Record<string, string>> = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' }

function refuseBound(core: Core, ask: Ask, bound: JsonObject): void {
  const text = (key: string): string => String(bound[key] ?? '')
  const [version, group = ''] = text('apiVersion').split('/').reverse()
  const plural = group === '' ? TABLES[text('kind')] : undefined
  if (plural === undefined)
    throw badRequest(
      `cannot bind token to object of type ${group}/${version ?? ''}, Kind=${text('kind')}`,
    )
  const kind: Pick<Kind, 'group' | 'plural'> = { group: '', plural }
  const key = plural === 'nodes' ? text('name') : `${ask.namespace}/${text('name')}`
  const found = core.store.get(plural, key)
  if (found === undefined) throw notFound(kind, text('name'))
  const { spec } = found as KubeObject & { readonly spec?: JsonObject }
  if (plural === 'pods' && spec?.['serviceAccountName'] !== ask.name)
    throw badRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(ask.name)} to pod running with different serviceaccount name.`,
    )
  if (text('uid') !== '' && text('uid') !== found.metadata.uid)
    throw conflict(
      { group: '', plural: text('kind') },
      text('name'),
      `the UID in the bound object reference (${text('uid')}) does not match the UID in record. The object might have been deleted and then recreated`,
    )
}
