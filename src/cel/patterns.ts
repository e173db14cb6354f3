import { type GoRegex, goRegex } from '../base/index.ts'

/** Compiled patterns that are kept. */
const MAX_PATTERNS = 500
const patterns = new Map<string, GoRegex>()
/** Longest pattern that is compiled. */
const MAX_PATTERN_LENGTH = 2000

/**
 * A compiled pattern of RE2, which can not run away.
 * @throws SyntaxError
 */
export function regex(pattern: string): GoRegex {
  const known = patterns.get(pattern)
  if (known !== undefined) return known
  if (pattern.length > MAX_PATTERN_LENGTH)
    throw new SyntaxError('error parsing regexp: expression nests too deeply')
  if (patterns.size >= MAX_PATTERNS) patterns.clear()
  const compiled = goRegex(pattern)
  patterns.set(pattern, compiled)
  return compiled
}
