import { createHash } from 'node:crypto'
import { decodeName } from '../tree/file-name.ts'
import { gitFault } from './fault.ts'

/** Kinds of Git objects. */
export type GitType = 'commit' | 'tree' | 'blob' | 'tag'

/** An object of a repository, whole. */
export interface GitObject {
  readonly type: GitType
  readonly data: Buffer
}

/** Objects by their names (40 hex digits). */
export interface ObjectSource {
  get(oid: string): GitObject | undefined
  has(oid: string): boolean
  /** Memory that is held for it, where that is known. */
  readonly sizeBytes?: number
  /** Disk that is held for it. */
  readonly diskBytes?: number
  /** Keeps it open until `release` is called once more; false where it was closed already. */
  retain?(): boolean
  release?(): void
}

/** One line of a tree. */
export interface TreeEntry {
  readonly mode: 'file' | 'executable' | 'link' | 'submodule' | 'tree'
  readonly name: string
  readonly oid: string
}

/** What a commit says, as far as anyone here asks. */
export interface Commit {
  readonly tree: string
  readonly parents: readonly string[]
  readonly subject: string
  /** Seconds since the epoch, by the committer's clock. */
  readonly committedAt: number
  /** What was signed, and the signature; absent on an unsigned commit. */
  readonly signed: Signed
}

/** The signed bytes of a commit or tag and what was signed with. */
export interface Signed {
  readonly payload: Buffer
  /** Armored; `''` when unsigned. */
  readonly signature: string
}

/** What an annotated tag says. */
export interface Tag {
  readonly object: string
  readonly type: string
  readonly name: string
  readonly signed: Signed
}

const MODES: Readonly<Record<string, TreeEntry['mode']>> = {
  '40000': 'tree',
  '100644': 'file',
  '100664': 'file',
  '100755': 'executable',
  '120000': 'link',
  '160000': 'submodule',
}

/** Old tools wrote other rights and zeros in front; whoever may execute a file is told by its owner. */
function modeOf(text: string): TreeEntry['mode'] | undefined {
  const known = MODES[text.replace(/^0+/, '')]
  if (known !== undefined || !/^0*100[0-7]{3}$/.test(text)) return known
  return (Number.parseInt(text, 8) & 0o100) === 0 ? 'file' : 'executable'
}

/** What is hashed before the bytes of an object. */
export function objectHead(type: GitType, length: number): Buffer {
  return Buffer.from(`${type} ${length}\0`)
}

/** The name of an object: SHA-1 over its type, length and bytes. */
export function objectId(type: GitType, data: Uint8Array): string {
  return createHash('sha1').update(objectHead(type, data.length)).update(data).digest('hex')
}

/**
 * Parses a tree.
 * @throws Fault GIT_OBJECT
 */
export function parseTree(data: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = []
  let at = 0
  while (at < data.length) {
    const space = data.indexOf(0x20, at)
    const end = data.indexOf(0, space)
    if (space < 0 || end < 0 || end + 21 > data.length) throw gitFault('GIT_OBJECT', 'broken tree')
    const mode = modeOf(data.toString('latin1', at, space))
    if (mode === undefined) throw gitFault('GIT_OBJECT', 'malformed mode in a tree')
    const name = decodeName(data.subarray(space + 1, end))
    entries.push({ mode, name, oid: data.toString('hex', end + 1, end + 21) })
    at = end + 21
  }
  return entries
}

/**
 * Parses a commit.
 * @throws Fault GIT_OBJECT
 */
export function parseCommit(data: Buffer): Commit {
  const { headers, message } = splitHeaders(data)
  const tree = headers.find(([key]) => key === 'tree')?.[1]
  if (tree === undefined || !/^[0-9a-f]{40}$/.test(tree))
    throw gitFault('GIT_OBJECT', 'malformed commit')
  const committer = headers.find(([key]) => key === 'committer')?.[1] ?? ''
  return {
    tree,
    parents: headers.filter(([key]) => key === 'parent').map(([, value]) => value),
    subject: message.split('\n', 1)[0] ?? '',
    committedAt: Number(/ (\d+) [+-]\d{4}$/.exec(committer)?.[1] ?? 0),
    signed: signedCommit(data, headers),
  }
}

/**
 * Parses an annotated tag.
 * @throws Fault GIT_OBJECT
 */
export function parseTag(data: Buffer): Tag {
  const { headers } = splitHeaders(data)
  const value = (key: string): string => headers.find(([name]) => name === key)?.[1] ?? ''
  if (!/^[0-9a-f]{40}$/.test(value('object'))) throw gitFault('GIT_OBJECT', 'malformed tag')
  const start = signatureStart(data)
  return {
    object: value('object'),
    type: value('type'),
    name: value('tag'),
    signed: { payload: data.subarray(0, start), signature: data.toString('utf8', start) },
  }
}

type Headers = readonly (readonly [string, string])[]

function splitHeaders(data: Buffer): { headers: Headers; message: string } {
  const blank = data.indexOf('\n\n')
  const head = data.toString('utf8', 0, blank < 0 ? data.length : blank)
  const headers: [string, string][] = []
  for (const line of head.split('\n')) {
    const last = headers.at(-1)
    if (line.startsWith(' ') && last !== undefined) {
      last[1] += `\n${line.slice(1)}`
      continue
    }
    const space = line.indexOf(' ')
    headers.push(space < 0 ? [line, ''] : [line.slice(0, space), line.slice(space + 1)])
  }
  return { headers, message: blank < 0 ? '' : data.toString('utf8', blank + 2) }
}

/** A commit is signed without its `gpgsig` header, which is cut out of the bytes as they are. */
function signedCommit(data: Buffer, headers: Headers): Signed {
  const signature = headers.find(([key]) => key === 'gpgsig')?.[1]
  if (signature === undefined) return { payload: data, signature: '' }
  const start = data.indexOf('\ngpgsig ') + 1
  let end = start
  do {
    const newline = data.indexOf(0x0a, end)
    end = newline < 0 ? data.length : newline + 1
  } while (data[end] === 0x20)
  return { payload: Buffer.concat([data.subarray(0, start), data.subarray(end)]), signature }
}

const SIGNATURE_HEADS = [
  '-----BEGIN PGP SIGNATURE-----',
  '-----BEGIN PGP MESSAGE-----',
  '-----BEGIN SSH SIGNATURE-----',
  '-----BEGIN SIGNED MESSAGE-----',
]

/** Where the signature at the end of a tag begins: the last line that opens one. */
function signatureStart(data: Buffer): number {
  let start = data.length
  for (const head of SIGNATURE_HEADS) {
    const at = data.lastIndexOf(`\n${head}`)
    if (at >= 0 && (start === data.length || at + 1 > start)) start = at + 1
  }
  return start
}
