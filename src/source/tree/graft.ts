import type { SourceTree } from '../../api/index.ts'
import { baseName, compareText, dirName, Fault, joinPath } from '../../base/index.ts'

/**
 * Puts a part of one tree into another, where nothing is yet. Paths that climb out are clamped to
 * the root of their tree.
 * @throws Fault ARTIFACT_INCLUDE
 * @see fluxcd/pkg artifact/storage CopyToPath (v0.18)
 */
export function graft(
  tree: SourceTree,
  scion: SourceTree,
  paths: { readonly fromPath: string; readonly toPath: string },
): SourceTree {
  const from = clamped(paths.fromPath)
  const to = clamped(paths.toPath)
  const kind = scion.kind(from)
  if (kind === undefined) throw fault(`cannot stat ${from}: no such file or directory`)
  const isTaken = to === '' || tree.kind(to) === 'file' || (tree.list(to)?.length ?? 0) > 0
  const isReplaced = kind === 'file' && tree.kind(to) === 'file'
  if (isTaken && !isReplaced) throw fault(`cannot rename to ${to}: file exists`)
  for (let dir = dirName(to); dir !== ''; dir = dirName(dir))
    if (tree.kind(dir) === 'file') throw fault(`mkdir ${dir}: not a directory`)
  const inside = (path: string): string | undefined =>
    path === to
      ? from
      : path.startsWith(`${to}/`)
        ? joinPath(from, path.slice(to.length + 1))
        : undefined
  const isParent = (path: string): boolean => path === '' || to.startsWith(`${path}/`)
  return {
    kind: (path) => {
      const mapped = inside(path)
      if (mapped !== undefined) return scion.kind(mapped)
      return tree.kind(path) ?? (isParent(path) ? 'dir' : undefined)
    },
    read: (path) => {
      const mapped = inside(path)
      return mapped === undefined ? tree.read(path) : scion.read(mapped)
    },
    list: (path) => {
      const mapped = inside(path)
      if (mapped !== undefined) return scion.list(mapped)
      const own = tree.list(path)
      if (!isParent(path)) return own
      const rest = path === '' ? to : to.slice(path.length + 1)
      const next = rest.split('/')[0] ?? baseName(to)
      return [...new Set([...(own ?? []), next])].sort(compareText)
    },
    executable: (path) => {
      const mapped = inside(path)
      return (mapped === undefined ? tree : scion).executable?.(mapped ?? path) ?? false
    },
  }
}

function clamped(path: string): string {
  return joinPath(path)
    .split('/')
    .filter((part) => part !== '..')
    .join('/')
}

function fault(message: string): Fault {
  return new Fault({ code: 'ARTIFACT_INCLUDE', message })
}
