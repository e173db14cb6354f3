import { charge } from '../budget.ts'
import { regex } from '../patterns.ts'
import { EvalError } from '../values.ts'
import { plainRules } from './format-plain.ts'
import { formatted } from './format-steps.ts'
import { localRules } from './formatting.ts'
import type { Forms } from './forms.ts'
import { lettersIn, unitAt } from './letters.ts'
import { ESCAPES } from './texts.ts'

function outside(index: bigint): EvalError {
  return new EvalError(`index out of range: ${index}`)
}

function charAt(text: string, at: bigint): string {
  if (at < 0n || at > BigInt(lettersIn(text))) throw outside(at)
  const code = text.codePointAt(unitAt(text, Number(at)))
  return code === undefined ? '' : String.fromCodePoint(code)
}

function indexOf(text: string, part: string, from = 0n): bigint {
  if (part === '') return from
  if (from < 0n) throw outside(from)
  charge(text.length / 10)
  if (from > BigInt(text.length)) return -1n
  const unit = text.indexOf(part, unitAt(text, Number(from)))
  return unit < 0 ? -1n : BigInt(lettersIn(text.slice(0, unit)))
}

function lastIndexOf(text: string, part: string, from?: bigint): bigint {
  const letters = lettersIn(text)
  if (part === '') return from ?? BigInt(letters)
  if (from !== undefined && from < 0n) throw outside(from)
  charge(text.length / 10)
  if (from !== undefined && from >= BigInt(letters)) return -1n
  const unit = text.lastIndexOf(part, unitAt(text, Number(from ?? letters)))
  return unit < 0 ? -1n : BigInt(lettersIn(text.slice(0, unit)))
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
  const length = BigInt(lettersIn(text))
  if (to !== undefined && from > to)
    throw new EvalError(`invalid substring range. start: ${from}, end: ${to}`)
  if (from < 0n || from > length) throw outside(from)
  if (to !== undefined && to > length) throw outside(to)
  const end = to === undefined ? undefined : unitAt(text, Number(to))
  return text.slice(unitAt(text, Number(from)), end)
}

/** What Go takes for white space. */
const BLANK = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/

function trim(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && BLANK.test(text.charAt(start))) start += 1
  while (end > start && BLANK.test(text.charAt(end - 1))) end -= 1
  return text.slice(start, end)
}

function matches(text: string, pattern: string): boolean {
  charge((text.length * (1 + pattern.length / 4)) / 10)
  return compiled(pattern).matches(text)
}

/** Base64 with or without its padding, over several lines. */
function decoded(text: string): Uint8Array {
  const plain = text.replaceAll(/[\r\n]/g, '')
  const body = plain.replace(/=+$/, '')
  const bad = /[^A-Za-z0-9+/]/.exec(body)
  const whole = plain.length % 4 === 0 && plain.length - body.length < 3
  if (bad === null && body.length % 4 !== 1 && (whole || plain === body))
    return new Uint8Array(Buffer.from(body, 'base64'))
  const at = bad?.index ?? (plain === body ? body.length - 1 : body.length)
  throw new EvalError(`illegal base64 data at input byte ${at}`)
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
  'trim string': trim,
  'strings.quote string': (text: string) => {
    charge(text.length / 10)
    return `"${Array.from(text, (letter) => ESCAPES[letter] ?? letter).join('')}"`
  },
}

/** Functions on texts that only Kubernetes has. */
export const kubernetesStrings: Forms = {
  'format string list': (pattern: string, args: readonly unknown[]) =>
    formatted(pattern, args, localRules),
  'find string string': (text: string, pattern: string) => findAll(text, pattern, 1n).join(''),
  'findAll string string': findAll,
  'findAll string string int': findAll,
  'jsonpatch.escapeKey string': (text: string) => text.replaceAll('~', '~0').replaceAll('/', '~1'),
}

/** Functions on texts that only Flux has. @see google/cel-go v0.26.1 ext/encoders.go */
export const fluxStrings: Forms = {
  'format string list': (pattern: string, args: readonly unknown[]) =>
    formatted(pattern, args, plainRules),
  'reverse string': (text: string) => {
    charge(text.length / 10)
    return Array.from(text).reverse().join('')
  },
  'base64.encode bytes': (bytes: Uint8Array) => Buffer.from(bytes).toString('base64'),
  'base64.decode string': decoded,
}
