import type { Budget } from './budget.ts'
import { substituteFault } from './faults.ts'

const STAR = 0x2a
const QUESTION = 0x3f
const OPEN = 0x5b
const CLOSE = 0x5d
const ESCAPE = 0x5c
const CARET = 0x5e
const DASH = 0x2d

/** One unit of a pattern: a byte, any rune, or a class of runes. */
type Unit =
  | { readonly kind: 'byte'; readonly byte: number }
  | { readonly kind: 'any' }
  | {
      readonly kind: 'class'
      readonly negated: boolean
      readonly ranges: readonly (readonly [number, number])[]
    }
  | { readonly kind: 'bad' }

interface Chunk {
  readonly star: boolean
  readonly units: readonly Unit[]
}

/**
 * Says whether a shell pattern matches the whole name; undefined when the pattern is found to be
 * malformed on the way. `*` and `?` match `/`, too.
 * @see fluxcd/pkg envsubst v1.7.0 path/match.go
 */
export function matchesGlob(
  pattern: Uint8Array,
  name: Uint8Array,
  budget: Budget,
): boolean | undefined {
  const chunks = chunksOf(pattern)
  let at = 0
  for (const [i, chunk] of chunks.entries()) {
    const last = i === chunks.length - 1
    if (chunk.star && chunk.units.length === 0) return true
    let found = matchChunk(chunk.units, name, at, budget)
    if (found === 'bad') return undefined
    if (found !== undefined && (found === name.length || !last)) {
      at = found
      continue
    }
    if (!chunk.star) return false
    let skipped: number | undefined
    for (let from = at + 1; from <= name.length && skipped === undefined; from += 1) {
      found = matchChunk(chunk.units, name, from, budget)
      if (found === 'bad') return undefined
      if (found !== undefined && (!last || found === name.length)) skipped = found
    }
    if (skipped === undefined) return false
    at = skipped
  }
  return at === name.length
}

/** The position after the chunk, undefined when it does not match there. */
function matchChunk(
  units: readonly Unit[],
  name: Uint8Array,
  from: number,
  budget: Budget,
): number | 'bad' | undefined {
  let at = from
  for (const unit of units) {
    budget.steps -= 1
    if (budget.steps < 0)
      throw substituteFault('SUBSTITUTION_LIMIT', 'a pattern takes too many steps to match')
    if (at >= name.length) return undefined
    if (unit.kind === 'bad') return 'bad'
    if (unit.kind === 'byte') {
      if (name[at] !== unit.byte) return undefined
      at += 1
      continue
    }
    const rune = runeAt(name, at)
    at += rune.width
    if (unit.kind === 'any') continue
    const inside = unit.ranges.some(([low, high]) => low <= rune.value && rune.value <= high)
    if (inside === unit.negated) return undefined
  }
  return at
}

function chunksOf(pattern: Uint8Array): Chunk[] {
  const chunks: Chunk[] = []
  let at = 0
  while (at < pattern.length) {
    let star = false
    while (pattern[at] === STAR) {
      star = true
      at += 1
    }
    const units: Unit[] = []
    while (at < pattern.length && pattern[at] !== STAR) {
      const [unit, next] = unitAt(pattern, at)
      units.push(unit)
      at = next
      if (unit.kind === 'bad') at = pattern.length
    }
    chunks.push({ star, units })
  }
  return chunks
}

function unitAt(pattern: Uint8Array, at: number): readonly [Unit, number] {
  const byte = pattern[at] ?? 0
  if (byte === QUESTION) return [{ kind: 'any' }, at + 1]
  if (byte === OPEN) return classAt(pattern, at + 1)
  if (byte !== ESCAPE) return [{ kind: 'byte', byte }, at + 1]
  const escaped = pattern[at + 1]
  return escaped === undefined
    ? [{ kind: 'bad' }, at + 1]
    : [{ kind: 'byte', byte: escaped }, at + 2]
}

function classAt(pattern: Uint8Array, start: number): readonly [Unit, number] {
  const negated = pattern[start] === CARET
  let at = negated ? start + 1 : start
  const ranges: [number, number][] = []
  for (;;) {
    if (pattern[at] === CLOSE && ranges.length > 0)
      return [{ kind: 'class', negated, ranges }, at + 1]
    const low = classRune(pattern, at)
    if (low === undefined) return [{ kind: 'bad' }, at]
    at = low.next
    let high = low.value
    if (pattern[at] === DASH) {
      const upper = classRune(pattern, at + 1)
      if (upper === undefined) return [{ kind: 'bad' }, at]
      high = upper.value
      at = upper.next
    }
    ranges.push([low.value, high])
  }
}

function classRune(pattern: Uint8Array, at: number): { value: number; next: number } | undefined {
  const first = pattern[at]
  if (first === undefined || first === DASH || first === CLOSE) return undefined
  const from = first === ESCAPE ? at + 1 : at
  if (from >= pattern.length) return undefined
  const rune = runeAt(pattern, from)
  const next = from + rune.width
  return next >= pattern.length ? undefined : { value: rune.value, next }
}

function runeAt(bytes: Uint8Array, at: number): { value: number; width: number } {
  const lead = bytes[at] ?? 0
  const width = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  const text = new TextDecoder().decode(bytes.subarray(at, at + width))
  const value = text.codePointAt(0) ?? 0xfffd
  return { value, width: value === 0xfffd && width > 1 ? 1 : width }
}
