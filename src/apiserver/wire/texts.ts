import type { Json } from '../../object/index.ts'

/** Characters of texts that are kept, at the least; up to twice as many at the most. */
const KEPT_MAX = 4 * 1024 * 1024

/** Longer texts are lists, of which no two are the same. */
const TEXT_MAX = 256 * 1024

/**
 * Texts of values that were written lately, in two halves: the older one goes when the younger is full.
 * Values are never changed, so a text holds for as long as its value is there. One change is told to
 * every watch, to the client that made it and to the journal; its text is made once.
 */
let young = new Map<object, string>()
let old = new Map<object, string>()
let size = 0

/** A value as compact JSON. */
export function jsonText(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const known = young.get(value)
  if (known !== undefined) return known
  const text = old.get(value) ?? JSON.stringify(value)
  if (text.length > TEXT_MAX) return text
  if (size > KEPT_MAX) {
    old = young
    young = new Map()
    size = 0
  }
  young.set(value, text)
  size += text.length
  return text
}
