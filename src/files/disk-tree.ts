import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { baseName, compareText, dirName, type FileKind, type FileTree } from '../base/index.ts'

/**
 * A directory of the disk as a tree. Files are read when they are asked for, never all; symbolic
 * links are followed as long as they stay below the directory.
 */
export function diskTree(directory: string): FileTree & { executable(path: string): boolean } {
  const root = realpathSync(directory)
  const reals = new Map<string, string | undefined>()
  const locate = (path: string): string | undefined => {
    if (reals.has(path)) return reals.get(path)
    const isShort = path !== '' && path.length <= MAX_PATH
    const above = isShort ? locate(dirName(path)) : undefined
    const found = above === undefined ? realBelow(root, path) : placeIn(root, above, path)
    if (reals.size > MAX_REMEMBERED) reals.clear()
    reals.set(path, found)
    return found
  }
  return {
    kind: (path) => kindOf(locate(path)),
    read: (path) => {
      const at = locate(path)
      return at === undefined ? undefined : readBytes(at)
    },
    list: (path) => {
      const at = locate(path)
      return at === undefined || kindOf(at) !== 'dir'
        ? undefined
        : readdirSync(at).sort(compareText)
    },
    real: (path) => {
      const at = locate(path)
      return at === undefined ? undefined : relative(root, at)
    },
    executable: (path) => {
      const at = locate(path)
      return at !== undefined && kindOf(at) === 'file' && (statSync(at).mode & 0o111) !== 0
    },
  }
}

/** Most paths whose place is remembered. */
const MAX_REMEMBERED = 50_000

/** Longest path that is looked at part by part; systems refuse longer ones. */
const MAX_PATH = 4096

/**
 * Where a path lies whose directory's own place is known: one look instead of one for each part of
 * the path. Symbolic links lead elsewhere, and are followed from the root.
 */
function placeIn(root: string, directory: string, path: string): string | undefined {
  const name = baseName(path)
  if (name === '' || name === '.' || name === '..') return realBelow(root, path)
  try {
    const at = join(directory, name)
    return lstatSync(at).isSymbolicLink() ? realBelow(root, path) : at
  } catch {
    return undefined
  }
}

function realBelow(root: string, path: string): string | undefined {
  if (path === '..' || path.startsWith('../')) return undefined
  try {
    const real = realpathSync.native(join(root, path))
    const prefix = root.endsWith('/') ? root : `${root}/`
    return real === root || real.startsWith(prefix) ? real : undefined
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

function kindOf(path: string | undefined): FileKind | undefined {
  if (path === undefined) return undefined
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat?.isDirectory() === true) return 'dir'
  return stat?.isFile() === true ? 'file' : undefined
}
