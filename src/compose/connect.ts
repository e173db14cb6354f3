import { Fault } from '../base/index.ts'
import type { Io } from '../cli/io.ts'
import type { Connection } from '../cli/operate.ts'
import { createCluster, httpTransport, kubeconfigFiles, loadKubeconfig } from '../cluster/index.ts'
import { systemClock, systemRandom } from './system.ts'

/** Connects to the cluster of a kubeconfig; what kubectl would use where none is named. */
export async function connect(
  io: Io,
  { kubeconfig, context }: { readonly kubeconfig: string; readonly context: string },
): Promise<Connection> {
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
}
