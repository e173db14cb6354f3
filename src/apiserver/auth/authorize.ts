import type { ApiRequest } from '../../object/index.ts'
import type { Core, User } from '../core.ts'
import { type Route, verbOf } from '../route.ts'
import { forbidden, StatusFault } from '../status.ts'
import { actingUser } from './impersonate.ts'
import { type Attempt, missingRoles, reasonToAllow } from './rbac.ts'

/**
 * Who a request acts as: its own user, or the one that it is taken for, where that is allowed.
 * @throws StatusFault 400, 403
 */
export function actingAs(core: Core, user: User, request: ApiRequest, route: Route): User {
  return actingUser(core, user, {
    headers: request.headers,
    attempt: () => attemptOf(request.method, route),
    refused: (attempt, why) => refused(core, user, attempt, why),
  })
}

/**
 * Lets a request pass or not.
 * @throws StatusFault 403, with the words of kube-apiserver
 */
export function authorize(
  core: Core,
  user: User,
  method: ApiRequest['method'],
  route: Route,
): void {
  const attempt = attemptOf(method, route)
  if (reasonToAllow(core, user, attempt) === undefined) throw refused(core, user, attempt)
}

function attemptOf(method: ApiRequest['method'], route: Route): Attempt {
  const { resource: at } = route
  if (at === undefined)
    return {
      verb: method === 'HEAD' ? 'get' : method.toLowerCase(),
      path: route.path,
      group: '',
      resource: '',
      namespace: '',
      name: '',
    }
  const isNamespace = at.group === '' && at.plural === 'namespaces'
  return {
    verb: verbOf(method, route) ?? (method === 'HEAD' ? 'get' : ''),
    group: at.group,
    resource: at.subresource === '' ? at.plural : `${at.plural}/${at.subresource}`,
    namespace: isNamespace ? at.name : at.namespace,
    name: at.name,
  }
}

function refused(core: Core, user: User, attempt: Attempt, why?: string): StatusFault {
  const missing = why ?? missingRoles(core, user, attempt.namespace)
  const because = missing === '' ? '' : `: ${missing}`
  if (attempt.path !== undefined) {
    const denied = `User ${JSON.stringify(user.name)} cannot ${attempt.verb} path ${JSON.stringify(attempt.path)}`
    return new StatusFault({
      code: 403,
      reason: 'Forbidden',
      message: `forbidden: ${denied}${because}`,
      details: {},
    })
  }
  const [plural = '', subresource] = attempt.resource.split('/')
  const where =
    attempt.namespace === ''
      ? 'at the cluster scope'
      : `in the namespace ${JSON.stringify(attempt.namespace)}`
  const what = subresource === undefined ? plural : `${plural}/${subresource}`
  return forbidden(
    { group: attempt.group, plural },
    attempt.name,
    `User ${JSON.stringify(user.name)} cannot ${attempt.verb} resource ${JSON.stringify(what)} in API group ${JSON.stringify(attempt.group)} ${where}${because}`,
  )
}
