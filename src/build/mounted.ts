import { createHash } from 'node:crypto'
import { type FileTree, joinPath } from '../base/index.ts'
import { build } from './build.ts'
import type { BuildOptions, Built, RemoteBase } from './types.ts'

/** What a build asked a tree, and what it was answered: `kind path`, `list path`, `read path` … */
export type Questions = ReadonlyMap<string, string>

/** Digests of files by tree: many builds ask the same tree. */
export type TreeDigests = WeakMap<FileTree, Map<string, string>>

/** A build as data: it can be handed to another thread. */
export interface BuildRequest {
  readonly tree: FileTree
  /** Directory that messages place the tree's files in, without leading slash. */
  readonly root: string
  /** Remote bases by the path that they are mounted at, outside of `root`. */
  readonly mounts: ReadonlyMap<string, FileTree>
  /** The directory to build, below `root`. */
  readonly path: string
  readonly options: BuildOptions
}

/** What came of a request, and what its tree was asked. */
export interface BuildAnswer {
  readonly result:
    | Pick<Built, 'objects' | 'files' | 'warnings'>
    | { readonly missing: readonly RemoteBase[] }
  readonly questions: Questions
}

/**
 * Builds what a request asks for. Everything that the build asks the tree is noted, so that the same
 * build serves for another tree that gives the same answers.
 * @throws Fault BUILD; BuildTooBig where the options have a `bytesMax`
 */
export function buildMounted(request: BuildRequest, digests: TreeDigests): BuildAnswer {
  const { tree, root, mounts, path, options } = request
  const mounted = mountTree(tree, root, digests)
  const whole = mounts.size === 0 ? mounted.tree : withMounts(mounted.tree, mounts)
  return { result: build(whole, path, options), questions: mounted.questions }
}

/** A tree under a directory of its own, which notes what it is asked. */
export function mountTree(
  tree: FileTree,
  root: string,
  digests: TreeDigests,
): { readonly tree: FileTree; readonly questions: Questions } {
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

/** A tree with other trees in it. */
function withMounts(tree: FileTree, mounts: ReadonlyMap<string, FileTree>): FileTree {
  const find = (path: string): { readonly tree: FileTree; path: string; mount: string } => {
    for (const [mount, mounted] of mounts)
      if (path === mount || path.startsWith(`${mount}/`))
        return { tree: mounted, path: path.slice(mount.length + 1), mount }
    return { tree, path, mount: '' }
  }
  const at = <T>(path: string, ask: (tree: FileTree, inner: string) => T): T => {
    const found = find(path)
    return ask(found.tree, found.path)
  }
  return {
    kind: (path) => at(path, (each, inner) => each.kind(inner)),
    read: (path) => at(path, (each, inner) => each.read(inner)),
    list: (path) => at(path, (each, inner) => each.list(inner)),
    real: (path) => {
      const { tree: each, path: inner, mount } = find(path)
      const real = realPath(each, inner)
      return real === undefined ? undefined : joinPath(mount, real)
    },
  }
}
