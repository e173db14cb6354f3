import { createHash } from 'node:crypto'
import type { JsonObject } from '../../../src/object/index.ts'

const KINDS: Readonly<Record<string, string>> = { '0': 'file', '5': 'dir', '2': 'symlink' }

/**
 * The entries of an archive in file order, as the recordings list them. A reader of its own, so that
 * a mistake of ours does not cancel itself out.
 */
export function entriesOf(tar: Buffer): JsonObject[] {
  const out: JsonObject[] = []
  let long: string | undefined
  for (let at = 0; at + 512 <= tar.length && !isEnd(tar, at); ) {
    const text = (from: number, to: number): string =>
      visible(tar.subarray(at + from, at + to)).replace(/\0.*$/s, '')
    const number = (from: number, to: number): number =>
      Number.parseInt(text(from, to).trim() || '0', 8)
    const size = number(124, 136)
    const content = tar.subarray(at + 512, at + 512 + size)
    const type = String.fromCharCode(tar[at + 156] ?? 0)
    const prefix = text(345, 500)
    at += 512 + Math.ceil(size / 512) * 512
    if (type === 'x') {
      long = /path=(.*)\n/s.exec(visible(content))?.[1]
      continue
    }
    at -= 512 + Math.ceil(size / 512) * 512
    const link = text(157, 257)
    const short = prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`
    const kind = KINDS[type] ?? type
    out.push({
      // Python names directories without their slash.
      name: (long ?? short).replace(/\/$/, ''),
      type: kind,
      mode: number(100, 108).toString(8).padStart(4, '0'),
      uid: number(108, 116),
      gid: number(116, 124),
      mtime: number(136, 148),
      size,
      ...(link === '' ? {} : { link }),
      ...(kind === 'file'
        ? { sha256: createHash('sha256').update(content).digest('hex').slice(0, 16) }
        : {}),
    })
    long = undefined
    at += 512 + Math.ceil(size / 512) * 512
  }
  return out
}

function isEnd(tar: Buffer, at: number): boolean {
  return tar.subarray(at, at + 512).every((byte) => byte === 0)
}

/** UTF-8, with what is none as Python's backslashreplace writes it. */
function visible(bytes: Buffer): string {
  const text = bytes.toString()
  if (!text.includes('\uFFFD')) return text
  return [...bytes]
    .map((byte) => (byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`))
    .join('')
}
