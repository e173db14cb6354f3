import type { ApiRequest } from '../object/index.ts'
import type { Kind } from './kind.ts'
import { type Route, type Verb, verbOf } from './route.ts'
import { badRequest, methodNotAllowed, methodNotSupported } from './status.ts'

type Place = NonNullable<Route['resource']>

/**
 * What a request asks of a resource, where that can be asked of it; `page` where the page at the end
 * of all answers.
 * @throws StatusFault 400, 405
 */
export function allowedVerb(
  kind: Kind,
  method: ApiRequest['method'],
  route: Route & { readonly resource?: Place },
): Verb | 'page' {
  const { resource: at } = route
  if (at === undefined) return 'page'
  const isCustom = kind.custom !== undefined
  const verb = verbOf(isCustom && method === 'HEAD' ? 'GET' : method, route)
  if (isCustom && !route.watches) {
    if (isAstray(kind, at.namespace, verb)) return 'page'
    return customVerb(kind, at, verb)
  }
  if (verb === undefined || (route.watches && verb !== 'watch')) throw methodNotAllowed()
  if (!isCustom) checkVerb(kind, { ...at, verb })
  return verb
}

/** @throws StatusFault 405 for what can not be done there */
function checkVerb(kind: Kind, at: Place & { readonly verb: Verb }): void {
  const part = kind.subresources.find((each) => each.name === at.subresource)
  const verbs = part?.verbs ?? kind.verbs
  const verb = at.verb === 'watch' && part !== undefined ? 'get' : at.verb
  const nowhere = kind.namespaced && at.namespace === ''
  const misplaced =
    (verb === 'deletecollection' && nowhere) ||
    (verb === 'create' && part === undefined && (at.name !== '' || nowhere)) ||
    ((verb === 'update' || verb === 'patch') && at.name === '')
  if (!verbs.includes(verb) || misplaced) throw methodNotAllowed()
}

/** Across all namespaces custom objects can be read, and nothing else. */
function isAstray(kind: Kind, namespace: string, verb: Verb | undefined): boolean {
  return kind.namespaced && namespace === '' && verb !== 'list' && verb !== 'watch'
}

/**
 * What a custom kind or its part can not do is refused in other words: one handler serves all of them.
 * @throws StatusFault 400, 405
 * @see k8s.io/apiextensions-apiserver pkg/apiserver/customresource_handler.go (v0.36.3)
 */
function customVerb(kind: Kind, { name, subresource }: Place, verb: Verb | undefined): Verb {
  const part = kind.subresources.find((each) => each.name === subresource)
  const verbs: readonly string[] = part?.verbs ?? kind.verbs
  if (verb === undefined || !verbs.includes(verb)) throw methodNotSupported(kind, verb ?? '')
  if ((verb === 'update' || verb === 'patch') && name === '')
    throw badRequest('name must be provided')
  return verb
}
