import { dirName, Fault, type FileTree, joinPath, placedMessage } from '../base/index.ts'
import {
  type Built,
  build,
  namespaceOf,
  parseRemote,
  type RemoteBase,
  type TracedBuild,
  traceBuild,
} from '../build/index.ts'
import { gvkOf, type KubeObject } from '../object/index.ts'
import { type AskedField, parseAsked, traceText } from './build-trace.ts'
import { buildFetching, type Fetching, fetchRemote } from './fetch-bases.ts'
import { EXIT, type Io } from './io.ts'
import { helpText, type OptionTable, parseOptions } from './options.ts'

/** What `tidegate build` needs from outside. */
export interface BuildDeps {
  /** The whole disk: paths are absolute ones without their first slash. */
  readonly tree: FileTree
  /** Writes a file at an absolute path. */
  writeFile(path: string, text: string): void
  /**
   * Brings a remote base to the disk and answers its path in the tree; absent where nothing may be
   * fetched.
   */
  readonly fetch?: (remote: RemoteBase, signal: AbortSignal) => Promise<string>
}

const NO_PROGRAMS = 'what would run a program is refused'
const NO_CHARTS = 'a kustomization with Helm charts is refused'

/** All flags of kustomize, so that scripts work as they are; those for programs change nothing. */
const OPTIONS: OptionTable = {
  output: { type: 'string', short: 'o', value: 'PATH', help: 'write to this file or directory' },
  'load-restrictor': {
    type: 'string',
    value: 'LoadRestrictionsRootOnly|LoadRestrictionsNone',
    help: 'whether files outside of the directory of a kustomization may be read',
  },
  reorder: { type: 'string', value: 'legacy|none', help: 'order of the output (default legacy)' },
  'enable-managedby-label': { type: 'boolean', help: 'add app.kubernetes.io/managed-by' },
  trace: {
    type: 'string',
    value: "'KIND/NAME FIELD'",
    help: 'say which files, lines and steps made a field what it is, instead of the objects',
  },
  'no-remote-bases': { type: 'boolean', help: 'refuse bases on other hosts' },
  'enable-helm': { type: 'boolean', help: `taken; ${NO_CHARTS}` },
  'enable-alpha-plugins': { type: 'boolean', help: `taken; ${NO_PROGRAMS}` },
  'enable-exec': { type: 'boolean', help: `taken; ${NO_PROGRAMS}` },
  'as-current-user': { type: 'boolean', help: `taken; ${NO_PROGRAMS}` },
  env: {
    type: 'string',
    short: 'e',
    multiple: true,
    value: 'NAME=VALUE',
    help: `taken; ${NO_PROGRAMS}`,
  },
  mount: { type: 'string', multiple: true, value: 'MOUNT', help: `taken; ${NO_PROGRAMS}` },
  network: { type: 'boolean', help: `taken; ${NO_PROGRAMS}` },
  'network-name': { type: 'string', value: 'NAME', help: `taken; ${NO_PROGRAMS}` },
  'helm-command': { type: 'string', value: 'PATH', help: `taken; ${NO_CHARTS}` },
  'helm-api-versions': {
    type: 'string',
    multiple: true,
    value: 'VERSION',
    help: `taken; ${NO_CHARTS}`,
  },
  'helm-kube-version': { type: 'string', value: 'VERSION', help: `taken; ${NO_CHARTS}` },
  'helm-debug': { type: 'boolean', help: `taken; ${NO_CHARTS}` },
  'stack-trace': { type: 'boolean', help: 'taken; a fault names its places anyway' },
}

/** Most words that are read before the complaint that there are too many. */
const MAX_WORDS = 100

const RESTRICTORS = ['LoadRestrictionsRootOnly', 'LoadRestrictionsNone']

/** Flags that kustomize still takes, with its words. */
const DEPRECATED: Readonly<Record<string, string>> = {
  reorder: "use the new 'sortOptions' field in kustomization.yaml instead.",
  'enable-managedby-label':
    'The flag `enable-managedby-label` has been deprecated. Use the `managedByLabel` option in the `buildMetadata` field instead.',
}

/** Says whether the words after `build` ask for a Flux Kustomization. */
export function asksForKustomization([kind, next, ...rest]: readonly string[]): boolean {
  if (kind !== 'kustomization' && kind !== 'ks') return false
  if (next === undefined) return false
  const isFlux = (word: string): boolean => /^--(path|kustomization-file|help)(=|$)/.test(word)
  return !next.startsWith('-') || [next, ...rest].some(isFlux)
}

/**
 * `tidegate build`: what `kustomize build` prints, by our own engine; flags, exit codes and the
 * warnings on stderr are the same.
 */
export async function runBuild(argv: readonly string[], io: Io, deps: BuildDeps): Promise<number> {
  let location = '.'
  const said: string[] = []
  try {
    const { values, positionals } = parseOptions(argv, OPTIONS, MAX_WORDS)
    location = positionals[0] ?? '.'
    if (positionals.length > 1) throw usage('specify one path to kustomization.yaml')
    if (values['help'] === true) {
      io.out(
        helpText(
          'tidegate build [DIR|URL] [options]\n       tidegate build kustomization NAME --path DIR [options]',
          'Prints what a kustomization makes.',
          OPTIONS,
        ),
      )
      return EXIT.ok
    }
    for (const [flag, better] of Object.entries(DEPRECATED))
      if (values[flag] !== undefined) io.err(`Flag --${flag} has been deprecated, ${better}\n`)
    const asked = typeof values['trace'] === 'string' ? parseAsked(values['trace']) : undefined
    const built = await buildWhole(location, { values, io, deps, asked, said })
    if ('trace' in built) {
      if (asked !== undefined) io.out(shortened(traceText(built, asked), io.cwd))
      return EXIT.ok
    }
    for (const warning of built.warnings) io.err(`${warning}\n`)
    write(built, { output: values['output'], io, deps })
    return EXIT.ok
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    for (const warning of said) io.err(`${warning}\n`)
    for (const fault of [error, ...error.others]) {
      const message = asAsked(placedMessage(fault), { cwd: io.cwd, asked: location })
      io.err(`Error: ${shortened(message, io.cwd)}\n`)
    }
    return EXIT.failed
  }
}

/** What cannot be built at all is named as on the command line. */
function asAsked(message: string, at: { readonly cwd: string; readonly asked: string }): string {
  const whole = `/${at.asked.startsWith('/') ? joinPath(at.asked) : joinPath(at.cwd, at.asked)}`
  return message.startsWith('must build at directory: ')
    ? message.replace(`'${whole}'`, `'${at.asked}'`)
    : message
}

/** Places in the tree of the disk, which have no first slash, as seen from where the command runs. */
function shortened(text: string, cwd: string): string {
  const below = `${cwd.slice(1)}/`
  return below === '/'
    ? text
    : text.replaceAll(new RegExp(`(?<![\\w/.-])${escaped(below)}`, 'g'), '')
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

interface Run {
  readonly values: Readonly<Record<string, unknown>>
  readonly io: Io
  readonly deps: BuildDeps
  readonly asked: AskedField | undefined
  /** Warnings of the last round, for when it fails. */
  readonly said: string[]
}

function optionsOf(values: Run['values']): {
  loadRestrictor: 'root' | 'none'
  order: 'legacy' | 'fifo'
  managedByLabel: boolean
} {
  const restrictor = values['load-restrictor'] ?? RESTRICTORS[0]
  if (!RESTRICTORS.includes(String(restrictor)))
    throw usage(
      `illegal flag value --load-restrictor ${String(restrictor)}; legal values: [${RESTRICTORS.join(' ')}]`,
    )
  const order = values['reorder'] ?? 'legacy'
  if (order !== 'legacy' && order !== 'none')
    throw usage(`illegal flag value --reorder ${String(order)}; legal values: [legacy none]`)
  return {
    loadRestrictor: restrictor === RESTRICTORS[1] ? 'none' : 'root',
    order: order === 'none' ? 'fifo' : 'legacy',
    managedByLabel: values['enable-managedby-label'] === true,
  }
}

function usage(message: string): Fault<'USAGE'> {
  return new Fault({ code: 'USAGE', message })
}

async function buildWhole(location: string, run: Run): Promise<Built | TracedBuild> {
  const { asked, deps, values } = run
  const options = { ...optionsOf(values), digests: false }
  const { path, fence } = await placeOf(location, run)
  const at = joinPath(path)
  return await buildFetching<Built | TracedBuild>(fetchingOf(run), (remotes) => {
    run.said.length = 0
    const warnings = run.said
    const how = { ...options, remotes, warnings, ...(fence === undefined ? {} : { fence }) }
    return asked === undefined
      ? build(deps.tree, at, how)
      : traceBuild(deps.tree, at, how, [asked.kind])
  })
}

function fetchingOf({ deps, io, values }: Run): Fetching {
  return {
    fetch: values['no-remote-bases'] === true ? undefined : deps.fetch,
    signal: io.signal,
  }
}

/** Where a location is on the disk; an address is fetched first, and nothing leaves what was fetched. */
async function placeOf(
  location: string,
  run: Run,
): Promise<{ readonly path: string; readonly fence?: string }> {
  const { deps } = run
  if (location.startsWith('/')) return { path: location }
  const local = joinPath(run.io.cwd, location)
  const remote = deps.tree.kind(joinPath(local)) === undefined ? parseRemote(location) : undefined
  if (remote === undefined) return { path: local }
  const fence = await fetchRemote(remote, fetchingOf(run))
  return { path: joinPath(fence, remote.path), fence }
}

function write(
  built: Built,
  to: { readonly output: unknown; readonly io: Io; readonly deps: BuildDeps },
): void {
  const { output, io, deps } = to
  if (typeof output !== 'string' || output === '') {
    io.out(built.yaml)
    return
  }
  const path = `/${output.startsWith('/') ? joinPath(output) : joinPath(io.cwd, output)}`
  if (deps.tree.kind(path.slice(1)) !== 'dir') {
    if (deps.tree.kind(dirName(path.slice(1))) !== 'dir')
      throw usage(`open ${path}: no such file or directory`)
    deps.writeFile(path, built.yaml)
    return
  }
  const documents = built.yaml.split(/^---\n/m)
  const namespaces = new Set(built.objects.map(namespaceOf))
  namespaces.delete(undefined)
  for (const [i, object] of built.objects.entries())
    deps.writeFile(`${path}/${fileName(object, namespaces.size > 1)}`, documents[i] ?? '')
}

/** The name of an object's own file; that of its namespace stands before it where there are more. */
function fileName(object: KubeObject, manyNamespaces: boolean): string {
  const { group, version, kind } = gvkOf(object)
  const namespace = manyNamespaces ? namespaceOf(object) : undefined
  const parts = [namespace ?? '', group, version, kind].filter((part) => part !== '')
  return `${[...parts, object.metadata.name ?? ''].join('_')}.yaml`.toLowerCase()
}
