import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { baseName, dirName, type FileTree, joinPath } from '../../base/index.ts'
import { fail } from '../fault.ts'
import { type BuildOptions, BuildTooBig, type FileRead, type RemoteBase } from '../types.ts'
import { parseRemote } from './remote.ts'

/** Largest file that a build reads, in bytes. */
const MAX_FILE_BYTES = 32 * 1024 * 1024
/** Most bytes that one build reads. */
const MAX_BUILD_BYTES = 256 * 1024 * 1024
/** Deepest chain of kustomizations. */
const MAX_CHAIN = 200

/** What all loaders of one build share. */
export interface LoadState {
  readonly tree: FileTree
  readonly options: BuildOptions
  readonly reads: Map<string, FileRead>
  readonly missing: Map<string, RemoteBase>
  bytes: number
}

/** What was found at a location. */
export interface Loaded {
  readonly bytes: Uint8Array
  /** Path in the tree. */
  readonly path: string
}

/** Thrown through a build when something remote is not there yet; the rest is still looked at. */
export class MissingRemote extends Error {}

/** Reads files for the kustomization in one directory, as far as it may. */
export class Loader {
  readonly root: string
  readonly state: LoadState
  private readonly parent: Loader | undefined
  /** Directory that nothing may leave: a mounted repository. */
  private readonly fence: string | undefined
  /** Address that a mounted repository was asked for by; for finding cycles. */
  private readonly url: string | undefined

  constructor(init: {
    readonly root: string
    readonly state: LoadState
    readonly parent?: Loader
    readonly fence?: string
    readonly url?: string
  }) {
    this.root = init.root
    this.state = init.state
    this.parent = init.parent
    this.fence = init.fence
    this.url = init.url
  }

  /** Names of the directories from the outermost kustomization to this one. */
  chain(): string[] {
    return this.lineage()
      .map((each) => (each.root === '' ? '.' : each.root))
      .toReversed()
  }

  /** Says whether a local location is a directory. */
  isDirectory(location: string): boolean {
    if (location === '' || location.startsWith('/') || isRemoteFile(location)) return false
    const path = joinPath(this.root, location)
    return this.state.tree.kind(path) === 'dir' && parseRemote(location) === undefined
  }

  /** The words for a directory that stands where a file should. */
  notFile(location: string): string {
    const path = shown(this.resolve(location))
    return this.isRestricted() ? `'${path}' must resolve to a file` : `read ${path}: is a directory`
  }

  /** Reads a file named in the kustomization. */
  load(location: string): Loaded {
    if (isRemoteFile(location)) return this.loadRemote(location)
    const path = this.resolve(location)
    const { tree } = this.state
    if (tree.kind(path) !== 'file')
      fail(
        tree.kind(path) === 'dir'
          ? this.notFile(location)
          : this.isRestricted()
            ? this.absent(path)
            : `open ${shown(path)}: no such file or directory`,
        { file: path },
      )
    if (this.isRestricted()) this.demandInside(path, location)
    return { bytes: this.read(path), path }
  }

  /** A loader for a directory or a remote base named in the kustomization. */
  enter(location: string): Loader {
    if (location === '') fail('new root cannot be empty')
    const remote = parseRemote(location)
    if (remote !== undefined) return this.enterRemote(location, remote)
    if (location.startsWith('/')) fail(`new root '${location}' cannot be absolute`)
    const root = this.real(this.resolve(location))
    if (this.state.tree.kind(root) !== 'dir') {
      const why =
        this.state.tree.kind(root) === 'file'
          ? `'${shown(root)}': file is not directory`
          : `not a valid directory: ${this.absent(root)}`
      fail(`must build at directory: ${why}`, { file: root })
    }
    if (this.fence !== undefined && !isBelow(root, this.fence))
      fail(
        `security; bases in kustomizations found in cloned git repos must be within the repo, but base '${root}' is outside '${this.fence}'`,
      )
    this.demandNoCycle(root)
    const fence = this.fence === undefined ? {} : { fence: this.fence }
    return new Loader({ root, state: this.state, parent: this, ...fence })
  }

  /** What is said of a path that is not there: the first part of it that is missing is named. */
  absent(path: string): string {
    const parts = path.split('/')
    const known = parts.findIndex(
      (_, i) => this.state.tree.kind(parts.slice(0, i + 1).join('/')) === undefined,
    )
    const missing = shown(known < 0 ? path : parts.slice(0, known + 1).join('/'))
    return `evalsymlink failure on '${shown(path)}' : lstat ${missing}: no such file or directory`
  }

  /** Says whether a name lies in this directory. */
  has(name: string): boolean {
    return this.state.tree.kind(joinPath(this.root, name)) === 'file'
  }

  /** Notes that the outcome depends on a path that is not there. */
  noteAbsent(name: string): void {
    const path = joinPath(this.root, name)
    this.state.reads.set(path, { path, digest: 'absent' })
  }

  private read(path: string): Uint8Array {
    const { state } = this
    const bytes = state.tree.read(path)
    if (bytes === undefined) fail(`open ${shown(path)}: no such file or directory`, { file: path })
    if (bytes.length > MAX_FILE_BYTES)
      fail(`${path}: file of ${bytes.length} bytes is larger than ${MAX_FILE_BYTES}`, {
        file: path,
      })
    state.bytes += bytes.length
    const { bytesMax } = state.options
    if (bytesMax !== undefined && state.bytes > bytesMax) throw new BuildTooBig()
    if (state.bytes > MAX_BUILD_BYTES) fail(`build reads more than ${MAX_BUILD_BYTES} bytes`)
    if (!state.reads.has(path)) state.reads.set(path, { path, digest: this.digest(path, bytes) })
    return bytes
  }

  private digest(path: string, bytes: Uint8Array): string {
    if (this.state.options.digests === false) return ''
    const known = this.state.tree.digest?.(path)
    return known ?? `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  }

  private resolve(location: string): string {
    const path = location.startsWith('/') ? joinPath(location) : joinPath(this.root, location)
    if (path === '..' || path.startsWith('../'))
      fail(`'${location}' is outside of the tree of files that this build may see`)
    return path
  }

  private real(path: string): string {
    return this.state.tree.real?.(path) ?? path
  }

  private isRestricted(): boolean {
    return this.state.options.loadRestrictor !== 'none' || this.fence !== undefined
  }

  private demandInside(path: string, location: string): void {
    const real = this.real(path)
    const directory = this.state.tree.kind(real) === 'dir' ? real : dirName(real)
    if (isBelow(directory, this.root)) return
    fail(`security; file '${shown(path)}' is not in or below '${shown(this.root)}'`, {
      file: location,
    })
  }

  /** This loader and those that led to it, innermost first. */
  private lineage(): Loader[] {
    return [this, ...(this.parent?.lineage() ?? [])]
  }

  private demandNoCycle(root: string): void {
    const lineage = this.lineage()
    const visited = lineage.find((each) => isBelow(each.root, root))
    if (visited !== undefined)
      fail(
        `cycle detected: candidate root '${shown(root)}' contains visited root '${shown(visited.root)}'`,
      )
    if (lineage.length > MAX_CHAIN) fail(`chain of more than ${MAX_CHAIN} kustomizations`)
  }

  private enterRemote(location: string, remote: RemoteBase): Loader {
    const same = this.lineage().find((each) => each.url?.startsWith(location))
    if (same !== undefined)
      fail(`cycle detected: URI '${location}' referenced by previous URI '${same.url}'`)
    const mount = this.state.options.remotes?.[location]
    if (mount === undefined) throw this.miss(location, remote)
    const fence = joinPath(mount)
    const root = joinPath(fence, remote.path)
    if (this.state.tree.kind(root) !== 'dir')
      fail(`'${location}' refers to a path that is no directory: '${remote.path}'`)
    return new Loader({ root, state: this.state, parent: this, fence, url: location })
  }

  private loadRemote(location: string): Loaded {
    const mount = this.state.options.remotes?.[location]
    if (mount === undefined && !isPlainFile(location) && parseRemote(location) !== undefined)
      fail('URL is a git repository')
    if (mount === undefined)
      throw this.miss(location, { url: location, address: location, kind: 'file', path: '' })
    const path = joinPath(mount)
    if (this.state.tree.kind(path) !== 'file') fail('URL is a git repository')
    return { bytes: this.read(path), path }
  }

  private miss(location: string, remote: RemoteBase): MissingRemote {
    this.state.missing.set(location, remote)
    return new MissingRemote(location)
  }
}

/** Text of a file; undefined when it is no UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
  return text.includes('\ufffd') && !isUtf8(bytes) ? undefined : text
}

/** Says whether a clean path is a directory or below it. */
export function isBelow(path: string, directory: string): boolean {
  return directory === '' || path === directory || path.startsWith(`${directory}/`)
}

/** The name that a file has in a generator that gives none. */
export function fileNameOf(location: string): string {
  return baseName(location.replace(/\/+$/, '')) || '/'
}

/** What asks for a file by its name is no repository, though most addresses could be one. */
function isPlainFile(location: string): boolean {
  return /\.(?:ya?ml|json)$/i.test(location.split('?')[0] ?? '')
}

function isRemoteFile(location: string): boolean {
  return /^https?:/i.test(location)
}

function shown(path: string): string {
  return `/${path}`
}
