import type { Json } from '../object/index.ts'
import type { Core } from './core.ts'
import * as discovery from './discovery.ts'
import { groupResource } from './kind.ts'
import type { Route } from './route.ts'
import type { Accepted } from './wire/media.ts'
import { type Answer, answerJson, answerText } from './wire/respond.ts'

const HEALTH = /^\/(?:healthz|livez|readyz)(?:\/|$)/

/** Answers what is no resource: discovery, health, version. */
export function nonResource(
  core: Core,
  route: Route,
  asked: { readonly accepted: Accepted; readonly host: string | undefined },
): Answer {
  const { path, discovery: at } = route
  if (HEALTH.test(path)) return health(path, route.query.has('verbose'))
  if (path === '/metrics') return answerText(200, metrics(core))
  if (path === '/version' || path === '/version/') return answerJson(200, discovery.versionInfo())
  const found = at === undefined ? undefined : discovered(core, path, at, asked)
  if (found !== undefined) return found
  return answerText(404, '404 page not found\n')
}

/** The checks that there are to make here. */
const CHECKS = ['ping', 'log', 'etcd', 'poststarthook/crd-informer-synced', 'shutdown']

function health(path: string, verbose: boolean): Answer {
  const [, root = '', ...rest] = path.replace(/\/$/, '').split('/')
  const check = rest.join('/')
  if (check !== '' && !CHECKS.includes(check)) return answerText(404, '404 page not found\n')
  if (check !== '' || !verbose) return answerText(200, 'ok')
  const lines = CHECKS.map((each) => `[+]${each} ok\n`)
  return answerText(200, `${lines.join('')}${root} check passed\n`)
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

function discovered(
  core: Core,
  path: string,
  at: NonNullable<Route['discovery']>,
  { accepted, host }: { readonly accepted: Accepted; readonly host: string | undefined },
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
  const value =
    root === 'api'
      ? discovery.apiVersions(host ?? '127.0.0.1:443')
      : discovery.apiGroupList(registry)
  return answerJson(200, value, { format })
}
