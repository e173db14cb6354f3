import { isArray, isObject, type Json, type JsonObject } from '../../object/index.ts'
import { parseSelectorObject } from '../controllers/label-selector.ts'
import type { Core } from '../core.ts'
import type { Kind } from '../kind.ts'
import { type Attributes, isNamespace, namespaceOf } from './attributes.ts'

/** The objects of a list; nothing where there is none. */
export function objectsOf(value: Json | undefined): readonly JsonObject[] {
  return isArray(value) ? value.filter(isObject) : []
}

/**
 * Whether rules (of a webhook or a policy) concern a request: by operation, group, version, resource
 * and scope; and by name where a rule has some.
 * @see k8s.io/apiserver pkg/admission/plugin/webhook/predicates/rules (v0.36.3)
 */
export function rulesMatch(attributes: Attributes, rules: Json | undefined): boolean {
  return objectsOf(rules).some((rule) => ruleMatches(attributes, rule, attributes.kind))
}

/**
 * The kind by which rules know what is asked about: its own, else the first that holds the same objects
 * in another version or group, unless rules are taken exactly; undefined where they are not concerned.
 * @see k8s.io/apiserver pkg/admission/plugin/webhook/generic/webhook.go ShouldCallHook (v0.36.3)
 */
export function equivalentOf(
  core: Core,
  attributes: Attributes,
  { rules, exact }: { readonly rules: Json | undefined; readonly exact: boolean },
): Kind | undefined {
  if (rulesMatch(attributes, rules)) return attributes.kind
  if (exact) return undefined
  const { kind } = attributes
  const twins = core.registry.kinds().filter((each) => each.table === kind.table && each !== kind)
  for (const rule of objectsOf(rules)) {
    const found = twins.find((twin) => ruleMatches(attributes, rule, twin))
    if (found !== undefined) return found
  }
  return undefined
}

function ruleMatches(attributes: Attributes, rule: JsonObject, kind: Kind): boolean {
  const { subresource, operation, name } = attributes
  const scope = kind.namespaced && !isNamespace(attributes) ? 'Namespaced' : 'Cluster'
  const names = rule['resourceNames']
  return (
    has(rule['operations'], operation) &&
    has(rule['apiGroups'], kind.group) &&
    has(rule['apiVersions'], kind.version) &&
    objectScopes(rule['scope']).includes(scope) &&
    resourceMatches(rule['resources'], kind.plural, subresource) &&
    (!isArray(names) || names.length === 0 || names.includes(name))
  )
}

function objectScopes(scope: Json | undefined): readonly string[] {
  return scope === 'Namespaced' || scope === 'Cluster' ? [scope] : ['Namespaced', 'Cluster']
}

function has(list: Json | undefined, wanted: string): boolean {
  return isArray(list) && (list.includes('*') || list.includes(wanted))
}

/** `*` stands for all resources without subresources, `*` before and after a slash for all of both. */
function resourceMatches(list: Json | undefined, plural: string, subresource: string): boolean {
  return (isArray(list) ? list : []).some((each) => {
    const [resource = '', part = ''] = String(each).split('/')
    return (resource === '*' || resource === plural) && (part === '*' || part === subresource)
  })
}

/**
 * Whether the selectors on namespace and object let a request through. What is in no namespace is
 * always selected; an object is when it is before or after.
 */
export function selectorsMatch(
  core: Core,
  attributes: Attributes,
  given: { readonly namespaceSelector?: Json; readonly objectSelector?: Json },
): boolean {
  const { namespaceSelector, objectSelector } = given
  if (isObject(namespaceSelector) && (attributes.namespace !== '' || isNamespace(attributes))) {
    const { labels } = namespaceOf(core, attributes)?.metadata ?? {}
    if (!parseSelectorObject(namespaceSelector)(labels)) return false
  }
  if (!isObject(objectSelector) || Object.keys(objectSelector).length === 0) return true
  const matches = parseSelectorObject(objectSelector)
  return [attributes.object, attributes.old].some(
    (object) => object?.metadata !== undefined && matches(object.metadata.labels),
  )
}

/**
 * The kind by which `matchConstraints` of a policy, or `matchResources` of a binding, select a request;
 * undefined where they do not.
 */
export function constrainedTo(
  core: Core,
  attributes: Attributes,
  constraints: Json | undefined,
): Kind | undefined {
  if (!isObject(constraints)) return attributes.kind
  const { namespaceSelector, objectSelector, resourceRules, excludeResourceRules } = constraints
  const selectors = {
    ...(namespaceSelector === undefined ? {} : { namespaceSelector }),
    ...(objectSelector === undefined ? {} : { objectSelector }),
  }
  if (!selectorsMatch(core, attributes, selectors)) return undefined
  const exact = constraints['matchPolicy'] === 'Exact'
  const excluded = { rules: excludeResourceRules, exact }
  if (equivalentOf(core, attributes, excluded) !== undefined) return undefined
  if (objectsOf(resourceRules).length === 0) return attributes.kind
  return equivalentOf(core, attributes, { rules: resourceRules, exact })
}
