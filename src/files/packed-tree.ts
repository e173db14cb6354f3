import { compareText, type FileKind, type FileTree, nextTurn } from '../base/index.ts'

/** A tree as memory that threads share: handing it over copies nothing. */
export interface PackedTree {
  /** JSON of {@link Index}. */
  readonly index: SharedArrayBuffer
  /** The contents of all files, one after another. */
  readonly bytes: SharedArrayBuffer
}

interface Index {
  readonly dirs: readonly string[]
  /** Path, start and length. */
  readonly files: readonly (readonly [string, number, number])[]
  /** What lies elsewhere in truth; `''` stands for nowhere. */
  readonly links: readonly (readonly [string, string])[]
}

/** Largest tree that is packed, in bytes. */
const MAX_PACKED_BYTES = 1024 * 1024 * 1024
/** Bytes and entries between two turns for everything else. */
const TURN_BYTES = 4 * 1024 * 1024
const TURN_ENTRIES = 500

/** Packs a whole tree, in turns with everything else; undefined for one that is too large. */
export async function packTree(tree: FileTree): Promise<PackedTree | undefined> {
  const dirs: string[] = ['']
  const found: { readonly path: string; readonly content: Uint8Array }[] = []
  const links: [string, string][] = []
  let total = 0
  let seen = 0
  for (let next = 0; next < dirs.length; next += 1) {
    const dir = dirs[next] as string
    for (const name of tree.list(dir) ?? []) {
      const path = dir === '' ? name : `${dir}/${name}`
      seen += 1
      if (seen % TURN_ENTRIES === 0) await nextTurn()
      const real = tree.real === undefined ? path : tree.real(path)
      if (real !== path) links.push([path, real ?? ''])
      else if (tree.kind(path) === 'dir') dirs.push(path)
      else {
        const content = tree.read(path)
        if (content === undefined) continue
        found.push({ path, content })
        total += content.length
        if (total > MAX_PACKED_BYTES) return undefined
      }
    }
  }
  const bytes = new SharedArrayBuffer(total)
  const files = await copyAll(found, new Uint8Array(bytes))
  const text = Buffer.from(JSON.stringify({ dirs, files, links } satisfies Index))
  const index = new SharedArrayBuffer(text.length)
  new Uint8Array(index).set(text)
  return { index, bytes }
}

async function copyAll(
  found: readonly { readonly path: string; readonly content: Uint8Array }[],
  to: Uint8Array,
): Promise<[string, number, number][]> {
  const files: [string, number, number][] = []
  let at = 0
  let turn = TURN_BYTES
  for (const { path, content } of found) {
    to.set(content, at)
    files.push([path, at, content.length])
    at += content.length
    if (at < turn) continue
    turn = at + TURN_BYTES
    await nextTurn()
  }
  return files
}

/** The tree that was packed. Its contents are views on the shared memory. */
export function openPacked(packed: PackedTree): FileTree {
  const index = JSON.parse(Buffer.from(new Uint8Array(packed.index)).toString()) as Index
  const files = new Map(index.files.map(([path, start, length]) => [path, { start, length }]))
  const dirs = new Map<string, string[]>(index.dirs.map((path) => [path, []]))
  const links = new Map(index.links)
  for (const path of [...index.dirs.slice(1), ...files.keys(), ...links.keys()]) {
    const slash = path.lastIndexOf('/')
    dirs.get(path.slice(0, Math.max(slash, 0)))?.push(path.slice(slash + 1))
  }
  for (const names of dirs.values()) names.sort(compareText)
  const locate = (path: string): string | undefined => real(path, links)
  const kindOf = (path: string | undefined): FileKind | undefined => {
    if (path === undefined) return undefined
    return dirs.has(path) ? 'dir' : files.has(path) ? 'file' : undefined
  }
  return {
    kind: (path) => kindOf(locate(path)),
    list: (path) => dirs.get(locate(path) ?? '/'),
    read: (path) => {
      const file = files.get(locate(path) ?? '/')
      return file === undefined ? undefined : new Uint8Array(packed.bytes, file.start, file.length)
    },
    real: (path) => {
      const at = locate(path)
      return kindOf(at) === undefined ? undefined : at
    },
  }
}

/** Links lead to where nothing on the way is a link, so that one look for each part will do. */
function real(path: string, links: ReadonlyMap<string, string>): string | undefined {
  if (links.size === 0) return path
  let at = ''
  for (const part of path === '' ? [] : path.split('/')) {
    const next = at === '' ? part : `${at}/${part}`
    const target = links.get(next)
    if (target === '') return undefined
    at = target ?? next
  }
  return at
}
