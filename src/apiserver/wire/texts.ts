import type { Json } from '../../object/index.ts'
import { Recent } from '../recent.ts'
import { goText } from './go-json.ts'

/** Characters of texts that are kept, twice. */
const KEPT_MAX = 4 * 1024 * 1024
/** Longer texts are lists, of which no two are the same. */
const TEXT_MAX = 256 * 1024

const texts = new Recent<object, string>(KEPT_MAX)

/**
 * A value as compact JSON. One change is told to every watch, to the client that made it and to whoever
 * asks next; its text is made once.
 */
export function jsonText(value: Json): string {
  if (typeof value !== 'object' || value === null) return goText(value)
  const known = texts.get(value)
  if (known !== undefined) return known
  const text = goText(value)
  if (text.length <= TEXT_MAX) texts.set(value, text, text.length)
  return text
}
