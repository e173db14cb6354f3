import { EXIT, type Io } from './io.ts'
import {
  helpText,
  type OptionTable,
  type ParsedOptions,
  parseOptions,
  portOption,
  textOption,
  usageFault,
} from './options.ts'

/** What works behind the API. */
export const CONTROLLERS = ['all', 'no-node', 'no-workloads', 'none'] as const
export type Controllers = (typeof CONTROLLERS)[number]

/** How the server is to run. */
export interface ClusterOptions {
  /** 0 for a free one. */
  readonly port: number
  /** Where to listen; undefined: on loopback. */
  readonly bind: string | undefined
  readonly kubeconfig: string
  /** `https` alone, `http` alone, or both on one port. */
  readonly speaks: 'both' | 'http' | 'https'
  /** Names and addresses for the certificate beside the usual ones. */
  readonly names: readonly string[]
  /** A file of tokens in the form of kube-apiserver. */
  readonly tokens: string | undefined
  /** Where to keep the objects; undefined: in memory. */
  readonly dataDir: string | undefined
  /** A file of lifecycles, tried before the server's own. */
  readonly lifecycles: string | undefined
  readonly controllers: Controllers
  /** Whether the definitions of Flux's kinds are there from the start. */
  readonly withCrds: boolean
}

/** What the command needs from outside. */
export interface ClusterDeps {
  readonly absolute: (path: string) => string
  /** Starts the server, and writes the kubeconfig once it answers. */
  start(options: ClusterOptions): Promise<{ readonly url: string; close(): Promise<void> }>
}

const OPTIONS: OptionTable = {
  port: { type: 'string', value: 'N', help: 'port of the Kubernetes API (default: a free one)' },
  bind: { type: 'string', value: 'ADDRESS', help: 'where to listen (default: 127.0.0.1)' },
  kubeconfig: { type: 'string', value: 'FILE', help: 'where to write the kubeconfig (needed)' },
  data: { type: 'string', value: 'DIR', help: 'keep the objects here (default: in memory)' },
  'tls-san': {
    type: 'string',
    multiple: true,
    value: 'NAME',
    help: 'a further name or address for the certificate; may be repeated',
  },
  'tls-only': { type: 'boolean', help: 'no plain HTTP beside TLS (so it is off loopback anyway)' },
  http: { type: 'boolean', help: 'plain HTTP alone, on loopback, without any credentials' },
  'token-auth-file': {
    type: 'string',
    value: 'FILE',
    help: 'tokens of users, as kube-apiserver has them: token,user,uid,"group,group"',
  },
  controllers: {
    type: 'string',
    value: 'WHICH',
    help: `what works behind the API: ${CONTROLLERS.join(', ')} (default: all)`,
  },
  'no-crds': { type: 'boolean', help: "start without the definitions of Flux's kinds" },
  lifecycles: { type: 'string', value: 'FILE', help: 'what becomes of objects of further kinds' },
}

const ABOUT = `Runs the embedded Kubernetes API server alone until Ctrl-C. kubectl, helm and controllers can use it by
the kubeconfig that it writes: over TLS, with HTTP/2, as an administrator by a client certificate.
On loopback plain HTTP is spoken on the same port; there requests need no credentials.

--controllers: all plays a node too, on which workloads run; no-node leaves pods Pending; no-workloads
looks after namespaces and owners alone; none leaves all of it to controllers of your own.`

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
  const options = optionsOf(parsed, deps)
  const { port, kubeconfig } = options
  const server = await deps.start(options).catch((error: unknown) => {
    throw isTaken(error)
      ? usageFault(
          `port ${port} is taken: give another by --port, or leave it out for a free one`,
          error,
        )
      : error
  })
  io.out(`Kubernetes API on ${server.url}\n  export KUBECONFIG=${kubeconfig}\n`)
  if (!io.signal.aborted)
    await new Promise((resolve) => io.signal.addEventListener('abort', resolve, { once: true }))
  await server.close()
  return EXIT.ok
}

function optionsOf(parsed: ParsedOptions, { absolute }: ClusterDeps): ClusterOptions {
  const kubeconfig = textOption(parsed, 'kubeconfig')
  if (kubeconfig === undefined)
    throw usageFault('--kubeconfig FILE is needed: the file to write for kubectl')
  const path = (name: string): string | undefined => {
    const given = textOption(parsed, name)
    return given === undefined ? undefined : absolute(given)
  }
  const names = parsed.values['tls-san']
  return {
    port: portOption(parsed, 'port'),
    bind: textOption(parsed, 'bind'),
    kubeconfig: absolute(kubeconfig),
    speaks: speaksOf(parsed),
    names: Array.isArray(names) ? names.map(String) : [],
    tokens: path('token-auth-file'),
    dataDir: path('data'),
    lifecycles: path('lifecycles'),
    controllers: controllersOf(parsed),
    withCrds: parsed.values['no-crds'] !== true,
  }
}

function speaksOf(parsed: ParsedOptions): ClusterOptions['speaks'] {
  const bind = textOption(parsed, 'bind') ?? '127.0.0.1'
  const isNear = bind === 'localhost' || bind === '::1' || bind.startsWith('127.')
  const [http, tlsOnly] = [parsed.values['http'] === true, parsed.values['tls-only'] === true]
  if (http && tlsOnly) throw usageFault('--http and --tls-only leave nothing to speak: give one')
  // Whoever reaches plain HTTP is an administrator.
  if (http && !isNear)
    throw usageFault(`--http is for loopback alone, not for --bind ${bind}: leave one of them out`)
  if (http) return 'http'
  return tlsOnly || !isNear ? 'https' : 'both'
}

function controllersOf(parsed: ParsedOptions): Controllers {
  const text = textOption(parsed, 'controllers') ?? 'all'
  const found = CONTROLLERS.find((each) => each === text)
  if (found === undefined)
    throw usageFault(
      `--controllers: ${JSON.stringify(text)} is none of them; give ${CONTROLLERS.join(', ')}`,
    )
  return found
}
