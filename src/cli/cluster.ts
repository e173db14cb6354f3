import { EXIT, type Io } from './io.ts'
import {
  helpText,
  type OptionTable,
  parseOptions,
  portOption,
  textOption,
  usageFault,
} from './options.ts'

/** What the command needs from outside. */
export interface ClusterDeps {
  readonly absolute: (path: string) => string
  /** Starts the server, and writes the kubeconfig once it answers. */
  start(options: {
    /** 0 for a free one. */
    readonly port: number
    readonly kubeconfig: string
    /** Where to keep the objects; undefined: in memory. */
    readonly dataDir: string | undefined
    /** A file of lifecycles, tried before the server's own. */
    readonly lifecycles: string | undefined
  }): Promise<{ readonly url: string; close(): Promise<void> }>
}

const OPTIONS: OptionTable = {
  port: { type: 'string', value: 'N', help: 'port of the Kubernetes API (default: a free one)' },
  kubeconfig: { type: 'string', value: 'FILE', help: 'where to write the kubeconfig (needed)' },
  data: { type: 'string', value: 'DIR', help: 'keep the objects here (default: in memory)' },
  lifecycles: { type: 'string', value: 'FILE', help: 'what becomes of objects of further kinds' },
}

const ABOUT = `Runs the embedded Kubernetes API server alone, on loopback, until Ctrl-C. kubectl, helm and
controllers can use it by the kubeconfig that it writes.`

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}

/** `tidegate cluster`: exit code 0 on Ctrl-C. */
export async function runCluster(
  argv: readonly string[],
  io: Io,
  deps: ClusterDeps,
): Promise<number> {
  const parsed = parseOptions(argv, OPTIONS, 0)
  if (parsed.values['help'] === true) {
    io.out(helpText('tidegate cluster --kubeconfig FILE [options]', ABOUT, OPTIONS))
    return EXIT.ok
  }
  const kubeconfig = textOption(parsed, 'kubeconfig')
  if (kubeconfig === undefined)
    throw usageFault('--kubeconfig FILE is needed: the file to write for kubectl')
  const dataDir = textOption(parsed, 'data')
  const lifecycles = textOption(parsed, 'lifecycles')
  const port = portOption(parsed, 'port')
  const server = await deps
    .start({
      port,
      kubeconfig: deps.absolute(kubeconfig),
      dataDir: dataDir === undefined ? undefined : deps.absolute(dataDir),
      lifecycles: lifecycles === undefined ? undefined : deps.absolute(lifecycles),
    })
    .catch((error: unknown) => {
      throw isTaken(error)
        ? usageFault(
            `port ${port} is taken: give another by --port, or leave it out for a free one`,
            error,
          )
        : error
    })
  io.out(`Kubernetes API on ${server.url}\n  export KUBECONFIG=${deps.absolute(kubeconfig)}\n`)
  if (!io.signal.aborted)
    await new Promise((resolve) => io.signal.addEventListener('abort', resolve, { once: true }))
  await server.close()
  return EXIT.ok
}
