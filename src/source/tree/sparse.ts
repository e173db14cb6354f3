import type { SourceTree } from '../../api/index.ts'
import { joinPath } from '../../base/index.ts'
import { gitFault } from '../git/fault.ts'

/**
 * A tree with only the files whose path begins with one of the given texts, as go-git checks them
 * out: `infra` takes in `infra-2`, too, and a slash in front matches nothing.
 * @throws Fault GIT_SPARSE when one of the directories is not there
 * @see source-controller gitrepository_controller.go validateSparseCheckoutPaths (v1.9.1)
 */
export function sparseTree(
  tree: SourceTree,
  directories: readonly string[],
  isSubmodule: (path: string) => boolean = () => false,
): SourceTree {
  const prefixes = directories.map((directory) => directory.replace(/^\.\//, ''))
  const isIn = (path: string): boolean => prefixes.some((prefix) => path.startsWith(prefix))
  const filled = new Map<string, boolean>()
  const hasFiles = (dir: string): boolean => {
    const known = filled.get(dir)
    if (known !== undefined) return known
    const names = tree.list(dir) ?? []
    const found = names.some((name) => isThere(dir === '' ? name : `${dir}/${name}`))
    filled.set(dir, found)
    return found
  }
  const isThere = (path: string): boolean =>
    tree.kind(path) === 'dir'
      ? hasFiles(path) || (isSubmodule(path) && isIn(path))
      : isIn(path) && tree.kind(path) === 'file'
  for (const directory of directories) {
    const path = joinPath(directory)
    const clean = path
      .split('/')
      .filter((part) => part !== '..')
      .join('/')
    if (clean !== '' && !isThere(clean))
      throw gitFault(
        'GIT_SPARSE',
        `sparse checkout dir '${directory}' does not exist in repository: lstat ${clean}: no such file or directory`,
      )
  }
  const { identity } = tree
  return {
    ...tree,
    ...(identity === undefined
      ? {}
      : { identity: `${identity} below ${JSON.stringify(directories)}` }),
    kind: (path) => (path === '' || isThere(path) ? tree.kind(path) : undefined),
    read: (path) => (isIn(path) ? tree.read(path) : undefined),
    list: (path) =>
      tree.list(path)?.filter((name) => isThere(path === '' ? name : `${path}/${name}`)),
  }
}
