import type { SourceTree } from '../../api/index.ts'
import { compareText, Fault, joinPath } from '../../base/index.ts'
import { type HeldBytes, piecesOf } from '../spool.ts'
import { decodeName } from './file-name.ts'

const BLOCK = 512

/** Bounds of an archive. */
export interface ArchiveLimits {
  readonly filesMax: number
  readonly depthMax: number
  /** Pipes and devices are a fault; else they are left out, as links are. */
  readonly refusesDevices?: boolean
}

interface Directory {
  readonly children: Map<string, Node>
  names?: readonly string[]
}

/** Where the content of a file is in the archive. */
interface File {
  readonly start: number
  readonly end: number
  readonly isExecutable: boolean
}
type Node = Directory | File

/** An archive that can be read at any place. */
type Archive = Pick<HeldBytes, 'length' | 'read'>

/**
 * Reads an uncompressed archive as a tree; contents are read when they are asked for, and are views
 * on its bytes where those are in memory.
 * Links and devices are left out. A name that is absolute or climbs out is refused.
 * @throws Fault ARTIFACT_ARCHIVE
 * @see fluxcd/pkg tar/tar.go Untar (v1.2)
 */
export function readArchive(tar: Archive, limits: ArchiveLimits): SourceTree {
  const view = windowed(tar)
  const root: Directory = { children: new Map() }
  let at = 0
  let count = 0
  let longName: string | undefined
  while (at + BLOCK <= tar.length) {
    const head = view(at, at + BLOCK)
    if (head[0] === 0 && head.every((byte) => byte === 0)) break
    checkSum(head)
    const size = sizeOf(head)
    const end = at + BLOCK + size
    if (end > tar.length) throw broken('unexpected EOF')
    const start = at + BLOCK
    const type = String.fromCharCode(head[156] ?? 0)
    const isSpecial = 'xgLK'.includes(type)
    if (isSpecial && size > SPECIAL_BYTES_MAX) throw broken('archive/tar: header field too long')
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
    if (type === 'x') longName = paxPath(view(start, end)) ?? longName
    else if (type === 'L') longName = nameIn(view(start, end))
    else if (type === 'g') placeGlobal(root, { head, data: view(start, end) }, limits)
    else if (type !== 'K') {
      const name = longName ?? nameOf(head)
      longName = undefined
      count += 1
      if (count > limits.filesMax) throw broken(`more than ${limits.filesMax} entries`)
      const mode = Number.parseInt(text(head.subarray(100, 108)).trim(), 8)
      const isExecutable = (mode & 0o111) !== 0
      if (type === '5') makeDirectory(root, partsOf(name, limits))
      else if (type === '0' || type === '\0' || type === '7')
        place(root, partsOf(name, limits), { start, end, isExecutable })
      else if (limits.refusesDevices === true)
        placeOther(root, { type, name, mode, isExecutable }, limits)
    }
  }
  if (at < tar.length && at + BLOCK > tar.length) throw broken('unexpected EOF')
  return treeOf(root, tar)
}

const SPECIAL_BYTES_MAX = 1024 * 1024
const WINDOW_BYTES = 64 * 1024

/** Headers lie close together: one look at the disk serves for many. */
function windowed(tar: Archive): (start: number, end: number) => Buffer {
  let held: Buffer = Buffer.alloc(0)
  let from = 0
  return (start, end) => {
    if (end - start > WINDOW_BYTES) return tar.read(start, end)
    if (start < from || end > from + held.length) {
      from = start
      held = tar.read(start, start + WINDOW_BYTES)
    }
    return held.subarray(start - from, end - from)
  }
}

/** What holds for all that follows is a file of its own to Go's reader, an empty one. */
function placeGlobal(
  root: Directory,
  { head, data }: { readonly head: Buffer; readonly data: Buffer },
  limits: ArchiveLimits,
): void {
  if (limits.refusesDevices !== true) return
  const name = paxPath(data) ?? nameOf(head)
  place(root, partsOf(name, limits), { start: 0, end: 0, isExecutable: false })
}

const DEVICES: Readonly<Record<string, string>> = { 3: 'Dc', 4: 'D', 6: 'p' }

/** A hard link unpacks as an empty file, as Flux has it; a symbolic one is left out. */
function placeOther(
  root: Directory,
  entry: { readonly type: string; readonly name: string; readonly mode: number } & {
    readonly isExecutable: boolean
  },
  limits: ArchiveLimits,
): void {
  const { type, name, mode, isExecutable } = entry
  const parts = partsOf(name, limits)
  const device = DEVICES[type]
  if (device !== undefined)
    throw broken(
      `tar file entry ${name} contained unsupported file type ${device}${permissions(mode)}`,
    )
  // What is neither link nor directory is a file to Go, without its content where it knows no such type.
  if (type !== '2') place(root, parts, { start: 0, end: 0, isExecutable })
}

function permissions(mode: number): string {
  return 'rwxrwxrwx'
    .split('')
    .map((char, i) => (mode & (0o400 >> i) ? char : '-'))
    .join('')
}

function partsOf(name: string, limits: ArchiveLimits): string[] {
  const isBad = name.startsWith('/') || name.includes('\\') || name.split('/').includes('..')
  if (isBad || name === '') throw broken(`tar contained invalid name error ${JSON.stringify(name)}`)
  const parts = joinPath(name)
    .split('/')
    .filter((part) => part !== '')
  if (parts.length > limits.depthMax) throw broken('folders too deep')
  return parts
}

function makeDirectory(root: Directory, parts: readonly string[]): Directory {
  let at = root
  for (const part of parts) {
    let child = at.children.get(part)
    if (child === undefined) {
      child = { children: new Map() }
      at.children.set(part, child)
    }
    if (!('children' in child)) throw broken(`mkdir ${parts.join('/')}: not a directory`)
    at = child
  }
  return at
}

function place(root: Directory, parts: readonly string[], file: Node): void {
  const name = parts.at(-1)
  if (name === undefined) throw broken('open .: is a directory')
  const { children } = makeDirectory(root, parts.slice(0, -1))
  const before = children.get(name)
  if (before !== undefined && 'children' in before)
    throw broken(`open ${parts.join('/')}: is a directory`)
  children.set(name, file)
}

function treeOf(root: Directory, tar: Archive): SourceTree {
  const find = (path: string): Node | undefined => {
    let at: Node | undefined = root
    for (const part of path === '' ? [] : path.split('/')) {
      if (at === undefined || !('children' in at)) return undefined
      at = at.children.get(part)
    }
    return at
  }
  return {
    kind: (path) => {
      const node = find(path)
      return node === undefined ? undefined : 'children' in node ? 'dir' : 'file'
    },
    read: (path) => {
      const node = find(path)
      return node === undefined || 'children' in node ? undefined : tar.read(node.start, node.end)
    },
    pieces: (path) => {
      const node = find(path)
      if (node === undefined || 'children' in node) return undefined
      const { start, end } = node
      return { length: end - start, pieces: piecesOf(tar, start, end) }
    },
    list: (path) => {
      const node = find(path)
      if (node === undefined || !('children' in node)) return undefined
      node.names ??= [...node.children.keys()].sort(compareText)
      return node.names
    },
    executable: (path) => {
      const node = find(path)
      return node !== undefined && 'isExecutable' in node && node.isExecutable
    },
  }
}

function checkSum(head: Buffer): void {
  let sum = 8 * 0x20
  for (let i = 0; i < BLOCK; i += 1) if (i < 148 || i >= 156) sum += head[i] ?? 0
  const told = Number.parseInt(text(head.subarray(148, 156)).trim(), 8)
  if (told !== sum) throw broken('archive/tar: invalid tar header')
}

function sizeOf(head: Buffer): number {
  if ((head[124] ?? 0) & 0x80) {
    const big = head.readBigUInt64BE(128)
    if (big > BigInt(Number.MAX_SAFE_INTEGER)) throw broken('entry too large')
    return Number(big)
  }
  const size = Number.parseInt(text(head.subarray(124, 136)).trim() || '0', 8)
  if (!Number.isSafeInteger(size) || size < 0) throw broken('archive/tar: invalid tar header')
  return size
}

function nameOf(head: Buffer): string {
  const prefix =
    head.toString('latin1', 257, 262) === 'ustar' ? nameIn(head.subarray(345, 500)) : ''
  const name = nameIn(head.subarray(0, 100))
  return prefix === '' ? name : `${prefix}/${name}`
}

function paxPath(data: Buffer): string | undefined {
  let at = 0
  let path: string | undefined
  while (at < data.length) {
    const space = data.indexOf(0x20, at)
    const length = Number(data.toString('latin1', at, space))
    if (space < 0 || !Number.isInteger(length) || length < 5 || at + length > data.length)
      throw broken('archive/tar: invalid tar header')
    const record = decodeName(data.subarray(space + 1, at + length - 1))
    if (record.startsWith('path=')) path = record.slice(5)
    at += length
  }
  return path
}

/** Names are bytes; those that are no UTF-8 are kept. */
function nameIn(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return decodeName(end < 0 ? bytes : bytes.subarray(0, end))
}

function text(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}

function broken(message: string): Error {
  return new Fault({ code: 'ARTIFACT_ARCHIVE', message })
}
