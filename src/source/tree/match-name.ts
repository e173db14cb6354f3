/**
 * Matches one name against a pattern of `*`, `?`, `[a-z]`, `[^a-z]` and backslash escapes. A broken
 * pattern matches nothing.
 * @see Go's path/filepath.Match
 */
export function matchName(pattern: string, name: string): boolean {
  const compiled = compile(pattern)
  return compiled !== undefined && matches(compiled, name)
}

/**
 * What stands between the stars of a pattern. Each part matches texts of one length, so that taking
 * the first place where it fits is enough: a pattern costs its length times that of the name.
 */
type Parts = readonly RegExp[]

function matches([first, ...rest]: Parts, name: string): boolean {
  let at = placeOf(first, name, 0)?.end ?? -1
  for (const part of rest) {
    const place = at < 0 ? undefined : placeOf(part, name, at)
    if (place === undefined || name.slice(at, place.start).includes('/')) return false
    at = place.end
  }
  return at === name.length
}

function placeOf(
  part: RegExp | undefined,
  name: string,
  from: number,
): { readonly start: number; readonly end: number } | undefined {
  if (part === undefined) return undefined
  part.lastIndex = from
  const found = part.exec(name)
  return found === null ? undefined : { start: found.index, end: found.index + found[0].length }
}

const COMPILED_MAX = 4096
const compiledPatterns = new Map<string, Parts | undefined>()

/** Patterns are few and names many. */
function compile(pattern: string): Parts | undefined {
  if (compiledPatterns.has(pattern)) return compiledPatterns.get(pattern)
  const sources = translate(pattern)
  const last = (sources?.length ?? 0) - 1
  // The first part stands at the beginning, the last one at the end.
  const compiled = sources?.map(
    (source, i) => new RegExp(i === last ? `(?:${source})$` : source, i === 0 ? 'suy' : 'sug'),
  )
  if (compiledPatterns.size >= COMPILED_MAX) compiledPatterns.clear()
  compiledPatterns.set(pattern, compiled)
  return compiled
}

function literal(char: string): string {
  if (char === '-') return '\\x2d'
  return /[\^$\\.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char
}

/** The parts between the stars, as regular expressions; undefined for a broken pattern. */
function translate(pattern: string): string[] | undefined {
  const chars = Array.from(pattern)
  const parts: string[] = []
  let out = ''
  for (let i = 0; i < chars.length; i += 1) {
    const char = chars[i] ?? ''
    if (char === '*') {
      parts.push(out)
      out = ''
    } else if (char === '?') out += '[^/]'
    else if (char === '\\') {
      i += 1
      const next = chars[i]
      if (next === undefined) return undefined
      out += literal(next)
    } else if (char === '[') {
      const bracket = translateClass(chars, i + 1)
      if (bracket === undefined) return undefined
      out += bracket.source
      i = bracket.end
    } else out += literal(char)
  }
  return [...parts, out]
}

/** A class; `end` is the place of its closing bracket. */
function translateClass(
  chars: readonly string[],
  start: number,
): { source: string; end: number } | undefined {
  let at = start
  const isNegated = chars[at] === '^'
  if (isNegated) at += 1
  let ranges = ''
  for (let count = 0; ; count += 1) {
    if (chars[at] === ']' && count > 0) break
    const low = classChar(chars, at)
    if (low === undefined) return undefined
    at = low.next
    let high = low
    if (chars[at] === '-') {
      const end = classChar(chars, at + 1)
      if (end === undefined) return undefined
      high = end
      at = high.next
    }
    // A range the wrong way round matches nothing.
    if (low.char <= high.char) ranges += `${literal(low.char)}-${literal(high.char)}`
  }
  if (ranges === '') return { source: isNegated ? '[^]' : '[^\\s\\S]', end: at }
  return { source: `[${isNegated ? '^' : ''}${ranges}]`, end: at }
}

function classChar(
  chars: readonly string[],
  at: number,
): { char: string; next: number } | undefined {
  const char = chars[at]
  if (char === undefined || char === '-' || char === ']') return undefined
  if (char !== '\\') return { char, next: at + 1 }
  const escaped = chars[at + 1]
  return escaped === undefined ? undefined : { char: escaped, next: at + 2 }
}
