import type { KubeObject } from '../../object/index.ts'
import type { Core, User } from '../core.ts'
import type { Kind } from '../kind.ts'
import { forbidden, notFound } from '../status.ts'
import {
  missingRoles,
  type Rule,
  reasonToAllow,
  referenceOf,
  roleNamed,
  rulesFor,
  rulesIn,
  rulesOf,
} from './rbac.ts'

const GROUP = 'rbac.authorization.k8s.io'

/**
 * Nobody grants by a role or a binding what he may not do himself, unless he may `escalate` or
 * `bind` that role.
 * @throws StatusFault 403
 * @see kubernetes pkg/registry/rbac (policybased storage, v1.36)
 */
export function refuseEscalation(core: Core, kind: Kind, user: User, object: KubeObject): void {
  if (kind.group !== GROUP || user.groups.includes('system:masters')) return
  const { namespace = '', name = '' } = object.metadata
  const isRole = kind.plural === 'roles' || kind.plural === 'clusterroles'
  const role = isRole ? undefined : referenceOf(object)
  const resource = isRole ? kind.plural : role?.kind === 'ClusterRole' ? 'clusterroles' : 'roles'
  const attempt = {
    verb: isRole ? 'escalate' : 'bind',
    group: GROUP,
    resource,
    namespace,
    name: role?.name ?? name,
  }
  if (reasonToAllow(core, user, attempt) !== undefined) return
  // Who may not bind whatever he likes is told that the role is missing, by the name of bindings.
  if (role !== undefined && roleNamed(core, role, namespace) === undefined)
    throw notFound(kind, role.name)
  const wanted = role === undefined ? rulesIn(object) : rulesOf(core, role, namespace)
  const held = rulesFor(core, user, namespace)
  const missing = wanted.flatMap(split).filter((rule) => !held.some((each) => covers(each, rule)))
  if (missing.length === 0) return
  const groups = user.groups.map((each) => JSON.stringify(each)).join(' ')
  throw forbidden(
    kind,
    name,
    `user ${JSON.stringify(user.name)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${compact(missing).map(ruleText).join('\n')}${unresolved(missingRoles(core, user, namespace))}`,
  )
}

/** A rule as rules of one verb on one thing each. */
function split(rule: Rule): Rule[] {
  const empty: Rule = {
    verbs: [],
    apiGroups: [],
    resources: [],
    resourceNames: [],
    nonResourceURLs: [],
  }
  const names = rule.resourceNames.length === 0 ? [[]] : rule.resourceNames.map((each) => [each])
  const things = rule.apiGroups.flatMap((group) =>
    rule.resources.flatMap((resource) =>
      names.map(
        (resourceNames): Rule => ({
          ...empty,
          apiGroups: [group],
          resources: [resource],
          resourceNames,
        }),
      ),
    ),
  )
  const urls = rule.nonResourceURLs.map((url): Rule => ({ ...empty, nonResourceURLs: [url] }))
  return [...things, ...urls].flatMap((thing) =>
    rule.verbs.map((verb) => ({ ...thing, verbs: [verb] })),
  )
}

/** Roles that are not there; the real server calls all of them by the resource of the plain ones. */
function unresolved(missing: string): string {
  if (missing === '') return ''
  const texts = missing
    .replace('RBAC: ', '')
    .replaceAll(/\b(?:clusterrole|role)\.rbac/g, 'roles.rbac')
  return `; resolution errors: [${texts}]`
}

function covers(held: Rule, rule: Rule): boolean {
  const all = (mine: readonly string[], theirs: readonly string[]): boolean =>
    mine.includes('*') || theirs.every((each) => mine.includes(each))
  if (!all(held.verbs, rule.verbs)) return false
  if (rule.nonResourceURLs.length > 0) return all(held.nonResourceURLs, rule.nonResourceURLs)
  const names =
    held.resourceNames.length === 0 ||
    (rule.resourceNames.length > 0 && all(held.resourceNames, rule.resourceNames))
  return names && all(held.apiGroups, rule.apiGroups) && all(held.resources, rule.resources)
}

/** Joins rules that differ in their verbs alone. */
function compact(rules: readonly Rule[]): Rule[] {
  const byThing = new Map<string, Rule>()
  for (const rule of rules) {
    const key = JSON.stringify({ ...rule, verbs: [] })
    const had = byThing.get(key)
    byThing.set(key, had === undefined ? rule : { ...had, verbs: [...had.verbs, ...rule.verbs] })
  }
  return [...byThing.values()].sort((a, b) => (ruleText(a) < ruleText(b) ? -1 : 1))
}

function ruleText(rule: Rule): string {
  const parts = [
    ['APIGroups', rule.nonResourceURLs.length > 0 ? [] : rule.apiGroups],
    ['Resources', rule.resources],
    ['ResourceNames', rule.resourceNames],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['Verbs', rule.verbs],
  ] as const
  const texts = parts
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => `${name}:[${values.map((each) => JSON.stringify(each)).join(' ')}]`)
  return `{${texts.join(', ')}}`
}
