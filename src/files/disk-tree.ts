import { lstatSync, readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { baseName, compareText, dirName, type FileKind, type FileTree } from '../base/index.ts'

/**
 * A directory of the disk as a tree. Files are read when they are asked for, never all; symbolic
 * links are followed as long as they stay below the directory. Where a path lies, and what it is, is
 * looked up once: the tree is for one look at a directory that holds still.
 */
export function diskTree(directory: string): FileTree & { executable(path: string): boolean } {
  const root = realpathSync(directory)
  const places = new Map<string, Place | undefined>()
  const locate = (path: string): Place | undefined => {
    if (places.has(path)) return places.get(path)
    const isShort = path !== '' && path.length <= MAX_PATH
    const above = isShort ? locate(dirName(path)) : undefined
    const found = above === undefined ? realBelow(root, path) : placeIn(root, above, path)
    if (places.size > MAX_REMEMBERED) places.clear()
    places.set(path, found)
    return found
  }
  return {
    kind: (path) => locate(path)?.kind,
    read: (path) => {
      const place = locate(path)
      return place?.kind === 'file' ? readBytes(place.at) : undefined
    },
    list: (path) => {
      const place = locate(path)
      return place?.kind === 'dir' ? readdirSync(place.at).sort(compareText) : undefined
    },
    real: (path) => {
      const place = locate(path)
      return place === undefined ? undefined : relative(root, place.at)
    },
    executable: (path) => {
      const place = locate(path)
      return place?.kind === 'file' && (statSync(place.at).mode & 0o111) !== 0
    },
  }
}

/** Where a path leads to; neither file nor directory is what can not be read. */
interface Place {
  readonly at: string
  readonly kind: FileKind | undefined
}

/** Most paths whose place is remembered. */
const MAX_REMEMBERED = 50_000

/** Longest path that is looked at part by part; systems refuse longer ones. */
const MAX_PATH = 4096

/**
 * Where a path lies whose directory's own place is known: one look instead of one for each part of
 * the path. Symbolic links lead elsewhere, and are followed from the root.
 */
function placeIn(root: string, above: Place, path: string): Place | undefined {
  const name = baseName(path)
  if (name === '' || name === '.' || name === '..') return realBelow(root, path)
  if (above.kind !== 'dir') return undefined
  try {
    const at = `${above.at === '/' ? '' : above.at}/${name}`
    const stat = lstatSync(at, { throwIfNoEntry: false })
    if (stat === undefined) return undefined
    return stat.isSymbolicLink() ? realBelow(root, path) : { at, kind: kindOf(stat) }
  } catch {
    return undefined
  }
}

function realBelow(root: string, path: string): Place | undefined {
  if (path === '..' || path.startsWith('../')) return undefined
  try {
    const at = realpathSync.native(join(root, path))
    const prefix = root.endsWith('/') ? root : `${root}/`
    if (at !== root && !at.startsWith(prefix)) return undefined
    const stat = statSync(at, { throwIfNoEntry: false })
    return { at, kind: stat === undefined ? undefined : kindOf(stat) }
  } catch {
    return undefined
  }
}

function readBytes(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}

function kindOf(stat: Stats): FileKind | undefined {
  if (stat.isDirectory()) return 'dir'
  return stat.isFile() ? 'file' : undefined
}
