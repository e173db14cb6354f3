import type { Json } from '../../object/index.ts'

/** As deep as Go reads. */
const DEEPEST = 10_000

/** Half of a character says nothing: Go reads what stands for it. */
const HALVES = /\\u[dD][89a-fA-F]/

/**
 * Reads JSON as Go does.
 * @throws SyntaxError
 */
export function parseJson(text: string): Json {
  if (isTooDeep(text)) throw new SyntaxError('exceeded max depth')
  const value = JSON.parse(text) as Json
  if (!HALVES.test(text)) return value
  const whole = JSON.stringify(value).replaceAll(/\\\\|\\u[dD][89a-fA-F]../g, (found) =>
    found === '\\\\' ? found : '\ufffd',
  )
  return JSON.parse(whole) as Json
}

/** Whether a text nests deeper than anybody reads. */
export function isTooDeep(text: string): boolean {
  return tooDeepAt(text) !== undefined
}

/** Where a text begins to nest deeper than anybody reads. Short ones can not. */
export function tooDeepAt(text: string): number | undefined {
  if (text.length <= 2 * DEEPEST) return undefined
  let depth = 0
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i]
    if (char === '"') i = endOfString(text, i)
    else if (char === '{' || char === '[') {
      depth += 1
      if (depth > DEEPEST) return i
    } else if (char === '}' || char === ']') depth -= 1
  }
  return undefined
}

/** Where the string ends that begins there. */
function endOfString(text: string, from: number): number {
  let at = from
  for (;;) {
    at = text.indexOf('"', at + 1)
    if (at < 0) return text.length
    let slashes = 0
    while (text[at - 1 - slashes] === '\\') slashes += 1
    if (slashes % 2 === 0) return at
  }
}
