import type { Json } from '../../object/index.ts'

/** As deep as Go reads. */
const DEEPEST = 10_000

/** Half of a character says nothing: Go reads what stands for it. */
const HALVES = /\\u[dD][89a-fA-F]/

/** What may be a number beyond all floats; texts that have none need not be looked at closely. */
const MAYBE_ENDLESS = /\d[eE]\+?\d{3}|\d{309}/

/** A number that no float holds: JavaScript reads it as infinite, Go refuses it. */
export class Endless extends SyntaxError {
  /** The number as it stands in the text. */
  readonly literal: string

  constructor(literal: string) {
    super(`json: cannot unmarshal number ${literal} into Go value of type float64`)
    this.literal = literal
  }
}

/**
 * Reads JSON as Go does.
 * @throws SyntaxError, of it Endless for well-formed texts
 */
export function parseJson(text: string): Json {
  if (isTooDeep(text)) throw new SyntaxError('exceeded max depth')
  const value = JSON.parse(text) as Json
  const endless = endlessIn(text)
  if (endless !== undefined) throw new Endless(endless)
  if (!HALVES.test(text)) return value
  const whole = JSON.stringify(value).replaceAll(/\\\\|\\u[dD][89a-fA-F]../g, (found) =>
    found === '\\\\' ? found : '\ufffd',
  )
  return JSON.parse(whole) as Json
}

/** The first number of a JSON text that no float holds. */
export function endlessIn(text: string): string | undefined {
  if (!MAYBE_ENDLESS.test(text)) return undefined
  for (const literal of numbersIn(text)) if (!Number.isFinite(Number(literal))) return literal
  return undefined
}

/** A number as a JSON text writes it; as it is where the text has none such. */
export function literalIn(text: string, value: number): string {
  for (const literal of numbersIn(text)) if (Number(literal) === value) return literal
  return String(value)
}

/** The numbers of a JSON text as they stand there; strings are passed over. */
function* numbersIn(text: string): Iterable<string> {
  for (const [found] of text.matchAll(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs))
    if (found[0] !== '"') yield found
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
