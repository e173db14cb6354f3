import { Fault } from '../base/index.ts'
import type { ControllerFlags } from '../cli/controller-flags.ts'

/**
 * Hosts that artifacts are read from, where `--no-cross-namespace-refs` says that tenants do not trust
 * each other: our own store, what the operator named, and where the sources are somebody else's, the
 * places where Flux's controllers serve them. Undefined without lock-down.
 */
export function artifactHostsOf(
  flags: ControllerFlags,
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] | undefined {
  if (!flags.kustomize.noCrossNamespaceRefs) return undefined
  // The override is dialled whatever the address says.
  if (env['SOURCE_CONTROLLER_LOCALHOST'] !== undefined) return ['*']
  const own = flags.controllers.includes('source') ? [ownHost(flags)] : fluxHosts(flags, env)
  return [...own, ...flags.artifactHosts].map(withoutDefaultPort)
}

/** What the source side of this process advertises. */
function ownHost({ source }: ControllerFlags): string {
  const told = source.storageAdvAddr || source.storageAddr
  const address = told.startsWith(':') ? `0.0.0.0${told}` : told
  return address.replace(/:0$/, ':*')
}

/**
 * Where one replica of several serves its artifacts: what it was told, else the address of its pod.
 * A Service would lead to any of them.
 * @throws Fault FLAG where neither is known
 */
export function podAddress(
  flags: ControllerFlags,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const { storageAddr, storageAdvAddr } = flags.source
  if (storageAdvAddr !== '' || !flags.controllers.includes('source')) return storageAdvAddr
  const ip = env['POD_IP'] ?? ''
  if (ip === '')
    throw new Fault({
      code: 'FLAG',
      message:
        '--sharding=auto needs an address of this replica alone: POD_IP in the environment, or --storage-adv-addr',
    })
  const port = storageAddr.slice(storageAddr.lastIndexOf(':') + 1)
  return `${ip.includes(':') ? `[${ip}]` : ip}:${port}`
}

function fluxHosts(
  flags: ControllerFlags,
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const services = ['source-controller', 'source-watcher'].map(
    (service) => `${service}.${flags.runtimeNamespace}`,
  )
  const named = services.flatMap((at) => [at, `${at}.svc`, `${at}.svc.cluster.local`])
  // Outside of a cluster its services have no names: whoever runs this there has them forwarded.
  const outside = env['KUBERNETES_SERVICE_HOST'] === undefined ? ['localhost:*', '127.0.0.1:*'] : []
  return [...named, ...outside]
}

function withoutDefaultPort(host: string): string {
  return host.replace(/:80$/, '')
}
