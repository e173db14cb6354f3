import type { SourceTree } from '../../api/index.ts'
import { joinPath, memoryTree } from '../../base/index.ts'
import { graft } from '../tree/graft.ts'
import { gitFault } from './fault.ts'
import type { GitTree } from './git-tree.ts'

/** Fetches one commit of a repository. */
export type FetchCommit = (url: URL, commit: string) => Promise<GitTree>

interface Submodule {
  readonly name: string
  readonly path: string
  readonly url: string
}

/** What one checkout has had of submodules so far. */
interface Spent {
  count: number
  /** By address and commit. */
  readonly fetched: Map<string, GitTree>
}

const DEPTH_MAX = 10
const SUBMODULES_MAX = 256
/** With those of submodules; a few commits can name each other many times. */
const ALL_SUBMODULES_MAX = 1024

/**
 * Puts the content of the submodules into a tree, theirs included. Those that `.gitmodules` does
 * not name stay empty directories. The `.git` file that a checkout leaves in each is there, too.
 */
export async function withSubmodules(
  tree: GitTree,
  at: {
    readonly url: URL
    readonly gitDir?: string
    readonly depth?: number
    readonly spent?: Spent
  },
  fetchCommit: FetchCommit,
): Promise<SourceTree> {
  const { url, gitDir = '.git', depth = 0, spent = { count: 0, fetched: new Map() } } = at
  const listed = parseGitmodules(tree)
  if (listed.length > SUBMODULES_MAX)
    throw gitFault('GIT_OBJECT', `more than ${SUBMODULES_MAX} submodules`)
  let whole: SourceTree = tree
  for (const submodule of listed) {
    const commit = tree.submodule(submodule.path)
    if (commit === undefined) continue
    if (depth >= DEPTH_MAX) throw gitFault('GIT_OBJECT', 'submodules too deep')
    spent.count += 1
    if (spent.count > ALL_SUBMODULES_MAX)
      throw gitFault('GIT_OBJECT', `more than ${ALL_SUBMODULES_MAX} submodules`)
    const from = submoduleUrl(url, submodule.url)
    const key = `${from.href} ${commit}`
    const own = spent.fetched.get(key) ?? (await fetchCommit(from, commit))
    spent.fetched.set(key, own)
    const ownGitDir = `${gitDir}/modules/${submodule.name}`
    const below = `${'../'.repeat(depth + submodule.path.split('/').length)}`
    const inner = await withSubmodules(
      own,
      { url: from, gitDir: ownGitDir, depth: depth + submodule.path.split('/').length, spent },
      fetchCommit,
    )
    const marker = memoryTree({ '.git': `gitdir: ${below}${ownGitDir}\n` })
    const marked = graft(inner, marker, { fromPath: '.git', toPath: '.git' })
    whole = graft(whole, marked, { fromPath: '', toPath: submodule.path })
  }
  return whole
}

/** Resolves a relative address against that of the repository that names it. */
export function submoduleUrl(parent: URL, address: string): URL {
  const isRelative = address.startsWith('./') || address.startsWith('../')
  if (!isRelative && URL.canParse(address)) return new URL(address)
  if (!isRelative) throw gitFault('GIT_REF', `unsupported address of a submodule: '${address}'`)
  const resolved = new URL(parent)
  resolved.pathname = `/${joinPath(parent.pathname, address)}`
  return resolved
}

/** The submodules that `.gitmodules` names with path and address. */
function parseGitmodules(tree: GitTree): Submodule[] {
  const file = tree.read('.gitmodules')
  if (file === undefined) return []
  const sections: { name: string; values: Map<string, string> }[] = []
  for (const [i, line] of Buffer.from(file).toString().split('\n').entries()) {
    const open = /^\s*\[\s*\w+\s+"[^"]*$/.exec(line.trimEnd())?.[0]
    if (open !== undefined)
      throw gitFault('GIT_OBJECT', `${i + 1}:${open.indexOf('"')}: string not terminated`)
    const section = /^\s*\[submodule "(.*)"\]\s*$/.exec(line)
    if (section !== null) sections.push({ name: section[1] ?? '', values: new Map() })
    const value = /^\s*([a-zA-Z]+)\s*=\s*"?(.*?)"?\s*$/.exec(line)
    if (value !== null) sections.at(-1)?.values.set((value[1] ?? '').toLowerCase(), value[2] ?? '')
  }
  return sections.flatMap(({ name, values }) => {
    const path = joinPath(values.get('path') ?? '')
    const url = values.get('url') ?? ''
    const isSafe = !`${name}/${path}`.split('/').includes('..') && path !== ''
    return isSafe && url !== '' ? [{ name, path, url }] : []
  })
}
