import { createHash, type Hash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { createGzip, type Gzip } from 'node:zlib'
import type { FilePieces, SourceTree } from '../../api/index.ts'
import { compareText } from '../../base/index.ts'
import { drained } from '../unzip.ts'
import { encodeName } from './file-name.ts'

/** Says which paths go into an archive, each by itself: what lies below is asked about too. */
export type PathFilter = (path: string, kind: 'file' | 'dir') => boolean

const BLOCK = 512
const NAME_BYTES_MAX = 100
const PREFIX_BYTES_MAX = 155
/** Compressing at level 6 costs half of level 9 and gives 1 % more. */
const GZIP_LEVEL = 6

/** What was written. */
export interface Written {
  /** `sha256:<hex>` of the compressed bytes. */
  readonly digest: string
  readonly sizeBytes: number
}

/**
 * Writes a tree as a compressed archive that depends on nothing but its content: root entry `.`,
 * entries sorted by name within each directory, owner 0, no times, mode 0600 (0700 what may be
 * executed, 0750 directories). The bytes are hashed on their way.
 * @see fluxcd/pkg artifact/storage Archive (v0.18), as recorded from source-controller 1.9.1
 */
export async function writeArchive(
  tree: SourceTree,
  includes: PathFilter,
  out: { readonly file: FileHandle; readonly algorithm: string; readonly signal?: AbortSignal },
): Promise<Written> {
  const gzip = createGzip({ level: GZIP_LEVEL })
  const sink = drain(gzip, out.file, createHash(out.algorithm))
  sink.catch(() => gzip.destroy())
  for (const chunk of entries(tree, includes)) {
    out.signal?.throwIfAborted()
    if (!gzip.write(chunk)) await Promise.race([drained(gzip), sink])
  }
  gzip.end(Buffer.alloc(2 * BLOCK))
  const { digest, sizeBytes } = await sink
  return { digest: `${out.algorithm}:${digest}`, sizeBytes }
}

/** The archive, uncompressed, in one piece; for small trees. */
export function tarOf(tree: SourceTree, includes: PathFilter = () => true): Buffer {
  return Buffer.concat([...entries(tree, includes), Buffer.alloc(2 * BLOCK)])
}

async function drain(
  gzip: Gzip,
  file: FileHandle,
  hash: Hash,
): Promise<{ digest: string; sizeBytes: number }> {
  let sizeBytes = 0
  for await (const chunk of gzip as AsyncIterable<Buffer>) {
    // The system that compressed is not part of the content: 255 says unknown, as Go writes it.
    if (sizeBytes === 0 && chunk.length >= 10) chunk[9] = 255
    hash.update(chunk)
    sizeBytes += chunk.length
    await file.write(chunk)
  }
  return { digest: hash.digest('hex'), sizeBytes }
}

function* entries(tree: SourceTree, includes: PathFilter): Generator<Buffer> {
  yield header({ name: '.', mode: 0o750, size: 0, type: '5' })
  yield* below(tree, '', includes)
}

function* below(tree: SourceTree, path: string, includes: PathFilter): Generator<Buffer> {
  for (const child of [...(tree.list(path) ?? [])].sort(compareText)) {
    const name = path === '' ? child : `${path}/${child}`
    const kind = tree.kind(name)
    if (kind === undefined) continue
    const isIn = includes(name, kind)
    if (kind === 'dir') {
      if (isIn) yield header({ name, mode: 0o750, size: 0, type: '5' })
      yield* below(tree, name, includes)
      continue
    }
    if (!isIn) continue
    const { length, pieces } = contentOf(tree, name)
    const mode = tree.executable?.(name) ? 0o700 : 0o600
    yield header({ name, mode, size: length, type: '0' })
    for (const piece of pieces) yield Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
    const rest = length % BLOCK
    if (rest > 0) yield Buffer.alloc(BLOCK - rest)
  }
}

/** Files that may be too large for the memory come in pieces. */
function contentOf(tree: SourceTree, path: string): FilePieces {
  const inPieces = tree.pieces?.(path)
  if (inPieces !== undefined) return inPieces
  const content = tree.read(path) ?? new Uint8Array()
  return { length: content.length, pieces: content.length === 0 ? [] : [content] }
}

interface Entry {
  readonly name: string
  readonly mode: number
  readonly size: number
  readonly type: '0' | '5' | 'x'
}

/** One header, preceded by an extended one where the name does not fit. */
function header(entry: Entry): Buffer {
  const fitted = fitName(entry.name)
  if (fitted !== undefined) return block(entry, fitted)
  const record = paxRecord('path', encodeName(entry.name))
  const padded = Buffer.alloc(Math.ceil(record.length / BLOCK) * BLOCK)
  record.copy(padded)
  const slash = entry.name.lastIndexOf('/')
  const dir = entry.name.slice(0, slash + 1)
  const extended = { name: '', mode: 0, size: record.length, type: 'x' } as const
  const short = encodeName(`${dir}PaxHeaders.0/${entry.name.slice(slash + 1)}`)
  return Buffer.concat([
    block(extended, { name: ascii(short), prefix: Buffer.alloc(0) }),
    padded,
    block(entry, { name: ascii(encodeName(entry.name)), prefix: Buffer.alloc(0) }),
  ])
}

function ascii(name: Buffer): Buffer {
  return Buffer.from([...name].filter((byte) => byte < 0x80)).subarray(0, NAME_BYTES_MAX)
}

/** Splits a name over the two fields; undefined when it needs an extended header. */
function fitName(name: string): { name: Buffer; prefix: Buffer } | undefined {
  const bytes = encodeName(name)
  if (bytes.some((byte) => byte >= 0x80)) return undefined
  if (bytes.length <= NAME_BYTES_MAX) return { name: bytes, prefix: Buffer.alloc(0) }
  const slash = bytes.lastIndexOf(0x2f, Math.min(PREFIX_BYTES_MAX, bytes.length - 2))
  if (slash <= 0 || bytes.length - slash - 1 > NAME_BYTES_MAX) return undefined
  return { name: bytes.subarray(slash + 1), prefix: bytes.subarray(0, slash) }
}

/** `<length> <key>=<value>\n`, the length counting itself. */
function paxRecord(key: string, value: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')])
  let length = body.length + 1
  while (`${length}`.length + body.length !== length) length = `${length}`.length + body.length
  return Buffer.concat([Buffer.from(`${length}`), body])
}

function block(entry: Entry, fitted: { name: Buffer; prefix: Buffer }): Buffer {
  const out = Buffer.alloc(BLOCK)
  fitted.name.copy(out, 0)
  out.write(octal(entry.mode, 7), 100)
  out.write(octal(0, 7), 108)
  out.write(octal(0, 7), 116)
  writeSize(out, entry.size)
  out.write(octal(0, 11), 136)
  out.write('        ', 148)
  out.write(entry.type, 156)
  out.write('ustar\u000000', 257)
  if (entry.type !== 'x') {
    out.write(octal(0, 7), 329)
    out.write(octal(0, 7), 337)
  }
  fitted.prefix.copy(out, 345)
  let sum = 0
  for (const byte of out) sum += byte
  out.write(`${octal(sum, 6)}\0 `, 148)
  return out
}

/** 11 octal digits hold 8 GiB; beyond that the number goes in binary, as GNU tar has it. */
function writeSize(out: Buffer, size: number): void {
  if (size < 8 ** 11) out.write(octal(size, 11), 124)
  else {
    out[124] = 0x80
    out.writeBigUInt64BE(BigInt(size), 128)
  }
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0')
}
