/**
 * `tidegate/apiserver`: the embedded Kubernetes API server for other programs and their tests.
 * Invariant: what this page exports is all that they may use; nothing of the reconcilers is loaded.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import {
  type ApiServerDeps,
  type ApiServerOptions,
  createApiServer,
  type Secured,
  serve,
} from '../apiserver/index.ts'
import { openJournal } from '../files/index.ts'
import type { Transport } from '../object/index.ts'
import { type Face, faceOf } from './face.ts'
import { kubeconfigText } from './kubeconfig-text.ts'
import { systemClock, systemRandom } from './system.ts'

export {
  type Admission,
  type ApiServer,
  type ApiServerDeps,
  type ApiServerOptions,
  createApiServer,
  type Journal,
  type Lifecycle,
  readLifecycles,
  type SavedChange,
  type Secured,
  type Served,
  type ServeOptions,
  serve,
  type User,
} from '../apiserver/index.ts'
export { type Clock, type Log, type Random, seededRandom, VirtualClock } from '../base/index.ts'
export type { ApiRequest, ApiResponse, KubeObject, Transport } from '../object/index.ts'

/** How to start a server in one call; all of it may be left out. */
export interface StartOptions extends Omit<ApiServerOptions, 'journal'> {
  /** Default: one that is free. */
  readonly port?: number
  /** Where to listen. Default: 127.0.0.1, where requests without a token are an administrator's. */
  readonly host?: string
  /**
   * TLS with HTTP/2 and client certificates: the kubeconfig has them, and requests without credentials
   * are anonymous. Default: plain HTTP, which needs nothing to be told to programs of the same test.
   */
  readonly tls?: boolean | Face['tls']
  /** Folder that the objects are kept in; absent: in memory. */
  readonly dataDir?: string
  /** Other ports than those of the system: a virtual clock, a seeded random source, a log. */
  readonly deps?: Partial<ApiServerDeps>
}

/** A server that runs. */
export interface RunningApiServer {
  readonly url: string
  readonly port: number
  /** Text of a kubeconfig for kubectl, helm and client libraries. */
  readonly kubeconfig: string
  /** What TLS is spoken with; absent: plain HTTP. */
  readonly secured?: Secured
  /** The same server without the network. */
  readonly transport: Transport
  close(): Promise<void>
}

/**
 * Starts the API server on HTTP. Off loopback it takes requests without credentials for anonymous ones.
 * @throws Error when the port is taken
 */
export async function startApiServer(options: StartOptions = {}): Promise<RunningApiServer> {
  const { port, host = '127.0.0.1', tls, dataDir, deps, ...rest } = options
  const journal = dataDir === undefined ? undefined : openJournal(join(dataDir, 'objects.jsonl'))
  const isLoopback = host === 'localhost' || host === '::1' || host.startsWith('127.')
  // Who brings a random source wants the same run each time.
  const seed = deps?.random === undefined ? { tokenSeed: randomBytes(32) } : {}
  const server = createApiServer(
    { clock: systemClock, random: systemRandom, ...seed, ...deps },
    {
      ...(isLoopback ? {} : { anonymous: 'anonymous' as const }),
      ...rest,
      ...(journal === undefined ? {} : { journal }),
    },
  )
  const end = (): void => {
    server.close()
    journal?.close()
  }
  try {
    const secure = tls === true ? {} : tls
    const face = faceOf(server, { host, ...(secure ? { tls: secure } : {}) })
    const served = await serve(server, {
      ...face.options,
      ...(port === undefined ? {} : { port }),
    })
    return {
      url: served.url,
      port: served.port,
      kubeconfig: kubeconfigText(served.url, face.secured),
      ...(face.secured === undefined ? {} : { secured: face.secured }),
      transport: server,
      close: async () => {
        await served.close()
        end()
      },
    }
  } catch (error) {
    end()
    throw error
  }
}
