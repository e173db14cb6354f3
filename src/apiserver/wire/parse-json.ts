import type { Json } from '../../object/index.ts'

/** As deep as Go reads. */
export const DEEPEST = 10_000

/** Half of a character says nothing: Go reads what stands for it. */
const HALVES = /\\u[dD][89a-fA-F]/

/**
 * Reads JSON as Go does.
 * @throws SyntaxError
 */
export function parseJson(text: string): Json {
  if (isTooDeep(text)) throw new SyntaxError('exceeded max depth')
  if (!HALVES.test(text)) return JSON.parse(text) as Json
  return JSON.parse(
    JSON.stringify(JSON.parse(text)).replaceAll(/\\u[dD][89a-fA-F]../g, '\ufffd'),
  ) as Json
}

/** Whether a text nests deeper than anybody reads. Short ones can not. */
export function isTooDeep(text: string): boolean {
  if (text.length <= 2 * DEEPEST) return false
  let depth = 0
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i]
    if (char === '"') i = endOfString(text, i)
    else if (char === '{' || char === '[') {
      depth += 1
      if (depth > DEEPEST) return true
    } else if (char === '}' || char === ']') depth -= 1
  }
  return false
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
