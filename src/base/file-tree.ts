/** What a path of a {@link FileTree} is. */
export type FileKind = 'file' | 'dir'

/**
 * A read-only tree of files, confined to its root. Paths are relative to it, separated by `/`,
 * without leading slash, `.` or `..` parts; the root itself is `''`. Nothing outside the root can be
 * reached, by no path and no symbolic link: such a path does not exist.
 */
export interface FileTree {
  kind(path: string): FileKind | undefined
  /** The bytes of a file; undefined when there is no file at the path. Not to be changed. */
  read(path: string): Uint8Array | undefined
  /** Names in a directory, sorted by code point; undefined when there is no directory. */
  list(path: string): readonly string[] | undefined
  /** The path behind symbolic links, where there are any; undefined when there is nothing there. */
  real?(path: string): string | undefined
  /** Digest of a file's content (`sha256:<hex>` or `sha1:<hex>`) where it is known for free. */
  digest?(path: string): string | undefined
}

/** A tree held in memory, from paths to contents. */
export function memoryTree(files: Readonly<Record<string, string | Uint8Array>>): FileTree {
  const contents = new Map<string, Uint8Array>()
  const directories = new Map<string, Set<string>>([['', new Set()]])
  for (const [path, content] of Object.entries(files)) {
    const clean = joinPath(path)
    contents.set(clean, typeof content === 'string' ? Buffer.from(content) : content)
    for (let at = clean; at !== ''; at = dirName(at)) {
      const parent = dirName(at)
      const names = directories.get(parent)
      if (names === undefined) directories.set(parent, new Set([baseName(at)]))
      else names.add(baseName(at))
    }
  }
  return {
    kind: (path) => (contents.has(path) ? 'file' : directories.has(path) ? 'dir' : undefined),
    read: (path) => contents.get(path),
    list: (path) => {
      const names = directories.get(path)
      return names === undefined ? undefined : [...names].sort(compareText)
    },
  }
}

/**
 * Joins and cleans path parts lexically (`.`, `..`, doubled slashes). A path that climbs above the
 * root keeps its leading `..` parts, so that callers can tell it from one inside.
 */
export function joinPath(...parts: readonly string[]): string {
  const out: string[] = []
  for (const part of parts.join('/').split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..' && out.length > 0 && out.at(-1) !== '..') out.pop()
    else out.push(part)
  }
  return out.join('/')
}

/** The directory of a clean relative path; `''` for one directly under the root. */
export function dirName(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '' : path.slice(0, slash)
}

/** The last part of a clean relative path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Orders strings by Unicode code point, as Go orders them by bytes; never by locale. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}

/** UTF-16 units in code point order: surrogates stand for what lies above U+FFFF. */
function rank(unit: number): number {
  if (unit >= 0xe000) return unit - 0x800
  return unit >= 0xd800 ? unit + 0x2000 : unit
}
