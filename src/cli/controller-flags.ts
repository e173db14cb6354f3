import { parseArgs } from 'node:util'
import { compareText, parseDuration } from '../base/index.ts'
import {
  CONTROLLER_FLAGS,
  type Flag,
  type FlagSide,
  SOURCE_DEFAULTS,
} from './controller-flag-table.ts'
import { boolOf, gatesOf, invalid } from './controller-gates.ts'
import { usageFault } from './options.ts'

/** Environment variables that stand in for flags. */
export type FlagEnvironment = Readonly<Record<string, string | undefined>>

/** What `tidegate controller` was told. Durations in milliseconds. */
export interface ControllerFlags {
  readonly help: boolean
  readonly controllers: readonly ('source' | 'kustomize')[]
  /** Hosts that artifacts may be read from, under lock-down. */
  readonly artifactHosts: readonly string[]
  readonly audit: { readonly file: string; readonly keyFile: string; readonly stdout: boolean }
  readonly kubeconfig: string
  readonly context: string
  readonly fluxTiming: boolean
  readonly sharding: 'none' | 'auto'
  readonly otlpEndpoint: string
  readonly reportConfigMap: string
  readonly runtimeNamespace: string
  readonly metricsAddr: string
  readonly healthAddr: string
  readonly eventsAddr: string
  /** Where webhooks are served; `''`: nowhere. */
  readonly receiverAddr: string
  readonly logLevel: 'trace' | 'debug' | 'info' | 'error'
  readonly logEncoding: 'json' | 'console'
  readonly kubeApiQps: number
  readonly kubeApiBurst: number
  readonly leaderElection: {
    readonly enabled: boolean
    readonly leaseDurationMs: number
    readonly renewDeadlineMs: number
    readonly retryPeriodMs: number
    readonly releaseOnCancel: boolean
  }
  /** The one namespace that is watched; undefined: all. */
  readonly watchNamespace: string | undefined
  readonly tokenCache: { readonly sizeMax: number; readonly durationMaxMs: number }
  readonly kustomize: KustomizeFlags
  readonly source: SourceFlags
}

/** What both sides have. */
export interface SideFlags {
  readonly concurrent: number
  readonly defaultServiceAccount: string
  readonly gates: Readonly<Record<string, boolean>>
  readonly intervalJitterPercent: number
  readonly maxRetryMs: number
  readonly minRetryMs: number
  readonly requeueDependencyMs: number
  readonly watchConfigsLabelSelector: string
  readonly watchLabelSelector: string
}

/** The side of Flux's kustomize-controller. */
export interface KustomizeFlags extends SideFlags {
  readonly concurrentSsa: number
  readonly customApplyStageKinds: string
  readonly defaultDecryptionServiceAccount: string
  readonly defaultKubeconfigServiceAccount: string
  readonly httpRetry: number
  readonly insecureKubeconfigExec: boolean
  readonly insecureKubeconfigTls: boolean
  readonly noCrossNamespaceRefs: boolean
  readonly noRemoteBases: boolean
  readonly overrideManagers: readonly string[]
  readonly sopsAgeSecret: string
  readonly sopsVaultConfigMap: string
}

/** The side of Flux's source-controller. */
export interface SourceFlags extends SideFlags {
  readonly artifactDigestAlgo: string
  readonly artifactRetentionRecords: number
  readonly artifactRetentionTtlMs: number
  readonly sshHostkeyAlgos: readonly string[]
  readonly sshKexAlgos: readonly string[]
  readonly storageAddr: string
  readonly storageAdvAddr: string
  readonly storagePath: string
  /** The bucket that artifacts are kept in, too; its address is `''` where there is none. */
  readonly storageS3: {
    readonly address: string
    readonly region: string
    readonly keysDir: string
  }
}

/**
 * Reads the flags of `tidegate controller`, which are Flux's: `--flag=value` and `--flag value`,
 * booleans as `--flag` and `--flag=false`.
 * @throws Fault USAGE
 */
export function parseControllerFlags(
  argv: readonly string[],
  env: FlagEnvironment,
): ControllerFlags {
  const given = readTokens(argv)
  const read = readerOf(given, env)
  const namespace = env['RUNTIME_NAMESPACE'] ?? ''
  if (!read.bool('watch-all-namespaces') && namespace === '')
    throw usageFault('--watch-all-namespaces=false needs RUNTIME_NAMESPACE in the environment')
  const controllers = controllersOf(read.list('controllers'))
  const gates = gatesOf(read.raw('feature-gates'), read.raw('source-feature-gates'))
  const source = sourceOf(read, sourceNames(given, controllers.length === 1), gates.source)
  const kustomize = kustomizeOf(read, gates.kustomize)
  if (controllers.includes('source')) checkIdentity([source.defaultServiceAccount], source.gates)
  if (controllers.includes('kustomize'))
    checkIdentity(
      [kustomize.defaultDecryptionServiceAccount, kustomize.defaultKubeconfigServiceAccount],
      kustomize.gates,
    )
  return {
    help: given.has('help'),
    controllers,
    artifactHosts: read.list('artifact-hosts'),
    audit: {
      file: read.text('audit-file'),
      keyFile: read.text('audit-key-file'),
      stdout: read.bool('audit-stdout'),
    },
    kubeconfig: read.text('kubeconfig'),
    context: read.text('context'),
    fluxTiming: read.bool('flux-timing'),
    otlpEndpoint: read.text('otlp-endpoint'),
    reportConfigMap: read.text('report-configmap'),
    sharding: read.text('sharding') === 'auto' ? 'auto' : 'none',
    runtimeNamespace: namespace === '' ? 'flux-system' : namespace,
    metricsAddr: read.text('metrics-addr'),
    healthAddr: read.text('health-addr'),
    eventsAddr: read.text('events-addr'),
    receiverAddr: read.text('receiver-addr'),
    logLevel: read.text('log-level') as ControllerFlags['logLevel'],
    logEncoding: read.text('log-encoding') as ControllerFlags['logEncoding'],
    kubeApiQps: read.number('kube-api-qps'),
    kubeApiBurst: read.int('kube-api-burst'),
    leaderElection: leaderElectionOf(read),
    watchNamespace: read.bool('watch-all-namespaces') ? undefined : namespace,
    tokenCache: {
      sizeMax: read.int('token-cache-max-size'),
      durationMaxMs: read.ms('token-cache-max-duration'),
    },
    kustomize,
    source,
  }
}

/** The help of `tidegate controller`. */
export function controllerHelp(): string {
  const titles: Record<FlagSide, string> = {
    own: 'Flags of its own:',
    process: "Flags of the process, as Flux's controllers have them:",
    kustomize: "Flags of Flux's kustomize-controller:",
    source: "Flags of Flux's source-controller:",
  }
  const sections = (Object.keys(titles) as FlagSide[]).map((side) => {
    const rows = Object.entries(CONTROLLER_FLAGS)
      .filter(([, flag]) => flag.side === side)
      .sort(([a], [b]) => compareText(a, b))
      .map(
        ([name, flag]) => `  --${name}${valueText(flag)}\n      ${flag.help}${defaultText(flag)}`,
      )
    return `${titles[side]}\n${rows.join('\n')}\n`
  })
  const usage = 'Usage: tidegate controller [--kubeconfig FILE] [flags]'
  return `Reconciles Flux's sources and Kustomizations on a cluster.\n\n${usage}\n\n${sections.join('\n')}`
}

function valueText(flag: Flag): string {
  return flag.type === 'bool' ? '' : ` ${flag.type === 'texts' ? 'text' : flag.type}`
}

function defaultText(flag: Flag): string {
  const env = flag.env === undefined ? '' : `, or ${flag.env} of the environment`
  return flag.default === '' || flag.default === 'false' ? '' : ` (default ${flag.default}${env})`
}

type Given = ReadonlyMap<string, readonly string[]>

function readTokens(argv: readonly string[]): Given {
  const options = Object.fromEntries(
    Object.entries(CONTROLLER_FLAGS).map(([name, flag]) => [
      name,
      { type: flag.type === 'bool' ? ('boolean' as const) : ('string' as const) },
    ]),
  )
  const { tokens } = parseArgs({
    args: [...argv],
    options: { ...options, help: { type: 'boolean', short: 'h' } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const given = new Map<string, string[]>()
  for (const token of tokens) {
    if (token.kind !== 'option') {
      const word = token.kind === 'positional' ? token.value : '--'
      throw usageFault(`unexpected argument ${JSON.stringify(word)}`)
    }
    const flag = CONTROLLER_FLAGS[token.name]
    if (flag === undefined && token.name !== 'help')
      throw usageFault(`unknown flag: ${token.rawName}`)
    const value = token.value ?? (options[token.name]?.type === 'string' ? undefined : 'true')
    if (value === undefined) throw usageFault(`flag needs an argument: ${token.rawName}`)
    given.set(token.name, [...(given.get(token.name) ?? []), value])
  }
  return given
}

/** Reads single flags by name. */
interface Reader {
  /** As written; undefined when it was not given and there is no default. */
  raw(name: string): string | undefined
  text(name: string): string
  bool(name: string): boolean
  int(name: string): number
  number(name: string): number
  ms(name: string): number
  list(name: string): readonly string[]
  texts(name: string): readonly string[]
}

function readerOf(given: Given, env: FlagEnvironment): Reader {
  const raw = (name: string): string | undefined => {
    const flag = CONTROLLER_FLAGS[name]
    const fromEnv = flag?.env === undefined ? undefined : env[flag.env]
    const own = SOURCE_DEFAULTS[name.replace(/^source-/, '')]
    const fallback = name.startsWith('source-') ? own : flag?.default
    const text = given.get(name)?.at(-1) ?? fromEnv ?? fallback ?? ''
    if (flag?.oneOf !== undefined && !flag.oneOf.includes(text))
      throw invalid(name, text, `must be one of ${flag.oneOf.join(', ')}`)
    return text === '' ? undefined : text
  }
  const parsed = <T>(name: string, parse: (text: string) => T | undefined, what: string): T => {
    const text = raw(name) ?? ''
    const value = parse(text)
    if (value === undefined) throw invalid(name, text, what)
    return value
  }
  const all = (name: string): readonly string[] => given.get(name) ?? [raw(name) ?? '']
  return {
    raw,
    text: (name) => raw(name) ?? '',
    bool: (name) => parsed(name, boolOf, 'must be true or false'),
    int: (name) => parsed(name, intOf, 'must be a whole number, 0 or more'),
    number: (name) => parsed(name, numberOf, 'must be a number'),
    ms: (name) => parsed(name, parseDuration, 'must be a duration, e.g. 90s or 1h30m'),
    list: (name) =>
      all(name)
        .flatMap((text) => text.split(','))
        .filter((text) => text !== ''),
    texts: (name) => all(name).filter((text) => text !== ''),
  }
}

function intOf(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

function numberOf(text: string): number | undefined {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined
}

function controllersOf(names: readonly string[]): ('source' | 'kustomize')[] {
  const known = ['source', 'kustomize'] as const
  const unknown = names.find((name) => !known.some((each) => each === name))
  if (unknown !== undefined || names.length === 0)
    throw invalid('controllers', unknown ?? '', 'must be source, kustomize or source,kustomize')
  return known.filter((each) => names.includes(each))
}

function leaderElectionOf(read: Reader): ControllerFlags['leaderElection'] {
  const election = {
    enabled: read.bool('enable-leader-election'),
    leaseDurationMs: read.ms('leader-election-lease-duration'),
    renewDeadlineMs: read.ms('leader-election-renew-deadline'),
    retryPeriodMs: read.ms('leader-election-retry-period'),
    releaseOnCancel: read.bool('leader-election-release-on-cancel'),
  }
  if (election.leaseDurationMs <= election.renewDeadlineMs)
    throw usageFault('leader election: the lease duration must be longer than the renew deadline')
  if (election.renewDeadlineMs <= election.retryPeriodMs * 1.2)
    throw usageFault('leader election: the renew deadline must be longer than 1.2 retry periods')
  return election
}

/** Reads the flags that both sides have, for one of them. `nameOf` says which flag counts. */
function sideOf(
  read: Reader,
  nameOf: (plain: string) => string,
  gates: Readonly<Record<string, boolean>>,
): SideFlags {
  const intervalJitterPercent = read.int(nameOf('interval-jitter-percentage'))
  if (intervalJitterPercent >= 100)
    throw usageFault(
      'the interval jitter percentage must be a non-negative value and less than 100',
    )
  return {
    concurrent: read.int(nameOf('concurrent')),
    defaultServiceAccount: read.text(nameOf('default-service-account')),
    gates,
    intervalJitterPercent,
    maxRetryMs: read.ms(nameOf('max-retry-delay')),
    minRetryMs: read.ms(nameOf('min-retry-delay')),
    requeueDependencyMs: read.ms(nameOf('requeue-dependency')),
    watchConfigsLabelSelector: read.text(nameOf('watch-configs-label-selector')),
    watchLabelSelector: read.text(nameOf('watch-label-selector')),
  }
}

/**
 * The source side's flag for a name that both sides have: its own where it was given; the plain one,
 * except where the defaults differ. Without a kustomize side, a plain flag that was given is its own.
 */
function sourceNames(given: Given, alone: boolean): (plain: string) => string {
  return (plain) => {
    if (given.has(`source-${plain}`)) return `source-${plain}`
    const own = SOURCE_DEFAULTS[plain] !== undefined && !(alone && given.has(plain))
    return own ? `source-${plain}` : plain
  }
}

function kustomizeOf(read: Reader, gates: Readonly<Record<string, boolean>>): KustomizeFlags {
  return {
    ...sideOf(read, (plain) => plain, gates),
    concurrentSsa: read.int('concurrent-ssa'),
    customApplyStageKinds: read.text('custom-apply-stage-kinds'),
    defaultDecryptionServiceAccount: read.text('default-decryption-service-account'),
    defaultKubeconfigServiceAccount: read.text('default-kubeconfig-service-account'),
    httpRetry: read.int('http-retry'),
    insecureKubeconfigExec: read.bool('insecure-kubeconfig-exec'),
    insecureKubeconfigTls: read.bool('insecure-kubeconfig-tls'),
    noCrossNamespaceRefs: read.bool('no-cross-namespace-refs'),
    noRemoteBases: read.bool('no-remote-bases'),
    overrideManagers: read.texts('override-manager'),
    sopsAgeSecret: read.text('sops-age-secret'),
    sopsVaultConfigMap: read.text('sops-vault-configmap'),
  }
}

/** @see fluxcd/pkg auth/controller_options.go InconsistentObjectLevelConfiguration (v0.54) */
function checkIdentity(
  accounts: readonly string[],
  gates: Readonly<Record<string, boolean>>,
): void {
  const isGiven = accounts.some((account) => account !== '')
  if (isGiven && gates['ObjectLevelWorkloadIdentity'] !== true)
    throw usageFault(
      'cannot set default service accounts when the feature gate ObjectLevelWorkloadIdentity is not enabled',
    )
}

function sourceOf(
  read: Reader,
  nameOf: (plain: string) => string,
  gates: Readonly<Record<string, boolean>>,
): SourceFlags {
  return {
    ...sideOf(read, nameOf, gates),
    artifactDigestAlgo: read.text('artifact-digest-algo'),
    artifactRetentionRecords: read.int('artifact-retention-records'),
    artifactRetentionTtlMs: read.ms('artifact-retention-ttl'),
    sshHostkeyAlgos: read.list('ssh-hostkey-algos'),
    sshKexAlgos: read.list('ssh-kex-algos'),
    storageAddr: read.text('storage-addr'),
    storageAdvAddr: read.text('storage-adv-addr'),
    storagePath: read.text('storage-path'),
    storageS3: {
      address: read.text('storage-s3'),
      region: read.text('storage-s3-region'),
      keysDir: read.text('storage-s3-keys'),
    },
  }
}
