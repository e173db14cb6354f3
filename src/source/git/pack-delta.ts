import type { Fault } from '../../base/index.ts'
import { type GitCode, gitFault } from './fault.ts'

/** An object beyond what may be taken. */
export function tooLarge(size: number, bytesMax: number): Fault<GitCode> {
  return gitFault('GIT_OBJECT', `an object of ${size} bytes, the limit is ${bytesMax}`)
}

/** Deltas by what they build on: an offset, or the name of an object. */
export class WaitingDeltas<T extends { readonly base: number | string | undefined }> {
  readonly #byBase = new Map<number | string, T[]>()
  count: number

  constructor(deltas: readonly T[]) {
    this.count = deltas.length
    for (const entry of deltas) {
      const base = entry.base ?? -1
      const siblings = this.#byBase.get(base)
      if (siblings === undefined) this.#byBase.set(base, [entry])
      else siblings.push(entry)
    }
  }

  keys(): readonly (number | string)[] {
    return [...this.#byBase.keys()]
  }

  /** Those that build on it; they wait no more. */
  take(base: number | string): T[] {
    const found = this.#byBase.get(base) ?? []
    this.#byBase.delete(base)
    this.count -= found.length
    return found
  }
}

/** How far before a delta its base begins. */
export function readDistance(bytes: Buffer, cursor: { at: number }): number {
  let byte = bytes[cursor.at] ?? 0
  cursor.at += 1
  let value = byte & 0x7f
  while (byte & 0x80) {
    byte = bytes[cursor.at] ?? 0
    cursor.at += 1
    value = (value + 1) * 128 + (byte & 0x7f)
  }
  return value
}

/** A number of seven bits a byte, the lowest first. */
export function readVarint(bytes: Buffer, cursor: { at: number }): number {
  let value = 0
  let factor = 1
  for (;;) {
    const byte = bytes[cursor.at] ?? 0
    cursor.at += 1
    value += (byte & 0x7f) * factor
    if (!(byte & 0x80)) return value
    factor *= 128
  }
}

/**
 * Carries out the copy and insert instructions of a delta.
 * @throws Fault GIT_PROTOCOL for one that is broken, GIT_OBJECT where more than `bytesMax` would come of it
 * @see https://git-scm.com/docs/gitformat-pack
 */
export function applyDelta(base: Buffer, delta: Buffer, bytesMax: number): Buffer {
  const cursor = { at: 0 }
  if (readVarint(delta, cursor) !== base.length)
    throw gitFault('GIT_PROTOCOL', 'delta of another base')
  const size = readVarint(delta, cursor)
  if (size > bytesMax) throw tooLarge(size, bytesMax)
  const out = Buffer.allocUnsafe(size)
  let { at } = cursor
  let filled = 0
  while (at < delta.length) {
    const op = delta[at] ?? 0
    at += 1
    if (op === 0) throw gitFault('GIT_PROTOCOL', 'invalid delta')
    if (!(op & 0x80)) {
      if (at + op > delta.length || filled + op > size)
        throw gitFault('GIT_PROTOCOL', 'invalid delta')
      delta.copy(out, filled, at, at + op)
      filled += op
      at += op
      continue
    }
    let offset = 0
    let length = 0
    for (let bit = 0; bit < 4; bit += 1)
      if (op & (1 << bit)) {
        offset += (delta[at] ?? 0) * 256 ** bit
        at += 1
      }
    for (let bit = 0; bit < 3; bit += 1)
      if (op & (0x10 << bit)) {
        length += (delta[at] ?? 0) * 256 ** bit
        at += 1
      }
    if (length === 0) length = 0x10000
    if (offset + length > base.length || filled + length > size)
      throw gitFault('GIT_PROTOCOL', 'invalid delta')
    base.copy(out, filled, offset, offset + length)
    filled += length
  }
  if (filled !== size) throw gitFault('GIT_PROTOCOL', 'invalid delta')
  return out
}
