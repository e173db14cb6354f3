import { messageOf, parseDuration } from '../base/index.ts'
import type { ApiRequest } from '../object/index.ts'
import { type Ask, headerOf } from './ask.ts'
import { type AnonymousMode, authenticate, type Peer } from './auth/authenticate.ts'
import { actingAs, authorize } from './auth/authorize.ts'
import type { Tokens } from './auth/tokens.ts'
import { pathSegment } from './builtin/index.ts'
import { connect } from './connect.ts'
import { converting, type Soon } from './convert/convert.ts'
import type { Core, User } from './core.ts'
import type { InFlight } from './in-flight.ts'
import type { Kind } from './kind.ts'
import { create, patch, update } from './mutate.ts'
import { nonResource } from './non-resource.ts'
import { openApi } from './openapi/index.ts'
import { asText, inJson } from './protobuf/index.ts'
import { getObject, listObjects } from './read.ts'
import { remove, removeAll } from './remove.ts'
import { isTrue, type Route, routeOf, type Verb } from './route.ts'
import { special } from './special.ts'
import { badRequest, notFound, nowhere, StatusFault } from './status.ts'
import { allowedVerb } from './verbs.ts'
import { watchObjects } from './watch.ts'
import { goQuoted } from './wire/go-json.ts'
import {
  type Accepted,
  acceptOf,
  BUILTIN_TYPES,
  errorFormat,
  LIST_TYPES,
  notAcceptable,
  STREAM_TYPES,
  type Wish,
} from './wire/media.ts'
import { type Answer, answerJson, answerText, warningHeader } from './wire/respond.ts'

/** What every request passes. */
export interface Gate {
  readonly core: Core
  readonly tokens: Tokens
  /** How requests without credentials are seen; by whether they come over TLS. */
  readonly anonymous: (isSecure: boolean) => AnonymousMode
  /** Ends every watch. */
  readonly closing: AbortSignal
  readonly inFlight: InFlight
}

/** Where there is no connection: a caller in this process. */
const NEAR: Peer = { isSecure: false }

/** Answers a request, whatever it is. */
export async function handle(gate: Gate, request: ApiRequest, peer: Peer = NEAR): Promise<Answer> {
  const { core } = gate
  try {
    return await dispatch(gate, request, peer)
  } catch (error) {
    if (error instanceof StatusFault) {
      const retry = error.details?.retryAfterSeconds
      const answer = refusal(error, request)
      return retry === undefined
        ? answer
        : { ...answer, headers: { ...answer.headers, 'retry-after': String(retry) } }
    }
    // Go takes more levels than there is room for here.
    if (error instanceof RangeError && error.message.startsWith('Maximum call stack'))
      return refusal(badRequest('exceeded max depth'), request)
    core.log.error('request failed', { error: messageOf(error), path: request.path })
    const message = `Internal error occurred: ${messageOf(error)}`
    return refusal(new StatusFault({ code: 500, reason: 'InternalError', message }), request)
  }
}

/** A refusal in the form that was asked for, where it can be had. */
function refusal(
  fault: StatusFault,
  request: ApiRequest,
  warnings: readonly string[] = [],
): Answer {
  const mark = request.path.indexOf('?')
  const query = new URLSearchParams(mark < 0 ? '' : request.path.slice(mark + 1))
  const format = errorFormat(wishOf(request, query))
  const answer = answerJson(fault.status, fault.body(), { format, warnings })
  if (fault.status !== 403) return answer
  return { ...answer, headers: { ...answer.headers, 'x-content-type-options': 'nosniff' } }
}

function wishOf({ headers }: ApiRequest, query: URLSearchParams): Wish {
  return {
    accept: headerOf(headers, 'accept'),
    userAgent: headerOf(headers, 'user-agent'),
    pretty: query.get('pretty'),
  }
}

/** In which form to answer a request on a resource. */
function formOf(wish: Wish, kind: Kind, verb: Verb): Accepted {
  const isCustom = kind.custom !== undefined
  const isList = verb === 'list' || verb === 'watch'
  const offer = { shapes: 'objects' as const, isCustom }
  const routed = isCustom ? {} : { routed: isList ? LIST_TYPES : BUILTIN_TYPES }
  const accepted = acceptOf(wish, { ...offer, ...routed, types: BUILTIN_TYPES })
  if (verb !== 'watch') return accepted
  if (accepted.format === 'yaml') throw notAcceptable(STREAM_TYPES)
  // How objects are shaped and how their stream is written are two choices.
  const { format } = acceptOf(wish, { ...offer, types: STREAM_TYPES })
  return { ...accepted, format: format === 'protobuf' ? format : 'json' }
}

async function dispatch(gate: Gate, request: ApiRequest, peer: Peer): Promise<Answer> {
  const { core } = gate
  const route = routeOf(request)
  checkDeadline(route.query)
  const asks = authenticate(request.headers, {
    tokens: gate.tokens,
    anonymous: gate.anonymous(peer.isSecure),
    certificate: peer.certificate,
  })
  const user = actingAs(core, asks, request, route)
  if (!isOpen(route)) authorize(core, user, request.method, route)
  const wish = wishOf(request, route.query)
  if (route.path.startsWith('/openapi/'))
    return unlessKnown(
      request,
      await openApi(core.registry, {
        ...route,
        accept: wish.accept ?? '',
        now: core.clock.now(),
      }),
    )
  if (route.resource === undefined) {
    const { method } = request
    return unlessKnown(
      request,
      nonResource(core, route, {
        method,
        wish,
        host: headerOf(request.headers, 'host'),
        keys: gate.tokens.keys,
      }),
    )
  }
  const warnings: string[] = []
  try {
    return await onResource(gate, request, { route, at: route.resource, wish, user, warnings })
  } catch (error) {
    // What was warned of before the refusal is told with it.
    if (error instanceof StatusFault && warnings.length > 0)
      return refusal(error, request, warnings)
    throw error
  }
}

/** Answers a request on a resource. */
function onResource(
  gate: Gate,
  request: ApiRequest,
  of: {
    readonly route: Route
    readonly at: NonNullable<Route['resource']>
    readonly wish: Wish
    readonly user: User
    readonly warnings: string[]
  },
): Soon<Answer> {
  const { core } = gate
  const { route, at, wish, user, warnings } = of
  const kind = kindOf(core, at, warnings)
  if (kind === 'page') return answerText(404, '404 page not found\n')
  const { namespace, name, subresource, rest } = at
  const verb = allowedVerb(kind, request.method, route)
  if (verb === 'page') return answerText(404, '404 page not found\n')
  const [wrong] = pathSegment(name)
  if (wrong !== undefined) throw badRequest(`Name parameter invalid: ${goQuoted(name)}: ${wrong}`)
  const accepted = formOf(wish, kind, verb)
  const { headers, body } = verb === 'patch' ? asText(request) : inJson(request, kind.kind)
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
    warnings,
  }
  const answer = (): Soon<Answer> => converting(core, warnings, () => perform(gate, ask))
  if (verb === 'watch' || CONNECTIONS.has(subresource)) return answer()
  return gate.inFlight.during(verb !== 'get' && verb !== 'list', user, answer)
}

/** Parts that stay open, and are not counted among the requests under way. */
const CONNECTIONS: ReadonlySet<string> = new Set(['log', 'exec', 'attach', 'portforward', 'proxy'])

/** The answer without its body where the client holds it already. */
function unlessKnown(request: ApiRequest, answer: Answer): Answer {
  const { etag, 'last-modified': modified } = answer.headers
  if (etag === undefined && modified === undefined) return answer
  const known = headerOf(request.headers, 'if-none-match')
  const since = headerOf(request.headers, 'if-modified-since')
  // Only of documents it is told when they changed; they are served as files are.
  const isSame =
    known === undefined
      ? modified !== undefined && since !== undefined && Date.parse(modified) <= Date.parse(since)
      : known === etag || (known === '*' && modified !== undefined)
  if (!isSame) return answer
  const { 'content-type': _type, 'last-modified': when, ...rest } = answer.headers
  const headers =
    etag === undefined && when !== undefined ? { ...rest, 'last-modified': when } : rest
  return { status: 304, headers, body: '' }
}

/**
 * A deadline that can not be read is refused before anything else; it is kept by nobody here.
 * @see k8s.io/apiserver pkg/endpoints/filters/request_deadline.go (v0.36.3)
 */
function checkDeadline(query: URLSearchParams): void {
  const text = query.get('timeout') ?? ''
  if (text === '' || isTrue(query.get('watch'))) return
  if (parseDuration(text) === undefined)
    throw badRequest(
      `invalid timeout specified in the request URL - time: invalid duration ${goQuoted(text)}`,
    )
}

/** Open to whoever asks, as the roles of a cluster have it. */
function isOpen(route: Route): boolean {
  return /^\/(?:healthz|livez|readyz|version)(?:\/|$)/.test(route.path)
}

function either(a: AbortSignal, b: AbortSignal | undefined): AbortSignal {
  return b === undefined ? a : AbortSignal.any([a, b])
}

/**
 * The kind of a request. That its version is deprecated is told whatever becomes of the request.
 * @throws StatusFault 404 where the group is known and the rest is not
 */
function kindOf(core: Core, at: NonNullable<Route['resource']>, warnings: string[]): Kind | 'page' {
  const { group, version, plural, namespace, name, subresource } = at
  const known = core.registry.group(group)
  if (known === undefined) return 'page'
  const kind = core.registry.find(group, version, plural)
  const isInScope =
    kind !== undefined &&
    (kind.namespaced ? namespace !== '' || name === '' : namespace === '') &&
    // What can only be made is nowhere to be found without a namespace.
    (namespace !== '' || !kind.namespaced || kind.verbs.some((verb) => verb !== 'create'))
  if (isInScope && kind.custom?.deprecation !== undefined) warnings.push(kind.custom.deprecation)
  const fits =
    isInScope && (subresource === '' || kind.subresources.some((part) => part.name === subresource))
  if (fits) return kind
  if (kind?.custom !== undefined && subresource !== '') throw notFound(kind, name)
  // Custom kinds are served behind the others: what they do not know is the page at the end.
  if (
    known.every((each) => each.custom !== undefined) &&
    (kind === undefined || subresource === '')
  )
    return 'page'
  throw nowhere()
}

const ENDPOINTS_DEPRECATED =
  'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'

const STATUSES_DEPRECATED = 'v1 ComponentStatus is deprecated in v1.19+'

function perform(gate: Gate, ask: Ask): Soon<Answer> {
  const { core } = gate
  const part = ask.kind.subresources.find((each) => each.name === ask.subresource)
  if (ask.kind.table === 'endpoints') ask.warnings.push(ENDPOINTS_DEPRECATED)
  if (ask.kind.plural === 'componentstatuses') ask.warnings.push(STATUSES_DEPRECATED)
  const connected = part === undefined ? undefined : connect(core, ask)
  if (connected !== undefined) return connected
  switch (ask.verb) {
    case 'get':
      return getObject(core, ask)
    case 'list':
      return listObjects(core, ask)
    case 'watch':
      return warning(watchObjects(core, ask), ask.warnings)
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

/** A watch with what is warned of; all other answers are made with it. */
function warning(answer: Answer, warnings: readonly string[]): Answer {
  if (warnings.length === 0) return answer
  return { ...answer, headers: { ...answer.headers, ...warningHeader(warnings) } }
}
