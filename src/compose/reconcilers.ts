import { setMaxListeners } from 'node:events'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Shares } from '../api/index.ts'
import type { Audit, Log, Metrics, Trace } from '../base/index.ts'
import { createTokenCache, type TokenCache } from '../keys/index.ts'
import type { Cluster } from '../object/index.ts'
import {
  createBucketController,
  createEvents,
  createGitRepositoryController,
  createKustomizationController,
  createOciRepositoryController,
  type EventPayload,
  type GitRepositoryOptions,
  type KustomizationOptions,
  type RemoteClusters,
} from '../reconcile/index.ts'
import {
  type ArtifactStoreOptions,
  createArtifactReader,
  createBuckets,
  createFetcher,
  createHttpClient,
  createRegistry,
  type SshAlgorithms,
  serveArtifacts,
} from '../source/index.ts'
import { type ArtifactBucketPlace, openArtifactStore } from './artifact-store.ts'
import { type BuildPool, buildThreadScript, createBuildPool } from './build-pool.ts'
import { systemCloudKeys } from './keys.ts'
import { googleBase, systemClusters, systemLogins } from './logins.ts'
import { publicRootOf } from './public-root.ts'
import { readRemoteFile } from './remote-bases.ts'
import { systemClock, systemNetwork, systemRandom } from './system.ts'

/** What the reconcilers are given, by side. */
export interface ReconcilerOptions {
  readonly cluster: Cluster
  readonly log: Log
  readonly metrics: Metrics
  /** Absent: no audit trail is kept. */
  readonly audit?: Audit
  /** Absent: all objects are this process's own. */
  readonly shares?: Shares
  /** Sends events on. */
  readonly post?: (payload: EventPayload) => Promise<void>
  /** Absent: nobody wants traces. */
  readonly trace?: Trace
  /** How many tokens of clouds are kept, and for how long. */
  readonly tokens?: { readonly sizeMax: number; readonly durationMaxMs: number }
  /** What goes on beside the reconcilers, until the signal ends it. */
  readonly beside?: (signal: AbortSignal) => Promise<void>
  /** Absent: sources are somebody else's business. */
  readonly source?: {
    readonly storageDir: string
    readonly host: string
    readonly port: number
    /** Host and port that artifacts are advertised under; absent: where they are served. */
    readonly advertised?: string
    readonly store?: Partial<ArtifactStoreOptions>
    /** Absent: artifacts are on the disk alone. */
    readonly bucket?: ArtifactBucketPlace
    /** Artifacts are served until then, too, so that other replicas can take them over. */
    readonly serveUntil?: Promise<void>
    readonly options?: Partial<GitRepositoryOptions>
    /** What Git hosts answer is not quoted in conditions. */
    readonly isQuiet?: boolean
    readonly ssh?: SshAlgorithms
  }
  /** Absent: Kustomizations are somebody else's business. */
  readonly kustomize?: {
    readonly options?: Partial<KustomizationOptions>
    /** Host and port to read artifacts from in place of the advertised ones. */
    readonly artifactHost?: string
    readonly httpRetries?: number
    readonly remoteClusters?: RemoteClusters
  }
}

/** Reconcilers that work. */
export interface Reconcilers {
  /** Resolves when all have ended after the signal. */
  readonly done: Promise<void>
  /** `host:port` that artifacts are served on; `''` where somebody else does. */
  readonly artifactAddress: string
  /** Looks at once for what is new at an address: somebody has pushed to it. */
  wake(url: string): void
}

/** Starts the reconcilers; they work until the signal ends them. */
export async function startReconcilers(
  options: ReconcilerOptions,
  signal: AbortSignal,
): Promise<Reconcilers> {
  // Every request and wait of every object listens to this one signal.
  setMaxListeners(0, signal)
  const { metrics } = options
  const tokens = createTokenCache({ clock: systemClock, metrics, ...options.tokens })
  const source = await startSource(options, tokens, signal)
  const kustomize = startKustomize(options, tokens, signal)
  return {
    done: Promise.all([source?.done, kustomize, options.beside?.(signal)]).then(() => undefined),
    artifactAddress: source?.artifactAddress ?? '',
    wake: (url) => source?.wake(url),
  }
}

function shared(options: ReconcilerOptions, component: string) {
  const deps = {
    cluster: options.cluster,
    clock: systemClock,
    random: systemRandom,
    log: options.log,
    metrics: options.metrics,
  }
  const post = options.post === undefined ? {} : { post: options.post }
  const shares = options.shares === undefined ? {} : { shares: options.shares }
  const trace = options.trace === undefined ? {} : { trace: options.trace }
  return {
    ...deps,
    ...shares,
    ...trace,
    events: createEvents({ ...deps, component, instance: hostname(), ...post }),
  }
}

/** Serves artifacts before the first is made, and until the reconciler has ended. */
async function startSource(
  options: ReconcilerOptions,
  tokens: TokenCache,
  signal: AbortSignal,
): Promise<Reconcilers | undefined> {
  const { source } = options
  if (source === undefined) return undefined
  const dir = source.storageDir
  let address = ''
  const replica = { ...options, dir, signal, address: () => source.advertised ?? address }
  const store = openArtifactStore(replica, source.store ?? {}, source.bucket)
  const http = createHttpClient(systemNetwork())
  const deps = {
    ...shared(options, 'source-controller'),
    fetcher: createFetcher({
      http,
      clock: systemClock,
      spoolDir: dir,
      isQuiet: source.isQuiet ?? false,
      ...(source.ssh === undefined ? {} : { ssh: source.ssh }),
    }),
    registry: createRegistry({
      http,
      clock: systemClock,
      spoolDir: dir,
      isQuiet: source.isQuiet ?? false,
      publicRoot: publicRootOf(process.env, join(dir, '.sigstore')),
    }),
    buckets: createBuckets({ http, clock: systemClock, spoolDir: dir, ...googleBase(process.env) }),
    logins: systemLogins(process.env, tokens),
    store,
    ...(source.options === undefined ? {} : { options: source.options }),
  }
  const controllers = [
    createGitRepositoryController(deps),
    createOciRepositoryController(deps),
    createBucketController(deps),
  ]
  const server = await serveArtifacts({
    dir,
    host: source.host,
    port: source.port,
    inspect: (path) => store.inspect(path),
    onLost: (path) => {
      for (const controller of controllers) controller.lost(path)
    },
  })
  address = server.address
  const done = Promise.all(controllers.map((controller) => controller.run(signal)))
  const closed = Promise.all([done, source.serveUntil]).then(() => server.close())
  return {
    done: source.serveUntil === undefined ? closed : done.then(() => undefined),
    artifactAddress: address,
    wake: (url) => {
      for (const controller of controllers) controller.wake(url)
    },
  }
}

function startKustomize(
  options: ReconcilerOptions,
  tokens: TokenCache,
  signal: AbortSignal,
): Promise<void> | undefined {
  const { kustomize } = options
  if (kustomize === undefined) return undefined
  const artifacts = createArtifactReader({
    http: createHttpClient(),
    clock: systemClock,
    spoolDir: options.source?.storageDir ?? tmpdir(),
    ...(kustomize.artifactHost === undefined ? {} : { overrideHost: kustomize.artifactHost }),
    ...(kustomize.httpRetries === undefined ? {} : { retries: kustomize.httpRetries }),
  })
  const script = buildThreadScript()
  const builds = script === undefined ? undefined : createBuildPool({ script, clock: systemClock })
  const controller = createKustomizationController({
    ...shared(options, 'kustomize-controller'),
    artifacts,
    ...(builds === undefined ? {} : { build: builds.build }),
    remoteFiles: readRemoteFile,
    instance: hostname(),
    ...(options.audit === undefined ? {} : { audit: options.audit }),
    cloudKeys: systemCloudKeys(process.env, tokens),
    cloudClusters: systemClusters(process.env, tokens),
    fetcher: createFetcher({
      http: createHttpClient(),
      clock: systemClock,
      isQuiet: kustomize.options?.noCrossNamespaceRefs ?? false,
    }),
    ...(kustomize.options === undefined ? {} : { options: kustomize.options }),
    ...(kustomize.remoteClusters === undefined ? {} : { remoteClusters: kustomize.remoteClusters }),
  })
  return withPool(builds, () => controller.run(signal))
}

async function withPool(builds: BuildPool | undefined, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } finally {
    await builds?.close()
  }
}
