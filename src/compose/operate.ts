import { readFileSync } from 'node:fs'
import { Fault } from '../base/index.ts'
import { runCheck } from '../cli/check.ts'
import { runInstall } from '../cli/install.ts'
import type { Io } from '../cli/io.ts'
import type { OperateDeps } from '../cli/operate.ts'
import { runUninstall } from '../cli/uninstall.ts'
import { createCluster, httpTransport, kubeconfigFiles, loadKubeconfig } from '../cluster/index.ts'
import { shippedPath, systemClock, systemRandom } from './system.ts'

/** `tidegate install`. */
export function install(argv: readonly string[], io: Io): Promise<number> {
  return runInstall(argv, io, depsOf(io))
}

/** `tidegate uninstall`. */
export function uninstall(argv: readonly string[], io: Io): Promise<number> {
  return runUninstall(argv, io, depsOf(io))
}

/** `tidegate check`. */
export function check(argv: readonly string[], io: Io): Promise<number> {
  return runCheck(argv, io, depsOf(io))
}

function depsOf(io: Io): OperateDeps {
  return {
    clock: systemClock,
    manifests: () => readFileSync(shippedPath('deploy/install.yaml'), 'utf8'),
    connect: async ({ kubeconfig, context }) => {
      const files = kubeconfig === '' ? kubeconfigFiles(io.env) : [kubeconfig]
      const source = { files, ...(context === '' ? {} : { context }) }
      const { http } = await loadKubeconfig(source, systemClock)
      const transport = httpTransport(http, systemClock)
      return {
        cluster: createCluster({ transport, clock: systemClock, random: systemRandom }),
        serverVersion: async () => {
          const answer = await transport.request({ method: 'GET', path: '/version' })
          const body = JSON.parse(await answer.text()) as { gitVersion?: unknown }
          if (typeof body.gitVersion === 'string') return body.gitVersion
          throw new Fault({ code: 'UNREACHABLE', message: `/version answered ${answer.status}` })
        },
        close: () => transport.close(),
      }
    },
  }
}
