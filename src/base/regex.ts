import { RE2JS } from 're2js'

/** A compiled regular expression of Go's dialect. */
export interface GoRegex {
  /** Says whether it matches somewhere in the text. */
  matches(text: string): boolean
  /** The matches from left to right, at most `limit` of them. */
  findAll(text: string, limit: number): string[]
}

/** Patterns that mean the same to RE2 and V8 and cannot backtrack badly. */
const PLAIN = /^\^?[\w\-/ ]*(?:\.\*)?[\w\-/ ]*\$?$/

/**
 * Compiles a pattern as Go's regexp package does (RE2: linear time, no look-around).
 * @throws SyntaxError when Go would refuse it
 */
export function goRegex(pattern: string): GoRegex {
  if (PLAIN.test(pattern)) {
    const plain = new RegExp(pattern, 's')
    return {
      matches: (text) => (!text.includes('\n') ? plain.test(text) : re2(pattern).matches(text)),
      findAll: (text, limit) => re2(pattern).findAll(text, limit),
    }
  }
  return re2(pattern)
}

function re2(pattern: string): GoRegex {
  try {
    const compiled = RE2JS.compile(pattern)
    return {
      matches: (text) => compiled.matcher(text).find(),
      findAll: (text, limit) => {
        const matcher = compiled.matcher(text)
        const found: string[] = []
        while (found.length < limit && matcher.find()) found.push(matcher.group() ?? '')
        return found
      },
    }
  } catch (error) {
    throw new SyntaxError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}
