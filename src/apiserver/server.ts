import { type Clock, type Log, messageOf, type Random, silentLog, uuid } from '../base/index.ts'
import type { ApiRequest, ApiResponse, Json, Transport } from '../object/index.ts'
import { type Ask, headerOf } from './ask.ts'
import { bootstrap } from './bootstrap.ts'
import { type BackgroundOptions, startBackground } from './controllers/start.ts'
import { type Admission, type Core, SYSTEM_USER } from './core.ts'
import { followCrds } from './crds.ts'
import * as discovery from './discovery.ts'
import type { Kind } from './kind.ts'
import { type Accepted, acceptOf } from './media.ts'
import { create, patch, update } from './mutate.ts'
import { openapiDocument, openapiRoot, openapiV2 } from './openapi.ts'
import { inJson } from './protobuf/index.ts'
import { getObject, listObjects } from './read.ts'
import { Registry } from './registry.ts'
import { remove, removeAll } from './remove.ts'
import { type Answer, answerJson, answerText, toResponse } from './respond.ts'
import { type Route, routeOf, verbOf } from './route.ts'
import { methodNotAllowed, StatusFault } from './status.ts'
import { Store } from './store.ts'
import { watchObjects } from './watch.ts'

/** The ports of the server. */
export interface ApiServerDeps {
  readonly clock: Clock
  readonly random: Random
  readonly log?: Log
}

/** How the server behaves. */
export interface ApiServerOptions extends BackgroundOptions {
  /** Changes remembered for watches that start from an older revision. */
  readonly historyMax?: number
  /** Changes or refuses what is written; see {@link Admission}. */
  readonly admit?: Admission
}

/** A Kubernetes API server in this process. */
export interface ApiServer extends Transport {
  /** Ends every watch and timer. */
  close(): void
}

/** Starts an API server with the namespaces that every cluster has. */
export function createApiServer(deps: ApiServerDeps, options: ApiServerOptions = {}): ApiServer {
  const core: Core = {
    clock: deps.clock,
    random: deps.random,
    log: deps.log ?? silentLog,
    store: new Store(options),
    registry: new Registry(),
    admit: options.admit ?? ((object) => object),
  }
  const closing = new AbortController()
  followCrds(core)
  const stop = startBackground(core, options)
  bootstrap(core, { workloads: options.workloads !== false && options.controllers !== false })
  return {
    request: async (request) => toResponse(withAudit(core, await handle(core, request, closing))),
    close: () => {
      stop()
      closing.abort()
    },
  }
}

function withAudit(core: Core, answer: Answer): Answer {
  return { ...answer, headers: { ...answer.headers, 'audit-id': uuid(core.random) } }
}

async function handle(core: Core, request: ApiRequest, closing: AbortController): Promise<Answer> {
  try {
    return await dispatch(core, request, closing.signal)
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

async function dispatch(core: Core, given: ApiRequest, closing: AbortSignal): Promise<Answer> {
  const request = inJson(given)
  const route = routeOf(request)
  const accept = headerOf(request.headers, 'accept')
  if (route.path.startsWith('/openapi/'))
    return nonResource(core, route, { as: '', format: 'json' })
  const accepted = acceptOf(accept)
  if (route.resource === undefined) return nonResource(core, route, accepted)
  const kind = kindOf(core, route.resource)
  if (kind === 'page') return answerText(404, '404 page not found\n')
  const signals = [closing, ...(request.signal === undefined ? [] : [request.signal])]
  const { namespace, name, subresource, rest } = route.resource
  const ask: Ask = {
    verb: verbOf(request.method, route),
    kind,
    namespace,
    name,
    subresource,
    rest,
    query: route.query,
    headers: request.headers ?? {},
    body: request.body ?? '',
    user: SYSTEM_USER,
    accepted,
    signal: AbortSignal.any(signals),
    warnings: [],
  }
  return perform(core, ask)
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

async function perform(core: Core, ask: Ask): Promise<Answer> {
  const part = ask.kind.subresources.find((each) => each.name === ask.subresource)
  const verbs = part?.verbs ?? ask.kind.verbs
  const verb = ask.verb === 'watch' && part !== undefined ? 'get' : ask.verb
  const misplaced = verb === 'create' && ask.name !== '' && part === undefined
  if (!verbs.includes(verb) || misplaced) throw methodNotAllowed()
  const { deprecation } = ask.kind.custom ?? {}
  if (deprecation !== undefined) ask.warnings.push(deprecation)
  switch (ask.verb) {
    case 'get':
      return getObject(core, ask)
    case 'list':
      return listObjects(core, ask)
    case 'watch':
      return watchObjects(core, ask)
    case 'create':
      return create(core, ask)
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

const HEALTH = /^\/(?:healthz|livez|readyz)(?:\/|$)/

function nonResource(core: Core, route: Route, accepted: Accepted): Answer {
  const { path, discovery: at } = route
  if (HEALTH.test(path)) return answerText(200, 'ok')
  if (path === '/version' || path === '/version/') return answerJson(200, discovery.versionInfo())
  const schemas = openapi(core, path)
  if (schemas !== undefined) return schemas
  const found = at === undefined ? undefined : discovered(core, path, at, accepted)
  if (found !== undefined) return found
  return answerText(404, '404 page not found\n')
}

function openapi(core: Core, path: string): Answer | undefined {
  const { registry } = core
  if (path === '/openapi/v2') return answerJson(200, openapiV2(registry))
  if (path === '/openapi/v3' || path === '/openapi/v3/')
    return answerJson(200, openapiRoot(registry))
  const match = /^\/openapi\/v3\/(?:api|apis\/([^/]+))\/([^/]+)\/?$/.exec(path)
  if (match === null) return undefined
  const document = openapiDocument(registry, match[1] ?? '', match[2] ?? '')
  return document === undefined ? undefined : answerJson(200, document)
}

function discovered(
  core: Core,
  path: string,
  at: NonNullable<Route['discovery']>,
  accepted: Accepted,
): Answer | undefined {
  const { registry } = core
  const root = path.startsWith('/apis') ? 'apis' : 'api'
  const { format } = accepted
  if (at.version !== undefined) {
    const list = discovery.apiResourceList(registry, at.group ?? '', at.version)
    return list === undefined ? undefined : answerJson(200, list, { format })
  }
  if (root === 'apis' && at.group !== undefined) {
    if (registry.group(at.group) === undefined) return undefined
    const group = discovery.apiGroup(registry, at.group) as Record<string, Json>
    return answerJson(200, { kind: 'APIGroup', apiVersion: 'v1', ...group }, { format })
  }
  if (accepted.discovery !== undefined)
    return {
      ...answerJson(200, discovery.aggregated(registry, root, accepted.discovery)),
      headers: {
        'content-type': `application/json;g=apidiscovery.k8s.io;v=${accepted.discovery};as=APIGroupDiscoveryList`,
      },
    }
  const value = root === 'api' ? discovery.apiVersions() : discovery.apiGroupList(registry)
  return answerJson(200, value, { format })
}

export type { ApiResponse }
