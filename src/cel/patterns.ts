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
  const compiled = read(pattern)
  patterns.set(pattern, compiled)
  return compiled
}

function read(pattern: string): GoRegex {
  try {
    return goRegex(pattern)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    // Go tells the rest of the pattern, of which nothing is left.
    if (message.endsWith('at end of expression'))
      throw new SyntaxError(`${message}: \`\``, { cause: error })
    throw error
  }
}
