import type { Clock } from '../base/index.ts'
import { compareText } from '../base/index.ts'
import { type Cluster, idKey, idOf, type KubeObject } from '../object/index.ts'
import { EXIT, type Io } from './io.ts'
import {
  durationOption,
  helpText,
  type OptionTable,
  parseOptions,
  portOption,
  textOption,
} from './options.ts'
import { createProgress, type Progress } from './progress.ts'
import { type Standing, standingOf, verdict } from './settled.ts'

/** What `up` was asked to run. */
export interface TrialOptions {
  /** Absolute path of a directory, or an http(s) URL. */
  readonly source: string
  /** Directory in the repository; undefined: found in it. */
  readonly path: string | undefined
  readonly branch: string | undefined
  /** 0 for a free one. */
  readonly port: number
  /** Absolute; undefined for a temporary folder that goes with the trial. */
  readonly dataDir: string | undefined
  /** Told in one line: a stand-in kind, a repository that was pointed elsewhere. */
  readonly notice: (line: string) => void
}

/** An embedded cluster with both reconcilers at work on a repository. */
export interface Trial {
  readonly cluster: Cluster
  /** Path of a kubeconfig. */
  readonly kubeconfig: string
  readonly serverUrl: string
  /** What is being followed, in words. */
  readonly follows: string
  close(): Promise<void>
}

/** What the command needs from outside. */
export interface UpDeps {
  readonly clock: Clock
  /** The fleet that is run when none is named. */
  readonly exampleDir: string
  /** Turns a word of the command line into an absolute path. */
  readonly absolute: (path: string) => string
  open(options: TrialOptions): Promise<Trial>
}

const OPTIONS: OptionTable = {
  path: {
    type: 'string',
    value: 'DIR',
    help: 'the cluster in the repository (default: clusters/production, else the first of clusters/, else the root)',
  },
  once: { type: 'boolean', help: 'end when all is decided: exit code 0 when all is Ready, else 1' },
  timeout: { type: 'string', value: 'TIME', help: 'bound for --once (default 2m)' },
  branch: { type: 'string', value: 'NAME', help: 'branch to follow (default main)' },
  port: { type: 'string', value: 'N', help: 'port of the Kubernetes API (default: a free one)' },
  data: {
    type: 'string',
    value: 'DIR',
    help: 'keep data here (default: a temporary folder, removed at the end)',
  },
}

const DEFAULT_TIMEOUT_MS = 120_000

/** How long all must stand still before a failure is believed: wake-ups come within milliseconds. */
const QUIET_MS = 1000

/** `tidegate up`: exit code 0 when all became Ready or on Ctrl-C, 1 when `--once` found failures. */
export async function runUp(argv: readonly string[], io: Io, deps: UpDeps): Promise<number> {
  const parsed = parseOptions(argv, OPTIONS, 1)
  if (parsed.values['help'] === true) {
    io.out(helpText('tidegate up [DIR|URL] [options]', ABOUT, OPTIONS))
    return EXIT.ok
  }
  const given = parsed.positionals[0]
  const once = parsed.values['once'] === true
  const timeoutMs = durationOption(parsed, 'timeout', DEFAULT_TIMEOUT_MS)
  const dataDir = textOption(parsed, 'data')
  const progress = createProgress(io, () => deps.clock.now())
  const trial = await deps.open({
    source: given === undefined ? deps.exampleDir : isUrl(given) ? given : deps.absolute(given),
    path: textOption(parsed, 'path'),
    branch: textOption(parsed, 'branch'),
    port: portOption(parsed, 'port'),
    dataDir: dataDir === undefined ? undefined : deps.absolute(dataDir),
    notice: (line) => progress.say(line),
  })
  try {
    progress.say(`Following ${trial.follows}`)
    return await follow(trial, { io, deps, progress, once, timeoutMs })
  } finally {
    await trial.close()
  }
}

const ABOUT = `Runs a fleet repository on a Kubernetes API server in this process: a directory (each save is
reconciled), a Git URL (each commit), or without either the example fleet.`

function isUrl(text: string): boolean {
  return /^https?:\/\//.test(text)
}

interface Following {
  readonly io: Io
  readonly deps: UpDeps
  readonly progress: Progress
  readonly once: boolean
  readonly timeoutMs: number
}

type Ending = 'ready' | 'failed' | 'timeout' | 'interrupted'

async function follow(trial: Trial, options: Following): Promise<number> {
  const { io, deps, progress, once } = options
  const stop = new AbortController()
  const kustomizations = new Map<string, KubeObject>()
  const sources = new Map<string, KubeObject>()
  let ending: ((how: Ending) => void) | undefined
  const ended = new Promise<Ending>((resolve) => {
    ending = resolve
  })
  let quiet: (() => void) | undefined
  let saidHow = false
  const look = (): void => {
    progress.update(standings(kustomizations))
    quiet?.()
    quiet = undefined
    const now = verdict([...kustomizations.values()], [...sources.values()])
    if (now === 'running') return
    if (now === 'ready' && once) ending?.('ready')
    if (now === 'ready' && !saidHow && !once) {
      saidHow = true
      progress.say(howToLook(trial))
    }
    if (now === 'failed' && once) quiet = deps.clock.after(QUIET_MS, () => ending?.('failed'))
  }
  const watches = [
    keep(trial.cluster, KUSTOMIZATION, kustomizations, look, stop.signal),
    keep(trial.cluster, GIT_REPOSITORY, sources, look, stop.signal),
  ]
  const cancelTimeout = once
    ? deps.clock.after(options.timeoutMs, () => ending?.('timeout'))
    : undefined
  const onInterrupt = (): void => ending?.('interrupted')
  io.signal.addEventListener('abort', onInterrupt, { once: true })
  if (io.signal.aborted) onInterrupt()
  const how = await Promise.race([ended, Promise.all(watches).then(() => 'interrupted' as const)])
  quiet?.()
  cancelTimeout?.()
  io.signal.removeEventListener('abort', onInterrupt)
  stop.abort()
  await Promise.allSettled(watches)
  return report(how, standings(kustomizations), standings(sources), options)
}

const KUSTOMIZATION = { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization', version: 'v1' }
const GIT_REPOSITORY = { group: 'source.toolkit.fluxcd.io', kind: 'GitRepository', version: 'v1' }

async function keep(
  cluster: Cluster,
  kind: typeof KUSTOMIZATION,
  into: Map<string, KubeObject>,
  changed: () => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const event of cluster.watch(kind, { signal })) {
      if (event.type === 'upsert') into.set(idKey(idOf(event.object)), event.object)
      if (event.type === 'delete') into.delete(idKey(idOf(event.object)))
      changed()
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

function standings(objects: ReadonlyMap<string, KubeObject>): Standing[] {
  return [...objects.entries()].sort(([a], [b]) => compareText(a, b)).map(([, o]) => standingOf(o))
}

function report(
  how: Ending,
  kustomizations: readonly Standing[],
  sources: readonly Standing[],
  { io, once, timeoutMs }: Following,
): number {
  if (how === 'interrupted') return once ? 130 : EXIT.ok
  if (how === 'ready') {
    io.out(`All ${kustomizations.length} Kustomizations are Ready.\n`)
    return EXIT.ok
  }
  const not = [...sources, ...kustomizations].filter(
    (each) => each.state !== 'ready' && each.state !== 'suspended',
  )
  const head =
    how === 'timeout'
      ? `Not all was Ready after ${timeoutMs / 1000} s:`
      : 'Not all can become Ready without a change in Git:'
  const rows = not.map(
    (each) =>
      `  ${each.kind}/${each.namespace}/${each.name}: ${each.reason === '' ? '' : `${each.reason}: `}${each.message.trim().replaceAll('\n', '\n    ')}\n`,
  )
  io.err(`${head}\n${rows.join('')}`)
  return EXIT.failed
}

function howToLook(trial: Trial): string {
  return [
    'All Ready. To look further, in another terminal:',
    `  export KUBECONFIG=${trial.kubeconfig}`,
    '  kubectl get kustomizations -A',
    'Changes are followed as they come; Ctrl-C ends.',
  ].join('\n')
}
