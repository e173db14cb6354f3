import { type Budget, checkLength } from './budget.ts'
import { substituteFault } from './faults.ts'
import { matchesGlob } from './glob.ts'

/** A variable's value and the arguments of its form. */
export interface Operands {
  readonly value: string
  readonly args: readonly string[]
  readonly budget: Budget
}

/**
 * What a form with the given operator makes of a value. Lengths and offsets count bytes of UTF-8.
 * @see fluxcd/pkg envsubst v1.7.0 funcs.go
 */
export function applyOperator(operator: string, operands: Operands): string {
  const { value, args } = operands
  switch (operator) {
    case ',':
      return mapFirst(value, lower)
    case ',,':
      return mapEach(value, lower)
    case '^':
      return mapFirst(value, upper)
    case '^^':
      return mapEach(value, upper)
    case '#':
      return args.length === 0
        ? String(Buffer.byteLength(value))
        : strip(operands, { longest: false, end: false })
    case '##':
      return strip(operands, { longest: true, end: false })
    case '%':
      return strip(operands, { longest: false, end: true })
    case '%%':
      return strip(operands, { longest: true, end: true })
    case ':':
      return substring(value, args)
    case '/':
      return replaceFirst(value, args)
    case '//':
      return replaceAll(value, args)
    case '/#':
      return args.length === 2 && value.startsWith(args[0] ?? '')
        ? replaceFirst(value, args)
        : value
    case '/%':
      return replaceEnd(value, args)
    default:
      return value === '' ? args.join('') : value
  }
}

const lower = (rune: string): string => rune.toLowerCase()
const upper = (rune: string): string => rune.toUpperCase()

/** Go maps rune to rune; where a full mapping has several runes it leaves the rune alone. */
function mapRune(rune: string, map: (rune: string) => string): string {
  const mapped = map(rune)
  return Array.from(mapped).length === 1 ? mapped : rune
}

function mapEach(value: string, map: (rune: string) => string): string {
  return Array.from(value)
    .map((rune) => mapRune(rune, map))
    .join('')
}

function mapFirst(value: string, map: (rune: string) => string): string {
  const first = value.codePointAt(0)
  if (first === undefined) return value
  const rune = String.fromCodePoint(first)
  return mapRune(rune, map) + value.slice(rune.length)
}

function substring(value: string, args: readonly string[]): string {
  const bytes = Buffer.from(value)
  const offset = integer(args[0])
  if (offset === undefined) return value
  const from = offset < 0 ? Math.max(0, bytes.length + offset) : offset
  if (args.length === 1) return bytes.subarray(from).toString()
  const length = integer(args[1])
  if (length === undefined) return value
  if (from + length >= bytes.length) return bytes.subarray(from).toString()
  if (length < 0) throw substituteFault('VARIABLE_SYNTAX', 'bad substitution: negative length')
  return bytes.subarray(from, from + length).toString()
}

/** A decimal integer as Go's Atoi reads it. */
function integer(text: string | undefined): number | undefined {
  if (text === undefined || !/^[+-]?[0-9]+$/.test(text)) return undefined
  const value = Number(text)
  return Math.abs(value) < 2 ** 63 ? value : undefined
}

function replaceFirst(value: string, args: readonly string[]): string {
  const [from = '', to = ''] = args
  return value.replace(from, () => to)
}

function replaceAll(value: string, args: readonly string[]): string {
  const [from = '', to = ''] = args
  if (from !== '') {
    const count = value.split(from).length - 1
    // Said before it is made: the platform has no words for a text that is too long.
    checkLength(value.length + count * (to.length - from.length))
    return value.replaceAll(from, () => to)
  }
  checkLength((value.length + 1) * (to.length + 1))
  // Go puts the replacement before each rune and at the end.
  return (
    Array.from(value)
      .map((rune) => to + rune)
      .join('') + to
  )
}

function replaceEnd(value: string, args: readonly string[]): string {
  const [from = '', to = ''] = args
  if (args.length !== 2 || !value.endsWith(from)) return value
  return value.slice(0, value.length - from.length) + to
}

function strip(operands: Operands, how: { longest: boolean; end: boolean }): string {
  const [pattern = ''] = operands.args
  if (!how.end) return stripStart(operands.value, pattern, { ...how, budget: operands.budget })
  const turned = stripStart(reverse(operands.value), reverse(pattern), {
    ...how,
    budget: operands.budget,
  })
  return reverse(turned)
}

function stripStart(
  value: string,
  pattern: string,
  how: { readonly longest: boolean; readonly budget: Budget },
): string {
  const bytes = Buffer.from(value)
  const glob = Buffer.from(pattern)
  const lengths = Array.from({ length: bytes.length }, (_, i) =>
    how.longest ? bytes.length - i : i + 1,
  )
  for (const length of lengths) {
    const matched = matchesGlob(glob, bytes.subarray(0, length), how.budget)
    if (matched === undefined) return value
    if (matched) return bytes.subarray(length).toString()
  }
  return value
}

function reverse(text: string): string {
  return Array.from(text).reverse().join('')
}
