import { isArray, isObject, type JsonObject } from '../../object/index.ts'
import {
  type Cause,
  duplicate,
  invalid,
  labelSelector,
  notSupported,
  pathSegment,
  required,
} from '../builtin/index.ts'
import { objectsOf } from './matching.ts'

/**
 * Which requests a webhook or a policy concerns.
 * @see kubernetes pkg/apis/admissionregistration/validation/validation.go (v1.36.3)
 */

/** The text under a key; `''` when there is none. */
export function textOf(value: JsonObject, key: string): string {
  const found = value[key]
  return typeof found === 'string' ? found : ''
}

function textsOf(value: JsonObject, key: string): readonly string[] {
  const list = value[key]
  return isArray(list) ? list.map(String) : []
}

/** A text that, where it is given, has to be one of some. */
export function member(
  value: JsonObject,
  key: string,
  allowed: readonly string[],
  at: string,
): Cause[] {
  const found = value[key]
  if (typeof found !== 'string' || allowed.includes(found)) return []
  return [notSupported(at, found, allowed)]
}

/** Label selectors under some keys. */
export function selectorProblems(value: JsonObject, path: string): Cause[] {
  return ['namespaceSelector', 'objectSelector'].flatMap((key) => {
    const selector = value[key]
    return isObject(selector) ? labelSelector(selector, `${path}.${key}`) : []
  })
}

/** What a policy or a binding says of the requests that it matches. */
export function matchProblems(match: JsonObject, path: string): Cause[] {
  return [
    ...member(match, 'matchPolicy', ['Equivalent', 'Exact'], `${path}.matchPolicy`),
    ...selectorProblems(match, path),
    ...['resourceRules', 'excludeResourceRules'].flatMap((list) =>
      objectsOf(match[list]).flatMap((rule, i) => {
        const at = `${path}.${list}[${i}]`
        return [...nameProblems(rule, `${at}.resourceNames`), ...ruleProblems(rule, at)]
      }),
    ),
  ]
}

function nameProblems(rule: JsonObject, path: string): Cause[] {
  const names = textsOf(rule, 'resourceNames')
  return names.flatMap((name, i) => [
    ...pathSegment(name).map((message) => invalid(`${path}[${i}]`, name, message)),
    ...(names.indexOf(name) < i ? [duplicate(`${path}[${i}]`, name)] : []),
  ])
}

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
const SCOPES = ['*', 'Cluster', 'Namespaced']

/** One rule, with its operations. */
export function ruleProblems(rule: JsonObject, at: string): Cause[] {
  const causes = alone(rule, 'operations', 'operations', at)
  for (const [i, each] of textsOf(rule, 'operations').entries())
    if (!OPERATIONS.includes(each))
      causes.push(notSupported(`${at}.operations[${i}]`, each, OPERATIONS))
  causes.push(...alone(rule, 'apiGroups', 'API groups', at))
  causes.push(...alone(rule, 'apiVersions', 'API versions', at))
  for (const [i, each] of textsOf(rule, 'apiVersions').entries())
    if (each === '') causes.push(required(`${at}.apiVersions[${i}]`))
  return [
    ...causes,
    ...resourceProblems(textsOf(rule, 'resources'), `${at}.resources`),
    ...member(rule, 'scope', SCOPES, `${at}.scope`),
  ]
}

/** `*` says everything, so nothing else may stand beside it. */
function alone(rule: JsonObject, key: string, what: string, at: string): Cause[] {
  const list = textsOf(rule, key)
  if (list.length === 0) return [required(`${at}.${key}`)]
  return list.length > 1 && list.includes('*')
    ? [invalid(`${at}.${key}`, [...list], `if '*' is present, must not specify other ${what}`)]
    : []
}

function resourceProblems(resources: readonly string[], path: string): Cause[] {
  const causes: Cause[] = resources.length === 0 ? [required(path)] : []
  const [all, everywhere] = [new Set<string>(), new Set<string>()]
  let hasPlain = false
  for (const [i, each] of resources.entries()) {
    if (each === '') {
      causes.push(required(`${path}[${i}]`))
      continue
    }
    const slash = each.indexOf('/')
    if (slash < 0) {
      hasPlain = each !== '*'
      continue
    }
    const [resource, part] = [each.slice(0, slash), each.slice(slash + 1)]
    const clash = (which: string): string => `if '${which}' is present, must not specify ${each}`
    if (all.has(resource)) causes.push(invalid(`${path}[${i}]`, each, clash(`${resource}/*`)))
    if (everywhere.has(part)) causes.push(invalid(`${path}[${i}]`, each, clash(`*/${part}`)))
    if (part === '*') all.add(resource)
    if (resource === '*') everywhere.add(part)
  }
  const given = [...resources]
  if (resources.length > 1 && resources.includes('*/*'))
    causes.push(invalid(path, given, "if '*/*' is present, must not specify other resources"))
  if (hasPlain && resources.includes('*'))
    causes.push(
      invalid(
        path,
        given,
        "if '*' is present, must not specify other resources without subresources",
      ),
    )
  return causes
}
