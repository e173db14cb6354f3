import { rfc3339, uuid } from '../../base/index.ts'
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../../object/index.ts'
import type { Ask } from '../ask.ts'
import type { Core, User } from '../core.ts'
import { notFound } from '../status.ts'
import {
  refuseReview,
  refuseRulesReview,
  refuseTokenRequest,
  refuseTokenReview,
} from './check-reviews.ts'
import { type Attempt, missingRoles, type Rule, reasonToAllow, rulesFor } from './rbac.ts'
import { type BoundObject, ISSUER, type TokenClaims, type Tokens } from './tokens.ts'

/** Answers what is only asked, never stored; undefined for other resources. */
export function review(
  core: Core,
  tokens: Tokens,
  ask: Ask,
  body: KubeObject,
): KubeObject | undefined {
  switch (`${ask.kind.plural}/${ask.subresource}`) {
    case 'subjectaccessreviews/':
      refuseReview(ask, body)
      return withStatus(body, access(core, subjectOf(body), body))
    case 'localsubjectaccessreviews/': {
      refuseReview(ask, body)
      const local = { ...body, metadata: { ...body.metadata, namespace: ask.namespace } }
      return withStatus(local, access(core, subjectOf(body), body))
    }
    case 'selfsubjectaccessreviews/':
      refuseReview(ask, body)
      return withStatus(body, access(core, ask.user, body))
    case 'selfsubjectrulesreviews/':
      refuseRulesReview(body)
      return withStatus(
        { apiVersion: body.apiVersion, kind: body.kind, metadata: {}, spec: {} },
        rulesStatus(core, ask.user, body),
      )
    case 'selfsubjectreviews/':
      return withStatus(
        { ...body, metadata: { creationTimestamp: rfc3339(core.clock.now()) } },
        { userInfo: infoOf(ask.user) },
      )
    case 'tokenreviews/':
      refuseTokenReview(body)
      return withStatus(body, tokenStatus(tokens, body))
    case 'serviceaccounts/token':
      return tokenFor(core, tokens, ask, body)
    default:
      return undefined
  }
}

function withStatus(body: KubeObject, status: JsonObject): KubeObject {
  return { ...body, status }
}

function spec(body: KubeObject): JsonObject {
  return isObject(body['spec']) ? body['spec'] : {}
}

function strings(value: Json | undefined): string[] {
  return isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

function subjectOf(body: KubeObject): User {
  const { user, groups } = spec(body)
  return { name: typeof user === 'string' ? user : '', groups: strings(groups) }
}

function access(core: Core, user: User, body: KubeObject): JsonObject {
  const attempt = attemptOf(body)
  const reason = reasonToAllow(core, user, attempt)
  if (reason === undefined) {
    const missing = missingRoles(core, user, attempt.namespace)
    return { allowed: false, ...(missing === '' ? {} : { reason: missing }) }
  }
  return { allowed: true, ...(reason === '' ? {} : { reason }) }
}

function attemptOf(body: KubeObject): Attempt {
  const { resourceAttributes, nonResourceAttributes } = spec(body)
  const text = (of: JsonObject, key: string): string => {
    const value = of[key]
    return typeof value === 'string' ? value : ''
  }
  if (isObject(nonResourceAttributes))
    return {
      verb: text(nonResourceAttributes, 'verb'),
      path: text(nonResourceAttributes, 'path'),
      group: '',
      resource: '',
      namespace: '',
      name: '',
    }
  const of = isObject(resourceAttributes) ? resourceAttributes : {}
  const part = text(of, 'subresource')
  return {
    verb: text(of, 'verb'),
    group: text(of, 'group'),
    resource: part === '' ? text(of, 'resource') : `${text(of, 'resource')}/${part}`,
    namespace: text(of, 'namespace'),
    name: text(of, 'name'),
  }
}

function rulesStatus(core: Core, user: User, body: KubeObject): JsonObject {
  const { namespace } = spec(body)
  const rules = rulesFor(core, user, typeof namespace === 'string' ? namespace : '')
  const resourceRules = rules.filter((rule) => rule.resources.length > 0).map(resourceRule)
  const nonResourceRules = rules
    .filter((rule) => rule.nonResourceURLs.length > 0)
    .map((rule) => ({ verbs: rule.verbs, nonResourceURLs: rule.nonResourceURLs }))
  const missing = missingRoles(core, user, typeof namespace === 'string' ? namespace : '')
  return {
    resourceRules,
    nonResourceRules,
    incomplete: missing !== '',
    ...(missing === '' ? {} : { evaluationError: missing.replace('RBAC: ', '') }),
  }
}

function resourceRule(rule: Rule): JsonObject {
  return {
    verbs: rule.verbs,
    apiGroups: rule.apiGroups,
    resources: rule.resources,
    ...(rule.resourceNames.length === 0 ? {} : { resourceNames: rule.resourceNames }),
  }
}

/** A user as reviews tell it. */
function infoOf(user: User): JsonObject {
  return {
    username: user.name,
    ...(user.uid === undefined ? {} : { uid: user.uid }),
    groups: user.groups,
    ...(user.extra === undefined ? {} : { extra: user.extra }),
  }
}

function tokenStatus(tokens: Tokens, body: KubeObject): JsonObject {
  const { token, audiences } = spec(body)
  const asked = strings(audiences)
  const all = asked.length === 0 ? [ISSUER] : asked
  const text = typeof token === 'string' ? token : ''
  const user = tokens.review(text, all)
  if (user === undefined) return { user: {}, error: tokens.refusal(text, all) }
  const groups = [...new Set([...user.groups, 'system:authenticated'])]
  return {
    authenticated: true,
    user: infoOf({ ...user, groups }),
    audiences: all.filter((audience) => tokens.review(text, [audience]) !== undefined),
  }
}

const EXPIRES_S = 3600

const BOUND: Readonly<Record<string, BoundObject['kind']>> = {
  Pod: 'pod',
  Secret: 'secret',
  Node: 'node',
}

/** The object that a token is to go with; it was looked up before. */
function boundTo(core: Core, ask: Ask, body: KubeObject): BoundObject | undefined {
  const { boundObjectRef: given } = spec(body)
  const kind = isObject(given) ? BOUND[String(given['kind'])] : undefined
  if (!isObject(given) || kind === undefined) return undefined
  const name = String(given['name'])
  const key = kind === 'node' ? name : `${ask.namespace}/${name}`
  return { kind, name, uid: core.store.get(`${kind}s`, key)?.metadata.uid ?? '' }
}

/** The node that the pod of a token is on. */
function nodeOf(core: Core, ask: Ask, { kind, name }: BoundObject): Pick<TokenClaims, 'node'> {
  if (kind !== 'pod') return {}
  const pod = core.store.get('pods', `${ask.namespace}/${name}`)
  const node = isObject(pod?.['spec']) ? pod['spec']['nodeName'] : undefined
  if (typeof node !== 'string' || node === '') return {}
  const uid = core.store.get('nodes', node)?.metadata.uid
  return { node: { name: node, ...(uid === undefined ? {} : { uid }) } }
}

function tokenFor(core: Core, tokens: Tokens, ask: Ask, body: KubeObject): KubeObject {
  if (core.store.get('namespaces', ask.namespace) === undefined)
    throw notFound({ group: '', plural: 'namespaces' }, ask.namespace)
  const account = refuseTokenRequest(core, ask, body)
  const { expirationSeconds, audiences } = spec(body)
  const seconds = typeof expirationSeconds === 'number' ? expirationSeconds : EXPIRES_S
  const asked = strings(audiences)
  const list = asked.length === 0 ? [ISSUER] : asked
  const expiresAtMs = core.clock.now() + seconds * 1000
  const bound = boundTo(core, ask, body)
  const token = tokens.issue({
    ...(bound === undefined ? {} : { bound, ...nodeOf(core, ask, bound) }),
    namespace: ask.namespace,
    name: ask.name,
    uid: account.metadata.uid ?? '',
    audiences: list,
    expiresAtMs,
    jti: uuid(core.random),
  })
  const { name: _n, namespace: _s, uid: _u, creationTimestamp: _c, ...rest } = body.metadata
  return {
    ...body,
    metadata: {
      // In Go's order.
      name: ask.name,
      namespace: ask.namespace,
      uid: account.metadata.uid ?? '',
      creationTimestamp: rfc3339(core.clock.now()),
      ...rest,
    },
    spec: { boundObjectRef: null, ...spec(body), audiences: list, expirationSeconds: seconds },
    status: { token, expirationTimestamp: rfc3339(expiresAtMs) },
  }
}
