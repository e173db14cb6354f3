import type { FileTree } from '../../base/index.ts'
import { decodeName } from './file-name.ts'
import { matchName } from './match-name.ts'
import type { PathFilter } from './tar-write.ts'

/** The file whose patterns say what an artifact leaves out. */
const IGNORE_FILE = '.sourceignore'
/** Left out whatever the patterns say, unless they take it in again. */
const VCS: readonly string[] = ['.git/', '.gitignore', '.gitmodules', '.gitattributes']
/** Left out unless there are patterns. */
const DEFAULTS: readonly string[] = (
  '*.jpg *.jpeg *.gif *.png *.wmv *.flv *.tar.gz *.zip ' +
  '.github/ .circleci/ .travis.yml .gitlab-ci.yml appveyor.yml .drone.yml cloudbuild.yaml ' +
  'codeship-services.yml codeship-steps.yml **/.goreleaser.yml **/.sops.yaml **/.flux.yaml'
).split(' ')

/** One line of an ignore file, parsed. */
interface Pattern {
  /** The directory of its file, in parts. */
  readonly domain: readonly string[]
  readonly parts: readonly string[]
  readonly includes: boolean
  readonly dirOnly: boolean
}

/**
 * What of a tree goes into its artifact: all but what the `.sourceignore` files (each from its own
 * directory on) and then `spec.ignore` name, and not the files of version control. The last pattern
 * that matches decides, for each path by itself: a file can be taken in below a directory that is
 * left out. The patterns are go-git's, which differ from git's in several ways.
 * @see fluxcd/pkg sourceignore (v0.18) and its gitignore package
 */
export function artifactFilter(tree: FileTree, specIgnore: string | undefined): PathFilter {
  const own = [...treePatterns(tree, []), ...parsePatterns(specIgnore ?? '', [])]
  const always = [...VCS, ...(own.length === 0 ? DEFAULTS : [])]
  return filterOf([...always.map((line) => parsePattern(line, [])), ...own])
}

/**
 * What the flux command leaves out of the kustomization of a directory: what the `.sourceignore`
 * files in it, then `more` name, else what artifacts leave out. Without any such pattern no file that
 * a walk finds is left out; paths are those of the tree.
 * @see fluxcd/pkg kustomize/filters.go (v1.35.4)
 */
export function directoryIgnores(
  tree: FileTree,
  directory: string,
  more: string,
): {
  readonly walked: (path: string) => boolean
  readonly listed: (path: string, kind: 'file' | 'dir') => boolean
} {
  const domain = directory === '' ? [] : directory.split('/')
  const own = [...treePatterns(tree, domain), ...parsePatterns(more, domain)]
  const usual = [...VCS, ...DEFAULTS].map((line) => parsePattern(line, domain))
  const filter = filterOf([...usual, ...own])
  return {
    walked: (path) => own.length > 0 && !filter(path, 'file'),
    listed: (path, kind) => !filter(path, kind),
  }
}

/** What of a bucket goes into its artifact: nothing is left out that is not named. */
export function bucketFilter(own: string, specIgnore: string | undefined): PathFilter {
  return filterOf([...parsePatterns(own, []), ...parsePatterns(specIgnore ?? '', [])])
}

function filterOf(patterns: readonly Pattern[]): PathFilter {
  const reversed = [...patterns].reverse()
  return (path, kind) => {
    const parts = path.split('/')
    const decisive = reversed.find((pattern) => matches(pattern, parts, kind === 'dir'))
    return decisive === undefined || decisive.includes
  }
}

/** The patterns in a text, without comments and blank lines. */
function parsePatterns(text: string, domain: readonly string[]): Pattern[] {
  return text
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => !line.startsWith('#') && line.trim() !== '')
    .map((line) => parsePattern(line, domain))
}

function parsePattern(line: string, domain: readonly string[]): Pattern {
  const includes = line.startsWith('!')
  let rest = includes ? line.slice(1) : line
  if (!rest.endsWith('\\ ')) rest = rest.replace(/ +$/, '')
  const dirOnly = rest.endsWith('/')
  if (dirOnly) rest = rest.slice(0, -1)
  return { domain, parts: rest.split('/'), includes, dirOnly }
}

/** The patterns of all ignore files of a tree, a directory's own before those of its children. */
function treePatterns(tree: FileTree, domain: readonly string[]): Pattern[] {
  const dir = domain.join('/')
  const prefix = dir === '' ? '' : `${dir}/`
  const file = tree.read(`${prefix}${IGNORE_FILE}`)
  const found = file === undefined ? [] : parsePatterns(decodeName(Buffer.from(file)), domain)
  for (const name of tree.list(dir) ?? [])
    if (name !== '.git' && tree.kind(`${prefix}${name}`) === 'dir')
      found.push(...treePatterns(tree, [...domain, name]))
  return found
}

function matches(pattern: Pattern, path: readonly string[], isDir: boolean): boolean {
  const { domain, parts } = pattern
  if (path.length <= domain.length || domain.some((part, i) => path[i] !== part)) return false
  const local = path.slice(domain.length)
  return parts.length > 1 ? matchPath(pattern, local, isDir) : matchAnyPart(pattern, local, isDir)
}

/** A pattern without slash matches a name anywhere, and so all that lies below it. */
function matchAnyPart(pattern: Pattern, path: readonly string[], isDir: boolean): boolean {
  const at = path.findIndex((part) => matchName(pattern.parts[0] ?? '', part))
  if (at < 0) return false
  return !(pattern.dirOnly && !isDir && at === path.length - 1)
}

/** A pattern with slashes matches the beginning of a path; `**` skips any number of directories. */
function matchPath(pattern: Pattern, path: readonly string[], isDir: boolean): boolean {
  let at = 0
  let isMatched = false
  let canSkip = false
  for (const [i, part] of pattern.parts.entries()) {
    if (part === '') {
      canSkip = false
      continue
    }
    if (part === '**') {
      if (i === pattern.parts.length - 1) break
      canSkip = true
      continue
    }
    if (part.includes('**') || at >= path.length) return false
    if (!canSkip) {
      if (!matchName(part, path[at] ?? '')) return false
      isMatched = true
      at += 1
      continue
    }
    canSkip = false
    const found = path.findIndex((name, k) => k >= at && matchName(part, name))
    // Not found at all: the rest of the pattern has nothing left to match.
    isMatched = found >= 0
    at = found < 0 ? path.length : found + 1
  }
  return isMatched && !(pattern.dirOnly && !isDir && at >= path.length)
}
