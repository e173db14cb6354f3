import { existsSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import type { Artifact } from '../api/index.ts'
import { Fault, type Log, noMetrics, silentLog } from '../base/index.ts'
import { ENTRY, type Entry, findEntry } from '../cli/entry.ts'
import type { Io } from '../cli/io.ts'
import { standingOf } from '../cli/settled.ts'
import { runUp, type Trial, type TrialOptions } from '../cli/up.ts'
import { type Cluster, fieldAt, type KubeObject } from '../object/index.ts'
import { createArtifactReader, createHttpClient, serveDirectory } from '../source/index.ts'
import { admitted, type Home } from './admission.ts'
import { apply, type Embedded, startEmbedded } from './embedded.ts'
import { dataFolder, writeKubeconfig } from './files.ts'
import { type Reconcilers, startReconcilers } from './reconcilers.ts'
import { withStandIns } from './stand-in-cluster.ts'
import { shippedPath, systemClock } from './system.ts'
import { terminalLog } from './terminal-log.ts'

/** `tidegate up`. */
export function up(argv: readonly string[], io: Io): Promise<number> {
  return runUp(argv, io, {
    clock: systemClock,
    exampleDir: shippedPath('deploy/examples/fleet'),
    absolute: (path) => resolve(io.cwd, path),
    open: (options) => openTrial(options, terminalLog(io)),
  })
}

/** How often a repository on this machine and one elsewhere are asked for news. */
const POLL_NEAR = '500ms'
const POLL_FAR = '15s'
/** How long the first artifact is waited for before the Kustomizations are made without it. */
const FIRST_ARTIFACT_MS = 20_000

/** Puts the embedded cluster, both reconcilers and the repository together. */
export async function openTrial(options: TrialOptions, log: Log = silentLog): Promise<Trial> {
  const closers: (() => Promise<void> | void)[] = []
  const close = async (): Promise<void> => {
    for (const each of closers.splice(0).reverse()) await each()
  }
  try {
    return await open({ options, log, closers, close })
  } catch (error) {
    await close()
    throw error
  }
}

interface Opening {
  readonly options: TrialOptions
  readonly log: Log
  readonly closers: (() => Promise<void> | void)[]
  readonly close: () => Promise<void>
}

async function open({ options, log, closers, close }: Opening): Promise<Trial> {
  const origin = await openOrigin(options, closers)
  const data = await dataFolder(options.dataDir)
  closers.push(() => data.dispose())
  // Filled in once the first artifact is there; the embedded server runs before that.
  const known: { entry?: Entry } = {}
  const embedded = await startEmbedded({
    port: options.port,
    log,
    ...(options.dataDir === undefined ? {} : { dataDir: data.dir }),
    // What the webhooks of a fleet stand for does not run here: its pods would never come.
    server: { admit: (object) => admitted(object, known.entry, origin), asksWebhooks: false },
  })
  closers.push(() => embedded.close())
  const kubeconfig = join(data.dir, 'kubeconfig')
  await writeKubeconfig(kubeconfig, embedded.served.url)
  const cluster = withStandIns(embedded.cluster, {
    isBrought: (kind) => known.entry?.crds.has(kind) ?? false,
    notice: options.notice,
  })
  const work = await startWork({ cluster, log, dataDir: data.dir, closers })
  origin.follow(() => work.wake(origin.url))
  await apply(cluster, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: ENTRY.namespace } })
  await apply(cluster, entrySource(origin, options.branch))
  const entry = await readEntry(embedded, work.artifactAddress, options.path)
  known.entry = entry
  await apply(cluster, entry.kustomization ?? entryKustomization(entry.path))
  const where = entry.path === '' ? 'the root' : entry.path
  return {
    cluster: embedded.cluster,
    kubeconfig,
    serverUrl: embedded.served.url,
    follows: `${origin.words}, ${where}`,
    close,
  }
}

/** Where the repository is served. */
interface Origin extends Home {
  readonly interval: string
  readonly words: string
  /** Calls back when there is something new; does nothing where only asking helps. */
  follow(changed: () => void): void
}

async function openOrigin(
  options: TrialOptions,
  closers: (() => Promise<void> | void)[],
): Promise<Origin> {
  const { source } = options
  if (/^https?:\/\//.test(source)) {
    const near = ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(source).hostname)
    return {
      url: source,
      interval: near ? POLL_NEAR : POLL_FAR,
      words: `the repository ${source}`,
      follow: () => undefined,
    }
  }
  if (!existsSync(source) || !statSync(source).isDirectory())
    throw new Fault({ code: 'NO_DIRECTORY', message: `${source}: no such directory` })
  let changed: () => void = () => undefined
  const server = await serveDirectory({
    dir: source,
    clock: systemClock,
    branches: [options.branch ?? 'main', 'main', 'master'],
    onChange: () => changed(),
  })
  closers.push(() => server.close())
  return {
    url: server.url,
    ref: { branch: options.branch ?? 'main' },
    interval: '1m',
    words: `the directory ${shownPath(source)}`,
    follow: (callback) => {
      changed = callback
    },
  }
}

/** A path as a person would write it from where the program was started. */
function shownPath(path: string): string {
  const near = relative(process.cwd(), path)
  return near.startsWith('..') ? path : near === '' ? '.' : near
}

async function startWork(work: {
  readonly cluster: Cluster
  readonly log: Log
  readonly dataDir: string
  readonly closers: (() => Promise<void> | void)[]
}): Promise<Reconcilers> {
  const stop = new AbortController()
  const reconcilers = await startReconcilers(
    {
      cluster: work.cluster,
      log: work.log,
      metrics: noMetrics,
      source: { storageDir: join(work.dataDir, 'artifacts'), host: '127.0.0.1', port: 0 },
      kustomize: {},
    },
    stop.signal,
  )
  work.closers.push(async () => {
    stop.abort()
    await reconcilers.done
  })
  return reconcilers
}

function entrySource(origin: Origin, branch: string | undefined): KubeObject {
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: { ...ENTRY },
    spec: { interval: origin.interval, url: origin.url, ref: { branch: branch ?? 'main' } },
  }
}

function entryKustomization(path: string): KubeObject {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { ...ENTRY },
    spec: {
      interval: '10m',
      path: `./${path}`,
      prune: true,
      sourceRef: { kind: 'GitRepository', name: ENTRY.name },
    },
  }
}

const SOURCE_REF = {
  group: 'source.toolkit.fluxcd.io',
  version: 'v1',
  kind: 'GitRepository',
  ...ENTRY,
}

/** Waits for the first artifact and looks what the repository says of itself. */
async function readEntry(
  embedded: Embedded,
  address: string,
  path: string | undefined,
): Promise<Entry> {
  const artifact = await firstArtifact(embedded.cluster, address)
  const nothing = {
    path: path ?? 'clusters/production',
    kustomization: undefined,
    url: undefined,
    crds: new Set<string>(),
  }
  if (artifact === undefined) return nothing
  const reader = createArtifactReader({ http: createHttpClient(), clock: systemClock })
  return findEntry(await reader.open(artifact, AbortSignal.timeout(FIRST_ARTIFACT_MS)), path)
}

/** An artifact of this run: one of an earlier run was served from another address. */
async function firstArtifact(cluster: Cluster, address: string): Promise<Artifact | undefined> {
  const stop = new AbortController()
  const cancel = systemClock.after(FIRST_ARTIFACT_MS, () => stop.abort())
  try {
    const kind = { group: SOURCE_REF.group, version: 'v1', kind: SOURCE_REF.kind }
    for await (const event of cluster.watch(kind, { ...ENTRY_ONLY, signal: stop.signal })) {
      if (event.type !== 'upsert') continue
      const artifact = fieldAt(event.object, 'status', 'artifact') as Artifact | undefined
      if (artifact?.url.startsWith(`http://${address}/`)) return artifact
      if (standingOf(event.object).state === 'failed') return undefined
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error
  } finally {
    cancel()
    stop.abort()
  }
  return undefined
}

const ENTRY_ONLY = { namespace: ENTRY.namespace, fieldSelector: `metadata.name=${ENTRY.name}` }
