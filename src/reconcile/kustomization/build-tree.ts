import { createHash } from 'node:crypto'
import { type FileTree, joinPath } from '../../base/index.ts'

/** What a build asked a tree, and what it was answered: `kind path`, `list path`, `read path` … */
export type Questions = ReadonlyMap<string, string>

/** A tree under a directory of its own, which notes what it is asked. */
export interface BuildTree {
  readonly tree: FileTree
  /** Directory of the tree's root, without leading slash. */
  readonly root: string
  readonly questions: Questions
}

/** Digests of files by tree: many builds ask the same tree. */
export type TreeDigests = WeakMap<FileTree, Map<string, string>>

/**
 * Mounts an artifact's tree where messages are to place its files. Everything that a build asks is
 * noted, so that the same build serves for another tree that gives the same answers.
 */
export function mountTree(tree: FileTree, root: string, digests: TreeDigests): BuildTree {
  const questions = new Map<string, string>()
  const noted = <T>(question: string, path: string, work: (inner: string) => T): T | undefined => {
    const inner = innerPath(root, path)
    if (inner === undefined) return undefined
    const key = `${question} ${inner}`
    if (!questions.has(key)) questions.set(key, answer(tree, key, digests))
    return work(inner)
  }
  const parents = parentsOf(root)
  return {
    root,
    questions,
    tree: {
      kind: (path) =>
        parents.has(path) ? 'dir' : noted('kind', path, (inner) => tree.kind(inner)),
      read: (path) => noted('read', path, (inner) => tree.read(inner)),
      list: (path) => {
        const only = parents.get(path)
        return only === undefined ? noted('list', path, (inner) => tree.list(inner)) : [only]
      },
      real: (path) => {
        const inner = innerPath(root, path)
        if (inner === undefined) return parents.has(path) ? path : undefined
        const real = noted('real', path, () => realPath(tree, inner))
        return real === undefined ? undefined : joinPath(root, real)
      },
    },
  }
}

/** Says whether another tree would give the same answers to the questions of a build. */
export function answersAlike(questions: Questions, tree: FileTree, digests: TreeDigests): boolean {
  for (const [question, was] of questions) if (answer(tree, question, digests) !== was) return false
  return true
}

function answer(tree: FileTree, question: string, digests: TreeDigests): string {
  const space = question.indexOf(' ')
  const path = question.slice(space + 1)
  switch (question.slice(0, space)) {
    case 'kind':
      return tree.kind(path) ?? ''
    case 'list':
      return tree.list(path)?.join('/') ?? ''
    case 'real':
      return realPath(tree, path) ?? ''
    default:
      return digestOfFile(tree, path, digests)
  }
}

function realPath(tree: FileTree, path: string): string | undefined {
  if (tree.real !== undefined) return tree.real(path)
  return tree.kind(path) === undefined ? undefined : path
}

function digestOfFile(tree: FileTree, path: string, digests: TreeDigests): string {
  const known = tree.digest?.(path)
  if (known !== undefined) return known
  const cache = digests.get(tree) ?? new Map<string, string>()
  digests.set(tree, cache)
  let digest = cache.get(path)
  if (digest === undefined) {
    const bytes = tree.read(path)
    digest = bytes === undefined ? '' : createHash('sha256').update(bytes).digest('hex')
    cache.set(path, digest)
  }
  return digest
}

/** The path below the mount; undefined for one outside. */
function innerPath(root: string, path: string): string | undefined {
  if (path === root) return ''
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : undefined
}

/** Directories above the mount, and the one name that each holds. */
function parentsOf(root: string): ReadonlyMap<string, string> {
  const parts = root.split('/')
  return new Map(parts.map((part, i) => [parts.slice(0, i).join('/'), part]))
}
