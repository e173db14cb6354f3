import { messageOf } from '../base/index.ts'
import type { ApiRequest } from '../object/index.ts'
import { type Ask, headerOf } from './ask.ts'
import { type AnonymousMode, authenticate } from './auth/authenticate.ts'
import { actingUser, authorize } from './auth/authorize.ts'
import type { Tokens } from './auth/tokens.ts'
import { connect } from './connect.ts'
import type { Core } from './core.ts'
import type { Kind } from './kind.ts'
import { create, patch, update } from './mutate.ts'
import { nonResource } from './non-resource.ts'
import { openApi } from './openapi/index.ts'
import { inJson } from './protobuf/index.ts'
import { getObject, listObjects } from './read.ts'
import { remove, removeAll } from './remove.ts'
import { type Route, routeOf, verbOf } from './route.ts'
import { special } from './special.ts'
import { methodNotAllowed, StatusFault } from './status.ts'
import { watchObjects } from './watch.ts'
import { acceptOf } from './wire/media.ts'
import { type Answer, answerJson, answerText } from './wire/respond.ts'

/** What every request passes. */
export interface Gate {
  readonly core: Core
  readonly tokens: Tokens
  readonly anonymous: AnonymousMode
  /** Ends every watch. */
  readonly closing: AbortSignal
}

/** Answers a request, whatever it is. */
export async function handle(gate: Gate, request: ApiRequest): Promise<Answer> {
  const { core } = gate
  try {
    return await dispatch(gate, request)
  } catch (error) {
    if (error instanceof StatusFault) {
      const retry = error.details?.retryAfterSeconds
      const answer = answerJson(error.status, error.body())
      return retry === undefined
        ? answer
        : { ...answer, headers: { ...answer.headers, 'retry-after': String(retry) } }
    }
    core.log.error('request failed', { error: messageOf(error), path: request.path })
    const message = `Internal error occurred: ${messageOf(error)}`
    return answerJson(500, new StatusFault({ code: 500, reason: 'InternalError', message }).body())
  }
}

async function dispatch(gate: Gate, request: ApiRequest): Promise<Answer> {
  const { core } = gate
  const route = routeOf(request)
  const user = actingUser(core, authenticate(request.headers, gate), request.headers)
  if (!isOpen(route)) authorize(core, user, request.method, route)
  const accept = headerOf(request.headers, 'accept')
  if (route.path.startsWith('/openapi/'))
    return openApi(core.registry, { ...route, accept: accept ?? '' })
  const accepted = acceptOf(accept)
  if (route.resource === undefined)
    return nonResource(core, route, { accepted, host: headerOf(request.headers, 'host') })
  const kind = kindOf(core, route.resource)
  if (kind === 'page') return answerText(404, '404 page not found\n')
  const { namespace, name, subresource, rest } = route.resource
  const verb = verbOf(request.method, route)
  const { headers, body } = inJson(request, kind.kind)
  const ask: Ask = {
    verb,
    kind,
    namespace,
    name,
    subresource,
    rest,
    query: route.query,
    headers: headers ?? {},
    body: body ?? '',
    user,
    accepted,
    signal: verb === 'watch' ? either(gate.closing, request.signal) : request.signal,
    warnings: [],
  }
  return perform(gate, ask)
}

/** Open to whoever asks, as the roles of a cluster have it. */
function isOpen(route: Route): boolean {
  return /^\/(?:healthz|livez|readyz|version)(?:\/|$)/.test(route.path)
}

function either(a: AbortSignal, b: AbortSignal | undefined): AbortSignal {
  return b === undefined ? a : AbortSignal.any([a, b])
}

/** @throws StatusFault 404 where the group is known and the rest is not */
function kindOf(core: Core, at: NonNullable<Route['resource']>): Kind | 'page' {
  const { group, version, plural, namespace, name, subresource } = at
  if (core.registry.group(group) === undefined) return 'page'
  const kind = core.registry.find(group, version, plural)
  const fits =
    kind !== undefined &&
    (kind.namespaced ? namespace !== '' || name === '' : namespace === '') &&
    (subresource === '' || kind.subresources.some((part) => part.name === subresource))
  if (kind !== undefined && fits) return kind
  throw new StatusFault({
    code: 404,
    reason: 'NotFound',
    message: 'the server could not find the requested resource',
    details: {},
  })
}

const ENDPOINTS_DEPRECATED =
  'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'

async function perform(gate: Gate, ask: Ask): Promise<Answer> {
  const { core } = gate
  const part = ask.kind.subresources.find((each) => each.name === ask.subresource)
  const verbs = part?.verbs ?? ask.kind.verbs
  const verb = ask.verb === 'watch' && part !== undefined ? 'get' : ask.verb
  const nowhere = ask.kind.namespaced && ask.namespace === ''
  const misplaced = verb === 'create' && part === undefined && (ask.name !== '' || nowhere)
  if (!verbs.includes(verb) || misplaced) throw methodNotAllowed()
  const { deprecation } = ask.kind.custom ?? {}
  if (deprecation !== undefined) ask.warnings.push(deprecation)
  if (ask.kind.table === 'endpoints') ask.warnings.push(ENDPOINTS_DEPRECATED)
  const connected = part === undefined ? undefined : connect(core, ask)
  if (connected !== undefined) return connected
  switch (ask.verb) {
    case 'get':
      return getObject(core, ask)
    case 'list':
      return listObjects(core, ask)
    case 'watch':
      return watchObjects(core, ask)
    case 'create':
      return special(gate, ask) ?? create(core, ask)
    case 'update':
      return update(core, ask)
    case 'patch':
      return patch(core, ask)
    case 'delete':
      return remove(core, ask)
    case 'deletecollection':
      return removeAll(core, ask)
  }
}
