import { charge } from '../ast.ts'
import { regex } from '../extensions.ts'
import { ESCAPES, formatted } from './formatting.ts'
import type { Forms } from './forms.ts'
import { EvalError } from './values.ts'

function outside(index: bigint): EvalError {
  return new EvalError(`index out of range: ${index}`)
}

function charAt(text: string, at: bigint): string {
  const letters = Array.from(text)
  if (at < 0n || at > BigInt(letters.length)) throw outside(at)
  return letters[Number(at)] ?? ''
}

function matchesAt(letters: readonly string[], part: readonly string[], at: number): boolean {
  return part.every((letter, i) => letters[at + i] === letter)
}

function indexOf(text: string, part: string, from = 0n): bigint {
  if (part === '') return from
  const [letters, sought] = [Array.from(text), Array.from(part)]
  if (from < 0n) throw outside(from)
  charge(text.length / 10)
  for (let i = Number(from); i <= letters.length - sought.length; i += 1)
    if (matchesAt(letters, sought, i)) return BigInt(i)
  return -1n
}

function lastIndexOf(text: string, part: string, from?: bigint): bigint {
  const [letters, sought] = [Array.from(text), Array.from(part)]
  if (part === '') return from ?? BigInt(letters.length)
  if (from !== undefined && from < 0n) throw outside(from)
  charge(text.length / 10)
  if (from !== undefined && from >= BigInt(letters.length)) return -1n
  const last = letters.length - sought.length
  for (let i = Math.min(Number(from ?? last), last); i >= 0; i -= 1)
    if (matchesAt(letters, sought, i)) return BigInt(i)
  return -1n
}

function replace(text: string, from: string, to: string, count = -1n): string {
  const parts = from === '' ? ['', ...Array.from(text), ''] : text.split(from)
  const limit = count < 0n ? parts.length - 1 : Math.min(Number(count), parts.length - 1)
  charge((text.length + limit * to.length) / 10)
  const head = parts.slice(0, limit + 1).join(to)
  const tail = parts.slice(limit + 1)
  return tail.length === 0 ? head : `${head}${from}${tail.join(from)}`
}

function split(text: string, by: string, limit = -1n): readonly string[] {
  if (limit === 0n) return []
  charge(by === '' ? text.length : text.length / by.length)
  const parts = by === '' ? Array.from(text) : text.split(by)
  if (limit < 0n || BigInt(parts.length) <= limit) return parts
  const last = Number(limit) - 1
  return [...parts.slice(0, last), parts.slice(last).join(by)]
}

function substring(text: string, from: bigint, to?: bigint): string {
  const letters = Array.from(text)
  const length = BigInt(letters.length)
  if (to !== undefined && from > to)
    throw new EvalError(`invalid substring range. start: ${from}, end: ${to}`)
  if (from < 0n || from > length) throw outside(from)
  if (to !== undefined && to > length) throw outside(to)
  return letters.slice(Number(from), to === undefined ? undefined : Number(to)).join('')
}

/** What Go takes for white space. */
const BLANK =
  '[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+'
const ENDS = new RegExp(`^${BLANK}|${BLANK}$`, 'g')

function matches(text: string, pattern: string): boolean {
  charge((text.length * (1 + pattern.length / 4)) / 10)
  return compiled(pattern).matches(text)
}

function compiled(pattern: string): ReturnType<typeof regex> {
  try {
    return regex(pattern)
  } catch (error) {
    throw new EvalError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

function findAll(text: string, pattern: string, limit = -1n): string[] {
  charge((text.length * (1 + pattern.length / 4)) / 10)
  const most = limit < 0n ? Number.POSITIVE_INFINITY : Number(limit)
  return compiled(pattern).findAll(text, most)
}

/**
 * Functions on texts.
 * @see google/cel-go v0.26.0 ext/strings.go; k8s.io/apiserver pkg/cel/library/regex.go (v0.36.3)
 */
export const stringFunctions: Forms = {
  'contains string string': (text: string, part: string) => {
    charge((text.length * part.length) / 100)
    return text.includes(part)
  },
  'startsWith string string': (text: string, part: string) => text.startsWith(part),
  'endsWith string string': (text: string, part: string) => text.endsWith(part),
  'matches string string': matches,
  'find string string': (text: string, pattern: string) => findAll(text, pattern, 1n).join(''),
  'findAll string string': findAll,
  'findAll string string int': findAll,
  'charAt string int': charAt,
  'indexOf string string': indexOf,
  'indexOf string string int': indexOf,
  'lastIndexOf string string': lastIndexOf,
  'lastIndexOf string string int': lastIndexOf,
  'lowerAscii string': (text: string) =>
    text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase()),
  'upperAscii string': (text: string) =>
    text.replaceAll(/[a-z]+/g, (letters) => letters.toUpperCase()),
  'replace string string string': replace,
  'replace string string string int': replace,
  'split string string': split,
  'split string string int': split,
  'substring string int': substring,
  'substring string int int': substring,
  'trim string': (text: string) => text.replaceAll(ENDS, ''),
  'format string list': (pattern: string, args: readonly unknown[]) => formatted(pattern, args),
  'strings.quote string': (text: string) =>
    `"${Array.from(text, (letter) => ESCAPES[letter] ?? letter).join('')}"`,
  'jsonpatch.escapeKey string': (text: string) => text.replaceAll('~', '~0').replaceAll('/', '~1'),
}
