import { Fault, isFault, joinPath, placedMessage } from '../base/index.ts'
import type { EditIgnores } from '../build/index.ts'
import type { Cluster } from '../object/index.ts'
import type { BuildDeps } from './build.ts'
import { buildFlux, fluxText } from './flux-build.ts'
import { EXIT, type Io } from './io.ts'
import {
  durationOption,
  helpText,
  type OptionTable,
  type ParsedOptions,
  parseOptions,
  textOption,
  usageFault,
} from './options.ts'

/** What `tidegate build kustomization` needs besides. */
export interface FluxBuildDeps extends BuildDeps {
  /** What the `.sourceignore` files of a directory and more patterns leave out. */
  readonly ignores: (directory: string, more: string) => Promise<EditIgnores>
  readonly connect: (at: { readonly kubeconfig: string; readonly context: string }) => Promise<{
    readonly cluster: Cluster
    close(): void
  }>
}

/** The flags of `flux build kustomization`, so that scripts work as they are. */
const OPTIONS: OptionTable = {
  path: { type: 'string', value: 'DIR', help: 'the manifests, as `spec.path` has them' },
  'kustomization-file': {
    type: 'string',
    value: 'FILE',
    help: 'the Flux Kustomization; that of the cluster when not given',
  },
  'dry-run': {
    type: 'boolean',
    help: 'ask no cluster; variables of ConfigMaps and Secrets are left out',
  },
  'ignore-paths': {
    type: 'string',
    multiple: true,
    value: 'PATTERNS',
    help: 'leave these out, as .gitignore does; comma-separated',
  },
  'strict-substitute': { type: 'boolean', help: 'a variable that is not set is a fault' },
  recursive: { type: 'boolean', short: 'r', help: 'build the Kustomizations that are found, too' },
  'local-sources': {
    type: 'string',
    multiple: true,
    value: 'KIND/NAMESPACE/NAME=DIR',
    help: 'where the sources of those are on this disk; comma-separated',
  },
  'in-memory-build': { type: 'boolean', help: 'taken; builds never write to the directory' },
  'no-remote-bases': { type: 'boolean', help: 'refuse bases on other hosts' },
  namespace: { type: 'string', short: 'n', value: 'NAME', help: 'default flux-system' },
  kubeconfig: { type: 'string', value: 'FILE', help: 'what kubectl uses when not given' },
  context: { type: 'string', value: 'NAME', help: 'context of the kubeconfig' },
  timeout: { type: 'string', value: 'TIME', help: 'how long the cluster may take (default 5m)' },
}

const TIMEOUT_MS = 300_000
/** Most words that are read before the rest is passed over, as Flux does it. */
const MAX_WORDS = 100

/**
 * `tidegate build kustomization`: what `flux build kustomization` prints, by our own engine.
 * @see flux2 cmd/flux/build_kustomization.go (v2.9.4)
 */
export async function runBuildKustomization(
  argv: readonly string[],
  io: Io,
  deps: FluxBuildDeps,
): Promise<number> {
  try {
    const parsed = parseOptions(argv, OPTIONS, MAX_WORDS)
    if (parsed.values['help'] === true) {
      io.out(
        helpText(
          'tidegate build kustomization NAME --path DIR [options]',
          'Prints what a Flux Kustomization makes of a directory.',
          OPTIONS,
        ),
      )
      return EXIT.ok
    }
    io.out(await runWith(parsed, io, deps))
    return EXIT.ok
  } catch (error) {
    if (!isFault(error)) throw error
    for (const fault of [error, ...error.others]) io.err(`✗ ${placedMessage(fault)}\n`)
    return EXIT.failed
  }
}

async function runWith(parsed: ParsedOptions, io: Io, deps: FluxBuildDeps): Promise<string> {
  const { values } = parsed
  const name = parsed.positionals[0]
  if (name === undefined) throw usageFault('kustomization name is required')
  const path = directoryOf(textOption(parsed, 'path') ?? '', io, deps)
  const file = textOption(parsed, 'kustomization-file') ?? ''
  const isDry = values['dry-run'] === true
  if (isDry && file === '') throw usageFault('dry-run mode requires a kustomization file')
  const content = file === '' ? undefined : contentOf(file, io, deps)
  const connection = isDry ? undefined : await deps.connect(addressOf(parsed))
  try {
    const signal = AbortSignal.any([
      io.signal,
      AbortSignal.timeout(durationOption(parsed, 'timeout', TIMEOUT_MS)),
    ])
    const objects = await buildFlux(
      {
        name,
        namespace: textOption(parsed, 'namespace') ?? 'flux-system',
        path,
        ...(content === undefined ? {} : { file: { name: file, content } }),
      },
      {
        tree: deps.tree,
        fetching: {
          fetch: values['no-remote-bases'] === true ? undefined : deps.fetch,
          signal,
        },
        cluster: connection?.cluster,
        ignores: (directory) =>
          deps.ignores(directory, listOption(parsed, 'ignore-paths').join('\n')),
        isStrict: values['strict-substitute'] === true,
        isRecursive: values['recursive'] === true,
        localSources: localSources(parsed, io),
        warn: (line) => io.err(`${line}\n`),
      },
    )
    return fluxText(objects)
  } finally {
    connection?.close()
  }
}

function addressOf(parsed: ParsedOptions): { kubeconfig: string; context: string } {
  return {
    kubeconfig: textOption(parsed, 'kubeconfig') ?? '',
    context: textOption(parsed, 'context') ?? '',
  }
}

/** A path in the tree of the disk. */
function onDisk(path: string, io: Io): string {
  return path.startsWith('/') ? joinPath(path) : joinPath(io.cwd, path)
}

function directoryOf(path: string, io: Io, { tree }: FluxBuildDeps): string {
  if (path === '') throw usageFault('invalid resource path ""')
  const whole = onDisk(path, io)
  if (tree.kind(whole) !== 'dir') throw usageFault(`invalid resource path "/${whole}"`)
  return whole
}

function contentOf(file: string, io: Io, { tree }: FluxBuildDeps): string {
  const bytes = tree.read(onDisk(file, io))
  if (bytes === undefined) throw usageFault(`invalid kustomization file ${JSON.stringify(file)}`)
  return Buffer.from(bytes).toString('utf8')
}

function listOption({ values }: ParsedOptions, name: string): string[] {
  const given = values[name]
  const all = Array.isArray(given) ? given.map(String) : []
  return all.flatMap((text) => (text === '' ? [] : text.split(',')))
}

function localSources(parsed: ParsedOptions, io: Io): ReadonlyMap<string, string> {
  return new Map(
    listOption(parsed, 'local-sources').map((pair) => {
      const at = pair.indexOf('=')
      if (at < 0)
        throw new Fault({
          code: 'USAGE',
          message: `invalid argument ${JSON.stringify(pair)} for "--local-sources" flag: ${pair} must be formatted as key=value`,
        })
      return [pair.slice(0, at), onDisk(pair.slice(at + 1), io)]
    }),
  )
}
