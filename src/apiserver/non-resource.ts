import { createHash } from 'node:crypto'
import { compareText } from '../base/index.ts'
import type { ApiRequest, Json, JsonObject } from '../object/index.ts'
import { ISSUER } from './auth/tokens.ts'
import type { Core } from './core.ts'
import * as discovery from './discovery.ts'
import { HEALTH, health, healthMetrics, healthPaths } from './health.ts'
import { groupResource } from './kind.ts'
import type { Route } from './route.ts'
import { methodNotAllowed, nowhere } from './status.ts'
import {
  acceptOf,
  BUILTIN_TYPES,
  checkRouted,
  contentType,
  type Format,
  JSON_TYPES,
  type Offer,
  type Wish,
} from './wire/media.ts'
import { type Answer, answerJson, answerText } from './wire/respond.ts'

/** What Prometheus is told of its format. */
const METRICS = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores' }

/** How what is no resource was asked for. */
interface Asked {
  readonly method: ApiRequest['method']
  readonly wish: Wish
  readonly host: string | undefined
  /** The keys to check tokens of service accounts with. */
  readonly keys: JsonObject
}

/** Answers what is no resource: discovery, health, version. */
export function nonResource(core: Core, route: Route, asked: Asked): Answer {
  const { path, discovery: at } = route
  if (HEALTH.test(path)) return health(path, route.query) ?? answerText(404, NO_PAGE)
  if (path === '/metrics') return { status: 200, headers: METRICS, body: metrics(core) }
  if (path === '/metrics/slis') return { status: 200, headers: METRICS, body: healthMetrics() }
  if (path === '/' || path === '/index.html')
    return answerJson(200, roots(core), { format: 'pretty' })
  if (path.startsWith('/version')) return version(path, asked)
  const document = path.replace(/\/$/, '')
  if (document === OPENID || document === KEYS) return openId(document, asked)
  if (at !== undefined && !path.includes('//')) return discovered(core, path, at, asked)
  return answerText(404, NO_PAGE)
}

const OPENID = '/.well-known/openid-configuration'
const KEYS = '/openid/v1/jwks'

/** What others need to check tokens of service accounts. */
function openId(path: string, { method, host, keys, wish }: Asked): Answer {
  if (method !== 'GET') throw methodNotAllowed()
  const type = path === KEYS ? 'application/jwk-set+json' : 'application/json'
  checkRouted(wish, [type])
  const about = {
    issuer: ISSUER,
    jwks_uri: `https://${host ?? 'localhost'}${KEYS}`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  }
  return {
    status: 200,
    headers: { 'content-type': type, 'cache-control': 'public, max-age=3600' },
    body: JSON.stringify(path === KEYS ? keys : about),
  }
}

const NO_PAGE = '404 page not found\n'

function version(path: string, { method, wish }: Asked): Answer {
  if (!/^\/version\/?$/.test(path)) {
    if (path.startsWith('/version/')) throw nowhere()
    return answerText(404, NO_PAGE)
  }
  if (method !== 'GET') throw methodNotAllowed()
  checkRouted(wish, JSON_TYPES)
  return answerJson(200, discovery.versionInfo(), { format: 'pretty' })
}

/** Where one can go from here. */
function roots(core: Core): Json {
  const versions = core.registry
    .groups()
    .filter((group) => group !== '')
    .flatMap((group) => [
      `/apis/${group}`,
      ...discovery.versionsOf(core.registry, group).map((each) => `/apis/${group}/${each}`),
    ])
  const others = [
    '/api',
    '/api/v1',
    '/apis',
    '/apis/',
    '/metrics',
    '/metrics/slis',
    '/openapi/v2',
    '/openapi/v3',
    '/openapi/v3/',
    OPENID,
    KEYS,
  ]
  return { paths: [...others, ...versions, ...healthPaths(), '/version'].sort(compareText) }
}

/** How many objects there are of each resource, in Prometheus' text format. */
function metrics(core: Core): string {
  const lines = core.registry
    .storages()
    .map((kind) => [groupResource(kind), core.store.count(kind.table)] as const)
    .filter(([, count]) => count > 0)
    .map(([resource, count]) => `apiserver_storage_objects{resource="${resource}"} ${count}\n`)
  return `# HELP apiserver_storage_objects Number of stored objects.\n# TYPE apiserver_storage_objects gauge\n${lines.join('')}`
}

/**
 * Answers below `/api` and `/apis`.
 * @throws StatusFault 404 where the group is known and the version is not, 405, 406
 */
function discovered(
  core: Core,
  path: string,
  at: NonNullable<Route['discovery']>,
  asked: Asked,
): Answer {
  const { registry } = core
  const root = path.startsWith('/apis') ? 'apis' : 'api'
  const isGroup = root === 'apis' && at.group !== undefined && at.version === undefined
  if (at.group !== undefined && registry.group(at.group) === undefined)
    return answerText(404, NO_PAGE)
  const isRoot = at.version === undefined && !isGroup
  const offer: Offer = {
    types: BUILTIN_TYPES,
    ...(isGroup || (isRoot && root === 'apis') ? {} : { routed: BUILTIN_TYPES }),
    ...(isRoot ? { shapes: 'discovery' } : {}),
  }
  const list =
    at.version === undefined
      ? undefined
      : discovery.apiResourceList(registry, at.group ?? '', at.version)
  if (at.version !== undefined && list === undefined) {
    // Custom groups are served behind the others.
    if (isCustomGroup(core, at.group)) return answerText(404, NO_PAGE)
    throw nowhere()
  }
  // The lists of all groups and of one are answered before the router looks at the method.
  const isOpen = isGroup || /^\/apis\/?$/.test(path) || isCustomGroup(core, at.group)
  if (asked.method !== 'GET' && !isOpen) throw methodNotAllowed()
  const accepted = acceptOf(asked.wish, offer)
  const { format } = accepted
  if (list !== undefined) return answerJson(200, list, { format })
  if (isGroup) {
    const group = discovery.apiGroup(registry, at.group ?? '') as Record<string, Json>
    return answerJson(200, { kind: 'APIGroup', apiVersion: 'v1', ...group }, { format })
  }
  if (accepted.discovery !== undefined) return aggregated(core, root, format)
  const host = asked.host ?? '127.0.0.1:443'
  const value = root === 'api' ? discovery.apiVersions(host) : discovery.apiGroupList(registry)
  return answerJson(200, value, { format })
}

function isCustomGroup({ registry }: Core, group = ''): boolean {
  return registry.group(group)?.every((each) => each.custom !== undefined) ?? false
}

/** Everything that is served in one answer, which clients keep and ask for by its hash. */
function aggregated(core: Core, root: 'api' | 'apis', format: Format): Answer {
  const answer = answerJson(200, discovery.aggregated(core.registry, root), { format })
  const hash = createHash('sha512')
    .update(answer.bytes ?? String(answer.body))
    .digest('hex')
    .toUpperCase()
  return {
    ...answer,
    headers: {
      'content-type': `${contentType(format)};g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList`,
      etag: `"${hash}"`,
      vary: 'Accept',
      'cache-control': 'public',
    },
  }
}
