import { compareText } from '../base/index.ts'
import { type Answer, answerText } from './wire/respond.ts'

/** Go takes the answer of one check for text by itself. */
const PLAIN = { 'content-type': 'text/plain; charset=utf-8' }

/** What a server runs once it serves; in the order in which it tells of them. */
const HOOKS = [
  'start-apiserver-admission-initializer',
  'generic-apiserver-start-informers',
  'priority-and-fairness-config-consumer',
  'priority-and-fairness-filter',
  'storage-object-count-tracker-hook',
  'start-apiextensions-informers',
  'start-apiextensions-controllers',
  'crd-informer-synced',
  'start-system-namespaces-controller',
  'peer-endpoint-reconciler-controller',
  'start-cluster-authentication-info-controller',
  'start-kube-apiserver-identity-lease-controller',
  'start-kube-apiserver-identity-lease-garbage-collector',
  'storage-readiness',
  'start-legacy-token-tracking-controller',
  'start-service-ip-repair-controllers',
  'rbac/bootstrap-roles',
  'scheduling/bootstrap-system-priority-classes',
  'priority-and-fairness-config-producer',
  'bootstrap-controller',
  'start-kubernetes-service-cidr-controller',
  'start-kube-aggregator-informers',
  'apiservice-status-local-available-controller',
  'apiservice-status-remote-available-controller',
  'apiservice-registration-controller',
  'apiservice-discovery-controller',
  'kube-apiserver-autoregistration',
].map((name) => `poststarthook/${name}`)

const CHECKS = [
  ...HOOKS,
  'autoregister-completion',
  'poststarthook/apiservice-openapi-controller',
  'poststarthook/apiservice-openapiv3-controller',
]
const ALIVE = ['ping', 'log', 'loopback-serving-certificate', 'etcd', ...CHECKS]
const READY = ['ping', 'log', 'etcd', 'etcd-readiness', 'informer-sync', ...CHECKS, 'shutdown']

/** Where health is asked about. */
export const HEALTH: RegExp = /^\/(?:healthz|livez|readyz)(?:\/|$)/

function checksOf(root: string): readonly string[] {
  return root === 'readyz' ? READY : ALIVE
}

/** All paths at which health can be asked about. */
export function healthPaths(): string[] {
  return ['healthz', 'livez', 'readyz'].flatMap((root) => [
    `/${root}`,
    ...checksOf(root).map((check) => `/${root}/${check}`),
  ])
}

/**
 * Answers a question about health; undefined for a check that is none. This server is well as soon as
 * it answers: what the real one starts beside itself is there from the beginning, under the same names,
 * since probes and dashboards ask for them.
 * @see k8s.io/apiserver pkg/server/healthz/healthz.go (v0.36.3)
 */
export function health(path: string, query: URLSearchParams): Answer | undefined {
  const [, root = '', ...rest] = path.split('/')
  const check = rest.join('/')
  const checks = checksOf(root)
  const isKnown = check === '' ? rest.length === 0 : checks.includes(check)
  if (!isKnown) return undefined
  if (check !== '') return { status: 200, headers: PLAIN, body: 'ok' }
  if (!query.has('verbose')) return answerText(200, 'ok')
  const excluded = [...new Set(query.getAll('exclude'))].sort(compareText)
  const lines = checks.map(
    (each) => `[+]${each} ${excluded.includes(each) ? 'excluded: ' : ''}ok\n`,
  )
  const strangers = excluded.filter((each) => !checks.includes(each))
  const warning =
    strangers.length === 0
      ? ''
      : `warn: some health checks cannot be excluded: no matches for ${strangers.map((each) => JSON.stringify(each)).join(',')}\n`
  return answerText(200, `${lines.join('')}${warning}${root} check passed\n`)
}

/** The health of each check in Prometheus' text format. */
export function healthMetrics(): string {
  const lines = ['healthz', 'livez', 'readyz'].flatMap((type) =>
    checksOf(type).map((name) => `kubernetes_healthcheck{name="${name}",type="${type}"} 1\n`),
  )
  const about = '[STABLE] This metric records the result of a single healthcheck.'
  const head = `# HELP kubernetes_healthcheck ${about}\n# TYPE kubernetes_healthcheck gauge\n`
  return head + lines.sort(compareText).join('')
}
