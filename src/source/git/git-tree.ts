import type { SourceTree } from '../../api/index.ts'
import { compareText, dirName } from '../../base/index.ts'
import { checkLinkName, checkPath } from '../tree/file-name.ts'
import { gitFault } from './fault.ts'
import { type ObjectSource, parseTree, type TreeEntry } from './object.ts'

/** A file tree that also knows what Git knows of its files. */
export interface GitTree extends SourceTree {
  /** Says whether the owner may execute a file. */
  executable(path: string): boolean
  /** Where a symbolic link points to; undefined for what is none. */
  link(path: string): string | undefined
  /** The commit of a submodule; undefined for what is none. */
  submodule(path: string): string | undefined
  /** Reads all directories, so that names that are refused are refused now. */
  check(): void
}

/** Bounds of a tree. */
export interface TreeLimits {
  readonly filesMax: number
  readonly depthMax: number
}

/** The name of a tree without entries: no checkout makes a directory of it. */
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

interface Directory {
  readonly entries: ReadonlyMap<string, TreeEntry>
  readonly names: readonly string[]
  readonly children: Map<string, Directory>
}

/**
 * Reads the tree of a commit from its objects, directory by directory as it is asked for. Symbolic
 * links are neither files nor directories; a submodule is an empty directory.
 * @throws Fault GIT_OBJECT
 */
export function gitTree(objects: ObjectSource, root: string, limits: TreeLimits): GitTree {
  let seen = 0
  const load = (oid: string, path: string): Directory => {
    const object = objects.get(oid)
    if (object?.type !== 'tree') throw gitFault('GIT_OBJECT', `object not found: tree ${oid}`)
    const entries = checkedEntries(object.data, path)
    seen += entries.size
    if (seen > limits.filesMax) throw gitFault('GIT_OBJECT', `more than ${limits.filesMax} files`)
    const names = [...entries.values()]
      .filter((entry) => entry.mode !== 'link' && entry.oid !== EMPTY_TREE)
      .map((entry) => entry.name)
      .sort(compareText)
    return { entries, names, children: new Map() }
  }
  const top = load(root, '')
  const directory = (path: string): Directory | undefined => {
    if (path === '') return top
    const parts = path.split('/')
    if (parts.length > limits.depthMax) throw gitFault('GIT_OBJECT', 'folders too deep')
    let at = top
    for (const [i, part] of parts.entries()) {
      let child = at.children.get(part)
      if (child === undefined) {
        const entry = at.entries.get(part)
        if (entry?.mode !== 'tree') return undefined
        child = load(entry.oid, parts.slice(0, i + 1).join('/'))
        at.children.set(part, child)
      }
      at = child
    }
    return at
  }
  const entryAt = (path: string): TreeEntry | undefined =>
    directory(dirName(path))?.entries.get(path.slice(path.lastIndexOf('/') + 1))
  const fileAt = (path: string): TreeEntry | undefined => {
    const entry = entryAt(path)
    return entry?.mode === 'file' || entry?.mode === 'executable' ? entry : undefined
  }
  const content = (oid: string): Buffer => readBlob(objects, oid)
  return {
    identity: `git tree ${root}`,
    kind: (path) => {
      if (path === '') return 'dir'
      const mode = entryAt(path)?.mode
      if (mode === 'tree' || mode === 'submodule') return 'dir'
      return mode === 'file' || mode === 'executable' ? 'file' : undefined
    },
    read: (path) => {
      const entry = fileAt(path)
      return entry === undefined ? undefined : content(entry.oid)
    },
    list: (path) =>
      path !== '' && entryAt(path)?.mode === 'submodule' ? [] : directory(path)?.names,
    digest: (path) => {
      const entry = fileAt(path)
      return entry === undefined ? undefined : `sha1:${entry.oid}`
    },
    executable: (path) => entryAt(path)?.mode === 'executable',
    link: (path) => {
      const entry = entryAt(path)
      return entry?.mode === 'link' ? content(entry.oid).toString() : undefined
    },
    submodule: (path) => {
      const entry = entryAt(path)
      return entry?.mode === 'submodule' ? entry.oid : undefined
    },
    check: () =>
      void measure({ path: '', oid: root, depth: 0 }, { directory, limits, known: new Map() }),
  }
}

/** How many entries a tree has with all below it, and how deep it goes. */
interface Measure {
  readonly files: number
  readonly height: number
}

interface Measuring {
  readonly directory: (path: string) => Directory | undefined
  readonly limits: TreeLimits
  readonly known: Map<string, Measure>
}

/** Reads each tree once, however often it stands in others: a few can name files without number. */
function measure(
  { path, oid, depth }: { readonly path: string; readonly oid: string; readonly depth: number },
  measuring: Measuring,
): Measure {
  const { directory, limits, known } = measuring
  let found = known.get(oid)
  if (found === undefined) {
    const entries = directory(path)?.entries
    let [files, height] = [entries?.size ?? 0, 0]
    for (const entry of entries?.values() ?? []) {
      if (entry.mode !== 'tree') continue
      const place = path === '' ? entry.name : `${path}/${entry.name}`
      const below = measure({ path: place, oid: entry.oid, depth: depth + 1 }, measuring)
      files += below.files
      height = Math.max(height, below.height + 1)
    }
    found = { files, height }
    known.set(oid, found)
  }
  if (found.files > limits.filesMax)
    throw gitFault('GIT_OBJECT', `more than ${limits.filesMax} files`)
  if (depth + found.height > limits.depthMax) throw gitFault('GIT_OBJECT', 'folders too deep')
  return found
}

function readBlob(objects: ObjectSource, oid: string): Buffer {
  const object = objects.get(oid)
  if (object?.type !== 'blob') throw gitFault('GIT_OBJECT', `object not found: blob ${oid}`)
  return object.data
}

function checkedEntries(data: Buffer, path: string): ReadonlyMap<string, TreeEntry> {
  const entries = new Map<string, TreeEntry>()
  for (const entry of parseTree(data)) {
    checkPath(path === '' ? entry.name : `${path}/${entry.name}`, entry.name)
    if (entry.mode === 'link') checkLinkName(entry.name)
    entries.set(entry.name, entry)
  }
  return entries
}
