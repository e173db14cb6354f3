import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../../object/index.ts'
import type { Core, User } from '../core.ts'

/** What is to be done, in the words of RBAC. */
export interface Attempt {
  readonly verb: string
  readonly group: string
  /** With its subresource after a slash. */
  readonly resource: string
  readonly namespace: string
  readonly name: string
  /** Set for URLs that name no resource. */
  readonly path?: string
}

/** One rule of a role. */
export interface Rule {
  readonly verbs: readonly string[]
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames: readonly string[]
  readonly nonResourceURLs: readonly string[]
}

const GROUP = 'rbac.authorization.k8s.io'

/**
 * Why a user may do something; undefined when he may not.
 * @see kubernetes plugin/pkg/auth/authorizer/rbac (v1.36)
 */
export function reasonToAllow(core: Core, user: User, attempt: Attempt): string | undefined {
  if (user.groups.includes('system:masters')) return ''
  for (const { rules, why } of grants(core, user, attempt.namespace))
    if (rules.some((rule) => permits(rule, attempt))) return why
  return undefined
}

/**
 * What may have kept a user from being allowed: roles that his bindings name and that are not there;
 * `''` where none is missing.
 */
export function missingRoles(core: Core, user: User, namespace: string): string {
  const missing = new Set<string>()
  for (const { role } of grants(core, user, namespace)) {
    if (roleNamed(core, role, namespace) !== undefined) continue
    missing.add(`${role.kind.toLowerCase()}.${GROUP} ${JSON.stringify(role.name)} not found`)
  }
  const texts = [...missing]
  if (texts.length === 0) return ''
  return `RBAC: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`
}

/** Every rule that holds for a user, cluster-wide and in a namespace. */
export function rulesFor(core: Core, user: User, namespace: string): Rule[] {
  if (user.groups.includes('system:masters'))
    return [
      ruleOf({ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }),
      ruleOf({ verbs: ['*'], nonResourceURLs: ['*'] }),
    ]
  return [...grants(core, user, namespace)].flatMap(({ rules }) => rules)
}

interface Grant {
  readonly role: { readonly kind: string; readonly name: string }
  readonly rules: readonly Rule[]
  readonly why: string
}

function* grants(core: Core, user: User, namespace: string): Iterable<Grant> {
  for (const binding of core.store.list(`clusterrolebindings.${GROUP}`)) {
    const subject = subjectOf(binding, user)
    if (subject === undefined) continue
    const name = binding.metadata.name ?? ''
    const role = referenceOf(binding)
    yield {
      role,
      rules: rulesOf(core, role, ''),
      why: `RBAC: allowed by ClusterRoleBinding ${JSON.stringify(name)} of ${role.kind} ${JSON.stringify(role.name)} to ${subject}`,
    }
  }
  if (namespace === '') return
  for (const binding of core.store.list(`rolebindings.${GROUP}`, `${namespace}/`)) {
    const subject = subjectOf(binding, user)
    if (subject === undefined) continue
    const name = `${binding.metadata.name}/${namespace}`
    const role = referenceOf(binding)
    yield {
      role,
      rules: rulesOf(core, role, namespace),
      why: `RBAC: allowed by RoleBinding ${JSON.stringify(name)} of ${role.kind} ${JSON.stringify(role.name)} to ${subject}`,
    }
  }
}

/** The role that a binding names. */
export function referenceOf(binding: KubeObject): { readonly kind: string; readonly name: string } {
  const { kind, name } = (binding['roleRef'] ?? {}) as JsonObject
  return { kind: String(kind), name: String(name) }
}

/** The subject of a binding that a user is, as messages name it. */
function subjectOf(binding: KubeObject, user: User): string | undefined {
  const subjects = binding['subjects'] as Json | undefined
  for (const subject of isArray(subjects) ? subjects.filter(isObject) : []) {
    const { kind, name } = subject
    const namespace = String(subject['namespace'] ?? binding.metadata.namespace ?? '')
    if (kind === 'User' && name === user.name) return `User ${JSON.stringify(name)}`
    if (kind === 'Group' && user.groups.includes(String(name)))
      return `Group ${JSON.stringify(name)}`
    if (
      kind === 'ServiceAccount' &&
      user.name === `system:serviceaccount:${namespace}:${String(name)}`
    )
      return `ServiceAccount ${JSON.stringify(`${String(name)}/${namespace}`)}`
  }
  return undefined
}

/** The rules of a role; none when it is not there. */
export function rulesOf(
  core: Core,
  role: { readonly kind: string; readonly name: string },
  namespace: string,
): Rule[] {
  return rulesIn(roleNamed(core, role, namespace))
}

/** The role that a binding names. */
export function roleNamed(
  core: Core,
  role: { readonly kind: string; readonly name: string },
  namespace: string,
): KubeObject | undefined {
  return role.kind === 'ClusterRole'
    ? core.store.get(`clusterroles.${GROUP}`, role.name)
    : core.store.get(`roles.${GROUP}`, `${namespace}/${role.name}`)
}

/** The rules that an object holds. */
export function rulesIn(role: KubeObject | undefined): Rule[] {
  const rules = role?.['rules'] as Json | undefined
  return isArray(rules) ? rules.filter(isObject).map(ruleOf) : []
}

function ruleOf(rule: JsonObject): Rule {
  const strings = (key: string): readonly string[] => {
    const value = rule[key]
    return isArray(value) ? value.filter((each) => typeof each === 'string') : []
  }
  return {
    verbs: strings('verbs'),
    apiGroups: strings('apiGroups'),
    resources: strings('resources'),
    resourceNames: strings('resourceNames'),
    nonResourceURLs: strings('nonResourceURLs'),
  }
}

/** Says whether one rule permits an attempt. */
export function permits(rule: Rule, attempt: Attempt): boolean {
  if (!has(rule.verbs, attempt.verb)) return false
  if (attempt.path !== undefined) {
    const { path } = attempt
    return rule.nonResourceURLs.some(
      (each) =>
        each === '*' || each === path || (each.endsWith('*') && path.startsWith(each.slice(0, -1))),
    )
  }
  const [, subresource] = attempt.resource.split('/')
  const resource =
    has(rule.resources, attempt.resource) ||
    (subresource !== undefined && rule.resources.includes(`*/${subresource}`))
  return (
    resource &&
    has(rule.apiGroups, attempt.group) &&
    (rule.resourceNames.length === 0 || rule.resourceNames.includes(attempt.name))
  )
}

function has(list: readonly string[], wanted: string): boolean {
  return list.includes('*') || list.includes(wanted)
}
