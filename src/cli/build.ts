import { dirName, Fault, type FileTree, joinPath, messageOf, placedMessage } from '../base/index.ts'
import { type Built, build, parseRemote, type RemoteBase } from '../build/index.ts'
import { gvkOf, type Json, type KubeObject, printYaml } from '../object/index.ts'
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

const OPTIONS: OptionTable = {
  output: { type: 'string', short: 'o', value: 'PATH', help: 'write to this file or directory' },
  'load-restrictor': {
    type: 'string',
    value: 'LoadRestrictionsRootOnly|LoadRestrictionsNone',
    help: 'whether files outside of the directory of a kustomization may be read',
  },
  reorder: { type: 'string', value: 'legacy|none', help: 'order of the output (default legacy)' },
  'enable-managedby-label': { type: 'boolean', help: 'add app.kubernetes.io/managed-by' },
  'no-remote-bases': { type: 'boolean', help: 'refuse bases on other hosts' },
  'enable-helm': { type: 'boolean', help: 'refused: Helm charts are not inflated' },
  'enable-alpha-plugins': { type: 'boolean', help: 'refused: programs are not run' },
  'enable-exec': { type: 'boolean', help: 'refused: programs are not run' },
}

/** Most rounds of fetching: remote bases may name remote bases. */
const MAX_ROUNDS = 20

const RESTRICTORS = ['LoadRestrictionsRootOnly', 'LoadRestrictionsNone']
const REFUSED = ['enable-helm', 'enable-alpha-plugins', 'enable-exec']

/**
 * `tidegate build`: what `kustomize build` prints, by our own engine; flags, exit codes and the
 * warnings on stderr are the same.
 */
export async function runBuild(argv: readonly string[], io: Io, deps: BuildDeps): Promise<number> {
  try {
    const { values, positionals } = parseOptions(argv, OPTIONS, 1)
    if (values['help'] === true) {
      io.out(
        helpText(
          'tidegate build [DIR|URL] [options]',
          'Prints what a kustomization makes.',
          OPTIONS,
        ),
      )
      return EXIT.ok
    }
    const built = await buildWhole(positionals[0] ?? '.', { values, io, deps })
    for (const warning of built.warnings) io.err(`${warning}\n`)
    write(built, { output: values['output'], io, deps })
    return EXIT.ok
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    for (const fault of [error, ...error.others])
      io.err(`Error: ${shortened(placedMessage(fault), io.cwd)}\n`)
    return EXIT.failed
  }
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
  for (const flag of REFUSED)
    if (values[flag] === true)
      throw usage(
        `--${flag}: this build runs no programs and inflates no charts; commit what they make, or use a HelmRelease`,
      )
  return {
    loadRestrictor: restrictor === RESTRICTORS[1] ? 'none' : 'root',
    order: order === 'none' ? 'fifo' : 'legacy',
    managedByLabel: values['enable-managedby-label'] === true,
  }
}

function usage(message: string): Fault<'USAGE'> {
  return new Fault({ code: 'USAGE', message })
}

async function buildWhole(location: string, run: Run): Promise<Built> {
  const { deps, values } = run
  const options = { ...optionsOf(values), digests: false }
  const remotes: Record<string, string> = {}
  const path = await placeOf(location, run)
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const result = build(deps.tree, joinPath(path), { ...options, remotes })
    if (!('missing' in result)) return result
    for (const remote of result.missing) remotes[remote.url] = await fetchRemote(remote, run)
  }
  throw usage(`remote bases name remote bases more than ${MAX_ROUNDS} levels deep`)
}

/** Where a location is on the disk; an address is fetched first. */
async function placeOf(location: string, run: Run): Promise<string> {
  const { deps } = run
  if (location.startsWith('/')) return location
  const local = joinPath(run.io.cwd, location)
  const remote = deps.tree.kind(joinPath(local)) === undefined ? parseRemote(location) : undefined
  return remote === undefined ? local : joinPath(await fetchRemote(remote, run), remote.path)
}

async function fetchRemote(remote: RemoteBase, run: Run): Promise<string> {
  const { deps, io, values } = run
  if (values['no-remote-bases'] === true || deps.fetch === undefined)
    throw usage(
      `accumulating resources: remote base '${remote.url}' is refused: no request leaves this command (--no-remote-bases)`,
    )
  try {
    return await deps.fetch(remote, io.signal)
  } catch (error) {
    throw new Fault<'REMOTE_BASE'>({
      code: 'REMOTE_BASE',
      message: `accumulating resources: remote base '${remote.url}': ${messageOf(error)}`,
      cause: error,
    })
  }
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
  const namespaces = new Set(built.objects.map((object) => object.metadata.namespace ?? 'default'))
  for (const object of built.objects)
    deps.writeFile(
      `${path}/${fileName(object, namespaces.size > 1)}`,
      printYaml(object as unknown as Json, { keys: 'sorted' }),
    )
}

function fileName(object: KubeObject, manyNamespaces: boolean): string {
  const { group, version, kind } = gvkOf(object)
  const parts = [group, version, kind].filter((part) => part !== '')
  const name = `${[...parts, object.metadata.name ?? ''].join('_')}.yaml`.toLowerCase()
  const namespace = object.metadata.namespace
  return manyNamespaces && namespace !== undefined ? `${namespace.toLowerCase()}_${name}` : name
}
