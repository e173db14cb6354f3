import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { readLifecycles } from '../apiserver/index.ts'
import { silentLog } from '../base/index.ts'
import { runCluster } from '../cli/cluster.ts'
import type { Io } from '../cli/io.ts'
import { startEmbedded } from './embedded.ts'
import { writeKubeconfig } from './files.ts'

/** `tidegate cluster`. */
export function cluster(argv: readonly string[], io: Io): Promise<number> {
  return runCluster(argv, io, {
    absolute: (path) => resolve(io.cwd, path),
    start: async ({ port, kubeconfig, dataDir, lifecycles }) => {
      const own =
        lifecycles === undefined
          ? []
          : readLifecycles(await readFile(lifecycles, 'utf8'), lifecycles)
      const embedded = await startEmbedded({
        port,
        log: silentLog,
        server: { lifecycles: own },
        ...(dataDir === undefined ? {} : { dataDir }),
      })
      await writeKubeconfig(kubeconfig, embedded.served.url)
      return { url: embedded.served.url, close: () => embedded.close() }
    },
  })
}
