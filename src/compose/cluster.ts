import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type ApiServerOptions, readLifecycles } from '../apiserver/index.ts'
import type { Log } from '../base/index.ts'
import { type ClusterOptions, type Controllers, runCluster } from '../cli/cluster.ts'
import type { Io } from '../cli/io.ts'
import { startEmbedded } from './embedded.ts'
import type { Face } from './face.ts'
import { writeKubeconfig } from './files.ts'
import { terminalLog } from './terminal-log.ts'
import { readTokens } from './token-file.ts'

/** `tidegate cluster`. */
export function cluster(argv: readonly string[], io: Io): Promise<number> {
  return runCluster(argv, io, {
    absolute: (path) => resolve(io.cwd, path),
    // A controller that fails, or a request for a reason of ours, is seen by nobody else.
    start: (options) => start(options, terminalLog(io, 'error')),
  })
}

async function start(
  options: ClusterOptions,
  log: Log,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { port, kubeconfig, dataDir, lifecycles, tokens } = options
  const own =
    lifecycles === undefined ? [] : readLifecycles(await readFile(lifecycles, 'utf8'), lifecycles)
  const embedded = await startEmbedded({
    port,
    log,
    face: faceFor(options),
    withCrds: options.withCrds,
    server: {
      ...BACKGROUND[options.controllers],
      lifecycles: own,
      ...(tokens === undefined
        ? {}
        : { tokens: readTokens(await readFile(tokens, 'utf8'), tokens) }),
    },
    ...(dataDir === undefined ? {} : { dataDir }),
  })
  await writeKubeconfig(kubeconfig, embedded.served.url, embedded.secured)
  return { url: embedded.served.url, close: () => embedded.close() }
}

const BACKGROUND: Readonly<Record<Controllers, ApiServerOptions>> = {
  all: {},
  'no-node': { simulation: false },
  'no-workloads': { workloads: false },
  none: { controllers: false },
}

function faceFor({ bind, speaks, names }: ClusterOptions): Face {
  return {
    ...(bind === undefined ? {} : { host: bind }),
    ...(speaks === 'http' ? {} : { tls: { names, alsoPlain: speaks === 'both' } }),
  }
}
